from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pytest
from tests.documents.examples import problems, read

from entitlements.calendars import Calendar, DatedHours, Holiday, HolidaySet, OutsideCoverage, Week
from entitlements.documents import parse_facts, write_facts
from entitlements.documents.hours.calendars import CALENDAR, WEEK, HolidaysShape, WindowsShape
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


SHARED = """
holidays:
  - {name: germany, public: DE, years: 2026-2027, beyond: warn}
  - {name: company, hours: {half: 09:00-12:00}, holidays: [{date: 2026-12-24, category: half}]}
calendars:
  - {name: berlin, zone: Europe/Berlin, week: "Mo-Fr 09:00-17:00", holidays: [germany, company]}
  - {name: late, based_on: berlin, week: "Mo-Fr 12:00-20:00"}
  - {name: bavaria, based_on: late, holidays: DE-BY 2026}
  - {name: quiet, based_on: berlin, except: {zone: Europe/Berlin, week: "Mo 09:00-10:00"}}
  - {name: rest, zone: Europe/Berlin, week: "Mo-Fr 09:00-17:00", except: bavaria}
"""


def looked_up(country: str, *, subdivision: str | None, years: Iterable[int]) -> HolidaySet:
    first, *others = years
    days = [f"{year}-10-03" for year in (first, *others)]
    name = f"{country}-{subdivision}" if subdivision else country
    last = (first, *others)[-1]
    return HolidaySet(holidays=days, covered=(f"{first}-01-01", f"{last}-12-31"), name=name)


def calendars_of(text: str) -> Mapping[str, Any]:
    facts = parse_facts(text, holidays=looked_up)
    assert parse_facts(write_facts(facts)) == facts
    return facts.catalog.calendars


def test_holiday_sets_are_shared_by_calendars_and_written_once() -> None:
    hours = calendars_of(SHARED)
    germany, company = hours["berlin"].holidays
    assert (germany.name, germany.beyond) == ("germany", OutsideCoverage.WARN)
    assert [each.date.year for each in germany.holidays] == [2026, 2027]
    assert hours["late"].holidays == (germany, company)
    text = write_facts(parse_facts(SHARED, holidays=looked_up))
    assert text.count("2026-12-24") == 1
    assert "holidays: [germany, company]" in text


def test_public_holidays_are_those_that_the_caller_looks_up() -> None:
    (found,) = calendars_of(SHARED)["bavaria"].holidays
    assert found == looked_up("DE", subdivision="BY", years=[2026])


def test_a_calendar_based_on_another_states_what_differs() -> None:
    hours = calendars_of(SHARED)
    assert (hours["late"].zone, hours["late"].week.text) == ("Europe/Berlin", "Mo-Fr 12:00-20:00")
    assert hours["bavaria"].week == hours["late"].week


def test_a_calendar_may_exclude_the_hours_of_others() -> None:
    hours = calendars_of(SHARED)
    morning = Calendar(zone="Europe/Berlin", week="Mo 09:00-10:00")
    assert hours["quiet"] == hours["berlin"] - morning
    plain = Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00")
    assert hours["rest"] == plain - hours["bavaria"]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("holidays: DE-BE", "`DE-BE` does not say for which years (write `DE-BE 2026-2028`)"),
        ("holidays: germny", "no holiday set has the name `germny` (did you mean `germany`?)"),
        ("holidays: [2026-13-01]", "`2026-13-01` is not a date"),
        ("holidays: {public: DE}", "`years` is missing in this holiday set"),
        ("holidays: {public: Germany, years: 2026}", "`Germany 2026` are no public holidays"),
        ("holidays: DE 2026", "the public holidays of `DE` are not in the document"),
        ("based_on: y", "no calendar has the name `y`"),
        ("based_on: x", "calendar `x` is based on itself"),
        ("based_on: other", "calendar `other` is made of others (write `of: other` with"),
        ("except: [yy]", "no calendar has the name `yy`"),
        ("excpet: always", "`excpet` is not a key here (did you mean `except`?)"),
    ],
)
def test_a_slip_in_holidays_or_in_what_a_calendar_is_based_on_is_one_problem(
    keys: str, expected: str
) -> None:
    head = "holidays: [{name: germany, holidays: 2026-01-01}]\ncalendars:\n"
    head += "  - {name: other, not: x}\n"
    (found,) = problems(f'{head}  - {{name: x, zone: UTC, week: "Mo 09:00-10:00", {keys}}}')
    assert found.startswith("4: calendars[1]")
    assert expected in found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("holidays: [{holidays: 2026-01-01}]", "`name` is missing in this holiday set"),
        ("holidays: [2026-01-01]", "`name` is missing in this holiday set"),
        (
            "holidays: [{name: 2026, holidays: []}]",
            "`2026` looks like a date",
        ),
        ("holidays: [{name: a}, {name: a}]", "two holiday sets have the name `a`"),
    ],
)
def test_a_slip_in_a_shared_holiday_set_is_one_problem(text: str, expected: str) -> None:
    (found,) = problems(text)
    assert expected in found
