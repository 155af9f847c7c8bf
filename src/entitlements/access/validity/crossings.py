"""Crossing of two first responses: when their order changes, as the request is made later.

Each due instant is followed piece by piece: it either moves with the request or stays where it is.
So the first crossing is computed and not searched for.
"""

from __future__ import annotations

from typing import Final, Protocol, final

from entitlements.access.compiled.account_index import AccountIndex
from entitlements.access.compiled.lines import CompiledRight
from entitlements.access.precedence import FirstResponseTarget
from entitlements.access.promise import Entitlement
from entitlements.calendars.business_hours import BusinessHours
from entitlements.kernel.instants import DAY, END_OF_TIME
from entitlements.kernel.requests import Request

MAX_AHEAD: Final = 28 * DAY
"""How far ahead two first responses are compared at once; `orders` goes on week by week."""


class DueInstants(Protocol):
    """A first response, as a function of the instant at which the request is accepted."""

    def due(self, at: int) -> int:
        """Return when the first response to a request accepted at `at` is due, in microseconds."""
        ...

    def moves(self, at: int) -> tuple[bool, int]:
        """Return whether the due instant moves with `at`, and the last instant up to which."""
        ...


@final
class PromisedResponse:
    """The first response that a right promises for a request; none without a right.

    Attributes:
        hours: The hours that decide when it is due; None if none do.
    """

    __slots__ = ("_promise", "_request", "_target", "hours")

    def __init__(
        self, target: FirstResponseTarget, right: CompiledRight | None, request: Request
    ) -> None:
        self._target = target
        self._promise: Entitlement | None = None if right is None else right.promise.entitlement
        self._request = request
        self.hours: BusinessHours | None = None
        if self._promise is not None:
            self.hours = target.hours(self._promise, request)

    def due(self, at: int) -> int:
        """Return the due instant; `END_OF_TIME` where no response is promised."""
        if self._promise is None:
            return END_OF_TIME
        return self._target.due(self._promise, self._request, at)

    def moves(self, at: int) -> tuple[bool, int]:
        """Return whether the due instant moves with `at`, and the last instant up to which."""
        if self._promise is None:
            return False, END_OF_TIME
        return self._target.moves(self._promise, self._request, at)


def next_crossing(
    index: AccountIndex,
    one: CompiledRight | None,
    other: CompiledRight | None,
    request: Request,
    at: int,
    until: int,
) -> int:
    """Return when the order of the first responses of two rights changes next.

    Crossings from `until` on are not looked for: then any instant no earlier than `until` is
    returned. If the order stays the same for `MAX_AHEAD`, the end of that time is returned.
    """
    if not index.compares_responses or one is other:
        return END_OF_TIME
    if one is not None and other is not None:
        target = index.response
        promises = (one.promise.entitlement, other.promise.entitlement)
        first, second = (target.key(each, request) for each in promises)
        if first == second:
            return END_OF_TIME
    mine, theirs = (PromisedResponse(index.response, each, request) for each in (one, other))
    return first_crossing(mine, theirs, at, min(until, at + MAX_AHEAD))


def first_crossing(one: DueInstants, other: DueInstants, at: int, until: int) -> int:
    """Return the first instant after `at` at which the order is another, or `until` if none is."""
    order = _order(one, other, at)
    while at < until:
        (moves, end), (other_moves, other_end) = one.moves(at), other.moves(at)
        end = max(at + 1, min(end, other_end, until))
        closing = int(other_moves) - int(moves)
        distance = one.due(at) - other.due(at)
        if end > at + 1 and closing and distance * closing >= 0:
            meeting = at + max(1, abs(distance))
            if meeting <= end:
                return meeting
        at = end
        if _order(one, other, at) != order:
            return at
    return until


def _order(one: DueInstants, other: DueInstants, at: int) -> int:
    due, other_due = one.due(at), other.due(at)
    return (due > other_due) - (due < other_due)
