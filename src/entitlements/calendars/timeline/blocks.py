# ruff: noqa: D102 - what the methods mean is documented in `Timeline`
"""Block sums: open time without a horizon.

Time is divided into blocks of 27 weeks; 773 of them are 400 years, in which weekdays and clock
rules repeat exactly. Only the open time of each block is kept, summed up from 2023 on; blocks that
only the week decides are counted once in 400 years. So there is no horizon, it is certain whether
anything opens again, and a search is a few additions.
"""

from __future__ import annotations

from collections.abc import Hashable
from datetime import timedelta
from typing import Final, final

from entitlements.calendars.timeline.open_time import OpenTime
from entitlements.calendars.timeline.zones import FIRST_MICROS, LAST_MICROS
from entitlements.kernel.errors import EntitlementsError, LimitExceededError, NeverReachedError
from entitlements.kernel.instants import DAY, from_micros

BLOCK_LENGTH: Final = 189 * DAY
_CYCLE: Final = 773
_FEW: Final = 14 * DAY
_ORIGIN: Final = 104
_LOWEST: Final = FIRST_MICROS // BLOCK_LENGTH
_HIGHEST: Final = LAST_MICROS // BLOCK_LENGTH


@final
class BlockTimeline:
    """The timeline of any open time in its small form: slow, and without a horizon."""

    __slots__ = (
        "_first",
        "_idle_blocks",
        "_known",
        "_last",
        "_sums_after",
        "_sums_before",
        "source",
    )

    def __init__(self, source: OpenTime) -> None:
        self.source = source
        self._sums_after = [0]
        self._sums_before = [0]
        self._known: dict[tuple[int, Hashable], int] = {}
        self._last = max(_ORIGIN, source.periodic_from // BLOCK_LENGTH + 1)
        self._first = min(_ORIGIN, source.regular_until // BLOCK_LENGTH - 1)
        idle_limit = source.idle_limit
        self._idle_blocks = _CYCLE if idle_limit is None else -(-idle_limit // BLOCK_LENGTH)

    def open_time_before(self, at: int, /) -> int:
        number = at // BLOCK_LENGTH
        return self._before(number) + self.source.total(number * BLOCK_LENGTH, at)

    def earliest_with(self, total: int, /) -> int:
        number = self._block_with(total)
        if number is None:
            return FIRST_MICROS
        rest = total - self._before(number)
        low, high = number * BLOCK_LENGTH, (number + 1) * BLOCK_LENGTH
        while high - low > _FEW:
            middle = (low + high) // 2
            half = self.source.total(low, middle)
            if half < rest:
                low, rest = middle, rest - half
            else:
                high = middle
        for start, end in self.source.periods(low, high):
            if rest <= end - start:
                return start + rest
            rest -= end - start
        raise AssertionError(total)  # pragma: no cover - the block was chosen to contain it

    def block_start_with(self, total: int) -> int:
        """Return the start of the block in which B first reaches `total`.

        That is the first instant of all if it was before the year 2. Raises what `earliest_with`
        does.
        """
        number = self._block_with(total)
        return FIRST_MICROS if number is None else number * BLOCK_LENGTH

    def latest_with(self, total: int, /) -> int:
        if self._block_with(total + 1) is None:
            raise self._before_the_start()
        return self.earliest_with(total + 1) - 1

    def add(self, at: int, amount: int, /) -> int:
        if not amount:
            return at
        total = self.open_time_before(at) + amount
        return self.earliest_with(total) if amount > 0 else self.latest_with(total)

    def is_open(self, at: int, /) -> bool:
        return bool(self.source.periods(at, at + 1))

    def next_open(self, at: int, /) -> int | None:
        closed = self._closed_from(at)
        return None if closed is None else self._open_from(closed)

    def next_close(self, at: int, /) -> int | None:
        opening = self._open_from(at)
        return None if opening is None else self._closed_from(opening)

    def previous_open(self, at: int, /) -> int | None:
        closing = self._open_until(at)
        return None if closing is None else self._closed_until(closing)

    def previous_close(self, at: int, /) -> int | None:
        opening = self._closed_until(at)
        return None if opening is None else self._open_until(opening)

    def _open_from(self, at: int) -> int | None:
        """Return the first open instant at or after `at`, or None."""
        try:
            return self.earliest_with(self.open_time_before(at) + 1) - 1
        except (NeverReachedError, LimitExceededError):
            return None

    def _open_until(self, at: int) -> int | None:
        """Return the end of the last open time before `at`, or None."""
        closing = self.earliest_with(self.open_time_before(at))
        return None if closing <= FIRST_MICROS else closing

    def _closed_from(self, at: int) -> int | None:
        """Return the first closed instant at or after `at`, or None."""
        number = at // BLOCK_LENGTH
        last = min(max(self._last, number) + self._idle_blocks, _HIGHEST)
        while number <= last:
            high = (number + 1) * BLOCK_LENGTH
            if self._before(number + 1) - self._before(number) < BLOCK_LENGTH:
                for start, end in self.source.periods(at, high):
                    if start > at:
                        return at
                    at = end
                if at < high:
                    return at
            number, at = number + 1, high
            if self.source.final_state and at > self.source.periodic_from:
                return None
        return None

    def _closed_until(self, at: int) -> int | None:
        """Return the end of the last closed time before `at`, or None."""
        number = (at - 1) // BLOCK_LENGTH
        first = max(min(self._first, number) - 1, _LOWEST)
        while number >= first:
            low = number * BLOCK_LENGTH
            if self._before(number + 1) - self._before(number) < BLOCK_LENGTH:
                for start, end in reversed(self.source.periods(low, at)):
                    if end < at:
                        return at
                    at = start
                if at > low:
                    return at
            number, at = number - 1, low
        return None

    def _before(self, number: int) -> int:
        """Return the open time from the origin to the start of block `number`."""
        if number > self._last + _CYCLE:
            cycles, rest = divmod(number - self._last, _CYCLE)
            cycle = self._before(self._last + _CYCLE) - self._before(self._last)
            return self._before(self._last + rest) + cycles * cycle
        if number < self._first:
            each = self._before(self._first + 1) - self._before(self._first)
            return self._before(self._first) - (self._first - number) * each
        return self._sum_after(number) if number >= _ORIGIN else self._sum_before(number)

    def _sum_after(self, number: int) -> int:
        sums = self._sums_after
        if number - _ORIGIN >= len(sums):
            sums = list(sums)
            for each in range(_ORIGIN + len(sums) - 1, number):
                sums.append(sums[-1] + self._total(each))
            self._sums_after = sums
        return sums[number - _ORIGIN]

    def _sum_before(self, number: int) -> int:
        sums = self._sums_before
        if _ORIGIN - number >= len(sums):
            sums = list(sums)
            for each in range(_ORIGIN - len(sums), number - 1, -1):
                sums.append(sums[-1] - self._total(each))
            self._sums_before = sums
        return sums[_ORIGIN - number]

    def _total(self, number: int) -> int:
        """Return the open time in block `number`."""
        low, high = number * BLOCK_LENGTH, (number + 1) * BLOCK_LENGTH
        regime = self.source.regime(low, high)
        if regime is None:
            return self.source.total(low, high)
        key = number % _CYCLE, regime
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self.source.total(low, high)
        return known

    def _block_with(self, total: int) -> int | None:
        """Return the block in which B first reaches `total`; None if that is before the year 2."""
        low = high = _ORIGIN
        step = 1
        while self._before(high) < total:
            if high > _HIGHEST or self._is_over(high):
                raise self._past_the_end(high)
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

    def _is_over(self, number: int) -> bool:
        """Return whether it is certain that nothing opens from block `number` on."""
        if number <= self._last or self.source.final_state:
            return False
        if self.source.final_state is False:
            return True
        until = self._last + self._idle_blocks
        return number >= until and self._before(until) == self._before(self._last)

    def _past_the_end(self, number: int) -> EntitlementsError:
        if self._is_over(number):
            return NeverReachedError(
                from_micros(self.earliest_with(self._before(number))), timedelta()
            )
        return LimitExceededError("that much open time ends after the year 9997")

    def _before_the_start(self) -> EntitlementsError:
        if self._before(_LOWEST) == self._before(self._first):
            opening = self._open_from(FIRST_MICROS)
            return NeverReachedError(
                from_micros(LAST_MICROS if opening is None else opening), timedelta()
            )
        return LimitExceededError("that much open time begins before the year 2")
