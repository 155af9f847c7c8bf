"""A calendar raises outside the range of known holidays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from entitlements.calendars import BusinessHours, Calendar, HolidaySet, OutsideCoverage
from entitlements.kernel.errors import NotCoveredError
from entitlements.kernel.instants import utc

YEAR = ("2026-01-01", "2026-12-31")
HOUR = timedelta(hours=1)


def desk(beyond: OutsideCoverage = OutsideCoverage.ERROR) -> Calendar:
    known = HolidaySet(holidays=["2026-12-25"], covered=YEAR, beyond=beyond, name="Germany")
    return Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00", name="desk", holidays=known)


def test_answers_inside_the_range_are_unchanged() -> None:
    at = utc("2026-12-24T15:00Z")
    assert desk().is_open(at)
    assert desk().add(at, 2 * HOUR) == utc("2026-12-28T09:00Z")
    assert desk().add(at, -HOUR) == utc("2026-12-24T14:00Z")
    assert desk().next_open(at) == utc("2026-12-28T08:00Z")
    assert desk().next_close(at) == utc("2026-12-24T16:00Z")
    assert desk().previous_open(at) == utc("2026-12-24T08:00Z")
    assert desk().previous_close(at) == utc("2026-12-23T16:00Z")
    assert desk().between(at, utc("2026-12-28T09:00Z")) == 2 * HOUR


LAST_DAY, NEXT_YEAR = utc("2026-12-31T15:00Z"), utc("2027-01-04T10:00Z")
QUESTIONS: list[tuple[str, Callable[[BusinessHours], object]]] = [
    ("is open", lambda hours: hours.is_open(NEXT_YEAR)),
    ("due next year", lambda hours: hours.add(LAST_DAY, 2 * HOUR)),
    ("next opening", lambda hours: hours.next_open(LAST_DAY)),
    ("from next year", lambda hours: hours.next_close(NEXT_YEAR)),
    ("before the first year", lambda hours: hours.previous_close(utc("2026-01-01T10:00Z"))),
    ("opening before it", lambda hours: hours.previous_open(utc("2025-12-31T22:00Z"))),
    ("back into last year", lambda hours: hours.add(utc("2026-01-01T10:00Z"), -3 * HOUR)),
    ("between", lambda hours: hours.between(LAST_DAY, NEXT_YEAR)),
    ("the state", lambda hours: hours.state(NEXT_YEAR)),
]


@pytest.mark.parametrize("ask", [pytest.param(ask, id=name) for name, ask in QUESTIONS])
@pytest.mark.parametrize("hours", [desk(), desk() & Calendar.always(), ~~desk()])
def test_outside_of_the_range_is_an_error(
    hours: BusinessHours, ask: Callable[[BusinessHours], object]
) -> None:
    with pytest.raises(NotCoveredError, match="load more years"):
        ask(hours)


def test_a_warning_instead_of_an_error_can_be_chosen() -> None:
    lenient = desk(OutsideCoverage.WARN)
    assert lenient.is_open(NEXT_YEAR)
    warnings = lenient.explain_add(LAST_DAY, 10 * HOUR).warnings
    assert warnings == ("the holidays of `Germany` are known from 2026-01-01 to 2026-12-31 only",)
    assert lenient.explain_add(utc("2026-06-01T08:00Z"), HOUR).warnings == ()


def test_unknown_years_are_an_error_not_never() -> None:
    known = HolidaySet(holidays=[], covered=YEAR)
    closed = Calendar(zone="UTC", week="", holidays=known)
    at = utc("2026-06-01T08:00Z")
    for amount in (HOUR, -HOUR):
        with pytest.raises(NotCoveredError):
            closed.add(at, amount)
    with pytest.raises(NotCoveredError):
        closed.next_open(at)
    with pytest.raises(NotCoveredError):
        closed.timeline.latest_with(-1)
    with pytest.raises(NotCoveredError):
        closed.timeline.earliest_with(1)


def test_several_sets_cover_what_all_of_them_cover() -> None:
    other = HolidaySet(holidays=[], covered=("2026-06-01", "2027-12-31"))
    (known,) = desk().holidays
    both = Calendar(zone="UTC", week="24/7", holidays=[known, other])
    assert both.is_open(datetime.fromisoformat("2026-06-01T00:00Z"))
    for at in ("2026-05-31T23:59Z", "2027-01-01T00:01Z"):
        with pytest.raises(NotCoveredError):
            both.is_open(utc(at))


def test_holidays_may_be_known_for_a_single_day() -> None:
    day = HolidaySet(holidays=["2026-12-25"], covered=("2026-12-25", "2026-12-25"))
    desk = Calendar(zone="UTC", week="24/7", holidays=day)
    assert day.covered == (date(2026, 12, 25), date(2026, 12, 25))
    assert not desk.is_open(utc("2026-12-25T00:00Z"))
    assert not desk.is_open(utc("2026-12-25T23:59:59Z"))
    for outside in ("2026-12-24T23:59:59Z", "2026-12-26T00:00:01Z"):
        with pytest.raises(NotCoveredError):
            desk.is_open(utc(outside))


TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("start", "amount", "warned"),
    [
        pytest.param(utc("2025-12-31T23:00Z"), HOUR, False, id="from the first instant"),
        pytest.param(utc("2025-12-31T23:00Z") - TICK, HOUR, True, id="from before it"),
        pytest.param(utc("2026-12-31T22:00Z"), HOUR, False, id="to the last instant"),
        pytest.param(utc("2026-12-31T22:00Z"), HOUR + TICK, True, id="to after it"),
    ],
)
def test_a_warning_begins_where_the_known_holidays_end(
    start: datetime, amount: timedelta, *, warned: bool
) -> None:
    known = HolidaySet(holidays=[], covered=YEAR, beyond="warn")  # type: ignore[arg-type]
    always = Calendar(zone="Europe/Berlin", week="24/7", holidays=known)
    assert bool(always.explain_add(start, amount).warnings) is warned
