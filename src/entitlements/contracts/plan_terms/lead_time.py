"""Lead time: how long after its day a change of contacts, a line or a larger quantity counts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final, final

import attrs

from entitlements.calendars.business_hours import BusinessHours
from entitlements.calendars.options import Anchor
from entitlements.contracts.dates.day_boundaries import clamped, day_start
from entitlements.kernel.converters import instance_of, whole_number
from entitlements.kernel.errors import EntitlementsError, InvalidValueError, LimitExceededError
from entitlements.kernel.ids import optional_identifier
from entitlements.kernel.instants import END_OF_TIME, MICROSECOND, to_micros

MAX_LEAD_DAYS: Final = 3_660
"""The longest lead time: ten years."""


@final
@attrs.frozen(kw_only=True)
class LeadTime:
    """The time from the day of a change until it counts.

    Attributes:
        time: Elapsed time from the first instant of the day.
        business_days: Business days after the day; the change counts from the first opening of the
            last of them. Give either this or `time`.
        calendar: Name of the calendar of the business days.

    >>> LeadTime(business_days=2, calendar="office").time is None
    True
    """

    time: timedelta | None = None
    business_days: int | None = None
    calendar: str | None = attrs.field(default=None, converter=optional_identifier)

    def __attrs_post_init__(self) -> None:
        if (self.time is None) == (self.business_days is None):
            raise InvalidValueError(
                "a lead time is elapsed time, or a number of business days",
                hint="give one of the two",
            )
        if (self.business_days is None) != (self.calendar is None):
            raise InvalidValueError(
                "business days of a lead time, and they alone, have a calendar",
                hint="write it as `2 business days office`, or as `48h`",
                path="calendar",
            )
        if self.business_days is not None:
            whole_number(self.business_days, "business days", least=1, most=MAX_LEAD_DAYS)
            return
        time = instance_of(timedelta, self.time)
        if time <= timedelta():
            raise InvalidValueError(f"lead time `{time}` is not greater than 0")
        if time > timedelta(days=MAX_LEAD_DAYS):
            raise LimitExceededError(f"lead time `{time}` is longer than ten years")

    def over(self, day: date, zone: str, hours: BusinessHours | None) -> int:
        """Return when the lead time of a change on a day is over, in microseconds.

        `END_OF_TIME` stands for never, also where the calendar is missing or does not know the
        holidays of these days: a change that is not known to count does not count.

        Args:
            day: The day of the change.
            zone: The zone of the contract, in which elapsed time begins with the day.
            hours: The calendar of the business days; None if there is none.
        """
        if self.time is not None:
            return clamped(day_start(day, zone) + self.time // MICROSECOND)
        if hours is None or self.business_days is None:
            return END_OF_TIME
        try:
            noon = hours.at(day, "12:00")
            return to_micros(hours.add_days(noon, self.business_days, anchor=Anchor.START))
        except EntitlementsError:
            return END_OF_TIME
