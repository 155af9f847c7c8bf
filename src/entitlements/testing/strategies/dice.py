"""A source of chance with the words that worlds are made of: often, one of, some of, a day."""

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
    """A source of chance with the words that worlds are made of."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def often(self, percent: int) -> bool:
        """Return True in so many of a hundred cases."""
        return self.random.randrange(100) < percent

    def one(self, of: Sequence[T]) -> T:
        """Return one of these."""
        return of[self.random.randrange(len(of))]

    def maybe(self, percent: int, of: Sequence[T]) -> T | None:
        """Return one of these, or None."""
        return self.one(of) if self.often(percent) else None

    def some(self, of: Sequence[T], percent: int) -> list[T]:
        """Return some of these, each with the same chance."""
        return [each for each in of if self.often(percent)]

    def number(self, low: int, high: int) -> int:
        """Return a number from `low` to `high`, both included."""
        return low + self.random.randrange(high - low + 1)

    def day(self, low: int = 0, high: int = 500) -> date:
        """Return a day, so many after the first."""
        return FIRST_DAY + timedelta(days=self.number(low, high))

    def instant(self) -> datetime:
        """Return an instant on the hour, within the year."""
        return from_micros(START + self.number(0, 400) * DAY + self.number(0, 23) * HOUR)

    def recorded(self) -> datetime | None:
        """Return when something became known: mostly always."""
        return self.instant() if self.often(25) else None
