"""The compiled timeline answers from tables, wherever they begin and end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.calendars import Calendar, Closure, DatedHours
from entitlements.calendars.timeline.compiled import CompiledTimeline
from entitlements.kernel.errors import LimitExceededError, NeverReachedError
from entitlements.kernel.instants import DAY, HOUR, MINUTE, from_micros, to_micros, utc
from entitlements.testing.strategies.calendars import Scene, instants_near, scenes

DESK = Calendar(zone="UTC", week="Mo-Fr 09:00-17:00")
WINDOW = 1 << 43
MONDAY = to_micros(utc("2026-03-02T00:00Z"))


def windows(calendar: Calendar) -> CompiledTimeline:
    return CompiledTimeline(calendar.open_time)


@given(scenes(), st.data(), st.integers(-(10**13), 10**13))
def test_add_is_earliest_with_of_open_time_before(
    scene: Scene, data: st.DataObject, amount: int
) -> None:
    at, timeline = to_micros(data.draw(instants_near(scene.around))), scene.hours.timeline
    total = timeline.open_time_before(at) + amount
    if not amount:
        assert timeline.add(at, amount) == at
        return
    try:
        expected = timeline.earliest_with(total) if amount > 0 else timeline.latest_with(total)
    except (NeverReachedError, LimitExceededError) as error:
        with pytest.raises(type(error)):
            timeline.add(at, amount)
    else:
        assert timeline.add(at, amount) == expected


def test_a_period_across_the_edge_of_a_window_is_one() -> None:
    edge = MONDAY // WINDOW * WINDOW
    around = Calendar(
        zone="UTC",
        week="24/7",
        closures=[
            Closure(from_micros(edge - 5 * HOUR), from_micros(edge - 3 * HOUR)),
            Closure(from_micros(edge + 2 * HOUR), from_micros(edge + 4 * HOUR)),
        ],
    )
    timeline = windows(around)
    for at in (edge - HOUR, edge - 1, edge, edge + 1, edge + HOUR):
        assert timeline.previous_open(at) == edge - 3 * HOUR
        assert timeline.next_close(at) == edge + 2 * HOUR
        assert timeline.previous_close(at) == edge - 5 * HOUR
        assert timeline.next_open(at) == edge + 4 * HOUR
        assert timeline.is_open(at)
    assert timeline.add(edge - HOUR, 2 * HOUR) == edge + HOUR
    assert timeline.add(edge + HOUR, -2 * HOUR) == edge - HOUR
    assert (
        timeline.open_time_before(edge + HOUR) - timeline.open_time_before(edge - HOUR) == 2 * HOUR
    )


def test_a_period_that_begins_at_the_edge_begins_there() -> None:
    edge = MONDAY // WINDOW * WINDOW
    until = Calendar(
        zone="UTC", week="24/7", closures=[Closure(from_micros(edge - HOUR), from_micros(edge))]
    )
    timeline = windows(until)
    assert timeline.previous_open(edge + HOUR) == edge
    assert timeline.next_open(edge - 2 * HOUR) == edge
    assert timeline.next_open(edge - MINUTE) == edge
    assert timeline.previous_close(edge + HOUR) == edge - HOUR
    assert timeline.previous_close(edge - HOUR) is None
    assert timeline.next_close(edge - 2 * HOUR) == edge - HOUR


def test_many_short_windows_in_one_slot_are_distinguished() -> None:
    texts = [f"09:{minute:02}-09:{minute + 1:02}" for minute in range(0, 58, 2)]
    timeline = windows(Calendar(zone="UTC", week={"mon-sun": texts}))
    nine = MONDAY + 9 * HOUR
    assert (
        timeline.open_time_before(nine + 30 * MINUTE) - timeline.open_time_before(nine)
        == 15 * MINUTE
    )
    assert timeline.add(nine, 3 * MINUTE) == nine + 5 * MINUTE
    assert timeline.add(nine, 30 * MINUTE) == nine + DAY + MINUTE


def test_every_change_inside_a_slot_is_found() -> None:
    texts = [f"09:{minute:02}-09:{minute + 1:02}" for minute in range(0, 58, 2)]
    timeline = windows(Calendar(zone="UTC", week={"mon-sun": texts}))
    for even in range(2, 56, 2):
        opening = MONDAY + 9 * HOUR + even * MINUTE
        closing, following = opening + MINUTE, opening + 2 * MINUTE
        assert timeline.is_open(opening)
        assert timeline.is_open(closing - 1)
        assert not timeline.is_open(opening - 1)
        assert not timeline.is_open(closing)
        for at in (opening, closing - 1):
            assert timeline.next_close(at) == timeline.previous_close(following) == closing
            assert timeline.next_open(at) == following
            assert timeline.previous_open(at + 1) == opening
        assert timeline.add(opening + 1, MINUTE) == following + 1
        assert timeline.add(closing, -MINUTE) == opening
        assert timeline.add(opening, -MINUTE) == opening - 2 * MINUTE


def test_sparse_hours_are_reached_decades_ahead() -> None:
    timeline = windows(Calendar(zone="UTC", week="Mo 09:00-09:01"))
    assert (
        timeline.add(MONDAY, 52 * 20 * MINUTE)
        == MONDAY + 9 * HOUR + (52 * 20 - 1) * 7 * DAY + MINUTE
    )


def test_the_number_of_tables_is_limited() -> None:
    timeline = windows(DESK)
    expected = timeline.open_time_before(MONDAY + 9 * HOUR)
    for number in range(300):
        timeline.open_time_before(MONDAY + number * WINDOW)
        timeline.add(MONDAY + number * WINDOW, HOUR)
    assert timeline.open_time_before(MONDAY + 9 * HOUR) == expected


def test_threads_share_a_timeline() -> None:
    timeline = windows(DESK)
    asked = [MONDAY + number * DAY for number in range(0, 9_000, 3)]

    def ask(at: int) -> tuple[int, int]:
        return timeline.open_time_before(at), timeline.add(at, 8 * HOUR)

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(ask, asked * 2))
    alone = windows(DESK)
    assert answers == [(alone.open_time_before(at), alone.add(at, 8 * HOUR)) for at in asked * 2]


def test_instants_outside_the_years_are_refused() -> None:
    with pytest.raises(LimitExceededError, match="years 2 to 9997"):
        windows(DESK).open_time_before(10**18)
    with pytest.raises(LimitExceededError, match="years 2 to 9997"):
        windows(DESK).is_open(-(10**18))


def test_an_amount_that_is_never_reached_raises_every_time() -> None:
    timeline = windows(
        Calendar(zone="UTC", week="", dated=[DatedHours("2026-04-01", "09:00-12:00")])
    )
    for _ in range(2):
        assert timeline.add(MONDAY, 3 * HOUR) == to_micros(utc("2026-04-01T12:00Z"))
        with pytest.raises(NeverReachedError):
            timeline.add(MONDAY, 4 * HOUR)
        with pytest.raises(NeverReachedError):
            timeline.latest_with(timeline.open_time_before(MONDAY) - 1)


def test_open_time_in_the_first_years_is_counted() -> None:
    timeline = windows(Calendar(zone="UTC", week="00:00-12:00"))
    january = to_micros(utc("0002-01-05T00:00Z"))
    assert (
        timeline.open_time_before(january + DAY) - timeline.open_time_before(january) == 12 * HOUR
    )
    assert timeline.add(january + DAY, -12 * HOUR) == january
    with pytest.raises(LimitExceededError, match="before the year 2"):
        timeline.add(january, -12 * 300 * HOUR)
