"""When does something hold? Sets of instants, as sorted half-open pairs that do not touch."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import TypeAlias

Times: TypeAlias = Sequence[tuple[int, int]]
"""Start and end of each stretch, in microseconds."""

_START = itemgetter(0)


def union(stretches: Iterable[tuple[int, int]]) -> Times:
    """Return the instants that are in any of the stretches; those without length have none.

    >>> union([(5, 9), (1, 3), (3, 4), (8, 12), (20, 20)])
    [(1, 4), (5, 12)]
    """
    found: list[tuple[int, int]] = []
    for start, end in sorted(stretches):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        elif start < end:
            found.append((start, end))
    return found


def common(one: Times, other: Times) -> Times:
    """Return the instants that are in both sets; cheap if one of them is small.

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


def holds(times: Times, at: int) -> bool:
    """Return whether an instant is in the set.

    >>> [holds([(5, 9)], at) for at in (4, 5, 8, 9)]
    [False, True, True, False]
    """
    index = bisect_right(times, at, key=_START) - 1
    return index >= 0 and at < times[index][1]
