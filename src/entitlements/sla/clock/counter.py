"""Clock counter: the counted time of one clock, its pauses, and when an amount is used up.

A counter is one clock of one milestone under one set of terms. It goes through the case's log and
keeps the spans in which time counted, each with the open time at its start; from these every
instant and amount is found with one look at the calendar. It keeps no running total of seconds.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from copy import copy
from typing import Final, TypeAlias, final

from entitlements.calendars.options import BusinessDays
from entitlements.calendars.timeline.timeline import Timeline
from entitlements.kernel.errors import InvalidValueError
from entitlements.sla.clock.case_log import (
    CaseChange,
    ClockStartState,
    ClockTerms,
    LogEntry,
)
from entitlements.sla.clock.change_modes import ChangeModes
from entitlements.sla.clock.compiled_policy import CompiledTarget
from entitlements.sla.options.clock_options import SeverityChangeRule, TermsChangeRule

CountedSpan: TypeAlias = tuple[int, int, int, CompiledTarget]
"""Start, end, open time before the start, and the target whose hours count it."""

UncountedSpan: TypeAlias = tuple[int, int, frozenset[str] | None]
"""Start, end and pause reasons of time that does not count; None for time while resolved."""

_NO_REASONS: Final[frozenset[str]] = frozenset()
_PAUSES: Final = CaseChange.PAUSES
_SEVERITY: Final = CaseChange.SEVERITY
_TERMS: Final = CaseChange.TERMS
_RESOLUTION: Final = CaseChange.RESOLUTION
_REOPENING: Final = CaseChange.REOPENING

_KEEP_SEVERITY: Final = (SeverityChangeRule.RECOMPUTE, SeverityChangeRule.FREEZE)
_KEEP_TERMS: Final = (TermsChangeRule.LAST, TermsChangeRule.FIRST)
"""Rules under which a counter goes on with the severity, or the terms, that it began with."""


@final
class ClockCounter:
    """The counted time of one clock, from the log of its case.

    Attributes:
        clock_start: Where the clock started, by an event.
        start: Where counting began: where the clock started, or after the target's cut-off.
        target: The target in force, or None if nothing is promised.
        limit: The counted time that the target gives, from `start`.
        runs: The finished spans that counted.
        sums: The counted time at the end of each of them.
        gaps: The finished spans that did not count.
        size: How many runs there are; a snapshot shares the list and reads only so many.
        gap_count: How many gaps there are, in the same way.
        since: Start of the span that counts now, or None.
        base: Open time before `since`.
        used: Counted time up to `since`, or in all if nothing counts now.
        gap_from: Start of the span that does not count now.
        reasons: The reasons for which the case is paused now.
        undecided: Whether there may be a target once the severity is set.
        commitment: How binding the target in force is; None if nothing is promised or aimed at.
    """

    __slots__ = (
        "_day",
        "_days",
        "_earliest_due",
        "_milestone",
        "_modes",
        "_position",
        "_promised",
        "_resolved",
        "_severity",
        "_terms",
        "base",
        "clock_start",
        "commitment",
        "gap_count",
        "gap_from",
        "gaps",
        "limit",
        "reasons",
        "runs",
        "since",
        "size",
        "start",
        "sums",
        "target",
        "undecided",
        "used",
    )

    target: CompiledTarget | None
    limit: int
    _day: int | None
    _days: BusinessDays | None

    def __init__(
        self, milestone: str, modes: ChangeModes, position: int, first: ClockStartState
    ) -> None:
        self._milestone = milestone
        self._modes = modes
        self._position = position
        start, self._severity, self._terms, self.reasons = first
        self._resolved = False
        self._begin(start)

    def _begin(self, clock_start: int, changed: int | None = None) -> None:
        """Begin to count for a clock that started at `clock_start`.

        Severity or terms that `changed` before counting began do not begin it in the past.
        """
        self.clock_start = clock_start
        target = self._find_target()
        received = clock_start if target is None else target.received_at(clock_start)
        start = received if changed is None else max(received, changed)
        self.start = self._earliest_due = self.gap_from = start
        self.runs: list[CountedSpan] = []
        self.sums: list[int] = []
        self.gaps: list[UncountedSpan] = []
        self.since: int | None = None
        self.base = self.used = self.size = self.gap_count = 0
        self._promised = False
        self._set_target(target)
        self._run(start)

    def _find_target(self) -> CompiledTarget | None:
        policy, channel, conditions, kind = self._terms
        targets = policy.find_targets(self._severity, channel, conditions, kind)
        target = targets.by_milestone.get(self._milestone)
        self.undecided = target is None and self._severity is None
        self.commitment = None if target is None else target.commitment
        return None if target is None or target.definition.within is None else target

    def _set_target(self, target: CompiledTarget | None, days: BusinessDays | None = None) -> None:
        """Set the target; `days` counts that many business days by its hours instead."""
        self.target = target
        self.limit, self._day, self._days = 0, None, None
        if target is None:
            return
        self._promised = True
        self._days = days or target.days
        if self._days is None:
            self.limit = target.limit or 0
        else:
            self._day = target.due_of_days(self.start, self._days)
            elapsed = target.timeline.open_time_before
            self.limit = elapsed(self._day) - elapsed(self.start)

    def read_only(self) -> ClockCounter:
        """Return a copy for reading and storing: without the policy, and with its spans only."""
        copied = copy(self)
        copied.runs, copied.sums = self.runs[: self.size], self.sums[: self.size]
        copied.gaps = self.gaps[: self.gap_count]
        if hasattr(copied, "_terms"):
            del copied._terms  # noqa: SLF001 - a copy of the same class
        return copied

    def snapshot(self) -> ClockCounter:
        """Return a copy that does not follow the case; both share the spans, which only grow."""
        return copy(self)

    def catch_up(self, log: list[LogEntry], size: int | None = None) -> None:
        """Go through the new entries of the case's log, up to so many in all; None for all."""
        end = len(log) if size is None else size
        while self._position < end:
            at, change, reasons, severity, terms = log[self._position]
            self._position += 1
            if at < self.start:
                self._change_before_start(at, change, reasons, severity, terms)
            elif change is _PAUSES:
                self._change_pauses(at, reasons)
            elif change is _SEVERITY:
                self._change_severity(at, severity)
            elif change is _TERMS:
                self._change_terms(at, terms)
            elif change is _RESOLUTION:
                self._resolve(at)
            else:
                self._end_gap(at)
                self._resolved = False
                self._run(at)

    def _change_before_start(
        self,
        at: int,
        change: CaseChange,
        reasons: frozenset[str],
        severity: str | None,
        terms: ClockTerms,
    ) -> None:
        """Begin with what holds at the start, except where the counter is for other terms."""
        changed: int | None = None
        if change is _SEVERITY and not self._modes.by_severity:
            self._severity, changed = severity, at
        elif change is _TERMS and not self._modes.by_terms:
            self._terms, changed = terms, at
        elif change is _RESOLUTION or change is _REOPENING:
            self._resolved = change is _RESOLUTION and not self._modes.counts_resolved
        self.reasons = reasons
        self._begin(self.clock_start, changed)

    def _change_severity(self, at: int, severity: str | None) -> None:
        rule = self._modes.severity
        if severity == self._severity or rule in _KEEP_SEVERITY:
            return
        self._severity = severity
        if rule is SeverityChangeRule.RESTART:
            self._begin(at)
        else:
            self._change_target(at, keep_amount=False)

    def _change_terms(self, at: int, terms: ClockTerms) -> None:
        rule = self._modes.terms
        if rule not in _KEEP_TERMS:
            self._terms = terms
            self._change_target(at, keep_amount=rule is TermsChangeRule.CUMULATIVE)

    def _change_pauses(self, at: int, reasons: frozenset[str]) -> None:
        target = self.target
        if target is None:
            self.reasons = reasons
        elif self.since is None:
            self._end_gap(at)
            self.reasons = reasons
            self._run(at)
        else:
            self.reasons = reasons
            if self._paused(target):
                self._stop(at)

    def _resolve(self, at: int) -> None:
        if self._modes.counts_resolved:
            self._change_pauses(at, _NO_REASONS)
            return
        self._stop(at)
        self._end_gap(at)
        self.reasons = _NO_REASONS
        self._resolved = True

    def _run(self, at: int) -> None:
        """Count from `at` on, unless the clock is paused, resolved or without a target."""
        target = self.target
        if self.since is not None or target is None or self._resolved or self._paused(target):
            return
        self._end_gap(at)
        self.since = at
        self.base = target.timeline.open_time_before(at)

    def _paused(self, target: CompiledTarget) -> bool:
        reasons = self.reasons
        if not reasons:
            return False
        by = target.definition.paused_by
        if by is None:
            by = self._modes.paused_by
        return by is None or not by.isdisjoint(reasons)

    def _stop(self, at: int) -> None:
        if self.since is None or self.target is None:
            return
        if at > self.since:
            self.runs.append((self.since, at, self.base, self.target))
            self.used += self.target.timeline.open_time_before(at) - self.base
            self.sums.append(self.used)
            self.size += 1
        self.since = None
        self.gap_from = at

    def _end_gap(self, at: int) -> None:
        if self.since is None and at > self.gap_from:
            self.gaps.append((self.gap_from, at, None if self._resolved else self.reasons))
            self.gap_count += 1
            self.gap_from = at

    def _change_target(self, at: int, *, keep_amount: bool) -> None:
        """Continue from `at` on with the target that severity and terms give now."""
        old, limit, days = self.target, self.limit, self._days
        new = self._find_target()
        if new is old:
            return
        if not self._promised:
            self._begin(at)
            return
        past_due = None if old is None else self._past_due(at)
        self._stop(at)
        self._end_gap(at)
        keep = keep_amount and old is not None
        self._set_target(new, days if keep else None)
        if keep and new is not None and days is None:
            self.limit, self._day, self._days = limit, None, None
        self._run(at)
        # Days by other hours may end before the change though they give more open time.
        if self.limit < limit or (new is not None and self.due(at)[0] < at):
            self._earliest_due = at if past_due is None else past_due

    def _past_due(self, at: int) -> int | None:
        due, settled = self.due(at)
        return due if settled and due <= at else None

    def used_at(self, at: int) -> int:
        """Return the time counted up to `at`, which is not before the start or the last change."""
        if self.since is None or self.target is None:
            return self.used
        return self.used + self.target.timeline.open_time_before(at) - self.base

    def when(self, amount: int, at: int) -> tuple[int, bool]:
        """Return the instant at which `amount` is used up, and whether that is settled.

        It is not settled while the clock is paused and the amount is not used up: then the
        instant is the one there would be if the pause ended at `at`.
        """
        target = self.target
        if target is None:
            raise InvalidValueError("the clock has no target, so no amount can be used up")
        if not amount and not self._modes.late_landing:
            return max(self.start, self._earliest_due), True
        find = bisect_right if self._modes.late_landing else bisect_left
        index = find(self.sums, amount, 0, self.size)
        settled = True
        if index < self.size:
            start, _, base, counting = self.runs[index]
            timeline = counting.timeline
            before = self.sums[index - 1] if index else 0
        else:
            timeline, before, settled = target.timeline, self.used, self.since is not None
            start = at if self.since is None else self.since
            base = timeline.open_time_before(at) if self.since is None else self.base
        total = base + amount - before
        found = (
            timeline.latest_with(total)
            if self._modes.late_landing
            else timeline.earliest_with(total)
        )
        return max(found, start, self._earliest_due), settled

    def due(self, at: int) -> tuple[int, bool]:
        """Return the deadline and whether it is settled; see `when`.

        Business days are counted from the start by the hours in force. Their due instant is moved
        on by the open time before it that did not count.
        """
        if self._day is None or self.target is None:
            return self.when(self.limit, at)
        if not self._skipped(min(self._day, at), self.target.timeline):
            return max(self._day, self._earliest_due), True
        found, settled = self._days_used_up(at, self.target.timeline)
        return max(found, self._earliest_due), settled

    def _skipped(self, until: int, timeline: Timeline) -> int:
        """Return the open time before `until` that did not count."""
        gaps = self.gaps[: self.gap_count]
        if self.since is None:
            gaps.append((self.gap_from, until, None))
        before = [(start, min(end, until)) for start, end, _ in gaps if start < until]
        elapsed = timeline.open_time_before
        return sum(elapsed(end) - elapsed(start) for start, end in before)

    def _days_used_up(self, at: int, timeline: Timeline) -> tuple[int, bool]:
        late, left = self._modes.late_landing, self.limit
        elapsed = timeline.open_time_before
        for start, end, _, _ in self.runs[: self.size]:
            counted = elapsed(end) - elapsed(start)
            if counted > left or (counted == left and not late):
                break
            left -= counted
        else:
            start = at if self.since is None else self.since
        total = elapsed(start) + left
        found = timeline.latest_with(total) if late else timeline.earliest_with(total)
        return max(found, start), self.since is not None or found <= at
