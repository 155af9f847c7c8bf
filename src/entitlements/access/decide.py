"""May they? Try every right of every line, and choose by the declared order.

An open right comes before the general group, and that before a right that opens later; within each,
the catalog's precedence decides. Whatever is unknown denies.
"""

from __future__ import annotations

from enum import IntEnum
from typing import final

from entitlements.access.cells import LineCell, RightCell, Stretch, charge_of
from entitlements.access.decision import (
    Charge,
    Decision,
    Deferred,
    Denied,
    Granted,
    Inquiry,
)
from entitlements.access.index import Index
from entitlements.access.reasons import Reason, reasons_in
from entitlements.contracts.account import Part
from entitlements.kernel.instants import from_micros
from entitlements.kernel.requests import Request


class Reach(IntEnum):
    """How a group is reached, best first."""

    OPEN = 0
    GENERAL = 1
    LATER = 2


@final
class Choice:
    """A right that gives access, and how."""

    __slots__ = ("cell", "charge", "line", "opens", "reach", "stretch")

    def __init__(
        self,
        line: LineCell,
        stretch: Stretch,
        cell: RightCell,
        reach: int,
        charge: Charge,
        opens: int,
    ) -> None:
        self.line = line
        self.stretch = stretch
        self.cell = cell
        self.reach = reach
        self.charge = charge
        self.opens = opens


def choose(index: Index, request: Request, at: int) -> Choice | None:
    """Return the right that gives access at `at`, or None."""
    best: Choice | None = None
    for line in index.cells(request):
        stretch = line.at(at)
        plan = stretch.plan
        if stretch.bits or index.contact_bits(line, plan, request.contact, at):
            continue
        if plan.concurrency is not None and index.case_bits(line, plan, request, at):
            continue
        for cell in stretch.rights:
            if cell.bits:
                continue
            found = _reached(index, line, stretch, cell, request, at)
            if found is not None and (best is None or _before(found, best)):
                best = found
    return best


def _reached(
    index: Index, line: LineCell, stretch: Stretch, cell: RightCell, request: Request, at: int
) -> Choice | None:
    charge = cell.charge if cell.allowance is None else index.charged(cell, request, at)
    timeline = cell.timeline
    general = stretch.plan.general_group
    mine = request.group is None or request.group == cell.right.group
    if charge is not None and mine and (timeline is None or timeline.is_open(at)):
        return Choice(line, stretch, cell, Reach.OPEN, charge, at)
    if general is not None:
        contract = line.history.contract.id
        charge = charge_of(stretch.plan, None, contract, line.history.line)
        return Choice(line, stretch, cell, Reach.GENERAL, charge, at)
    if charge is None or timeline is None:
        return None
    opens = timeline.next_open(at)
    return None if opens is None else Choice(line, stretch, cell, Reach.LATER, charge, opens)


def _before(one: Choice, other: Choice) -> bool:
    if one.reach != other.reach:
        return one.reach < other.reach
    if one.opens != other.opens:
        return one.opens < other.opens
    return one.cell.order < other.cell.order


def decide_at(index: Index, inquiry: Inquiry, request: Request, at: int) -> Decision:
    """Return the decision for `request` at `at`, in microseconds; see `decide`."""
    choice = choose(index, request, at)
    if choice is None:
        return Denied(reasons=_refusal(index, request, at), inquiry=inquiry, request=request, at=at)
    cell = choice.cell
    if choice.reach == Reach.OPEN:
        return Granted(
            entitlement=cell.entitlement,
            group=cell.right.group,
            immediate=cell.right.immediate,
            charge=choice.charge,
            inquiry=inquiry,
            request=request,
            at=at,
        )
    if choice.reach == Reach.GENERAL:
        return Granted(
            entitlement=cell.general,
            group=str(choice.stretch.plan.general_group),
            immediate=False,
            charge=choice.charge,
            inquiry=inquiry,
            request=request,
            at=at,
        )
    return Deferred(
        entitlement=cell.entitlement,
        group=cell.right.group,
        opens_at=from_micros(choice.opens),
        charge=choice.charge,
        inquiry=inquiry,
        request=request,
        at=at,
    )


def _refusal(index: Index, request: Request, at: int) -> tuple[Reason, ...]:
    tried = index.tried(request, at)
    if not tried:
        missing = Part.CONTRACTS in index.account.unknown
        return (Reason.FACTS_MISSING if missing else Reason.NO_CONTRACT,)
    closest = min(tried, key=lambda each: (each.bits.bit_count(), each.order))
    return reasons_in(closest.bits)
