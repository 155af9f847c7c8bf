"""What is left? Totals of one unit at an instant, and a meter for asking often.

Every unit ever granted is in exactly one place:
`granted == left + held + used + expired + voided + moved`. Overage was never granted and is
counted apart.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from typing import final

import attrs

from entitlements.contracts.ledger.grant_state import GrantState
from entitlements.kernel.instants import END_OF_TIME


@final
@attrs.frozen(kw_only=True)
class Balance:
    """Totals of one unit, over the grants that have begun.

    Attributes:
        granted: By grants, additions and the least that rolls over.
        left: Can be taken now.
        held: Taken by holds that are neither resolved nor ended.
        used: Taken for good.
        expired: Lost with the end or the reset of its grant.
        voided: Withdrawn or corrected away.
        moved: Given to another ledger.
        overage: Taken beyond the grants, held or used.

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


def balance_of(tallies: Iterable[GrantState]) -> Balance:
    """Return the sum of `tallies`, all of one unit and at one instant."""
    every = list(tallies)
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
    """Units that can be taken at any instant, if nothing else is taken before it.

    From the last entry on only time changes what is left, and it does so at known instants: a
    look-up is one bisection in them. Earlier instants are replayed.
    """

    __slots__ = ("_earlier", "_edges", "_left", "_since", "_starts")

    def __init__(
        self, tallies: Iterable[GrantState], since: int, earlier: Callable[[int], int]
    ) -> None:
        steps: dict[int, int] = {}
        base = sum(_future_changes(each.copy(), since, steps) for each in tallies)
        self._edges = sorted(steps)
        self._starts = [since, *sorted(start for start in steps if steps[start])]
        self._left = [base]
        for start in self._starts[1:]:
            self._left.append(self._left[-1] + steps[start])
        self._since = since
        self._earlier = earlier

    def available(self, at: int) -> int:
        """Return the units that can be taken at `at`, microseconds since 1970."""
        if at < self._since:
            return self._earlier(at)
        return self._left[bisect_right(self._starts, at) - 1]

    def next_change(self, at: int) -> int | None:
        """Return the first instant after `at` at which time changes what a grant gives, or None.

        That is what is left of it, or the room for overage. Instants before the last entry answer
        with the first change after that entry.
        """
        position = bisect_right(self._edges, max(at, self._since))
        return self._edges[position] if position < len(self._edges) else None


def _future_changes(tally: GrantState, since: int, steps: dict[int, int]) -> int:
    tally.advance(since)
    base, room = tally.available, tally.overage_room
    before = base
    while tally.next < END_OF_TIME:
        tally.advance(tally.next)
        if (tally.available, tally.overage_room) != (before, room):
            steps[tally.at] = steps.get(tally.at, 0) + tally.available - before
            before, room = tally.available, tally.overage_room
    return base
