"""Wait counts: waits as a sum that grows with their different lengths, and its exact quantiles.

`WaitingTimes` keeps the share of each length as a fraction, for a few thousand waits. A sum of
millions keeps two whole numbers of each length, and computes fractions only where it must.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable
from datetime import timedelta
from fractions import Fraction
from heapq import merge
from itertools import groupby, repeat
from operator import itemgetter
from typing import Final, final

from entitlements.kernel.instants import MICROSECOND

_LEAST_NEW: Final = 4_096
_NEAR: Final = 1e-8
"""How far a product of millions of floats can be from the exact one, and more."""


@final
class WaitCounts:
    """How many waits have each length, over or not; sums of parts add up to that of the whole.

    >>> waits = WaitCounts()
    >>> for hours in (1, 3, 8):
    ...     waits.add(timedelta(hours=hours), is_over=hours < 8)
    >>> str(waits.quantile(Fraction(1, 2))), waits.quantile(Fraction(9, 10))
    ('3:00:00', None)
    """

    __slots__ = ("_counts", "_gone", "_keys", "_new")

    def __init__(self) -> None:
        # A key is twice the length in microseconds, and one more for a wait that is not over: of
        # two equal ones, the one that is over comes first.
        self._keys = array("q")
        self._counts = array("q")
        self._new = array("q")
        self._gone = array("q")

    def add(self, time: timedelta, *, is_over: bool, times: int = 1) -> None:
        """Add one wait, up to its end or up to now; -1 times takes away one that was added."""
        changed = self._new if times > 0 else self._gone
        changed.append(2 * (time // MICROSECOND) + (not is_over))
        if len(changed) >= max(_LEAST_NEW, len(self._keys) // 2):
            self._settle()

    def include(self, other: WaitCounts) -> None:
        """Add all waits of another sum."""
        other._settle()
        self._settle(zip(other._keys, other._counts, strict=True))

    def __len__(self) -> int:
        """Return how many different lengths are kept."""
        self._settle()
        return len(self._keys)

    def quantile(self, share: Fraction) -> timedelta | None:
        """Return the time within which a share of the waits is over; None if it is not known.

        It is `WaitingTimes.quantile` (Kaplan and Meier): a product with a factor for each time
        between two waits that are not over. Only near the limit it has to be exact.

        Args:
            share: Above 0 and at most 1.
        """
        self._settle()
        limit = 1 - share
        near = float(limit)
        at_risk = since = sum(self._counts)
        longer = 1.0
        factors: list[tuple[int, int]] = []
        for key, count in zip(self._keys, self._counts, strict=True):
            if key & 1:
                if at_risk != since:
                    factors.append((at_risk, since))
                    longer *= at_risk / since
                since = at_risk = at_risk - count
                continue
            at_risk -= count
            about = longer * at_risk / since
            if about <= near + _NEAR and (
                about < near - _NEAR or _product([*factors, (at_risk, since)]) <= limit
            ):
                return (key >> 1) * MICROSECOND
        return None

    def _settle(self, more: Iterable[tuple[int, int]] = ()) -> None:
        """Merge what is new, what is gone, and more, into the sorted lengths."""
        known = zip(self._keys, self._counts, strict=True)
        keys, counts = array("q"), array("q")
        changed = (zip(sorted(self._new), repeat(1)), zip(sorted(self._gone), repeat(-1)))
        for key, same in groupby(merge(known, *changed, more), key=itemgetter(0)):
            count = sum(map(itemgetter(1), same))
            if count:
                keys.append(key)
                counts.append(count)
        self._keys, self._counts = keys, counts
        self._new, self._gone = array("q"), array("q")


def _product(factors: Iterable[tuple[int, int]]) -> Fraction:
    numbers, divisors = zip(*factors, strict=True)
    return Fraction(math.prod(numbers), math.prod(divisors))
