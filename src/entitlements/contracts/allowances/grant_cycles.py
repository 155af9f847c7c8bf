"""Grant cycles: when the grants of an allowance begin, are cut and expire in one term.

Cycles are counted in days of the wall clock and become instants at the end, so that a clock change
moves the grant that begins in it and no other one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from math import lcm
from typing import Final, NamedTuple, final

from entitlements.calendars.timeline.zones import (
    CYCLE,
    LAST_DAY,
    Zone,
    date_of_day_number,
    day_number,
)
from entitlements.contracts.allowances.allowance import (
    Allowance,
    Cycle,
    CycleAlignment,
    Period,
)
from entitlements.contracts.dates.day_boundaries import clamped
from entitlements.kernel.instants import DAY, END_OF_TIME, LATEST, SECOND

WEEK: Final = 7 * DAY
WEEKS_OF_CLOCKS: Final = CYCLE // WEEK
"""The weeks after which month lengths and clock changes repeat."""

_MONTHS_OF_CLOCKS: Final = 4_800


class GrantPeriod(NamedTuple):
    """When one grant can be used, in microseconds.

    Attributes:
        begins: First instant of use.
        cycle_ends: First instant after its cycle, where the rest is cut if it rolls over.
        expires: First instant after use.
    """

    begins: int
    cycle_ends: int
    expires: int


def grant_periods(
    allowance: Allowance, zone: Zone, first: int, last: int, since: int
) -> Iterator[GrantPeriod]:
    """Yield the periods of the grants of a term that expire after `since`, in their order.

    Args:
        allowance: The allowance.
        zone: The zone in which cycles are counted.
        first: First instant of the term.
        last: First instant after the term.
        since: Cycles whose grants expired before cost nothing.
    """
    cycle, life = allowance.recurrence, allowance.lifetime
    begun = _WallClock(zone, first)
    if cycle is None:
        expires = last if life is None else min(last, begun.after(life, 1))
        if expires > since:
            yield GrantPeriod(first, last, expires)
        return
    clock = _WallClock(zone, _origin(allowance, cycle, zone, first))
    count = _expired_cycles(allowance, clock.passed(cycle, since)) if since > first else 0
    begins = clock.after(cycle, count) if count else first
    number, following = count, begins
    while following <= begins:
        count += 1
        following = clock.after(cycle, count)
    while begins < last:
        count += 1
        second = clock.after(cycle, count)
        expires = following if allowance.rollover is None else second
        if life is not None:
            expires = clock.end_of_lifetime(cycle, life, number) if number else begun.after(life, 1)
        expires = min(expires, last)
        if expires > since:
            yield GrantPeriod(begins, min(following, last), expires)
        begins, following, number = following, second, count - 1


def in_force_at_once(allowance: Allowance) -> tuple[int, int]:
    """Return the fewest and the most grants that are in force at once, once grants have expired.

    The bounds are reached if each month has the length that it may have, and safe in any case.

    >>> in_force_at_once(Allowance(id="cases", unit="incidents", amount=1,
    ...                            recurrence=Cycle("month"), lifetime=Cycle("week", 5)))
    (1, 2)
    """
    cycle, life = allowance.recurrence, allowance.lifetime
    if cycle is None:
        return 0, 1
    if life is None:
        return (1, 1) if allowance.rollover is None else (2, 2)
    if bool(cycle.months) is bool(life.months):
        length, each = life.months or life.weeks, cycle.months or cycle.weeks
        return length // each, -(-length // each)
    return life.least_days // cycle.most_days, -(-life.most_days // cycle.least_days)


def repeats_after(allowance: Allowance, zone: Zone) -> int:
    """Return the weeks after which the cycles of an allowance repeat, in a term without an end.

    Months, and weeks on a clock that changes, repeat when month lengths and clock changes do.

    >>> from entitlements.calendars.timeline.zones import load_zone
    >>> weekly = Allowance(id="cases", unit="incidents", amount=1, recurrence=Cycle("week", 5))
    >>> repeats_after(weekly, load_zone("UTC")), repeats_after(weekly, load_zone("Europe/Berlin"))
    (5, 104355)
    """
    cycle = allowance.recurrence
    if cycle is None:
        return 1
    if zone.is_fixed and cycle.weeks and (allowance.lifetime is None or allowance.lifetime.weeks):
        return cycle.weeks
    times = lcm(_MONTHS_OF_CLOCKS, cycle.months or 1) // _MONTHS_OF_CLOCKS
    return lcm(WEEKS_OF_CLOCKS * times, cycle.weeks or 1)


@final
class _WallClock:
    """Cycles counted on the wall clock from an instant.

    Attributes:
        wall: What the clock reads at that instant, in microseconds.
        day: The day of that reading.
    """

    __slots__ = ("_date", "_seconds", "_zone", "day", "wall")

    def __init__(self, zone: Zone, origin: int) -> None:
        self._zone = zone
        self.wall = zone.wall(origin)
        self.day, clock = divmod(self.wall, DAY)
        self._seconds = clock // SECOND
        self._date = date_of_day_number(self.day)

    def after(self, cycle: Cycle, count: int) -> int:
        """Return the instant `count` cycles after the origin."""
        return self.instant(self.later(cycle, count))

    def later(self, cycle: Cycle, count: int) -> int:
        """Return the day `count` cycles after the origin."""
        if cycle.weeks:
            return self.day + 7 * cycle.weeks * count
        return _months_later(self._date, cycle.months * count)

    def passed(self, cycle: Cycle, at: int) -> int:
        """Return how many cycles have begun after the first one by an instant, or one more."""
        day = self._zone.wall(at) // DAY
        if cycle.weeks:
            return (day - self.day) // (7 * cycle.weeks)
        date_ = date_of_day_number(day)
        months = 12 * (date_.year - self._date.year) + date_.month - self._date.month
        return months // cycle.months

    def instant(self, day: int) -> int:
        """Return the instant at which a cycle begins on a day; `END_OF_TIME` after the last one."""
        if day > LAST_DAY:
            return END_OF_TIME
        return clamped(self._zone.instant(day, self._seconds))

    def end_of_lifetime(self, cycle: Cycle, life: Cycle, number: int) -> int:
        """Return when the grant of a cycle ends that can be used for `life`.

        Months are counted from the origin: counted from a day that was clamped to a short month,
        the lifetime would end before the next grant begins.
        """
        if cycle.months and life.months:
            return self.instant(_months_later(self._date, cycle.months * number + life.months))
        day = self.later(cycle, number)
        if life.weeks:
            return self.instant(day + 7 * life.weeks)
        return self.instant(_months_later(date_of_day_number(day), life.months))


def _origin(allowance: Allowance, cycle: Cycle, zone: Zone, first: int) -> int:
    """Return the instant from which the cycles of a term that begins at `first` are counted."""
    if allowance.aligned is CycleAlignment.TERM:
        return first
    return zone.instant(_aligned_day(zone.wall(first) // DAY, cycle.period))


def _expired_cycles(allowance: Allowance, passed: int) -> int:
    """Return how many cycles have surely expired when so many have begun; a lower bound."""
    life, cycle = allowance.lifetime, allowance.recurrence
    lasts = 2 if life is None or cycle is None else -(-life.most_days // cycle.least_days)
    return max(0, passed - lasts - 2)


def _months_later(day: date, months: int) -> int:
    """Return the number of the day months later, clamped to the last day of a shorter month."""
    months += day.year * 12 + day.month - 1
    following = _first_of(months + 1)
    return min(_first_of(months) + day.day, following) - 1


def _first_of(months: int) -> int:
    year, month = divmod(months, 12)
    # Years from 9999 on begin after all supported instants, in every zone.
    return LAST_DAY + 2 if year > LATEST.year else day_number(date(year, month + 1, 1))


def _aligned_day(day: int, period: Period) -> int:
    date_ = date_of_day_number(day)
    match period:
        case Period.WEEK:
            return day - date_.weekday()
        case Period.MONTH:
            return day_number(date_.replace(day=1))
        case Period.QUARTER:
            month = date_.month - (date_.month - 1) % 3
            return day_number(date_.replace(month=month, day=1))
        case Period.YEAR:
            return day_number(date_.replace(month=1, day=1))
