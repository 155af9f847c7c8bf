"""Open time has no horizon: sums over centuries are exact, and it is known if nothing opens."""

from __future__ import annotations

import operator
from datetime import UTC, date, datetime, timedelta
from typing import final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.calendars import BusinessHours, Calendar, Closure, DatedHours, WeekChange
from entitlements.calendars.timeline.blocks import BLOCK_LENGTH, BlockTimeline
from entitlements.calendars.timeline.open_time import OpenTime
from entitlements.calendars.timeline.zones import FIRST_MICROS, LAST_MICROS
from entitlements.kernel.errors import LimitExceededError, NeverReachedError
from entitlements.kernel.instants import DAY, HOUR, to_micros, utc
from entitlements.testing.strategies.calendars import Scene, instants_near, scenes

NINE_TO_FIVE = Calendar(zone="UTC", week="Mo-Fr 09:00-17:00")
BERLIN = Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00; Su 01:00-04:00")


def blocks(calendar: Calendar) -> BlockTimeline:
    return BlockTimeline(calendar.open_time)


def weekdays(first: date, last: date) -> int:
    """Count Mondays to Fridays without a calendar of ours: five a week, the rest one by one."""
    weeks, rest = divmod((last - first).days, 7)
    return weeks * 5 + sum((first.weekday() + n) % 7 < 5 for n in range(rest))


@pytest.mark.parametrize(
    ("first", "last"),
    [
        pytest.param(date(2026, 1, 1), date(2026, 12, 31), id="a year"),
        pytest.param(date(1700, 1, 1), date(2026, 1, 1), id="three centuries back"),
        pytest.param(date(2026, 1, 1), date(3333, 3, 3), id="thirteen centuries on"),
        pytest.param(date(3, 1, 1), date(9990, 1, 1), id="almost all time"),
    ],
)
def test_centuries_are_counted_exactly(first: date, last: date) -> None:
    timeline = blocks(NINE_TO_FIVE)
    start, end = (
        to_micros(datetime(each.year, each.month, each.day, tzinfo=UTC)) for each in (first, last)
    )
    hours = 8 * weekdays(first, last)
    assert timeline.open_time_before(end) - timeline.open_time_before(start) == hours * HOUR
    if end % DAY == 0:
        reached = timeline.earliest_with(timeline.open_time_before(start) + hours * HOUR)
        assert end - 4 * DAY < reached <= end


@pytest.mark.parametrize("year", [1900, 2026, 2500, 7000])
def test_open_time_of_adjacent_blocks_adds_up(year: int) -> None:
    timeline = blocks(BERLIN)
    number = to_micros(datetime(year, 1, 1, tzinfo=UTC)) // BLOCK_LENGTH
    for each in range(number, number + 4):
        low, high = each * BLOCK_LENGTH, (each + 1) * BLOCK_LENGTH
        counted = timeline.source.total(low, high)
        assert timeline.open_time_before(high) - timeline.open_time_before(low) == counted


@given(scenes(), st.data())
def test_block_sums_answer_as_the_compiled_timeline(scene: Scene, data: st.DataObject) -> None:
    near = instants_near(scene.around)
    at, other = to_micros(data.draw(near)), to_micros(data.draw(near))
    stored, working = BlockTimeline(scene.hours.open_time), scene.hours.timeline
    expected = working.open_time_before(other) - working.open_time_before(at)
    assert stored.open_time_before(other) - stored.open_time_before(at) == expected
    assert stored.is_open(at) == working.is_open(at)
    for name in ("next_open", "next_close", "previous_open", "previous_close"):
        assert getattr(stored, name)(at) == getattr(working, name)(at)


def test_it_is_known_that_nothing_opens_again() -> None:
    once = Calendar(zone="UTC", week="", dated=[DatedHours("2026-04-01", "09:00-12:00")])
    timeline = blocks(once)
    start = to_micros(utc("2026-03-01T00:00Z"))
    assert timeline.add(start, 3 * HOUR) == to_micros(utc("2026-04-01T12:00Z"))
    with pytest.raises(NeverReachedError) as never:
        timeline.add(start, 3 * HOUR + 1)
    assert never.value.since == utc("2026-04-01T12:00Z")
    assert timeline.next_open(to_micros(utc("2026-04-01T09:00Z"))) is None
    assert timeline.previous_close(to_micros(utc("2026-04-01T09:00Z"))) is None
    with pytest.raises(NeverReachedError):
        timeline.add(start, -1)


def test_results_outside_the_years_2_to_9997_are_refused() -> None:
    timeline = blocks(NINE_TO_FIVE)
    start = to_micros(utc("2026-03-01T00:00Z"))
    with pytest.raises(LimitExceededError, match="after the year 9997"):
        timeline.add(start, 10**13 * HOUR)
    with pytest.raises(LimitExceededError, match="before the year 2"):
        timeline.add(start, -(10**13) * HOUR)
    assert timeline.earliest_with(-(10**13) * HOUR) == FIRST_MICROS


