"""Listing and counting give the same open time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.calendars import Calendar, Closure, DatedHours
from entitlements.calendars.timeline.zones import CYCLE
from entitlements.kernel.instants import DAY, HOUR, to_micros, utc
from entitlements.kernel.periods.spans import clip, total_length, union
from entitlements.testing.strategies.calendars import (
    CHANGES,
    Scene,
    calendars,
    dates_near,
    instants_near,
    scenes,
)


@given(scenes(), st.data())
def test_the_total_is_the_length_of_the_periods(scene: Scene, data: st.DataObject) -> None:
    near = instants_near(scene.around, timedelta(days=40))
    low, high = sorted((to_micros(data.draw(near)), to_micros(data.draw(near))))
    source = scene.hours.open_time
    assert source.total(low, high) == total_length(source.periods(low, high))


@given(scenes(), st.data())
def test_periods_are_sorted_disjoint_and_in_range(scene: Scene, data: st.DataObject) -> None:
    near = instants_near(scene.around, timedelta(days=20))
    low, high = sorted((to_micros(data.draw(near)), to_micros(data.draw(near))))
    edges = [edge for period in scene.hours.open_time.periods(low, high) for edge in period]
    assert edges == sorted(set(edges))
    assert not edges or (low <= edges[0] and edges[-1] <= high)


@given(st.sampled_from(CHANGES), st.data())
def test_ranges_400_years_apart_with_one_regime_have_the_same_open_time(
    place: tuple[str, date], data: st.DataObject
) -> None:
    zone, focus = place
    source = data.draw(calendars(zone, focus)).open_time
    near = instants_near(datetime(focus.year, focus.month, focus.day, tzinfo=UTC))
    low, high = sorted((to_micros(data.draw(near)), to_micros(data.draw(near))))
    regime = source.regime(low, high)
    if regime is not None and regime == source.regime(low + CYCLE, high + CYCLE):
        assert source.total(low, high) == source.total(low + CYCLE, high + CYCLE)


@pytest.mark.parametrize(
    ("low", "decided"),
    [
        pytest.param("2026-03-10T00:00Z", False, id="hours of a date reach into it"),
        pytest.param("2026-04-10T00:00Z", True, id="long after them"),
        pytest.param("2027-03-05T00:00Z", True, id="a year later"),
        pytest.param("1977-04-01T00:00Z", False, id="before the rule of its clock"),
    ],
)
def test_a_regime_is_known_where_only_the_week_and_a_rule_of_the_clock_decide(
    low: str, *, decided: bool
) -> None:
    dated = [DatedHours("2026-03-09", "00:00-48:00")]
    source = Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00", dated=dated).open_time
    start = to_micros(utc(low))
    assert (source.regime(start, start + 5 * DAY) is not None) is decided


def test_a_regime_tells_time_in_a_long_closure_from_time_outside() -> None:
    year = Closure("2026-01-01T00:00Z", "2027-01-01T00:00Z")
    week = Calendar(zone="UTC", week="Mo-Fr 09:00-17:00")
    source = Calendar(zone="UTC", week="Mo-Fr 09:00-17:00", closures=[year]).open_time
    inside, before, edge = (
        to_micros(utc(f"{day}T00:00Z")) for day in ("2026-06-01", "2025-06-01", "2026-12-30")
    )
    assert source.regime(inside, inside + 5 * DAY) is not None
    assert source.regime(inside, inside + 5 * DAY) != source.regime(before, before + 5 * DAY)
    assert source.regime(before, before + 5 * DAY) == week.open_time.regime(inside, inside + DAY)
    assert source.regime(edge, edge + 5 * DAY) is None
    assert source.total(inside, inside + 5 * DAY) == 0


@given(st.sampled_from(CHANGES), st.data())
def test_many_days_at_once_are_the_days_one_by_one(
    place: tuple[str, date], data: st.DataObject
) -> None:
    zone, focus = place
    source = data.draw(calendars(zone, focus)).open_time
    first = (focus - date(1970, 1, 1)).days - data.draw(st.integers(0, 30))
    low, high = first * DAY, (first + data.draw(st.integers(0, 60))) * DAY
    days = range(first - 5, high // DAY + 5)
    one_by_one = union(each for day in days for each in source.day_periods(day))
    assert source.periods(low, high) == clip(one_by_one, low, high)


@given(st.sampled_from(CHANGES), st.data())
def test_exceptions_among_night_shifts_are_counted(
    place: tuple[str, date], data: st.DataObject
) -> None:
    zone, focus = place
    night = st.builds(
        lambda start, end: f"{start}:30-{end}:00", st.integers(18, 23), st.integers(24, 42)
    )
    dated = st.builds(DatedHours, dates_near(focus), st.lists(night, max_size=1))
    week, unlike = data.draw(night), data.draw(st.lists(dated, max_size=4, unique_by=date_of))
    source = Calendar(zone=zone, week=week, dated=unlike).open_time
    around = datetime(focus.year, focus.month, focus.day, tzinfo=UTC)
    near = instants_near(around)
    low, high = sorted((to_micros(data.draw(near)), to_micros(data.draw(near))))
    assert source.total(low, high) == total_length(source.periods(low, high))


def date_of(hours: DatedHours) -> date:
    return hours.date


def berlin(week: str) -> Calendar:
    return Calendar(zone="Europe/Berlin", week=week)


def total(calendar: Calendar, start: datetime, end: datetime) -> float:
    return calendar.open_time.total(to_micros(start), to_micros(end)) / HOUR


def test_a_day_has_23_or_25_hours_at_a_clock_change() -> None:
    always = berlin("00:00-24:00")
    spring, autumn = utc("2026-03-28T23:00Z"), utc("2026-10-24T22:00Z")
    assert total(always, spring, spring + timedelta(hours=23)) == 23
    assert always.open_time.day_periods(to_micros(spring) // DAY + 1) == [
        (to_micros(spring), to_micros(spring) + 23 * HOUR)
    ]
    assert always.open_time.day_periods(to_micros(autumn) // DAY + 1) == [
        (to_micros(autumn), to_micros(autumn) + 25 * HOUR)
    ]


def test_a_window_in_the_gap_is_empty_and_one_around_it_is_short() -> None:
    start, end = utc("2026-03-29T00:00Z"), utc("2026-03-30T00:00Z")
    assert total(berlin("Su 02:00-03:00"), start, end) == 0
    assert total(berlin("Su 02:15-02:45"), start, end) == 0
    assert total(berlin("Su 01:30-03:30"), start, end) == 1
    assert total(berlin("Su 02:30-03:15"), start, end) == 0.25


def test_windows_that_touch_after_a_gap_are_merged() -> None:
    morning = berlin("Su 01:00-02:00,02:30-04:00").open_time
    start, end = to_micros(utc("2026-03-29T00:00Z")), to_micros(utc("2026-03-29T02:00Z"))
    assert (start, end) in morning.periods(start - 30 * DAY, end + 30 * DAY)
    # In Nuuk the last hour of that Saturday is missing: its windows touch those of Sunday.
    nuuk = Calendar(zone="America/Nuuk", week="Sa 20:00-23:30; Su 00:00-04:00").open_time
    start, end = to_micros(utc("2026-03-28T22:00Z")), to_micros(utc("2026-03-29T05:00Z"))
    assert (start, end) in nuuk.periods(start - 60 * DAY, end + 60 * DAY)


def test_a_window_in_the_repeated_hour_is_open_at_its_first_occurrence() -> None:
    start, end = utc("2026-10-25T00:00Z"), utc("2026-10-26T00:00Z")
    assert total(berlin("Su 02:00-02:30"), start, end) == 0.5
    assert total(berlin("Su 02:30-03:00"), start, end) == 1.5
    assert total(berlin("Su 02:00-03:00"), start, end) == 2


def test_a_missing_day_has_no_hours() -> None:
    apia = Calendar(zone="Pacific/Apia", week="09:00-17:00")
    assert total(apia, utc("2011-12-29T10:00Z"), utc("2012-01-01T10:00Z")) == 3 * 8


def test_the_final_state_is_known() -> None:
    assert berlin("24/7").open_time.final_state is True
    assert berlin("").open_time.final_state is False
    assert berlin("Mo 09:00-10:00").open_time.final_state is None


@pytest.mark.parametrize(
    ("zone", "week", "opens", "closes"),
    [
        # At 01:00 of Monday, 24 September 2001, clocks went back to 00:00.
        pytest.param("Asia/Jerusalem", "Mo 00:00-02:00", "2001-09-23T21:00Z", "2001-09-24T00:00Z"),
        pytest.param("Asia/Jerusalem", "Mo 00:30-01:00", "2001-09-23T21:30Z", "2001-09-23T23:00Z"),
        pytest.param("Asia/Jerusalem", "Su 22:00-24:00", "2001-09-23T19:00Z", "2001-09-23T21:00Z"),
        # At 00:00 of Monday, 22 September 2014, clocks went back to 23:00 of Sunday.
        pytest.param("Asia/Tehran", "Mo 00:00-01:00", "2014-09-21T20:30Z", "2014-09-21T21:30Z"),
        pytest.param("Asia/Tehran", "Su 23:00-24:00", "2014-09-21T18:30Z", "2014-09-21T20:30Z"),
        pytest.param("Asia/Tehran", "Sa 22:00-48:00", "2014-09-20T17:30Z", "2014-09-21T20:30Z"),
        # At 00:00 of Monday, 29 October 2035, clocks go back to 23:00 of Sunday.
        pytest.param("Asia/Beirut", "Sa 12:00-48:00", "2035-10-27T09:00Z", "2035-10-28T22:00Z"),
        # At 03:00 of Monday, 31 March 2014, clocks went on to 04:00.
        pytest.param("Europe/Istanbul", "Mo 02:00-05:00", "2014-03-31T00:00Z", "2014-03-31T02:00Z"),
        pytest.param("Europe/Istanbul", "Mo 03:30-05:00", "2014-03-31T01:00Z", "2014-03-31T02:00Z"),
        pytest.param("Europe/Istanbul", "Mo 02:00-03:30", "2014-03-31T00:00Z", "2014-03-31T01:00Z"),
    ],
)
def test_a_clock_may_change_early_on_a_monday(
    zone: str, week: str, opens: str, closes: str
) -> None:
    source = Calendar(zone=zone, week=week).open_time
    start, end = to_micros(utc(opens)), to_micros(utc(closes))
    low, high = start - 2 * DAY, end + 2 * DAY
    assert list(source.periods(low, high)) == [(start, end)]
    assert source.total(low, high) == end - start
    for minute in range(-90, 300, 15):
        at = start + minute * HOUR // 60
        assert source.total(low, at) == max(0, min(at, end) - start)
        assert source.total(at, high) == max(0, end - max(at, start))


@pytest.mark.parametrize("week", ["24/7", "Mo-Su 00:00-48:00", "Mo,We,Fr,Su 00:00-48:00"])
@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Tehran", "UTC"])
def test_a_week_that_is_open_all_week_never_closes(zone: str, week: str) -> None:
    hours = Calendar(zone=zone, week=week)
    start, end = utc("2001-01-01T00:00Z"), utc("2031-01-01T00:00Z")
    assert hours.open_time.final_state is True
    assert hours.between(start, end) == end - start
    assert hours.open_time.total(to_micros(start), to_micros(end)) == to_micros(end) - to_micros(
        start
    )
    assert (hours.next_close(start), hours.previous_open(start)) == (None, None)
    assert hours.add(start, timedelta(days=7)) == start + timedelta(days=7)


def test_a_week_that_closes_for_a_second_is_not_open_all_week() -> None:
    hours = Calendar(zone="UTC", week="Mo-Sa 00:00-24:00; Su 00:00-23:59:59")
    assert hours.open_time.final_state is None
    assert hours.next_close(utc("2026-03-23T00:00Z")) == utc("2026-03-29T23:59:59Z")
    assert hours.between(utc("2026-03-23T00:00Z"), utc("2026-03-30T00:00Z")) == timedelta(
        days=7, seconds=-1
    )
