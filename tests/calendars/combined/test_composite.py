"""Hours are combined by any, all, except and not, across zones and to any depth."""

from __future__ import annotations

from datetime import timedelta

import pytest

from entitlements.calendars import Anchor, BusinessHours, Calendar, Closure, DatedHours, HoursCause
from entitlements.calendars.combined.composite import CompositeCalendar, compose
from entitlements.calendars.options import SetOperator
from entitlements.calendars.state import HoursRule
from entitlements.kernel.errors import InvalidValueError, LimitExceededError, NeverReachedError
from entitlements.kernel.instants import utc

HOUR = timedelta(hours=1)
BERLIN = Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00", name="berlin")
BOSTON = Calendar(zone="America/New_York", week="Mo-Fr 09:00-17:00", name="boston")
SYDNEY = Calendar(zone="Australia/Sydney", week="Mo-Fr 09:00-17:00", name="sydney")
ALWAYS, NEVER = Calendar.always(), Calendar.never()


def test_the_hours_of_two_zones() -> None:
    # In July Berlin is open from 07:00 to 15:00 and Boston from 13:00 to 21:00, in UTC.
    start, end = utc("2026-07-01T00:00Z"), utc("2026-07-02T00:00Z")
    assert (BERLIN | BOSTON).between(start, end) == 14 * HOUR
    assert (BERLIN & BOSTON).between(start, end) == 2 * HOUR
    assert (BERLIN - BOSTON).between(start, end) == 6 * HOUR
    assert (~BERLIN).between(start, end) == 16 * HOUR


def test_two_weeks_in_march_the_zones_are_an_hour_closer() -> None:
    start, end = utc("2026-03-10T00:00Z"), utc("2026-03-11T00:00Z")
    assert (BERLIN & BOSTON).between(start, end) == 3 * HOUR


def test_a_state_names_the_parts_that_decide() -> None:
    both, none = utc("2026-07-01T14:00Z"), utc("2026-07-01T23:00Z")
    week = [HoursCause(HoursRule.WEEK, "", name) for name in ("berlin", "boston")]
    assert (BERLIN | BOSTON).state(both).because == tuple(week)
    assert (BERLIN | BOSTON).state(utc("2026-07-01T08:00Z")).because == (week[0],)
    assert (BERLIN & BOSTON).state(none).because == tuple(week)
    assert (BERLIN & BOSTON).state(utc("2026-07-01T08:00Z")).because == (week[1],)
    assert (BERLIN - BOSTON).state(both).because == (week[1],)
    assert (BERLIN - BOSTON).state(none).because == (week[0],)
    assert (~BERLIN).state(none).because == (week[0],)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        pytest.param(BERLIN | BOSTON, BOSTON | BERLIN, id="order"),
        pytest.param((BERLIN | BOSTON) | SYDNEY, BERLIN | (BOSTON | SYDNEY), id="grouping"),
        pytest.param(BERLIN | BERLIN, BERLIN, id="twice"),
        pytest.param(~~BERLIN, BERLIN, id="double complement"),
        pytest.param(BERLIN - BOSTON, BERLIN & ~BOSTON, id="difference"),
        pytest.param(~(BERLIN | BOSTON), ~BERLIN & ~BOSTON, id="De Morgan"),
        pytest.param(~(BERLIN & BOSTON), ~BERLIN | ~BOSTON, id="De Morgan, the other way"),
        pytest.param(BERLIN | ALWAYS, ALWAYS, id="always absorbs"),
        pytest.param(BERLIN & ALWAYS, BERLIN, id="always is neutral"),
        pytest.param(BERLIN | NEVER, BERLIN, id="never is neutral"),
        pytest.param(BERLIN & NEVER, NEVER, id="never absorbs"),
        pytest.param(BERLIN - BERLIN, NEVER, id="nothing is left"),
        pytest.param(BERLIN | ~BERLIN, ALWAYS, id="all of it"),
        pytest.param(~ALWAYS, NEVER, id="the complement of always"),
        pytest.param(~NEVER, ALWAYS, id="the complement of never"),
        pytest.param(
            CompositeCalendar(SetOperator.ANY, (BERLIN, BOSTON), name="x"),
            BERLIN | BOSTON,
            id="a name",
        ),
    ],
)
def test_hours_equal_by_the_laws_of_sets_are_equal(one: BusinessHours, two: BusinessHours) -> None:
    assert one == two
    assert hash(one) == hash(two)
    assert one.fingerprint == two.fingerprint
    start, end = utc("2026-07-01T00:00Z"), utc("2026-07-08T00:00Z")
    assert one.between(start, end) == two.between(start, end)


def test_different_hours_are_different() -> None:
    assert len({BERLIN, BOSTON, BERLIN | BOSTON, BERLIN & BOSTON, BERLIN - BOSTON, ~BERLIN}) == 6


def test_parts_and_operator_can_be_read_back() -> None:
    both = BERLIN | BOSTON | SYDNEY
    assert isinstance(both, CompositeCalendar)
    assert (both.operator, both.parts) == (SetOperator.ANY, (BERLIN, BOSTON, SYDNEY))
    assert CompositeCalendar(both.operator, both.parts) == both
    assert CompositeCalendar("any", list(both.parts)) == both
    named = CompositeCalendar(SetOperator.ANY, (BERLIN, BOSTON)).named("west")
    assert (named | SYDNEY) == both
    outer = named | SYDNEY
    assert isinstance(outer, CompositeCalendar)
    assert outer.parts == (named, SYDNEY)


