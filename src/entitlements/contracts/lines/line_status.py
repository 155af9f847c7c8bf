"""Whether a contract line is in force, derived from the facts and never stored.

`standings` turns all records of an account into one step function per line: its status, the text of
the line and of the plan that hold, and what blocks do. Asking for an instant is one bisection.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable, Mapping, Sequence
from enum import StrEnum
from functools import partial
from typing import Final, NamedTuple, final
from zoneinfo import ZoneInfo

import attrs

from entitlements.contracts.account import Account, records_as_known
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.changes import (
    Amendment,
    Block,
    BlockEffect,
    Cancellation,
    Change,
    Transfer,
)
from entitlements.contracts.contract import Contract, ContractLine
from entitlements.contracts.dates.day_boundaries import add_days, boundary, day_end, day_start
from entitlements.contracts.dates.step_function import SharedEdges, StepFunction
from entitlements.contracts.lines.amendments import line_versions, named_contacts
from entitlements.contracts.lines.suspension import ActiveBlocks, combined_suspension
from entitlements.contracts.parties import NamedContact
from entitlements.contracts.plans import Plan
from entitlements.contracts.validity.terms import (
    Term,
    TermExtension,
    contract_terms,
    non_overlapping_terms,
    term_extensions,
)
from entitlements.kernel.converters import enum_member
from entitlements.kernel.instants import END_OF_TIME, from_micros, to_micros


class LineStatus(StrEnum):
    """How a contract line stands; the first that applies, in this order."""

    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"
    PENDING = "pending"
    EXPIRED = "expired"
    GRACE = "grace"
    SUSPENDED = "suspended"
    ACTIVE = "active"


def _status(value: LineStatus | str) -> LineStatus:
    return enum_member(LineStatus, value)


@final
@attrs.frozen(kw_only=True)
class LineState:
    """How one contract line stands for a while.

    Attributes:
        status: The derived status.
        line: The text of the line that holds, or the nearest one where none does.
        plan: The version of the plan that holds.
        contacts: Who is named under the contract.
        blocked: What blocks prevent.
        pauses_clocks: Whether a block stops SLA clocks.
        blocks: Ids of the blocks that say so.
    """

    status: LineStatus = attrs.field(converter=_status)
    line: ContractLine
    plan: Plan
    contacts: tuple[NamedContact, ...]
    blocked: frozenset[BlockEffect]
    pauses_clocks: bool
    blocks: tuple[str, ...]

    @property
    def plan_as_bought(self) -> Plan:
        """The plan, with the number of contacts that the line bought in place of its own."""
        if self.line.contact_limit is None:
            return self.plan
        return attrs.evolve(self.plan, contact_limit=self.line.contact_limit)


class LineTerms(NamedTuple):
    """What a line says, or said last or will say first, and the version of its plan that holds."""

    line: ContractLine
    plan: Plan


@final
@attrs.frozen(kw_only=True)
class LineHistory:
    """One contract line over all time.

    Attributes:
        contract: The contract as it holds.
        line: Id of the line.
        steps: How the line stands, when.
        sold: Its text and plan, when.
        contacts: Who is named under the contract, when.
        statuses: Its status but for blocks, when.
        terms: Its terms as half-open microseconds, in order.
    """

    contract: Contract
    line: str
    states: StepFunction[LineState]
    line_terms: StepFunction[LineTerms]
    contacts: StepFunction[tuple[NamedContact, ...]]
    statuses: StepFunction[LineStatus]
    terms: tuple[Term, ...]

    @property
    def plans(self) -> tuple[Plan, ...]:
        """All plans and versions that ever hold, each once."""
        return tuple({id(each.plan): each.plan for each in self.line_terms.values}.values())

    def ends(self, at: int, *, in_grace: bool = False) -> int | None:
        """Return the first instant after `at` at which the line is out of force, or None.

        Renewals already recorded count. Grace counts as in force with `in_grace` only. What is out
        of force already does not end.
        """
        over = {LineStatus.SUPERSEDED, LineStatus.CANCELLED, LineStatus.EXPIRED}
        over |= set() if in_grace else {LineStatus.GRACE}
        if self.statuses.at(at) in over:
            return None
        for index in range(bisect_right(self.statuses.starts, at), len(self.statuses.starts)):
            if self.statuses.values[index] in over:
                return self.statuses.starts[index]
        return None

    def grace_end(self, end: int) -> int:
        """Return when the grace after the end of a term is over: at that end, if there is none."""
        graced = self.statuses.at(end) is LineStatus.GRACE
        return (self.statuses.next_change(end) or END_OF_TIME) if graced else end


_RANK: Final = {status: rank for rank, status in enumerate(LineStatus)}


def line_histories(account: Account, catalog: Catalog) -> tuple[LineHistory, ...]:
    """Return the history of every line the account ever had, ordered by contract and line.

    Facts that contradict each other were refused when they were recorded. What was known earlier
    may still do so: a renewal that does not fit then gives nothing, and of two transfers at one
    instant, or two amendments of one line on one day, the one with the later id holds.

    Raises:
        UnknownIdError: A line names a plan or version that the catalog does not have.
    """
    contracts = records_as_known(account.contracts, None)
    changes: dict[str | None, list[Change]] = {}
    for change in records_as_known(account.changes, None):
        changes.setdefault(change.contract, []).append(change)
    replaced: dict[str, int] = {}
    for each in contracts:
        if each.replaces is not None:
            start = day_start(each.start, each.zone)
            replaced[each.replaces] = min(start, replaced.get(each.replaces, END_OF_TIME))
    everywhere = changes.get(None, [])
    blocks = ActiveBlocks(each for each in everywhere if isinstance(each, Block))
    of_account = _AccountContext(account.customer, replaced, blocks, term_extensions(everywhere))
    found: list[LineHistory] = []
    for contract in contracts:
        mine = changes.get(contract.id, [])
        found += _ContractLines(contract, mine, of_account, catalog).histories()
    return tuple(found)


@final
@attrs.frozen
class _AccountContext:
    """What holds for all contracts: the holder, when each is replaced, blocks of the account."""

    customer: str
    replaced: Mapping[str, int]
    blocks: ActiveBlocks
    pauses: Sequence[TermExtension]


@final
@attrs.frozen
class _PlanPeriods:
    """What follows from the plan and the dates in a text of a line, once the line was there."""

    plans: StepFunction[Plan]
    terms: tuple[Term, ...]
    statuses: StepFunction[LineStatus]


@final
@attrs.frozen
class _LineVersionAt:
    """The text of a line that holds, or the nearest one, and how it is not there."""

    text: ContractLine
    variant: _PlanPeriods
    gone: LineStatus | None


@final
class _ContractLines:
    """What holds for all lines of a contract, and what was derived for some of them."""

    def __init__(
        self, contract: Contract, changes: list[Change], account: _AccountContext, catalog: Catalog
    ) -> None:
        self._contract = contract
        self._account = account
        self._catalog = catalog
        self._terms = contract_terms(contract, changes, account.pauses)
        self._holder = _holder(account.customer, contract, changes)
        self._ended = _ended(contract, changes, account.replaced)
        amendments = [each for each in changes if isinstance(each, Amendment)]
        amendments.sort(key=lambda each: (each.effective, each.id))
        self._contacts = named_contacts(contract, amendments)
        self._texts = line_versions(contract, amendments)
        blocks: dict[str | None, list[Block]] = {}
        for each in changes:
            if isinstance(each, Block):
                blocks.setdefault(each.line, []).append(each)
        self._blocks = {line: ActiveBlocks(some) for line, some in blocks.items()}
        self._variants: dict[Hashable, _PlanPeriods] = {}
        lasting = {*self._holder.starts, *self._ended.starts}
        self._lasting = SharedEdges(lasting)
        self._shared = SharedEdges(
            lasting.union(self._contacts.starts, *(each.starts for each in self._running(None)))
        )

    def histories(self) -> list[LineHistory]:
        """Return the history of each line, ordered by id."""
        return [self._history(line) for line in sorted(self._texts)]

    def _running(self, line: str | None) -> list[ActiveBlocks]:
        """Return the blocks of the account, the contract, and a line."""
        own = [self._blocks[each] for each in dict.fromkeys((None, line)) if each in self._blocks]
        return [self._account.blocks, *own]

    def _history(self, line: str) -> LineHistory:
        held = self._held(line)
        variants = list({id(each.variant): each.variant for each in held.values}.values())
        own = {*held.starts}.union(*(each.plans.starts for each in variants))
        sold = StepFunction.derived(sorted(own), partial(_sold, held))
        own = own.union(*(each.statuses.starts for each in variants))
        statuses = StepFunction.derived(self._lasting.with_own(own), self._status_of(held))
        if line in self._blocks:
            own.update(self._blocks[line].starts)
        starts = self._shared.with_own(own)
        return LineHistory(
            contract=self._contract,
            line=line,
            states=StepFunction.derived(starts, self._standing_of(held, self._running(line))),
            line_terms=sold,
            contacts=self._contacts,
            statuses=statuses,
            terms=non_overlapping_terms(term for each in variants for term in each.terms),
        )

    def _held(self, line: str) -> StepFunction[_LineVersionAt]:
        texts = self._texts[line]
        begun = next(start for start, text in texts if text is not None)
        first = next(text for _, text in texts if text is not None)
        last: ContractLine | None = None
        found: list[tuple[int, _LineVersionAt]] = []
        for start, now in texts:
            gone = None if now else LineStatus.SUPERSEDED if last else LineStatus.PENDING
            last = now or last
            text = last or first
            found.append((start, _LineVersionAt(text, self._variant(text, begun), gone)))
        return StepFunction.of(found[0][1], found[1:])

    def _variant(self, text: ContractLine, begun: int) -> _PlanPeriods:
        sold = text.sold or text.start or self._contract.start
        first = self._catalog.plan_sold(text, sold)
        key = (first.key, text.start, text.end, begun)
        if key not in self._variants:
            plans = _plan_steps(self._contract, first, self._catalog)
            terms = _line_terms(self._contract, text, self._terms, begun)
            statuses = _statuses(terms, plans, self._contract.zone)
            self._variants[key] = _PlanPeriods(plans, terms, statuses)
        return self._variants[key]

    def _status_of(self, held: StepFunction[_LineVersionAt]) -> Callable[[int], LineStatus]:
        def status(at: int) -> LineStatus:
            now = held.at(at)
            of_term = now.variant.statuses.at(at)
            if of_term is LineStatus.GRACE and not self._had_term(held, now, at):
                of_term = LineStatus.EXPIRED
            found = (self._holder.at(at), self._ended.at(at), now.gone, of_term)
            return min((each for each in found if each is not None), key=_RANK.__getitem__)

        return status

    def _had_term(self, held: StepFunction[_LineVersionAt], now: _LineVersionAt, at: int) -> bool:
        """Return whether line and customer had the term before `at` until it ended."""
        last = max(end for _, end in now.variant.terms if end <= at) - 1
        return self._holder.at(last) is None and held.at(last).gone is None

    def _standing_of(
        self, held: StepFunction[_LineVersionAt], running: Sequence[ActiveBlocks]
    ) -> Callable[[int], LineState]:
        status_of = self._status_of(held)

        def standing(at: int) -> LineState:
            now, status, paused = held.at(at), status_of(at), combined_suspension(running, at)
            if BlockEffect.ACCESS in paused.blocked:
                status = min(status, LineStatus.SUSPENDED, key=_RANK.__getitem__)
            return LineState(
                status=status,
                line=now.text,
                plan=now.variant.plans.at(at),
                contacts=self._contacts.at(at),
                blocked=paused.blocked,
                pauses_clocks=paused.pauses_clocks,
                blocks=paused.blocks,
            )

        return standing


def _sold(held: StepFunction[_LineVersionAt], at: int) -> LineTerms:
    now = held.at(at)
    return LineTerms(now.text, now.variant.plans.at(at))


def _line_terms(
    contract: Contract, line: ContractLine, terms: tuple[Term, ...], begun: int
) -> tuple[Term, ...]:
    """Return the terms of a line: within its dates, and not before an amendment added it."""
    first = begun if line.start is None else max(begun, day_start(line.start, contract.zone))
    last = END_OF_TIME if line.end is None else day_end(line.end, contract.zone)
    cut = [(max(start, first), min(end, last)) for start, end in terms]
    return tuple((start, end) for start, end in cut if start < end)


def _statuses(
    terms: tuple[Term, ...], plans: StepFunction[Plan], zone: str
) -> StepFunction[LineStatus]:
    changes: list[tuple[int, LineStatus]] = []
    for index, (start, end) in enumerate(terms):
        changes.append((start, LineStatus.ACTIVE))
        if end >= END_OF_TIME:
            break
        following = terms[index + 1][0] if index + 1 < len(terms) else END_OF_TIME
        grace = plans.at(end - 1).grace
        last = _plus_days(end, grace.days, zone) if grace is not None else end
        if last > end and following > end:
            changes.append((end, LineStatus.GRACE))
        if following > last:
            changes.append((last, LineStatus.EXPIRED))
    # A line whose dates leave nothing of any term was never in force.
    return StepFunction.of(LineStatus.PENDING if terms else LineStatus.EXPIRED, changes)


def _plus_days(at: int, days: int, zone: str) -> int:
    last = from_micros(at - 1).astimezone(ZoneInfo(zone)).date()
    return day_end(add_days(last, days), zone)


def _holder(
    customer: str, contract: Contract, changes: list[Change]
) -> StepFunction[LineStatus | None]:
    """Return what transfers make of the line for this customer; None leaves it as it is."""
    moves = [each for each in changes if isinstance(each, Transfer)]
    moves.sort(key=lambda each: (each.at, each.id))
    was_mine = contract.customer == customer
    first = None if was_mine else LineStatus.PENDING
    steps: list[tuple[int, LineStatus | None]] = []
    for move in moves:
        mine = move.to == customer
        was_mine = was_mine or mine
        other_holder = LineStatus.SUPERSEDED if was_mine else LineStatus.PENDING
        steps.append((to_micros(move.at), None if mine else other_holder))
    return StepFunction.of(first, steps)


def _ended(
    contract: Contract, changes: list[Change], replaced: Mapping[str, int]
) -> StepFunction[LineStatus | None]:
    """Return from when the contract is cancelled or superseded by another."""
    steps: list[tuple[int, LineStatus | None]] = [
        (boundary(each.effective, contract.zone, end=True), LineStatus.CANCELLED)
        for each in changes
        if isinstance(each, Cancellation)
    ]
    earliest = min(steps, key=lambda step: step[0], default=None)
    kept = [earliest] if earliest else []
    if contract.id in replaced:
        start = replaced[contract.id]
        kept = [step for step in kept if step[0] < start]
        kept.append((start, LineStatus.SUPERSEDED))
    return StepFunction.of(None, kept)


def _plan_steps(contract: Contract, first: Plan, catalog: Catalog) -> StepFunction[Plan]:
    later = catalog.later_versions(first)
    changes = [(plan.existing_from, plan) for plan in later if plan.existing_from is not None]
    return StepFunction.of(first, ((day_start(day, contract.zone), plan) for day, plan in changes))
