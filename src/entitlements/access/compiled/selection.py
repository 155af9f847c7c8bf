"""Selection of a right: the first one that is open, then the general group, then what opens next.

Within each of these the catalog's precedence decides. Whatever is unknown denies.
"""

from __future__ import annotations

from entitlements.access.compiled.account_index import AccountIndex
from entitlements.access.compiled.lines import CompiledRight
from entitlements.access.decision import Decision, DecisionQuestion, Deferred, Denied, Granted
from entitlements.access.reasons import Reason, reasons_of_bits
from entitlements.contracts.account import AccountPart
from entitlements.kernel.errors import NotCoveredError
from entitlements.kernel.instants import from_micros
from entitlements.kernel.requests import Request


def select_right(
    index: AccountIndex, question: DecisionQuestion
) -> tuple[Decision, CompiledRight | None]:
    """Return the decision about a request at an instant, and the right that gave it."""
    _, request, at = question
    window = index.candidate_window(request, at)
    rights = window.rights if window.is_ordered else index.by_precedence(window, request, at)
    for right, plan in rights:
        if plan is not None and index.concurrency_failures(right.line, plan, request, at):
            continue
        try:
            if right.timeline is not None and not right.timeline.is_open(at):
                continue
        except NotCoveredError:  # holidays are not known so far
            continue
        promise = (
            right.promise
            if right.allowance is None
            else index.promise_with_balance(right, request, at)
        )
        if promise is not None:
            return Granted(question, promise), right
    if not rights:
        return Denied(question, denial_reasons(index, request, at)), None
    admitted = [
        right
        for right, plan in rights
        if plan is None or not index.concurrency_failures(right.line, plan, request, at)
    ]
    for right in admitted:
        if right.general is not None:
            return Granted(question, right.general), right
    return _deferred_or_denied(index, question, admitted)


def _deferred_or_denied(
    index: AccountIndex, question: DecisionQuestion, admitted: list[CompiledRight]
) -> tuple[Decision, CompiledRight | None]:
    """Return the right that opens first, or why there is none."""
    _, request, at = question
    openings = [
        (opens, place, right, promise)
        for place, right in enumerate(admitted)
        if (opens := _next_open(right, at)) is not None
        and (promise := index.promise_with_balance(right, request, at)) is not None
    ]
    if not openings:
        return Denied(question, denial_reasons(index, request, at)), None
    opens, _, right, promise = min(openings, key=lambda each: each[:2])
    return Deferred(question, promise, from_micros(opens)), right


def _next_open(right: CompiledRight, at: int) -> int | None:
    """Return when the group is reachable next; None for never, or if that is not known."""
    try:
        return None if right.timeline is None else right.timeline.next_open(at)
    except NotCoveredError:
        return None


def denial_reasons(index: AccountIndex, request: Request, at: int) -> tuple[Reason, ...]:
    """Return the reasons against the candidate that comes closest to giving access."""
    failures = index.fewest_failures(request, at)
    if not failures:
        missing = AccountPart.CONTRACTS in index.account.unknown
        return (Reason.FACTS_MISSING if missing else Reason.NO_CONTRACT,)
    return reasons_of_bits(failures)
