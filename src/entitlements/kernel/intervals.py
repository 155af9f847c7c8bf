"""How is open time joined, shared, cut and turned around?

Periods are sorted pairs of instants that neither overlap nor touch. Each operation is one sweep
over both lists and keeps that form.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import TypeAlias

Intervals: TypeAlias = Sequence[tuple[int, int]]
"""Open time as instants: starts and ends in microseconds, sorted, apart."""


def union(periods: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the same time sorted, with overlapping and touching periods made one.

    >>> join([(5, 7), (1, 3), (3, 4)])
    [(1, 4), (5, 7)]
    """
    joined: list[tuple[int, int]] = []
    last = None
    for start, end in sorted(periods):
        if last is not None and start <= last:
            if end > last:
                joined[-1] = (joined[-1][0], end)
                last = end
        else:
            joined.append((start, end))
            last = end
    return joined


def intersection(one: Intervals, other: Intervals) -> list[tuple[int, int]]:
    """Return the time in both.

    >>> share([(1, 4), (6, 9)], [(3, 7)])
    [(3, 4), (6, 7)]
    """
    shared: list[tuple[int, int]] = []
    i = j = 0
    while i < len(one) and j < len(other):
        start, end = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if start < end:
            shared.append((start, end))
        if one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    return shared


def difference(periods: Intervals, cuts: Intervals) -> list[tuple[int, int]]:
    """Return the time in `periods` and in none of `cuts`.

    >>> cut([(1, 9)], [(2, 3), (5, 11)])
    [(1, 2), (3, 5)]
    """
    left: list[tuple[int, int]] = []
    first = 0
    for start, end in periods:
        while first < len(cuts) and cuts[first][1] <= start:
            first += 1
        begin, at = start, first
        while at < len(cuts) and cuts[at][0] < end:
            if begin < cuts[at][0]:
                left.append((begin, cuts[at][0]))
            begin = cuts[at][1]
            at += 1
        if begin < end:
            left.append((begin, end))
    return left


def clip(periods: Intervals, low: int, high: int) -> list[tuple[int, int]]:
    """Return the time in `periods` that lies in `[low, high)`.

    >>> clip([(1, 4), (6, 9)], 2, 6)
    [(2, 4)]
    """
    first, last = 0, len(periods) if low < high else 0
    while first < last and periods[first][1] <= low:
        first += 1
    while first < last and periods[last - 1][0] >= high:
        last -= 1
    inside = list(periods[first:last])
    if inside and inside[0][0] < low:
        inside[0] = (low, inside[0][1])
    if inside and inside[-1][1] > high:
        inside[-1] = (inside[-1][0], high)
    return inside


def total_length(periods: Intervals) -> int:
    """Return how much time there is in `periods`."""
    return sum(end - start for start, end in periods)


_START = itemgetter(0)


def union_of_nonempty(stretches: Iterable[tuple[int, int]]) -> Intervals:
    """Return the instants that are in any of the stretches; those without length have none.

    >>> union([(5, 9), (1, 3), (3, 4), (8, 12), (20, 20)])
    [(1, 4), (5, 12)]
    """
    return union((start, end) for start, end in stretches if start < end)


def intersection_by_search(one: Intervals, other: Intervals) -> Intervals:
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


def contains(times: Intervals, at: int) -> bool:
    """Return whether an instant is in the set.

    >>> [holds([(5, 9)], at) for at in (4, 5, 8, 9)]
    [False, True, True, False]
    """
    index = bisect_right(times, at, key=_START) - 1
    return index >= 0 and at < times[index][1]
