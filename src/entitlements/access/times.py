"""When does something hold? Sets of instants, as sorted half-open pairs that do not touch."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from operator import itemgetter

from entitlements.calendars.sets import Periods, join

_START = itemgetter(0)


def union(stretches: Iterable[tuple[int, int]]) -> Periods:
    """Return the instants that are in any of the stretches; those without length have none.

    >>> union([(5, 9), (1, 3), (3, 4), (8, 12), (20, 20)])
    [(1, 4), (5, 12)]
    """
    return join((start, end) for start, end in stretches if start < end)


def common(one: Periods, other: Periods) -> Periods:
    """Return the instants that are in both sets; unlike a sweep, cheap if one of them is small.

    >>> common([(0, 10), (20, 30)], [(5, 22), (25, 26)])
    [(5, 10), (20, 22), (25, 26)]
    """
    few, many = sorted((one, other), key=len)
    found: list[tuple[int, int]] = []
    for start, end in few:
        index = max(0, bisect_right(many, start, key=_START) - 1)
        while index < len(many) and many[index][0] < end:
            both = (max(start, many[index][0]), min(end, many[index][1]))
            if both[0] < both[1]:
                found.append(both)
            index += 1
    return found


def holds(times: Periods, at: int) -> bool:
    """Return whether an instant is in the set.

    >>> [holds([(5, 9)], at) for at in (4, 5, 8, 9)]
    [False, True, True, False]
    """
    index = bisect_right(times, at, key=_START) - 1
    return index >= 0 and at < times[index][1]
