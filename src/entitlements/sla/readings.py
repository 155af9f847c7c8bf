"""Readings: the state of one milestone at an instant, with due, warnings, breach and explanation.

State and deadline are worked out at once; warnings, pauses and the trace when they are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import final

import attrs

from entitlements.calendars.options import BusinessDays
from entitlements.calendars.timeline.zones import tz_release
from entitlements.kernel.durations import format_duration
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import (
    MICROSECOND,
    from_micros,
    from_micros_or_none,
    optional_text,
    text_of,
    to_micros,
)
from entitlements.kernel.mixins.no_truth_value import NoTruthValue
from entitlements.kernel.spans import Span
from entitlements.sla.clock.counter import ClockCounter
from entitlements.sla.clock.milestone_clock import CANCELLED, RUNNING, ClockCycle, MilestoneClock
from entitlements.sla.clock.trace import TraceSegment, pause_spans, trace
from entitlements.sla.milestones import MilestoneState
from entitlements.sla.targets import Commitment


@final
@attrs.frozen
class WarningTime:
    """A warning of one milestone.

    Attributes:
        at: When it comes, in UTC.
        used: The counted time that is used up then.
        left: The counted time that is left then.
    """

    at: datetime
    used: timedelta
    left: timedelta


@final
class Reading(NoTruthValue):
    """One milestone at an instant; immutable. `measure` makes it.

    Attributes:
        name: The milestone.
        state: Its state.
        cycle: Which start of the clock this is, from 1; 0 if it has not started.

    >>> from entitlements.sla import Event, History, SlaPolicy, Target, measure
    >>> day = Target(milestone="resolution", within=timedelta(hours=24))
    >>> opened = Event.opened("2026-03-02T09:00Z")
    >>> measured = measure(SlaPolicy(id="p", targets=[day]), History([opened]), opened.at)
    >>> reading = measured["resolution"]
    >>> reading.state.value, reading.due.isoformat(), reading.remaining
    ('running', '2026-03-03T09:00:00+00:00', datetime.timedelta(days=1))
    """

    # Instants are kept as microseconds; the properties convert those that are read.
    __slots__ = (
        "_at",
        "_commitment",
        "_counter",
        "_due",
        "_ended",
        "_late",
        "_outcome",
        "_started",
        "cycle",
        "name",
        "state",
    )

    def __init__(self, name: str, at: int, state: MilestoneState) -> None:
        self.name = name
        self.state = state
        self.cycle = 0
        self._at = at
        self._counter: ClockCounter | None = None
        self._commitment: Commitment | None = None
        self._late = False
        self._outcome = RUNNING
        self._started: int | None = None
        self._due: int | None = None
        self._ended: int | None = None

    @classmethod
    def of(
        cls, clock: MilestoneClock, cycle: ClockCycle, at: int, *, hidden: bool, keep: bool
    ) -> Reading:
        """Return the reading of one cycle of a clock.

        Args:
            clock: The clock.
            cycle: Which of its cycles.
            at: The instant in microseconds, not before the last event.
            hidden: Whether a pause hides the deadline.
            keep: Whether the clock goes on, so that the reading needs a copy of its counter.
        """
        counter = clock.counter(cycle)
        reading = cls(clock.name, at, MilestoneState.RUNNING)
        reading.cycle = cycle.number
        reading._ended = cycle.ended
        reading._started = counter.start
        reading._outcome = cycle.outcome
        reading._commitment = counter.commitment
        if counter.target is None:
            none, open_yet = MilestoneState.NO_OBJECTIVE, MilestoneState.PENDING
            reading.state = open_yet if counter.undecided else none
            return reading
        reading._counter = counter.snapshot() if keep else counter
        reading._judge(hidden=hidden)
        return reading

    def _judge(self, *, hidden: bool) -> None:
        counter, ended = self._running_counter, self._ended
        due, settled = counter.due(self._until)
        passed = due - 1 if self.exclusive else due
        self._late = settled and (self._at >= due if ended is None else ended > passed)
        if self._late:
            self.state = MilestoneState.MISSED
        elif self._outcome == CANCELLED:
            self.state = MilestoneState.CANCELLED
        elif ended is not None:
            self.state = MilestoneState.MET
        elif counter.since is None:
            self.state = MilestoneState.PAUSED
        self._due = None if hidden and self.state is MilestoneState.PAUSED else due

    @property
    def _running_counter(self) -> ClockCounter:
        if self._counter is None:
            raise InvalidValueError(f"`{self.name}` has no running or finished clock")
        return self._counter

    @property
    def _until(self) -> int:
        """The instant up to which time has counted."""
        end = self._at if self._ended is None else self._ended
        return max(end, self._running_counter.start)

    @property
    def started_at(self) -> datetime | None:
        """Where counting began, in UTC, or None."""
        return from_micros_or_none(self._started)

    @property
    def due(self) -> datetime | None:
        """The deadline in UTC; None if not started, nothing promised, or hidden by a pause."""
        return from_micros_or_none(self._due)

    @property
    def completed_at(self) -> datetime | None:
        """When it was reached, in time or late; None if it was not."""
        return None if self._outcome == CANCELLED else from_micros_or_none(self._ended)

    @property
    def cancelled_at(self) -> datetime | None:
        """When the clock ended without being reached, or None."""
        return from_micros_or_none(self._ended) if self._outcome == CANCELLED else None

    @property
    def commitment(self) -> Commitment | None:
        """How binding the target is; None if nothing is promised or the clock has not started."""
        return self._commitment

    @property
    def missed_at(self) -> datetime | None:
        """The deadline that was missed, of a guarantee or an objective; or None."""
        return self.due if self._late else None

    @property
    def breached_at(self) -> datetime | None:
        """The deadline of a guarantee that was missed, or None; no objective is ever breached."""
        return self.missed_at if self._commitment is Commitment.GUARANTEE else None

    @property
    def elapsed(self) -> timedelta:
        """The time counted so far; it goes on after a breach, until the clock ends."""
        if self._counter is None:
            return timedelta()
        return timedelta(microseconds=self._counter.used_at(self._until))

    @property
    def target(self) -> timedelta | None:
        """The counted time that the target gives in all; None if nothing is counted."""
        return None if self._counter is None else timedelta(microseconds=self._counter.limit)

    @property
    def within(self) -> timedelta | BusinessDays | None:
        """What the target states: a time, or a number of business days; None if nothing counts."""
        target = None if self._counter is None else self._counter.target
        return None if target is None else target.definition.within

    @property
    def remaining(self) -> timedelta | None:
        """The counted time that is left; negative after a breach, None if nothing is counted."""
        target = self.target
        return None if target is None else target - self.elapsed

    @property
    def calendar(self) -> str | None:
        """The policy's name of the hours that count; None for elapsed time."""
        target = None if self._counter is None else self._counter.target
        return None if target is None else target.definition.calendar

    @property
    def exclusive(self) -> bool:
        """Whether the due instant itself is late, as in "in less than 15 minutes"."""
        target = None if self._counter is None else self._counter.target
        return target is not None and target.exclusive

    @property
    def warnings(self) -> tuple[WarningTime, ...]:
        """The warnings in order; of an ended clock only those that came before its end."""
        limit = 0 if self._counter is None else self._counter.limit
        return tuple(
            WarningTime(
                from_micros(at), timedelta(microseconds=used), timedelta(microseconds=limit - used)
            )
            for at, used in self._warnings()
        )

    def _warnings(self) -> Iterator[tuple[int, int]]:
        """Yield the instant of each warning and the time used up then, in microseconds."""
        counter = self._counter
        if counter is None or counter.target is None:
            return
        for used in counter.target.warning_amounts(counter.limit):
            at, settled = counter.when(used, self._until)
            if not settled and self._due is None:
                return
            if self._due is not None:
                at = min(at, self._due)
            if self._ended is None or at <= self._ended:
                yield at, used

    @property
    def paused(self) -> tuple[Span, ...]:
        """The spans in which the clock was paused, up to the instant of the reading or its end."""
        return () if self._counter is None else pause_spans(self._counter, self._until)

    def trace(self, until: datetime | None = None) -> Iterator[TraceSegment]:
        """Yield how the time from the start of the clock was used.

        Args:
            until: The end of the trace; None for the instant of the reading or the clock's end. A
                later one, such as `due`, shows what follows if no event comes.
        """
        if self._counter is None:
            return iter(())
        end = self._until if until is None else max(self._until, to_micros(until))
        return trace(self._counter, end)

    def explain(self) -> list[str]:
        """Return the reading as lines of text: the state, the trace, and the hours used.

        Times are UTC; the last line names the release of the time zone data.
        """
        counter = self._counter
        if counter is None:
            return [f"{self.name}: {self.state.value}"]
        used, target = format_duration(self.elapsed), format_duration(self.target or timedelta())
        days = f" ({self.within})" if isinstance(self.within, BusinessDays) else ""
        state = f"{self.name}: {self.state.value}, {used} of {target} used{days}"
        ahead = self.due if self._ended is None and not self._late else None
        lines = [state if self.due is None else f"{state}, due {self.due:%a %Y-%m-%d %H:%M}"]
        if counter.clock_start < counter.start:
            lines.append(_received_text(counter))
        lines += [str(each) for each in self.trace(ahead)]
        hours = "" if counter.target is None else counter.target.hours.fingerprint[:12]
        return [*lines, f"hours {hours}, time zone data {tz_release()}"]

    @property
    def next_change(self) -> datetime | None:
        """The next warning or the breach, whichever is first; None if only an event changes it."""
        if self.state is not MilestoneState.RUNNING or self._due is None:
            return None
        warnings = (at for at, _ in self._warnings())
        return from_micros(min(each for each in (*warnings, self._due) if each > self._at))

    def due_if_resumed_at(self, at: datetime) -> datetime | None:
        """Return the deadline there would be if the pause ended at `at`; `due` if not paused.

        Raises:
            InvalidValueError: The pause begins after `at`.
        """
        if self.state is not MilestoneState.PAUSED:
            return self.due
        counter, resumed = self._running_counter, to_micros(at)
        if resumed < min(counter.gap_from, self._at):
            raise InvalidValueError(
                f"the pause begins at `{text_of(counter.gap_from)}`",
                hint="pass an instant after it",
            )
        return from_micros(counter.due(max(resumed, counter.start))[0])

    def _key(self) -> tuple[object, ...]:
        times = (self._started, self._due, self._ended, self._late, self._commitment)
        return self.name, self.state, self.cycle, self._at, *times, self.elapsed, self.target

    def __getstate__(self) -> tuple[None, dict[str, object]]:
        # A stored reading keeps its own counter and hours, not the whole policy.
        counter = self._counter
        stored = None if counter is None else counter.read_only()
        state = {name: getattr(self, name) for name in Reading.__slots__}
        return None, {**state, "_counter": stored}

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, Reading) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.name, self.cycle, self._at, self._due))

    def __repr__(self) -> str:
        due = "" if self.due is None else f", due {text_of(self.due)}"
        return f"<{self.name}: {self.state.value}{due}>"

    def to_dict(self) -> dict[str, object]:
        """Return the reading as data that JSON can hold; amounts are in microseconds."""
        remaining = self.remaining
        return {
            "milestone": self.name,
            "state": self.state.value,
            "commitment": None if self._commitment is None else self._commitment.value,
            "cycle": self.cycle,
            "started_at": optional_text(self.started_at),
            "due": optional_text(self.due),
            "completed_at": optional_text(self.completed_at),
            "cancelled_at": optional_text(self.cancelled_at),
            "breached_at": optional_text(self.breached_at),
            "elapsed_micros": self.elapsed // MICROSECOND,
            "remaining_micros": None if remaining is None else remaining // MICROSECOND,
            "calendar": self.calendar,
            "warnings": [text_of(each.at) for each in self.warnings],
            "paused": [[text_of(each.start), text_of(each.end)] for each in self.paused],
            "next_change": optional_text(self.next_change),
        }


def _received_text(counter: ClockCounter) -> str:
    start, received = from_micros(counter.clock_start), from_micros(counter.start)
    cut_off = None if counter.target is None else counter.target.definition.cut_off
    why = "" if cut_off is None else f" by the cut-off at {cut_off}"
    return f"{start:%a %Y-%m-%d %H:%M} counts as received {received:%a %Y-%m-%d %H:%M}{why}"
