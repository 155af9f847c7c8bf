"""Trace of a clock: how each second was used, as counted, closed, paused or resolved time.

The segments are the spans of a counter, cut at openings and closings. Together they cover the time
from the start of the clock to the end of the trace, without a gap.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import final

import attrs

from entitlements.calendars.timeline.timeline import Timeline
from entitlements.kernel.converters import enum_member
from entitlements.kernel.instants import from_micros
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.kernel.periods.spans import Span, merge_spans
from entitlements.sla.clock.compiled_policy import CompiledTarget
from entitlements.sla.clock.counter import ClockCounter


class TimeUse(TextEnum):
    """How a clock used a segment of time."""

    COUNTED = "counted"
    """Open time that counts towards the target."""

    CLOSED = "closed"
    """Time outside the business hours of the target."""

    PAUSED = "paused"
    """Time while the clock was paused, open or closed."""

    RESOLVED = "resolved"
    """Time between a resolution and the reopening."""


def _use(value: TimeUse | str) -> TimeUse:
    return enum_member(TimeUse, value)


@final
@attrs.frozen
class TraceSegment:
    """One segment of time in a trace.

    Attributes:
        start: Its beginning, in UTC.
        end: Its end, in UTC.
        use: Whether it counted, and if not, why not.
        because: The calendar that was open, the rules that closed it, or the pause reasons.
    """

    start: datetime
    end: datetime
    use: TimeUse = attrs.field(converter=_use)
    because: str

    def __str__(self) -> str:
        return f"{self.start:%a %Y-%m-%d %H:%M}-{self.end:%a %H:%M} {self.use}, {self.because}"


def trace(counter: ClockCounter, until: int) -> Iterator[TraceSegment]:
    """Yield the segments from the start of the clock to `until`."""
    pieces = [
        (start, end, target, None) for start, end, _, target in islice(counter.runs, counter.size)
    ]
    gaps = [
        (start, end, None, reasons)
        for start, end, reasons in islice(counter.gaps, counter.gap_count)
    ]
    for start, end, target, reasons in sorted([*pieces, *gaps], key=lambda piece: piece[0]):
        yield from _counted(start, end, target) if target else _not_counted(start, end, reasons)
    if counter.since is not None and counter.target is not None:
        yield from _counted(counter.since, until, counter.target)
    elif counter.gap_from < until:
        yield from _not_counted(counter.gap_from, until, counter.reasons)


def _not_counted(start: int, end: int, reasons: frozenset[str] | None) -> Iterator[TraceSegment]:
    if reasons is None:
        yield TraceSegment(
            from_micros(start), from_micros(end), TimeUse.RESOLVED, "the case is resolved"
        )
    else:
        why = "waiting for " + " and ".join(sorted(reasons)) if reasons else "nothing promised"
        yield TraceSegment(from_micros(start), from_micros(end), TimeUse.PAUSED, why)


def _counted(start: int, end: int, target: CompiledTarget) -> Iterator[TraceSegment]:
    name = target.definition.calendar
    if name is None:
        yield TraceSegment(from_micros(start), from_micros(end), TimeUse.COUNTED, "elapsed time")
        return
    for opens, closes, is_open in _windows(target.timeline, start, end):
        use = TimeUse.COUNTED if is_open else TimeUse.CLOSED
        why = name if is_open else ", ".join(_causes(target, opens, closes))
        yield TraceSegment(from_micros(opens), from_micros(closes), use, why)


def _causes(target: CompiledTarget, start: int, end: int) -> list[str]:
    """Return the rules that closed the hours at `start`, and special days up to `end`."""
    rules = [each.text for each in target.hours.causes(start)]
    special = [each.because.text for each in target.hours.skipped(start, end)]
    return list(dict.fromkeys([*rules, *special]))


def _windows(timeline: Timeline, at: int, end: int) -> Iterator[tuple[int, int, bool]]:
    is_open = timeline.is_open(at)
    while at < end:
        change = timeline.next_close(at) if is_open else timeline.next_open(at)
        until = end if change is None else min(change, end)
        yield at, until, is_open
        at, is_open = until, not is_open


def pause_spans(counter: ClockCounter, until: int) -> tuple[Span, ...]:
    """Return the spans up to `until` in which the clock was paused, overlapping ones merged."""
    spans = [
        Span(from_micros(start), from_micros(end))
        for start, end, reasons in islice(counter.gaps, counter.gap_count)
        if reasons
    ]
    if counter.since is None and counter.reasons and counter.gap_from < until:
        spans.append(Span(from_micros(counter.gap_from), from_micros(until)))
    return merge_spans(spans)


def received_text(counter: ClockCounter) -> str:
    """Return when a clock counts as started, by which cut-off."""
    start, received = from_micros(counter.clock_start), from_micros(counter.start)
    cut_off = None if counter.target is None else counter.target.definition.cut_off
    why = "" if cut_off is None else f" by the cut-off at {cut_off}"
    return f"{start:%a %Y-%m-%d %H:%M} counts as received {received:%a %Y-%m-%d %H:%M}{why}"
