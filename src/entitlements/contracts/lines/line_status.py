"""Line status: whether a contract line is active, in grace, expired, suspended, at any instant.

It is derived from the records of an account and never stored. `line_histories` turns the records
into step functions for each line: its status, the versions of the line and of its plan, and what
blocks prevent. A query for an instant is one bisection.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Final, final
from zoneinfo import ZoneInfo

import attrs

from entitlements.contracts.account import Account, records_as_known
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.dates.day_boundaries import add_days, boundary, day_end, day_start
from entitlements.contracts.dates.step_function import SharedEdges, StepFunction
from entitlements.contracts.lines.amendments import line_versions, named_contacts, plan_days
from entitlements.contracts.lines.counted_quantity import CountedQuantity
from entitlements.contracts.lines.line_history import (
    LineHistory,
    LineState,
    LineStatus,
    LineTerms,
)
from entitlements.contracts.lines.suspension import ActiveBlocks, combined_suspension
from entitlements.contracts.plans import Plan
from entitlements.contracts.records.changes import (
    Amendment,
    Block,
    BlockEffect,
    Cancellation,
    Change,
    Transfer,
)
from entitlements.contracts.records.contract import Contract, ContractLine
from entitlements.contracts.validity.term_extensions import TermExtension, term_extensions
from entitlements.contracts.validity.terms import Term, non_overlapping_terms, terms_and_tacit_from
from entitlements.kernel.converters import instance_of
from entitlements.kernel.errors import UnknownIdError
from entitlements.kernel.instants import END_OF_TIME, START_OF_TIME, from_micros, to_micros

_RANK: Final = {status: rank for rank, status in enumerate(LineStatus)}


def line_histories(
    account: Account,
    catalog: Catalog,
    missing_plan: Callable[[ContractLine], Plan] | None = None,
) -> tuple[LineHistory, ...]:
    """Return the history of every line that the account ever had, ordered by contract and line.

    Contradictory facts are refused when they are recorded, but an earlier state of the account
    (`Account.as_known`) may have some: then a renewal that does not fit gives nothing, and of two
    transfers at one instant, or two amendments of one line on one day, the one with the later id
    holds.

    >>> from datetime import date
    >>> contract = Contract(id="C-1", customer="acme", zone="UTC", start=date(2026, 1, 1),
    ...                     months=1, lines=[ContractLine(id="1", plan="gold")])
    >>> plan = Plan(id="gold", policy="gold", severities=["S1"], channels=["web"], rights=[])
    >>> account = Account(customer="acme", contracts=[contract])
    >>> for line in line_histories(account, Catalog(plans=[plan])):
    ...     print([(f"{at:%d %b}", status.value) for at, status in line.status_changes()])
    [('01 Jan', 'active'), ('01 Feb', 'expired')]

    Args:
        account: The customer's records.
        catalog: Plans and their versions.
        missing_plan: Gives the plan of a line whose own the catalog does not have.

    Raises:
        UnknownIdError: A line names a plan or version that the catalog does not have, and there is
            no `missing_plan`.
    """
    instance_of(Catalog, catalog)
    contracts = records_as_known(instance_of(Account, account).contracts, None)
    changes: dict[str | None, list[Change]] = {}
    for change in records_as_known(account.changes, None):
        changes.setdefault(change.contract, []).append(change)
    replaced: dict[str, int] = {}
    for each in contracts:
        if each.replaces is not None:
            start = day_start(each.start, each.zone)
            replaced[each.replaces] = min(start, replaced.get(each.replaces, END_OF_TIME))
    account_changes = changes.get(None, [])
    blocks = ActiveBlocks(each for each in account_changes if isinstance(each, Block))
    context = _AccountContext(
        account.customer, replaced, blocks, term_extensions(account_changes), missing_plan
    )
    found: list[LineHistory] = []
    for contract in contracts:
        mine = changes.get(contract.id, [])
        found += _ContractLines(contract, mine, context, catalog).histories()
    return tuple(found)


@final
@attrs.frozen
class _AccountContext:
    """The facts that apply to all contracts: customer, replacements, blocks of the account."""

    customer: str
    replaced: Mapping[str, int]
    blocks: ActiveBlocks
    extensions: Sequence[TermExtension]
    missing_plan: Callable[[ContractLine], Plan] | None


@final
@attrs.frozen
class _PlanPeriods:
    """The plans, terms and statuses that follow from one version of a line and its dates."""

    plans: StepFunction[Plan]
    terms: tuple[Term, ...]
    statuses: StepFunction[LineStatus]


@final
@attrs.frozen
class _LineVersionAt:
    """The version of a line that holds, or the nearest one, and its status where none holds."""

    version: ContractLine
    periods: _PlanPeriods
    absence: LineStatus | None


@final
class _ContractLines:
    """The lines of one contract, with what they share computed once."""

    def __init__(
        self, contract: Contract, changes: list[Change], account: _AccountContext, catalog: Catalog
    ) -> None:
        self._contract = contract
        self._account = account
        self._catalog = catalog
        self._terms, self._tacit_from = terms_and_tacit_from(contract, changes, account.extensions)
        self._holder = _holder(account.customer, contract, changes)
        self._ended = _ended(contract, changes, account.replaced)
        amendments = [each for each in changes if isinstance(each, Amendment)]
        amendments.sort(key=lambda each: (each.effective, each.id))
        self._contacts = named_contacts(contract, amendments)
        self._versions = line_versions(contract, amendments)
        blocks: dict[str | None, list[Block]] = {}
        for each in changes:
            if isinstance(each, Block):
                blocks.setdefault(each.line, []).append(each)
        self._blocks = {line: ActiveBlocks(some) for line, some in blocks.items()}
        self._plan_periods: dict[Hashable, _PlanPeriods] = {}
        ending = {*self._holder.starts, *self._ended.starts}
        self._ending = SharedEdges(ending)
        on_all_lines = (each.starts for each in self._active_blocks(None))
        self._shared = SharedEdges(ending.union(self._contacts.starts, *on_all_lines))

    def histories(self) -> list[LineHistory]:
        """Return the history of each line, ordered by id."""
        return [self._history(line) for line in sorted(self._versions)]

    def _active_blocks(self, line: str | None) -> list[ActiveBlocks]:
        """Return the blocks of the account, of the contract, and of a line."""
        own = [self._blocks[each] for each in dict.fromkeys((None, line)) if each in self._blocks]
        return [self._account.blocks, *own]

    def _history(self, line: str) -> LineHistory:
        versions = self._versions_over_time(line)
        periods = list({id(each.periods): each.periods for each in versions.values}.values())
        own = {*versions.starts}.union(*(each.plans.starts for each in periods))
        sold = StepFunction.derived(sorted(own), partial(_terms_at, versions))
        own = own.union(*(each.statuses.starts for each in periods))
        statuses = StepFunction.derived(self._ending.with_own(own), self._status_of(versions))
        if line in self._blocks:
            own.update(self._blocks[line].starts)
        starts = self._shared.with_own(own)
        state = self._state_of(versions, self._active_blocks(line))
        return LineHistory(
            contract=self._contract,
            line=line,
            states=StepFunction.derived(starts, state),
            line_terms=sold,
            contacts=self._contacts,
            statuses=statuses,
            terms=non_overlapping_terms(term for each in periods for term in each.terms),
            tacit_from=self._tacit_from,
        )

    def _versions_over_time(self, line: str) -> StepFunction[_LineVersionAt]:
        of_line = self._versions[line]
        begun = next(start for start, version in of_line if version is not None)
        first = next(version for _, version in of_line if version is not None)
        last: ContractLine | None = None
        found: list[tuple[int, _LineVersionAt]] = []
        days = plan_days(self._contract, of_line)
        planned = next(day for day in days if day is not None)
        sold, there = CountedQuantity(first.quantity), False
        for index, ((start, now), day) in enumerate(zip(of_line, days, strict=True)):
            absence = None if now else LineStatus.SUPERSEDED if last else LineStatus.PENDING
            plan = self._plan_sold(now or last or first, day or planned)
            replaced = index + 1 < len(of_line) and of_line[index + 1][0] == start
            if now is not None and not replaced:
                over = _counts_from(start, plan, now, self._contract, self._catalog)
                sold = sold if there else CountedQuantity(now.quantity)
                sold.change(now.quantity, over if over > start else START_OF_TIME)
            there = there if replaced else now is not None
            last, planned = now or last, day or planned
            version = last or first
            periods = self._plan_periods_of(version, begun, plan, sold.over_time())
            found.append((start, _LineVersionAt(version, periods, absence)))
        return StepFunction.of(found[0][1], found[1:])

    def _plan_sold(self, version: ContractLine, planned: date) -> Plan:
        try:
            return self._catalog.plan_sold(version, version.day_of_sale(planned))
        except UnknownIdError:
            if self._account.missing_plan is None:
                raise
            return self._account.missing_plan(version)

    def _plan_periods_of(
        self, version: ContractLine, begun: int, first: Plan, quantity: StepFunction[int]
    ) -> _PlanPeriods:
        begun = _counts_from(begun, first, version, self._contract, self._catalog)
        key = (first.key, version.start, version.end, quantity, begun)
        if key not in self._plan_periods:
            plans = _plan_steps(self._contract, first, self._catalog, quantity)
            terms = _line_terms(self._contract, version, self._terms, begun)
            statuses = _statuses(terms, plans, self._contract.zone)
            self._plan_periods[key] = _PlanPeriods(plans, terms, statuses)
        return self._plan_periods[key]

    def _status_of(self, versions: StepFunction[_LineVersionAt]) -> Callable[[int], LineStatus]:
        def status(at: int) -> LineStatus:
            now = versions.at(at)
            of_term = now.periods.statuses.at(at)
            if of_term is LineStatus.GRACE and not self._had_term(versions, now, at):
                of_term = LineStatus.EXPIRED
            found = (self._holder.at(at), self._ended.at(at), now.absence, of_term)
            return min((each for each in found if each is not None), key=_RANK.__getitem__)

        return status

    def _had_term(
        self, versions: StepFunction[_LineVersionAt], now: _LineVersionAt, at: int
    ) -> bool:
        """Return whether the line and the customer were in the term before `at` until it ended."""
        last = max(end for _, end in now.periods.terms if end <= at) - 1
        return self._holder.at(last) is None and versions.at(last).absence is None

    def _state_of(
        self, versions: StepFunction[_LineVersionAt], blocks: Sequence[ActiveBlocks]
    ) -> Callable[[int], LineState]:
        status_of = self._status_of(versions)

        def state(at: int) -> LineState:
            now, status, paused = versions.at(at), status_of(at), combined_suspension(blocks, at)
            if BlockEffect.ACCESS in paused.blocked:
                status = min(status, LineStatus.SUSPENDED, key=_RANK.__getitem__)
            return LineState(
                status=status,
                line=now.version,
                plan=now.periods.plans.at(at),
                contacts=self._contacts.at(at),
                blocked=paused.blocked,
                pauses_clocks=paused.pauses_clocks,
                blocks=paused.blocks,
            )

        return state


def _terms_at(versions: StepFunction[_LineVersionAt], at: int) -> LineTerms:
    now = versions.at(at)
    return LineTerms(now.version, now.periods.plans.at(at))


def _line_terms(
    contract: Contract, line: ContractLine, terms: tuple[Term, ...], begun: int
) -> tuple[Term, ...]:
    """Return the terms of a line: those of the contract, within the line's own dates.

    Args:
        contract: The contract.
        line: The version of the line.
        terms: The terms of the contract.
        begun: The instant at which the line was added.
    """
    first = begun if line.start is None else max(begun, day_start(line.start, contract.zone))
    last = END_OF_TIME if line.end is None else day_end(line.end, contract.zone)
    cut = [(max(start, first), min(end, last)) for start, end in terms]
    return tuple((start, end) for start, end in cut if start < end)


def _statuses(
    terms: tuple[Term, ...], plans: StepFunction[Plan], zone: str
) -> StepFunction[LineStatus]:
    changes: list[tuple[int, LineStatus]] = []
    before = None
    for index, (start, end) in enumerate(terms):
        # Terms that touch are one period: a contract that renews by itself has hundreds of them.
        if start != before:
            changes.append((start, LineStatus.ACTIVE))
        before = end
        if end >= END_OF_TIME:
            break
        following = terms[index + 1][0] if index + 1 < len(terms) else END_OF_TIME
        grace = plans.at(end - 1).grace
        last = _plus_days(end, grace.days, zone) if grace is not None else end
        if last > end and following > end:
            changes.append((end, LineStatus.GRACE))
        if following > last:
            changes.append((last, LineStatus.EXPIRED))
    # A line whose dates exclude every term was never in force.
    return StepFunction.of(LineStatus.PENDING if terms else LineStatus.EXPIRED, changes)


def _plus_days(at: int, days: int, zone: str) -> int:
    last = from_micros(at - 1).astimezone(ZoneInfo(zone)).date()
    return day_end(add_days(last, days), zone)


def _holder(
    customer: str, contract: Contract, changes: list[Change]
) -> StepFunction[LineStatus | None]:
    """Return the status of a line for a customer who is not the holder; None where it is."""
    transfers = [each for each in changes if isinstance(each, Transfer)]
    transfers.sort(key=lambda each: (each.at, each.id))
    was_holder = contract.customer == customer
    first = None if was_holder else LineStatus.PENDING
    steps: list[tuple[int, LineStatus | None]] = []
    for transfer in transfers:
        is_holder = transfer.to == customer
        was_holder = was_holder or is_holder
        other_holder = LineStatus.SUPERSEDED if was_holder else LineStatus.PENDING
        steps.append((to_micros(transfer.at), None if is_holder else other_holder))
    return StepFunction.of(first, steps)


def _ended(
    contract: Contract, changes: list[Change], replaced: Mapping[str, int]
) -> StepFunction[LineStatus | None]:
    """Return the status from the instant on at which the contract is cancelled or superseded."""
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


def _plan_steps(
    contract: Contract, first: Plan, catalog: Catalog, quantity: StepFunction[int]
) -> StepFunction[Plan]:
    later = catalog.later_versions(first) if catalog.has_plan(first.id) else []
    changes = [(plan.existing_from, plan) for plan in later if plan.existing_from is not None]
    plans = StepFunction.of(first, ((day_start(day, contract.zone), plan) for day, plan in changes))
    every = any(plan.quantity_steps for plan in plans.values)
    edges = {*plans.starts, *(quantity.starts if every else ())}
    steps = [(at, plans.at(at).for_quantity(quantity.at(at))) for at in sorted(edges)]
    return StepFunction.of(steps[0][1], steps[1:])


def _counts_from(
    begun: int, plan: Plan, line: ContractLine, contract: Contract, catalog: Catalog
) -> int:
    """Return when what an amendment adds at `begun` counts: when the plan's lead time is over."""
    lead = plan.lead_time
    if lead is None or begun <= START_OF_TIME:
        return begun
    day = from_micros(begun).astimezone(ZoneInfo(contract.zone)).date()
    return lead.over(day, contract.zone, catalog.hours_or_none(lead.calendar, line))
