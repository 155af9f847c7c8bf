"""Where did each second of a clock go?

The spans of a count, cut at openings and closings: counted, closed, paused, resolved. Together
they cover the time from the start of the clock to the end asked for, without a hole.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import final

import attrs

from entitlements.calendars.timeline.timeline import Timeline
from entitlements.kernel.converters import enum_member
from entitlements.kernel.instants import from_micros
from entitlements.kernel.spans import Span, merge_spans
from entitlements.sla.clock.compiled_policy import CompiledTarget
from entitlements.sla.clock.counter import ClockCounter


class TimeUse(StrEnum):
    """What time was spent on, as far as a clock is concerned."""

    COUNTED = "counted"
    CLOSED = "closed"
    PAUSED = "paused"
    RESOLVED = "resolved"


def _spent(value: TimeUse | str) -> TimeUse:
    return enum_member(TimeUse, value)


@final
@attrs.frozen
class TraceSegment:
    """One stretch of time in a trace.

    Attributes:
        start: Its beginning, in UTC.
        end: Its end, in UTC.
        spent: Whether it counted, and if not, why not.
        because: The calendar that was open, the rules that closed it, or what the case waited for.
    """

    start: datetime
    end: datetime
    use: TimeUse = attrs.field(converter=_spent)
    because: str

    def __str__(self) -> str:
        return f"{self.start:%a %Y-%m-%d %H:%M}-{self.end:%a %H:%M} {self.use}, {self.because}"


def trace(count: ClockCounter, until: int) -> Iterator[TraceSegment]:
    """Yield the stretches from the start of `count` to `until`."""
    pieces = [
        (start, end, clause, None) for start, end, _, clause in islice(count.runs, count.size)
    ]
    gaps = [
        (start, end, None, reasons) for start, end, reasons in islice(count.gaps, count.gap_count)
    ]
    for start, end, clause, reasons in sorted([*pieces, *gaps], key=lambda piece: piece[0]):
        yield from _counted(start, end, clause) if clause else _not_counted(start, end, reasons)
    if count.since is not None and count.clause is not None:
        yield from _counted(count.since, until, count.clause)
    elif count.gap_from < until:
        yield from _not_counted(count.gap_from, until, count.reasons)


def _not_counted(start: int, end: int, reasons: frozenset[str] | None) -> Iterator[TraceSegment]:
    if reasons is None:
        yield TraceSegment(
            from_micros(start), from_micros(end), TimeUse.RESOLVED, "the case is resolved"
        )
    else:
        why = "waiting for " + " and ".join(sorted(reasons)) if reasons else "nothing promised"
        yield TraceSegment(from_micros(start), from_micros(end), TimeUse.PAUSED, why)


def _counted(start: int, end: int, clause: CompiledTarget) -> Iterator[TraceSegment]:
    name = clause.target.calendar
    if name is None:
        yield TraceSegment(from_micros(start), from_micros(end), TimeUse.COUNTED, "elapsed time")
        return
    for opens, closes, is_open in _windows(clause.timeline, start, end):
        spent = TimeUse.COUNTED if is_open else TimeUse.CLOSED
        why = name if is_open else ", ".join(_causes(clause, opens, closes))
        yield TraceSegment(from_micros(opens), from_micros(closes), spent, why)


def _causes(clause: CompiledTarget, start: int, end: int) -> list[str]:
    """Return the rules that closed the hours at `start` and on special days up to `end`."""
    rules = [each.text for each in clause.hours.causes(start)]
    special = [each.because.text for each in clause.hours.skipped(start, end)]
    return list(dict.fromkeys([*rules, *special]))


def _windows(timeline: Timeline, at: int, end: int) -> Iterator[tuple[int, int, bool]]:
    is_open = timeline.is_open(at)
    while at < end:
        change = timeline.next_close(at) if is_open else timeline.next_open(at)
        until = end if change is None else min(change, end)
        yield at, until, is_open
        at, is_open = until, not is_open


def pause_spans(count: ClockCounter, until: int) -> tuple[Span, ...]:
    """Return the spans up to `until` in which the case waited and the clock stood still."""
    spans = [
        Span(from_micros(start), from_micros(end))
        for start, end, reasons in islice(count.gaps, count.gap_count)
        if reasons
    ]
    if count.since is None and count.reasons and count.gap_from < until:
        spans.append(Span(from_micros(count.gap_from), from_micros(until)))
    return merge_spans(spans)
