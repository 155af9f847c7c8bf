"""Movement of a due instant: whether it is later when its clock starts later, and how long so.

While the clock starts in open time, the due instant moves with it, up to a closing; while it starts
in closed time, it stays. Business days stay for a day, or move through it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from entitlements.calendars.timeline.known_range import KnownRangeTimeline
from entitlements.calendars.timeline.zones import LAST_MICROS, load_zone
from entitlements.kernel.errors import EntitlementsError, NeverReachedError, NotCoveredError
from entitlements.kernel.instants import DAY, END_OF_TIME
from entitlements.sla.clock.compiled_policy import CompiledTarget

_MAX_OFFSET: Final = 2 * DAY


def due_or_never(target: CompiledTarget, at: int) -> int:
    """Return when a clock that starts at `at` is due; `END_OF_TIME` if its hours do not suffice."""
    try:
        due = target.due(at)
    except EntitlementsError:  # the calendar never has that much open time
        return END_OF_TIME
    return due if due <= LAST_MICROS else END_OF_TIME


def due_movement(target: CompiledTarget, at: int) -> tuple[bool, int]:
    """Return whether the due instant moves with the start of the clock, and up to which start.

    Up to that start it is either as much later as the start is, or the same. `at` itself is
    returned if neither is so: the due instant jumps over closed time.
    """
    due, timeline = due_or_never(target, at), target.timeline
    if isinstance(timeline, KnownRangeTimeline) and at < timeline.known_from:
        return False, timeline.known_from - 1
    if due == END_OF_TIME:
        return False, END_OF_TIME
    if target.counts_at_once:
        return _movement(target, at, due, END_OF_TIME)
    received = target.received_at(at)
    if received == at:
        return _movement(target, at, due, _counted_at_once(target, at))
    last = received - 1
    return False, last if target.received_at(last) == received else at


def _movement(target: CompiledTarget, at: int, due: int, until: int) -> tuple[bool, int]:
    """Return the movement up to `until` at most, if counting begins where the clock starts."""
    if target.days is not None:
        return _movement_of_days(target, at, due, until)
    timeline = target.timeline
    try:
        if not timeline.is_open(at):
            moves = not target.limit and not target.late_landing
            return moves, min(until, _next(timeline.next_open, at))
        start_end, due_end = _next(timeline.next_close, at), due
        if timeline.is_open(due):
            due_end = _next(timeline.next_close, due) - int(target.late_landing)
    except NotCoveredError:
        return False, at
    return True, min(until, start_end, at + min(due_end, LAST_MICROS) - due)


def _movement_of_days(target: CompiledTarget, at: int, due: int, until: int) -> tuple[bool, int]:
    """Return the movement up to the end of the local day, or to a change of the clock before."""
    end = min(until, _end_of_day(target, at))
    while end > at:
        later = due_or_never(target, end) - due
        if later in {0, end - at}:
            return later > 0, end
        end = (at + end) // 2
    return False, at


def _counted_at_once(target: CompiledTarget, at: int) -> int:
    """Return the last start before a cut-off, a closing or the end of the day of `at`."""
    low, high = at, _end_of_day(target, at)
    closing = target.timeline.next_close(at)
    high = high if closing is None else min(high, closing - 1)
    opening = target.hours.day_bounds(load_zone(target.hours.zone).wall(at) // DAY)
    if opening is not None and at < opening[0]:
        high = min(high, opening[0] - 1)
    if _counts_from(target, high):
        return high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _counts_from(target, middle) else (low, middle)
    return low


def _counts_from(target: CompiledTarget, at: int) -> bool:
    """Return whether a clock that starts at `at` begins to count there."""
    try:
        return target.received_at(at) == at
    except NeverReachedError:  # a cut-off after which there is no business day
        return False


def _end_of_day(target: CompiledTarget, at: int) -> int:
    """Return the last instant of the local day, or the last before its clock changes."""
    zone = load_zone(target.hours.zone)
    change = zone.offset_periods(at, at + _MAX_OFFSET)[0][1]
    return min(change, zone.instant(zone.wall(at) // DAY + 1), LAST_MICROS) - 1


def _next(change: Callable[[int], int | None], at: int) -> int:
    found = change(at)
    return END_OF_TIME if found is None else found
