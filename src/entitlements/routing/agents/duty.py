"""Duty schedule of one agent: shift, extra duty and absences.

Absences take precedence over extra duty, and extra duty over the shift. All instants are
microseconds since 1970 UTC.
"""

from __future__ import annotations

from typing import Protocol, final

from entitlements.kernel.instants import to_micros
from entitlements.kernel.periods.spans import Span, merge_spans
from entitlements.routing.agents.agent import Agent


class ShiftTimeline(Protocol):
    """The part of a calendar's timeline that a shift needs."""

    def is_open(self, at: int, /) -> bool:
        """Return whether the shift is on at `at`."""
        ...

    def next_open(self, at: int, /) -> int | None:
        """Return the next opening strictly after `at`."""
        ...

    def next_close(self, at: int, /) -> int | None:
        """Return the next closing strictly after `at`."""
        ...

    def open_time_before(self, at: int, /) -> int:
        """Return the open time up to `at`, from a fixed origin."""
        ...


@final
class DutySchedule:
    """The times at which one agent is on duty."""

    __slots__ = ("absences", "overtime", "timeline")

    def __init__(self, agent: Agent) -> None:
        self.timeline: ShiftTimeline | None = agent.shift.timeline if agent.shift else None
        self.absences = _pairs(agent.absences)
        self.overtime = _pairs(agent.overtime)

    def absent_until(self, at: int) -> int | None:
        """Return the end of the absence that contains `at`, or None."""
        return _end_around(self.absences, at)

    def on_duty(self, at: int) -> bool:
        """Return whether the agent is on duty at `at`."""
        if self.absences and _end_around(self.absences, at) is not None:
            return False
        if self.timeline is None or self.timeline.is_open(at):
            return True
        return bool(self.overtime) and _end_around(self.overtime, at) is not None

    def next_on(self, at: int) -> int | None:
        """Return the first microsecond from `at` on at which the agent is on duty, or None.

        The loop ends, because each step goes to the end of an absence or to the next start of duty.
        """
        moment: int | None = at
        while moment is not None:
            absent = _end_around(self.absences, moment)
            if absent is not None:
                moment = absent
            elif self.on_duty(moment):
                return moment
            else:
                moment = self._next_start(moment)
        return None

    def next_change(self, at: int) -> int | None:
        """Return the next microsecond strictly after `at` at which duty may change, or None."""
        edges = [edge for pair in (*self.absences, *self.overtime) for edge in pair if edge > at]
        if self.timeline is not None:
            found = (self.timeline.next_open(at), self.timeline.next_close(at))
            edges += [edge for edge in found if edge is not None]
        return min(edges, default=None)

    def _next_start(self, at: int) -> int | None:
        starts = [start for start, _ in self.overtime if start > at]
        if self.timeline is not None and (opening := self.timeline.next_open(at)) is not None:
            starts.append(opening)
        return min(starts, default=None)


def _pairs(spans: tuple[Span, ...]) -> tuple[tuple[int, int], ...]:
    return tuple((to_micros(span.start), to_micros(span.end)) for span in merge_spans(spans))


def _end_around(pairs: tuple[tuple[int, int], ...], at: int) -> int | None:
    for start, end in pairs:
        if start <= at < end:
            return end
    return None
