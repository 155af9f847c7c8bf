"""Holidays, dated hours, closures and changes of the week.

Dated hours and holidays replace the windows that *start* on their date, so a holiday does not cut
the night shift that started the day before. A closure cuts by instants, whatever was open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
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
from entitlements.kernel.frozenmaps import FrozenMap, short_repr
from entitlements.kernel.instants import text_of, utc
from entitlements.kernel.mixins.repr_without_defaults import ReprWithoutDefaults
from entitlements.kernel.mixins.text_enum import TextEnum

HolidayHours: TypeAlias = FrozenMap[str, DayWindows]


_Dated = TypeVar("_Dated", "DatedHours", "WeekChange", "Closure")


def calendar_date(value: date | str) -> date:
    """Return `value` as a date; text must be `YYYY-MM-DD`.

    Raises:
        InvalidValueError: `value` is not a date, or has a time of day.
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


def _windows_as_written(value: Any) -> DayWindows:
    if isinstance(value, str):
        return parse_windows_as_written(value)
    each = as_tuple(value)
    are_pairs = any(isinstance(one, tuple) for one in each)
    return checked_windows(each) if are_pairs else parse_windows_as_written(each)


@final
@attrs.frozen
class DatedHours:
    """The hours of one date, instead of those of the week or a holiday; without windows, closed.

    >>> DatedHours("2026-12-24", ["09:00-12:00"], name="Christmas Eve").windows
    ((32400, 43200),)

    Attributes:
        date: The date on which the windows start.
        stated: The windows as given: seconds after midnight, start and end.
        name: The reason, for people; may be empty.
    """

    date: date = attrs.field(converter=calendar_date)
    stated: DayWindows = attrs.field(default=(), converter=_windows_as_written)
    name: str = attrs.field(default="", converter=as_text)

    @property
    def windows(self) -> DayWindows:
        """The windows, with overlapping and touching ones merged."""
        return merge_windows(self.stated)


@final
@attrs.frozen
class Closure:
    """Time from `start` to `end` in which nothing is open; it overrides all other hours.

    >>> Closure("2026-03-02T09:00Z", "2026-03-02T09:30Z", name="fire drill").name
    'fire drill'
    """

    start: datetime = attrs.field(converter=utc)
    end: datetime = attrs.field(converter=utc)
    name: str = attrs.field(default="", converter=as_text)

    def __attrs_post_init__(self) -> None:
        if self.end <= self.start:
            raise InvalidValueError(
                f"closure ends at `{text_of(self.end)}`, not after `{text_of(self.start)}`",
                hint="swap them",
            )


@final
@attrs.frozen
class Holiday:
    """A date on which the hours of the week do not apply.

    >>> Holiday("2026-12-24", "Christmas Eve", "half_day").category
    'half_day'

    Attributes:
        date: The date itself.
        name: The name, for people; may be empty.
        category: The kind, such as `public`, `bank` or `half_day`; it decides the hours.
        source: Where the date comes from, such as `holidays 0.109: DE-BE`.
    """

    date: date = attrs.field(converter=calendar_date)
    name: str = attrs.field(default="", converter=as_text)
    category: str = attrs.field(default="public", converter=as_text)
    source: str = attrs.field(default="", converter=as_text)


@final
@attrs.frozen
class WeekChange:
    """Other hours of the week from a date on; a shift that started the day before is not cut.

    >>> WeekChange("2026-12-01", "Mo-Th 09:00-17:00").week.text
    'Mo-Th 09:00-17:00'
    """

    date: date = attrs.field(converter=calendar_date)
    week: Week = attrs.field(converter=as_week)


class OutsideCoverage(TextEnum):
    """What a calendar does with dates for which its holidays are not known.

    `ERROR`: raise `NotCoveredError`. `WARN`: take them for ordinary days and add a warning to
    explanations.
    """

    ERROR = "error"
    WARN = "warn"


def _outside_coverage(value: OutsideCoverage | str) -> OutsideCoverage:
    return enum_member(OutsideCoverage, value)


def _holiday(value: Holiday | date | str) -> Holiday:
    return value if isinstance(value, Holiday) else Holiday(value)


