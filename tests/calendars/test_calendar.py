"""A calendar is a week in a zone, with exceptions in order of precedence."""

from __future__ import annotations

import pickle
from datetime import date, timedelta
from hashlib import sha256

import pytest

from entitlements.calendars import (
    Calendar,
    Closure,
    DatedHours,
    Holiday,
    HolidaySet,
    Week,
    WeekChange,
)
from entitlements.kernel.errors import ConflictError, InvalidValueError, LimitExceededError
from entitlements.kernel.instants import utc

HOUR = timedelta(hours=1)
WEEK = "Mo-Fr 09:00-17:00"


def berlin(**exceptions: object) -> Calendar:
    return Calendar(zone="Europe/Berlin", week=WEEK, **exceptions)  # type: ignore[arg-type]


def open_on(calendar: Calendar, day: str) -> timedelta:
    """Return the open time between two midnights."""
    start = calendar.at(day, "00:00")
    return calendar.between(start, calendar.at(day, "24:00"))


def test_closure_beats_dated_hours_beat_holiday_beats_week() -> None:
    day = "2026-12-24"
    eve = HolidaySet(
        holidays=[Holiday(day, "Christmas Eve", "half_day")], hours={"half_day": "09:00-13:00"}
    )
    dated = DatedHours(day, "09:00-12:00")
    closure = Closure("2026-12-24T08:00Z", "2026-12-24T09:00Z")
    assert open_on(berlin(), day) == 8 * HOUR
    assert open_on(berlin(holidays=eve), day) == 4 * HOUR
    assert open_on(berlin(holidays=eve, dated=[dated]), day) == 3 * HOUR
    assert open_on(berlin(holidays=eve, dated=[dated], closures=[closure]), day) == 2 * HOUR
    assert open_on(berlin(holidays=[day]), day) == timedelta()


def test_a_holiday_does_not_cut_the_night_shift_of_the_day_before() -> None:
    nights = Calendar(zone="UTC", week="22:00-06:00", holidays=["2026-12-25"])
    assert nights.is_open(utc("2026-12-25T05:00Z"))
    assert not nights.is_open(utc("2026-12-25T23:00Z"))
    assert not nights.is_open(utc("2026-12-26T05:00Z"))
    assert nights.is_open(utc("2026-12-26T23:00Z"))


def test_a_closure_cuts_the_night_shift() -> None:
    christmas = Closure("2026-12-25T00:00Z", "2026-12-26T00:00Z")
    nights = Calendar(zone="UTC", week="22:00-06:00", closures=[christmas])
    assert not nights.is_open(utc("2026-12-25T05:00Z"))
    assert nights.is_open(utc("2026-12-26T05:00Z"))


def test_the_stricter_of_two_holidays_on_one_date_holds() -> None:
    day = "2026-12-24"
    half = HolidaySet(holidays=[Holiday(day, category="half")], hours={"half": "09:00-13:00"})
    late = HolidaySet(holidays=[Holiday(day, category="late")], hours={"late": "11:00-17:00"})
    assert open_on(berlin(holidays=[half, late]), day) == 2 * HOUR
    assert open_on(berlin(holidays=[half, HolidaySet(holidays=[day])]), day) == timedelta()


def test_new_hours_from_next_month_do_not_change_last_month() -> None:
    changed = berlin(changes=[WeekChange("2026-12-01", "Mo-Th 09:00-18:00")])
    november, december = "2026-11-27", "2026-12-04"
    assert open_on(changed, november) == open_on(berlin(), november) == 8 * HOUR
    assert open_on(changed, december) == timedelta()
    assert open_on(changed, "2026-12-01") == 9 * HOUR
    assert changed != berlin()


