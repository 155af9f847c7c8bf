"""May they? Try every right of every line, and choose by the declared order.

An open right comes before the general group, and that before a right that opens later; within each,
the catalog's precedence decides. Whatever is unknown denies.
"""

from __future__ import annotations

from entitlements.access.compiled.account_index import AccountIndex
from entitlements.access.compiled.lines import CompiledRight
from entitlements.access.decision import Decision, DecisionQuestion, Deferred, Denied, Granted
from entitlements.access.reasons import Reason, reasons_of_bits
from entitlements.contracts.account import AccountPart
from entitlements.kernel.instants import from_micros
from entitlements.kernel.requests import Request


def select_right(
    index: AccountIndex, asked: DecisionQuestion
) -> tuple[Decision, CompiledRight | None]:
    """Return the decision about a request at an instant, and the right that gave it."""
    _, request, at = asked
    rights = index.ordered(request, at)
    for cell, plan in rights:
        if plan is not None and index.concurrency_failures(cell.line, plan, request, at):
            continue
        if cell.timeline is not None and not cell.timeline.is_open(at):
            continue
        promise = (
            cell.promise
            if cell.allowance is None
            else index.promise_with_balance(cell, request, at)
        )
        if promise is not None:
            return Granted(asked, promise), cell
    if not rights:
        return Denied(asked, denial_reasons(index, request, at)), None
    admitted = [
        cell
        for cell, plan in rights
        if plan is None or not index.concurrency_failures(cell.line, plan, request, at)
    ]
    for cell in admitted:
        if cell.general is not None:
            return Granted(asked, cell.general), cell
    return _deferred_or_denied(index, asked, admitted)


def _deferred_or_denied(
    index: AccountIndex, asked: DecisionQuestion, admitted: list[CompiledRight]
) -> tuple[Decision, CompiledRight | None]:
    """Return the right that opens first, or why there is none."""
    _, request, at = asked
    openings = [
        (opens, place, cell, promise)
        for place, cell in enumerate(admitted)
        if cell.timeline is not None
        and (opens := cell.timeline.next_open(at)) is not None
        and (promise := index.promise_with_balance(cell, request, at)) is not None
    ]
    if not openings:
        return Denied(asked, denial_reasons(index, request, at)), None
    opens, _, cell, promise = min(openings, key=lambda each: each[:2])
    return Deferred(asked, promise, from_micros(opens)), cell


def denial_reasons(index: AccountIndex, request: Request, at: int) -> tuple[Reason, ...]:
    """Return the reasons against the candidate that comes closest to giving access."""
    bits = index.fewest_failures(request, at)
    if not bits:
        missing = AccountPart.CONTRACTS in index.account.unknown
        return (Reason.FACTS_MISSING if missing else Reason.NO_CONTRACT,)
    return reasons_of_bits(bits)
