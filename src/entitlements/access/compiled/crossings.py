"""Crossing of two deadlines: the first instant at which the other one is due earlier."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias, final

from entitlements.kernel.instants import MINUTE

Due: TypeAlias = Callable[[int], int]
MAX_LOOKS: Final = 4_096
"""How many pairs of deadlines one search computes."""


def first_crossing(one: Due, other: Due, start: int, end: int) -> int | None:
    """Return the first instant after `start`, up to `end`, at which the order is another.

    Both are instants due for a request at an instant, and a later request is never due earlier.
    Equal deadlines are taken to stay equal between two instants less than a minute apart at which
    they are equal. After many looks the instant up to which nothing changes is returned instead.

    >>> first_crossing(lambda at: at + 5, lambda at: max(at, 9), 0, 99)
    4
    """
    return _Search(one, other, start).between(start, end)


@final
class _Search:
    def __init__(self, one: Due, other: Due, start: int) -> None:
        self._one = one
        self._other = other
        self._sign = self._at(start)
        self._looks = 0

    def _at(self, at: int) -> int:
        one, other = self._one(at), self._other(at)
        return (one > other) - (one < other)

    def between(self, start: int, end: int) -> int | None:
        """Return the first instant in `(start, end]` of another order than at `start`."""
        stack = [(start, end)]
        while stack:
            low, high = stack.pop()
            self._looks += 1
            if self._is_clear(low, high):
                continue
            if high - low == 1:
                return high
            if self._looks > MAX_LOOKS:
                return max(low, start + 1)
            middle = (low + high) // 2
            stack += [(middle, high), (low, middle)]
        return None

    def _is_clear(self, low: int, high: int) -> bool:
        if high - low == 1:
            return self._at(high) == self._sign
        if self._sign < 0:
            return self._one(high) < self._other(low)
        if self._sign > 0:
            return self._one(low) > self._other(high)
        return high - low < MINUTE and self._at(high) == self._at(low) == 0
