# ruff: noqa: D102 - what the methods mean is documented in `Timeline`
"""Compiled timeline: lookup instead of search.

A table of slots of 72 minutes leads from each instant to the open interval around it, and another
one from each amount of open time; an interval that begins inside the slot is one step further.
Windows of about a hundred days are compiled when they are first used.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from operator import itemgetter
from typing import TypeAlias, final

from entitlements.calendars.timeline.blocks import BlockTimeline
from entitlements.calendars.timeline.lookup_tables import (
    CUTS,
    MASK,
    NO_ROW,
    SLOT_BITS,
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
from entitlements.calendars.timeline.open_time import OpenTime
from entitlements.calendars.timeline.zones import FIRST_MICROS
from entitlements.kernel.errors import LimitExceededError, NeverReachedError

_Count: TypeAlias = Callable[[int], int]
_Add: TypeAlias = Callable[[int, int], int]
_end_of = itemgetter(1)


@final
class CompiledTimeline:
    """The timeline of any open time in its fast form."""

    __slots__ = (
        "__weakref__",
        "_blocks",
        "_find",
        "_rows",
        "add",
        "earliest_with",
        "is_open",
        "open_time_before",
    )

    # Closures over the tables: methods would look them up again on every call.
    add: _Add
    open_time_before: _Count
    earliest_with: _Count
    is_open: Callable[[int], bool]

    def __init__(self, source: OpenTime) -> None:
        self._blocks = blocks = BlockTimeline(source)
        step = amount_step(source)
        self._rows = rows = TableCache(lambda number: rows_in(blocks, number, rows.tables))
        times = TableCache(lambda number: rows_by_time(rows(number), number))
        sums = TableCache(lambda number: rows_by_amount(blocks, rows, number, step))
        self._find = _row_finder(times)
        self.is_open = _open_test(times)
        self.open_time_before = _open_time_counter(times)
        self.earliest_with = _amount_finder(sums, blocks, step)
        self.add = _adder(times.tables, sums.tables, step, self.add_by_search)

    def add_by_search(self, at: int, amount: int) -> int:
        """Return the result of `add` in two steps: slower, but for all cases."""
        if amount > 0:
            return self.earliest_with(self.open_time_before(at) + amount)
        return self.latest_with(self.open_time_before(at) + amount) if amount else at

    def latest_with(self, total: int, /) -> int:
        try:
            latest = self.earliest_with(total + 1) - 1
        except (NeverReachedError, LimitExceededError):
            return self._blocks.latest_with(total)
        return latest if latest >= FIRST_MICROS else self._blocks.latest_with(total)

    def next_open(self, at: int, /) -> int | None:
        offset, end, later = self._find(at)
        opening, closing = end - later[0], end - offset
        is_cut = closing == opening
        if later is NO_ROW or (is_cut and at < closing):
            return self._blocks.next_open(at)
        return opening

    def next_close(self, at: int, /) -> int | None:
        row = self._find(at)
        if at >= row[1] - row[0]:
            row = row[2]
        closing = row[1] - row[0]
        if row is NO_ROW or not closing & CUTS:
            return self._blocks.next_close(at)
        return closing

    def previous_open(self, at: int, /) -> int | None:
        rows, number = self._rows_at(at - 1)
        opening = rows[number - 1][1] - rows[number][0]
        if not number or not opening & CUTS:
            return self._blocks.previous_open(at)
        return opening

    def previous_close(self, at: int, /) -> int | None:
        rows, number = self._rows_at(at - 1)
        if at <= rows[number][1] - rows[number][0]:
            number -= 1
        if number <= 0:
            return self._blocks.previous_close(at)
        return rows[number][1] - rows[number][0]

    def _rows_at(self, at: int) -> tuple[list[PeriodRow], int]:
        """Return the rows of the window of `at`, and the index of the last that began by then."""
        rows = self._rows(at >> WINDOW)
        return rows, bisect_left(rows, self._find(at)[1], key=_end_of)


def _row_finder(times: TableCache[list[PeriodRow]]) -> Callable[[int], PeriodRow]:
    """Return the function that finds the last row that began at or before an instant."""

    def find(at: int, /) -> PeriodRow:
        return _last(times(at >> WINDOW)[at >> SLOT_SHIFT & MASK], at)

    return find


def _open_test(times: TableCache[list[PeriodRow]]) -> Callable[[int], bool]:
    """Return the function that tests whether an instant is open."""
    tables = times.tables

    def is_open(at: int, /) -> bool:
        slot = at >> SLOT_SHIFT
        try:
            offset, end, later = tables[slot >> SLOT_BITS][slot & MASK]
        except KeyError:
            offset, end, later = times(slot >> SLOT_BITS)[slot & MASK]
        if at + offset >= end and at + later[0] >= end:
            offset, end, _ = _last(later, at)
        return at + offset < end

    return is_open


def _open_time_counter(times: TableCache[list[PeriodRow]]) -> _Count:
    """Return the function that counts the open time before an instant."""
    tables = times.tables

    def open_time_before(at: int, /) -> int:
        slot = at >> SLOT_SHIFT
        try:
            offset, end, later = tables[slot >> SLOT_BITS][slot & MASK]
        except KeyError:
            offset, end, later = times(slot >> SLOT_BITS)[slot & MASK]
        total = at + offset
        if total < end:
            return total
        total = at + later[0]
        if total < end:
            return end
        return total if total < later[1] else _counted(later, at)

    return open_time_before


def _amount_finder(sums: TableCache[list[PeriodRow]], blocks: BlockTimeline, step: int) -> _Count:
    """Return the function that finds the earliest instant before which an amount is open."""
    tables = sums.tables

    def earliest_with(total: int, /) -> int:
        slot = total >> step
        try:
            table = tables[slot >> SUM_BITS]
        except KeyError:
            table = sums(slot >> SUM_BITS)
        try:
            offset, end, later = table[slot & SUM_MASK]
            return total - (offset if total <= end else _further(later, total))
        except IndexError:
            return blocks.earliest_with(total)

    return earliest_with


def _adder(
    times: dict[int, list[PeriodRow]], sums: dict[int, list[PeriodRow]], step: int, slowly: _Add
) -> _Add:
    """Return `add` as one function: two calls less take a third of the time.

    Inside an open interval the earliest and the latest instant are the same. Results at the end of
    an interval for negative amounts, tables that are not compiled yet, and results that are never
    reached are left to `slowly`.
    """

    def add(at: int, amount: int, /) -> int:
        try:
            slot = at >> SLOT_SHIFT
            offset, end, later = times[slot >> SLOT_BITS][slot & MASK]
            total = at + offset
            if total >= end:
                total = at + later[0]
                if total < end:
                    total = end
                elif total >= later[1]:
                    total = _counted(later, at)
            total += amount
            slot = total >> step
            offset, end, later = sums[slot >> SUM_BITS][slot & SUM_MASK]
            if total >= end:
                if amount <= 0:
                    return slowly(at, amount)
                if total > end:
                    offset = _further(later, total)
        except LookupError:
            return slowly(at, amount)
        return total - offset

    return add


def _last(row: PeriodRow, at: int) -> PeriodRow:
    """Return the last row from `row` on that began at or before `at`."""
    while at + row[2][0] >= row[1]:
        row = row[2]
    return row


def _counted(row: PeriodRow, at: int) -> int:
    """Return the open time before `at`, which `row` or a later one contains."""
    offset, end, _ = _last(row, at)
    return min(at + offset, end)


def _further(row: PeriodRow, total: int) -> int:
    """Return B minus time where B reaches `total`, in `row` or a later one."""
    while total > row[1]:
        row = row[2]
    return row[0]
