"""Changes of the balance of a right: when what it gives is another next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, final

from entitlements.access.compiled.account_index import AccountIndex
from entitlements.access.compiled.lines import CompiledRight
from entitlements.access.promise import ChargeKind, Promise
from entitlements.calendars.timeline.zones import LAST_MICROS
from entitlements.contracts.account import AccountPart
from entitlements.contracts.allowances.allowance import Allowance, Cycle, OveragePolicy
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.contracts.lines.plan_grants import LAST_GRANT_EXPIRY, allowances_of_term
from entitlements.kernel.errors import LimitExceededError
from entitlements.kernel.instants import DAY, END_OF_TIME, to_micros
from entitlements.kernel.requests import Request

MAX_WITHOUT_CHANGE: Final = 1_096 * DAY
"""Three years: how far grants that overlap unevenly are followed while they change nothing."""

_CONSENT: Final = OveragePolicy.ALLOW_WITH_CONSENT


def next_balance_change(
    index: AccountIndex, right: CompiledRight, request: Request, at: int, until: int
) -> int:
    """Return when the charge of a right, or the reason that it gives nothing, changes next.

    Changes at or after `until` are not looked for: then any instant that is no earlier than `until`
    is returned. `END_OF_TIME` stands for never.
    """
    if right.allowance is None or AccountPart.LEDGER in index.account.unknown:
        return END_OF_TIME
    now, steady = _given(index, right, request, at), _SteadyCycles(index, right, request)
    until, last = min(until, LAST_MICROS + 1), at
    while last < until and last - at < MAX_WITHOUT_CHANGE:
        edges = _ledger_edges(index, right, request, last)
        last = min((each for each in edges if each > last), default=END_OF_TIME)
        if last >= until or _given(index, right, request, last) != now:
            break
        if steady.cannot_change(now[0], last):
            at = last = max(last, steady.end)
    return last if last <= LAST_MICROS else END_OF_TIME


def _given(
    index: AccountIndex, right: CompiledRight, request: Request, at: int
) -> tuple[Promise | None, int]:
    """Return what a right gives, or why it gives nothing."""
    promise = index.promise_with_balance(right, request, at)
    return promise, 0 if promise is not None else index.balance_failures(right, request, at)


def _ledger_edges(
    index: AccountIndex, right: CompiledRight, request: Request, at: int
) -> Iterator[int]:
    """Yield instants of which the first is no later than the next change without any use."""
    charge, grants = right.promise.charge, index.grants_of(right)
    if charge.unit is None or charge.pool is None:
        return
    yield grants.complete_until(at)
    yield from index.warranty(right, request) or ()
    try:
        ledger = grants.at(at)
    except LimitExceededError:  # more is granted than can be counted
        return
    change = ledger.balance_timeline(charge.unit, (charge.pool,)).next_change(at)
    yield from [] if change is None else [change]
    if ledger.latest_instant is not None and at < to_micros(ledger.latest_instant):
        yield from _instants_of_pool(ledger, charge.pool)
    held = ledger.find(request.id)
    yield from [] if held is None or held.until is None else [to_micros(held.until)]


def _instants_of_pool(ledger: Ledger, pool: str) -> Iterator[int]:
    """Yield all instants that a ledger states about one pool."""
    grants = {each.id: each for each in ledger.grants if each.pool == pool}
    for grant in grants.values():
        for instant in (grant.effective, grant.resets, grant.expires):
            yield from [] if instant is None else [to_micros(instant)]
    for entry in ledger.entries:
        if any(share.grant in grants for share in entry.shares):
            yield to_micros(entry.at)
            yield from [] if entry.until is None else [to_micros(entry.until)]


@final
class _SteadyCycles:
    """Cycles of grants in a term without an end: from some time on each cycle gives the same.

    From then on no cycle has to be looked at until the calendar ends.

    Attributes:
        end: The last cycles, whose grants are shorter.
    """

    __slots__ = ("_allowance", "_cost", "_index", "_request", "_right", "_since", "end")

    def __init__(self, index: AccountIndex, right: CompiledRight, request: Request) -> None:
        self._index, self._right, self._request = index, right, request
        self._allowance = _open_ended(right)
        self._cost = right.promise.charge.amount
        self._since: int | None = None
        span = 0 if self._allowance is None else _span(self._allowance)
        self.end = to_micros(LAST_GRANT_EXPIRY) - span

    def cannot_change(self, promise: Promise | None, at: int) -> bool:
        """Return whether what is given at `at` is given up to `end`."""
        if self._allowance is None or at >= self.end:
            return False
        if self._since is None:
            self._since = self._settled(self._allowance)
        if at < self._since:
            return False
        return _is_even(self._allowance) or self._suffices(self._allowance, promise)

    def _settled(self, allowance: Allowance) -> int:
        """Return from when on each grant in force begins after all that the ledger states."""
        ledger = self._index.grants_of(self._right).ledger
        instants = [self._right.line.history.terms[-1][0]]
        instants += [to_micros(each.at) for each in ledger.entries]
        instants += [to_micros(each.until) for each in ledger.entries if each.until is not None]
        for grant in ledger.grants:
            dates = (grant.effective, grant.resets, grant.expires)
            instants += [to_micros(each) for each in dates if each is not None]
        instants += self._index.warranty(self._right, self._request) or ()
        return max(instants) + _span(allowance)

    def _suffices(self, allowance: Allowance, promise: Promise | None) -> bool:
        """Return whether the fewest grants that are ever in force at once pay for the request."""
        life, cycle = allowance.lifetime, allowance.recurrence
        if promise is None or promise.charge.kind is not ChargeKind.PREPAID:
            return False
        if life is None or cycle is None:
            return False
        if _is_alike(life, cycle):
            least = (life.months or life.weeks) // (cycle.months or cycle.weeks)
        else:
            least = life.least_days // cycle.most_days
        return least * allowance.amount >= self._cost


def _open_ended(right: CompiledRight) -> Allowance | None:
    """Return the allowance that gives grants in cycles for ever; None if there is none."""
    history = right.line.history
    if right.allowance is None or not history.terms or history.terms[-1][1] < END_OF_TIME:
        return None
    granted = (each for _, each in allowances_of_term(history, *history.terms[-1]))
    found = next((each for each in granted if each.id == right.allowance.id), None)
    return None if found is None or found.recurrence is None else found


def _span(allowance: Allowance) -> int:
    """Return a time in which every grant that began before it has ended."""
    days = 2 * allowance.recurrence.most_days if allowance.recurrence else 0
    return DAY * (days + (allowance.lifetime.most_days if allowance.lifetime else 0))


def _is_even(allowance: Allowance) -> bool:
    """Return whether the same number of grants is in force at any time, or none gives anything."""
    life, cycle = allowance.lifetime, allowance.recurrence
    if life is None or cycle is None:
        return True
    if allowance.amount == 0 and not allowance.cap and allowance.over_use is not _CONSENT:
        return True
    return _is_alike(life, cycle) and not (life.months or life.weeks) % (
        cycle.months or cycle.weeks
    )


def _is_alike(one: Cycle, other: Cycle) -> bool:
    return bool(one.months) is bool(other.months)
