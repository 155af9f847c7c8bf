"""Laws of SLA clocks, true for every policy, history and instant.

Each law takes a policy, a history and an instant, and raises `AssertionError` if it is broken. To
test your own policies, draw histories with `entitlements.testing.strategies.sla` and call each of
`LAWS`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import attrs

from entitlements.calendars import Anchor, BusinessDays, BusinessHours, Calendar
from entitlements.kernel.instants import MICROSECOND
from entitlements.sla import (
    Commitment,
    Event,
    EventKind,
    History,
    MilestoneState,
    PolicyVersions,
    Reading,
    SlaPolicy,
    Target,
    measure,
)
from entitlements.sla.options.clock_options import SeverityChangeRule, TermsChangeRule
from entitlements.testing.laws.clocks.queries import (
    STEP,
    Law,
    a_trace_covers_the_clock_without_a_hole,
    a_tracker_measures_as_its_history,
    agree,
    an_opening_needs_no_history,
    known_at,
    measured,
    nothing_changes_before_the_next_change,
    other_terms,
    possible,
    require,
    severities_of,
    the_order_of_delivery_changes_nothing,
    the_time_zone_of_the_instant_changes_nothing,
    what_comes_later_does_not_count,
    what_if_questions_agree_with_the_event,
    with_shown_deadlines,
)

_ONCE: Final = ("first_response", "resolution", "workaround")


def elapsed_never_falls(policy: SlaPolicy, history: History, at: datetime) -> None:
    """Without a further event, elapsed time does not fall, and grows no faster than time."""
    known = known_at(history, at)
    early, late = measured(policy, known, at), measured(policy, known, at + STEP)
    for before, after in zip(early, late, strict=True):
        require(timedelta() <= before.elapsed <= after.elapsed <= before.elapsed + STEP)


def a_pause_without_length_is_nothing(policy: SlaPolicy, history: History, at: datetime) -> None:
    """A pause that ends at the instant of its beginning changes nothing."""
    paused = history.append(Event.paused(at, "nothing"), Event.resumed(at, "nothing"))
    agree(measured(policy, history, at), measured(policy, paused, at))


def overlapping_pauses_are_their_union(policy: SlaPolicy, history: History, at: datetime) -> None:
    """Two overlapping pauses count as one pause that covers both."""
    one, two, three, four = (at + each * timedelta(hours=1) for each in range(4))
    apart = history.append(
        Event.paused(one, "first"),
        Event.paused(two, "second"),
        Event.resumed(three, "first"),
        Event.resumed(four, "second"),
    )
    union = history.append(Event.paused(one, "first"), Event.resumed(four, "first"))
    if not possible(history, apart, union):
        return
    agree(measured(policy, apart, four), measured(policy, union, four))


def splitting_a_pause_changes_nothing(policy: SlaPolicy, history: History, at: datetime) -> None:
    """A pause that ends and begins again at one instant counts as one pause."""
    middle, end = at + STEP, at + 2 * STEP
    whole = history.append(Event.paused(at, "whole"), Event.resumed(end, "whole"))
    split = whole.append(Event.resumed(middle, "whole"), Event.paused(middle, "whole"))
    if not possible(history, whole, split):
        return
    agree(measured(policy, whole, end), measured(policy, split, end))


def a_deadline_is_the_target_and_the_paused_open_time(
    policy: SlaPolicy, history: History, at: datetime
) -> None:
    """A deadline is the target, plus the open time of the pauses before it, by the calendar."""
    opened = next((each for each in history.events if each.kind == "opened"), None)
    if opened is None:
        return
    paused = opened.at + timedelta(minutes=90)
    resumed = max(at, paused)
    case = History([opened, Event.paused(paused, "wait"), Event.resumed(resumed, "wait")])
    for reading in measured(with_shown_deadlines(policy), case, resumed):
        target = _target_of(policy, reading, opened)
        if target is None or not isinstance(target.within, timedelta):
            continue
        hours = Calendar.always() if target.calendar is None else policy.calendars[target.calendar]
        landing = policy.options.landing
        unpaused = hours.add(opened.at, target.within, landing=landing)
        stops = _is_paused_by(policy, target, "wait") and unpaused > paused
        used_before = hours.between(opened.at, paused) >= target.within
        more = hours.between(paused, resumed) if stops and not used_before else timedelta()
        expected = hours.add(opened.at, target.within + more, landing=landing)
        if not used_before:
            require(reading.due == expected)


def _target_of(policy: SlaPolicy, reading: Reading, opened: Event) -> Target | None:
    if reading.name not in _ONCE or reading.started_at != opened.at:
        return None
    channel, declared = opened.channel or "", opened.conditions or frozenset()
    case = (opened.severity, channel, declared, opened.request_kind)
    mine = (each for each in policy.targets if each.milestone == reading.name)
    return next((each for each in mine if each.fits(*case)), None)


def _is_paused_by(policy: SlaPolicy, target: Target, reason: str) -> bool:
    by = target.paused_by
    if by is None:
        by = policy.options.paused_by.get(target.milestone)
    return by is None or reason in by


def elapsed_and_remaining_time_are_the_target(
    policy: SlaPolicy, history: History, at: datetime
) -> None:
    """Elapsed and remaining time add up to the target; after a breach the rest is negative."""
    for reading in measured(policy, history, at):
        if reading.target is not None and reading.remaining is not None:
            require(reading.elapsed + reading.remaining == reading.target)


def a_breach_comes_exactly_at_the_deadline(
    policy: SlaPolicy, history: History, at: datetime
) -> None:
    """A clock runs until one microsecond before its deadline, and is late at the deadline."""
    known = known_at(history, at)
    for reading in measured(policy, known, at):
        if reading.state is MilestoneState.RUNNING and reading.due is not None:
            before = measured(policy, known, reading.due - MICROSECOND)[reading.name]
            after = measured(policy, known, reading.due)[reading.name]
            require(before.state is MilestoneState.RUNNING)
            require(after.state is MilestoneState.MISSED)
            require(after.missed_at == reading.due)
            guaranteed = after.commitment is Commitment.GUARANTEE
            require(after.breached_at == (reading.due if guaranteed else None))


def an_answer_at_the_deadline_meets_it(policy: SlaPolicy, history: History, at: datetime) -> None:
    """An answer at the deadline is in time, one a microsecond later is not.

    For an exclusive target, the last instant in time is a microsecond before the deadline.
    """
    known = known_at(history, at)
    reading = next((each for each in measured(policy, known, at) if each.name == _ONCE[0]), None)
    if reading is None or reading.state is not MilestoneState.RUNNING or reading.due is None:
        return
    last = reading.due - MICROSECOND if reading.exclusive else reading.due
    for late, state in ((timedelta(), MilestoneState.MET), (MICROSECOND, MilestoneState.MISSED)):
        answer = Event.responded(last + late)
        found = measured(policy, known.append(answer), last + late)
        judged = found.cycles("first_response")[reading.cycle - 1]
        require(judged.state is state)


def carrying_keeps_the_used_time(policy: SlaPolicy, history: History, at: datetime) -> None:
    """With `carry`, a change of severity keeps the elapsed time, if there was a target."""
    carrying = with_shown_deadlines(policy, severity_change=SeverityChangeRule.CARRY)
    known = known_at(history, at)
    if all(event.severity is None for _, event, _, _ in known.entries):
        return
    before = measured(carrying, known, at)
    for name in severities_of(policy)[-1:]:
        after = measured(carrying, known.append(Event.severity_changed(at, name)), at)
        for old, new in zip(before, after, strict=True):
            if old.cycle and old.cycle == new.cycle and old.target and new.target:
                require(new.elapsed == old.elapsed)


def warnings_come_in_order_and_before_the_breach(
    policy: SlaPolicy, history: History, at: datetime
) -> None:
    """Warnings are sorted, each at a different amount, and none is after the deadline."""
    for reading in measured(with_shown_deadlines(policy), history, at):
        instants = [each.at for each in reading.warnings]
        require(instants == sorted(instants))
        require(len({each.used for each in reading.warnings}) == len(instants))
        require(all(reading.due is None or each <= reading.due for each in instants))


def a_better_target_is_never_due_later(policy: SlaPolicy, history: History, at: datetime) -> None:
    """Half the time of a target does not give a later deadline."""
    halved = attrs.evolve(
        with_shown_deadlines(policy), targets=[_half(each) for each in policy.targets]
    )
    slow, fast = measured(with_shown_deadlines(policy), history, at), measured(halved, history, at)
    for name in policy.milestones:
        if name in _ONCE:
            _not_later(fast[name], slow[name])


def _half(target: Target) -> Target:
    within = target.within
    better = within / 2 if isinstance(within, timedelta) else within
    return attrs.evolve(target, within=better, warn=())


def _not_later(one: Reading, other: Reading) -> None:
    if one.due is not None and other.due is not None:
        require(one.due <= other.due, one, other)


def a_change_of_calendar_touches_only_the_future(
    policy: SlaPolicy, history: History, at: datetime
) -> None:
    """A change of calendar keeps the elapsed time."""
    promise = with_shown_deadlines(policy, terms_change=TermsChangeRule.FROM_CHANGE)
    swapped = attrs.evolve(
        promise.with_calendars(dict.fromkeys(promise.calendars, Calendar.always())), id="swapped"
    )
    known = known_at(history, at)
    others = [*other_terms(promise), swapped]
    changed = known.append(Event.terms_changed(at, policy="swapped"))
    before = measure(promise, known, at, others=others)
    after = measure(promise, changed, at, others=others)
    for old in before:
        if old.target is not None and old.cycle == after[old.name].cycle:
            require(after[old.name].elapsed == old.elapsed)


def no_change_makes_a_case_late_before_it(
    policy: SlaPolicy, history: History, at: datetime
) -> None:
    """A change that keeps elapsed time gives no deadline before it, or the deadline missed."""
    known = known_at(history, at)
    was_set = any(event.severity is not None for _, event, _, _ in known.entries)
    swapped = dict(zip(policy.calendars, tuple(policy.calendars.values())[::-1], strict=True))
    others = [
        *other_terms(policy),
        attrs.evolve(
            policy, id="swapped", calendars=swapped, targets=[*map(_next_day, policy.targets)]
        ),
    ]
    names = {*severities_of(policy)[:1], *severities_of(policy)[-1:]}
    changes = [Event.severity_changed(at, each) for each in names if was_set]
    changes.append(Event.terms_changed(at, policy="swapped"))
    for change in changes:
        promise = _carrying(policy, change)
        before = measure(promise, known, at, others=others)
        after = measure(promise, known.append(change), at, others=others)
        for old in before:
            new = after[old.name]
            if (
                old.completed_at is old.cancelled_at is None
                and 0 < old.cycle == new.cycle
                and new.due is not None
            ):
                require(new.due >= (old.missed_at or at), change, old, new)


def _next_day(target: Target) -> Target:
    """Return the target within one business day, if it has a calendar and promises anything."""
    if target.calendar is None or target.within is None:
        return target
    return attrs.evolve(target, within=BusinessDays(1, anchor=Anchor.END), warn=())


def _carrying(policy: SlaPolicy, change: Event) -> SlaPolicy:
    """Return the policy with options by which this kind of change keeps the elapsed time."""
    options = policy.options
    if change.kind is EventKind.SEVERITY_CHANGED and (
        options.severity_change is SeverityChangeRule.RECOMPUTE
    ):
        return with_shown_deadlines(policy, severity_change=SeverityChangeRule.CARRY)
    if change.kind is EventKind.TERMS_CHANGED and options.terms_change is TermsChangeRule.LAST:
        return with_shown_deadlines(policy, terms_change=TermsChangeRule.FROM_CHANGE)
    return with_shown_deadlines(policy)


def later_versions_move_no_accepted_deadline(
    policy: SlaPolicy, history: History, at: datetime
) -> None:
    """A case keeps the version in force at its opening."""
    opened = next((each for each in history.events if each.kind == "opened"), None)
    if opened is None or opened.at > at:
        return
    worse = attrs.evolve(policy, id="later", targets=[_half(each) for each in policy.targets])
    versions = PolicyVersions([(opened.at, policy), (opened.at + MICROSECOND, worse)])
    agree(
        measured(policy, history, at),
        measure(versions, history, at, others=other_terms(policy)),
    )


def pausing_never_makes_a_deadline_earlier(
    policy: SlaPolicy, history: History, at: datetime
) -> None:
    """A further pause makes a deadline later or leaves it unchanged."""
    paused = history.append(Event.paused(at, "more"), Event.resumed(at + STEP, "more"))
    later = at + 4 * STEP
    without, with_pause = (
        measured(with_shown_deadlines(policy), each, later) for each in (history, paused)
    )
    for name in policy.milestones:
        if name in _ONCE:
            _not_later(without[name], with_pause[name])


def a_pause_in_closed_time_changes_nothing(
    policy: SlaPolicy, history: History, at: datetime
) -> None:
    """A pause while all calendars are closed changes no deadline and no elapsed time."""
    hours = [each for each in policy.calendars.values() if not each.is_open(at)]
    if len(hours) < len(policy.calendars) or any(each.calendar is None for each in policy.targets):
        return
    openings = [opening for each in hours if (opening := each.next_open(at)) is not None]
    if not openings:
        return
    end = min(openings)
    paused = history.append(Event.paused(at, "night"), Event.resumed(end, "night"))
    plain, with_pause = (
        measured(with_shown_deadlines(policy), each, end) for each in (history, paused)
    )
    for one, other in zip(plain, with_pause, strict=True):
        require((one.state, one.due, one.elapsed) == (other.state, other.due, other.elapsed))


def a_holiday_never_makes_a_deadline_earlier(
    policy: SlaPolicy, history: History, at: datetime
) -> None:
    """A holiday makes a deadline later or leaves it unchanged.

    Business days of a paused clock are left out: they are moved on by the open time of the pause,
    which a holiday makes shorter.
    """
    closed = {name: _with_holiday(hours, at) for name, hours in policy.calendars.items()}
    plain, promise = (
        with_shown_deadlines(policy),
        with_shown_deadlines(policy).with_calendars(closed),
    )
    later = at + 4 * STEP
    for name in policy.milestones:
        if name not in _ONCE:
            continue
        before = measured(plain, history, later)[name]
        days = any(
            isinstance(each.within, BusinessDays)
            for each in policy.targets
            if each.milestone == name
        )
        if not (days and before.paused):
            _not_later(before, measured(promise, history, later)[name])


def _with_holiday(hours: BusinessHours, at: datetime) -> BusinessHours:
    if not isinstance(hours, Calendar):
        return hours
    dates = [holiday.date for each in hours.holidays for holiday in each.holidays]
    return attrs.evolve(hours, holidays=sorted({*dates, at.date()}))


LAWS: Final[tuple[Law, ...]] = (
    elapsed_never_falls,
    a_pause_without_length_is_nothing,
    overlapping_pauses_are_their_union,
    splitting_a_pause_changes_nothing,
    a_deadline_is_the_target_and_the_paused_open_time,
    elapsed_and_remaining_time_are_the_target,
    a_breach_comes_exactly_at_the_deadline,
    an_answer_at_the_deadline_meets_it,
    the_order_of_delivery_changes_nothing,
    a_tracker_measures_as_its_history,
    carrying_keeps_the_used_time,
    warnings_come_in_order_and_before_the_breach,
    a_better_target_is_never_due_later,
    a_change_of_calendar_touches_only_the_future,
    no_change_makes_a_case_late_before_it,
    later_versions_move_no_accepted_deadline,
    pausing_never_makes_a_deadline_earlier,
    a_pause_in_closed_time_changes_nothing,
    a_holiday_never_makes_a_deadline_earlier,
    the_time_zone_of_the_instant_changes_nothing,
    what_comes_later_does_not_count,
    nothing_changes_before_the_next_change,
    a_trace_covers_the_clock_without_a_hole,
    what_if_questions_agree_with_the_event,
    an_opening_needs_no_history,
)
"""All laws of SLA clocks and queries."""
