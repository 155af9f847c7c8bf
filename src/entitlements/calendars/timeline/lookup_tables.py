"""Lookup tables of one window of time.

A row is one open interval and refers to the row after it; a table has a row for each slot of time,
or of open time, from which the answer is at most a few rows away. Tables are compiled when they are
first used and never change after that, so that threads can share them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from operator import itemgetter
from typing import Final, Generic, TypeAlias, TypeVar, cast, final

from entitlements.calendars.timeline.blocks import BLOCK_LENGTH, BlockTimeline
from entitlements.calendars.timeline.open_time import OpenTime
from entitlements.calendars.timeline.zones import FIRST_MICROS, LAST_MICROS
from entitlements.kernel.errors import LimitExceededError, NeverReachedError
from entitlements.kernel.instants import START_OF_TIME
from entitlements.kernel.on_demand.memo import Memo
from entitlements.kernel.periods.spans import Intervals

SLOT_SHIFT: Final = 32
SLOT_BITS: Final = 11
MASK: Final = (1 << SLOT_BITS) - 1
WINDOW: Final = SLOT_SHIFT + SLOT_BITS
SUM_BITS: Final = 10
SUM_MASK: Final = (1 << SUM_BITS) - 1
_AHEAD: Final = 1 << 39
CUTS: Final = (1 << WINDOW) - 1 - _AHEAD
_MAX_TABLES: Final = 128

PeriodRow: TypeAlias = "tuple[int, int, PeriodRow]"
"""B minus time inside an open interval, B at its end, and the next row."""

NO_ROW: Final = cast("PeriodRow", (START_OF_TIME, START_OF_TIME, ()))
"""The end of the rows: no time is late enough for it."""

_end_of = itemgetter(1)
_Table = TypeVar("_Table")


@final
class TableCache(Generic[_Table]):
    """At most 128 tables by number, compiled when they are first used.

    The hot paths read `tables` directly.
    """

    __slots__ = ("_compile", "tables")

    def __init__(self, compile_: Callable[[int], _Table]) -> None:
        self._compile = compile_
        self.tables: Memo[int, _Table] = Memo(_MAX_TABLES)

    def __call__(self, number: int) -> _Table:
        """Return the table `number`."""
        table = self.tables.get(number)
        return self.tables.put(number, self._compile(number)) if table is None else table


def rows_in(
    blocks: BlockTimeline, number: int, known: Mapping[int, Sequence[PeriodRow]]
) -> list[PeriodRow]:
    """Return the open intervals of window `number` as rows, after a row that ends where it begins.

    The last row refers to the first interval after the window, if that is near.
    """
    low, high = number << WINDOW, (number + 1) << WINDOW
    if not FIRST_MICROS - BLOCK_LENGTH < low < LAST_MICROS + BLOCK_LENGTH:
        raise LimitExceededError(f"`1970 + {low} us` lies outside the years 2 to 9997")
    before = known.get(number - 1)
    total = before[-1][1] if before else blocks.open_time_before(low)
    periods, after = _split_at(blocks.source.periods(low, high + _AHEAD), high)
    sums = list(accumulate([end - start for start, end in periods], initial=total))
    row = NO_ROW
    for start, end in after[:1]:
        row = (sums[-1] - start, sums[-1] + end - start, row)
    rows = []
    for (_, closing), end in zip(reversed(periods), reversed(sums), strict=False):
        row = (end - closing, end, row)
        rows.append(row)
    rows.append((total - low, total, row))
    rows.reverse()
    return rows


def rows_by_time(rows: Sequence[PeriodRow], number: int) -> list[PeriodRow]:
    """Return for each slot of window `number` the last row that began at or before its start."""
    rounding = (1 << SLOT_SHIFT) - 1 - (number << WINDOW)
    bounds = [end - later[0] + rounding >> SLOT_SHIFT for _, end, later in rows]
    bounds[-1] = MASK + 1
    table: list[PeriodRow] = []
    filled = 0
    for row, until in zip(rows, bounds, strict=True):
        table += [row] * (until - filled)
        filled = until
    return table


def rows_by_amount(
    blocks: BlockTimeline, rows_of: Callable[[int], list[PeriodRow]], number: int, step: int
) -> list[PeriodRow]:
    """Return for each slot of amounts the first row that ends in or after it.

    There is no row for open time before the year 2, and the table ends early if there is no more
    open time.
    """
    low = number << (step + SUM_BITS)
    table: list[PeriodRow] = []
    try:
        at = max(blocks.block_start_with(low), FIRST_MICROS)
        window = at >> WINDOW
        filled = min(max(0, (blocks.open_time_before(at) - low >> step) + 1), SUM_MASK + 1)
        table += [NO_ROW] * filled
        least = low + (filled << step)
        while filled <= SUM_MASK:
            rows = rows_of(window)
            window += 1
            for row in rows[bisect_left(rows, least, key=_end_of) :]:
                until = (row[1] - low >> step) + 1
                table += [row] * (until - filled)
                filled = until
                if until > SUM_MASK:
                    break
            if len(rows) == 1:
                window = (blocks.earliest_with(rows[0][1] + 1) - 1) >> WINDOW
    except (NeverReachedError, LimitExceededError):
        pass  # larger amounts raise when they are looked up
    return table[: SUM_MASK + 1]


def amount_step(source: OpenTime) -> int:
    """Return the power of two that makes a window of amounts about a hundred days long."""
    half = source.total(104 * BLOCK_LENGTH, 105 * BLOCK_LENGTH)
    return max((half // 2).bit_length() - SUM_BITS, 20)


def _split_at(periods: Intervals, at: int) -> tuple[Intervals, Intervals]:
    """Return the periods before and after the instant `at`, cut there."""
    number = bisect_left(periods, (at,))
    before, after = list(periods[:number]), list(periods[number:])
    if before and before[-1][1] > at:
        start, end = before[-1]
        before[-1] = (start, at)
        after.insert(0, (at, end))
    return before, after