def _holidays(values: Iterable[Holiday | date | str]) -> tuple[Holiday, ...]:
    return tuple(sorted(map(_holiday, as_tuple(values)), key=lambda each: (each.date, each.name)))


def _hours(value: Mapping[str, str | Iterable[str]]) -> HolidayHours:
    return FrozenMap(
        {
            as_text(name): merge_windows(_windows_as_written(each))
            for name, each in frozen_map(value).items()
        }
    )


def _covered(value: Iterable[date | str] | None) -> tuple[date, date] | None:
    if value is None:
        return None
    try:
        first, last = as_tuple(value)
    except ValueError:
        raise InvalidValueError(
            f"`{value!r}` is not a range of covered dates", hint="pass the first and the last date"
        ) from None
    first, last = calendar_date(first), calendar_date(last)
    if last < first:
        raise InvalidValueError(
            f"covered range `{first}` to `{last}` ends before it starts", hint="swap them"
        )
    return first, last


@final
@attrs.frozen(repr=False, kw_only=True)
class HolidaySet(ReprWithoutDefaults):
    """Named dates, the hours of each category, and the range for which the dates are complete.

    >>> year = HolidaySet(holidays=["2026-12-25"], covered=("2026-01-01", "2026-12-31"))
    >>> year.holidays[0].category
    'public'

    Attributes:
        holidays: The dates, sorted; plain dates are holidays of the category `public`.
        hours: Windows of each category that is not closed all day, such as half days.
        covered: First and last date for which the list is complete; None for every date.
        beyond: What to do with dates outside the covered range.
        name: The name of the set, such as `Germany, Berlin`.
    """

    holidays: tuple[Holiday, ...] = attrs.field(repr=short_repr, default=(), converter=_holidays)
    hours: HolidayHours = attrs.field(factory=FrozenMap, converter=_hours)
    covered: tuple[date, date] | None = attrs.field(default=None, converter=_covered)
    beyond: OutsideCoverage = attrs.field(
        default=OutsideCoverage.ERROR, converter=_outside_coverage
    )
    name: str = attrs.field(default="", converter=as_text)

    def windows(self, holiday: Holiday) -> DayWindows:
        """Return the windows that start on `holiday`; none if its category has no hours."""
        return self.hours.get(instance_of(Holiday, holiday).category, ())


def as_holiday_sets(value: object) -> tuple[HolidaySet, ...]:
    """Return one set or several, or a plain list of dates, as a tuple of sets."""
    if isinstance(value, HolidaySet):
        return (value,)
    if not isinstance(value, Iterable) or isinstance(value, str):
        raise InvalidValueError(
            f"`{value!r}` is not a list of holidays", hint="pass a list of dates"
        )
    each = tuple(value)
    sets = tuple(one for one in each if isinstance(one, HolidaySet))
    dates = [one for one in each if not isinstance(one, HolidaySet)]
    return (*sets, HolidaySet(holidays=dates)) if dates else sets


def sorted_by_date(kind: type[_Dated], values: Iterable[_Dated]) -> tuple[_Dated, ...]:
    """Return `values` sorted by date; raise `InvalidValueError` if one is not a `kind`."""
    each = as_tuple(values)
    for one in each:
        if not isinstance(one, kind):
            raise InvalidValueError(
                f"`{one!r}` is not one of the dates of a calendar",
                hint=f"build it with `{kind.__name__}(...)`",
            )
    return tuple(sorted(each, key=_date_of))


def check_unique_dates(field: str, values: Iterable[DatedHours | WeekChange]) -> None:
    """Raise `ConflictError` if two of `values` have the same date."""
    seen: set[date] = set()
    for each in values:
        if each.date in seen:
            raise ConflictError(
                f"two values of `{field}` have the date `{each.date}`",
                field=field,
                hint="merge them into one",
            )
        seen.add(each.date)


def _date_of(value: DatedHours | WeekChange | Closure) -> tuple[str, str]:
    when = value.start if isinstance(value, Closure) else value.date
    return when.isoformat(), getattr(value, "name", "")
