from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.calendars import Calendar, DatedHours
from entitlements.calendars.cut_offs import cut_off_seconds, cut_off_text, received_at
from entitlements.kernel.errors import InvalidValueError, NeverReachedError
from entitlements.kernel.instants import HOUR, from_micros, to_micros, utc

DESK = Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-12:00,13:00-17:00", holidays=["2026-03-26"])
NIGHT = Calendar(zone="Europe/Berlin", week="Mo-Fr 22:00-30:00")
THREE = 15 * 3600


def received(hours: Calendar, text: str, cut_off: int = THREE) -> str:
    at = to_micros(utc(hours.at(text[:10], text[11:])))
    return f"{hours.local(from_micros(received_at(hours, at, cut_off))):%a %d %H:%M}"


@pytest.mark.parametrize(
    ("request_at", "counts_as"),
    [
        pytest.param("2026-03-24 14:59", "Tue 24 14:59", id="before the cut-off"),
        pytest.param("2026-03-24 15:00", "Wed 25 09:00", id="at the cut-off"),
        pytest.param("2026-03-24 16:30", "Wed 25 09:00", id="after the cut-off"),
        pytest.param("2026-03-24 17:00", "Wed 25 09:00", id="at the closing"),
        pytest.param("2026-03-24 23:00", "Wed 25 09:00", id="at night"),
        pytest.param("2026-03-24 08:00", "Tue 24 09:00", id="before the opening"),
        pytest.param("2026-03-24 12:30", "Tue 24 13:00", id="at lunch"),
        pytest.param("2026-03-25 15:30", "Fri 27 09:00", id="before a holiday"),
        pytest.param("2026-03-26 16:00", "Fri 27 09:00", id="on a holiday"),
        pytest.param("2026-03-27 16:00", "Mon 30 09:00", id="before a weekend and a clock change"),
    ],
)
def test_late_requests_count_at_the_first_opening_of_the_next_open_date(
    request_at: str, counts_as: str
) -> None:
    assert received(DESK, request_at) == counts_as


def test_a_request_at_lunch_after_an_early_cut_off_counts_on_the_next_date() -> None:
    assert received(DESK, "2026-03-24 12:30", 12 * 3600) == "Wed 25 09:00"


def test_hours_after_midnight_belong_to_the_date_on_which_they_begin() -> None:
    late = cut_off_seconds("28:00")
    assert received(NIGHT, "2026-03-25 03:59", late) == "Wed 25 03:59"
    assert received(NIGHT, "2026-03-25 04:00", late) == "Wed 25 22:00"
    assert received(NIGHT, "2026-03-28 05:00", late) == "Mon 30 22:00"


def test_around_the_clock_the_next_date_begins_at_midnight() -> None:
    assert received(Calendar.always(), "2026-03-24 15:00") == "Wed 25 00:00"


def test_where_no_business_day_follows_a_late_request_is_refused() -> None:
    once = Calendar(zone="UTC", week="off", dated=[DatedHours("2026-03-24", ["09:00-17:00"])])
    assert received(once, "2026-03-24 14:00") == "Tue 24 14:00"
    with pytest.raises(NeverReachedError):
        received(once, "2026-03-24 16:00")


def test_hours_that_never_open_leave_the_request_where_it_is() -> None:
    assert received(Calendar.never(), "2026-03-24 15:00") == "Tue 24 15:00"


@given(st.integers(0, 24 * 14 * 60), st.integers(1, 600), st.integers(0, 24))
def test_later_requests_never_count_earlier(minutes: int, more: int, hour: int) -> None:
    first = to_micros(utc("2026-03-20T00:00Z")) + minutes * HOUR // 60
    second = first + more * HOUR // 60
    for hours in (DESK, NIGHT, Calendar.always()):
        one, other = (received_at(hours, at, hour * 3600) for at in (first, second))
        assert first <= one <= other


@pytest.mark.parametrize("text", ["15", "24:61", "48:01", "noon", ""])
def test_a_cut_off_is_a_time_of_day(text: str) -> None:
    with pytest.raises(InvalidValueError):
        cut_off_text(text)


def test_a_cut_off_after_midnight_is_more_than_24_hours() -> None:
    assert cut_off_text("28:00") == "28:00"
    assert cut_off_seconds("28:00") == 28 * 3600