def test_a_change_of_the_week_does_not_cut_a_night_shift() -> None:
    nights = Calendar(zone="UTC", week="22:00-06:00", changes=[WeekChange("2026-12-01", "")])
    assert nights.is_open(utc("2026-12-01T05:00Z"))
    assert nights.next_open(utc("2026-12-01T05:00Z")) is None
    back = Calendar(zone="UTC", week="", changes=[WeekChange("2026-12-01", "22:00-06:00")])
    assert back.previous_open(utc("2026-12-02T00:00Z")) == utc("2026-12-01T22:00Z")
    assert back.previous_open(utc("2026-12-01T22:00Z")) is None


def test_windows_on_a_date() -> None:
    calendar = berlin(
        holidays=["2026-12-25"],
        dated=[DatedHours("2026-12-24", "09:00-12:00")],
        changes=[WeekChange("2027-01-01", "Mo-Su 10:00-11:00")],
    )
    assert calendar.windows_on(date(2026, 12, 23)) == ((32_400, 61_200),)
    assert calendar.windows_on(date(2026, 12, 24)) == ((32_400, 43_200),)
    assert calendar.windows_on(date(2026, 12, 25)) == ()
    assert calendar.windows_on(date(2027, 1, 3)) == ((36_000, 39_600),)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        pytest.param(berlin(name="a"), berlin(name="b"), id="names"),
        pytest.param(berlin(), Calendar(zone="Europe/Berlin", week=Week(WEEK)), id="text or week"),
        pytest.param(berlin(holidays=["2026-12-26"]), berlin(), id="a holiday on a Saturday"),
        pytest.param(
            berlin(dated=[DatedHours("2026-12-23", "09:00-17:00")]), berlin(), id="the same hours"
        ),
        pytest.param(berlin(changes=[WeekChange("2026-12-01", WEEK)]), berlin(), id="no change"),
        pytest.param(
            berlin(closures=[Closure("2026-03-02T08:00Z", "2026-03-02T10:00Z")]),
            berlin(
                closures=[
                    Closure("2026-03-02T09:00Z", "2026-03-02T10:00Z"),
                    Closure("2026-03-02T08:00Z", "2026-03-02T09:30Z"),
                ]
            ),
            id="closures in pieces",
        ),
        pytest.param(Calendar.always(), Calendar(zone="Asia/Tokyo", week="24/7"), id="always"),
        pytest.param(Calendar.never(), Calendar(zone="Asia/Tokyo", week=""), id="never"),
        pytest.param(
            Calendar.never(),
            Calendar(
                zone="UTC", week="", closures=[Closure("2026-03-02T08:00Z", "2026-03-02T10:00Z")]
            ),
            id="never, and closed",
        ),
    ],
)
def test_equal_hours_are_equal_however_written(one: Calendar, two: Calendar) -> None:
    assert one == two
    assert hash(one) == hash(two)
    assert one.fingerprint == two.fingerprint


@pytest.mark.parametrize(
    "other",
    [
        Calendar(zone="Europe/Paris", week=WEEK),
        Calendar(zone="Europe/Berlin", week="Mo-Th 09:00-17:00"),
        berlin(holidays=["2026-12-25"]),
        berlin(closures=[Closure("2026-03-02T08:00Z", "2026-03-02T10:00Z")]),
        berlin(changes=[WeekChange("2026-12-01", "24/7")]),
    ],
)
def test_different_hours_are_different(other: Calendar) -> None:
    assert other != berlin()
    assert other.fingerprint != berlin().fingerprint


def test_a_fingerprint_is_the_digest_of_the_rules() -> None:
    always = sha256(b'["always"]').hexdigest()
    assert Calendar.always().fingerprint == always
    assert len(berlin().fingerprint) == 64


def test_a_calendar_survives_pickling() -> None:
    calendar = berlin(holidays=["2026-12-25"], name="desk")
    assert calendar.timeline.is_open(0) is False
    again = pickle.loads(pickle.dumps(calendar))  # noqa: S301 - our own bytes
    assert again == calendar
    assert again.add(utc("2026-12-24T15:00Z"), 2 * HOUR) == utc("2026-12-28T09:00Z")


