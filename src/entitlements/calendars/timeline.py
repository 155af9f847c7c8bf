# ruff: noqa: D102 - what the methods mean is said once, by `Timeline`
"""How much open time lies before an instant, and when is an amount of it reached?

Everything is one monotone function B(t), the open time before t, and its inverse. Instants and
amounts are whole microseconds. Time is cut into blocks of 27 weeks; 773 of them are 400 years, in
which weekdays and clock rules repeat exactly. A block is computed when it is first used.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import timedelta
from typing import Final, Protocol, final

from entitlements.calendars.days import Periods
from entitlements.calendars.zones import FIRST, LAST
from entitlements.kernel.errors import EntitlementsError, LimitExceededError, NeverReachedError
from entitlements.kernel.instants import DAY, from_micros

_BLOCK: Final = 189 * DAY
_CYCLE: Final = 773
_ORIGIN: Final = 104
_LOWEST: Final = FIRST // _BLOCK
_HIGHEST: Final = LAST // _BLOCK
_KEPT: Final = 256


class Timeline(Protocol):
    """Open time as integers: microseconds since 1970 UTC, and microseconds of open time."""

    def elapsed(self, at: int) -> int:
        """Return the open time before `at`, counted from an arbitrary fixed origin."""

    def reach(self, total: int) -> int:
        """Return the earliest instant before which `total` is open, or raise NeverReachedError."""

    def reach_latest(self, total: int) -> int:
        """Return the latest instant before which `total` is open, or raise NeverReachedError."""

    def is_open(self, at: int) -> bool:
        """Return whether the instant `at` is open."""

    def next_open(self, at: int) -> int | None:
        """Return the first change to open strictly after `at`, if there is one."""

    def next_close(self, at: int) -> int | None:
        """Return the first change to closed strictly after `at`, if there is one."""

    def previous_open(self, at: int) -> int | None:
        """Return the last change to open strictly before `at`, if there is one."""

    def previous_close(self, at: int) -> int | None:
        """Return the last change to closed strictly before `at`, if there is one."""


class OpenTime(Protocol):
    """Open time that can be enumerated, and what is known about its far ends.

    Attributes:
        begins: Before this instant every 27 weeks are alike.
        settled: From this instant on, every 400 years are alike.
        tail: True if all time from `settled` on is open, False if none is, None if some.
    """

    begins: int
    settled: int
    tail: bool | None

    def periods(self, low: int, high: int) -> Periods:
        """Return the open time in `[low, high)`, cut to it, sorted and apart."""


@final
class _Block:
    """The open time of 27 weeks: openings, closings, and B at each opening."""

    __slots__ = ("closes", "opens", "sums")

    def __init__(self, periods: Periods) -> None:
        self.opens = [start for start, _ in periods]
        self.closes = [end for _, end in periods]
        self.sums = [0]
        for start, end in periods:
            self.sums.append(self.sums[-1] + end - start)


@final
class Always:
    """The timeline on which every instant is open: B is the identity."""

    __slots__ = ()

    def elapsed(self, at: int) -> int:
        return at

    def reach(self, total: int) -> int:
        return total

    def reach_latest(self, total: int) -> int:
        return total

    def is_open(self, at: int) -> bool:  # noqa: ARG002 - every instant is
        return True

    def next_open(self, at: int) -> int | None:  # noqa: ARG002 - it never changes
        return None

    next_close = previous_open = previous_close = next_open


@final
class Never:
    """The timeline on which no instant is open."""

    __slots__ = ()

    def elapsed(self, at: int) -> int:  # noqa: ARG002 - nothing is open before any instant
        return 0

    def reach(self, total: int) -> int:
        if total <= 0:
            return FIRST
        raise NeverReachedError(from_micros(FIRST), timedelta())

    def reach_latest(self, total: int) -> int:
        if total < 0:
            raise NeverReachedError(from_micros(LAST), timedelta())
        return LAST

    def is_open(self, at: int) -> bool:  # noqa: ARG002 - no instant is
        return False

    def next_open(self, at: int) -> int | None:  # noqa: ARG002 - it never changes
        return None

    next_close = previous_open = previous_close = next_open


@final
class BlockTimeline:
    """The timeline of any enumerable open time."""

    __slots__ = ("__weakref__", "_blocks", "_down", "_first", "_last", "_source", "_up")

    def __init__(self, source: OpenTime) -> None:
        self._source = source
        self._blocks: dict[int, _Block] = {}
        self._up = [0]
        self._down = [0]
        self._last = max(_ORIGIN, source.settled // _BLOCK + 1)
        self._first = min(_ORIGIN, source.begins // _BLOCK - 1)

    def elapsed(self, at: int) -> int:
        number = at // _BLOCK
        block = self._block(number)
        index = bisect_right(block.opens, at)
        if not index:
            return self._before(number)
        within = min(at, block.closes[index - 1]) - block.opens[index - 1]
        return self._before(number) + block.sums[index - 1] + within

    def reach(self, total: int) -> int:
        number = self._holding(total)
        if number is None:
            return FIRST
        block = self._block(number)
        rest = total - self._before(number)
        index = bisect_left(block.sums, rest)
        return block.closes[index - 1] - (block.sums[index] - rest)

    def reach_latest(self, total: int) -> int:
        if self._holding(total + 1) is None:
            raise self._before_the_start()
        return self.reach(total + 1) - 1

    def reach_after(self, total: int) -> int | None:
        """Return the latest instant before which `total` is open, or None if more never opens."""
        try:
            return self.reach(total + 1) - 1
        except (NeverReachedError, LimitExceededError):
            return None

    def is_open(self, at: int) -> bool:
        block = self._block(at // _BLOCK)
        index = bisect_right(block.opens, at)
        return index > 0 and at < block.closes[index - 1]

    def next_open(self, at: int) -> int | None:
        if self.is_open(at):
            closing = self.next_close(at)
            return None if closing is None else self.next_open_from(closing)
        return self.next_open_from(at)

    def next_open_from(self, at: int) -> int | None:
        """Return the first open instant at or after `at`, or None."""
        return self.reach_after(self.elapsed(at))

    def next_close(self, at: int) -> int | None:
        if not self.is_open(at):
            opening = self.next_open_from(at)
            return None if opening is None else self._end_of(opening)
        return self._end_of(at)

    def previous_open(self, at: int) -> int | None:
        if not self.is_open(at - 1):
            closing = self._closing_until(at)
            return None if closing is None else self._start_of(closing - 1)
        return self._start_of(at - 1)

    def previous_close(self, at: int) -> int | None:
        if self.is_open(at - 1):
            opening = self._start_of(at - 1)
            return None if opening is None else self._closing_until(opening)
        closing = self._closing_until(at)
        return closing if closing != at else self.previous_close(at - 1)

    def _closing_until(self, at: int) -> int | None:
        """Return the last closing at or before `at`, which follows closed time, or None."""
        closing = self.reach(self.elapsed(at))
        return None if closing <= FIRST else closing

    def _end_of(self, at: int) -> int | None:
        number = at // _BLOCK
        while number <= min(self._last + _CYCLE, _HIGHEST):
            block = self._block(number)
            index = bisect_right(block.opens, at)
            if not index or block.closes[index - 1] <= at:
                return at
            at = block.closes[index - 1]
            if at != (number + 1) * _BLOCK:
                return at
            number += 1
            if self._source.tail and at >= self._source.settled:
                return None
        return None

    def _start_of(self, at: int) -> int | None:
        number = at // _BLOCK
        while number >= max(self._first - 1, _LOWEST):
            block = self._block(number)
            index = bisect_right(block.opens, at)
            if not index or block.closes[index - 1] <= at:
                return at + 1
            at = block.opens[index - 1]
            if at != number * _BLOCK:
                return at
            number -= 1
            at -= 1
        return None

    def _block(self, number: int) -> _Block:
        block = self._blocks.get(number)
        if block is None:
            block = _Block(self._source.periods(number * _BLOCK, (number + 1) * _BLOCK))
            if len(self._blocks) >= _KEPT:
                self._blocks = {}
            self._blocks[number] = block
        return block

    def _before(self, number: int) -> int:
        """Return the open time from the origin to the start of block `number`."""
        if number > self._last + _CYCLE:
            cycles, rest = divmod(number - self._last, _CYCLE)
            cycle = self._before(self._last + _CYCLE) - self._before(self._last)
            return self._before(self._last + rest) + cycles * cycle
        if number < self._first:
            each = self._before(self._first + 1) - self._before(self._first)
            return self._before(self._first) - (self._first - number) * each
        if number >= _ORIGIN:
            return self._upward(number)
        return self._downward(number)

    def _upward(self, number: int) -> int:
        sums = self._up
        if number - _ORIGIN >= len(sums):
            sums = list(sums)
            while number - _ORIGIN >= len(sums):
                sums.append(sums[-1] + self._block(_ORIGIN + len(sums) - 1).sums[-1])
            self._up = sums
        return sums[number - _ORIGIN]

    def _downward(self, number: int) -> int:
        sums = self._down
        if _ORIGIN - number >= len(sums):
            sums = list(sums)
            while _ORIGIN - number >= len(sums):
                sums.append(sums[-1] - self._block(_ORIGIN - len(sums)).sums[-1])
            self._down = sums
        return sums[_ORIGIN - number]

    def _holding(self, total: int) -> int | None:
        """Return the block in which B first reaches `total`; None if it has before the year 2."""
        low = high = _ORIGIN
        step = 1
        while self._before(high) < total:
            if high > _HIGHEST or (self._source.tail is False and high > self._last):
                raise self._past_the_end()
            low, high, step = high, min(high + step, _HIGHEST + 1), step * 2
        while self._before(low) >= total:
            if low <= _LOWEST:
                return None
            low, high, step = max(low - step, _LOWEST), low, step * 2
        while high - low > 1:
            middle = (low + high) // 2
            if self._before(middle) < total:
                low = middle
            else:
                high = middle
        return low

    def _past_the_end(self) -> EntitlementsError:
        if self._source.tail is False:
            end = self._closing_until(self._source.settled)
            return NeverReachedError(from_micros(FIRST if end is None else end), timedelta())
        return LimitExceededError("that much open time ends after the year 9997")

    def _before_the_start(self) -> EntitlementsError:
        if self._before(_LOWEST) == self._before(self._first):
            opening = self.reach_after(self._before(_LOWEST))
            return NeverReachedError(from_micros(LAST if opening is None else opening), timedelta())
        return LimitExceededError("that much open time begins before the year 2")
