from __future__ import annotations

from datetime import date

import pytest
from tests.documents.examples import read

from entitlements.calendars import Calendar, DatedHours, Holiday, HolidaySet, OutsideCoverage, Week
from entitlements.documents.sections.calendars import CALENDAR, WEEK, HolidaysShape, WindowsShape
from entitlements.documents.shapes.scalars import WriteContext

DAY = date(2026, 12, 25)


@pytest.mark.parametrize(
    ("text", "week"),
    [
        ("Mo-Fr 09:00-17:00; Sa off", "Mo-Fr 09:00-17:00"),
        ("{mon-fri: ['09:00-12:00', '13:00-17:00'], sat: 22:00-06:00, sun: off}",
         "Mo-Fr 09:00-12:00,13:00-17:00; Sa 22:00-30:00"),
        ("24/7", "24/7"),
        ("Mo-Su off", ""),
        ("{monday: []}", ""),
    ],
)  # fmt: skip
def test_weeks_are_read(text: str, week: str) -> None:
    assert read(WEEK, text) == Week(week)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mo-Fr 9-17", ["`9-17`", "`9`"]),
        ("{mnday: 09:00-17:00}", ["`mnday` is not a weekday"]),
        ("{mon: 17:00-17:00, tue: 25:00-26:00}", ["window `17:00-17:00`", "`25:00`"]),
        ("[Mo]", ["a list is not text"]),
    ],
)
def test_an_invalid_week_is_a_problem(text: str, expected: list[str]) -> None:
    found = read(WEEK, text)
    assert isinstance(found, list)
    assert any(found[0].startswith(each) for each in expected)


def test_windows_are_kept_as_written() -> None:
    stated = read(WindowsShape(), "['09:00-12:00', '11:00-13:00']")
    assert stated == ((32_400, 43_200), (39_600, 46_800))
    assert WindowsShape().write(stated, WriteContext()) == ["09:00-12:00", "11:00-13:00"]


def test_holidays_are_dates_named_dates_or_sets() -> None:
    text = "[2026-12-25, {date: 2026-12-26, name: Boxing Day}, {name: DE, covered: [2026-01-01, 2026-12-31], beyond: warn, hours: {half: 09:00-12:00}, holidays: {date: 2026-12-24, category: half}}]"  # fmt: skip # noqa: E501 - one value
    whole, loose = read(HolidaysShape(), text)
    assert whole == HolidaySet(
        name="DE",
        holidays=[Holiday("2026-12-24", category="half")],
        hours={"half": ["09:00-12:00"]},
        covered=("2026-01-01", "2026-12-31"),
        beyond=OutsideCoverage.WARN,
    )
    assert [each.date for each in loose.holidays] == [DAY, date(2026, 12, 26)]


def test_a_set_of_dates_only_is_written_as_dates() -> None:
    assert HolidaysShape().write((HolidaySet(holidays=[DAY]),), WriteContext()) == ["2026-12-25"]
    assert HolidaysShape().write((HolidaySet(),), WriteContext()) == [{}]


def test_a_calendar_has_dated_hours_and_changes() -> None:
    text = "{zone: Europe/Berlin, week: Mo-Fr 09:00-17:00, dated: {date: 2026-12-24, hours: 09:00-12:00, name: Eve}, changes: {date: 2027-01-01, week: Mo 09:00-10:00}}"  # fmt: skip # noqa: E501 - one value
    calendar = read(CALENDAR, text)
    assert calendar.dated == (DatedHours("2026-12-24", ["09:00-12:00"], name="Eve"),)
    assert calendar.changes[0].week == Week("Mo 09:00-10:00")
    assert isinstance(calendar, Calendar)
