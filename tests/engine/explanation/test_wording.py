"""Times and amounts in words: with the name of the zone, also where the clock repeats an hour."""

from __future__ import annotations

from datetime import timedelta

import pytest

from entitlements.calendars import BusinessDays
from entitlements.calendars.timeline.zones import load_zone
from entitlements.engine.explanation.languages.english import ENGLISH
from entitlements.engine.explanation.wording import Wording
from entitlements.kernel.instants import utc


def instant(at: str, zone: str | None = "Europe/Berlin", *, exact: bool = True) -> str:
    wording = Wording(ENGLISH, None if zone is None else load_zone(zone), exact)
    return wording.instant(utc(at))


@pytest.mark.parametrize(
    ("at", "zone", "text"),
    [
        ("2026-03-02T09:00Z", "Europe/Berlin", "Monday, 2 March 2026, 10:00 CET (Europe/Berlin)"),
        ("2026-03-02T09:00Z", "UTC", "Monday, 2 March 2026, 09:00 UTC"),
        ("2026-03-02T09:00Z", "Asia/Dubai", "Monday, 2 March 2026, 13:00 +04 (Asia/Dubai)"),
        (
            "2026-10-25T00:30Z",
            "Europe/Berlin",
            "Sunday, 25 October 2026, 02:30 CEST (Europe/Berlin)",
        ),
        (
            "2026-10-25T01:30Z",
            "Europe/Berlin",
            "Sunday, 25 October 2026, 02:30 CET (Europe/Berlin)",
        ),
        ("2026-03-02T09:00:00.000001Z", None, "2026-03-02T09:00:00.000001Z"),
    ],
)
def test_an_instant_names_its_zone(at: str, zone: str | None, text: str) -> None:
    assert instant(at, zone) == text


def test_parts_of_a_minute_are_shown_where_there_are_any_and_microseconds_on_request() -> None:
    at = "2026-03-02T09:00:05.000001Z"
    assert ", 09:00:05.000001 UTC" in instant(at, "UTC")
    assert ", 09:00:05 UTC" in instant(at, "UTC", exact=False)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (timedelta(hours=1, minutes=30), "1 hour 30 minutes"),
        (timedelta(days=2), "48 hours"),
        (timedelta(seconds=1), "1 second"),
        (timedelta(microseconds=1), "0 seconds"),
    ],
)
def test_an_amount_of_time_is_in_words(amount: timedelta, text: str) -> None:
    assert Wording(ENGLISH, None).duration(amount) == text


def test_business_days_are_said_as_in_the_plan() -> None:
    two = BusinessDays(2, anchor="end")  # type: ignore[arg-type]
    assert Wording(ENGLISH, None).days(two) == "2 business days"
