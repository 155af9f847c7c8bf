"""Validity of a decision: the first instant at which it would be another.

Everything that was read changes at known instants: contracts, contacts, hours, balances, cases.
They are looked at one after the other, until the decision there is another. Changes that cannot
matter to the decision are passed over.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import partial
from itertools import combinations
from typing import Final

from entitlements.access.compiled.account_index import AccountIndex
from entitlements.access.compiled.crossings import first_crossing
from entitlements.access.compiled.lines import CompiledRight
from entitlements.access.compiled.selection import select_right
from entitlements.access.decision import Decision, DecisionQuestion, Deferred, Denied, Granted
from entitlements.calendars.timeline.timeline import Timeline
from entitlements.calendars.timeline.zones import FIRST_MICROS, LAST_MICROS
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.kernel.errors import LimitExceededError, NotCoveredError
from entitlements.kernel.instants import DAY, to_micros
from entitlements.kernel.requests import Request

MAX_EDGES: Final = 64
"""How many changes that leave the decision as it is are passed over."""

MAX_LINES_LOOKED_AT: Final = 10_000
"""How many contract lines are looked at for it: of an account with many lines, fewer changes."""

_RESPONSE_HORIZON: Final = 30 * DAY


def valid_until(index: AccountIndex, question: DecisionQuestion) -> int | None:
    """Return the first later instant at which the decision is another, or None if it never is.

    After `MAX_EDGES` changes that leave it as it is, the last of them is returned: never too late.
    Of an account with so many lines that this would take long, it is after fewer changes.
    """
    source, request, edge = question
    now = outcome_of(select_right(index, question)[0])
    most = MAX_LINES_LOOKED_AT // max(1, len(index.histories))
    for _ in range(max(1, min(MAX_EDGES, most))):
        following = next_edge(index, (source, request, edge))
        if following is None:
            return None
        edge = following
        if outcome_of(select_right(index, (source, request, edge))[0]) != now:
            break
    return edge


def outcome_of(decision: Decision) -> tuple[object, ...]:
    """Return everything that a decision states, except the question it answers."""
    match decision:
        case Granted(promise=promise):
            return Granted, promise
        case Deferred(promise=promise, opens_at=opens):
            return Deferred, promise, opens
        case Denied(reasons=reasons):
            return Denied, reasons


def next_edge(
    index: AccountIndex, question: DecisionQuestion, *, to_access: bool = False
) -> int | None:
    """Return the first later instant at which the decision may be another, or None.

    With `to_access`, only what may turn a denial into access counts: hours alone never do.
    """
    _, request, at = question
    decision, choice = select_right(index, question)
    denied = isinstance(decision, Denied)
    most = len(decision.reasons) if isinstance(decision, Denied) and not to_access else 0
    starts = index.request_class(request).starts
    edges = starts[bisect_right(starts, at) :][:1]
    rights: list[CompiledRight] = []
    for line in index.request_class(request).lines:
        period = line.at(at)
        edges += index.contact_edges(line, period.plan, request, at)
        shared = period.failures | index.contact_failures(line, period.plan, request, at)
        rights += [each for each in period.rights if (shared | each.failures).bit_count() <= most]
    relevant = _up_to(index, rights, decision, choice, at)
    for right in rights if index.compares_charges else relevant:
        if right.allowance is not None:
            edges += ledger_edges(index, right, request, at)
    if not (denied and to_access):
        edges += _window_edges(relevant, decision, choice)
    found = min((edge for edge in edges if at < edge <= LAST_MICROS), default=None)
    if index.compares_responses and len(rights) > 1:
        return _response_crossing(index, rights, request, at, found)
    return found


def _up_to(
    index: AccountIndex,
    rights: list[CompiledRight],
    decision: Decision,
    choice: CompiledRight | None,
    at: int,
) -> list[CompiledRight]:
    """Return the rights that can change the decision: if one is granted, it and those before."""
    if choice is None or not _is_by_right(decision):
        return rights
    request = decision.request
    last = index.precedence(choice, request, at)
    return [each for each in rights if index.precedence(each, request, at) <= last]


def _is_by_right(decision: Decision) -> bool:
    return isinstance(decision, Granted) and decision.entitlement.right is not None


def ledger_edges(
    index: AccountIndex, right: CompiledRight, request: Request, at: int
) -> Iterator[int]:
    """Yield when the balance of a right can change next without any use."""
    charge, grants = right.promise.charge, right.line.grants
    if charge.unit is None or charge.pool is None:
        return
    yield from [] if grants.has_all(at) else [grants.until(at)]
    yield from index.warranty(right, request) or ()
    try:
        ledger = grants.at(at)
    except LimitExceededError:  # more is granted than can be counted
        return
    change = ledger.balance_timeline(charge.unit, (charge.pool,)).next_change(at)
    yield from [] if change is None else [change]
    if ledger.latest_instant is not None and at < to_micros(ledger.latest_instant):
        yield from _ledger_instants(ledger, charge.pool)
    held = ledger.find(request.id)
    yield from [] if held is None or held.until is None else [to_micros(held.until)]


def _window_edges(
    rights: list[CompiledRight], decision: Decision, choice: CompiledRight | None
) -> Iterator[int]:
    """Yield when hours that matter open or close next.

    What was granted under a right ends when it closes, or when one before it opens; what was not,
    when any opens. Only the reasons of a denial change with the closing of the others. What is
    known of the hours may end, too.
    """
    at = to_micros(decision.at)
    granted = choice if _is_by_right(decision) else None
    for right in rights:
        if right.timeline is None:
            continue
        try:
            if right is not granted:
                opens = right.timeline.next_open(at)
                yield from [] if opens is None else [opens]
            if right is granted or isinstance(decision, Denied):
                closes = right.timeline.next_close(at)
                yield from [] if closes is None else [closes]
        except NotCoveredError:
            yield from _edges_of_knowledge(right.timeline, at)


def _edges_of_knowledge(timeline: Timeline, at: int) -> Iterator[int]:
    """Yield when the hours begin, or cease, to be known after `at`.

    They are known for one period. Where it begins later, it is found if a whole day of it lies in
    the next year.
    """
    known = _is_known(timeline, at)
    low, step = at, DAY
    while low < LAST_MICROS:
        high = min(low + step, LAST_MICROS)
        if _is_known(timeline, high) is not known:
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (
                    (middle, high) if _is_known(timeline, middle) is known else (low, middle)
                )
            yield high
            return
        if not known and high > at + 366 * DAY:
            return
        low, step = high, step * 2 if known else step


def _is_known(timeline: Timeline, at: int) -> bool:
    try:
        timeline.is_open(max(at, FIRST_MICROS))
    except NotCoveredError:
        return False
    return True


def _response_crossing(
    index: AccountIndex, rights: list[CompiledRight], request: Request, at: int, found: int | None
) -> int:
    """Return when the order of two first responses changes, if nothing else does before."""
    end = min(each for each in (found, at + _RESPONSE_HORIZON) if each is not None)
    promises = {
        index.response.key(right.promise.entitlement, request): right.promise.entitlement
        for right in rights
    }
    for one, other in combinations(promises.values(), 2):
        due, other_due = (partial(index.response.due, each, request) for each in (one, other))
        crossing = first_crossing(due, other_due, at, end)
        end = end if crossing is None else min(end, crossing)
    return end if len(promises) > 1 or found is None else found


def _ledger_instants(ledger: Ledger, pool: str) -> Iterator[int]:
    """Yield all instants that a ledger states about one pool."""
    grants = {each.id: each for each in ledger.grants if each.pool == pool}
    for grant in grants.values():
        for instant in (grant.effective, grant.resets, grant.expires):
            yield from [] if instant is None else [to_micros(instant)]
    for entry in ledger.entries:
        if any(share.grant in grants for share in entry.shares):
            yield to_micros(entry.at)
            yield from [] if entry.until is None else [to_micros(entry.until)]
