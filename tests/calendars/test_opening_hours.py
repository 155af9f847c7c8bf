"""Calendars against opening-hours-py, an independent engine for OSM opening hours.

It computes what is open, but does not add open time. It differs in three points:

* In a repeated hour it uses the wall clock, so that a window is open in both occurrences; its own
  intervals name the second reading only. Here the first reading opens and closes.
* A rule after `;` for a date also cuts the night window of the eve. Here a window belongs to the
  date it starts on. Rules with a comma between do not cut, so weeks are written with commas.
* It brings its own zone database. Only dates on which the releases agree are compared.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opening_hours import OpeningHours

from entitlements.calendars import Calendar, DatedHours, Week
from entitlements.calendars.week import DAY_SECONDS, format_windows
from entitlements.kernel.instants import utc
from entitlements.testing.strategies.calendars import dates_near, days, weeks

CHANGES = [
    ("Europe/Berlin", date(2024, 3, 31)),
    ("Europe/Berlin", date(2024, 10, 27)),
    ("America/New_York", date(2024, 3, 10)),
    ("America/New_York", date(2024, 11, 3)),
    ("Australia/Lord_Howe", date(2024, 10, 6)),
    ("Australia/Lord_Howe", date(2024, 4, 7)),
    ("Antarctica/Troll", date(2024, 3, 31)),
    ("Antarctica/Troll", date(2024, 10, 27)),
    ("America/Havana", date(2024, 3, 10)),
    ("America/Havana", date(2024, 11, 3)),
    ("America/Sao_Paulo", date(2018, 11, 4)),
    ("Asia/Beirut", date(2024, 3, 31)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Pacific/Kiritimati", date(1994, 12, 31)),
    ("Asia/Kathmandu", date(1986, 1, 1)),
    ("UTC", date(2028, 2, 29)),
]


def has_nights(calendar: Calendar) -> bool:
    each = [*calendar.week.windows, *(dated.windows for dated in calendar.dated)]
    return any(end > DAY_SECONDS for windows in each for _, end in windows)


def as_osm(calendar: Calendar) -> str:
    text = (calendar.week.text or "Mo-Su off").replace("; ", ", ")
    dated = (f"; {each.date:%Y %b %d} {format_windows(each.windows)}" for each in calendar.dated)
    return text + "".join(dated)


def is_repeated(at: datetime, zone: ZoneInfo) -> bool:
    """Return whether the clock reads that time twice, or goes back to before it within a day."""
    local = at.astimezone(zone)
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(CHANGES), weeks(), st.data())
def test_both_engines_open_the_same_instants(
    change: tuple[str, date], week: Week, data: st.DataObject
) -> None:
    name, focus = change
    zone = ZoneInfo(name)
    one = st.builds(DatedHours, dates_near(focus), days())
    dated = data.draw(st.lists(one, max_size=2, unique_by=lambda each: each.date))
    calendar = Calendar(zone=name, week=week, dated=dated)
    if has_nights(calendar):
        calendar = Calendar(zone=name, week=week)
    theirs = OpeningHours(as_osm(calendar), timezone=zone)
    midnight = datetime(focus.year, focus.month, focus.day, tzinfo=UTC)
    minutes = st.lists(st.integers(-4320, 4320), min_size=20, max_size=40)
    for minute in data.draw(minutes):
        at = midnight + timedelta(minutes=minute)
        if not is_repeated(at, zone):
            assert calendar.is_open(at) == theirs.is_open(at.astimezone(zone)), at


BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("week", "ours", "theirs"),
    [
        pytest.param("Su 02:00-02:30", {0, 15}, {0, 15, 60, 75}, id="open twice"),
        pytest.param(
            "Su 02:30-03:00", {30, 45, 60, 75, 90, 105}, {30, 45, 90, 105}, id="closed between"
        ),
    ],
)
def test_the_repeated_hour_is_where_they_differ(
    week: str, ours: set[int], theirs: set[int]
) -> None:
    start = utc("2024-10-27T00:00Z")
    calendar, other = Calendar(zone="Europe/Berlin", week=week), OpeningHours(week, timezone=BERLIN)
    asked = {minute: start + timedelta(minutes=minute) for minute in range(0, 120, 15)}
    assert {minute for minute, at in asked.items() if calendar.is_open(at)} == ours
    found = {minute for minute, at in asked.items() if other.is_open(at.astimezone(BERLIN))}
    assert found == theirs


def test_a_dated_rule_cuts_the_night_shift_of_the_day_before_in_osm_only() -> None:
    early = utc("2024-12-25T03:00Z")
    nights = Calendar(zone="Europe/Berlin", week="22:00-06:00", dated=[DatedHours("2024-12-25")])
    theirs = OpeningHours("22:00-06:00; 2024 Dec 25 off", timezone=BERLIN)
    assert nights.is_open(early)
    assert not theirs.is_open(early.astimezone(BERLIN))
