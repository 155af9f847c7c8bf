"""Presence of the agents of a world, by shifts and breaks.

Written from the description of shifts and without the calendars of the library, because the rule
checker and the rivals use it: a mistake in a calendar must show as a difference.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from heapq import merge
from typing import final
from zoneinfo import ZoneInfo

from entitlements.testing.routing_bench.worlds.events import LATEST
from entitlements.testing.routing_bench.worlds.world import WorldAgent, WorldShift

_SECOND = 1_000_000
_DAYS_AHEAD = 9


@final
class ShiftClock:
    """Whether a shift is on, with the stretch of time for which that is known."""

    __slots__ = ("_days", "_known", "_shift", "_zone")

    def __init__(self, shift: WorldShift) -> None:
        self._shift = shift
        self._zone = ZoneInfo(shift.zone)
        self._days = frozenset(shift.days)
        self._known = (0, 0, False)

    def state(self, at: int) -> tuple[bool, int]:
        """Return whether the shift is on at `at`, and the next instant at which that changes."""
        start, end, on = self._known
        if not start <= at < end:
            on, end = self._find(at)
            self._known = (at, end, on)
        return on, end

    def _find(self, at: int) -> tuple[bool, int]:
        today = datetime.fromtimestamp(at // _SECOND, self._zone).date()
        for ahead in range(-1, _DAYS_AHEAD):
            day = today + timedelta(days=ahead)
            if day.weekday() in self._days:
                midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a local time
                opens = self._instant(midnight + timedelta(minutes=self._shift.opens))
                closes = self._instant(midnight + timedelta(minutes=self._shift.closes))
                if at < opens:
                    return False, opens
                if at < closes:
                    return True, closes
        return False, LATEST

    def _instant(self, local: datetime) -> int:
        return int(local.replace(tzinfo=self._zone).timestamp()) * _SECOND


@final
class Presence:
    """Which agents are on duty by shift and breaks; announced statuses are not part of it."""

    __slots__ = ("_breaks", "_clocks", "_shifts")

    def __init__(self, agents: Iterable[WorldAgent]) -> None:
        self._shifts: dict[WorldShift, ShiftClock] = {}
        self._clocks: dict[str, ShiftClock | None] = {}
        self._breaks: dict[str, tuple[list[int], list[int]]] = {}
        for each in agents:
            shift = each.shift
            if shift is not None and shift not in self._shifts:
                self._shifts[shift] = ShiftClock(shift)
            self._clocks[each.id] = None if shift is None else self._shifts[shift]
            if each.breaks:
                self._breaks[each.id] = ([a for a, _ in each.breaks], [b for _, b in each.breaks])

    def on_duty(self, agent: str, at: int) -> bool:
        """Return whether the agent is on duty at `at`."""
        clock = self._clocks[agent]
        if clock is not None and not clock.state(at)[0]:
            return False
        if (breaks := self._breaks.get(agent)) is None:
            return True
        number = bisect_right(breaks[0], at) - 1
        return number < 0 or at >= breaks[1][number]

    def edges(self, start: int) -> Iterator[int]:
        """Yield each instant after `start` at which the duty of an agent changes, once, in order.

        There is no last one if any agent has a shift.
        """
        ends = sorted({at for pair in self._breaks.values() for each in pair for at in each})
        shifts = (_shift_edges(clock, start) for clock in self._shifts.values())
        last = start
        for at in merge(*shifts, ends):
            if at > last:
                yield at
                last = at


def _shift_edges(clock: ShiftClock, start: int) -> Iterator[int]:
    at = start
    while at < LATEST:
        _, at = clock.state(at)
        if at < LATEST:
            yield at
