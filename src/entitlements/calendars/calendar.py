"""Which hours does one place keep?

A calendar is a week in a zone, with holidays, dated hours and closures. Precedence: closure, then
dated hours, then holiday, then week. Calendars that are never or always open are equal to
`never()` and `always()`, wherever they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cached_property
from typing import Any, Final, TypeAlias, final
from weakref import WeakValueDictionary

import attrs

from entitlements.calendars.days import Days, join
from entitlements.calendars.exceptions import (
    Closure,
    DatedHours,
    HolidaySet,
    holiday_sets,
    refuse_two_for_one_date,
)
from entitlements.calendars.hours import BusinessHours
from entitlements.calendars.timeline import Always, BlockTimeline, Never, Timeline
from entitlements.calendars.week import Week, Windows
from entitlements.calendars.zones import load_zone, zone_name
from entitlements.kernel.digests import digest
from entitlements.kernel.errors import InvalidValueError, LimitExceededError
from entitlements.kernel.instants import to_micros

MOST_EXCEPTIONS: Final = 10_000

_NormalForm: TypeAlias = tuple[Any, ...]
_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()
# Calendars that are equal share one timeline for as long as one of them lives.
_SHARED: WeakValueDictionary[_NormalForm, BlockTimeline] = WeakValueDictionary()


def day_number(value: date) -> int:
    """Return the days from 1970-01-01 to `value`."""
    return value.toordinal() - _EPOCH_ORDINAL


def _week(value: object) -> Week:
    return value if isinstance(value, Week) else Week(value)


def _limited(value: Iterable[Any]) -> tuple[Any, ...]:
    each = tuple(value)
    if len(each) > MOST_EXCEPTIONS:
        raise LimitExceededError(
            f"`{len(each)}` exceptions in one calendar",
            hint=f"at most {MOST_EXCEPTIONS} are allowed; drop those of past years",
        )
    return each


@final
@attrs.frozen(kw_only=True, eq=False)
class Calendar(BusinessHours):
    """The hours of one place.

    >>> from datetime import datetime, timedelta, UTC
    >>> desk = Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00")
    >>> friday = datetime(2026, 3, 27, 15, 0, tzinfo=UTC)
    >>> desk.add(friday, timedelta(hours=2)).isoformat()
    '2026-03-30T08:00:00+00:00'

    Attributes:
        zone: Name of the time zone, such as `Europe/Berlin`.
        week: The ordinary hours; text and mappings are read as a `Week`.
        name: What the calendar is called; does not count for equality.
        holidays: Holiday sets, or plain dates.
        dated: Hours of single dates; these replace the week's and any holiday's.
        closures: Stretches of time in which nothing is open.

    Raises:
        InvalidValueError: A zone, week, date or window is nonsense.
        ConflictError: Two dated hours are for one date.
        LimitExceededError: There are more than 10,000 exceptions.
    """

    zone: str = attrs.field(converter=zone_name)
    week: Week = attrs.field(converter=_week)
    name: str = ""
    holidays: tuple[HolidaySet, ...] = attrs.field(default=(), converter=holiday_sets)
    dated: tuple[DatedHours, ...] = attrs.field(default=(), converter=_limited)
    closures: tuple[Closure, ...] = attrs.field(default=(), converter=_limited)

    def __attrs_post_init__(self) -> None:
        for kind, values in ((DatedHours, self.dated), (Closure, self.closures)):
            for each in values:
                if not isinstance(each, kind):
                    raise InvalidValueError(
                        f"`{each!r}` is not of the kind `{kind.__name__}`",
                        hint=f"build it with `{kind.__name__}(...)`",
                    )
        _limited(each for holiday_set in self.holidays for each in holiday_set.holidays)
        refuse_two_for_one_date(self.dated)

    @classmethod
    def always(cls) -> Calendar:
        """Return the hours in which every instant is open."""
        return cls(zone="UTC", week="24/7", name="always")

    @classmethod
    def never(cls) -> Calendar:
        """Return the hours in which no instant is open."""
        return cls(zone="UTC", week="", name="never")

    @cached_property
    def timeline(self) -> Timeline:
        """The same hours for programs that count; shared by equal calendars."""
        days = self.days
        if not days.exceptions and not days.closures and len(days.weeks) == 1:
            if days.tail is True:
                return Always()
            if days.tail is False:
                return Never()
        shared = _SHARED.get(self._normal)
        return shared or _SHARED.setdefault(self._normal, BlockTimeline(days))

    @cached_property
    def days(self) -> Days:
        """The calendar in its barest form, from which open time is enumerated."""
        return Days(load_zone(self.zone), self._weeks(), self._exceptions(), self._cuts())

    @cached_property
    def fingerprint(self) -> str:
        """A digest of the normal form: equal for equal hours, on every machine."""
        return digest(self._normal)

    def day_bounds(self, day: int) -> tuple[int, int] | None:
        """Return first opening and last closing of the windows that start on `day`, or None."""
        periods = self.days.day_periods(day)
        return (periods[0][0], max(end for _, end in periods)) if periods else None

    @cached_property
    def _normal(self) -> _NormalForm:
        days = self.days
        unlike = {
            day: windows
            for day, windows in sorted(days.exceptions.items())
            if windows != days.ordinary(day)
        }
        if not unlike and not days.closures and len(days.weeks) == 1 and days.tail is not None:
            return ("always" if days.tail else "never",)
        weeks = tuple(zip(days.first_days, days.weeks, strict=True))
        return (self.zone, weeks, tuple(unlike.items()), days.closures)

    def _weeks(self) -> tuple[tuple[int, tuple[Windows, ...]], ...]:
        return ((0, self.week.windows),)

    def _exceptions(self) -> dict[int, Windows]:
        days: dict[int, Windows] = {}
        for holiday_set in self.holidays:
            for holiday in holiday_set.holidays:
                day, windows = day_number(holiday.date), holiday_set.windows(holiday)
                days[day] = _both(days[day], windows) if day in days else windows
        return days | {day_number(each.date): each.windows for each in self.dated}

    def _cuts(self) -> tuple[tuple[int, int], ...]:
        return tuple(join([(to_micros(each.start), to_micros(each.end)) for each in self.closures]))

    def __eq__(self, other: object) -> bool:
        return self._normal == other._normal if isinstance(other, Calendar) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._normal)


def _both(one: Windows, other: Windows) -> Windows:
    """Return the time in both: where two holidays fall on one date, the stricter hours hold."""
    pairs = [(max(a, c), min(b, d)) for a, b in one for c, d in other]
    return tuple(sorted((start, end) for start, end in pairs if start < end))
