"""Calendar lint: legal but probably not meant.

Findings are advice: a calendar with findings works. Checking a document reports them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import chain, pairwise
from typing import Final, final

import attrs

from entitlements.calendars.business_hours import BusinessHours
from entitlements.calendars.calendar import Calendar
from entitlements.calendars.combined.composite import CompositeCalendar
from entitlements.calendars.exceptions import HolidaySet
from entitlements.calendars.timeline.zones import PLACE_OF, UTC_NAMES, date_of_day_number, load_zone
from entitlements.calendars.week import WEEKDAYS, DayWindows, format_windows, merge_windows
from entitlements.kernel.converters import (
    as_text,
    enum_member,
)
from entitlements.kernel.instants import DAY, SECOND, from_micros, instant_of, to_micros
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.kernel.periods.spans import total_length

DEFAULT_LINT_RANGE: Final = timedelta(days=731)


class CalendarFindingKind(TextEnum):
    """The kind of a finding; the values do not change.

    `OVERLAPPING_WINDOWS`: windows of a day overlap. `BOUNDARY_IN_GAP`: a window starts or ends at
    a time that a clock change skips. `HOLIDAYS_END`: holidays are not known for the whole range.
    `OUTSIDE_COVERED`: a holiday lies outside the dates that its set covers. `CHANGES_NOTHING`:
    dated hours, a change or a closure without effect. `NEVER_OPENS`: no open time in the range.
    `FIXED_CLOCK`: the zone has no clock changes, such as `EST`.
    """

    OVERLAPPING_WINDOWS = "overlapping_windows"
    BOUNDARY_IN_GAP = "boundary_in_gap"
    HOLIDAYS_END = "holidays_end"
    OUTSIDE_COVERED = "outside_covered"
    CHANGES_NOTHING = "changes_nothing"
    NEVER_OPENS = "never_opens"
    FIXED_CLOCK = "fixed_clock"


def _kind(value: CalendarFindingKind | str) -> CalendarFindingKind:
    return enum_member(CalendarFindingKind, value)


@final
@attrs.frozen
class CalendarFinding:
    """Something in a calendar that is probably not meant.

    Attributes:
        kind: The kind of finding.
        message: A sentence for people.
        calendar: The name of the calendar; may be empty.
    """

    kind: CalendarFindingKind = attrs.field(converter=_kind)
    message: str
    calendar: str = attrs.field(default="", converter=as_text)


def lint_calendar(
    hours: BusinessHours, start: datetime, *, until: datetime | None = None
) -> tuple[CalendarFinding, ...]:
    """Return what is probably not meant in `hours`, used from `start` on.

    >>> from entitlements.kernel.instants import utc
    >>> from entitlements.calendars import Calendar
    >>> odd = Calendar(zone="EST", week="Mo-Fr 09:00-17:00")
    >>> lint_calendar(odd, utc("2026-01-01T00:00Z"))[0].message
    'the clock of `EST` never changes; a place such as `America/New_York` is probably meant'

    Args:
        hours: A calendar, or several combined, which are checked one by one.
        start: The first instant at which the hours are used.
        until: The end of the range; two years after `start` if omitted.
    """
    if isinstance(hours, CompositeCalendar):
        return tuple(
            each for part in hours.parts for each in lint_calendar(part, start, until=until)
        )
    if not isinstance(hours, Calendar):
        return ()
    low = to_micros(start)
    high = to_micros(instant_of(start) + DEFAULT_LINT_RANGE if until is None else until)
    found = chain(
        _fixed_clock(hours),
        _overlaps(hours),
        _boundaries_in_gaps(hours, low, high),
        _holidays_end(hours, high),
        _outside_covered(hours),
        _ineffective(hours),
        _never_opens(hours, low, high),
    )
    return tuple(CalendarFinding(kind, text, hours.name) for kind, text in found)


def _fixed_clock(calendar: Calendar) -> Iterator[tuple[CalendarFindingKind, str]]:
    name = calendar.zone
    if name not in UTC_NAMES and (name in PLACE_OF or load_zone(name).is_fixed):
        place = PLACE_OF.get(name, "Europe/Berlin")
        text = f"the clock of `{name}` never changes; a place such as `{place}` is probably meant"
        yield CalendarFindingKind.FIXED_CLOCK, text


def _overlaps(calendar: Calendar) -> Iterator[tuple[CalendarFindingKind, str]]:
    named: list[tuple[str, DayWindows]] = list(zip(WEEKDAYS, calendar.week.stated, strict=True))
    for change in calendar.changes:
        pairs = zip(WEEKDAYS, change.week.stated, strict=True)
        named += [(f"{day} from {change.date}", windows) for day, windows in pairs]
    named += [(str(each.date), each.stated) for each in calendar.dated]
    for name, windows in named:
        if total_length(windows) > total_length(merge_windows(windows)):
            text = format_windows(windows)
            yield CalendarFindingKind.OVERLAPPING_WINDOWS, f"windows overlap on {name}: `{text}`"


def _boundaries_in_gaps(
    calendar: Calendar, low: int, high: int
) -> Iterator[tuple[CalendarFindingKind, str]]:
    offsets = load_zone(calendar.zone).offset_periods(low, high)
    for (_, change, before), (_, _, after) in pairwise(offsets):
        first, last = change + before, change + after
        for day in range(first // DAY - 2, last // DAY + 1):
            for wall in _boundaries(calendar, day):
                if first < wall < last:
                    text = (
                        f"`{format_clock(wall)}` on {date_of_day_number(wall // DAY)} "
                        "does not exist: "
                        f"the clock goes from `{format_clock(first)}` to `{format_clock(last)}`"
                    )
                    yield CalendarFindingKind.BOUNDARY_IN_GAP, text


def _boundaries(calendar: Calendar, day: int) -> list[int]:
    windows = calendar.windows_on(date_of_day_number(day))
    return [day * DAY + second * SECOND for window in windows for second in window]


def format_clock(wall: int) -> str:
    """Return the time of day of a wall-clock instant."""
    return from_micros(wall).strftime("%H:%M:%S").removesuffix(":00")


def _holidays_end(calendar: Calendar, high: int) -> Iterator[tuple[CalendarFindingKind, str]]:
    until = date_of_day_number(load_zone(calendar.zone).wall(high - 1) // DAY)
    for each in calendar.holidays:
        last = _last_known(each)
        if last is not None and last < until:
            name = f"holidays `{each.name}`" if each.name else "holidays"
            yield (
                CalendarFindingKind.HOLIDAYS_END,
                f"{name} end on {last}, before the last day that is checked, {until}",
            )


def _outside_covered(calendar: Calendar) -> Iterator[tuple[CalendarFindingKind, str]]:
    for each in calendar.holidays:
        if each.covered is None:
            continue
        first, last = each.covered
        for holiday in each.holidays:
            if not first <= holiday.date <= last:
                name = f" `{holiday.name}`" if holiday.name else ""
                text = f"holiday{name} on {holiday.date} lies outside {first} to {last}"
                yield CalendarFindingKind.OUTSIDE_COVERED, text


def _last_known(holidays: HolidaySet) -> date | None:
    if holidays.covered is not None:
        return holidays.covered[1]
    if not holidays.holidays:
        return None
    return date(holidays.holidays[-1].date.year, 12, 31)


def _ineffective(calendar: Calendar) -> Iterator[tuple[CalendarFindingKind, str]]:
    plain = attrs.evolve(calendar, dated=())
    for each in calendar.dated:
        if each.windows == plain.windows_on(each.date):
            text = f"dated hours of {each.date} equal the hours it would have without them"
            yield CalendarFindingKind.CHANGES_NOTHING, text
    for change in calendar.changes:
        before = attrs.evolve(calendar, changes=[x for x in calendar.changes if x is not change])
        if before == calendar:
            yield (
                CalendarFindingKind.CHANGES_NOTHING,
                f"the change of the week on {change.date} changes nothing",
            )
    for closure in calendar.closures:
        open_time = attrs.evolve(calendar, closures=()).open_time
        if not open_time.total(to_micros(closure.start), to_micros(closure.end)):
            yield (
                CalendarFindingKind.CHANGES_NOTHING,
                f"closure `{closure.name}` closes no open time",
            )


def _never_opens(
    calendar: Calendar, low: int, high: int
) -> Iterator[tuple[CalendarFindingKind, str]]:
    if not calendar.open_time.total(low, high):
        unclosed = attrs.evolve(calendar, closures=()).open_time
        if unclosed.total(low, high):
            yield (
                CalendarFindingKind.NEVER_OPENS,
                "closures cover all open time in the range",
            )
        else:
            yield CalendarFindingKind.NEVER_OPENS, "no open time in the range"
