"""Balances: totals of one unit at an instant, and a timeline of what is available.

Every unit granted is in exactly one place: `granted == left + held + used + expired + voided +
moved`. Overage was never granted and is counted separately.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from typing import final

import attrs

from entitlements.contracts.ledger.grants.grant_state import GrantState
from entitlements.kernel.instants import END_OF_TIME


@final
@attrs.frozen(kw_only=True)
class Balance:
    """Totals of one unit over the grants that have begun.

    Attributes:
        granted: Units of grants, of additions, and added by a least rollover.
        left: Units that can be taken now.
        held: Units of holds that are neither resolved nor ended.
        used: Units of commits.
        expired: Units lost with the end or the reset of their grant.
        voided: Units withdrawn, or removed by a correction.
        moved: Units transferred to another ledger.
        overage: Units taken beyond the grants, held or used.

    >>> Balance(granted=12, left=9, used=3).used
    3
    """

    granted: int = 0
    left: int = 0
    held: int = 0
    used: int = 0
    expired: int = 0
    voided: int = 0
    moved: int = 0
    overage: int = 0


def balance_of(states: Iterable[GrantState]) -> Balance:
    """Return the sum of grant states that have one unit and are at one instant."""
    every = list(states)
    return Balance(
        granted=sum(each.granted for each in every),
        left=sum(each.unheld for each in every),
        held=sum(each.held for each in every),
        used=sum(each.used for each in every),
        expired=sum(each.expired for each in every),
        voided=sum(each.voided for each in every),
        moved=sum(each.moved for each in every),
        overage=sum(each.overage for each in every),
    )


@final
class BalanceTimeline:
    """The units that are available at any instant if no entry is added.

    After the last entry only time changes what is left, at known instants, so that a query is one
    bisection. Earlier instants are replayed.
    """

    __slots__ = ("_earlier", "_edges", "_left", "_since", "_starts")

    def __init__(
        self, states: Iterable[GrantState], since: int, earlier: Callable[[int], int]
    ) -> None:
        steps: dict[int, int] = {}
        base = sum(_future_changes(each.copy(), since, steps) for each in states)
        self._edges = sorted(steps)
        self._starts = [since, *sorted(start for start in steps if steps[start])]
        self._left = [base]
        for start in self._starts[1:]:
            self._left.append(self._left[-1] + steps[start])
        self._since = since
        self._earlier = earlier

    def available(self, at: int) -> int:
        """Return the units that can be taken at `at`, in microseconds since 1970."""
        if at < self._since:
            return self._earlier(at)
        return self._left[bisect_right(self._starts, at) - 1]

    def next_change(self, at: int) -> int | None:
        """Return the first instant after `at` at which time changes what a grant gives, or None.

        What a grant gives is the units left and the room for overage. Before the last entry the
        result is the first change after that entry.
        """
        position = bisect_right(self._edges, max(at, self._since))
        return self._edges[position] if position < len(self._edges) else None


def _future_changes(state: GrantState, since: int, steps: dict[int, int]) -> int:
    state.advance(since)
    base, room = state.available, state.overage_room
    before = base
    while state.next < END_OF_TIME:
        state.advance(state.next)
        if (state.available, state.overage_room) != (before, room):
            steps[state.at] = steps.get(state.at, 0) + state.available - before
            before, room = state.available, state.overage_room
    return base
