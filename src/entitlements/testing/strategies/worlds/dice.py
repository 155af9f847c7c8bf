"""Dice: a source of random choices for generated catalogs and accounts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Final, TypeVar, final

from entitlements.kernel.instants import DAY, HOUR, from_micros, to_micros, utc

T = TypeVar("T")
FIRST_DAY: Final = date(2025, 10, 1)
START: Final = to_micros(utc("2025-12-01T00:00Z"))


@final
class Dice:
    """Random choices: percentages, elements, subsets, numbers, days and instants."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def often(self, percent: int) -> bool:
        """Return True with a probability of `percent`."""
        return self.random.randrange(100) < percent

    def one(self, of: Sequence[T]) -> T:
        """Return one element."""
        return of[self.random.randrange(len(of))]

    def maybe(self, percent: int, of: Sequence[T]) -> T | None:
        """Return one element with a probability of `percent`, or None."""
        return self.one(of) if self.often(percent) else None

    def some(self, of: Sequence[T], percent: int) -> list[T]:
        """Return a subset; each element is in it with a probability of `percent`."""
        return [each for each in of if self.often(percent)]

    def number(self, low: int, high: int) -> int:
        """Return a number from `low` to `high`, both included."""
        return low + self.random.randrange(high - low + 1)

    def day(self, low: int = 0, high: int = 500) -> date:
        """Return a day, `low` to `high` days after `FIRST_DAY`."""
        return FIRST_DAY + timedelta(days=self.number(low, high))

    def instant(self) -> datetime:
        """Return an instant on the hour, within the year."""
        return from_micros(START + self.number(0, 400) * DAY + self.number(0, 23) * HOUR)

    def recorded(self) -> datetime | None:
        """Return when a record became known: mostly None, for always."""
        return self.instant() if self.often(25) else None
