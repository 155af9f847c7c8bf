from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.aftersales import Outage
from entitlements.kernel import InvalidValueError, utc
from entitlements.outcomes import ObjectiveWindow, ServiceObjective, WindowUnit

NEW_YORK = ZoneInfo("America/New_York")
NOON = datetime(2024, 1, 31, 12)  # noqa: DTZ001 - a wall time


def window(unit: str, count: int = 1, **fields: Any) -> ObjectiveWindow:
    return ObjectiveWindow(unit=unit, count=count, **fields)  # type: ignore[arg-type]


@given(
    st.sampled_from([each.value for each in WindowUnit if each is not WindowUnit.MINUTES]),
    st.integers(1, 5),
    st.datetimes(datetime(2024, 2, 1), datetime(2027, 1, 1)),  # noqa: DTZ001 - made aware below
)
def test_calendar_windows_follow_one_another_without_a_gap(
    unit: str, count: int, wall: datetime
) -> None:
    at = utc(wall.replace(tzinfo=NEW_YORK))
    civil = window(unit, count, starts=NOON, zone="America/New_York")
    start, end = civil.around(at)
    assert start <= at < end
    assert civil.around(end)[0] == end
    assert civil.around(end - timedelta(microseconds=1)) == (start, end)
    if unit != "hours":
        assert start.astimezone(NEW_YORK).hour == 12


def test_a_month_that_begins_on_the_31st_begins_with_the_last_day_of_short_ones() -> None:
    month = window("months", starts=NOON, zone="America/New_York")
    start, end = month.around(utc("2024-03-01T00:00Z"))
    assert (start, end) == (utc("2024-02-29T17:00Z"), utc("2024-03-31T16:00Z"))


def test_a_rolling_window_ends_now() -> None:
    at = utc("2026-03-29T12:00Z")
    assert window("weeks", 4).around(at) == (at - timedelta(days=28), at)


# 99.9 percent of 30 days are 43.2 minutes (Google's SRE book, "Availability Table": monthly).
def test_the_budget_of_a_month() -> None:
    rolling = ServiceObjective(
        id="up", service="db", percent=Fraction(999, 10), window=window("days", 30)
    )
    at = utc("2026-03-31T00:00Z")
    down = [
        Outage(id="1", service="db", start=at - timedelta(minutes=30), end=at),
        Outage(id="2", service="web", start=at - timedelta(days=9), end=at),
    ]
    budget = rolling.budget(down, at)
    assert budget.allowed == timedelta(minutes=43, seconds=12)
    assert budget.remaining == timedelta(minutes=13, seconds=12)
    assert budget.burn_rate == Fraction(3000, 4320)


# What is left at the instant at which a window ends is what is left of that window.
def test_a_window_that_ends_is_measured_whole() -> None:
    month = window("months", starts=datetime(2026, 1, 1), zone="Europe/Berlin")  # noqa: DTZ001 - a wall time
    promised = ServiceObjective(id="up", service="db", percent=99, window=month)  # type: ignore[arg-type]
    end = utc("2026-03-31T22:00Z")  # March has 743 hours there
    open_ended = [Outage(id="1", service="db", start=end - timedelta(hours=2))]
    budget = promised.budget(open_ended, end)
    assert (budget.window, budget.allowed) == (
        timedelta(hours=743),
        timedelta(hours=743) / 100,
    )
    assert budget.availability.down == timedelta(hours=2)
    with pytest.raises(InvalidValueError, match="first window"):
        promised.budget([], utc("2025-12-31T23:00Z"))


def test_a_calendar_window_is_measured_up_to_now_and_its_budget_is_that_of_the_whole() -> None:
    civil = window("months", starts=datetime(2026, 1, 1))  # noqa: DTZ001 - a wall time
    month = ServiceObjective(id="up", service="db", percent=99, window=civil)  # type: ignore[arg-type]
    budget = month.budget([], utc("2026-02-08T00:00Z"))
    assert budget.availability.up == timedelta(days=7)
    assert budget.allowed == timedelta(days=28) / 100


@pytest.mark.parametrize(
    "make",
    [
        lambda: window("months"),
        lambda: window("days", 0),
        lambda: window("fortnights"),
        lambda: window("days", starts=utc("2026-01-01T00:00Z")),
        lambda: window("days", zone="Mars"),
        lambda: window("days", starts=NOON).around(utc("2024-01-31T11:59Z")),
        lambda: window("days", starts=NOON).around(NOON),
        lambda: ServiceObjective(id="x", service="x", percent=100, window=window("days")),  # type: ignore[arg-type]
        lambda: ServiceObjective(id="x", service="x", percent=99.9, window=window("days")),  # type: ignore[arg-type]
    ],
)
def test_a_window_of_nothing_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(InvalidValueError):
        make()
