"""Claim windows: until when a service credit can be claimed, in dates or instants."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import final

import attrs

from entitlements.calendars.timeline.zones import load_zone, zone_name
from entitlements.contracts.dates.day_boundaries import add_days, add_months, day_end
from entitlements.kernel.converters import enum_member, instance_of, whole_number
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import from_micros, instant_of
from entitlements.kernel.mixins.text_enum import TextEnum


class ClaimStart(TextEnum):
    """From when the time for a claim is counted.

    `EVENT`: from the instant at which the promise was missed. `MONTH`, `QUARTER`: from the end of
    the calendar month or quarter in which it was.
    """

    EVENT = "event"
    MONTH = "month"
    QUARTER = "quarter"


def _start(value: ClaimStart | str) -> ClaimStart:
    return enum_member(ClaimStart, value)


@final
@attrs.frozen(kw_only=True)
class ClaimWindow:
    """The time in which a credit must be claimed; exactly one length is given.

    Days and months end with their last day, in the zone of the contract. `within` is elapsed time,
    and ends at an instant.

    Attributes:
        days: So many days after the start.
        months: So many months after the last day of the start, to the day. A month that is too
            short ends earlier: two months after 31 December end on 28 February.
        month_ends: Up to the end of the month so many months after that of the start.
        within: So much elapsed time after the start.
        after: From when it is counted.

    >>> from entitlements.kernel.instants import utc
    >>> gitlab = ClaimWindow(days=30, after="month")
    >>> gitlab.last_instant(utc("2026-02-10T12:00Z"), "UTC").isoformat()
    '2026-03-31T00:00:00+00:00'

    Raises:
        InvalidValueError: Not exactly one length is given, or it is not greater than 0.
    """

    days: int | None = None
    months: int | None = None
    month_ends: int | None = None
    within: timedelta | None = None
    after: ClaimStart = attrs.field(default=ClaimStart.EVENT, converter=_start)

    def __attrs_post_init__(self) -> None:
        names = ("days", "months", "month_ends", "within")
        given = [each for each in names if getattr(self, each) is not None]
        if len(given) != 1:
            raise InvalidValueError(f"a claim needs one of `{'`, `'.join(names)}`")
        for name in given:
            if name != "within":
                whole_number(getattr(self, name), name, least=1, most=1200)
        if self.within is not None and instance_of(timedelta, self.within) <= timedelta():
            raise InvalidValueError(f"`{self.within}` is not greater than 0", path="within")

    def last_instant(self, missed: datetime, zone: str) -> datetime:
        """Return the first instant at which it is too late to claim.

        Args:
            missed: When the promise was missed.
            zone: The zone in which days and months are counted.
        """
        local = load_zone(zone_name(zone))
        day = instant_of(missed).astimezone(local.tzinfo).date()
        if self.after is not ClaimStart.EVENT:
            day = _last_day(day, 1 if self.after is ClaimStart.MONTH else 3)
        if self.within is not None:
            is_event = self.after is ClaimStart.EVENT
            return (
                instant_of(missed) if is_event else from_micros(day_end(day, local.name))
            ) + self.within
        return from_micros(day_end(self._last(day), local.name))

    def _last(self, day: date) -> date:
        """Return the last day on which a claim is in time, counted from the day of the start."""
        if self.days is not None:
            return add_days(day, self.days)
        if self.months is not None:
            return add_months(day, self.months)
        return _last_day(add_months(day.replace(day=1), self.month_ends or 0), 1)


def _last_day(day: date, months: int) -> date:
    """Return the last day of the month, or of the quarter, that holds a day."""
    first = day.replace(day=1, month=day.month - (day.month - 1) % months)
    return add_days(add_months(first, months), -1)
