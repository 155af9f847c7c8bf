"""Availability rules: what a cause means, and when maintenance was announced in time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from entitlements.contracts import AvailabilityRules
from entitlements.contracts.plan_terms.availability_rules import Exclusion
from entitlements.kernel import InvalidValueError, utc

START = utc("2026-03-10T00:00Z")
DAY = timedelta(days=1)


def test_a_cause_that_is_not_named_excludes_nothing() -> None:
    rules = AvailabilityRules(causes={"customer": "counts_as_up"})  # type: ignore[dict-item]
    meanings = [rules.meaning_of(each) for each in ("customer", "storm", None)]
    assert meanings == [
        Exclusion.COUNTS_AS_UP,
        Exclusion.COUNTS_AS_IS,
        Exclusion.COUNTS_AS_IS,
    ]


def test_maintenance_is_announced_in_time_up_to_the_last_instant() -> None:
    rules = AvailabilityRules(announced=5 * DAY)
    instant = timedelta(microseconds=1)
    assert rules.is_in_time(START - 5 * DAY, START)
    assert not rules.is_in_time(START - 5 * DAY + instant, START)
    assert not rules.is_in_time(None, START)
    assert AvailabilityRules().is_in_time(None, START)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"announced": -DAY}, "is not from 0"),
        ({"announced": 400 * DAY}, "is not from 0"),
        ({"maintenance": "forgiven"}, "`forgiven`"),
        ({"causes": {"customer": "forgiven"}}, "`forgiven`"),
        ({"causes": {"": "excluded"}}, "empty"),
        ({"causes": ["customer"]}, "mapping|Mapping"),
    ],
)
def test_what_makes_no_sense_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises((InvalidValueError, TypeError), match=message):
        AvailabilityRules(**given)
