"""Bad input is refused with its text and a hint, and limits end in an error, not in a hang."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from entitlements.calendars import Calendar, Closure, DatedHours, HolidaySet, Week
from entitlements.kernel.errors import (
    ConflictError,
    EntitlementsError,
    InvalidValueError,
    LimitExceededError,
)

DESK = Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00")
AT = datetime(2026, 3, 27, 14, tzinfo=UTC)
EVE = [DatedHours("2026-12-24", "09:00-12:00"), DatedHours("2026-12-24")]
DAYS = [date(2000, 1, 1) + timedelta(days=number) for number in range(10_001)]
YEAR = timedelta(days=365)


@pytest.mark.parametrize(
    ("build", "error", "value", "hints"),
    [
        pytest.param(
            lambda: DESK.is_open(datetime(2026, 3, 27, 14)),  # noqa: DTZ001 - that is the point
            InvalidValueError,
            "2026-03-27",
            1,
            id="naive",
        ),
        pytest.param(
            lambda: Calendar(zone="Europe/Berln", week=""),
            InvalidValueError,
            "Europe/Berln",
            1,
            id="unknown zone",
        ),
        pytest.param(lambda: Week("25:00-26:00"), InvalidValueError, "25:00", 1, id="25:00"),
        pytest.param(
            lambda: Week("09:00-09:00"), InvalidValueError, "09:00-09:00", 1, id="no length"
        ),
        pytest.param(
            lambda: HolidaySet(covered=("2027-01-01", "2026-01-01")),
            InvalidValueError,
            "2027-01-01",
            1,
            id="reversed dates",
        ),
        pytest.param(
            lambda: Closure("2026-03-02T10:00Z", "2026-03-02T10:00Z"),
            InvalidValueError,
            "2026-03-02T10:00",
            1,
            id="reversed instants",
        ),
        pytest.param(
            lambda: Calendar(zone="UTC", week="", dated=EVE),
            ConflictError,
            "2026-12-24",
            1,
            id="two dated hours for one date",
        ),
        pytest.param(
            lambda: DESK.add(AT, 1_000_000 * YEAR),
            LimitExceededError,
            "9997",
            0,
            id="a million years",
        ),
        pytest.param(
            lambda: DESK.add(AT, -1_000_000 * YEAR),
            LimitExceededError,
            "year 2",
            0,
            id="a million years back",
        ),
        pytest.param(
            lambda: Calendar.always().add(AT, 1_000_000 * YEAR),
            LimitExceededError,
            "9997",
            0,
            id="a million years, always open",
        ),
        pytest.param(
            lambda: Calendar(zone="UTC", week="", holidays=DAYS),
            LimitExceededError,
            "10001",
            1,
            id="10,001 exceptions",
        ),
        pytest.param(
            lambda: DESK.is_open(datetime(1, 1, 1, tzinfo=UTC)),
            LimitExceededError,
            "0001-01-01",
            0,
            id="year 1",
        ),
        pytest.param(
            lambda: DESK.next_open(datetime(9999, 12, 31, tzinfo=UTC)),
            LimitExceededError,
            "9999-12-31",
            0,
            id="year 9999",
        ),
        pytest.param(
            lambda: DESK.at("0001-01-01", "09:00"),
            LimitExceededError,
            "0001-01-01",
            0,
            id="0001",
        ),
    ],
)
def test_the_error_names_the_bad_input(
    build: Callable[[], object], error: type[EntitlementsError], value: str, hints: int
) -> None:
    with pytest.raises(error) as refused:
        build()
    assert value in refused.value.message
    assert (refused.value.hint is not None) == hints
    assert isinstance(refused.value, ValueError)


def test_the_first_and_the_last_year_can_be_used() -> None:
    for year in (2, 9997):
        at = datetime(year, 6, 1, 12, tzinfo=UTC)
        opening = DESK.next_open(at)
        assert opening is not None
        assert opening - at < timedelta(days=4)
        assert DESK.add(at, timedelta(hours=100)) - at < timedelta(days=21)
