"""Which dates and instants differ from an ordinary week?

Dated hours and holidays replace the windows that *start* on their date, so a holiday does not cut
the night shift of its eve. A closure cuts by instants, whatever was open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeAlias, TypeVar, final

import attrs

from entitlements.calendars.week import (
    DayWindows,
    Week,
    as_week,
    checked_windows,
    merge_windows,
    parse_windows_as_written,
)
from entitlements.kernel.converters import (
    as_text,
    as_tuple,
    enum_member,
    frozen_map,
    instance_of,
)
from entitlements.kernel.errors import ConflictError, InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.instants import utc

HolidayHours: TypeAlias = FrozenMap[str, DayWindows]


_Dated = TypeVar("_Dated", "DatedHours", "WeekChange", "Closure")


def calendar_date(value: date | str) -> date:
    """Return `value` as a date; text must be `YYYY-MM-DD`.

    Raises:
        InvalidValueError: `value` is no date, or carries a time of day.
    """
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise _no_date(value) from None
    if isinstance(value, datetime) or not isinstance(value, date):
        raise _no_date(value)
    return date(value.year, value.month, value.day)


def _no_date(value: object) -> InvalidValueError:
    return InvalidValueError(f"`{value}` is not a date", hint="write it as `2026-12-24`")


def _stated(value: Any) -> DayWindows:
    if isinstance(value, str):
        return parse_windows_as_written(value)
    each = as_tuple(value)
    are_pairs = any(isinstance(one, tuple) for one in each)
    return checked_windows(each) if are_pairs else parse_windows_as_written(each)


@final
@attrs.frozen
class DatedHours:
    """The hours of one date, instead of the week's and of any holiday's; none means closed.

    >>> DatedHours("2026-12-24", ["09:00-12:00"], name="Christmas Eve").windows
    ((32400, 43200),)

    Attributes:
        date: The date on which the windows start.
        stated: The windows as given: seconds after midnight, start and end.
        name: Why, for people; may be empty.
    """

    date: date = attrs.field(converter=calendar_date)
    stated: DayWindows = attrs.field(default=(), converter=_stated)
    name: str = attrs.field(default="", converter=as_text)

    @property
    def windows(self) -> DayWindows:
        """The windows, with overlapping and touching ones merged."""
        return merge_windows(self.stated)


@final
@attrs.frozen
class Closure:
    """Time from `start` up to `end` in which nothing is open, whatever else is said.

    >>> Closure("2026-03-02T09:00Z", "2026-03-02T09:30Z", name="fire drill").name
    'fire drill'
    """

    start: datetime = attrs.field(converter=utc)
    end: datetime = attrs.field(converter=utc)
    name: str = attrs.field(default="", converter=as_text)

    def __attrs_post_init__(self) -> None:
        if self.end <= self.start:
            raise InvalidValueError(
                f"closure ends at `{self.end.isoformat()}`, not after `{self.start.isoformat()}`",
                hint="swap them",
            )


@final
@attrs.frozen
class Holiday:
    """A date on which the ordinary hours do not hold.

    Attributes:
        date: The date itself.
        name: What it is called.
        category: Which kind, such as `public`, `bank` or `half_day`; decides the hours.
        source: Who says so, such as `holidays 0.109: DE-BE`.
    """

    date: date = attrs.field(converter=calendar_date)
    name: str = attrs.field(default="", converter=as_text)
    category: str = attrs.field(default="public", converter=as_text)
    source: str = attrs.field(default="", converter=as_text)


@final
@attrs.frozen
class WeekChange:
    """Other ordinary hours from a date on; the night shift of the eve is not cut.

    >>> WeekChange("2026-12-01", "Mo-Th 09:00-17:00").week.text
    'Mo-Th 09:00-17:00'
    """

    date: date = attrs.field(converter=calendar_date)
    week: Week = attrs.field(converter=as_week)


class OutsideCoverage(StrEnum):
    """What to do when a calendar is asked about a date that its holidays do not cover."""

    ERROR = "error"
    WARN = "warn"


def _beyond(value: OutsideCoverage | str) -> OutsideCoverage:
    return enum_member(OutsideCoverage, value)


def _holiday(value: Holiday | date | str) -> Holiday:
    return value if isinstance(value, Holiday) else Holiday(value)


def _holidays(values: Iterable[Holiday | date | str]) -> tuple[Holiday, ...]:
    return tuple(sorted(map(_holiday, as_tuple(values)), key=lambda each: (each.date, each.name)))


def _hours(value: Mapping[str, str | Iterable[str]]) -> HolidayHours:
    return FrozenMap(
        {as_text(name): merge_windows(_stated(each)) for name, each in frozen_map(value).items()}
    )


def _covered(value: Iterable[date | str] | None) -> tuple[date, date] | None:
    if value is None:
        return None
    try:
        first, last = as_tuple(value)
    except ValueError:
        raise InvalidValueError(
            f"holidays are covered by `{value!r}`", hint="pass the first and the last date"
        ) from None
    first, last = calendar_date(first), calendar_date(last)
    if last < first:
        raise InvalidValueError(
            f"holidays are covered from `{first}` to `{last}`", hint="swap them"
        )
    return first, last


@final
@attrs.frozen(kw_only=True)
class HolidaySet:
    """Named dates, the hours of each category, and the range for which the list is complete.

    >>> year = HolidaySet(holidays=["2026-12-25"], covered=("2026-01-01", "2026-12-31"))
    >>> year.holidays[0].category
    'public'

    Attributes:
        holidays: The dates, sorted; plain dates are holidays of the category `public`.
        hours: Windows for each category that is not closed all day, such as half days.
        covered: First and last date for which the list is complete; None for every date.
        beyond: What to do outside of the covered range.
        name: What the set is called, such as `Germany, Berlin`.
    """

    holidays: tuple[Holiday, ...] = attrs.field(default=(), converter=_holidays)
    hours: HolidayHours = attrs.field(factory=FrozenMap, converter=_hours)
    covered: tuple[date, date] | None = attrs.field(default=None, converter=_covered)
    beyond: OutsideCoverage = attrs.field(default=OutsideCoverage.ERROR, converter=_beyond)
    name: str = attrs.field(default="", converter=as_text)

    def windows(self, holiday: Holiday) -> DayWindows:
        """Return the windows that start on `holiday`; none if its category has no hours."""
        return self.hours.get(instance_of(Holiday, holiday).category, ())


def as_holiday_sets(value: object) -> tuple[HolidaySet, ...]:
    """Return one set or several, or a plain list of dates, as a tuple of sets."""
    if isinstance(value, HolidaySet):
        return (value,)
    if not isinstance(value, Iterable) or isinstance(value, str):
        raise InvalidValueError(f"`{value!r}` are no holidays", hint="pass a list of dates")
    each = tuple(value)
    sets = tuple(one for one in each if isinstance(one, HolidaySet))
    loose = [one for one in each if not isinstance(one, HolidaySet)]
    return (*sets, HolidaySet(holidays=loose)) if loose else sets


def sorted_by_date(kind: type[_Dated], values: Iterable[_Dated]) -> tuple[_Dated, ...]:
    """Return `values`, all of `kind`, sorted by date."""
    each = as_tuple(values)
    for one in each:
        if not isinstance(one, kind):
            raise InvalidValueError(
                f"`{one!r}` stands where dates are expected",
                hint=f"build it with `{kind.__name__}(...)`",
            )
    return tuple(sorted(each, key=_date_of))


def check_unique_dates(field: str, values: Iterable[DatedHours | WeekChange]) -> None:
    """Raise `ConflictError` if two of `values` are for one date."""
    seen: set[date] = set()
    for each in values:
        if each.date in seen:
            raise ConflictError(
                f"two values of `{field}` are for `{each.date}`",
                field=field,
                hint="merge them into one",
            )
        seen.add(each.date)


def _date_of(value: DatedHours | WeekChange | Closure) -> tuple[str, str]:
    when = value.start if isinstance(value, Closure) else value.date
    return when.isoformat(), getattr(value, "name", "")
