"""Billing periods: the calendar of a fee that comes back, and the parts of it that are paid.

Periods begin on a billing day. The 31st is the last day of a shorter month and returns in the next.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final, NamedTuple, final

import attrs

from entitlements.contracts.allowances.allowance import Cycle
from entitlements.contracts.dates.day_boundaries import add_days, check_day
from entitlements.kernel.converters import instance_of, whole_number
from entitlements.kernel.errors import InvalidValueError, LimitExceededError
from entitlements.kernel.instants import LATEST

ONE_DAY: Final = timedelta(days=1)
MAX_PERIODS: Final = 10_000


class BillingPeriod(NamedTuple):
    """One period, and the part of it that is paid.

    Attributes:
        first: First day of the period.
        after: First day after it.
        start: First day that is paid.
        end: First day after those that are paid.
    """

    first: date
    after: date
    start: date
    end: date

    @property
    def is_whole(self) -> bool:
        """Whether the whole period is paid."""
        return (self.first, self.after) == (self.start, self.end)


def _cycle(value: Cycle) -> Cycle:
    return instance_of(Cycle, value)


def check_billing_day(every: Cycle, day: int | None) -> None:
    """Raise `InvalidValueError` if a period of this length cannot begin on this day of a month."""
    if day is None:
        return
    whole_number(day, "billing day", least=1, most=31)
    if every.weeks:
        raise InvalidValueError(
            "periods of weeks have no billing day",
            hint="they begin on the weekday of the first day",
            path="billing_day",
        )


@final
@attrs.frozen(kw_only=True)
class BillingSchedule:
    """When periods begin.

    Attributes:
        every: The length of a period.
        anchor: A period begins on this day; with a billing day, on the first such day from it on.
        billing_day: The day of the month on which periods begin, from 1 to 31; None for the day of
            `anchor`. Periods of weeks begin on the weekday of `anchor`.

    >>> ends = BillingSchedule(every=Cycle("month"), anchor=date(2026, 1, 31))
    >>> [f"{each.first:%d.%m.}" for each in ends.periods(date(2026, 1, 31), None, date(2026, 5, 1))]
    ['31.01.', '28.02.', '31.03.', '30.04.']

    Raises:
        InvalidValueError: A billing day is given for weeks, or lies outside of 1 to 31.
    """

    every: Cycle = attrs.field(converter=_cycle)
    anchor: date
    billing_day: int | None = None

    def __attrs_post_init__(self) -> None:
        instance_of(date, self.anchor)
        check_day(self.anchor, "the anchor of a billing schedule")
        check_billing_day(self.every, self.billing_day)

    def periods(
        self, start: date, end: date | None, until: date, *, since: date = date.min
    ) -> Iterator[BillingPeriod]:
        """Yield the periods of what is paid from `start` on, with the part that is paid.

        Args:
            start: The first day that is paid; it may lie before the anchor.
            end: The last day that is paid; None for no end.
            until: Periods that begin on this day or later are left out.
            since: Periods that end on this day or earlier are left out.

        Raises:
            LimitExceededError: They are more than 10,000.
        """
        last = date.max if end is None else end + ONE_DAY
        number = self._number_at(max(since, start))
        for _ in range(MAX_PERIODS):
            first, after = self._boundary(number), self._boundary(number + 1)
            begin, stop = max(first, start), min(after, last)
            if first >= until or begin >= last:
                return
            if begin < stop and after > since:
                yield BillingPeriod(first, after, begin, stop)
            number += 1
        raise LimitExceededError(
            f"there are more than {MAX_PERIODS} billing periods", hint="ask for fewer"
        )

    def _number_at(self, day: date) -> int:
        """Return the number of the period that holds a day; 0 is the first from the anchor on."""
        if self.every.weeks:
            return (day - self.anchor).days // (7 * self.every.weeks)
        months = 12 * (day.year - self.anchor.year) + day.month - self.anchor.month
        number = months // self.every.months + 1
        while self._boundary(number) > day:
            number -= 1
        return number

    def _boundary(self, number: int) -> date:
        if self.every.weeks:
            return add_days(self.anchor, 7 * self.every.weeks * number)
        months = 12 * self.anchor.year + self.anchor.month - 1
        day = self.billing_day or self.anchor.day
        if _clamped(months, day) < self.anchor:
            months += 1
        return _clamped(months + self.every.months * number, day)


def _clamped(months: int, day: int) -> date:
    """Return a day of a month since year 0, or its last day if the month is shorter."""
    year, month = divmod(months, 12)
    if year >= LATEST.year:
        return date.max
    return date(year, month + 1, min(day, monthrange(year, month + 1)[1]))
