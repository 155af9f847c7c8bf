"""Days into instants: by the zone, at clock changes, and where the calendar ends."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from entitlements.contracts import Amendment, Contract, Renewal
from entitlements.contracts.dates.day_boundaries import (
    add_days,
    add_months,
    boundary,
    check_date_range,
    day_end,
    day_start,
)
from entitlements.kernel.errors import InvalidValueError, LimitExceededError
from entitlements.kernel.instants import END_OF_TIME, HOUR, from_micros, to_micros, utc

DAYS = st.dates(date(1990, 1, 1), date(2037, 12, 31))


@pytest.mark.parametrize(
    ("day", "zone", "first"),
    [
        pytest.param(date(2026, 1, 1), "UTC", "2026-01-01T00:00Z", id="utc"),
        pytest.param(date(2026, 1, 1), "Europe/Berlin", "2025-12-31T23:00Z", id="winter"),
        pytest.param(date(2026, 7, 1), "Europe/Berlin", "2026-06-30T22:00Z", id="summer"),
        # Beirut put its clocks forward at midnight: the day began at one.
        pytest.param(date(2022, 3, 27), "Asia/Beirut", "2022-03-26T22:00Z", id="no midnight"),
        # Havana put them back at one: midnight came twice, the day began at the first.
        pytest.param(date(2026, 11, 1), "America/Havana", "2026-11-01T04:00Z", id="two midnights"),
    ],
)
def test_a_day_starts(day: date, zone: str, first: str) -> None:
    assert day_start(day, zone) == to_micros(utc(first))


def test_a_day_of_a_clock_change_is_shorter_or_longer() -> None:
    berlin = "Europe/Berlin"
    hours = [
        (day_end(day, berlin) - day_start(day, berlin)) // HOUR
        for day in (date(2026, 3, 29), date(2026, 3, 30), date(2026, 10, 25))
    ]
    assert hours == [23, 24, 25]


@given(DAYS, st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata"]))
def test_a_day_ends_where_the_next_one_starts(day: date, zone: str) -> None:
    local = datetime.fromtimestamp(day_end(day, zone) / 1e6, ZoneInfo(zone))
    assert (local.date().toordinal(), local.hour) == (day.toordinal() + 1, 0)


def test_the_end_of_the_calendar_means_never() -> None:
    assert day_end(date(9999, 12, 31), "UTC") == END_OF_TIME


ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Pacific/Kiritimati"])


@given(st.dates(), ZONES)
@example(date.max, "Europe/Berlin")
@example(date(9997, 12, 31), "America/New_York")
@example(date(2, 1, 1), "Pacific/Kiritimati")
def test_every_day_is_an_instant_that_can_be_asked_about_or_never(day: date, zone: str) -> None:
    for at in (day_start(day, zone), day_end(day, zone)):
        assert at == END_OF_TIME or to_micros(from_micros(at)) == at


def test_a_grace_of_any_length_ends_on_a_day() -> None:
    assert add_days(date(2026, 2, 27), 3) == date(2026, 3, 2)
    assert add_days(date(2026, 2, 27), 10**30) == date.max


@pytest.mark.parametrize("day", [date.min, date(1, 12, 31), date(9998, 1, 1), date.max])
def test_a_first_day_on_which_nobody_can_ask_is_refused(day: date) -> None:
    for make in (
        lambda: check_date_range(day, None, "line `1`"),
        lambda: Contract(id="C", customer="acme", zone="UTC", start=day),
        lambda: Amendment(id="A", contract="C", effective=day),
        lambda: Renewal(id="R", contract="C", kind="fresh", start=day),
    ):
        with pytest.raises(LimitExceededError, match=f"`{day}`, which lies outside the years"):
            make()


@pytest.mark.parametrize("day", [utc("2026-01-01T00:00Z"), "2026-01-01", 7])
def test_what_is_no_day_is_refused(day: Any) -> None:
    for make in (
        lambda: check_date_range(day, None, "line `1`"),
        lambda: check_date_range(None, day, "line `1`"),
        lambda: Amendment(id="A", contract="C", effective=day),
    ):
        with pytest.raises(InvalidValueError, match=r"which is not a date .pass a `datetime.date`"):
            make()


@pytest.mark.parametrize("months", [12 * 8000, 10**30])
def test_months_that_lead_out_of_the_calendar_are_refused(months: int) -> None:
    with pytest.raises(LimitExceededError, match="outside the years"):
        Contract(id="C", customer="acme", zone="UTC", start=date(2026, 1, 1), months=months)


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
    ],
)
def test_months_are_calendar_months(day: date, months: int, then: date) -> None:
    assert add_months(day, months) == then


@given(DAYS, st.integers(-100, 100))
def test_months_forth_and_back_lose_days_of_the_month_only(day: date, months: int) -> None:
    back = add_months(add_months(day, months), -months)
    assert (back.year, back.month) == (day.year, day.month)
    assert back <= day


def test_months_past_the_calendar_are_refused() -> None:
    with pytest.raises(LimitExceededError, match="years 2 to 9997"):
        add_months(date(2026, 1, 1), 12 * 8000)


def test_an_edge_is_an_instant_or_the_side_of_a_day() -> None:
    noon = utc("2026-03-02T12:00Z")
    assert boundary(noon, "UTC") == to_micros(noon)
    assert boundary(date(2026, 3, 2), "UTC") == to_micros(utc("2026-03-02T00:00Z"))
    assert boundary(date(2026, 3, 2), "UTC", end=True) == to_micros(utc("2026-03-03T00:00Z"))


def test_dates_in_the_wrong_order_are_refused() -> None:
    check_date_range(date(2026, 1, 1), date(2026, 1, 1), "it")
    check_date_range(None, date(2026, 1, 1), "it")
    with pytest.raises(InvalidValueError, match="it ends on `2026-01-01`, before"):
        check_date_range(date(2026, 1, 2), date(2026, 1, 1), "it")
