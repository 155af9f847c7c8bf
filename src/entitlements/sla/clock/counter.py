"""How much time has counted, and when is an amount of it used up?

A count is one clock of one milestone under one reading of the terms. It goes through the case's
log and keeps the spans in which it ran, each with the open time at its start; from these every
instant and amount is found with one look at the calendar. It never keeps a bare total.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Final, TypeAlias, cast, final

from entitlements.calendars.options import BusinessDays, Landing
from entitlements.calendars.timeline.timeline import Timeline
from entitlements.kernel.errors import InvalidValueError
from entitlements.sla.clock.compiled_policy import CompiledPolicy, CompiledTarget
from entitlements.sla.options import ClockOptions, ReopenRule, SeverityChangeRule, TermsChangeRule

ClockTerms: TypeAlias = tuple[CompiledPolicy, str, frozenset[str]]
"""A policy, the channel of the case and what the customer has declared."""

PAUSE_CHANGED: Final = 0
SEVERITY: Final = 1
TERMS: Final = 2
RESOLVED: Final = 3
REOPENED: Final = 4

LogEntry: TypeAlias = tuple[int, int, frozenset[str] | str | ClockTerms | None]
"""Instant, code, and what is new: the pause reasons, the severity or the terms."""

CountedSpan: TypeAlias = tuple[int, int, int, CompiledTarget]
"""Start, end, open time before the start, and the clause whose hours count it."""

UncountedSpan: TypeAlias = tuple[int, int, frozenset[str] | None]
"""Start, end and pause reasons of time that does not count; None for time while resolved."""

_RECOMPUTE: Final = 0
_CARRY: Final = 1
_RESTART: Final = 2
_FREEZE: Final = 3
_KEEP_AMOUNT: Final = 4

_SEVERITY_MODES: Final = {
    SeverityChangeRule.RECOMPUTE: _RECOMPUTE,
    SeverityChangeRule.CARRY: _CARRY,
    SeverityChangeRule.RESTART: _RESTART,
    SeverityChangeRule.FREEZE: _FREEZE,
}
_TERMS_MODES: Final = {
    TermsChangeRule.FROM_CHANGE: _CARRY,
    TermsChangeRule.CUMULATIVE: _KEEP_AMOUNT,
    TermsChangeRule.LAST: _RECOMPUTE,
    TermsChangeRule.FIRST: _FREEZE,
}


_NO_REASONS: Final[frozenset[str]] = frozenset()


@final
class ChangeModes:
    """What happens to a running count, as the case's own policy says, in small integers."""

    __slots__ = ("counts_resolved", "late_landing", "paused_by", "severity", "terms")

    def __init__(self, options: ClockOptions, milestone: str) -> None:
        self.severity = _SEVERITY_MODES[options.severity_change]
        self.terms = _TERMS_MODES[options.terms_change]
        self.counts_resolved = options.reopen is ReopenRule.CONTINUE
        self.late_landing = options.landing is Landing.NEXT_OPENING
        self.paused_by = options.paused_by.get(milestone)

    @property
    def by_severity(self) -> bool:
        """Whether each severity has a count of its own."""
        return self.severity == _RECOMPUTE

    @property
    def by_terms(self) -> bool:
        """Whether all terms have counts of their own."""
        return self.terms == _RECOMPUTE


