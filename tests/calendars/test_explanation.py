"""An explanation of `add` holds everything that the result depends on."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import tzdata

from entitlements.calendars import (
    Calendar,
    Closure,
    DatedHours,
    Holiday,
    HolidaySet,
    HoursCause,
    Landing,
    SkippedDay,
)
from entitlements.calendars.state import HoursRule
from entitlements.kernel.errors import LimitExceededError
from entitlements.kernel.instants import utc
from entitlements.kernel.periods.spans import Span

DESK = Calendar(
    zone="Europe/Berlin",
    week="Mo-Fr 09:00-17:00",
    name="desk",
    holidays=HolidaySet(holidays=[Holiday("2026-12-25", "Christmas Day")]),
    dated=[DatedHours("2026-12-24", ["09:00-12:00"], name="Christmas Eve")],
    closures=[Closure("2026-12-28T08:00Z", "2026-12-28T09:00Z", name="fire drill")],
)
HOURS = timedelta(hours=1)


def test_an_explanation_names_what_was_used_and_what_was_skipped() -> None:
    explained = DESK.explain_add(utc("2026-12-24T10:00Z"), 3 * HOURS)
    assert explained.due == utc("2026-12-28T11:00Z")
    assert explained.used == (
        Span("2026-12-24T10:00Z", "2026-12-24T11:00Z"),
        Span("2026-12-28T09:00Z", "2026-12-28T11:00Z"),
    )
    assert explained.skipped == (
        SkippedDay(date(2026, 12, 24), HoursCause(HoursRule.DATED, "Christmas Eve", "desk")),
        SkippedDay(date(2026, 12, 25), HoursCause(HoursRule.HOLIDAY, "Christmas Day", "desk")),
        SkippedDay(date(2026, 12, 28), HoursCause(HoursRule.CLOSURE, "fire drill", "desk")),
    )
    assert explained.tz_release == tzdata.IANA_VERSION
    assert explained.fingerprint == DESK.fingerprint
    assert explained.warnings == ()


def test_an_explanation_reads_as_sentences() -> None:
    assert DESK.explain_add(utc("2026-12-24T10:00Z"), 3 * HOURS).lines == (
        "3h of `desk` from 2026-12-24 10:00Z",
        "used 1h: 2026-12-24 10:00Z to 2026-12-24 11:00Z",
        "used 2h: 2026-12-28 09:00Z to 2026-12-28 11:00Z",
        "skipped 2026-12-24: dated hours `Christmas Eve` in `desk`",
        "skipped 2026-12-25: holiday `Christmas Day` in `desk`",
        "skipped 2026-12-28: closure `fire drill` in `desk`",
        f"due 2026-12-28 11:00Z (time zones {tzdata.IANA_VERSION})",
    )


def test_subtracting_is_explained_too() -> None:
    explained = DESK.explain_add(utc("2026-12-28T10:00Z"), -2 * HOURS)
    assert explained.due == utc("2026-12-24T10:00Z")
    assert sum((each.length for each in explained.used), timedelta()) == 2 * HOURS


def test_adding_zero_uses_no_time() -> None:
    explained = DESK.explain_add(utc("2026-12-26T10:00Z"), timedelta())
    assert (explained.used, explained.due) == ((), utc("2026-12-26T10:00Z"))


def test_the_landing_is_explained() -> None:
    explained = DESK.explain_add(utc("2026-12-24T10:00Z"), HOURS, landing=Landing.NEXT_OPENING)
    assert (explained.landing, explained.due) == (Landing.NEXT_OPENING, utc("2026-12-28T09:00Z"))


def test_an_explanation_is_bounded() -> None:
    with pytest.raises(LimitExceededError, match="more than 10000 windows"):
        DESK.explain_add(utc("2026-12-24T10:00Z"), 100_000 * HOURS)


def test_an_explanation_lists_10_000_windows_and_no_fewer() -> None:
    minutes = Calendar(zone="UTC", week="Mo-Su 00:00-00:01,12:00-12:01")
    start = utc("2026-01-01T00:00Z")
    explained = minutes.explain_add(start, timedelta(minutes=10_000))
    assert len(explained.used) == 10_000
    assert sum((span.length for span in explained.used), timedelta()) == explained.amount
    assert explained.used[-1].end == explained.due
    with pytest.raises(LimitExceededError, match="more than 10000 windows"):
        minutes.explain_add(start, timedelta(minutes=10_001))


def test_an_explanation_of_millennia_is_refused_before_its_windows_are_listed() -> None:
    minutes = Calendar(zone="UTC", week="Mo-Su 00:00-00:01,12:00-12:01")
    with pytest.raises(LimitExceededError, match="more than 10000 windows"):
        minutes.explain_add(utc("0002-06-01T00:00Z"), timedelta(minutes=7_200_000))
