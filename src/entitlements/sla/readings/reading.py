"""Readings: the state of one milestone at an instant, with due, warnings, breach and explanation.

State and deadline are worked out at once; warnings, pauses and the trace when they are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, final

import attrs

from entitlements.calendars.options import BusinessDays
from entitlements.calendars.timeline.zones import tz_release
from entitlements.kernel.data.digests import first_different_field
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import (
    from_micros,
    from_micros_or_none,
    micros_or_none,
    text_of,
    to_micros,
)
from entitlements.kernel.mixins.no_truth_value import NoTruthValue
from entitlements.kernel.periods.durations import format_duration
from entitlements.kernel.periods.spans import Span
from entitlements.sla.clock.counter import ClockCounter
from entitlements.sla.clock.milestone_clock import CANCELLED, RUNNING, ClockCycle, MilestoneClock
from entitlements.sla.clock.trace import TraceSegment, pause_spans, received_text, trace
from entitlements.sla.milestones import MilestoneState
from entitlements.sla.readings.data import READING_DATA, ReadingData, WarningTime, reading_data
from entitlements.sla.targets import Commitment


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
        "_stored",
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
        self._stored: ReadingData | None = None

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
            nothing, not_yet = MilestoneState.NO_OBJECTIVE, MilestoneState.PENDING
            reading.state = not_yet if counter.undecided else nothing
            return reading
        reading._counter = counter.snapshot() if keep else counter
        reading._judge(counter, exclusive=counter.target.exclusive, hidden=hidden)
        return reading

    def _judge(self, counter: ClockCounter, *, exclusive: bool, hidden: bool) -> None:
        ended = self._ended
        due, settled = counter.due(max(self._at if ended is None else ended, counter.start))
        passed = due - 1 if exclusive else due
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
    def at(self) -> datetime:
        """The instant of the reading, in UTC."""
        return from_micros(self._at)

    @property
    def has_trace(self) -> bool:
        """Whether `trace` can say how time was used: not if the reading was made from data."""
        return self._stored is None

    @property
    def started_at(self) -> datetime | None:
        """Where counting began, in UTC, or None."""
        return from_micros_or_none(self._started)

    @property
    def due(self) -> datetime | None:
        """The deadline in UTC; None if not started, nothing promised, or hidden by a pause."""
        return from_micros_or_none(self._due)

    @property
    def over(self) -> bool:
        """Whether its clock has ended, in time, late or cancelled, or has nothing to count."""
        return self._ended is not None or self.state is MilestoneState.NO_OBJECTIVE

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
            return timedelta() if self._stored is None else self._stored.elapsed
        return timedelta(microseconds=self._counter.used_at(self._until))

    @property
    def target(self) -> timedelta | None:
        """The counted time that the target gives in all; None if nothing is counted."""
        if self._counter is None:
            return None if self._stored is None else self._stored.target
        return timedelta(microseconds=self._counter.limit)

    @property
    def within(self) -> timedelta | BusinessDays | None:
        """What the target states: a time, or a number of business days; None if nothing counts."""
        if self._stored is not None:
            return self._stored.business_days or self._stored.within
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
        if self._stored is not None:
            return self._stored.calendar
        target = None if self._counter is None else self._counter.target
        return None if target is None else target.definition.calendar

    @property
    def exclusive(self) -> bool:
        """Whether the due instant itself is late, as in "in less than 15 minutes"."""
        if self._stored is not None:
            return self._stored.exclusive
        target = None if self._counter is None else self._counter.target
        return target is not None and target.exclusive

    @property
    def warnings(self) -> tuple[WarningTime, ...]:
        """The warnings in order; of an ended clock only those that came before its end."""
        if self._stored is not None:
            return self._stored.warnings
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
        if self._stored is not None:
            return self._stored.paused
        return () if self._counter is None else pause_spans(self._counter, self._until)

    def trace(self, until: datetime | None = None) -> Iterator[TraceSegment]:
        """Yield how the time from the start of the clock was used.

        Args:
            until: The end of the trace; None for the instant of the reading or the clock's end. A
                later one, such as `due`, shows what follows if no event comes.

        Raises:
            InvalidValueError: The reading was made from data, which holds no trace.
        """
        if self._counter is None:
            if self.target is not None:
                raise _not_in_data(self.name)
            return iter(())
        end = self._until if until is None else max(self._until, to_micros(until))
        return trace(self._counter, end)

    def explain(self) -> list[str]:
        """Return the reading as lines of text: the state, the trace, and the hours used.

        Times are UTC; the last line names the release of the time zone data. A reading made from
        data has the first line only.
        """
        counter = self._counter
        if self.target is None:
            return [f"{self.name}: {self.state.value}"]
        used, target = format_duration(self.elapsed), format_duration(self.target)
        days = f" ({self.within})" if isinstance(self.within, BusinessDays) else ""
        state = f"{self.name}: {self.state.value}, {used} of {target} used{days}"
        ahead = self.due if self._ended is None and not self._late else None
        lines = [state if self.due is None else f"{state}, due {self.due:%a %Y-%m-%d %H:%M}"]
        if counter is None:
            return lines
        if counter.clock_start < counter.start:
            lines.append(received_text(counter))
        lines += [str(each) for each in self.trace(ahead)]
        hours = "" if counter.target is None else counter.target.hours.fingerprint[:12]
        return [*lines, f"hours {hours}, time zone data {tz_release()}"]

    @property
    def next_change(self) -> datetime | None:
        """The next warning or the breach, whichever is first; None if only an event changes it."""
        if self.state is not MilestoneState.RUNNING or self._due is None:
            return None
        warnings = (to_micros(each.at) for each in self.warnings)
        return from_micros(min(each for each in (*warnings, self._due) if each > self._at))

    def due_if_resumed_at(self, at: datetime) -> datetime | None:
        """Return the deadline there would be if the pause ended at `at`; `due` if not paused.

        Raises:
            InvalidValueError: The pause begins after `at`; or the reading was made from data, which
                holds the deadline for its own instant only.
        """
        if self.state is not MilestoneState.PAUSED:
            return self.due
        if self._stored is not None:
            if to_micros(at) == self._at:
                return self._stored.due_if_resumed
            raise _not_in_data(self.name)
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

    @property
    def data(self) -> ReadingData:
        """Everything that the reading states, as a value with a schema."""
        within, paused = self.within, self.state is MilestoneState.PAUSED
        return reading_data(
            self,
            milestone=self.name,
            due_if_resumed=self.due_if_resumed_at(self.at) if paused else None,
            within=within if isinstance(within, timedelta) else None,
            business_days=within if isinstance(within, BusinessDays) else None,
        )

    @classmethod
    def from_data(cls, data: ReadingData) -> Reading:
        """Return the reading that states this; the inverse of `data`.

        Raises:
            InvalidValueError: Two of its fields contradict each other.
        """
        reading = cls(data.milestone, to_micros(data.at), data.state)
        reading.cycle, reading._commitment, reading._stored = data.cycle, data.commitment, data
        reading._late = data.state is MilestoneState.MISSED
        reading._started, reading._due = micros_or_none(data.started_at), micros_or_none(data.due)
        reading._ended = micros_or_none(data.cancelled_at or data.completed_at)
        reading._outcome = RUNNING if data.cancelled_at is None else CANCELLED
        if data.state is MilestoneState.RUNNING and data.due and data.due <= data.at:
            raise InvalidValueError("a running clock is due after its instant", path="due")
        before, now = (attrs.asdict(each, recurse=False) for each in (data, reading.data))
        if wrong := first_different_field(before, now):
            raise InvalidValueError("this contradicts the other keys", path=wrong)
        return reading

    def to_dict(self) -> dict[str, Any]:
        """Return the reading as data that JSON can hold; amounts are in microseconds."""
        return READING_DATA.write(self.data)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Reading:
        """Return the reading in data; an `InvalidValueError` names the place of what is wrong."""
        return cls.from_data(READING_DATA.read(data))


def _not_in_data(name: str) -> InvalidValueError:
    what = f"the reading of `{name}` was made from data, which does not hold this"
    return InvalidValueError(what, hint="measure the events of the case")
