"""Laws of SLA queries: traces, what-if questions, next change, trackers and order of delivery.

These laws do not depend on how clocks count. The helper functions are shared by all SLA laws.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from typing import Final, TypeAlias

import attrs

from entitlements.kernel.instants import MICROSECOND, from_micros
from entitlements.sla import (
    Event,
    History,
    Measurement,
    MilestoneState,
    SlaPolicy,
    Tracker,
    measure,
    measure_with_severity,
    next_change,
)
from entitlements.sla.options.clock_options import (
    PausedDueDisplay,
    SeverityChangeRule,
    TermsChangeRule,
)

Law: TypeAlias = Callable[[SlaPolicy, History, datetime], None]
"""Takes a policy, a history and an instant; fails with an assertion."""

STEP: Final = timedelta(hours=3)


def require(claim: bool, *about: object) -> None:  # noqa: FBT001 - the claim is all it takes
    """Fail unless the claim holds."""
    if not claim:
        raise AssertionError(*about)


def with_shown_deadlines(
    policy: SlaPolicy,
    *,
    severity_change: SeverityChangeRule | None = None,
    terms_change: TermsChangeRule | None = None,
) -> SlaPolicy:
    """Return the policy with deadlines shown during pauses, and other rules for changes."""
    options = attrs.evolve(
        policy.options,
        while_paused=PausedDueDisplay.AS_IF_RESUMED,
        severity_change=severity_change or policy.options.severity_change,
        terms_change=terms_change or policy.options.terms_change,
    )
    return attrs.evolve(policy, options=options)


def known_at(history: History, at: datetime) -> History:
    """Return the history without the events after `at`."""
    return history.as_known(at)


def other_terms(policy: SlaPolicy) -> list[SlaPolicy]:
    """Return the policy `silver`, to which the terms of a history may change."""
    return [attrs.evolve(policy, id="silver")]


def severities_of(policy: SlaPolicy) -> list[str]:
    """Return severities that a case of the policy may have, those that it names first.

    Of names that it does not know, there are those for which it promises a first response too.
    """
    names = dict.fromkeys([*policy.severities, "S1", "S2", "S3"])
    return [each for each in names if not policy.missing([each])]


def measured(policy: SlaPolicy, history: History, at: datetime) -> Measurement:
    """Return the measurement, with a policy `silver` for changes of terms."""
    return measure(policy, history, at, others=other_terms(policy))


def possible(history: History, *longer: History) -> bool:
    """Return whether all added events are possible, and make no other event impossible."""
    return all(each.rejected == history.rejected for each in longer)


def agree(one: Measurement, other: Measurement) -> None:
    """Fail unless all readings are equal."""
    for one_reading, other_reading in zip(one, other, strict=True):
        require(one_reading == other_reading, one_reading, other_reading)
        require(one_reading.warnings == other_reading.warnings)


def a_trace_covers_the_clock_without_a_hole(
    policy: SlaPolicy, history: History, at: datetime
) -> None:
    """Segments follow one another, and those that counted add up to the elapsed time."""
    for reading in measured(policy, history, at):
        segments = list(reading.trace())
        for before, after in pairwise(segments):
            require(before.end == after.start)
        counted = (each.end - each.start for each in segments if each.use == "counted")
        require(sum(counted, timedelta()) == reading.elapsed)
        if segments:
            require(segments[0].start == reading.started_at)


def what_if_questions_agree_with_the_event(
    policy: SlaPolicy, history: History, at: datetime
) -> None:
    """A what-if severity or resumption gives the same as the event itself."""
    known, others = known_at(history, at), other_terms(policy)
    for name in severities_of(policy)[1:2]:
        supposed = measure_with_severity(policy, history, name, at, others=others)
        agree(supposed, measured(policy, known.append(Event.severity_changed(at, name)), at))
    for reading in measured(policy, known, at):
        if reading.state is MilestoneState.PAUSED:
            # After all other events of that instant, unless a rejected pause then begins.
            last = known.append(Event.resumed(at, sequence=1))
            if not possible(known, last):
                return
            resumed = measured(policy, last, at)[reading.name]
            require(reading.due_if_resumed_at(at) == resumed.due)


def an_opening_needs_no_history(policy: SlaPolicy, history: History, _: datetime) -> None:
    """The compiled deadlines of an opening are those that measuring the case gives."""
    opened = next((each for each in history.events if each.kind == "opened"), None)
    if opened is None:
        return
    targets = policy.compiled.targets_for(
        opened.severity,
        opened.channel or "",
        opened.conditions or frozenset(),
        opened.request_kind,
    )
    dues = zip(targets.names, targets.due_instants(opened.micros), strict=True)
    expected = {name: None if due is None else from_micros(due) for name, due in dues}
    for reading in measure(policy, History([opened]), opened.at):
        require(expected[reading.name] == reading.due)
        if reading.due is not None:
            warnings = targets.warnings(reading.name, opened.micros)
            require([*map(from_micros, warnings)] == [each.at for each in reading.warnings])


def nothing_changes_before_the_next_change(
    policy: SlaPolicy, history: History, at: datetime
) -> None:
    """No state, deadline or warning changes before `next_change`."""
    others = other_terms(policy)
    change = next_change(policy, history, at, others=others)
    before = change - MICROSECOND if change is not None else at + 100 * STEP
    if before <= at:
        return
    for one_reading, other_reading in zip(
        measured(policy, history, at), measured(policy, history, before), strict=True
    ):
        require(one_reading.state == other_reading.state)
        if one_reading.state is not MilestoneState.PAUSED:
            require(
                (one_reading.due, one_reading.warnings)
                == (other_reading.due, other_reading.warnings)
            )


def what_comes_later_does_not_count(policy: SlaPolicy, history: History, at: datetime) -> None:
    """Events after the instant do not change a measurement."""
    require(measured(policy, history, at) == measured(policy, known_at(history, at), at))


def the_time_zone_of_the_instant_changes_nothing(
    policy: SlaPolicy, history: History, at: datetime
) -> None:
    """The same instant in another zone gives the same measurement, in UTC."""
    elsewhere = at.astimezone(timezone(timedelta(hours=5, minutes=45)))
    answer = measured(policy, history, elsewhere)
    require(answer == measured(policy, history, at))
    require(all(each.due is None or each.due.tzinfo is UTC for each in answer))


def a_tracker_measures_as_its_history(policy: SlaPolicy, history: History, at: datetime) -> None:
    """A tracker to which events are appended in order measures as the whole history."""
    tracker = Tracker(policy, others=other_terms(policy))
    for event in history.events:
        tracker.append(event)
        tracker.measure(event.at)
    require(tracker.measure(at) == measured(policy, history, at))


def the_order_of_delivery_changes_nothing(
    policy: SlaPolicy, history: History, at: datetime
) -> None:
    """A tracker to which events are appended in reverse order measures as the whole history."""
    tracker = Tracker(policy, others=other_terms(policy))
    for event in reversed(history.events):
        tracker.append(event)
    require(tracker.measure(at) == measured(policy, history, at))
