"""How does each milestone stand, and why?

A reading is one clock read at one instant. Verdict and deadline are there at once; warnings,
pauses and the trace are worked out when they are asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import final

import attrs

from entitlements.calendars.timeline.zones import tz_release
from entitlements.kernel.durations import format_duration
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import from_micros, optional_text, text_of, to_micros
from entitlements.kernel.no_truth_value import NoTruthValue
from entitlements.kernel.spans import Span
from entitlements.sla.clock.counter import ClockCounter
from entitlements.sla.clock.milestone_clock import CANCELLED, RUNNING, ClockCycle, MilestoneClock
from entitlements.sla.clock.trace import TraceSegment, pause_spans, trace
from entitlements.sla.milestones import MilestoneState


@final
@attrs.frozen
class WarningTime:
    """A warning: when it comes, and how much counted time is used and left then."""

    at: datetime
    used: timedelta
    left: timedelta


def _instant(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)


@final
class Reading(NoTruthValue):
    """One milestone as it stands at an instant; immutable.

    Attributes:
        name: The milestone.
        state: How it stands.
        cycle: Which start of the clock this is, from 1; 0 if it has not started.
        at_micros: The instant of the question; all `*_micros` are since 1970 UTC.
        started_micros: Where counting began, or None.
        due_micros: The deadline, or None: not started, nothing promised, or hidden by a pause.
        ended_micros: When the clock ended, reached or not, or None.
    """

    __slots__ = (
        "_count",
        "_late",
        "_outcome",
        "at_micros",
        "cycle",
        "due_micros",
        "ended_micros",
        "name",
        "started_micros",
        "state",
    )

    def __init__(self, name: str, at: int, state: MilestoneState) -> None:
        self.name = name
        self.at_micros = at
        self.state = state
        self.cycle = 0
        self._count: ClockCounter | None = None
        self._late = False
        self._outcome = RUNNING
        self.started_micros: int | None = None
        self.due_micros: int | None = None
        self.ended_micros: int | None = None

    @classmethod
    def of(
        cls, clock: MilestoneClock, cycle: ClockCycle, at: int, *, hidden: bool, keep: bool
    ) -> Reading:
        """Read one cycle of a clock.

        Args:
            clock: The clock.
            cycle: Which of its cycles.
            at: The instant, not before the last event.
            hidden: Whether a pause hides the deadline.
            keep: Whether the fold goes on, so that the count must be kept as it stands.
        """
        count = clock.count(cycle)
        reading = cls(clock.name, at, MilestoneState.RUNNING)
        reading.cycle = cycle.number
        reading.ended_micros = cycle.ended
        reading.started_micros = count.start
        reading._outcome = cycle.outcome
        if count.clause is None:
            none, open_yet = MilestoneState.NO_OBJECTIVE, MilestoneState.PENDING
            reading.state = open_yet if count.undecided else none
            return reading
        reading._count = count.snapshot() if keep else count
        reading._judge(hidden=hidden)
        return reading

    def _judge(self, *, hidden: bool) -> None:
        count, ended = self._counted, self.ended_micros
        due, settled = count.due(self._until)
        self._late = settled and (self.at_micros >= due if ended is None else ended > due)
        if self._late:
            self.state = MilestoneState.MISSED
        elif self._outcome == CANCELLED:
            self.state = MilestoneState.CANCELLED
        elif ended is not None:
            self.state = MilestoneState.MET
        elif count.since is None:
            self.state = MilestoneState.PAUSED
        self.due_micros = None if hidden and self.state is MilestoneState.PAUSED else due

    @property
    def _counted(self) -> ClockCounter:
        if self._count is None:
            raise InvalidValueError(f"`{self.name}` has no running or finished clock")
        return self._count

    @property
    def _until(self) -> int:
        """The instant up to which time has counted."""
        end = self.at_micros if self.ended_micros is None else self.ended_micros
        return max(end, self._counted.start)

    @property
    def started_at(self) -> datetime | None:
        """Where counting began, in UTC, or None."""
        return _instant(self.started_micros)

    @property
    def due(self) -> datetime | None:
        """The deadline in UTC; None if not started, nothing promised, or hidden by a pause."""
        return _instant(self.due_micros)

    @property
    def completed_at(self) -> datetime | None:
        """When it was reached, in time or late; None if it was not."""
        return None if self._outcome == CANCELLED else _instant(self.ended_micros)

    @property
    def cancelled_at(self) -> datetime | None:
        """When the clock ended without being reached, or None."""
        return _instant(self.ended_micros) if self._outcome == CANCELLED else None

    @property
    def breached_at(self) -> datetime | None:
        """The deadline that was missed, or None."""
        return _instant(self.due_micros) if self._late else None

    @property
    def elapsed(self) -> timedelta:
        """The time counted so far; it goes on after a breach, until the clock ends."""
        if self._count is None:
            return timedelta()
        return timedelta(microseconds=self._count.used_at(self._until))

    @property
    def target(self) -> timedelta | None:
        """The counted time the target gives in all; None if nothing is counted."""
        return None if self._count is None else timedelta(microseconds=self._count.limit)

    @property
    def remaining(self) -> timedelta | None:
        """The counted time that is left; negative after a breach, None if nothing is counted."""
        target = self.target
        return None if target is None else target - self.elapsed

    @property
    def calendar(self) -> str | None:
        """The name the policy gives the hours that count; None for elapsed time."""
        clause = None if self._count is None else self._count.clause
        return None if clause is None else clause.target.calendar

    @property
    def warning_micros(self) -> tuple[int, ...]:
        """The instants of the warnings in order; of an ended clock only those that came."""
        return tuple(at for at, _ in self._warnings())

    @property
    def warnings(self) -> tuple[WarningTime, ...]:
        """The warnings in order; of an ended clock only those that came before its end."""
        limit = 0 if self._count is None else self._count.limit
        return tuple(
            WarningTime(
                from_micros(at), timedelta(microseconds=used), timedelta(microseconds=limit - used)
            )
            for at, used in self._warnings()
        )

    def _warnings(self) -> Iterator[tuple[int, int]]:
        count = self._count
        if count is None or count.clause is None:
            return
        for used in count.clause.warning_amounts(count.limit):
            at, settled = count.when(used, self._until)
            if not settled and self.due_micros is None:
                return
            if self.due_micros is not None:
                at = min(at, self.due_micros)
            if self.ended_micros is None or at <= self.ended_micros:
                yield at, used

    @property
    def paused(self) -> tuple[Span, ...]:
        """The spans in which the clock was paused, up to now or to its end."""
        return () if self._count is None else tuple(pause_spans(self._count, self._until))

    def trace(self, until: datetime | None = None) -> Iterator[TraceSegment]:
        """Yield where the time went, from the start of the clock on.

        Args:
            until: Up to which instant; None for the instant of the question or the clock's end. A
                later one shows what would happen if nothing did, such as the way to `due`.
        """
        if self._count is None:
            return iter(())
        end = self._until if until is None else max(self._until, to_micros(until))
        return trace(self._count, end)

    def explain(self) -> list[str]:
        """Return the reading as lines of text: the verdict, the way to it, and what it rests on.

        Times are UTC; the last line names the release of the time zone data.
        """
        if self._count is None:
            return [f"{self.name}: {self.state.value}"]
        used, target = format_duration(self.elapsed), format_duration(self.target or timedelta())
        verdict = f"{self.name}: {self.state.value}, {used} of {target} used"
        ahead = self.due if self.ended_micros is None and not self._late else None
        lines = [verdict if self.due is None else f"{verdict}, due {self.due:%a %Y-%m-%d %H:%M}"]
        lines += [str(each) for each in self.trace(ahead)]
        hours = [] if self._count.clause is None else [self._count.clause.hours.fingerprint[:12]]
        return [*lines, f"hours {', '.join(hours)}, time zone data {tz_release()}"]

    @property
    def next_change_micros(self) -> int | None:
        """The next instant at which this reading changes though nothing happens, or None."""
        if self.state is not MilestoneState.RUNNING or self.due_micros is None:
            return None
        at = self.at_micros
        return min(each for each in (*self.warning_micros, self.due_micros) if each > at)

    @property
    def next_change(self) -> datetime | None:
        """The next warning or the breach, whichever is first; None if nothing changes by itself."""
        return _instant(self.next_change_micros)

    def due_if_resumed_at(self, at: datetime) -> datetime | None:
        """Return the deadline there would be if the pause ended at `at`; `due` if it runs.

        Raises:
            InvalidValueError: The pause begins after `at`.
        """
        if self.state is not MilestoneState.PAUSED:
            return self.due
        count, resumed = self._counted, to_micros(at)
        if resumed < min(count.gap_from, self.at_micros):
            raise InvalidValueError(
                f"the pause begins at `{text_of(count.gap_from)}`",
                hint="ask about an instant after it",
            )
        return from_micros(count.due(max(resumed, count.start))[0])

    def _key(self) -> tuple[object, ...]:
        times = (self.started_micros, self.due_micros, self.ended_micros, self._late)
        return self.name, self.state, self.cycle, self.at_micros, *times, self.elapsed, self.target

    def __getstate__(self) -> tuple[None, dict[str, object]]:
        # A stored reading takes along its own clock and hours, not the policy it was read by.
        count = self._count
        stored = None if count is None else count.read_only()
        state = {name: getattr(self, name) for name in Reading.__slots__}
        return None, {**state, "_count": stored}

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, Reading) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.name, self.cycle, self.at_micros, self.due_micros))

    def __repr__(self) -> str:
        due = "" if self.due is None else f", due {text_of(self.due)}"
        return f"<{self.name}: {self.state.value}{due}>"

    def to_dict(self) -> dict[str, object]:
        """Return the reading as plain data: texts, integers of microseconds, lists."""
        return {
            "milestone": self.name,
            "state": self.state.value,
            "cycle": self.cycle,
            "started_at": optional_text(self.started_at),
            "due": optional_text(self.due),
            "completed_at": optional_text(self.completed_at),
            "cancelled_at": optional_text(self.cancelled_at),
            "breached_at": optional_text(self.breached_at),
            "elapsed_micros": self.elapsed // timedelta(microseconds=1),
            "remaining_micros": _micros(self.remaining),
            "calendar": self.calendar,
            "warnings": [text_of(each.at) for each in self.warnings],
            "paused": [[text_of(each.start), text_of(each.end)] for each in self.paused],
            "next_change": optional_text(self.next_change),
        }


def _micros(amount: timedelta | None) -> int | None:
    return None if amount is None else amount // timedelta(microseconds=1)
