"""Strategies for calendars and instants.

Many are near clock changes: gaps and repeats of an hour, of half an hour and of two, changes at
midnight, a missing day, a repeated day, the outermost offsets, and places that change four times
a year; with night shifts, holidays on the eve, and windows that begin inside a gap.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final, final

import attrs
from hypothesis import strategies as st

from entitlements.calendars.business_hours import BusinessHours
from entitlements.calendars.calendar import Calendar
from entitlements.calendars.combined.composite import CompositeCalendar
from entitlements.calendars.exceptions import (
    Closure,
    DatedHours,
    Holiday,
    HolidaySet,
    WeekChange,
)
from entitlements.calendars.options import SetOperator
from entitlements.calendars.week import WEEKDAYS, Week, format_time
from entitlements.kernel.instants import MICROSECOND

CHANGES: Final = (
    ("Europe/Berlin", date(2026, 3, 29)),  # an hour is missing
    ("Europe/Berlin", date(2026, 10, 25)),  # an hour is repeated
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),  # half an hour is missing
    ("Australia/Lord_Howe", date(2026, 4, 5)),  # half an hour is repeated
    ("Antarctica/Troll", date(2026, 3, 29)),  # two hours are missing
    ("Antarctica/Troll", date(2026, 10, 25)),  # two hours are repeated
    ("America/Havana", date(2024, 3, 10)),  # midnight is missing
    ("America/Havana", date(2024, 11, 3)),  # midnight comes twice
    ("Asia/Tehran", date(2014, 9, 22)),  # the last hour before midnight comes twice
    ("America/Sao_Paulo", date(2018, 11, 4)),  # midnight is missing, on a southern spring day
    ("Asia/Beirut", date(2026, 3, 29)),
    ("Africa/Casablanca", date(2026, 2, 15)),  # four changes in one year
    ("Africa/Casablanca", date(2026, 3, 22)),
    ("Africa/Casablanca", date(2026, 9, 20)),
    ("Pacific/Apia", date(2011, 12, 30)),  # a day is missing
    ("Pacific/Kiritimati", date(1994, 12, 31)),  # a day is missing, then UTC+14
    ("Pacific/Kwajalein", date(1969, 10, 1)),  # 23 hours are repeated
    ("Asia/Kathmandu", date(1986, 1, 1)),  # a quarter of an hour is missing, then UTC+05:45
    ("Etc/GMT+12", date(2026, 6, 1)),  # the last place on earth
    ("UTC", date(2028, 2, 29)),  # a leap day
)
"""Zones with a date near which their clocks, or their days, are special."""

_WINDOWS: Final = (
    "00:00-24:00",
    "00:00-00:30",
    "00:30-06:00",
    "01:00-02:30",
    "01:30-02:00",
    "02:00-03:00",
    "02:15-02:45",
    "02:30-03:15",
    "03:00-05:00",
    "09:00-12:30",
    "13:00-17:30",
    "17:00-41:00",
    "12:00-48:00",
    "22:00-06:00",
    "23:30-00:30",
)


@final
@attrs.frozen
class Scene:
    """Hours, and an instant around which they are interesting."""

    hours: BusinessHours
    around: datetime


@st.composite
def windows(draw: st.DrawFn) -> str:
    """Draw one window of a day as text, in whole minutes, up to 48 hours long."""
    if draw(st.booleans()):
        return draw(st.sampled_from(_WINDOWS))
    start = draw(st.integers(0, 1439))
    end = draw(st.integers(start + 1, min(2880, start + 1500)))
    return f"{format_time(start * 60)}-{format_time(end * 60)}"


def days() -> st.SearchStrategy[list[str]]:
    """Draw the windows of one day: none to three, overlapping or not."""
    return st.lists(windows(), max_size=3, unique=True)


@st.composite
def weeks(draw: st.DrawFn) -> Week:
    """Draw a week: never open, always open, or different hours on different days."""
    kind = draw(st.integers(0, 7))
    if not kind:
        return Week(draw(st.sampled_from(["", "24/7", "Mo-Fr 09:00-12:30,13:00-17:30"])))
    pool = draw(st.lists(days(), min_size=1, max_size=3))
    return Week({day: draw(st.sampled_from(pool)) for day in WEEKDAYS})


def dates_near(focus: date, reach: int = 4) -> st.SearchStrategy[date]:
    """Draw a date at most `reach` days away from `focus`."""
    return st.integers(-reach, reach).map(lambda days: focus + timedelta(days=days))


def instants_near(
    around: datetime, reach: timedelta = timedelta(days=6)
) -> st.SearchStrategy[datetime]:
    """Draw an instant near `around`, most often on a whole half hour."""
    minutes = reach // timedelta(minutes=1)
    whole = st.integers(-minutes // 30, minutes // 30).map(lambda n: timedelta(minutes=30 * n))
    micros = st.integers(-minutes * 60_000_000, minutes * 60_000_000).map(
        lambda n: timedelta(microseconds=n)
    )
    return st.one_of(whole, whole, micros).map(lambda delta: around + delta)


def amounts(most: timedelta = timedelta(days=30)) -> st.SearchStrategy[timedelta]:
    """Draw an amount of open time, positive or negative, most often whole half hours."""
    halves = most // timedelta(minutes=30)
    micros = most // MICROSECOND
    whole = st.integers(-halves, halves).map(lambda n: timedelta(minutes=30 * n))
    small = st.integers(-20, 20).map(lambda n: timedelta(minutes=30 * n))
    return st.one_of(
        small, whole, st.integers(-micros, micros).map(lambda n: timedelta(microseconds=n))
    )


@st.composite
def closures(draw: st.DrawFn, focus: date) -> Closure:
    """Draw a closure of whole minutes near `focus`."""
    midnight = datetime(focus.year, focus.month, focus.day, tzinfo=UTC)
    start = midnight + timedelta(minutes=draw(st.integers(-4000, 4000)))
    return Closure(start, start + timedelta(minutes=draw(st.integers(1, 3000))))


@st.composite
def holiday_sets(draw: st.DrawFn, focus: date) -> HolidaySet:
    """Draw named dates near `focus`, some of them half days."""
    category = st.sampled_from(["public", "half_day"])
    named = st.builds(Holiday, date=dates_near(focus), name=st.just("day"), category=category)
    return HolidaySet(holidays=draw(st.lists(named, max_size=3)), hours={"half_day": draw(days())})


@st.composite
def calendars(draw: st.DrawFn, zone: str | None = None, focus: date | None = None) -> Calendar:
    """Draw one zone's calendar whose exceptions lie near `focus`."""
    place, special = draw(st.sampled_from(CHANGES))
    zone, focus = zone or place, focus or special
    near = dates_near(focus)
    dated = st.builds(DatedHours, near, days())
    changes = st.builds(WeekChange, near, weeks())
    return Calendar(
        zone=zone,
        week=draw(weeks()),
        changes=draw(st.lists(changes, max_size=1)),
        holidays=draw(st.lists(holiday_sets(focus), max_size=2)),
        dated=draw(st.lists(dated, max_size=2, unique_by=lambda each: each.date)),
        closures=draw(st.lists(closures(focus), max_size=2)),
    )


@st.composite
def compositions(draw: st.DrawFn, focus: date, zone: str | None = None) -> BusinessHours:
    """Draw hours composed of two calendars, one of them perhaps turned around."""
    other, _ = draw(st.sampled_from(CHANGES))
    one, two = draw(calendars(zone, focus)), draw(calendars(other, focus))
    match draw(st.sampled_from(SetOperator)):
        case SetOperator.NOT:
            return ~one
        case operator:
            return CompositeCalendar(operator, (one, ~two) if draw(st.booleans()) else (one, two))


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """Draw hours and the instant around which their clocks change."""
    zone, focus = draw(st.sampled_from(CHANGES))
    around = datetime(focus.year, focus.month, focus.day, tzinfo=UTC)
    single = calendars(zone, focus)
    return Scene(draw(st.one_of(single, single, compositions(focus, zone))), around)
