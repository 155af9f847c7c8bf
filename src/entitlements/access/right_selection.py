"""May they? Try every right of every line, and choose by the declared order.

An open right comes before the general group, and that before a right that opens later; within each,
the catalog's precedence decides. Whatever is unknown denies.
"""

from __future__ import annotations

from entitlements.access.compiled.account_index import Index
from entitlements.access.compiled.lines import RightCell
from entitlements.access.decision import Asked, Decision, Deferred, Denied, Granted
from entitlements.access.reasons import Reason, reasons_in
from entitlements.contracts.account import Part
from entitlements.kernel.instants import from_micros
from entitlements.kernel.requests import Request


def choose(index: Index, asked: Asked) -> tuple[Decision, RightCell | None]:
    """Return the decision about a request at an instant, and the right that gave it."""
    _, request, at = asked
    rights = index.ordered(request, at)
    for cell, plan in rights:
        if plan is not None and index.case_bits(cell.line, plan, request, at):
            continue
        if cell.timeline is not None and not cell.timeline.is_open(at):
            continue
        promise = cell.promise if cell.allowance is None else index.promised(cell, request, at)
        if promise is not None:
            return Granted(asked, promise), cell
    if not rights:
        return Denied(asked, refusal(index, request, at)), None
    admitted = [
        cell
        for cell, plan in rights
        if plan is None or not index.case_bits(cell.line, plan, request, at)
    ]
    for cell in admitted:
        if cell.general is not None:
            return Granted(asked, cell.general), cell
    return _later(index, asked, admitted)


def _later(
    index: Index, asked: Asked, admitted: list[RightCell]
) -> tuple[Decision, RightCell | None]:
    """Return the right that opens first, or why there is none."""
    _, request, at = asked
    openings = [
        (opens, place, cell, promise)
        for place, cell in enumerate(admitted)
        if cell.timeline is not None
        and (opens := cell.timeline.next_open(at)) is not None
        and (promise := index.promised(cell, request, at)) is not None
    ]
    if not openings:
        return Denied(asked, refusal(index, request, at)), None
    opens, _, cell, promise = min(openings, key=lambda each: each[:2])
    return Deferred(asked, promise, from_micros(opens)), cell


def refusal(index: Index, request: Request, at: int) -> tuple[Reason, ...]:
    """Return the reasons against the candidate that comes closest to giving access."""
    bits = index.closest(request, at)
    if not bits:
        missing = Part.CONTRACTS in index.account.unknown
        return (Reason.FACTS_MISSING if missing else Reason.NO_CONTRACT,)
    return reasons_in(bits)
