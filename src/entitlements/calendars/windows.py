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
from itertools import chain, repeat
from typing import Final, TypeAlias, final

from entitlements.calendars.blocks import BLOCK, Blocks
from entitlements.calendars.openings import OpenTime
from entitlements.calendars.zones import FIRST, LAST
from entitlements.kernel.errors import LimitExceededError, NeverReachedError

_SLOT: Final = 31
_WINDOW: Final = 43
_SLOTS: Final = 1 << (_WINDOW - _SLOT)
_MASK: Final = _SLOTS - 1
_AMOUNT_SLOTS: Final = 10
_AMOUNT_MASK: Final = (1 << _AMOUNT_SLOTS) - 1
_KEPT: Final = 128
_FAR: Final = 1 << 62
_SMALL: Final = 256

_Window: TypeAlias = tuple[Sequence[int], list[int], list[int], list[int]]
"""For each slot its last period; for each period: the next start, B minus time, B at its end."""

_Amounts: TypeAlias = tuple[Sequence[int], list[int], list[int]]
"""For each slot of amounts its first period; for each period: B at its end, B minus time."""


@final
class Windows:
    """The timeline of any open time, in its working form."""

    __slots__ = ("__weakref__", "_at", "_blocks", "elapsed", "reach")

    elapsed: Callable[[int], int]
    reach: Callable[[int], int]

    def __init__(self, source: OpenTime) -> None:
        self._blocks = Blocks(source)
        self._at, self.elapsed = _counter(self._blocks)
        self.reach = _finder(self._blocks)

    def reach_latest(self, total: int, /) -> int:
        try:
            latest = self.reach(total + 1) - 1
        except (NeverReachedError, LimitExceededError):
            return self._blocks.reach_latest(total)
        return latest if latest >= FIRST else self._blocks.reach_latest(total)

    def is_open(self, at: int, /) -> bool:
        (_, _, offsets, ends), period = self._at(at)
        return at + offsets[period] < ends[period]

    def next_open(self, at: int, /) -> int | None:
        (_, nexts, offsets, ends), period = self._at(at)
        closing = ends[period] - offsets[period]
        if nexts[period] < _FAR and (at >= closing or not _is_edge(closing)):
            return nexts[period]
        return self._blocks.next_open(at)

    def next_close(self, at: int, /) -> int | None:
        (_, nexts, offsets, ends), period = self._at(at)
        if at >= ends[period] - offsets[period]:
            if nexts[period] == _FAR:
                return self._blocks.next_close(at)
            period += 1
        closing = ends[period] - offsets[period]
        return self._blocks.next_close(at) if _is_edge(closing) else closing

    def previous_open(self, at: int, /) -> int | None:
        (_, nexts, _, _), period = self._at(at - 1)
        if not period or _is_edge(nexts[period - 1]):
            return self._blocks.previous_open(at)
        return nexts[period - 1]

    def previous_close(self, at: int, /) -> int | None:
        (_, _, offsets, ends), period = self._at(at - 1)
        if at <= ends[period] - offsets[period]:
            period -= 1
        if period <= 0:
            return self._blocks.previous_close(at)
        return ends[period] - offsets[period]


def _is_edge(at: int) -> bool:
    """Return whether a window begins at `at`, so that a period may go on across it."""
    return not at & ((1 << _WINDOW) - 1)


def _counter(
    blocks: Blocks,
) -> tuple[Callable[[int], tuple[_Window, int]], Callable[[int], int]]:
    """Return what finds the period of an instant, and what counts the open time before it."""
    windows: dict[int, _Window] = {}
    known = windows.get

    def compiled(number: int) -> _Window:
        if len(windows) >= _KEPT:
            windows.clear()
        window = windows[number] = _window(blocks, number)
        return window

    def elapsed(at: int, /) -> int:
        index, nexts, offsets, ends = known(at >> _WINDOW) or compiled(at >> _WINDOW)
        period = index[(at >> _SLOT) & _MASK]
        while at >= nexts[period]:
            period += 1
        total, end = at + offsets[period], ends[period]
        return total if total < end else end  # noqa: FURB136 - a call of `min` costs as much again

    def find(at: int, /) -> tuple[_Window, int]:
        window = known(at >> _WINDOW) or compiled(at >> _WINDOW)
        index, nexts, _, _ = window
        period = index[(at >> _SLOT) & _MASK]
        while at >= nexts[period]:
            period += 1
        return window, period

    return find, elapsed


def _finder(blocks: Blocks) -> Callable[[int], int]:
    """Return what finds the instant before which an amount is open."""
    windows: dict[int, _Amounts] = {}
    known = windows.get
    width = _amounts_in_a_window(blocks.source)
    slot = width - _AMOUNT_SLOTS

    def compiled(number: int) -> _Amounts:
        if len(windows) >= _KEPT:
            windows.clear()
        window = windows[number] = _amounts(blocks, number, width)
        return window

    def reach(total: int, /) -> int:
        index, ends, offsets = known(total >> width) or compiled(total >> width)
        try:
            period = index[(total >> slot) & _AMOUNT_MASK]
            while total > ends[period]:
                period += 1
        except IndexError:
            return blocks.reach(total)
        return total - offsets[period]

    return reach


def _window(blocks: Blocks, number: int) -> _Window:
    low, high = number << _WINDOW, (number + 1) << _WINDOW
    if not FIRST - BLOCK < low < LAST + BLOCK:
        raise LimitExceededError(f"`1970 + {low} us` lies outside the years 2 to 9997")
    total = blocks.elapsed(low)
    starts, offsets, ends = [low], [total - low], [total]
    for start, end in blocks.source.periods(low, high):
        starts.append(start)
        offsets.append(total - start)
        total += end - start
        ends.append(total)
    slots = [-(-(start - low) >> _SLOT) for start in starts]
    return _index([*slots[1:], _SLOTS]), [*starts[1:], _FAR], offsets, ends


def _amounts(blocks: Blocks, number: int, width: int) -> _Amounts:
    low, high = number << width, (number + 1) << width
    at, total = blocks.reach(low), low
    if at == FIRST and low < blocks.elapsed(FIRST):
        return (), [], []  # open time from before the year 2 is counted nowhere
    offsets, ends = [low - at], [low]
    try:
        while total < high:
            at = blocks.reach(total + 1) - 1
            until = at + (1 << _WINDOW)
            for start, end in blocks.source.periods(at, until):
                offsets.append(total - start)
                total += end - start
                ends.append(total)
                if total >= high:
                    break
    except (NeverReachedError, LimitExceededError):
        pass  # the amounts beyond are refused when they are asked for
    slot = width - _AMOUNT_SLOTS
    first = [((end - low) >> slot) + 1 for end in ends]
    return _index([min(each, 1 << _AMOUNT_SLOTS) for each in first]), ends, offsets


def _amounts_in_a_window(source: OpenTime) -> int:
    """Return the power of two that is about the open time of a hundred days."""
    half = source.total(104 * BLOCK, 105 * BLOCK)
    return max(half // 2, 1 << 33).bit_length()


def _index(bounds: list[int]) -> Sequence[int]:
    """Return for each slot the number of bounds at or before it."""
    counts = [after - before for before, after in zip([0, *bounds], bounds, strict=False)]
    numbers = chain.from_iterable(repeat(n, count) for n, count in enumerate(counts))
    return bytes(numbers) if len(bounds) <= _SMALL else array("L", numbers)