def test_the_fields_rebuild_the_calendar() -> None:
    calendar = berlin(
        name="desk",
        holidays=["2026-12-25"],
        dated=[DatedHours("2026-12-24", "09:00-12:00")],
        changes=[WeekChange("2027-01-01", "24/7")],
    )
    again = Calendar(
        zone=calendar.zone,
        week=calendar.week.text,
        name=calendar.name,
        changes=calendar.changes,
        holidays=calendar.holidays,
        dated=calendar.dated,
        closures=calendar.closures,
    )
    assert again == calendar


def test_two_dated_hours_for_one_date_conflict() -> None:
    twice = [DatedHours("2026-12-24", "09:00-12:00"), DatedHours("2026-12-24", "off")]
    with pytest.raises(ConflictError, match="`2026-12-24`"):
        berlin(dated=twice)


def test_exceptions_are_limited() -> None:
    days = [date(2000, 1, 1) + timedelta(days=number) for number in range(10_001)]
    assert open_on(berlin(holidays=days[:10_000]), "2026-12-24") == timedelta()
    with pytest.raises(LimitExceededError, match="`10001` exceptions"):
        berlin(holidays=days)


def test_values_of_the_wrong_kind_are_refused() -> None:
    with pytest.raises(InvalidValueError, match="build it with `Closure"):
        berlin(closures=["2026-12-24"])


def test_a_calendar_that_is_always_open_but_for_a_closure_is_another_one() -> None:
    drill = Closure("2026-03-02T10:00Z", "2026-03-02T11:00Z")
    always = Calendar(zone="UTC", week="24/7", closures=[drill])
    assert always != Calendar.always()
    assert Calendar.always().is_open(drill.start)
    assert not always.is_open(drill.start)
    assert always.is_open(drill.end)
    assert Calendar(zone="UTC", week="", closures=[drill]) == Calendar.never()


def test_a_change_of_the_week_holds_on_its_date() -> None:
    desk = Calendar(
        zone="UTC",
        week="Mo-Fr 09:00-17:00",
        changes=[WeekChange("2026-12-01", "Mo-Fr 10:00-12:00")],
    )
    assert desk.windows_on(date(2026, 11, 30)) == ((9 * 3_600, 17 * 3_600),)
    assert desk.windows_on(date(2026, 12, 1)) == ((10 * 3_600, 12 * 3_600),)


def test_a_holiday_of_several_sets_is_called_as_the_first_of_them_calls_it() -> None:
    sets = [HolidaySet(holidays=[Holiday("2026-12-25", name)]) for name in ("Christmas", "Noël")]
    desk = Calendar(zone="UTC", week="Mo-Fr 09:00-17:00", holidays=sets)
    (cause,) = desk.state(utc("2026-12-25T10:00Z")).because
    assert cause.name == "Christmas"


@pytest.mark.parametrize(
    ("start", "skipped"),
    [
        pytest.param("2026-12-24T23:55Z", [], id="until the midnight before a holiday"),
        pytest.param("2026-12-25T23:59Z", ["Christmas"], id="in the last minute of a holiday"),
        pytest.param("2026-12-26T00:00Z", [], id="at the midnight after it"),
        pytest.param("2026-12-28T10:59Z", ["fire drill"], id="in the last minute of a closure"),
        pytest.param("2026-12-28T11:00Z", [], id="at its end"),
    ],
)
def test_an_explanation_names_no_exception_that_was_over(start: str, skipped: list[str]) -> None:
    desk = Calendar(
        zone="UTC",
        week="Mo-Su 00:00-24:00",
        holidays=HolidaySet(holidays=[Holiday("2026-12-25", "Christmas")]),
        closures=[Closure("2026-12-28T10:00Z", "2026-12-28T11:00Z", name="fire drill")],
    )
    found = desk.explain_add(utc(start), timedelta(minutes=5))
    assert [each.because.name for each in found.skipped] == skipped
