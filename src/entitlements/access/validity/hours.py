"""Changes of hours: when a right opens, closes or ceases to be known, and which weeks are alike."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Final, final

from entitlements.access.compiled.lines import CompiledRight
from entitlements.calendars.business_hours import BusinessHours
from entitlements.calendars.combined.composite import compose
from entitlements.calendars.options import SetOperator
from entitlements.calendars.timeline.known_range import KnownRangeTimeline
from entitlements.calendars.timeline.timeline import Timeline
from entitlements.calendars.timeline.zones import LAST_MICROS, Zone
from entitlements.contracts.allowances.grant_cycles import WEEK, WEEKS_OF_CLOCKS
from entitlements.kernel.errors import LimitExceededError, NotCoveredError
from entitlements.kernel.instants import DAY, END_OF_TIME, START_OF_TIME

# Windows end up to two days after their date; clocks differ from UTC by up to a day.
_REACH: Final = 4 * DAY
_YEAR: Final = 366 * DAY
_CONSTANT: Final = "constant"


def next_hours_change(right: CompiledRight, at: int) -> int:
    """Return when `window_failures` of a right change next; `END_OF_TIME` for never."""
    return END_OF_TIME if right.timeline is None else _next_change(right.timeline, at)


def _next_change(timeline: Timeline, at: int) -> int:
    known_until = END_OF_TIME
    if isinstance(timeline, KnownRangeTimeline):
        known_until = timeline.known_until + 1
        if at < timeline.known_from:
            return timeline.known_from
        if at >= known_until:
            return END_OF_TIME
    try:
        change = timeline.next_close(at) if timeline.is_open(at) else timeline.next_open(at)
    except NotCoveredError:  # what follows is known no more
        return known_until
    return END_OF_TIME if change is None else change


def all_closed_from(rights: Sequence[CompiledRight | None], at: int) -> int:
    """Return the first instant from `at` on at which no right is open; `END_OF_TIME` for never.

    The hours are combined, so that rights that open in turns are one question to a calendar. If the
    hours of one of them are not known at some time, `at` is returned.
    """
    every: list[BusinessHours] = []
    for right in rights:
        if right is None or right.hours is None:
            return END_OF_TIME
        every.append(right.hours)
    try:
        timeline = compose(SetOperator.ANY, *every).timeline
        closed = timeline.next_close(at) if timeline.is_open(at) else at
    except (NotCoveredError, LimitExceededError):
        return at
    return END_OF_TIME if closed is None else closed


@final
class AlikeWeeks:
    """Which periods of business hours are alike: the same open time, counted from their start.

    Args:
        hours: The business hours.
        at: The instant from which on they are looked at.
        day_zones: Zones in which days are counted, whose clocks matter as well.

    Attributes:
        constant_from: From this instant on nothing opens or closes any more.
        repeats_from: From this instant on the hours repeat, but for the end of the calendar.
        period: After how many weeks they repeat.
        repeats_until: The instant after which they do not, because the calendar ends.
    """

    __slots__ = (
        "_alike_until",
        "_covered_from",
        "_day_zones",
        "_open_time",
        "_timeline",
        "_zones",
        "constant_from",
        "period",
        "repeats_from",
        "repeats_until",
    )

    def __init__(self, hours: BusinessHours, at: int, day_zones: Iterable[Zone] = ()) -> None:
        self._open_time, self._timeline = hours.open_time, hours.timeline
        self._day_zones = frozenset(day_zones)
        self._zones = self._day_zones | hours.open_time.zones
        self._covered_from = START_OF_TIME if hours.covered is None else hours.covered[0]
        self._alike_until = self.repeats_until = LAST_MICROS - 2 * _YEAR
        self.constant_from = END_OF_TIME
        self.repeats_from = max([at, hours.open_time.periodic_from, *map(_rule_from, self._zones)])
        self.period = _period(self._zones)
        if hours.covered is not None:
            last = self._last_change(min(hours.covered[1], LAST_MICROS))
            self._end_at(last, hours.covered[1] + 1)
        elif not self._changes_after(self.repeats_from):
            last = self._last_change(self.repeats_from)
            self._end_at(last, max(last, at))

    def key(self, start: int, end: int) -> Hashable | None:
        """Return what is equal for periods that are alike; None for one that is like no other."""
        if start >= self.constant_from:
            return _CONSTANT, start % WEEK, *_clocks(self._day_zones, start, end)
        if end > self._alike_until or start < self._covered_from:
            return None
        regime = self._open_time.regime(start, end)
        if regime is None:
            return None
        # Searches begin at any time of the week.
        return regime, start % WEEK, *_clocks(self._zones, start, end)

    def alike_until(self, start: int) -> int:
        """Return an instant up to which periods are like the one that begins at `start`.

        They begin whole weeks after it, and it begins after `repeats_from`.
        """
        is_constant = start >= self.constant_from
        zones = self._day_zones if is_constant else self._zones
        ends = [zone.offset_periods(start - _REACH, start + _YEAR)[0][1] - _REACH for zone in zones]
        return min([*ends, LAST_MICROS if is_constant else self._alike_until])

    def _end_at(self, last: int, constant_from: int) -> None:
        """Note the last change, after which weeks are no longer like others, and the end of all."""
        self._alike_until, self.constant_from = last, constant_from
        self.repeats_from = max([constant_from, *map(_rule_from, self._day_zones)])
        self.period = _period(self._day_zones)
        if self.period == 1:
            self.repeats_until = LAST_MICROS

    def _changes_after(self, at: int) -> bool:
        return not self._timeline.next_open(at) is self._timeline.next_close(at) is None

    def _last_change(self, at: int) -> int:
        try:
            changes = (self._timeline.previous_open(at + 1), self._timeline.previous_close(at + 1))
        except NotCoveredError:
            return START_OF_TIME
        return max(START_OF_TIME if each is None else each for each in changes)


def _rule_from(zone: Zone) -> int:
    return zone.rule_from


def _period(zones: Iterable[Zone]) -> int:
    return 1 if all(zone.is_fixed for zone in zones) else WEEKS_OF_CLOCKS


def _clocks(zones: Iterable[Zone], start: int, end: int) -> list[Hashable]:
    """Return how the clocks of some zones change around a period, counted from its start."""
    low, high = start - _REACH, end + _REACH
    return [
        tuple((begin - low, offset) for begin, _, offset in zone.offset_periods(low, high))
        for zone in zones
    ]
