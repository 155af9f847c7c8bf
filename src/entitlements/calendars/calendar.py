"""Calendar: the business hours of one place.

A calendar is a week in a time zone, with holidays, dated hours and closures. Precedence: closure,
then dated hours, then holiday, then week. Changes of the week have dates, so that new hours next
month do not change the answers about last month.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Final, final

import attrs

from entitlements.calendars.business_hours import BusinessHours, NormalForm
from entitlements.calendars.combined.composite import compose
from entitlements.calendars.exceptions import (
    Closure,
    DatedHours,
    Holiday,
    HolidaySet,
    OutsideCoverage,
    WeekChange,
    as_holiday_sets,
    calendar_date,
    check_unique_dates,
    sorted_by_date,
)
from entitlements.calendars.options import SetOperator
from entitlements.calendars.state import HoursCause, HoursRule, SkippedDay
from entitlements.calendars.timeline.cache import timeline_for
from entitlements.calendars.timeline.known_range import KnownRangeTimeline
from entitlements.calendars.timeline.open_time import WeeksByStart, ZoneOpenTime
from entitlements.calendars.timeline.timeline import Timeline
from entitlements.calendars.timeline.zones import (
    FIRST_DAY,
    FIRST_MICROS,
    LAST_MICROS,
    date_of_day_number,
    day_number,
    load_zone,
    zone_name,
)
from entitlements.calendars.week import DAY_SECONDS, DayWindows, Week, as_week
from entitlements.kernel.converters import as_text
from entitlements.kernel.errors import LimitExceededError
from entitlements.kernel.frozenmaps import MAX_CHARACTERS_SHOWN, short_repr
from entitlements.kernel.instants import DAY, to_micros
from entitlements.kernel.mixins.repr_without_defaults import ReprWithoutDefaults
from entitlements.kernel.periods.spans import intersection, union

MAX_EXCEPTIONS: Final = 10_000
_NEVER: Final[tuple[DayWindows, ...]] = ((),) * 7
_ALWAYS: Final[tuple[DayWindows, ...]] = (((0, DAY_SECONDS),),) * 7


def _week(week: Week) -> str:
    return repr(week) if len(week.text) <= MAX_CHARACTERS_SHOWN else "Week(...)"


def _changes(values: Iterable[WeekChange]) -> tuple[WeekChange, ...]:
    return sorted_by_date(WeekChange, values)


def _dated(values: Iterable[DatedHours]) -> tuple[DatedHours, ...]:
    return sorted_by_date(DatedHours, values)


def _closures(values: Iterable[Closure]) -> tuple[Closure, ...]:
    return sorted_by_date(Closure, values)


@final
@attrs.frozen(repr=False, kw_only=True, eq=False)
class Calendar(ReprWithoutDefaults, BusinessHours):
    """The business hours of one place.

    >>> from datetime import UTC, datetime, timedelta
    >>> desk = Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00", name="desk")
    >>> friday = datetime(2026, 3, 27, 15, 0, tzinfo=UTC)
    >>> desk.add(friday, timedelta(hours=2)).isoformat()
    '2026-03-30T08:00:00+00:00'

    Attributes:
        zone: Name of the time zone, such as `Europe/Berlin`.
        week: The ordinary hours; text and mappings are read as a `Week`.
        name: The name of the calendar; not part of equality.
        changes: Other ordinary hours from a date on.
        holidays: Holiday sets, or plain dates. Where several fall on one date, the
            hours that all of them allow hold.
        dated: Hours of single dates; these replace the week's and any holiday's.
        closures: Periods in which nothing is open.

    Raises:
        InvalidValueError: A zone, week, date or window is nonsense.
        ConflictError: Two dated hours, or two changes, are for one date.
        LimitExceededError: There are more than 10,000 exceptions.
    """

    zone: str = attrs.field(converter=zone_name)
    week: Week = attrs.field(repr=_week, converter=as_week)
    name: str = attrs.field(default="", converter=as_text)
    changes: tuple[WeekChange, ...] = attrs.field(repr=short_repr, default=(), converter=_changes)
    holidays: tuple[HolidaySet, ...] = attrs.field(
        repr=short_repr, default=(), converter=as_holiday_sets
    )
    dated: tuple[DatedHours, ...] = attrs.field(repr=short_repr, default=(), converter=_dated)
    closures: tuple[Closure, ...] = attrs.field(repr=short_repr, default=(), converter=_closures)

    def __attrs_post_init__(self) -> None:
        count = self._exception_count()
        if count > MAX_EXCEPTIONS:
            raise LimitExceededError(
                f"`{count}` exceptions in one calendar",
                hint=f"at most {MAX_EXCEPTIONS} are allowed; leave out past years",
            )
        check_unique_dates("dated", self.dated)
        check_unique_dates("changes", self.changes)

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
        """The same hours for computations with integers; shared by equal calendars."""
        if self.covered is None:
            return self.uncovered_timeline
        return KnownRangeTimeline(self.uncovered_timeline, *self.covered, self.name or self.zone)

    @property
    def uncovered_timeline(self) -> Timeline:
        """The timeline without the limit of known holidays: unknown dates are ordinary."""
        return timeline_for(self.normal_form, self.open_time)

    def windows_on(self, day: date) -> DayWindows:
        """Return the windows that start on `day`, ignoring closures: seconds after midnight."""
        _, weeks, exceptions, _ = self._rules
        day = calendar_date(day)
        number = day_number(day)
        ordinary = _week_on(weeks, number)[day.weekday()]
        return exceptions.get(number, ordinary)

    @cached_property
    def open_time(self) -> ZoneOpenTime:
        """The open time from which the timeline is compiled."""
        _, weeks, exceptions, closures = self._rules
        return ZoneOpenTime(load_zone(self.zone), weeks, exceptions, closures)

    @cached_property
    def normal_form(self) -> NormalForm:
        """The rules in one form for all equal calendars; always and never open have no zone."""
        zone, weeks, exceptions, closures = self._rules
        if len(weeks) == 1 and not exceptions and (not closures or weeks[0][1] == _NEVER):
            if weeks[0][1] == _NEVER:
                return ("never",)
            if weeks[0][1] == _ALWAYS:
                return ("always",)
        return ("calendar", zone, weeks, tuple(exceptions.items()), closures)

    @cached_property
    def covered(self) -> tuple[int, int] | None:
        """The instants for which all holiday sets are complete; None if none refuses others."""
        ranges = [
            each.covered
            for each in self.holidays
            if each.covered and each.beyond is OutsideCoverage.ERROR
        ]
        if not ranges:
            return None
        at = load_zone(self.zone).instant
        first, last = max(first for first, _ in ranges), min(last for _, last in ranges)
        return max(at(day_number(first)), FIRST_MICROS), min(at(day_number(last) + 1), LAST_MICROS)

    def day_bounds(self, day: int) -> tuple[int, int] | None:
        """Return first opening and last closing of the windows that start on `day`, or None."""
        periods = self.open_time.day_periods(day)
        return (periods[0][0], periods[-1][1]) if periods else None

    def causes(self, at: int) -> tuple[HoursCause, ...]:
        """Return the one rule that decides whether the instant `at` is open."""
        for closure in self.closures:
            if to_micros(closure.start) <= at < to_micros(closure.end):
                return (HoursCause(HoursRule.CLOSURE, closure.name, self.name),)
        today = load_zone(self.zone).wall(at) // DAY
        for day in range(today, today - 4, -1):
            periods = self.open_time.day_periods(day)
            if any(start <= at < end for start, end in periods):
                return (self._rule_of(day),)
        return (self._rule_of(today),)

    def skipped(self, low: int, high: int) -> Iterator[SkippedDay]:
        """Yield dates with dated hours or holidays, then closures, that touch `[low, high)`."""
        zone = load_zone(self.zone)
        for day in sorted(self._named):
            if low < zone.instant(day + 1) and zone.instant(day) < high:
                yield SkippedDay(date_of_day_number(day), self._named[day])
        for closure in self.closures:
            if low < to_micros(closure.end) and to_micros(closure.start) < high:
                day = zone.wall(to_micros(closure.start)) // DAY
                yield SkippedDay(
                    date_of_day_number(day), HoursCause(HoursRule.CLOSURE, closure.name, self.name)
                )

    def warnings(self, low: int, high: int) -> Iterator[str]:
        """Yield a warning for each holiday set that does not cover `[low, high]`."""
        at = load_zone(self.zone).instant
        for each in self.holidays:
            if each.covered is not None:
                first, last = each.covered
                if low < at(day_number(first)) or high > at(day_number(last) + 1):
                    name = each.name or self.name or self.zone
                    yield f"the holidays of `{name}` are known from {first} to {last} only"

    def combined(self, operator: SetOperator, *others: BusinessHours) -> BusinessHours:
        """Combine these hours and `others` with `operator`."""
        return compose(operator, self, *others)

    def _exception_count(self) -> int:
        holidays = sum(len(each.holidays) for each in self.holidays)
        return holidays + len(self.dated) + len(self.closures) + len(self.changes)

    @cached_property
    def _rules(
        self,
    ) -> tuple[str, WeeksByStart, dict[int, DayWindows], tuple[tuple[int, int], ...]]:
        weeks = self._weeks()
        exceptions = {
            day: windows
            for day, windows in sorted(self._exceptions().items())
            if windows != _week_on(weeks, day)[(day + 3) % 7]
        }
        closures = union((to_micros(each.start), to_micros(each.end)) for each in self.closures)
        return self.zone, weeks, exceptions, tuple(closures)

    def _weeks(self) -> WeeksByStart:
        weeks = [(FIRST_DAY, self.week.windows)]
        for change in self.changes:
            if change.week.windows != weeks[-1][1]:
                weeks.append((day_number(change.date), change.week.windows))
        return tuple(weeks)

    def _exceptions(self) -> dict[int, DayWindows]:
        days: dict[int, DayWindows] = {}
        for holiday_set, holiday in self._all_holidays():
            day, windows = day_number(holiday.date), holiday_set.windows(holiday)
            days[day] = tuple(intersection(days[day], windows)) if day in days else windows
        return days | {day_number(each.date): each.windows for each in self.dated}

    @cached_property
    def _named(self) -> Mapping[int, HoursCause]:
        days: dict[int, HoursCause] = {}
        for _, holiday in self._all_holidays():
            cause = HoursCause(HoursRule.HOLIDAY, holiday.name, self.name)
            days.setdefault(day_number(holiday.date), cause)
        for each in self.dated:
            days[day_number(each.date)] = HoursCause(HoursRule.DATED, each.name, self.name)
        return days

    def _all_holidays(self) -> Iterator[tuple[HolidaySet, Holiday]]:
        return ((each, holiday) for each in self.holidays for holiday in each.holidays)

    def _rule_of(self, day: int) -> HoursCause:
        return self._named.get(day) or HoursCause(HoursRule.WEEK, "", self.name)


def _week_on(weeks: WeeksByStart, day: int) -> tuple[DayWindows, ...]:
    return [week for first, week in weeks if first <= day or first == weeks[0][0]][-1]
