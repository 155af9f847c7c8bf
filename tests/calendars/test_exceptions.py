"""Exceptions from the week have names and dates, and are refused if they conflict."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given

from entitlements.calendars import (
    Closure,
    DatedHours,
    Holiday,
    HolidaySet,
    OutsideCoverage,
    WeekChange,
)
from entitlements.calendars.exceptions import (
    as_holiday_sets,
    calendar_date,
    check_unique_dates,
    sorted_by_date,
)
from entitlements.kernel.errors import ConflictError, InvalidValueError
from entitlements.testing.strategies.calendars import days


def test_dates_are_dates_or_iso_text() -> None:
    assert calendar_date("2026-12-24") == date(2026, 12, 24)
    assert calendar_date(date(2026, 12, 24)) == date(2026, 12, 24)


@pytest.mark.parametrize("value", ["24.12.2026", "2026-02-29", datetime(2026, 1, 1, tzinfo=UTC), 7])
def test_other_values_are_not_dates(value: object) -> None:
    with pytest.raises(InvalidValueError, match="is not a date"):
        calendar_date(value)  # type: ignore[arg-type]


def test_dated_hours_may_be_closed_and_may_overlap() -> None:
    assert DatedHours("2026-12-24").windows == ()
    assert DatedHours("2026-12-24", "09:00-12:00,11:00-13:00").windows == ((32_400, 46_800),)
    assert DatedHours("2026-12-24", ((32_400, 43_200),)) == DatedHours("2026-12-24", "09:00-12:00")


def test_a_closure_must_end_after_its_start() -> None:
    with pytest.raises(InvalidValueError, match="swap them"):
        Closure("2026-03-02T10:00Z", "2026-03-02T09:00Z")
    with pytest.raises(InvalidValueError, match="no time zone"):
        Closure("2026-03-02T10:00", "2026-03-02T11:00Z")


def test_dates_are_in_their_order_whatever_they_are_called() -> None:
    eve, boxing = DatedHours("2026-12-24", name="z"), DatedHours("2026-12-26", name="a")
    assert sorted_by_date(DatedHours, [boxing, eve]) == (eve, boxing)
    drill = Closure("2026-03-02T10:00Z", "2026-03-02T11:00Z", name="z")
    later = Closure("2026-03-03T10:00Z", "2026-03-03T11:00Z", name="a")
    assert sorted_by_date(Closure, [later, drill]) == (drill, later)


def test_plain_dates_are_public_holidays_in_order() -> None:
    days = HolidaySet(holidays=["2026-12-25", date(2026, 1, 1)])
    assert [each.date.month for each in days.holidays] == [1, 12]
    assert {each.category for each in days.holidays} == {"public"}


def test_categories_have_hours() -> None:
    half = Holiday("2026-12-24", "Christmas Eve", "half_day", "the works council")
    days = HolidaySet(holidays=[half, "2026-12-25"], hours={"half_day": "09:00-12:00"})
    assert [days.windows(each) for each in days.holidays] == [((32_400, 43_200),), ()]


def test_a_covered_range_must_not_be_reversed() -> None:
    with pytest.raises(InvalidValueError, match="swap them"):
        HolidaySet(covered=("2026-12-31", "2026-01-01"))


def test_outside_coverage_is_an_error_or_a_warning() -> None:
    assert HolidaySet(beyond="warn").beyond is OutsideCoverage.WARN
    with pytest.raises(ValueError, match="ignore"):
        HolidaySet(beyond="ignore")


def test_holidays_can_be_sets_or_dates_or_both() -> None:
    germany = HolidaySet(holidays=["2026-10-03"])
    assert as_holiday_sets(germany) == (germany,)
    assert as_holiday_sets(["2026-10-03"]) == (germany,)
    assert as_holiday_sets([germany, "2026-10-03"]) == (germany, germany)
    assert as_holiday_sets(()) == ()
    with pytest.raises(InvalidValueError, match="is not a list of holidays"):
        as_holiday_sets("2026-10-03")


def test_values_are_sorted_by_date_and_of_one_kind() -> None:
    late, early = DatedHours("2026-12-24"), DatedHours("2026-01-05")
    assert sorted_by_date(DatedHours, [late, early]) == (early, late)
    with pytest.raises(InvalidValueError, match="build it with `DatedHours"):
        sorted_by_date(DatedHours, ["2026-12-24"])  # type: ignore[type-var]


def test_two_values_for_one_date_conflict() -> None:
    changes = [WeekChange("2026-12-01", "24/7"), WeekChange("2026-12-01", "")]
    with pytest.raises(ConflictError, match="2026-12-01") as refused:
        check_unique_dates("changes", changes)
    assert refused.value.field == "changes"


@pytest.mark.parametrize(
    "windows",
    [
        pytest.param([(43_200, 32_400)], id="reversed"),
        pytest.param([(32_400, 32_400)], id="no length"),
        pytest.param([(0, 10 * 86_400)], id="ten days long"),
        pytest.param([(86_400, 90_000)], id="starts on the next day"),
        pytest.param([(-1, 3600)], id="starts on the day before"),
        pytest.param([("09:00", "12:00")], id="text"),
        pytest.param([(0.5, 3600)], id="a fraction"),
        pytest.param([(False, True)], id="truth values"),
        pytest.param([(0, 3600, 7200)], id="three times"),
        pytest.param([(0,)], id="one time"),
        pytest.param([(0, 3600), (0, 3600)], id="twice"),
        pytest.param([(0, 3600), "09:00-12:00"], id="beside text"),
        pytest.param(["09:00-12:00", (0, 3600)], id="after text"),
        pytest.param([(second, second + 1) for second in range(49)], id="49 windows"),
        pytest.param(5, id="a number"),
    ],
)
def test_windows_in_seconds_keep_the_limits_of_windows_in_text(windows: object) -> None:
    with pytest.raises(InvalidValueError):
        DatedHours("2026-12-24", windows)
    with pytest.raises(InvalidValueError):
        HolidaySet(hours={"half_day": windows})  # type: ignore[dict-item]


def test_windows_in_seconds_may_fill_two_days_and_be_48() -> None:
    assert DatedHours("2026-12-24", [(0, 2 * 86_400)]).windows == ((0, 2 * 86_400),)
    assert DatedHours("2026-12-24", [(86_399, 86_400)]).windows == ((86_399, 86_400),)
    many = tuple((2 * second, 2 * second + 1) for second in range(48))
    assert DatedHours("2026-12-24", many).windows == many


@given(days())
def test_windows_in_seconds_are_the_windows_in_text(text: list[str]) -> None:
    stated = DatedHours("2026-12-24", text).stated
    assert DatedHours("2026-12-24", stated) == DatedHours("2026-12-24", text)
