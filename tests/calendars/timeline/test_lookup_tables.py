"""Tables lead to the right row from every slot, and their number is limited."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.calendars import Calendar, DatedHours
from entitlements.calendars.timeline.blocks import BlockTimeline
from entitlements.calendars.timeline.lookup_tables import (
    MASK,
    NO_ROW,
    SLOT_SHIFT,
    SUM_BITS,
    SUM_MASK,
    WINDOW,
    PeriodRow,
    TableCache,
    amount_step,
    rows_by_amount,
    rows_by_time,
    rows_in,
)
from entitlements.calendars.timeline.zones import FIRST_MICROS
from entitlements.kernel.errors import LimitExceededError
from entitlements.kernel.instants import DAY, HOUR, to_micros, utc
from entitlements.kernel.periods.spans import union
from entitlements.testing.strategies.calendars import Scene, scenes

NINE_TO_FIVE = Calendar(zone="UTC", week="09:00-17:00")
NUMBER = to_micros(utc("2026-03-02T00:00Z")) >> WINDOW
LOW, HIGH = NUMBER << WINDOW, (NUMBER + 1) << WINDOW


def rows_of(calendar: Calendar, number: int = NUMBER) -> list[PeriodRow]:
    return rows_in(BlockTimeline(calendar.open_time), number, {})


def period(row: PeriodRow, before: PeriodRow) -> tuple[int, int]:
    return before[1] - row[0], row[1] - row[0]


def periods(rows: list[PeriodRow]) -> list[tuple[int, int]]:
    return [period(row, before) for before, row in pairwise(rows)]


def nine_to_five(low: int, high: int) -> list[tuple[int, int]]:
    days = range(low // DAY, high // DAY + 1)
    around = [(day * DAY + 9 * HOUR, day * DAY + 17 * HOUR) for day in days]
    return [(max(a, low), min(b, high)) for a, b in around if b > low and a < high]


def test_rows_are_the_periods_of_a_window() -> None:
    rows = rows_of(NINE_TO_FIVE)
    assert periods(rows) == nine_to_five(LOW, HIGH)
    assert [row[1] - rows[0][1] for row in rows[1:4]] == [8 * HOUR, 16 * HOUR, 24 * HOUR]


def test_the_row_before_all_ends_where_the_window_begins() -> None:
    row, first = rows_of(NINE_TO_FIVE)[:2]
    assert row[1] - row[0] == LOW
    assert row[2] is first


def test_rows_know_the_row_after_them_even_beyond_the_window() -> None:
    rows = rows_of(NINE_TO_FIVE)
    for before, row in pairwise(rows):
        assert before[2] is row
    start, end = period(rows[-1][2], rows[-1])
    assert (start, end) == nine_to_five(HIGH, HIGH + DAY)[0]
    assert rows[-1][2][2] is NO_ROW


def test_a_period_across_the_end_of_a_window_goes_on_after_it() -> None:
    last = rows_of(Calendar(zone="UTC", week="24/7"))[-1]
    assert last[1] - last[0] == HIGH
    assert last[2][0] == last[0]


def test_the_last_row_has_no_row_after_it() -> None:
    once = Calendar(zone="UTC", week="", dated=[DatedHours("2026-03-04", "09:00-12:00")])
    assert rows_of(once)[-1][2] is NO_ROW


def test_rows_go_on_where_those_of_the_window_before_end() -> None:
    blocks = BlockTimeline(NINE_TO_FIVE.open_time)
    alone = rows_in(blocks, NUMBER, {})
    assert rows_in(blocks, NUMBER, {NUMBER - 1: rows_in(blocks, NUMBER - 1, {})}) == alone


@given(scenes(), st.integers(-1, 1))
def test_rows_are_the_open_time(scene: Scene, step: int) -> None:
    number = (to_micros(scene.around) >> WINDOW) + step
    low, high = number << WINDOW, (number + 1) << WINDOW
    rows = rows_in(BlockTimeline(scene.hours.open_time), number, {})
    assert periods(rows) == union(scene.hours.open_time.periods(low, high))


@given(scenes())
def test_a_slot_of_time_points_to_the_last_row_that_began(scene: Scene) -> None:
    number = to_micros(scene.around) >> WINDOW
    rows = rows_in(BlockTimeline(scene.hours.open_time), number, {})
    starts = [start for start, _ in periods(rows)]
    table = rows_by_time(rows, number)
    assert len(table) == MASK + 1
    for slot, row in enumerate(table):
        at = (number << WINDOW) + (slot << SLOT_SHIFT)
        assert row is rows[sum(start <= at for start in starts)]


@given(scenes(), st.integers(0, 3))
def test_a_slot_of_amounts_points_to_the_first_row_that_ends(scene: Scene, ahead: int) -> None:
    source = scene.hours.open_time
    blocks, step = BlockTimeline(source), amount_step(source)
    size = (SUM_MASK + 1) << step
    number = blocks.open_time_before(to_micros(scene.around)) // size + ahead
    rows = TableCache(lambda number: rows_in(blocks, number, {}))
    for slot, row in list(enumerate(rows_by_amount(blocks, rows, number, step)))[::93]:
        least = number * size + (slot << step)
        if row is not NO_ROW:
            assert row[1] >= least
            assert least - row[0] == blocks.earliest_with(least)


def test_amounts_end_with_the_last_open_time() -> None:
    once = Calendar(zone="UTC", week="", dated=[DatedHours("2026-03-04", "09:00-12:00")])
    blocks = BlockTimeline(once.open_time)
    rows = TableCache(lambda number: rows_in(blocks, number, {}))
    found = rows_by_amount(blocks, rows, 0, 30)
    assert found.pop(0) is NO_ROW
    assert {row[1] - row[0] for row in found} == {to_micros(utc("2026-03-04T12:00Z"))}
    assert len(found) == 3 * HOUR >> 30


def test_amounts_from_before_the_year_2_are_in_no_table() -> None:
    blocks = BlockTimeline(NINE_TO_FIVE.open_time)
    rows = TableCache(lambda number: rows_in(blocks, number, {}))
    least = blocks.open_time_before(FIRST_MICROS)
    number = least >> 31 + SUM_BITS
    assert set(rows_by_amount(blocks, rows, number - 1, 31)) == {NO_ROW}
    known = [row for row in rows_by_amount(blocks, rows, number, 31) if row is not NO_ROW]
    assert known
    assert all(row[1] > least for row in known)


def test_a_window_of_amounts_is_about_a_hundred_days_long() -> None:
    for week, share in (("24/7", 24), ("09:00-17:00", 8), ("09:00-09:30", 0.5)):
        step = amount_step(Calendar(zone="UTC", week=week).open_time)
        assert 40 < ((SUM_MASK + 1) << step) / (share * HOUR) < 160
    assert amount_step(Calendar(zone="UTC", week="Mo 09:00-09:01").open_time) == 20


def test_windows_outside_the_years_are_refused() -> None:
    for number in (10**18 >> WINDOW, -(10**18) >> WINDOW):
        with pytest.raises(LimitExceededError, match="years 2 to 9997"):
            rows_of(NINE_TO_FIVE, number)


def test_tables_are_compiled_once_and_never_more_than_128_are_kept() -> None:
    compiled: list[int] = []

    def compile_(number: int) -> list[int]:
        compiled.append(number)
        return [number]

    kept = TableCache(compile_)
    assert kept(7) is kept(7)
    for number in range(1000):
        assert kept(number) == [number]
        assert len(kept.tables) <= 128
    assert compiled == [7, *range(7), *range(8, 1000)]
