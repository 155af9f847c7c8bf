"""Calendar lint finds what is legal but probably not meant."""

from __future__ import annotations

import pytest

from entitlements.calendars import Calendar, Closure, DatedHours, HolidaySet, WeekChange
from entitlements.calendars.business_hours import BusinessHours
from entitlements.calendars.lint import CalendarFindingKind, lint_calendar
from entitlements.kernel.instants import utc

START = utc("2026-01-01T00:00Z")
DESK = "Mo-Fr 09:00-17:00"


def berlin(week: str = DESK, **exceptions: object) -> Calendar:
    return Calendar(zone="Europe/Berlin", week=week, name="desk", **exceptions)  # type: ignore[arg-type]


def closed(start: str, end: str) -> Closure:
    return Closure(utc(start), utc(end), name="works")


@pytest.mark.parametrize(
    ("calendar", "kind", "words"),
    [
        pytest.param(
            berlin("Mo 09:00-15:00,12:00-17:00"),
            CalendarFindingKind.OVERLAPPING_WINDOWS,
            "on Mo",
            id="week",
        ),
        pytest.param(
            berlin(changes=[WeekChange("2026-06-01", "Tu 09:00-15:00,12:00-17:00")]),
            CalendarFindingKind.OVERLAPPING_WINDOWS,
            "Tu from 2026-06-01",
            id="a later week",
        ),
        pytest.param(
            berlin(dated=[DatedHours("2026-12-24", "09:00-11:00,10:00-12:00")]),
            CalendarFindingKind.OVERLAPPING_WINDOWS,
            "2026-12-24",
            id="dated hours",
        ),
        pytest.param(
            berlin(f"{DESK}; Su 00:00-02:30"),
            CalendarFindingKind.BOUNDARY_IN_GAP,
            "`02:30` on 2026-03-29 does not exist: the clock goes from `02:00` to `03:00`",
            id="a boundary in the gap",
        ),
        pytest.param(
            berlin(f"{DESK}; Sa 22:00-26:30"),
            CalendarFindingKind.BOUNDARY_IN_GAP,
            "2026-03-29",
            id="after 24:00",
        ),
        pytest.param(
            berlin(holidays=HolidaySet(covered=("2026-01-01", "2026-12-31"), name="DE")),
            CalendarFindingKind.HOLIDAYS_END,
            "`DE` end on 2026-12-31",
            id="covered range",
        ),
        pytest.param(
            berlin(
                holidays=HolidaySet(holidays=["2025-01-06"], covered=("2026-01-01", "2028-12-31"))
            ),
            CalendarFindingKind.OUTSIDE_COVERED,
            "holiday on 2025-01-06 lies outside 2026-01-01 to 2028-12-31",
            id="a holiday of the wrong year",
        ),
        pytest.param(
            berlin(holidays=["2026-12-25"]),
            CalendarFindingKind.HOLIDAYS_END,
            "2026-12-31",
            id="last holiday",
        ),
        pytest.param(
            berlin(dated=[DatedHours("2026-12-23", "09:00-17:00")]),
            CalendarFindingKind.CHANGES_NOTHING,
            "2026-12-23",
            id="dated hours as usual",
        ),
        pytest.param(
            berlin(changes=[WeekChange("2026-06-01", DESK)]),
            CalendarFindingKind.CHANGES_NOTHING,
            "2026-06-01",
            id="the same week",
        ),
        pytest.param(
            berlin(closures=[closed("2026-03-01T00:00Z", "2026-03-01T10:00Z")]),
            CalendarFindingKind.CHANGES_NOTHING,
            "`works`",
            id="closed on Sunday",
        ),
        pytest.param(
            berlin(closures=[closed("2025-12-01T00:00Z", "9997-01-01T00:00Z")]),
            CalendarFindingKind.NEVER_OPENS,
            "closures cover all open time",
            id="closed for good",
        ),
        pytest.param(berlin("off"), CalendarFindingKind.NEVER_OPENS, "no open time", id="never"),
    ],
)
def test_a_probable_mistake_is_found(
    calendar: Calendar, kind: CalendarFindingKind, words: str
) -> None:
    found = lint_calendar(calendar, START)
    assert [each.kind for each in found] in ([kind], [kind, kind])
    assert words in found[0].message
    assert found[0].calendar == "desk"


@pytest.mark.parametrize(
    "hours",
    [
        berlin(),
        berlin("Mo 09:00-12:00,12:00-17:00"),
        berlin("Su 02:00-03:00"),
        Calendar.always(),
        ~berlin(),
        berlin(holidays=HolidaySet(holidays=["2026-12-25"], covered=("2026-01-01", "2030-12-31"))),
    ],
)
def test_hours_without_mistakes_have_no_findings(hours: BusinessHours) -> None:
    assert lint_calendar(hours, START) == ()


@pytest.mark.parametrize(
    ("zone", "place"),
    [
        pytest.param("EST", "America/New_York", id="EST"),
        pytest.param("MST", "America/Denver", id="MST"),
        pytest.param("HST", "Pacific/Honolulu", id="HST"),
        pytest.param("GMT", "Europe/London", id="GMT"),
        pytest.param("Etc/GMT+5", "Europe/Berlin", id="an offset"),
        pytest.param("Greenwich", "Europe/Berlin", id="an observatory"),
    ],
)
def test_a_zone_whose_clock_never_changes_is_found(zone: str, place: str) -> None:
    (found,) = lint_calendar(Calendar(zone=zone, week=DESK), START)
    assert found.kind is CalendarFindingKind.FIXED_CLOCK
    assert f"`{zone}` never changes" in found.message
    assert f"`{place}`" in found.message


@pytest.mark.parametrize(
    "zone", ["UTC", "Etc/UTC", "Zulu", "Asia/Tokyo", "America/Phoenix", "Iceland", "EST5EDT", "CET"]
)
def test_utc_places_and_zones_with_clock_changes_have_no_findings(zone: str) -> None:
    assert lint_calendar(Calendar(zone=zone, week=DESK), START) == ()


def test_the_parts_of_a_composition_are_checked() -> None:
    found = lint_calendar(berlin("off") | berlin() | berlin("Mo 09:00-15:00,12:00-17:00"), START)
    assert {each.kind for each in found} == {
        CalendarFindingKind.NEVER_OPENS,
        CalendarFindingKind.OVERLAPPING_WINDOWS,
    }


def test_the_range_can_be_given() -> None:
    calendar = berlin(holidays=["2026-12-25"])
    assert lint_calendar(calendar, START, until=utc("2026-12-31T00:00Z")) == ()


def test_a_covered_calendar_can_be_linted_outside_of_its_range() -> None:
    calendar = berlin(holidays=HolidaySet(covered=("2020-01-01", "2020-12-31")))
    assert [each.kind for each in lint_calendar(calendar, START)] == [
        CalendarFindingKind.HOLIDAYS_END
    ]