@final
class ClockCounter:
    """A clock going through the log of its case.

    Attributes:
        start: Where counting began.
        clause: The target in force, or None if nothing is promised.
        limit: The counted time the target gives, from `start`.
        runs: The finished spans that counted.
        sums: The counted time at the end of each of them.
        gaps: The finished spans that did not count.
        size: How many runs there are; a snapshot shares the list and stops there.
        gap_count: How many gaps there are; likewise.
        since: Start of the span that counts now, or None.
        base: Open time before `since`.
        used: Counted time up to `since`, or in all if nothing counts now.
        gap_from: Start of the span that does not count now.
        reasons: What the case waits for now.
        undecided: Whether it depends on the severity, which nobody has set, if there is a target.
    """

    __slots__ = (
        "_day",
        "_days",
        "_floor",
        "_milestone",
        "_modes",
        "_position",
        "_promised",
        "_resolved",
        "_severity",
        "_terms",
        "base",
        "clause",
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
        "undecided",
        "used",
    )

    clause: CompiledTarget | None
    limit: int
    _day: int | None
    _days: BusinessDays | None

    def __init__(
        self,
        milestone: str,
        modes: ChangeModes,
        position: int,
        first: tuple[int, str | None, ClockTerms, frozenset[str]],
    ) -> None:
        self._milestone = milestone
        self._modes = modes
        self._position = position
        start, self._severity, self._terms, self.reasons = first
        self._resolved = False
        self._begin(start)

    def _begin(self, start: int) -> None:
        self.start = self._floor = self.gap_from = start
        self.runs: list[CountedSpan] = []
        self.sums: list[int] = []
        self.gaps: list[UncountedSpan] = []
        self.since: int | None = None
        self.base = self.used = self.size = self.gap_count = 0
        self._promised = False
        self._adopt(self._find())
        self._run(start)

    def _find(self) -> CompiledTarget | None:
        policy, channel, conditions = self._terms
        plan = policy.plan_without_conditions(self._severity, channel, conditions)
        clause = plan.clauses.get(self._milestone)
        self.undecided = clause is None and self._severity is None
        return None if clause is None or clause.target.within is None else clause

    def _adopt(self, clause: CompiledTarget | None, days: BusinessDays | None = None) -> None:
        """Take the target, or so many days by its hours."""
        self.clause = clause
        self.limit, self._day, self._days = 0, None, None
        if clause is None:
            return
        self._promised = True
        self._days = days or clause.days
        if self._days is None:
            self.limit = clause.limit or 0
        else:
            self._day = clause.day(self.start, self._days)
            elapsed = clause.timeline.open_time_before
            self.limit = elapsed(self._day) - elapsed(self.start)

    def read_only(self) -> ClockCounter:
        """Return the count as it stands, to be read and stored: without policy, and as short."""
        twin = self.snapshot()
        twin.runs, twin.sums = self.runs[: self.size], self.sums[: self.size]
        twin.gaps = self.gaps[: self.gap_count]
        if hasattr(twin, "_terms"):
            object.__delattr__(twin, "_terms")
        return twin

    def snapshot(self) -> ClockCounter:
        """Return the count as it stands; it shares the spans, which are only ever added to."""
        twin = object.__new__(ClockCounter)
        for name in ClockCounter.__slots__:
            if hasattr(self, name):
                setattr(twin, name, getattr(self, name))
        return twin

    def catch_up(self, log: list[LogEntry]) -> None:
        """Go through what is new in the log of the case."""
        while self._position < len(log):
            at, code, new = log[self._position]
            self._position += 1
            if at < self.start:
                self._take_note(code, new, frozen=False)
                self._begin(self.start)
            elif code == PAUSE_CHANGED:
                self._phase(at, cast("frozenset[str]", new))
            elif code == RESOLVED:
                self._resolve(at)
            elif code == REOPENED:
                self._end_gap(at)
                self._resolved = False
                self._run(at)
            elif code == TERMS or new != self._severity:
                self._take_note(code, new, frozen=True)
                self._change(at, self._modes.severity if code == SEVERITY else self._modes.terms)

    def _take_note(
        self, code: int, new: frozenset[str] | str | ClockTerms | None, *, frozen: bool
    ) -> None:
        """Remember what holds from now on, unless the count is made for other terms."""
        deaf = {_RECOMPUTE, _FREEZE} if frozen else {_RECOMPUTE}
        if code == SEVERITY and self._modes.severity not in deaf:
            self._severity = cast("str", new)
        elif code == TERMS and self._modes.terms not in deaf:
            self._terms = cast("ClockTerms", new)
        elif code == PAUSE_CHANGED:
            self.reasons = cast("frozenset[str]", new)
        elif code in {RESOLVED, REOPENED}:
            self.reasons = _NO_REASONS

    def _phase(self, at: int, reasons: frozenset[str]) -> None:
        clause = self.clause
        if clause is None:
            self.reasons = reasons
        elif self.since is None:
            self._end_gap(at)
            self.reasons = reasons
            self._run(at)
        else:
            self.reasons = reasons
            if self._paused(clause):
                self._stop(at)

    def _resolve(self, at: int) -> None:
        if self._modes.counts_resolved:
            self._phase(at, _NO_REASONS)
            return
        self._stop(at)
        self._end_gap(at)
        self.reasons = _NO_REASONS
        self._resolved = True

    def _run(self, at: int) -> None:
        """Count from `at` on, unless something stands against it."""
        clause = self.clause
        if self.since is not None or clause is None or self._resolved:
            return
        if self._paused(clause):
            return
        self._end_gap(at)
        self.since = at
        self.base = clause.timeline.open_time_before(at)

    def _paused(self, clause: CompiledTarget) -> bool:
        reasons = self.reasons
        if not reasons:
            return False
        by = clause.target.paused_by
        if by is None:
            by = self._modes.paused_by
        return by is None or not by.isdisjoint(reasons)

    def _stop(self, at: int) -> None:
        if self.since is None or self.clause is None:
            return
        if at > self.since:
            self.runs.append((self.since, at, self.base, self.clause))
            self.used += self.clause.timeline.open_time_before(at) - self.base
            self.sums.append(self.used)
            self.size += 1
        self.since = None
        self.gap_from = at

    def _end_gap(self, at: int) -> None:
        if self.since is None and at > self.gap_from:
            self.gaps.append((self.gap_from, at, None if self._resolved else self.reasons))
            self.gap_count += 1
            self.gap_from = at

    def _change(self, at: int, mode: int) -> None:
        """Go on by the terms in force from `at` on."""
        if mode == _RESTART:
            self._begin(at)
            return
        old, new = self.clause, self._find()
        if new is old:
            return
        if not self._promised:
            self._begin(at)
            return
        self._swap(at, new, keep_amount=mode == _KEEP_AMOUNT)

    def _swap(self, at: int, new: CompiledTarget | None, *, keep_amount: bool) -> None:
        old, limit, days = self.clause, self.limit, self._days
        passed = None if old is None else self._passed(at)
        self._stop(at)
        self._end_gap(at)
        keep = keep_amount and old is not None
        self._adopt(new, days if keep else None)
        if keep and new is not None and days is None:
            self.limit, self._day, self._days = limit, None, None
        self._run(at)
        # Days by other hours may end before the change though they give more open time.
        if self.limit < limit or (new is not None and self.due(at)[0] < at):
            self._floor = at if passed is None else passed

    def _passed(self, at: int) -> int | None:
        due, settled = self.due(at)
        return due if settled and due <= at else None

    def used_at(self, at: int) -> int:
        """Return the time counted up to `at`, which is not before the last change."""
        if self.since is None or self.clause is None:
            return self.used
        return self.used + max(0, self.clause.timeline.open_time_before(at) - self.base)

    def when(self, amount: int, at: int) -> tuple[int, bool]:
        """Return the instant at which `amount` is used up, and whether that is settled.

        It is not settled while the clock is paused and the amount not yet used up: then the
        instant is the one there would be if the pause ended at `at`.
        """
        clause = self.clause
        if clause is None:
            raise InvalidValueError("nothing is promised, so nothing can be used up")
        if not amount and not self._modes.late_landing:
            return max(self.start, self._floor), True
        find = bisect_right if self._modes.late_landing else bisect_left
        index = find(self.sums, amount, 0, self.size)
        settled = True
        if index < self.size:
            start, _, base, counting = self.runs[index]
            timeline = counting.timeline
            before = self.sums[index - 1] if index else 0
        else:
            timeline, before, settled = clause.timeline, self.used, self.since is not None
            start = at if self.since is None else self.since
            base = timeline.open_time_before(at) if self.since is None else self.base
        total = base + amount - before
        found = (
            timeline.latest_with(total)
            if self._modes.late_landing
            else timeline.earliest_with(total)
        )
        return max(found, start, self._floor), settled

    def due(self, at: int) -> tuple[int, bool]:
        """Return the deadline and whether it is settled; see `when`.

        A number of days is counted from the start by the hours in force. It gives its own instant,
        moved on by the open time before it that did not count.
        """
        if self._day is None or self.clause is None:
            return self.when(self.limit, at)
        if not self._skipped(min(self._day, at), self.clause.timeline):
            return max(self._day, self._floor), True
        found, settled = self._days_used_up(at, self.clause.timeline)
        return max(found, self._floor), settled

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
