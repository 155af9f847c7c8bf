"""Until when does an answer hold? The first instant at which it would be another.

Everything that was read changes at known instants: contracts, contacts, hours, balances, cases.
They are looked at one after the other, until the decision made there is another. Changes of what
cannot matter to the answer at hand are passed over.
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
from entitlements.access.decision import Decision, DecisionQuestion, Deferred, Denied, Granted
from entitlements.access.right_selection import select_right
from entitlements.calendars.timeline.zones import LAST_MICROS
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.kernel.instants import DAY, to_micros
from entitlements.kernel.requests import Request

MAX_EDGES: Final = 64
"""So many changes that leave the answer as it is are looked at."""

_AHEAD: Final = 30 * DAY


def valid_until(index: AccountIndex, asked: DecisionQuestion) -> int | None:
    """Return the first later instant at which the decision is another, or None if it never is.

    After `MAX_EDGES` changes that leave it as it is, the last of them is returned: never too late.
    """
    inquiry, request, edge = asked
    now = brief(select_right(index, asked)[0])
    for _ in range(MAX_EDGES):
        following = next_edge(index, (inquiry, request, edge))
        if following is None:
            return None
        edge = following
        if brief(select_right(index, (inquiry, request, edge))[0]) != now:
            break
    return edge


def brief(decision: Decision) -> tuple[object, ...]:
    """Return everything that a decision says, but for whom and when."""
    match decision:
        case Granted(promise=promise):
            return Granted, promise
        case Deferred(promise=promise, opens_at=opens):
            return Deferred, promise, opens
        case Denied(reasons=reasons):
            return Denied, reasons


def next_edge(
    index: AccountIndex, asked: DecisionQuestion, *, to_access: bool = False
) -> int | None:
    """Return the first later instant at which the decision may be another, or None.

    With `to_access`, of a denial only what may turn it into access: hours alone never do.
    """
    _, request, at = asked
    decision, choice = select_right(index, asked)
    denied = isinstance(decision, Denied)
    most = len(decision.reasons) if isinstance(decision, Denied) and not to_access else 0
    kind = index.request_class(request)
    edges = kind.starts[bisect_right(kind.starts, at) :][:1]
    cells: list[CompiledRight] = []
    for line in kind.lines:
        stretch = line.at(at)
        edges += index.person_edges(line, stretch.plan, request, at)
        shared = stretch.failures | index.contact_failures(line, stretch.plan, request, at)
        cells += [each for each in stretch.rights if (shared | each.failures).bit_count() <= most]
    before = _up_to(index, cells, decision, choice, at)
    for cell in cells if index.compares_charges else before:
        if cell.allowance is not None:
            edges += ledger_edges(index, cell, request, at)
    if not (denied and to_access):
        edges += _window_edges(before, decision, choice)
    found = min((edge for edge in edges if at < edge <= LAST_MICROS), default=None)
    if index.compares_responses and len(cells) > 1:
        return _crossing(index, cells, request, at, found)
    return found


def _up_to(
    index: AccountIndex,
    cells: list[CompiledRight],
    decision: Decision,
    choice: CompiledRight | None,
    at: int,
) -> list[CompiledRight]:
    """Return the rights that can change the answer: with a right granted, it and those before."""
    if choice is None or not _is_by_right(decision):
        return cells
    request = decision.request
    last = index.order(choice, request, at)
    return [each for each in cells if index.order(each, request, at) <= last]


def _is_by_right(decision: Decision) -> bool:
    return isinstance(decision, Granted) and decision.entitlement.right is not None


def ledger_edges(
    index: AccountIndex, cell: CompiledRight, request: Request, at: int
) -> Iterator[int]:
    """Yield when the balance of a right can change next without anybody using it."""
    charge, ledger = cell.promise.charge, cell.line.stock.at(at)
    if charge.unit is None or charge.pool is None:
        return
    yield from [] if cell.line.stock.has_all(at) else [cell.line.stock.until(at)]
    change = ledger.balance_timeline(charge.unit, (charge.pool,)).next_change(at)
    yield from [] if change is None else [change]
    if ledger.latest_instant is not None and at < to_micros(ledger.latest_instant):
        yield from _ledger_instants(ledger, charge.pool)
    held = ledger.find(request.id)
    yield from [] if held is None or held.until is None else [to_micros(held.until)]
    yield from index.warranty(cell, request) or ()


def _window_edges(
    cells: list[CompiledRight], decision: Decision, choice: CompiledRight | None
) -> Iterator[int]:
    """Yield when hours that matter open or close next.

    What was granted under a right ends when it closes, or when one before it opens; what was not,
    when any opens. Only reasons against a denied request change with the closing of the others.
    """
    at = to_micros(decision.at)
    granted = choice if _is_by_right(decision) else None
    for cell in cells:
        if cell.timeline is None:
            continue
        if cell is not granted:
            opens = cell.timeline.next_open(at)
            yield from [] if opens is None else [opens]
        if cell is granted or isinstance(decision, Denied):
            closes = cell.timeline.next_close(at)
            yield from [] if closes is None else [closes]


def _crossing(
    index: AccountIndex, cells: list[CompiledRight], request: Request, at: int, found: int | None
) -> int:
    """Return when the order of two first responses changes, if nothing else does before."""
    end = min(each for each in (found, at + _AHEAD) if each is not None)
    promises = {
        index.response.key(cell.promise.entitlement, request): cell.promise.entitlement
        for cell in cells
    }
    for one, other in combinations(promises.values(), 2):
        mine, theirs = (partial(index.response.due, each, request) for each in (one, other))
        crossing = first_crossing(mine, theirs, at, end)
        end = end if crossing is None else min(end, crossing)
    return end if len(promises) > 1 or found is None else found


def _ledger_instants(ledger: Ledger, pool: str) -> Iterator[int]:
    """Yield all instants at which a ledger tells of one pool."""
    grants = {each.id: each for each in ledger.grants if each.pool == pool}
    for grant in grants.values():
        for instant in (grant.effective, grant.resets, grant.expires):
            yield from [] if instant is None else [to_micros(instant)]
    for entry in ledger.entries:
        if any(share.grant in grants for share in entry.shares):
            yield to_micros(entry.at)
            yield from [] if entry.until is None else [to_micros(entry.until)]
