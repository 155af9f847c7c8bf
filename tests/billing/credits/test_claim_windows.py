from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from entitlements.billing import ClaimWindow
from entitlements.kernel import InvalidValueError, LimitExceededError, utc

DAY = timedelta(days=1)
FEBRUARY_10 = utc("2026-02-10T12:00Z")
FEBRUARY_28 = utc("2026-02-28T16:00Z")
NEW_YEARS_EVE = utc("2026-12-31T12:00Z")


@pytest.mark.parametrize(
    ("window", "missed", "zone", "last"),
    [
        # AWS: by the end of the second billing cycle after the incident
        (ClaimWindow(month_ends=2), FEBRUARY_10, "UTC", "2026-05-01T00:00Z"),
        # Azure: within two months of the end of the billing month, by two readings: 28 and 30 April
        (ClaimWindow(months=2, after="month"), FEBRUARY_10, "UTC", "2026-04-29T00:00Z"),
        (ClaimWindow(month_ends=2, after="month"), FEBRUARY_10, "UTC", "2026-05-01T00:00Z"),
        # Microsoft's other services: by the end of the following month; 15 February gives 31 March
        (ClaimWindow(month_ends=1), utc("2026-02-15T09:00Z"), "UTC", "2026-04-01T00:00Z"),
        # GitLab: 30 days after the month; Atlassian: 15 days after the month
        (ClaimWindow(days=30, after="month"), FEBRUARY_10, "UTC", "2026-03-31T00:00Z"),
        (ClaimWindow(days=15, after="month"), FEBRUARY_10, "UTC", "2026-03-16T00:00Z"),
        # MongoDB: a ticket within 24 hours
        (ClaimWindow(within=timedelta(hours=24)), FEBRUARY_10, "UTC", "2026-02-11T12:00Z"),
        # GitHub counts by quarters
        (ClaimWindow(days=30, after="quarter"), FEBRUARY_10, "UTC", "2026-05-01T00:00Z"),
        (ClaimWindow(days=1, after="quarter"), NEW_YEARS_EVE, "UTC", "2027-01-02T00:00Z"),
        # In Tokyo it is already March
        (ClaimWindow(days=15, after="month"), FEBRUARY_28, "Asia/Tokyo", "2026-04-15T15:00Z"),
        (ClaimWindow(months=2), NEW_YEARS_EVE, "UTC", "2027-03-01T00:00Z"),
        (ClaimWindow(within=DAY, after="month"), FEBRUARY_10, "UTC", "2026-03-02T00:00Z"),
    ],
)  # fmt: skip
def test_claims_are_in_time_up_to_the_published_day(
    window: ClaimWindow, missed: datetime, zone: str, last: str
) -> None:
    assert window.last_instant(missed, zone) == utc(last)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, InvalidValueError),
        ({"days": 30, "months": 1}, InvalidValueError),
        ({"days": 0}, InvalidValueError),
        ({"months": 1201}, LimitExceededError),
        ({"within": timedelta()}, InvalidValueError),
        ({"within": 24}, InvalidValueError),
        ({"days": 30, "after": "year"}, InvalidValueError),
    ],
)
def test_an_impossible_window_is_refused(fields: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        ClaimWindow(**fields)  # type: ignore[arg-type]
