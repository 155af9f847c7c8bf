"""By when, by walking through a case step by step and counting on the fingers.

The walk asks at every step: open? paused? resolved? under which terms? It is as slow as it is
plain, and shares no code with the clocks it judges. Everything must lie on whole steps.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from fractions import Fraction

import attrs

from entitlements.calendars import BusinessDays, BusinessHours, Calendar, Landing
from entitlements.sla import (
    Acknowledgement,
    Event,
    Expiry,
    Kind,
    Milestone,
    NextResponse,
    Options,
    Recurrence,
    Reopen,
    Resolving,
    SeverityChange,
    SlaPolicy,
    Start,
    Target,
    TermsChange,
    UpdateStart,
    WhilePaused,
)

_RESPONSES = ("first_response", "next_response", "update")
_ORDER = list(Kind)


@attrs.frozen
class Verdict:
    """What the walk found out about one cycle; times are None where there is nothing to say."""

    state: str
    started: datetime | None = None
    due: datetime | None = None
    ended: datetime | None = None
    late: bool = False
    elapsed: timedelta = timedelta()
    warnings: tuple[datetime, ...] = ()


@attrs.define
class _Cycle:
    start: datetime
    begun: int
    """Index of the event that started it."""
    ended: int | None = None
    """Index of the event that ended it."""
    end: datetime | None = None
    outcome: str = "running"
    by_resolution: bool = False


@attrs.define
class _Facts:
    """The case as it was at each moment, as lists of changes."""

    opened: datetime
    events: list[Event]
    severities: list[tuple[datetime, str | None]]
    terms: list[tuple[datetime, tuple[SlaPolicy, str, frozenset[str]]]]
    pauses: list[tuple[datetime, datetime | None, str]]
    resolved: list[tuple[datetime, datetime | None]]


def walk(
    policy: SlaPolicy,
    events: Iterable[Event],
    at: datetime,
    *,
    step: timedelta = timedelta(minutes=1),
    others: Iterable[SlaPolicy] = (),
) -> dict[str, list[Verdict]]:
    """Return the verdict on every cycle of every milestone, by milestone.

    Args:
        policy: The agreement.
        events: What happened, in any order; corrections are not understood.
        at: The instant of the question.
        step: The unit in which everything is counted.
        others: The policies that changes of terms name.
    """
    known = {policy.id: policy} | {each.id: each for each in others}
    happened = possible([each for each in events if each.at <= at])
    if not happened:
        return {name: [Verdict("pending")] for name in policy.milestones}
    facts = _facts(policy, happened, known)
    names = list(policy.milestones)
    for _, (each, _, _) in facts.terms:
        names += [name for name in each.milestones if name not in names]
    return {name: _verdicts(name, policy, facts, at, step) for name in names}


def possible(events: list[Event]) -> list[Event]:
    """Return the events that can have happened, in order."""
    left = sorted(set(events), key=_turn)
    accepted: list[Event] = []
    status, reasons = "new", set[str]()
    while left:
        moment = [each for each in left if each.at == left[0].at]
        legal = next((each for each in moment if _is_legal(each, status, reasons)), None)
        if legal is None:
            left = left[len(moment) :]
            continue
        left.remove(legal)
        accepted.append(legal)
        status = _after(legal, status, reasons)
    return accepted


def _turn(event: Event) -> tuple[object, ...]:
    """Return what decides who is first: time, sequence, kind, and then the alphabet."""
    words = (event.severity, event.reason, event.name, event.policy, event.channel)
    rest = (*words, event.by, event.id, event.corrects, *sorted(event.conditions or ()))
    return (
        event.at,
        event.sequence,
        _ORDER.index(event.kind),
        tuple(each or "" for each in rest),
    )


def _is_legal(  # noqa: PLR0911 - one line for each kind
    event: Event, status: str, reasons: set[str]
) -> bool:
    match event.kind:
        case Kind.OPENED:
            return status == "new"
        case Kind.PAUSED:
            return status == "open" and event.reason not in reasons
        case Kind.RESUMED:
            return status == "open" and bool(reasons) and event.reason in {None, *reasons}
        case Kind.REOPENED:
            return status == "resolved"
        case Kind.RESOLVED | Kind.CANCELLED:
            return status == "open"
        case Kind.CORRECTED:
            return False
        case _:
            return status in {"open", "resolved"}


def _after(event: Event, status: str, reasons: set[str]) -> str:
    if event.kind is Kind.PAUSED:
        reasons.add(event.reason or "")
    elif event.kind is Kind.RESUMED:
        reasons.intersection_update(set() if event.reason is None else reasons - {event.reason})
    ends = {Kind.RESOLVED: "resolved", Kind.CLOSED: "gone", Kind.CANCELLED: "gone"}
    if event.kind in ends:
        reasons.clear()
        return ends[event.kind]
    return "open" if event.kind in {Kind.OPENED, Kind.REOPENED} else status


def _facts(policy: SlaPolicy, happened: list[Event], known: dict[str, SlaPolicy]) -> _Facts:
    opening = happened[0]
    now = (policy, opening.channel or "", opening.conditions or frozenset())
    facts = _Facts(
        opened=opening.at,
        events=happened,
        severities=[(opening.at, opening.severity)],
        terms=[(opening.at, now)],
        pauses=[],
        resolved=[],
    )
    for event in happened[1:]:
        if event.kind is Kind.SEVERITY_CHANGED:
            if facts.severities[-1][1] is None:
                facts.severities = [(facts.opened, event.severity)]
            elif facts.severities[-1][1] != event.severity:
                facts.severities.append((event.at, event.severity))
        elif event.kind is Kind.TERMS_CHANGED:
            now = (
                known[event.policy] if event.policy else now[0],
                event.channel or now[1],
                now[2] if event.conditions is None else event.conditions,
            )
            facts.terms.append((event.at, now))
        elif event.kind is Kind.PAUSED:
            facts.pauses.append((event.at, None, event.reason or ""))
        elif event.kind is Kind.RESUMED:
            facts.pauses = [_ended(each, event.at, event.reason) for each in facts.pauses]
        elif event.kind in {Kind.RESOLVED, Kind.CLOSED}:
            facts.pauses = [_ended(each, event.at, None) for each in facts.pauses]
            if not facts.resolved or facts.resolved[-1][1] is not None:
                facts.resolved.append((event.at, None))
        elif event.kind is Kind.REOPENED:
            facts.resolved[-1] = (facts.resolved[-1][0], event.at)
    return facts


def _ended(
    pause: tuple[datetime, datetime | None, str], at: datetime, reason: str | None
) -> tuple[datetime, datetime | None, str]:
    start, end, why = pause
    return (start, at, why) if end is None and reason in {None, why} else pause


def _verdicts(
    name: str, policy: SlaPolicy, facts: _Facts, at: datetime, step: timedelta
) -> list[Verdict]:
    cycles = _cycles(name, policy, facts, step)
    if not cycles:
        severity = facts.severities[-1][1]
        target = _target(name, severity, facts.terms[-1][1])
        unpromised = severity is not None and (target is None or target.within is None)
        return [Verdict("no_objective" if unpromised else "pending")]
    return [_judge(name, policy, facts, each, at, step) for each in cycles]


def _cycles(  # noqa: C901, PLR0912, PLR0915 - one plain story, event by event
    name: str, policy: SlaPolicy, facts: _Facts, step: timedelta
) -> list[_Cycle]:
    options = policy.options
    owners = [policy, *(each for _, (each, _, _) in facts.terms)]
    owner = next(each for each in owners if name in each.milestones)
    template = next(each for each in owner.targets if each.milestone == name)
    recurrence = template.recurrence or {
        "next_response": Recurrence.EACH,
        "update": Recurrence.PERIODIC,
    }.get(name, Recurrence.ONCE)
    cycles: list[_Cycle] = []
    answered = waiting = resolved = begun = False
    present = name in policy.milestones
    index = 0

    def running() -> bool:
        return bool(cycles) and cycles[-1].outcome == "running"

    def begin(at: datetime) -> None:
        retroactive = options.retroactive and not cycles
        cycles.append(_Cycle(facts.opened, 0) if retroactive else _Cycle(at, index))

    def start(at: datetime) -> None:
        if not running() and not (cycles and recurrence is Recurrence.ONCE):
            begin(at)

    def start_from_start(at: datetime) -> None:
        if begun and present and from_start and not resolved and not cycles:
            begin(at)

    def end(at: datetime, outcome: str, *, by_resolution: bool = False) -> None:
        if not running():
            return
        cycle = cycles[-1]
        if at < cycle.start:
            if by_resolution or outcome == "cancelled":
                cycles.pop()
                cycles[-1].by_resolution = True
            return
        cycle.end, cycle.ended, cycle.outcome = at, index, outcome
        cycle.by_resolution = by_resolution
        if by_resolution or outcome == "cancelled":
            return
        if recurrence is Recurrence.PERIODIC:
            cycles.append(_Cycle(at, index))
        elif recurrence is Recurrence.SEQUENTIAL:
            due = _judge(name, policy, facts, cycle, at, step).due
            cycles.append(_Cycle(at if due is None else max(at, due), index))

    def customer(at: datetime) -> None:
        if name != Milestone.NEXT_RESPONSE or template.starts_on:
            return
        if options.next_response is not NextResponse.FIRST_UNANSWERED_OR_OPENING and not answered:
            return
        if options.next_response is NextResponse.LAST_UNANSWERED and running():
            cycles.pop()
        start(at)

    from_start = (
        template.starts_on is None
        and name != Milestone.NEXT_RESPONSE
        and (name != Milestone.UPDATE or options.update_start is UpdateStart.OPENING)
    )
    for index, event in enumerate(facts.events):
        at, kind = event.at, event.kind
        answer = kind is Kind.RESPONDED or (
            kind is Kind.ACKNOWLEDGED and options.acknowledgement is Acknowledgement.ANSWERS
        )
        if kind is Kind.OPENED:
            begun = options.start is Start.OPENING
            start_from_start(at)
            opening_asks = options.next_response is NextResponse.FIRST_UNANSWERED_OR_OPENING
            asks = name == Milestone.NEXT_RESPONSE and opening_asks
            if present and asks and not template.starts_on:
                start(at)
        elif kind is Kind.TERMS_CHANGED:
            present = present or event.policy == owner.id
            start_from_start(at)
        elif kind is Kind.SEVERITY_CHANGED:
            begun = begun or options.start is Start.SEVERITY_SET
            start_from_start(at)
        elif answer:
            answered, waiting = True, False
            if resolved or name not in _RESPONSES or not present:
                continue
            if name == Milestone.UPDATE and not running():
                if not cycles and options.update_start is UpdateStart.FIRST_RESPONSE:
                    start(at)
            else:
                end(at, "reached")
        elif kind is Kind.CUSTOMER_REPLIED:
            if resolved:
                waiting = True
            elif present:
                customer(at)
        elif kind is Kind.REACHED and not resolved:
            if event.name == name:
                end(at, "reached")
            if event.name == template.starts_on and present:
                start(at)
            begun = begun or (options.start is Start.EVENT and event.name == options.start_event)
            if options.start is Start.EVENT and event.name == options.start_event:
                start_from_start(at)
        elif kind in {Kind.RESOLVED, Kind.CLOSED} and not resolved:
            answers = name in _RESPONSES and options.resolving is Resolving.ANSWERS
            good = answers or name == Milestone.RESOLUTION
            end(at, "reached" if good else "cancelled", by_resolution=True)
            resolved = True
        elif kind is Kind.REOPENED:
            resolved = False
            _reopen(name, options, cycles, at, index)
            start_from_start(at)
            if waiting and present:
                customer(at)
            waiting = False
        elif kind is Kind.CANCELLED or (
            kind is Kind.TERMS_EXPIRED and options.expiry is Expiry.STOP
        ):
            end(at, "cancelled")
    return cycles


def _reopen(name: str, options: Options, cycles: list[_Cycle], at: datetime, index: int) -> None:
    if not cycles or not cycles[-1].by_resolution:
        return
    last = cycles[-1]
    if name == Milestone.UPDATE:
        cycles.append(_Cycle(at, index))
    elif name == Milestone.RESOLUTION or last.outcome == "cancelled":
        if options.reopen in {Reopen.EXCLUDE, Reopen.CONTINUE}:
            cycles[-1] = _Cycle(last.start, last.begun)
            return
        if options.reopen is Reopen.RESTART:
            cycles.pop()
        cycles.append(_Cycle(at, index))


def _target(
    name: str, severity: str | None, terms: tuple[SlaPolicy, str, frozenset[str]]
) -> Target | None:
    policy, channel, conditions = terms
    for target in policy.targets:
        if (
            target.milestone == name
            and (not target.severities or severity in target.severities)
            and (not target.channels or channel in target.channels)
            and all(each in conditions for each in target.conditions)
        ):
            return target
    return None


@attrs.define
class _Reckoning:
    """One cycle on the fingers: which target holds from when, and what it gives."""

    start: datetime
    pieces: list[tuple[datetime, Target | None, SlaPolicy]]
    floor: datetime
    units: int = 0
    day: datetime | None = None


def _judge(
    name: str, policy: SlaPolicy, facts: _Facts, cycle: _Cycle, at: datetime, step: timedelta
) -> Verdict:
    seen = facts.events if cycle.ended is None else facts.events[: cycle.ended]
    known = {each.id: each for _, (each, _, _) in facts.terms}
    then = _facts(policy, seen, known)
    until = cycle.end or at
    walker = _Walker(name, policy.options, then, step)
    sums = walker.reckon(cycle, seen, known)
    target = sums.pieces[-1][1]
    if target is None or target.within is None:
        open_yet = target is None and all(each is None for _, each in then.severities)
        return Verdict("pending" if open_yet else "no_objective", sums.start, None, cycle.end)
    until = max(until, sums.start)
    due, settled = walker.due(sums, until)
    late = settled and (until > due if cycle.end else at >= due)
    paused = walker.paused(until, target, open_end=True)
    outcome = "paused" if paused else "running"
    if cycle.end:
        outcome = "cancelled" if cycle.outcome == "cancelled" else "met"
    state = "missed" if late else outcome
    shown = state != "paused" or policy.options.while_paused is WhilePaused.AS_IF_RESUMED
    warnings = []
    for amount in walker.warning_units(target, sums.units):
        when, sure = walker.when(sums, amount, until)
        if (sure or shown) and (cycle.end is None or when <= cycle.end):
            warnings.append(when)
    return Verdict(
        state,
        sums.start,
        due,
        cycle.end,
        late,
        walker.counted(sums, until) * step,
        tuple(warnings),
    )


@attrs.define
class _Walker:
    name: str
    options: Options
    facts: _Facts
    step: timedelta

    def reckon(  # noqa: PLR0912 - one plain story, change by change
        self, cycle: _Cycle, seen: list[Event], known: dict[str, SlaPolicy]
    ) -> _Reckoning:
        options = self.options
        recompute = options.severity_change is SeverityChange.RECOMPUTE
        severity = next((s for _, s in self.facts.severities if s is not None), None)
        terms = self.facts.terms[0][1]
        after: list[tuple[Event, str | None, tuple[SlaPolicy, str, frozenset[str]]]] = []
        now_severity, now_terms = severity, terms
        for index, event in enumerate(seen[1:], start=1):
            if event.kind is Kind.SEVERITY_CHANGED and event.severity != now_severity:
                now_severity = event.severity
            elif event.kind is Kind.TERMS_CHANGED:
                now_terms = (
                    known[event.policy] if event.policy else now_terms[0],
                    event.channel or now_terms[1],
                    now_terms[2] if event.conditions is None else event.conditions,
                )
            else:
                continue
            if index <= cycle.begun or event.at < cycle.start:
                severity, terms = now_severity, now_terms
            else:
                after.append((event, now_severity, now_terms))
        if recompute:
            severity = now_severity
        if options.terms_change is TermsChange.LAST:
            terms = now_terms
        sums = _Reckoning(cycle.start, [], cycle.start)
        self._begin(sums, cycle.start, severity, terms)
        for event, new_severity, new_terms in after:
            if event.kind is Kind.SEVERITY_CHANGED:
                if options.severity_change in {SeverityChange.RECOMPUTE, SeverityChange.FREEZE}:
                    continue
                severity = new_severity
                if options.severity_change is SeverityChange.RESTART:
                    self._begin(sums, event.at, severity, terms)
                    continue
                keep = False
            else:
                if options.terms_change in {TermsChange.LAST, TermsChange.FIRST}:
                    continue
                terms = new_terms
                keep = options.terms_change is TermsChange.CUMULATIVE
            self._change(sums, event.at, severity, terms, keep=keep)
        return sums

    def _begin(
        self,
        sums: _Reckoning,
        at: datetime,
        severity: str | None,
        terms: tuple[SlaPolicy, str, frozenset[str]],
    ) -> None:
        target = _target(self.name, severity, terms)
        sums.start = sums.floor = at
        sums.pieces = [(at, target, terms[0])]
        sums.units, sums.day = self._amount(target, terms[0], at)

    def _change(
        self,
        sums: _Reckoning,
        at: datetime,
        severity: str | None,
        terms: tuple[SlaPolicy, str, frozenset[str]],
        *,
        keep: bool,
    ) -> None:
        old, new = sums.pieces[-1][1], _target(self.name, severity, terms)
        if new is old and terms[0] is sums.pieces[-1][2]:
            return
        if (old is None or old.within is None) and (new is None or new.within is None):
            return
        promised = [each for _, each, _ in sums.pieces if each and each.within is not None]
        if not promised:
            self._begin(sums, at, severity, terms)
            return
        old_units, old_day = sums.units, sums.day
        due, settled = self.due(sums, at) if old and old.within is not None else (at, False)
        passed = due if settled and due <= at else None
        sums.pieces.append((at, new, terms[0]))
        sums.units, sums.day = self._amount(new, terms[0], sums.start)
        both = old and new and old.within is not None and new.within is not None
        if keep and both:
            sums.units, sums.day = old_units, old_day
        if not both or self._hours(*sums.pieces[-2][1:]) != self._hours(new, terms[0]):
            sums.day = None
        if sums.units < old_units:
            sums.floor = at if passed is None else min(at, passed)

    def _hours(self, target: Target | None, policy: SlaPolicy) -> BusinessHours:
        if target is None or target.calendar is None:
            return Calendar.always()
        return policy.calendars[target.calendar]

    def _amount(
        self, target: Target | None, policy: SlaPolicy, start: datetime
    ) -> tuple[int, datetime | None]:
        if target is None or target.within is None:
            return 0, None
        if isinstance(target.within, BusinessDays):
            hours = self._hours(target, policy)
            day = hours.add_days(start, target.within.count, anchor=target.within.anchor)
            return self._open_units(hours, start, day), day
        return target.within // self.step, None

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

    def _counts(self, sums: _Reckoning, at: datetime, until: datetime) -> bool:
        """Return whether the step at `at` counts; from `until` on nothing happens any more."""
        target, policy = next(
            (target, policy) for since, target, policy in reversed(sums.pieces) if since <= at
        )
        if target is None or target.within is None:
            return False
        if at < until:
            if self.paused(at, target):
                return False
            if self.options.reopen is not Reopen.CONTINUE and any(
                start <= at and (end is None or at < end) for start, end in self.facts.resolved
            ):
                return False
        return self._hours(target, policy).is_open(at)

    def counted(self, sums: _Reckoning, until: datetime) -> int:
        at, count = sums.start, 0
        while at < until:
            count += self._counts(sums, at, until)
            at += self.step
        return count

    def when(self, sums: _Reckoning, units: int, until: datetime) -> tuple[datetime, bool]:
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
        return max(at, sums.floor), passed or not paused

    def due(self, sums: _Reckoning, until: datetime) -> tuple[datetime, bool]:
        due, settled = self.when(sums, sums.units, until)
        if sums.day is None:
            return due, settled
        target, policy = sums.pieces[-1][1:]
        hours = self._hours(target, policy)
        if self._open_units(hours, sums.start, due) != sums.units:
            return due, settled
        return max(sums.day, sums.floor), True

    def warning_units(self, target: Target, units: int) -> list[int]:
        found = set()
        for each in target.warn:
            if isinstance(each, Fraction):
                found.add(int(units * each))
            else:
                found.add(max(0, units - each // self.step))
        return sorted(each for each in found if each < units)
