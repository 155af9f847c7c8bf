"""Proration: the share of a period's price that a part of the period costs.

A share is the difference of two fractions of the period that have passed. So the shares of parts
that follow one another sum to one, whatever the parts are.
"""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Final, final

import attrs

from entitlements.calendars.timeline.zones import zone_name
from entitlements.contracts.dates.day_boundaries import check_day, day_start
from entitlements.kernel.converters import enum_member
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.kernel.money.money import Money

_ONE_DAY: Final = timedelta(days=1)


class DayCount(TextEnum):
    """What is counted in a part of a period, and in the whole of it.

    `ACTUAL`: civil days. `FIXED_30`: months of 30 days each, so that the 31st is not counted.
    `SECONDS`: elapsed time, so that a day on which clocks change counts less or more. `NONE`:
    nothing; who has something on the first day of a period pays all of it.
    """

    ACTUAL = "actual"
    FIXED_30 = "fixed_30"
    SECONDS = "seconds"
    NONE = "none"


class LastDay(TextEnum):
    """Whether the day on which something ends within a period is paid.

    `FREE`: it is not; a change on that day is paid by what begins. `PAID`: it is, as in Lago; where
    one plan follows another, the day of the change is then paid twice.
    """

    FREE = "free"
    PAID = "paid"


def _day_count(value: DayCount | str) -> DayCount:
    return enum_member(DayCount, value)


def _last_day(value: LastDay | str) -> LastDay:
    return enum_member(LastDay, value)


@final
@attrs.frozen(kw_only=True)
class Proration:
    """How a part of a period is charged.

    Attributes:
        days: What is counted.
        last_day: Whether the day on which something ends is paid.

    >>> january = (date(2026, 1, 1), date(2026, 2, 1))
    >>> Proration().share(january, date(2026, 1, 1), date(2026, 1, 11), "UTC")
    Fraction(10, 31)

    Raises:
        InvalidValueError: The last day is paid and it is not days that are counted.
    """

    days: DayCount = attrs.field(default=DayCount.ACTUAL, converter=_day_count)
    last_day: LastDay = attrs.field(default=LastDay.FREE, converter=_last_day)

    def __attrs_post_init__(self) -> None:
        if self.last_day is LastDay.PAID and self.days is not DayCount.ACTUAL:
            raise InvalidValueError(
                f"the last day cannot be paid where `{self.days}` is counted",
                hint="count `actual` days, or leave out `last_day`",
            )

    def share(self, period: tuple[date, date], start: date, end: date, zone: str) -> Fraction:
        """Return the share of a period's price that the days from `start` up to `end` cost.

        Args:
            period: The first day of the period, and the first day after it.
            start: The first day of the part.
            end: The first day after it: of what ends on a day, that day.
            zone: The zone of the days, for elapsed time.

        Returns:
            A fraction from 0 to 1.

        Raises:
            InvalidValueError: The part is not inside of the period, or one of the two is empty.
        """
        begun, passed = self._passed_at(period, start, end, zone)
        return passed - begun

    def charge(
        self, price: Money, period: tuple[date, date], start: date, end: date, zone: str
    ) -> Money:
        """Return what the days from `start` up to `end` cost, in whole minor units.

        What is rounded is the price of all that has passed. So the amounts of parts that follow one
        another sum to the price, to the last minor unit.

        >>> january = (date(2026, 1, 1), date(2026, 2, 1))
        >>> str(Proration().charge(Money(100, "EUR"), january, *january, "UTC"))
        '100.00 EUR'

        Args:
            price: The price of the whole period.
            period: As for `share`.
            start: As for `share`.
            end: As for `share`.
            zone: As for `share`.

        Raises:
            InvalidValueError: As `share`.
        """
        begun, passed = self._passed_at(period, start, end, zone)
        return price.scaled(passed) - price.scaled(begun)

    def _passed_at(
        self, period: tuple[date, date], start: date, end: date, zone: str
    ) -> tuple[Fraction, Fraction]:
        for day in (*period, start, end):
            check_day(day, "a part of a period")
        if not period[0] <= start <= end <= period[1] or period[0] == period[1]:
            raise InvalidValueError(
                f"`{start}` to `{end}` is no part of `{period[0]}` to `{period[1]}`"
            )
        if self.last_day is LastDay.PAID and end < period[1]:
            end += _ONE_DAY
        zone = zone_name(zone)
        return self._passed(period, start, zone), self._passed(period, end, zone)

    def _passed(self, period: tuple[date, date], day: date, zone: str) -> Fraction:
        """Return the fraction of a period that has passed when a day begins; 1 at its end."""
        first, last = period
        if day >= last:
            return Fraction(1)
        match self.days:
            case DayCount.ACTUAL:
                return Fraction((day - first).days, (last - first).days)
            case DayCount.FIXED_30:
                days, whole = _days_360(first, day), _length_360(first, last)
                return Fraction(min(max(days, 0), whole), whole)
            case DayCount.SECONDS:
                begin = day_start(first, zone)
                return Fraction(day_start(day, zone) - begin, day_start(last, zone) - begin)
            case DayCount.NONE:
                return Fraction(int(day > first))


def _days_360(start: date, end: date) -> int:
    """Return the days from `start` to `end` if each month has 30; its 31st day counts as none."""
    return 30 * _months(start, end) + min(end.day, 30) - min(start.day, 30)


def _months(start: date, end: date) -> int:
    return 12 * (end.year - start.year) + end.month - start.month


def _length_360(first: date, last: date) -> int:
    """Return the days of a period of months, 30 for each, or of a period of weeks."""
    is_clamped = (_ends_month(last) and first.day > last.day) or (
        _ends_month(first) and last.day > first.day
    )
    if _months(first, last) and (last.day == first.day or is_clamped):
        return 30 * _months(first, last)
    return max(_days_360(first, last), 1)


def _ends_month(day: date) -> bool:
    return (day + _ONE_DAY).day == 1
