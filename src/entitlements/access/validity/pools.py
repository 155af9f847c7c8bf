"""Pools over time: which grants are in force, and so what a right gives, change by change.

Of grants from which nothing was taken only the number counts: one that rolls over is cut when the
next one begins, so that of as many grants as many are cut. So what the ledger says of one instant
holds for all others at which as many grants of each allowance are in force.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import date
from heapq import heappop, heappush
from typing import NamedTuple, TypeAlias, final

from entitlements.access.compiled.account_index import AccountIndex
from entitlements.access.compiled.lines import CompiledRight
from entitlements.access.promise import Promise
from entitlements.calendars.timeline.zones import LAST_MICROS, day_number
from entitlements.contracts.allowances.grants import plan_pool
from entitlements.contracts.dates.step_function import first_after
from entitlements.contracts.lines.plan_grants import PoolGrant, pool_grants
from entitlements.kernel.ids import key_parts
from entitlements.kernel.instants import DAY, END_OF_TIME, START_OF_TIME, to_micros
from entitlements.kernel.requests import Request

Given: TypeAlias = tuple[Promise | None, int]
"""What a right gives, or the failures for which it gives nothing."""


class _Expiry(NamedTuple):
    """A grant of an allowance expires."""

    at: int
    allowance: int


@final
class PoolStates:
    """What a right that counts gives to a request, from an instant on.

    Args:
        index: The account.
        right: A right with an allowance.
        request: The request.
        at: The instant from which on changes are looked at.

    Attributes:
        at: The instant that is looked at.
    """

    __slots__ = (
        "_coming",
        "_counts",
        "_edges",
        "_expiries",
        "_index",
        "_known",
        "_latest",
        "_next",
        "_numbers",
        "_request",
        "_right",
        "at",
    )

    def __init__(
        self, index: AccountIndex, right: CompiledRight, request: Request, at: int
    ) -> None:
        self._index, self._right, self._request = index, right, request
        self._edges = stated_instants(index, right, request, at)
        latest = index.account.ledger.latest_instant
        self._latest = START_OF_TIME if latest is None else to_micros(latest)
        self._numbers: dict[int, int] = {}
        self._known: dict[object, Given] = {}
        self.seek(at)

    @property
    def fresh_from(self) -> int:
        """From when on all that changes are grants from which nothing was taken."""
        return max([self._latest, *self._edges[-1:]])

    @property
    def has_grants_by_hand(self) -> bool:
        """Whether there are grants in the pool that no plan gives."""
        pool = self._right.promise.charge.pool
        return any(each.pool == pool for each in self._index.account.ledger.grants)

    def seek(self, at: int) -> None:
        """Compute the pool at `at` again, from all grants; `go_to` goes on from there."""
        self._counts = [0] * len(self._numbers)
        self._expiries: list[_Expiry] = []
        self._coming = self._grants(at)
        self._next = next(self._coming, None)
        self.go_to(at)

    def next_change(self) -> int:
        """Return when a grant begins or expires next; `END_OF_TIME` for never."""
        found = first_after(self._edges, self.at)
        if self._next is not None:
            found = min(found, self._next.begins)
        if self._expiries:
            found = min(found, self._expiries[0].at)
        return found if found <= LAST_MICROS else END_OF_TIME

    def given(self) -> Given:
        """Return what the right gives; the same object whenever it is the same."""
        state: object = (bisect_right(self._edges, self.at), *self._counts)
        if self.at < self._latest:
            state = self.at  # the ledger refuses what a later entry took, from whichever grant
        found = self._known.get(state)
        if found is None:
            found = given(self._index, self._right, self._request, self.at)
            found = next((each for each in self._known.values() if each == found), found)
            self._known[state] = found
        return found

    def go_to(self, at: int) -> None:
        """Look at the next change, or at an instant before it."""
        self.at = at
        while self._next is not None and self._next.begins <= at:
            self._add(self._next)
            self._next = next(self._coming, None)
        while self._expiries and self._expiries[0].at <= at:
            self._counts[heappop(self._expiries).allowance] -= 1

    def _add(self, grant: PoolGrant) -> None:
        number = self._numbers.setdefault(id(grant.allowance), len(self._numbers))
        if number == len(self._counts):
            self._counts.append(0)
        self._counts[number] += 1
        heappush(self._expiries, _Expiry(grant.expires, number))

    def _grants(self, since: int) -> Iterator[PoolGrant]:
        return grants_of_pool(self._right, since)


def given(index: AccountIndex, right: CompiledRight, request: Request, at: int) -> Given:
    """Return what a right gives, or why it gives nothing."""
    promise = index.promise_with_balance(right, request, at)
    return promise, 0 if promise is not None else index.balance_failures(right, request, at)


def grants_of_pool(right: CompiledRight, since: int) -> Iterator[PoolGrant]:
    """Yield the grants of the plan from which a right takes, in the order in which they begin."""
    if right.allowance is not None:
        yield from pool_grants(right.line.history, right.allowance.id, since)


def stated_instants(
    index: AccountIndex, right: CompiledRight, request: Request, at: int
) -> list[int]:
    """Return the instants after `at` at which what a right gives may change, but for fresh grants.

    They are those of grants by hand, of the entries about the pool, of the grants from which these
    may have taken, of the request's own hold and of the warranty that it asks for.
    """
    ledger, pool = index.account.ledger, right.promise.charge.pool
    found = {*(index.warranty(right, request) or ())}
    by_hand = {each.id: each for each in ledger.grants if each.pool == pool}
    for grant in by_hand.values():
        dates = (grant.effective, grant.resets, grant.expires)
        found |= {to_micros(each) for each in dates if each is not None}
    taken: set[int] = set()
    for entry in ledger.entries:
        plan = [each.grant for each in entry.shares if plan_pool(each.grant) == pool]
        is_own = entry.key == request.id or any(each.grant in by_hand for each in entry.shares)
        if plan or is_own:
            found |= {to_micros(each) for each in (entry.at, entry.until) if each is not None}
            taken |= {to_micros(entry.at), *map(_day_in, plan)}
    for instant in {max(each, at) for each in taken}:
        found |= _dates_around(right, instant)
    return sorted(each for each in found if each > at)


def _day_in(grant: str) -> int:
    """Return the day on which a grant of a plan begins, by its id."""
    return day_number(date.fromisoformat(key_parts(grant)[-1])) * DAY


def _dates_around(right: CompiledRight, at: int) -> set[int]:
    """Return the dates of the grants that are in force about an instant."""
    found: set[int] = set()
    for grant in grants_of_pool(right, at - 2 * DAY):
        if grant.begins > at + 2 * DAY:
            break
        found |= {grant.begins, grant.resets, grant.expires} - {END_OF_TIME}
    return found
