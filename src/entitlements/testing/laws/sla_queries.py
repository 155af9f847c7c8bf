"""What holds for every question, however and whenever it is asked?

The laws that do not depend on how clocks count, and the words in which all laws are written.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from typing import Final, TypeAlias

import attrs

from entitlements.kernel.instants import from_micros, to_micros
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
from entitlements.sla.options import PausedDueDisplay, SeverityChangeRule, TermsChangeRule

Law: TypeAlias = Callable[[SlaPolicy, History, datetime], None]
"""Takes a policy, a history and an instant; fails with an assertion."""

TICK: Final = timedelta(microseconds=1)
STEP: Final = timedelta(hours=3)


def holds(claim: bool, *about: object) -> None:  # noqa: FBT001 - the claim is all it takes
    """Fail unless the claim holds."""
    if not claim:
        raise AssertionError(*about)


def shown(
    policy: SlaPolicy,
    *,
    severity_change: SeverityChangeRule | None = None,
    terms_change: TermsChangeRule | None = None,
) -> SlaPolicy:
    """Return the policy with deadlines shown during pauses, and other options changed."""
    options = attrs.evolve(
        policy.options,
        while_paused=PausedDueDisplay.AS_IF_RESUMED,
        severity_change=severity_change or policy.options.severity_change,
        terms_change=terms_change or policy.options.terms_change,
    )
    return attrs.evolve(policy, options=options)


def known_at(history: History, at: datetime) -> History:
    """Return what of the history is dated up to `at`."""
    return history.as_known(at)


def other_terms(policy: SlaPolicy) -> list[SlaPolicy]:
    """Return a policy that a history may change to, if it names the id `silver`."""
    return [attrs.evolve(policy, id="silver")]


def measured(policy: SlaPolicy, history: History, at: datetime) -> Measurement:
    """Measure, with a policy called `silver` for changes of terms."""
    return measure(policy, history, at, others=other_terms(policy))


def possible(history: History, *longer: History) -> bool:
    """Return whether all that was added could happen, and made nothing else impossible."""
    return all(each.rejected == history.rejected for each in longer)


def agree(one: Measurement, other: Measurement) -> None:
    """Fail unless all milestones read alike."""
    for mine, its in zip(one, other, strict=True):
        holds(mine == its, mine, its)
        holds(mine.warnings == its.warnings)


def a_trace_covers_the_clock_without_a_hole(
    policy: SlaPolicy, history: History, at: datetime
) -> None:
    """Stretches follow one another, and what they say counted is what the clock says."""
    for reading in measured(policy, history, at):
        stretches = list(reading.trace())
        for before, after in pairwise(stretches):
            holds(before.end == after.start)
        counted = (each.end - each.start for each in stretches if each.use == "counted")
        holds(sum(counted, timedelta()) == reading.elapsed)
        if stretches:
            holds(stretches[0].start == reading.started_at)


def what_if_is_what_would_be(policy: SlaPolicy, history: History, at: datetime) -> None:
    """A supposed severity or resumption gives what the event itself would give."""
    known, others = known_at(history, at), other_terms(policy)
    supposed = measure_with_severity(policy, history, "S2", at, others=others)
    agree(supposed, measured(policy, known.append(Event.severity_changed(at, "S2")), at))
    for reading in measured(policy, known, at):
        if reading.state is MilestoneState.PAUSED:
            # After everything else of that instant, and unless a refused pause then begins.
            last = known.append(Event.resumed(at, sequence=1))
            if not possible(known, last):
                return
            resumed = measured(policy, last, at)[reading.name]
            holds(reading.due_if_resumed_at(at) == resumed.due)


def an_opening_needs_no_history(policy: SlaPolicy, history: History, _: datetime) -> None:
    """The quick way for a case that is only just opened gives what measuring it gives."""
    opened = next((each for each in history.events if each.kind == "opened"), None)
    if opened is None:
        return
    quick = policy.compiled.deadlines(
        opened.severity, opened.channel or "", opened.conditions or frozenset(), opened.micros
    )
    for reading in measure(policy, History([opened]), from_micros(to_micros(opened.at))):
        holds(quick.due(reading.name) == reading.due_micros)
        if reading.due_micros is not None:
            holds(quick.warnings(reading.name) == reading.warning_micros)


def nothing_changes_before_the_next_change(
    policy: SlaPolicy, history: History, at: datetime
) -> None:
    """A scheduler may sleep until the next change, and finds one when it wakes."""
    others = other_terms(policy)
    wake = next_change(policy, history, at, others=others)
    asleep = wake - TICK if wake is not None else at + 100 * STEP
    if asleep <= at:
        return
    for mine, its in zip(
        measured(policy, history, at), measured(policy, history, asleep), strict=True
    ):
        holds(mine.state == its.state)
        if mine.state is not MilestoneState.PAUSED:
            holds((mine.due, mine.warnings) == (its.due, its.warnings))


def what_comes_later_does_not_count(policy: SlaPolicy, history: History, at: datetime) -> None:
    """The answer for an instant needs no event after it."""
    holds(measured(policy, history, at) == measured(policy, known_at(history, at), at))


def the_zone_of_the_question_changes_nothing(
    policy: SlaPolicy, history: History, at: datetime
) -> None:
    """The same instant in another zone gets the same answer, in UTC."""
    elsewhere = at.astimezone(timezone(timedelta(hours=5, minutes=45)))
    answer = measured(policy, history, elsewhere)
    holds(answer == measured(policy, history, at))
    holds(all(each.due is None or each.due.tzinfo is UTC for each in answer))


def going_on_is_the_same_as_starting_over(
    policy: SlaPolicy, history: History, at: datetime
) -> None:
    """S8: a state that goes on with new events is that of all events."""
    tracker = Tracker(policy, others=other_terms(policy))
    for event in history.events:
        tracker.append(event)
        tracker.measure(event.at)
    holds(tracker.measure(at) == measured(policy, history, at))


def deliveries_may_come_in_any_order(policy: SlaPolicy, history: History, at: datetime) -> None:
    """S7: the order of delivery changes nothing."""
    tracker = Tracker(policy, others=other_terms(policy))
    for event in reversed(history.events):
        tracker.append(event)
    holds(tracker.measure(at) == measured(policy, history, at))