def test_the_intersection_of_disjoint_hours_is_never_open() -> None:
    monday, tuesday = (Calendar(zone="UTC", week=f"{day} 09:00-17:00") for day in ("Mo", "Tu"))
    at = utc("2026-07-01T00:00Z")
    both = monday & tuesday
    assert both.next_open(at) is None
    assert both.next_close(at) is None
    assert both.previous_open(at) is None
    assert both.between(at, at + 365 * 24 * HOUR) == timedelta()
    with pytest.raises(NeverReachedError):
        both.add(at, HOUR)
    assert (~both).next_close(at) is None
    assert (~both).previous_open(at) is None
    assert (~both).add(at, HOUR) == at + HOUR


def test_hours_that_overlap_only_after_years_are_found() -> None:
    early = Calendar(zone="UTC", week="", dated=[DatedHours("2099-12-31", "00:00-24:00")])
    at, both = utc("2026-07-01T00:00Z"), early & BERLIN
    assert both.next_open(at) == utc("2099-12-31T08:00Z")
    with pytest.raises(NeverReachedError) as never:
        both.add(at, 9 * HOUR)
    assert never.value.available == 8 * HOUR


def test_closed_time_can_be_added() -> None:
    assert (~BERLIN).add(utc("2026-07-01T14:00Z"), HOUR) == utc("2026-07-01T16:00Z")


def test_maintenance_is_subtracted() -> None:
    maintenance = Calendar(zone="UTC", week="We 12:00-14:00")
    assert (BERLIN - maintenance).add(utc("2026-07-01T11:00Z"), 2 * HOUR) == utc(
        "2026-07-01T15:00Z"
    )


def test_days_are_counted_in_the_common_zone_of_the_parts() -> None:
    late = Calendar(zone="Europe/Berlin", week="Mo-Fr 16:00-22:00")
    both = BERLIN | late
    assert both.zone == "Europe/Berlin"
    assert both.add_days(utc("2026-07-01T08:00Z"), 1, anchor=Anchor.END) == utc("2026-07-02T20:00Z")
    assert (ALWAYS - BERLIN).zone == "Europe/Berlin"
    assert (~ALWAYS).zone == "UTC"


def test_counting_days_of_several_zones_needs_a_zone() -> None:
    both = BERLIN | BOSTON
    with pytest.raises(InvalidValueError, match="`America/New_York`, `Europe/Berlin`"):
        both.add_days(utc("2026-07-01T08:00Z"), 1, anchor=Anchor.END)
    assert isinstance(both, CompositeCalendar)
    in_berlin = both.in_zone("Europe/Berlin")
    assert in_berlin == both
    assert in_berlin.add_days(utc("2026-07-01T08:00Z"), 1, anchor=Anchor.END) == utc(
        "2026-07-02T21:00Z"
    )
    assert in_berlin.add_days(utc("2026-07-03T08:00Z"), 1, anchor=Anchor.START) == utc(
        "2026-07-06T07:00Z"
    )


def test_an_explanation_skips_what_the_parts_skip() -> None:
    closed = Calendar(
        zone="UTC",
        week="24/7",
        name="line",
        closures=[Closure("2026-07-01T08:00Z", "2026-07-01T09:00Z", name="cable")],
    )
    explained = (BERLIN & closed).explain_add(utc("2026-07-01T07:00Z"), 2 * HOUR)
    assert explained.due == utc("2026-07-01T10:00Z")
    assert [each.because.name for each in explained.skipped] == ["cable"]


@pytest.mark.parametrize(("operator", "parts"), [("not", (BERLIN, BOSTON)), ("any", ())])
def test_an_operator_takes_as_many_parts_as_it_needs(
    operator: str, parts: tuple[BusinessHours, ...]
) -> None:
    with pytest.raises(InvalidValueError, match="`not` takes one"):
        CompositeCalendar(operator, parts)


def test_a_composition_is_bounded() -> None:
    with pytest.raises(LimitExceededError, match="`65` calendars"):
        compose(SetOperator.ALL, *[BERLIN] * 65)


def test_a_composition_has_at_most_64_levels() -> None:
    def turned(times: int) -> BusinessHours:
        hours: BusinessHours = Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00")
        for _ in range(times):
            hours = ~hours
        return hours

    deep = turned(64)
    assert deep == turned(0)
    assert deep.is_open(utc("2026-03-27T10:00Z"))
    assert deep.add(utc("9996-01-01T00:00Z"), timedelta(hours=1)).year == 9996
    for times in (65, 5_000):
        with pytest.raises(LimitExceededError, match="`65` levels"):
            turned(times)


@pytest.mark.parametrize("part", [None, "Mo-Fr 09:00-17:00", 5])
def test_only_hours_are_combined(part: object) -> None:
    with pytest.raises(InvalidValueError, match="is not a calendar"):
        CompositeCalendar("any", [part])  # type: ignore[arg-type, list-item]
