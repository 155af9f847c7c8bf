"""What holds for every clock, whatever the policy and the history?

Each law takes a policy, a history and an instant, and fails with an assertion. Run them on your
own policies: draw histories with `entitlements.testing.strategies.sla`, and call each of `LAWS`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from typing import Final, TypeAlias

import attrs

from entitlements.calendars import BusinessHours, Calendar
from entitlements.kernel.instants import from_micros, to_micros
from entitlements.sla import (
    Event,
    History,
    Measurement,
    MilestoneState,
    PolicyVersions,
    Reading,
    SeverityChange,
    SlaPolicy,
    Target,
    TermsChange,
    Tracker,
    WhilePaused,
    due_if_severity,
    measure,
    next_change,
)

Law: TypeAlias = Callable[[SlaPolicy, History, datetime], None]

_TICK: Final = timedelta(microseconds=1)
_STEP: Final = timedelta(hours=3)
_ONCE: Final = ("first_response", "resolution", "workaround")


def _holds(claim: bool, *about: object) -> None:  # noqa: FBT001 - the claim is all it takes
    if not claim:
        raise AssertionError(*about)


def _shown(
    policy: SlaPolicy,
    *,
    severity_change: SeverityChange | None = None,
    terms_change: TermsChange | None = None,
) -> SlaPolicy:
    """Return the policy with deadlines shown during pauses, and other options changed."""
    options = attrs.evolve(
        policy.options,
        while_paused=WhilePaused.AS_IF_RESUMED,
        severity_change=severity_change or policy.options.severity_change,
        terms_change=terms_change or policy.options.terms_change,
    )
    return attrs.evolve(policy, options=options)


def _known(history: History, at: datetime) -> History:
    return history.as_known(at)


def _other_terms(policy: SlaPolicy) -> list[SlaPolicy]:
    """Return a policy that a history may change to, if it names the id `silver`."""
    return [attrs.evolve(policy, id="silver")]


def _measure(policy: SlaPolicy, history: History, at: datetime) -> Measurement:
    return measure(policy, history, at, others=_other_terms(policy))


def _possible(history: History, *longer: History) -> bool:
    """Return whether all that was added could happen, and made nothing else impossible."""
    return all(each.refused == history.refused for each in longer)


def _same(one: Measurement, other: Measurement) -> None:
    for mine, its in zip(one, other, strict=True):
        _holds(mine == its, mine, its)
        _holds(mine.warnings == its.warnings)


def elapsed_never_falls(policy: SlaPolicy, history: History, at: datetime) -> None:
    """S1: while nothing happens, no clock counts backwards."""
    known = _known(history, at)
    early, late = _measure(policy, known, at), _measure(policy, known, at + _STEP)
    for before, after in zip(early, late, strict=True):
        _holds(timedelta() <= before.elapsed <= after.elapsed <= before.elapsed + _STEP)


def a_pause_without_length_is_nothing(policy: SlaPolicy, history: History, at: datetime) -> None:
    """S2: to pause and resume at one instant changes nothing."""
    paused = history.append(Event.paused(at, "nothing"), Event.resumed(at, "nothing"))
    _same(_measure(policy, history, at), _measure(policy, paused, at))


def overlapping_pauses_are_their_union(policy: SlaPolicy, history: History, at: datetime) -> None:
    """S3: two overlapping pauses count as the one that covers both."""
    one, two, three, four = (at + each * timedelta(hours=1) for each in range(4))
    apart = history.append(
        Event.paused(one, "first"),
        Event.paused(two, "second"),
        Event.resumed(three, "first"),
        Event.resumed(four, "second"),
    )
    union = history.append(Event.paused(one, "first"), Event.resumed(four, "first"))
    if not _possible(history, apart, union):
        return
    _same(_measure(policy, apart, four), _measure(policy, union, four))


def splitting_a_pause_changes_nothing(policy: SlaPolicy, history: History, at: datetime) -> None:
    """A pause that ends and begins again at one instant is one pause."""
    middle, end = at + _STEP, at + 2 * _STEP
    whole = history.append(Event.paused(at, "whole"), Event.resumed(end, "whole"))
    split = whole.append(Event.resumed(middle, "whole"), Event.paused(middle, "whole"))
    if not _possible(history, whole, split):
        return
    _same(_measure(policy, whole, end), _measure(policy, split, end))


def a_deadline_is_the_target_and_the_paused_open_time(
    policy: SlaPolicy, history: History, at: datetime
) -> None:
    """S4: what the calendar gives for the target plus the open time of the pauses before it."""
    opened = next((each for each in history.events if each.kind == "opened"), None)
    if opened is None:
        return
    paused = opened.at + timedelta(minutes=90)
    resumed = max(at, paused)
    case = History([opened, Event.paused(paused, "wait"), Event.resumed(resumed, "wait")])
    for reading in _measure(_shown(policy), case, resumed):
        target = _target_of(policy, reading, opened)
        if target is None or not isinstance(target.within, timedelta):
            continue
        hours = Calendar.always() if target.calendar is None else policy.calendars[target.calendar]
        landing = policy.options.landing
        unpaused = hours.add(opened.at, target.within, landing=landing)
        stops = _stops(policy, target, "wait") and unpaused > paused
        used_before = hours.between(opened.at, paused) >= target.within
        more = hours.between(paused, resumed) if stops and not used_before else timedelta()
        expected = hours.add(opened.at, target.within + more, landing=landing)
        if not used_before:
            _holds(reading.due == expected)


def _target_of(policy: SlaPolicy, reading: Reading, opened: Event) -> Target | None:
    if reading.name not in _ONCE or reading.started_at != opened.at:
        return None
    fitting = (
        each
        for each in policy.targets
        if each.milestone == reading.name
        and each.fits(opened.severity, opened.channel or "", opened.conditions or frozenset())
    )
    return next(fitting, None)


def _stops(policy: SlaPolicy, target: Target, reason: str) -> bool:
    by = target.paused_by
    if by is None:
        by = policy.options.paused_by.get(target.milestone)
    return by is None or reason in by


def used_and_left_are_the_target(policy: SlaPolicy, history: History, at: datetime) -> None:
    """S5: what has counted and what is left make up the target; after a breach less is left."""
    for reading in _measure(policy, history, at):
        if reading.target is not None and reading.remaining is not None:
            _holds(reading.elapsed + reading.remaining == reading.target)


def a_breach_comes_exactly_at_the_deadline(
    policy: SlaPolicy, history: History, at: datetime
) -> None:
    """S6: one microsecond earlier the clock runs, at the deadline it is late."""
    known = _known(history, at)
    for reading in _measure(policy, known, at):
        if reading.state is MilestoneState.RUNNING and reading.due is not None:
            before = _measure(policy, known, reading.due - _TICK)[reading.name]
            after = _measure(policy, known, reading.due)[reading.name]
            _holds(before.state is MilestoneState.RUNNING)
            _holds(after.state is MilestoneState.MISSED)
            _holds(after.breached_at == reading.due)


def an_answer_at_the_deadline_meets_it(policy: SlaPolicy, history: History, at: datetime) -> None:
    """An answer at the very deadline is in time, one a microsecond later is not."""
    known = _known(history, at)
    reading = _measure(policy, known, at)["first_response"]
    if reading.state is not MilestoneState.RUNNING or reading.due is None:
        return
    for late, state in ((timedelta(), MilestoneState.MET), (_TICK, MilestoneState.MISSED)):
        answer = Event.responded(reading.due + late)
        found = _measure(policy, known.append(answer), reading.due + late)
        judged = found.cycles("first_response")[reading.cycle - 1]
        _holds(judged.state is state)


def deliveries_may_come_in_any_order(policy: SlaPolicy, history: History, at: datetime) -> None:
    """S7: the order of delivery changes nothing."""
    tracker = Tracker(policy, others=_other_terms(policy))
    for event in reversed(history.events):
        tracker.append(event)
    _holds(tracker.measure(at) == _measure(policy, history, at))


def going_on_is_the_same_as_starting_over(
    policy: SlaPolicy, history: History, at: datetime
) -> None:
    """S8: a state that goes on with new events is that of all events."""
    tracker = Tracker(policy, others=_other_terms(policy))
    for event in history.events:
        tracker.append(event)
        tracker.measure(event.at)
    _holds(tracker.measure(at) == _measure(policy, history, at))


def carrying_keeps_the_used_time(policy: SlaPolicy, history: History, at: datetime) -> None:
    """S9: under `carry` a change of severity keeps what has counted, if anything was promised."""
    carrying = _shown(policy, severity_change=SeverityChange.CARRY)
    known = _known(history, at)
    before = _measure(carrying, known, at)
    after = _measure(carrying, known.append(Event.severity_changed(at, "S3")), at)
    for old, new in zip(before, after, strict=True):
        if old.cycle and old.cycle == new.cycle and old.target and new.target:
            _holds(new.elapsed == old.elapsed)


def warnings_come_in_order_and_before_the_breach(
    policy: SlaPolicy, history: History, at: datetime
) -> None:
    """S10: warnings are sorted, each of its own amount, and none comes after the deadline."""
    for reading in _measure(_shown(policy), history, at):
        instants = [each.at for each in reading.warnings]
        _holds(instants == sorted(instants))
        _holds(len({each.used for each in reading.warnings}) == len(instants))
        _holds(all(reading.due is None or each <= reading.due for each in instants))


def a_better_target_is_never_due_later(policy: SlaPolicy, history: History, at: datetime) -> None:
    """S11: half the time gives no later deadline."""
    halved = attrs.evolve(_shown(policy), targets=[_half(each) for each in policy.targets])
    slow, fast = _measure(_shown(policy), history, at), _measure(halved, history, at)
    for name in policy.milestones:
        if name in _ONCE:
            _not_later(fast[name], slow[name])


def _half(target: Target) -> Target:
    within = target.within
    better = within / 2 if isinstance(within, timedelta) else within
    return attrs.evolve(target, within=better, warn=())


def _not_later(one: Reading, other: Reading) -> None:
    if one.due is not None and other.due is not None:
        _holds(one.due <= other.due, one, other)


def a_change_of_calendar_touches_only_the_future(
    policy: SlaPolicy, history: History, at: datetime
) -> None:
    """S12: at the change nothing that has counted is lost or won."""
    promise = _shown(policy, terms_change=TermsChange.FROM_CHANGE)
    swapped = attrs.evolve(
        promise.with_calendars(dict.fromkeys(promise.calendars, Calendar.always())), id="swapped"
    )
    known = _known(history, at)
    others = [*_other_terms(promise), swapped]
    changed = known.append(Event.terms_changed(at, policy="swapped"))
    before = measure(promise, known, at, others=others)
    after = measure(promise, changed, at, others=others)
    for old in before:
        if old.target is not None and old.cycle == after[old.name].cycle:
            _holds(after[old.name].elapsed == old.elapsed)


def later_versions_move_no_accepted_deadline(
    policy: SlaPolicy, history: History, at: datetime
) -> None:
    """S13: a case keeps the version it was opened under."""
    opened = next((each for each in history.events if each.kind == "opened"), None)
    if opened is None or opened.at > at:
        return
    worse = attrs.evolve(policy, id="later", targets=[_half(each) for each in policy.targets])
    versions = PolicyVersions([(opened.at, policy), (opened.at + _TICK, worse)])
    _same(
        _measure(policy, history, at),
        measure(versions, history, at, others=_other_terms(policy)),
    )


def pausing_never_makes_a_deadline_earlier(
    policy: SlaPolicy, history: History, at: datetime
) -> None:
    """S14: a further pause moves a deadline on or not at all."""
    paused = history.append(Event.paused(at, "more"), Event.resumed(at + _STEP, "more"))
    later = at + 4 * _STEP
    without, with_pause = (_measure(_shown(policy), each, later) for each in (history, paused))
    for name in policy.milestones:
        if name in _ONCE:
            _not_later(without[name], with_pause[name])


def a_pause_in_closed_time_changes_nothing(
    policy: SlaPolicy, history: History, at: datetime
) -> None:
    """Only open time inside a pause is excluded."""
    hours = [each for each in policy.calendars.values() if not each.is_open(at)]
    if len(hours) < len(policy.calendars) or any(each.calendar is None for each in policy.targets):
        return
    openings = [opening for each in hours if (opening := each.next_open(at)) is not None]
    if not openings:
        return
    end = min(openings)
    paused = history.append(Event.paused(at, "night"), Event.resumed(end, "night"))
    plain, with_pause = (_measure(_shown(policy), each, end) for each in (history, paused))
    for mine, its in zip(plain, with_pause, strict=True):
        _holds((mine.state, mine.due, mine.elapsed) == (its.state, its.due, its.elapsed))


def a_holiday_never_makes_a_deadline_earlier(
    policy: SlaPolicy, history: History, at: datetime
) -> None:
    """Closing a day moves a deadline on or not at all."""
    closed = {name: _with_holiday(hours, at) for name, hours in policy.calendars.items()}
    plain, promise = _shown(policy), _shown(policy).with_calendars(closed)
    later = at + 4 * _STEP
    for name in policy.milestones:
        if name in _ONCE:
            _not_later(
                _measure(plain, history, later)[name], _measure(promise, history, later)[name]
            )


def _with_holiday(hours: BusinessHours, at: datetime) -> BusinessHours:
    if not isinstance(hours, Calendar):
        return hours
    dates = [holiday.date for each in hours.holidays for holiday in each.holidays]
    return attrs.evolve(hours, holidays=sorted({*dates, at.date()}))


def the_zone_of_the_question_changes_nothing(
    policy: SlaPolicy, history: History, at: datetime
) -> None:
    """The same instant in another zone gets the same answer, in UTC."""
    elsewhere = at.astimezone(timezone(timedelta(hours=5, minutes=45)))
    answer = _measure(policy, history, elsewhere)
    _holds(answer == _measure(policy, history, at))
    _holds(all(each.due is None or each.due.tzinfo is UTC for each in answer))


def what_comes_later_does_not_count(policy: SlaPolicy, history: History, at: datetime) -> None:
    """The answer for an instant needs no event after it."""
    _holds(_measure(policy, history, at) == _measure(policy, _known(history, at), at))


def nothing_changes_before_the_next_change(
    policy: SlaPolicy, history: History, at: datetime
) -> None:
    """A scheduler may sleep until the next change, and finds one when it wakes."""
    others = _other_terms(policy)
    wake = next_change(policy, history, at, others=others)
    asleep = wake - _TICK if wake is not None else at + 100 * _STEP
    if asleep <= at:
        return
    for mine, its in zip(
        _measure(policy, history, at), _measure(policy, history, asleep), strict=True
    ):
        _holds(mine.state == its.state)
        if mine.state is not MilestoneState.PAUSED:
            _holds((mine.due, mine.warnings) == (its.due, its.warnings))


def a_trace_covers_the_clock_without_a_hole(
    policy: SlaPolicy, history: History, at: datetime
) -> None:
    """Stretches follow one another, and what they say counted is what the clock says."""
    for reading in _measure(policy, history, at):
        stretches = list(reading.trace())
        for before, after in pairwise(stretches):
            _holds(before.end == after.start)
        counted = (each.end - each.start for each in stretches if each.spent == "counted")
        _holds(sum(counted, timedelta()) == reading.elapsed)
        if stretches:
            _holds(stretches[0].start == reading.started_at)


def what_if_is_what_would_be(policy: SlaPolicy, history: History, at: datetime) -> None:
    """A supposed severity or resumption gives what the event itself would give."""
    known, others = _known(history, at), _other_terms(policy)
    supposed = due_if_severity(policy, history, "S2", at, others=others)
    _same(supposed, _measure(policy, known.append(Event.severity_changed(at, "S2")), at))
    for reading in _measure(policy, known, at):
        if reading.state is MilestoneState.PAUSED:
            resumed = _measure(policy, known.append(Event.resumed(at)), at)[reading.name]
            _holds(reading.due_if_resumed_at(at) == resumed.due)


def an_opening_needs_no_history(policy: SlaPolicy, history: History, _: datetime) -> None:
    """The quick way for a case that is only just opened gives what measuring it gives."""
    opened = next((each for each in history.events if each.kind == "opened"), None)
    if opened is None:
        return
    quick = policy.compiled.deadlines(
        opened.severity, opened.channel or "", opened.conditions or frozenset(), opened.micros
    )
    for reading in measure(policy, History([opened]), from_micros(to_micros(opened.at))):
        _holds(quick.due(reading.name) == reading.due_micros)
        if reading.due_micros is not None:
            _holds(quick.warnings(reading.name) == reading.warning_micros)


LAWS: Final[tuple[Law, ...]] = (
    elapsed_never_falls,
    a_pause_without_length_is_nothing,
    overlapping_pauses_are_their_union,
    splitting_a_pause_changes_nothing,
    a_deadline_is_the_target_and_the_paused_open_time,
    used_and_left_are_the_target,
    a_breach_comes_exactly_at_the_deadline,
    an_answer_at_the_deadline_meets_it,
    deliveries_may_come_in_any_order,
    going_on_is_the_same_as_starting_over,
    carrying_keeps_the_used_time,
    warnings_come_in_order_and_before_the_breach,
    a_better_target_is_never_due_later,
    a_change_of_calendar_touches_only_the_future,
    later_versions_move_no_accepted_deadline,
    pausing_never_makes_a_deadline_earlier,
    a_pause_in_closed_time_changes_nothing,
    a_holiday_never_makes_a_deadline_earlier,
    the_zone_of_the_question_changes_nothing,
    what_comes_later_does_not_count,
    nothing_changes_before_the_next_change,
    a_trace_covers_the_clock_without_a_hole,
    what_if_is_what_would_be,
    an_opening_needs_no_history,
)
"""All laws; S1 to S14 and those without a number."""
