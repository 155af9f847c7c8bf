"""Whether a contract line is in force, derived from the facts and never stored.

`standings` turns all records of an account into one step function per line: its status, the text of
the line and of the plan that hold, and what blocks do. Asking for an instant is one bisection.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Final, final
from zoneinfo import ZoneInfo

import attrs

from entitlements.contracts.account import Account, latest
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
from entitlements.contracts.dates import day_end, day_start, days_later, edge
from entitlements.contracts.parties import NamedContact
from entitlements.contracts.plans import Plan
from entitlements.contracts.steps import BEGINNING, END, Steps
from entitlements.contracts.terms import Term, contract_terms
from entitlements.kernel.instants import from_micros, to_micros


class Status(StrEnum):
    """How a contract line stands; the first that applies, in this order."""

    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    GRACE = "grace"
    PENDING = "pending"
    SUSPENDED = "suspended"
    ACTIVE = "active"


@final
@attrs.frozen(kw_only=True)
class Standing:
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

    status: Status
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


@final
@attrs.frozen(kw_only=True)
class LineHistory:
    """One contract line over all time.

    Attributes:
        contract: The contract as it holds.
        line: Id of the line.
        steps: How the line stands, when.
        terms: Its terms as half-open microseconds, in order.
    """

    contract: Contract
    line: str
    steps: Steps[Standing]
    terms: tuple[Term, ...]

    def ends(self, at: int, *, in_grace: bool = False) -> int | None:
        """Return the first instant after `at` at which the line is out of force, or None.

        Renewals already recorded count. Grace counts as in force with `in_grace` only. What is out
        of force already does not end.
        """
        over = {Status.SUPERSEDED, Status.CANCELLED, Status.EXPIRED}
        over |= set() if in_grace else {Status.GRACE}
        if self.steps.at(at).status in over:
            return None
        after = bisect_right(self.steps.starts, at)
        for start, standing in zip(
            self.steps.starts[after:], self.steps.values[after:], strict=True
        ):
            if standing.status in over:
                return start
        return None


_NO_BLOCKS: Final[tuple[Block, ...]] = ()
_ORDER: Final = tuple(Status)


def standings(account: Account, catalog: Catalog) -> tuple[LineHistory, ...]:
    """Return the history of every line the account ever had, ordered by contract and line.

    Facts that contradict each other were refused when they were recorded. What was known earlier
    may still do so: a renewal that does not fit then gives nothing, and of two transfers at one
    instant, or two amendments of one line on one day, the one with the later id holds.

    Raises:
        UnknownIdError: A line names a plan or version that the catalog does not have.
    """
    contracts = latest(account.contracts, None)
    changes = latest(account.changes, None)
    found = []
    for contract in contracts:
        mine = [each for each in changes if each.contract in {contract.id, None}]
        found += _lines(account.customer, contract, mine, contracts, catalog)
    return tuple(found)


def _lines(
    customer: str,
    contract: Contract,
    changes: list[Change],
    contracts: tuple[Contract, ...],
    catalog: Catalog,
) -> list[LineHistory]:
    amendments = [each for each in changes if isinstance(each, Amendment)]
    terms = contract_terms(contract, changes)
    of_contract = _OfContract(
        holder=_holder(customer, contract, changes),
        ended=_ended(contract, changes, contracts),
        contacts=_contacts(contract, amendments),
    )
    histories = []
    for id in sorted({line.id for line in _all_lines(contract, amendments)}):
        texts = _line_texts(contract, id, amendments)
        kept = {text: _variant(contract, text, terms, catalog) for text in texts.values if text}
        blocks = [b for b in changes if isinstance(b, Block) and b.line in {id, None}]
        steps = _combined(of_contract, texts, kept, _block_steps(blocks))
        own = _disjoint(term for each in kept.values() for term in each.terms)
        histories.append(LineHistory(contract=contract, line=id, steps=steps, terms=own))
    return histories


@final
@attrs.frozen(kw_only=True)
class _OfContract:
    """What holds for all lines of a contract."""

    holder: Steps[Status | None]
    ended: Steps[Status | None]
    contacts: Steps[tuple[NamedContact, ...]]


@final
@attrs.frozen(kw_only=True)
class _Variant:
    """What follows from one text of a line."""

    plans: Steps[Plan]
    terms: tuple[Term, ...]
    statuses: Steps[Status]


def _variant(
    contract: Contract, text: ContractLine, terms: tuple[Term, ...], catalog: Catalog
) -> _Variant:
    plans = _plan_steps(contract, text, catalog)
    own = _line_terms(contract, text, terms)
    return _Variant(plans=plans, terms=own, statuses=_statuses(own, plans, contract.zone))


def _combined(
    of_contract: _OfContract,
    texts: Steps[ContractLine | None],
    kept: dict[ContractLine, _Variant],
    blocks: Steps[tuple[Block, ...]],
) -> Steps[Standing]:
    starts = {*of_contract.holder.starts, *of_contract.ended.starts, *of_contract.contacts.starts}
    starts |= {*texts.starts, *blocks.starts}
    for variant in kept.values():
        starts |= {*variant.plans.starts, *variant.statuses.starts}
    values = []
    last: ContractLine | None = None
    for at in sorted(starts):
        now = texts.at(at)
        gone = None if now else Status.SUPERSEDED if last else Status.PENDING
        last = now or last
        text = last or next(iter(kept))
        variant, running = kept[text], blocks.at(at)
        effects = frozenset[BlockEffect]().union(*(block.effects for block in running))
        found = [
            of_contract.holder.at(at),
            of_contract.ended.at(at),
            gone,
            variant.statuses.at(at),
            Status.SUSPENDED if BlockEffect.ACCESS in effects else None,
        ]
        values.append(
            Standing(
                status=min((each for each in found if each), key=_ORDER.index),
                line=text,
                plan=variant.plans.at(at),
                contacts=of_contract.contacts.at(at),
                blocked=effects,
                pauses_clocks=any(block.pauses_clocks for block in running),
                blocks=tuple(block.id for block in running),
            )
        )
    return Steps(tuple(sorted(starts)), tuple(values))


def _line_terms(
    contract: Contract, line: ContractLine, terms: tuple[Term, ...]
) -> tuple[Term, ...]:
    first = BEGINNING if line.start is None else day_start(line.start, contract.zone)
    last = END if line.end is None else day_end(line.end, contract.zone)
    cut = [(max(start, first), min(end, last)) for start, end in terms]
    return tuple((start, end) for start, end in cut if start < end)


def _disjoint(terms: Iterable[Term]) -> tuple[Term, ...]:
    """Return terms without those that begin inside another; of two that begin together, the longer.

    Texts of a line with different dates cut the same term differently, and it is granted once.
    """
    found: list[Term] = []
    for start, end in sorted(set(terms), key=lambda term: (term[0], -term[1])):
        if not found or start >= found[-1][1]:
            found.append((start, end))
    return tuple(found)


def _statuses(terms: tuple[Term, ...], plans: Steps[Plan], zone: str) -> Steps[Status]:
    changes: list[tuple[int, Status]] = []
    for index, (start, end) in enumerate(terms):
        changes.append((start, Status.ACTIVE))
        if end >= END:
            break
        following = terms[index + 1][0] if index + 1 < len(terms) else END
        grace = plans.at(end - 1).grace
        last = _plus_days(end, grace.days, zone) if grace is not None else end
        if last > end and following > end:
            changes.append((end, Status.GRACE))
        if following > last:
            changes.append((last, Status.EXPIRED))
    # A line whose dates leave nothing of any term was never in force.
    return Steps.of(Status.PENDING if terms else Status.EXPIRED, changes)


def _plus_days(at: int, days: int, zone: str) -> int:
    last = from_micros(at - 1).astimezone(ZoneInfo(zone)).date()
    return day_end(days_later(last, days), zone)


def _holder(customer: str, contract: Contract, changes: list[Change]) -> Steps[Status | None]:
    """Return what transfers make of the line for this customer; None leaves it as it is."""
    moves = [each for each in changes if isinstance(each, Transfer)]
    moves.sort(key=lambda each: (each.at, each.id))
    was_mine = contract.customer == customer
    first = None if was_mine else Status.PENDING
    steps: list[tuple[int, Status | None]] = []
    for move in moves:
        mine = move.to == customer
        was_mine = was_mine or mine
        other_holder = Status.SUPERSEDED if was_mine else Status.PENDING
        steps.append((to_micros(move.at), None if mine else other_holder))
    return Steps.of(first, steps)


def _ended(
    contract: Contract, changes: list[Change], contracts: tuple[Contract, ...]
) -> Steps[Status | None]:
    """Return from when the contract is cancelled or superseded by another."""
    steps: list[tuple[int, Status | None]] = [
        (edge(each.effective, contract.zone, end=True), Status.CANCELLED)
        for each in changes
        if isinstance(each, Cancellation)
    ]
    earliest = min(steps, key=lambda step: step[0], default=None)
    kept = [earliest] if earliest else []
    replaced = [day_start(c.start, c.zone) for c in contracts if c.replaces == contract.id]
    if replaced:
        kept = [step for step in kept if step[0] < min(replaced)]
        kept.append((min(replaced), Status.SUPERSEDED))
    return Steps.of(None, kept)


def _all_lines(contract: Contract, amendments: list[Amendment]) -> list[ContractLine]:
    return [*contract.lines, *(line for each in amendments for line in each.lines)]


def _line_texts(
    contract: Contract, id: str, amendments: list[Amendment]
) -> Steps[ContractLine | None]:
    first = next((line for line in contract.lines if line.id == id), None)
    steps: list[tuple[int, ContractLine | None]] = []
    for each in sorted(amendments, key=lambda each: (each.effective, each.id)):
        text = next((line for line in each.lines if line.id == id), None)
        if text is None and id not in each.removed:
            continue
        steps.append((day_start(each.effective, contract.zone), text))
    return Steps.of(first, steps)


def _contacts(contract: Contract, amendments: list[Amendment]) -> Steps[tuple[NamedContact, ...]]:
    return Steps.of(
        contract.contacts,
        (
            (day_start(each.effective, contract.zone), each.contacts)
            for each in sorted(amendments, key=lambda each: (each.effective, each.id))
            if each.contacts is not None
        ),
    )


def _plan_steps(contract: Contract, line: ContractLine, catalog: Catalog) -> Steps[Plan]:
    sold = line.sold or line.start or contract.start
    first = catalog.plan_sold(line, sold)
    later = sorted(
        (
            plan
            for plan in catalog.plan_versions(line.plan)
            if plan.existing_from is not None
            and plan.key != first.key
            and (plan.effective or date.min) >= (first.effective or date.min)
        ),
        key=lambda plan: (plan.existing_from or date.min, plan.effective or date.min, plan.version),
    )
    return Steps.of(
        first,
        (
            (day_start(plan.existing_from, contract.zone), plan)
            for plan in later
            if plan.existing_from
        ),
    )


def _block_steps(blocks: list[Block]) -> Steps[tuple[Block, ...]]:
    edges: list[tuple[int, bool, Block]] = []
    for block in blocks:
        edges.append((to_micros(block.start), True, block))
        if block.end is not None:
            edges.append((to_micros(block.end), False, block))
    running: dict[str, Block] = {}
    changes: list[tuple[int, tuple[Block, ...]]] = []
    for at, starts, block in sorted(edges, key=lambda edge: (edge[0], edge[1], edge[2].id)):
        if starts:
            running[block.id] = block
        else:
            del running[block.id]
        changes.append((at, tuple(running[id] for id in sorted(running))))
    return Steps.of(_NO_BLOCKS, changes)
