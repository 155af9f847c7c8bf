from __future__ import annotations

from datetime import date

import pytest

from entitlements.calendars import Calendar, HolidaySet
from entitlements.documents.tables.week_text import in_one_zone, monday_of, week_text
from entitlements.kernel.errors import NotCoveredError

WEEK = date(2026, 3, 23)
"""Clocks in Berlin skip 02:00 to 03:00 on its Sunday."""


def marks(line: str) -> str:
    return line[7:]


def test_each_half_hour_has_a_mark_below_the_hours_of_the_head_line() -> None:
    head, monday, *_ = week_text(Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:30"), WEEK)
    assert head.index("09") == monday.index("█")
    assert marks(monday) == "·" * 18 + "█" * 17 + "·" * 13


def test_half_hours_open_in_part_have_a_mark_of_their_own() -> None:
    _, monday, *_ = week_text(Calendar(zone="UTC", week="Mo 09:10-09:20"), WEEK)
    assert marks(monday) == "·" * 18 + "▄" + "·" * 29


def test_an_hour_that_a_clock_change_skips_is_blank() -> None:
    *_, sunday = week_text(Calendar(zone="Europe/Berlin", week="24/7"), WEEK)
    assert marks(sunday) == "█" * 4 + "  " + "█" * 42


def test_a_repeated_hour_is_drawn_once() -> None:
    *_, sunday = week_text(Calendar(zone="Europe/Berlin", week="24/7"), date(2026, 10, 19))
    assert marks(sunday) == "█" * 48


def test_days_of_several_zones_are_drawn_in_utc() -> None:
    both = Calendar(zone="Asia/Tokyo", week="Mo 09:00-18:00") | Calendar(
        zone="America/New_York", week="Mo 09:00-17:00"
    )
    _, monday, *_ = week_text(both, WEEK)
    assert marks(monday) == "█" * 18 + "·" * 8 + "█" * 16 + "·" * 6
    assert in_one_zone(both).zone == "UTC"


def test_the_week_of_a_date_begins_on_monday() -> None:
    assert monday_of(date(2026, 3, 29)) == WEEK
    assert monday_of(WEEK) == WEEK


def test_a_week_with_unknown_holidays_is_refused() -> None:
    known = HolidaySet(holidays=["2025-12-25"], covered=("2025-01-01", "2025-12-31"))
    with pytest.raises(NotCoveredError):
        week_text(Calendar(zone="UTC", week="Mo-Fr 09:00-17:00", holidays=[known]), WEEK)
