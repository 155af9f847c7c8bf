from __future__ import annotations

from datetime import date
from itertools import islice

import pytest

from entitlements.billing import BillingSchedule
from entitlements.contracts import Cycle
from entitlements.kernel import InvalidValueError, LimitExceededError


@pytest.mark.parametrize(
    ("schedule", "start", "expected"),
    [
        (
            BillingSchedule(every=Cycle("quarter"), anchor=date(2026, 1, 1)),
            date(2026, 5, 16),
            [("2026-04-01", "2026-05-16"), ("2026-07-01", "2026-07-01")],
        ),
        (
            BillingSchedule(every=Cycle("year"), anchor=date(2026, 3, 10), billing_day=1),
            date(2026, 3, 10),
            [("2025-04-01", "2026-03-10"), ("2026-04-01", "2026-04-01")],
        ),
        (
            BillingSchedule(every=Cycle("week", 2), anchor=date(2026, 1, 5)),
            date(2026, 1, 28),
            [("2026-01-19", "2026-01-28"), ("2026-02-02", "2026-02-02")],
        ),
    ],
)
def test_what_begins_within_a_period_is_paid_from_its_start(
    schedule: BillingSchedule, start: date, expected: list[tuple[str, str]]
) -> None:
    found = islice(schedule.periods(start, None, date(2030, 1, 1)), 2)
    assert [(str(each.first), str(each.start)) for each in found] == expected


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"billing_day": 0}, InvalidValueError),
        ({"billing_day": 32}, LimitExceededError),
        ({"every": Cycle("week"), "billing_day": 1}, InvalidValueError),
        ({"every": "month"}, InvalidValueError),
        ({"anchor": "2026-01-01"}, InvalidValueError),
        ({"anchor": date(1, 1, 1)}, LimitExceededError),
    ],
)
def test_an_impossible_schedule_is_refused(
    fields: dict[str, object], error: type[Exception]
) -> None:
    usual = {"every": Cycle("month"), "anchor": date(2026, 1, 1)}
    with pytest.raises(error):
        BillingSchedule(**(usual | fields))  # type: ignore[arg-type]
