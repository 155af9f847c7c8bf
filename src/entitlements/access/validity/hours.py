"""Changes of the hours of rights: when the next one opens, closes, or ceases to be known."""

from __future__ import annotations

from collections.abc import Sequence

from entitlements.access.compiled.lines import CompiledRight
from entitlements.calendars.business_hours import BusinessHours
from entitlements.calendars.composite import compose
from entitlements.calendars.options import SetOperator
from entitlements.calendars.timeline.known_range import KnownRangeTimeline
from entitlements.calendars.timeline.timeline import Timeline
from entitlements.kernel.errors import LimitExceededError, NotCoveredError
from entitlements.kernel.instants import END_OF_TIME


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
