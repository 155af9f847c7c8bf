"""Seeded draws that are the same on every machine and in every version of Python.

Only `Random.random` is used, whose values are guaranteed for a seed. Durations are rounded to whole
microseconds, which hides differences in the last bit of a logarithm.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate
from math import log
from random import Random
from typing import TypeVar, final

T = TypeVar("T")


@final
class Dice:
    """Draws for one purpose; another purpose has separate draws.

    >>> Dice(1, "skills").below(10) == Dice(1, "skills").below(10)
    True
    """

    __slots__ = ("chance",)

    def __init__(self, seed: int, purpose: str) -> None:
        self.chance = Random(f"{seed} {purpose}").random  # noqa: S311 - not a secret

    def below(self, limit: int) -> int:
        """Return a whole number from 0 up to, not including, `limit`."""
        return int(self.chance() * limit)

    def choice(self, among: Sequence[T]) -> T:
        """Return one of the values."""
        return among[int(self.chance() * len(among))]

    def sample(self, among: Sequence[T], size: int) -> list[T]:
        """Return `size` different positions' values, in the order of drawing."""
        left = list(among)
        return [left.pop(int(self.chance() * len(left))) for _ in range(min(size, len(left)))]

    def weighted(self, among: Sequence[T], totals: Sequence[float]) -> T:
        """Return one of the values, by the running totals of their weights."""
        return among[bisect(totals, self.chance() * totals[-1], hi=len(among) - 1)]

    def exponential(self, mean: float) -> int:
        """Return an exponentially distributed number of microseconds, 1 or more."""
        return max(1, round(-log(1.0 - self.chance()) * mean))


def zipf_totals(count: int) -> list[float]:
    """Return the running totals of the weights 1, 1/2, 1/3, ..."""
    return list(accumulate(1 / n for n in range(1, count + 1)))
