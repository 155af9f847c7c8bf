"""Notice periods: the latest day on which notice is still in time.

Notice is not a subtraction: with a month's notice to 30 April, 31 March is in time, though a month
before 30 April is the 30th. So the latest day is the last one whose period still ends in time.
"""

from __future__ import annotations

from datetime import date
from typing import Final, final

import attrs

from entitlements.calendars.business_hours import BusinessHours
from entitlements.calendars.timeline.zones import day_number
from entitlements.contracts.dates.day_boundaries import (
    add_days,
    add_months,
    check_day,
    latest_day_of_notice,
)
from entitlements.kernel.converters import enum_member, instance_of, whole_number
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.mixins.text_enum import TextEnum

_SATURDAY: Final = 5
_MOST_IDLE: Final = 400


class WeekendShift(TextEnum):
    """What happens if the latest day is a Saturday or a Sunday.

    `NONE`: nothing. `EARLIER`: notice must be given on the Friday before.
    """

    NONE = "none"
    EARLIER = "earlier"


def _shift(value: WeekendShift | str) -> WeekendShift:
    return enum_member(WeekendShift, value)


@final
@attrs.frozen(kw_only=True)
class NoticePeriod:
    """How long before a day notice must be given; exactly one length is given.

    Attributes:
        days: So many days.
        months: So many months, to the day; a month that is too short ends earlier.
        business_days: So many days on which `calendar` is open.
        calendar: The calendar of the business days.
        transit: Days that the notice is on its way, before the period begins.
        shift: What happens if the latest day lies on a weekend.

    >>> NoticePeriod(months=1).latest_day(date(2026, 4, 30))
    datetime.date(2026, 3, 31)

    Raises:
        InvalidValueError: Not exactly one length is given, it is not above 0, or a calendar is
            given without business days.
    """

    days: int | None = None
    months: int | None = None
    business_days: int | None = None
    calendar: BusinessHours | None = None
    transit: int = 0
    shift: WeekendShift = attrs.field(default=WeekendShift.NONE, converter=_shift)

    def __attrs_post_init__(self) -> None:
        names = ("days", "months", "business_days")
        given = [each for each in names if getattr(self, each) is not None]
        if len(given) != 1:
            raise InvalidValueError(f"notice needs one of `{'`, `'.join(names)}`")
        whole_number(getattr(self, given[0]), given[0], least=1, most=3650)
        whole_number(self.transit, "transit", most=366)
        if (self.calendar is None) != (self.business_days is None):
            raise InvalidValueError(
                "`calendar` and `business_days` belong together",
                hint="give both, or neither of them",
            )
        if self.calendar is not None:
            instance_of(BusinessHours, self.calendar)  # type: ignore[type-abstract]  # only its subclasses exist

    def latest_day(self, last_day: date) -> date:
        """Return the latest day on which notice can be sent for something that ends on `last_day`.

        Raises:
            InvalidValueError: `last_day` is no date, or too few business days lie before it.
            LimitExceededError: The day lies outside the years 2 to 9997.
        """
        check_day(instance_of(date, last_day), "the last day")
        found = add_days(self._received_by(last_day), -self.transit)
        if self.shift is WeekendShift.EARLIER and found.weekday() >= _SATURDAY:
            found = add_days(found, _SATURDAY - 1 - found.weekday())
        return found

    def ends(self, received: date) -> date:
        """Return the last day of the period of a notice that is received on a day."""
        if self.days is not None:
            return add_days(received, self.days)
        if self.months is not None:
            return add_months(received, self.months)
        day, left = received, self.business_days or 0
        for _ in range(_MOST_IDLE * left):
            if not left:
                break
            day = add_days(day, 1)
            left -= self._is_business_day(day)
        return day

    def _received_by(self, last_day: date) -> date:
        """Return the latest day on which notice is received in time."""
        if self.business_days is None:
            return latest_day_of_notice(last_day, months=self.months or 0, days=self.days or 0)
        day, left = last_day, self.business_days or 0
        for _ in range(_MOST_IDLE * left):
            left -= self._is_business_day(day)
            day = add_days(day, -1)
            if not left:
                return day
        raise InvalidValueError(
            f"there are fewer than {self.business_days} business days before `{last_day}`",
            hint="give the calendar more open days",
        )

    def _is_business_day(self, day: date) -> bool:
        calendar = self.calendar
        return calendar is not None and calendar.day_bounds(day_number(day)) is not None
