# ruff: noqa: D102 - what the methods mean is said once, by `Timeline`
"""How is open time counted without searching?

The working form of a timeline. A grid of 36 minutes points from each instant, and from each
amount, to the period it falls in; a period that begins inside its slot is one step further.
Windows of about a hundred days are compiled when they are first used and never change after that,
so that threads can share them; the oldest way out of bounded memory is to forget them all.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from itertools import chain, pairwise, repeat
from typing import Final, Generic, TypeAlias, TypeVar, final

from entitlements.calendars.blocks import BLOCK, Blocks
from entitlements.calendars.openings import OpenTime
from entitlements.calendars.zones import FIRST, LAST
from entitlements.kernel.errors import LimitExceededError, NeverReachedError

_SLOT: Final = 31
_SLOT_BITS: Final = 12
_WINDOW: Final = _SLOT + _SLOT_BITS
_SLOTS: Final = 1 << _SLOT_BITS
_MASK: Final = _SLOTS - 1
_KEPT: Final = 128
_STRETCH: Final = 1 << 42
_FAR: Final = 1 << 62
_SMALL: Final = 256
_BYTES: Final = [bytes([number]) for number in range(_SMALL)]

_Period: TypeAlias = tuple[int, int, int]
"""Where the next period begins, B minus time inside of this one, B at its end."""

_Window: TypeAlias = tuple[Sequence[int], list[_Period]]
"""The periods of a window, and for each slot the last of them that began before it."""

_Amounts: TypeAlias = tuple[Sequence[int], list[tuple[int, int]]]
"""B at the end of each period and B minus time, and for each slot its first period."""

_Add: TypeAlias = Callable[[int, int], int]
_Table = TypeVar("_Table")


@final
class Windows:
    """The timeline of any open time, in its working form."""

    __slots__ = ("__weakref__", "_blocks", "_find", "add", "elapsed", "reach")

    # Closures over their tables: a method would look them up again on every call.
    add: Callable[[int, int], int]
    elapsed: Callable[[int], int]
    reach: Callable[[int], int]

    def __init__(self, source: OpenTime) -> None:
        self._blocks = blocks = Blocks(source)
        step = _amount_step(source)
        windows = _Kept(lambda number: _window(blocks, number))
        amounts = _Kept(lambda number: _amounts(blocks, number, step))
        self._find = _finder(windows)
        self.elapsed = _counter(windows)
        self.reach = _reacher(amounts, blocks, step)
        self.add = _adder(windows.tables, amounts.tables, step, self.add_slowly)

    def add_slowly(self, at: int, amount: int) -> int:
        """Return what `add` does, in two steps."""
        if amount > 0:
            return self.reach(self.elapsed(at) + amount)
        return self.reach_latest(self.elapsed(at) + amount) if amount else at

    def reach_latest(self, total: int, /) -> int:
        try:
            latest = self.reach(total + 1) - 1
        except (NeverReachedError, LimitExceededError):
            return self._blocks.reach_latest(total)
        return latest if latest >= FIRST else self._blocks.reach_latest(total)

    def is_open(self, at: int, /) -> bool:
        rows, number = self._find(at)
        _, offset, end = rows[number]
        return at + offset < end

    def next_open(self, at: int, /) -> int | None:
        rows, number = self._find(at)
        opening, offset, end = rows[number]
        closing = end - offset
        if opening < _FAR and (at >= closing or not _is_edge(closing)):
            return opening
        return self._blocks.next_open(at)

    def next_close(self, at: int, /) -> int | None:
        rows, number = self._find(at)
        opening, offset, end = rows[number]
        if at >= end - offset:
            if opening == _FAR:
                return self._blocks.next_close(at)
            _, offset, end = rows[number + 1]
        return self._blocks.next_close(at) if _is_edge(end - offset) else end - offset

    def previous_open(self, at: int, /) -> int | None:
        rows, number = self._find(at - 1)
        if not number or _is_edge(rows[number - 1][0]):
            return self._blocks.previous_open(at)
        return rows[number - 1][0]

    def previous_close(self, at: int, /) -> int | None:
        rows, number = self._find(at - 1)
        if at <= rows[number][2] - rows[number][1]:
            number -= 1
        if number <= 0:
            return self._blocks.previous_close(at)
        return rows[number][2] - rows[number][1]


def _is_edge(at: int) -> bool:
    """Return whether a window begins at `at`, so that a period may go on across it."""
    return not at & ((1 << _WINDOW) - 1)


@final
class _Kept(Generic[_Table]):
    """Tables by their number, compiled when they are first missed; never more than 128."""

    __slots__ = ("_compile", "tables")

    def __init__(self, compile_: Callable[[int], _Table]) -> None:
        self._compile = compile_
        self.tables: dict[int, _Table] = {}

    def missed(self, number: int) -> _Table:
        """Return the table after all, and keep it for the next time."""
        table = self._compile(number)
        if len(self.tables) >= _KEPT:
            self.tables.clear()
        self.tables[number] = table
        return table


def _finder(kept: _Kept[_Window]) -> Callable[[int], tuple[list[_Period], int]]:
    """Return what finds the period of an instant: the last one that began at or before it."""
    windows, missed = kept.tables, kept.missed

    def find(at: int, /) -> tuple[list[_Period], int]:
        slot = at >> _SLOT
        index, rows = windows.get(slot >> _SLOT_BITS) or missed(slot >> _SLOT_BITS)
        number = index[slot & _MASK]
        while at >= rows[number][0]:
            number += 1
        return rows, number

    return find


def _counter(kept: _Kept[_Window]) -> Callable[[int], int]:
    """Return what counts the open time before an instant."""
    windows, missed = kept.tables, kept.missed

    def elapsed(at: int, /) -> int:
        slot = at >> _SLOT
        try:
            index, rows = windows[slot >> _SLOT_BITS]
        except KeyError:
            index, rows = missed(slot >> _SLOT_BITS)
        following, offset, end = rows[index[slot & _MASK]]
        if at >= following:
            _, offset, end = _later(rows, index[slot & _MASK], at)
        total = at + offset
        return total if total < end else end  # noqa: FURB136 - a call of `min` costs as much again

    return elapsed


def _reacher(kept: _Kept[_Amounts], blocks: Blocks, step: int) -> Callable[[int], int]:
    """Return what finds the instant before which an amount is open."""
    amounts, missed = kept.tables, kept.missed

    def reach(total: int, /) -> int:
        slot = total >> step
        try:
            index, rows = amounts[slot >> _SLOT_BITS]
        except KeyError:
            index, rows = missed(slot >> _SLOT_BITS)
        try:
            end, offset = rows[index[slot & _MASK]]
            if total > end:
                offset = _further(rows, index[slot & _MASK], total)
        except IndexError:
            return blocks.reach(total)
        return total - offset

    return reach


def _adder(
    windows: dict[int, _Window], amounts: dict[int, _Amounts], step: int, slowly: _Add
) -> _Add:
    """Return `reach(elapsed(at) + amount)` as one function: two calls less, a third of the time.

    What is not compiled yet, or goes back, or is never reached, is left to `slowly`.
    """

    def add(at: int, amount: int, /) -> int:
        try:
            slot = at >> _SLOT
            index, rows = windows[slot >> _SLOT_BITS]
            following, offset, end = rows[index[slot & _MASK]]
            if at >= following:
                _, offset, end = _later(rows, index[slot & _MASK], at)
            total = at + offset
            total = (total if total < end else end) + amount  # noqa: FURB136 - as above
            slot = total >> step
            index, sums = amounts[slot >> _SLOT_BITS]
            end, offset = sums[index[slot & _MASK]]
            if total > end:
                offset = _further(sums, index[slot & _MASK], total)
        except LookupError:
            return slowly(at, amount)
        return total - offset if amount > 0 else slowly(at, amount)

    return add


def _later(rows: list[_Period], number: int, at: int) -> _Period:
    """Return the period of `at`, which began inside its slot."""
    while at >= rows[number][0]:
        number += 1
    return rows[number]


def _further(rows: list[tuple[int, int]], number: int, total: int) -> int:
    """Return B minus time where B reaches `total`, in a period that begins inside its slot."""
    while total > rows[number][0]:
        number += 1
    return rows[number][1]


def _window(blocks: Blocks, number: int) -> _Window:
    low, high = number << _WINDOW, (number + 1) << _WINDOW
    if not FIRST - BLOCK < low < LAST + BLOCK:
        raise LimitExceededError(f"`1970 + {low} us` lies outside the years 2 to 9997")
    total = blocks.elapsed(low)
    periods = blocks.source.periods(low, high)
    followings = [*(start for start, _ in periods), _FAR]
    rows = [(followings[0], total - low, total)]
    for (start, end), following in zip(periods, followings[1:], strict=True):
        offset = total - start
        total += end - start
        rows.append((following, offset, total))
    return _index([*(-(-(start - low) >> _SLOT) for start, _ in periods), _SLOTS]), rows


def _amounts(blocks: Blocks, number: int, step: int) -> _Amounts:
    low, high = number << (step + _SLOT_BITS), (number + 1) << (step + _SLOT_BITS)
    at, total = blocks.reach(low), low
    if at == FIRST and low < blocks.elapsed(FIRST):
        return (), []  # open time from before the year 2 is counted nowhere
    rows = [(low, low - at)]
    try:
        while total < high:
            periods = blocks.source.periods(at, at + _STRETCH)
            at = at + _STRETCH if periods else blocks.reach(total + 1) - 1
            for start, end in periods:
                offset = total - start
                total += end - start
                rows.append((total, offset))
                if total >= high:
                    break
    except (NeverReachedError, LimitExceededError):
        pass  # the amounts beyond are refused when they are asked for
    return _index([min(((end - low) >> step) + 1, _SLOTS) for end, _ in rows]), rows


def _amount_step(source: OpenTime) -> int:
    """Return the power of two that makes a window of amounts about a hundred days long."""
    half = source.total(104 * BLOCK, 105 * BLOCK)
    return max((half // 2).bit_length() - _SLOT_BITS, 20)


def _index(bounds: list[int]) -> Sequence[int]:
    """Return for each slot the number of bounds at or before it."""
    counts = [after - before for before, after in pairwise((0, *bounds))]
    if len(bounds) <= _SMALL:
        return b"".join([_BYTES[number] * count for number, count in enumerate(counts)])
    return array("L", chain.from_iterable(repeat(n, count) for n, count in enumerate(counts)))