def test_open_for_good_after_a_closure() -> None:
    start, end = utc("2026-03-02T09:00Z"), utc("2026-03-02T10:00Z")
    maintained = Calendar.always() - Calendar(
        zone="UTC", week="", dated=[DatedHours("2026-03-02", "09:00-10:00")]
    )
    timeline = BlockTimeline(maintained.open_time)
    assert timeline.next_close(to_micros(start) - DAY) == to_micros(start)
    assert timeline.next_close(to_micros(start) - 9_000 * DAY) == to_micros(start)
    assert timeline.previous_open(to_micros(end) + 9_000 * DAY) == to_micros(end)
    assert timeline.next_close(to_micros(end)) is None
    assert timeline.previous_open(to_micros(start)) is None
    assert timeline.previous_open(to_micros(end) + DAY) == to_micros(end)
    assert timeline.next_open(to_micros(start) - DAY) == to_micros(end)


def test_the_first_and_the_last_instant_can_be_used() -> None:
    timeline = blocks(BERLIN)
    assert timeline.open_time_before(LAST_MICROS) > timeline.open_time_before(FIRST_MICROS)
    assert timeline.next_open(LAST_MICROS - 10 * DAY) is not None
    assert timeline.previous_close(FIRST_MICROS + 10 * DAY) is not None
    assert timeline.add(to_micros(utc("2026-03-01T00:00Z")), 0) == to_micros(
        utc("2026-03-01T00:00Z")
    )
    assert timedelta(microseconds=BLOCK_LENGTH) == timedelta(weeks=27)


FAR = to_micros(utc("2200-01-01T00:00Z"))
RULED = [
    Calendar(
        zone=zone,
        week=week,
        changes=[WeekChange("2222-06-01", "Mo-Su 22:00-30:00")],
        dated=[DatedHours("2211-03-31", "00:00-48:00")],
        closures=[
            Closure("2240-03-01T00:00Z", "2245-11-01T00:00Z"),
            Closure("2230-01-01T10:00Z", "2230-01-01T11:00Z"),
        ],
    )
    for zone, week in (
        ("Europe/Berlin", "Mo-Fr 09:00-17:00; Su 01:00-04:00"),
        ("America/New_York", "Mo 00:00-02:30; Sa 20:00-44:00"),
        ("UTC", "Tu-Th 12:00-36:00"),
    )
]
WHOLES = st.recursive(
    st.sampled_from(RULED),
    lambda parts: st.one_of(
        st.builds(operator.or_, parts, parts),
        st.builds(operator.and_, parts, parts),
        st.builds(operator.sub, parts, parts),
        st.builds(operator.invert, parts),
    ),
    max_leaves=5,
)


@given(WHOLES, st.integers(0, 60 * 366 * 24), st.integers(0, 500 * 24))
def test_counting_by_weeks_is_counting_one_by_one(
    hours: BusinessHours, start: int, wide: int
) -> None:
    low = FAR + start * HOUR
    high = low + wide * HOUR
    counted = hours.open_time.total(low, high)
    assert counted == sum(b - a for a, b in hours.open_time.periods(low, high))


@given(WHOLES, st.integers(0, 120), st.integers(0, 3))
def test_blocks_of_one_regime_repeat_every_400_years(
    hours: BusinessHours, number: int, cycles: int
) -> None:
    timeline = BlockTimeline(hours.open_time)
    each = FAR // BLOCK_LENGTH + number + cycles * 773
    low, high = each * BLOCK_LENGTH, (each + 1) * BLOCK_LENGTH
    counted = sum(b - a for a, b in hours.open_time.periods(low, high))
    assert timeline.open_time_before(high) - timeline.open_time_before(low) == counted


@final
class Counting:
    """Open time that counts how often it was asked for a total."""

    def __init__(self, inner: OpenTime) -> None:
        self.inner = inner
        self.asked = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)

    def total(self, low: int, high: int) -> int:
        self.asked += 1
        return self.inner.total(low, high)


@pytest.mark.parametrize("hours", [*RULED, RULED[0] | RULED[1]])
def test_a_question_about_the_last_year_counts_400_years_at_most(hours: BusinessHours) -> None:
    late = WeekChange("9990-01-01", "Mo 09:00-10:00")
    changed = Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00", changes=[late]) | hours
    counting = Counting(changed.open_time)
    BlockTimeline(counting).open_time_before(LAST_MICROS)  # type: ignore[arg-type]
    # Once in 400 years for each of two weeks, or three with that of 9990, and at the edges.
    assert counting.asked < 3 * 773 + 100


def test_weeks_are_shared_only_if_they_begin_on_the_same_weekday() -> None:
    source = (RULED[0] | RULED[2]).open_time
    for days in range(7):
        low = FAR + days * DAY
        high = low + 70 * DAY
        assert source.total(low, high) == sum(b - a for a, b in source.periods(low, high))


@pytest.mark.parametrize("at", ["2242-01-01T00:00Z", "2215-01-01T00:00Z", "2232-01-01T00:00Z"])
def test_a_closure_or_another_week_is_not_repeated_400_years_later(at: str) -> None:
    timeline = BlockTimeline(RULED[0].open_time)
    for cycles in (0, 1):
        number = to_micros(utc(at)) // BLOCK_LENGTH + cycles * 773
        low, high = number * BLOCK_LENGTH, (number + 1) * BLOCK_LENGTH
        counted = sum(b - a for a, b in RULED[0].open_time.periods(low, high))
        assert timeline.open_time_before(high) - timeline.open_time_before(low) == counted
