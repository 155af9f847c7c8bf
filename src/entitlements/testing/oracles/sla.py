"""Oracle of SLA clocks: milestones by walking through a case in small steps.

At every step the walk checks whether the calendar is open and the case paused or resolved, and
which terms apply. It is slow and simple, and shares no code with the clocks that it checks. All
instants and amounts must be whole steps.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from fractions import Fraction

import attrs

from entitlements.calendars import BusinessDays, BusinessHours, Calendar, Landing
from entitlements.sla import ClockOptions, Event, EventKind, SlaPolicy, Target
from entitlements.sla.options.clock_options import (
    PausedDueDisplay,
    ReopenRule,
    SeverityChangeRule,
    TermsChangeRule,
)
from entitlements.testing.oracles.clocks.cut_offs import received
from entitlements.testing.oracles.clocks.cycles import Cycle, CycleRecorder
from entitlements.testing.oracles.clocks.history import (
    TERMS_EVENTS,
    CaseFacts,
    Terms,
    facts_of,
    possible,
    target_for,
    terms_after,
)


@attrs.frozen
class ExpectedReading:
    """What the walk expects of one cycle; instants are None where there is none."""

    state: str
    started: datetime | None = None
    due: datetime | None = None
    ended: datetime | None = None
    late: bool = False
    elapsed: timedelta = timedelta()
    warnings: tuple[datetime, ...] = ()
    commitment: str | None = None


def walk(
    policy: SlaPolicy,
    events: Iterable[Event],
    at: datetime,
    *,
    step: timedelta = timedelta(minutes=1),
    others: Iterable[SlaPolicy] = (),
) -> dict[str, list[ExpectedReading]]:
    """Return the expected readings of every cycle, by milestone.

    Args:
        policy: The policy.
        events: The events, in any order; corrections are not supported.
        at: The instant of the measurement.
        step: The unit in which time is counted.
        others: The policies that changes of terms name.
    """
    known = {policy.id: policy} | {each.id: each for each in others}
    happened = possible([each for each in events if each.at <= at])
    if not happened:
        return {name: [ExpectedReading("pending")] for name in policy.milestones}
    facts = facts_of(policy, happened, known)
    names = list(policy.milestones)
    for _, (each, *_) in facts.terms:
        names += [name for name in each.milestones if name not in names]
    return {name: _expected_cycles(name, policy, facts, at, step) for name in names}


def _expected_cycles(
    name: str, policy: SlaPolicy, facts: CaseFacts, at: datetime, step: timedelta
) -> list[ExpectedReading]:
    def due(cycle: Cycle) -> datetime | None:
        return _expected_reading(name, policy, facts, cycle, cycle.end or at, step).due

    cycles = CycleRecorder(name, policy, facts, due).record_all()
    if not cycles:
        severity = facts.severities[-1][1]
        target = target_for(name, severity, facts.terms[-1][1])
        unpromised = severity is not None and (target is None or target.within is None)
        return [ExpectedReading("no_objective" if unpromised else "pending")]
    return [_expected_reading(name, policy, facts, each, at, step) for each in cycles]


@attrs.define
class _CountedTargets:
    """The targets of one cycle, each with its beginning, and the amount of the last one."""

    clock_start: datetime
    start: datetime
    pieces: list[tuple[datetime, Target | None, SlaPolicy]]
    earliest_due: datetime
    units: int = 0
    days: BusinessDays | None = None


def _expected_reading(
    name: str, policy: SlaPolicy, facts: CaseFacts, cycle: Cycle, at: datetime, step: timedelta
) -> ExpectedReading:
    seen = facts.events if cycle.ended is None else facts.events[: cycle.ended]
    known = {each.id: each for _, (each, *_) in facts.terms}
    then = facts_of(policy, seen, known)
    until = cycle.end or at
    walker = _Walker(name, policy.options, then, step)
    sums = walker.counted_targets(cycle, seen, known)
    target = sums.pieces[-1][1]
    if target is None or target.within is None:
        return _without_time(target, then, sums.start, cycle.end)
    until = max(until, sums.start)
    due, settled = walker.due(sums, until)
    in_time = until < due or (until == due and not target.exclusive)
    late = settled and (not in_time if cycle.end else at >= due)
    paused = walker.paused(until, target, open_end=True)
    outcome = "paused" if paused else "running"
    if cycle.end:
        outcome = "cancelled" if cycle.outcome == "cancelled" else "met"
    state = "missed" if late else outcome
    is_shown = state != "paused" or policy.options.while_paused is PausedDueDisplay.AS_IF_RESUMED
    warnings = []
    for amount in walker.warning_units(target, sums.units):
        when, sure = walker.when(sums, amount, until)
        if (sure or is_shown) and (cycle.end is None or when <= cycle.end):
            warnings.append(when)
    return ExpectedReading(
        state,
        sums.start,
        due,
        cycle.end,
        late and target.commitment == "guarantee",
        walker.counted(sums, until) * step,
        tuple(warnings),
        target.commitment.value,
    )


def _without_time(
    target: Target | None, facts: CaseFacts, start: datetime, end: datetime | None
) -> ExpectedReading:
    undecided = target is None and all(each is None for _, each in facts.severities)
    best_effort = target is not None and target.commitment == "best_effort"
    return ExpectedReading(
        "pending" if undecided else "no_objective",
        start,
        None,
        end,
        commitment="best_effort" if best_effort else None,
    )


@attrs.define
class _Walker:
    name: str
    options: ClockOptions
    facts: CaseFacts
    step: timedelta

    def counted_targets(
        self, cycle: Cycle, seen: list[Event], known: dict[str, SlaPolicy]
    ) -> _CountedTargets:
        """Return the targets of the cycle after all changes, in their order."""
        options = self.options
        severity, terms, after = self._changes(cycle, seen, known)
        last = after[-1] if after else (None, severity, terms)
        if options.severity_change is SeverityChangeRule.RECOMPUTE:
            severity = last[1]
        if options.terms_change is TermsChangeRule.LAST:
            terms = last[2]
        sums = _CountedTargets(cycle.start, cycle.start, [], cycle.start)
        self._begin(sums, cycle.start, severity, terms)
        for event, new_severity, new_terms in after:
            if event.at < sums.start:  # what changes before counting begins holds from its start
                if event.kind in TERMS_EVENTS:
                    if options.terms_change is not TermsChangeRule.LAST:
                        terms = new_terms
                        self._begin(sums, sums.clock_start, severity, terms, event.at)
                elif options.severity_change is not SeverityChangeRule.RECOMPUTE:
                    severity = new_severity
                    self._begin(sums, sums.clock_start, severity, terms, event.at)
                continue
            if event.kind is EventKind.SEVERITY_CHANGED:
                known_before = {SeverityChangeRule.RECOMPUTE, SeverityChangeRule.FREEZE}
                if options.severity_change in known_before:
                    continue
                severity = new_severity
                if options.severity_change is SeverityChangeRule.RESTART:
                    self._begin(sums, event.at, severity, terms)
                else:
                    self._change(sums, event.at, severity, terms, keep=False)
            elif options.terms_change not in {TermsChangeRule.LAST, TermsChangeRule.FIRST}:
                terms = new_terms
                keep = options.terms_change is TermsChangeRule.CUMULATIVE
                self._change(sums, event.at, severity, terms, keep=keep)
        return sums

    def _changes(
        self, cycle: Cycle, seen: list[Event], known: dict[str, SlaPolicy]
    ) -> tuple[str | None, Terms, list[tuple[Event, str | None, Terms]]]:
        """Return severity and terms at the start of the cycle, and every change after it."""
        severity = next((each for _, each in self.facts.severities if each is not None), None)
        terms = self.facts.terms[0][1]
        after: list[tuple[Event, str | None, Terms]] = []
        now_severity, now_terms = severity, terms
        for index, event in enumerate(seen[1:], start=1):
            if event.kind is EventKind.SEVERITY_CHANGED and event.severity != now_severity:
                now_severity = event.severity
            elif event.kind in TERMS_EVENTS and terms_after(event, now_terms, known) != now_terms:
                now_terms = terms_after(event, now_terms, known)
            else:
                continue
            if index <= cycle.begun or event.at < cycle.start:
                severity, terms = now_severity, now_terms
            else:
                after.append((event, now_severity, now_terms))
        return severity, terms, after

    def _begin(
        self,
        sums: _CountedTargets,
        at: datetime,
        severity: str | None,
        terms: Terms,
        changed: datetime | None = None,
    ) -> None:
        target = target_for(self.name, severity, terms)
        sums.clock_start = at
        received_then = self._received(target, terms[0], at)
        sums.start = received_then if changed is None else max(received_then, changed)
        sums.earliest_due = sums.start
        sums.pieces = [(sums.start, target, terms[0])]
        self._set_amount(sums, target, terms[0])

    def _received(self, target: Target | None, policy: SlaPolicy, at: datetime) -> datetime:
        """Return where counting begins: at once, or as the cut-off of the target says."""
        if target is None or target.within is None or target.cut_off is None:
            return at
        return received(self._hours(target, policy), at, target.cut_off, self.step)

    def _change(
        self,
        sums: _CountedTargets,
        at: datetime,
        severity: str | None,
        terms: Terms,
        *,
        keep: bool,
    ) -> None:
        old, new = sums.pieces[-1][1], target_for(self.name, severity, terms)
        if new is old and terms[0] is sums.pieces[-1][2]:
            return
        if (old is None or old.within is None) and (new is None or new.within is None):
            # Neither counts, but one may be best effort.
            sums.pieces[-1] = (sums.pieces[-1][0], new, terms[0])
            return
        promised = [each for _, each, _ in sums.pieces if each and each.within is not None]
        if not promised:
            self._begin(sums, at, severity, terms)
            return
        old_units, old_days = sums.units, sums.days
        due, settled = self.due(sums, at) if old and old.within is not None else (at, False)
        passed = due if settled and due <= at else None
        sums.pieces.append((at, new, terms[0]))
        keeps = keep and old is not None and old.within is not None
        self._set_amount(sums, new, terms[0], old_days if keeps else None)
        if keeps and new and new.within is not None and old_days is None:
            sums.units, sums.days = old_units, None
        promises = new is not None and new.within is not None
        if sums.units < old_units or (promises and self.due(sums, at)[0] < at):
            sums.earliest_due = at if passed is None else passed

    def _hours(self, target: Target | None, policy: SlaPolicy) -> BusinessHours:
        if target is None or target.calendar is None:
            return Calendar.always()
        return policy.calendars[target.calendar]

    def _set_amount(
        self,
        sums: _CountedTargets,
        target: Target | None,
        policy: SlaPolicy,
        days: BusinessDays | None = None,
    ) -> None:
        """Set the amount of the target, or of `days` business days by its hours."""
        sums.units, sums.days = 0, None
        if target is None or target.within is None:
            return
        if isinstance(target.within, BusinessDays) or days is not None:
            sums.days = days or target.within  # type: ignore[assignment]
            hours, day = self._hours(target, policy), self._day(sums)
            sums.units = self._open_units(hours, sums.start, day)
        else:
            sums.units = target.within // self.step

    def _day(self, sums: _CountedTargets) -> datetime:
        target, policy = sums.pieces[-1][1:]
        days = sums.days or BusinessDays(1, anchor="end")
        hours = self._hours(target, policy)
        return hours.add_days(sums.start, days.count, anchor=days.anchor)

    def _open_units(self, hours: BusinessHours, start: datetime, end: datetime) -> int:
        count = 0
        while start < end:
            count += hours.is_open(start)
            start += self.step
        return count

    def paused(self, at: datetime, target: Target, *, open_end: bool = False) -> bool:
        stops = target.paused_by
        if stops is None:
            stops = self.options.paused_by.get(self.name)
        return any(
            start <= at and (end is None if open_end else end is None or at < end)
            for start, end, reason in self.facts.pauses
            if stops is None or reason in stops
        )

    def _counts(self, sums: _CountedTargets, at: datetime, until: datetime) -> bool:
        """Return whether the step at `at` counts; no event comes from `until` on."""
        since = [each for each in sums.pieces if each[0] <= at][-1]
        return self._runs(sums, at, until) and self._hours(*since[1:]).is_open(at)

    def _runs(self, sums: _CountedTargets, at: datetime, until: datetime) -> bool:
        """Return whether the clock runs at `at`, open or not."""
        target = [each for each in sums.pieces if each[0] <= at][-1][1]
        if target is None or target.within is None:
            return False
        if at < until:
            if self.paused(at, target):
                return False
            if self.options.reopen is not ReopenRule.CONTINUE and any(
                start <= at and (end is None or at < end) for start, end in self.facts.resolved
            ):
                return False
        return True

    def counted(self, sums: _CountedTargets, until: datetime) -> int:
        at, count = sums.start, 0
        while at < until:
            count += self._counts(sums, at, until)
            at += self.step
        return count

    def when(self, sums: _CountedTargets, units: int, until: datetime) -> tuple[datetime, bool]:
        """Return when `units` are used up, and whether that is settled at `until`."""
        late = self.options.landing is Landing.NEXT_OPENING
        at, count = sums.start, 0
        while True:
            step_counts = self._counts(sums, at, until)
            if count >= units and (step_counts or not late):
                break
            count += step_counts
            at += self.step
        used = self.counted(sums, until)
        target = sums.pieces[-1][1]
        paused = target is None or self.paused(until, target, open_end=True)
        passed = used > units if late else used >= units
        return max(at, sums.earliest_due), passed or not paused

    def due(self, sums: _CountedTargets, until: datetime) -> tuple[datetime, bool]:
        if sums.days is None:
            return self.when(sums, sums.units, until)
        hours, day, at = self._hours(*sums.pieces[-1][1:]), self._day(sums), sums.start
        while at < min(day, until):
            if hours.is_open(at) and not self._runs(sums, at, min(day, until)):
                return self._days_used_up(sums, hours, until)
            at += self.step
        return max(day, sums.earliest_due), True

    def _days_used_up(
        self, sums: _CountedTargets, hours: BusinessHours, until: datetime
    ) -> tuple[datetime, bool]:
        late = self.options.landing is Landing.NEXT_OPENING
        at, count = sums.start, 0
        while True:
            step_counts = hours.is_open(at) and self._runs(sums, at, until)
            if count >= sums.units and (step_counts or not late):
                break
            count += step_counts
            at += self.step
        target = sums.pieces[-1][1]
        paused = target is None or self.paused(until, target, open_end=True)
        return max(at, sums.earliest_due), at <= until or not paused

    def warning_units(self, target: Target, units: int) -> list[int]:
        found = set()
        for each in target.warn:
            if isinstance(each, Fraction):
                found.add(int(units * each))
            else:
                found.add(max(0, units - each // self.step))
        return sorted(each for each in found if each < units)
