from __future__ import annotations

from datetime import timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.outcomes.test_attainment import RESPONSE, at, case, seeded

from entitlements.kernel import InvalidValueError
from entitlements.kernel.periods.spans import total_length, union
from entitlements.outcomes import CaseRecord, OddPause, Pause, audit_pauses
from entitlements.sla import Event, PolicyVersions, measure
from entitlements.sla.case_history.history import HistoryEntry
from entitlements.sla.clock.clock_state import ClockState

seeds = st.integers(0, 2**32)
MINUTE = timedelta(minutes=1)


@given(seeds, st.integers(0, 400))
def test_the_held_time_is_that_in_any_pause(seed: int, hours: int) -> None:
    cases = seeded(seed)
    audit = audit_pauses(cases, at(hours))
    held = 0
    for each in cases:
        own = [one for one in audit.pauses if one.case == each.id]
        spans = [
            ((one.start - at(0)) // MINUTE, ((one.end or audit.at) - at(0)) // MINUTE)
            for one in own
        ]
        held += total_length(union(spans))
    assert audit.held == held * MINUTE
    assert timedelta() <= audit.held <= audit.open_time


@given(seeds, st.integers(0, 400))
def test_without_the_pauses_the_sums_are_the_same(seed: int, hours: int) -> None:
    cases = seeded(seed)
    audit = audit_pauses(cases, at(hours))
    assert audit_pauses(cases, at(hours), keep_pauses=False) == attrs.evolve(audit, pauses=())
    for odd in OddPause:
        count = sum(odd in each.odd for each in audit.pauses)
        assert audit.odd_counts.get(odd, 0) == count


@given(seeds, st.integers(0, 400))
def test_a_pause_that_has_no_end_is_odd(seed: int, hours: int) -> None:
    for each in audit_pauses(seeded(seed), at(hours)).pauses:
        assert (each.end is None) == (OddPause.NEVER_ENDED in each.odd)


def odd_of(one: CaseRecord, pause: Pause) -> set[OddPause]:
    """What is odd about a pause, from the clocks as they were the instant before it."""
    before = measure(one.policy, one.history, pause.start - timedelta(microseconds=1))
    left = [
        each.due - pause.start
        for each in before
        if each.next_change is not None and each.due is not None
    ]
    odd = {OddPause.NEVER_ENDED} if pause.end is None else set()
    if any(timedelta() < each <= 15 * MINUTE for each in left):
        odd.add(OddPause.JUST_BEFORE_DUE)
    length = None if pause.end is None else pause.end - pause.start
    if length is not None and any(
        timedelta() < each <= length < each + 15 * MINUTE for each in left
    ):
        odd.add(OddPause.ENDED_AT_DUE)
    return odd


@given(seeds, st.integers(0, 400))
def test_what_is_odd_follows_from_the_clocks_just_before_the_pause(seed: int, hours: int) -> None:
    cases = {each.id: each for each in seeded(seed)}
    for each in audit_pauses(cases.values(), at(hours)).pauses:
        assert each.odd == odd_of(cases[each.case], each)


def test_a_correction_changes_the_pauses_and_not_what_was_known_before_them() -> None:
    late = Event.responded(at(2), id="late")
    events = [
        Event.opened(at(1)),
        late,
        Event.paused(at(4.9), "customer"),
        Event.resumed(at(9), "customer"),
    ]
    (pause,) = audit_pauses([case("R-1", events)], at(10)).pauses
    assert pause.odd == set()
    withdrawn = [*events, Event.corrected(at(8), "late")]
    (pause,) = audit_pauses([case("R-1", withdrawn)], at(10)).pauses
    assert pause.odd == set()  # when it was paused, there was an answer
    before = [*events, Event.corrected(at(4), "late")]
    (pause,) = audit_pauses([case("R-1", before)], at(10)).pauses
    assert pause.odd == {OddPause.JUST_BEFORE_DUE}


def test_a_case_that_was_opened_and_paused_at_once_is_not_odd() -> None:
    versions = PolicyVersions([(at(1), RESPONSE)])  # none was in force before
    events = [Event.opened(at(1)), Event.paused(at(1), "customer")]
    audit = audit_pauses([case("R-1", events, policy=versions)], at(10))
    assert audit.broken == {}
    assert [each.odd for each in audit.pauses] == [{OddPause.NEVER_ENDED}]


def test_the_events_of_a_case_are_folded_once_however_many_pauses_it_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    events = [Event.opened(at(1))]
    for number in range(20):
        events += [
            Event.paused(at(2 + number), "customer"),
            Event.resumed(at(2.5 + number), "customer"),
        ]
    applied: list[HistoryEntry] = []
    apply = ClockState.apply

    def noted(state: ClockState, entry: HistoryEntry) -> None:
        applied.append(entry)
        apply(state, entry)

    monkeypatch.setattr(ClockState, "apply", noted)
    audit = audit_pauses([case("R-1", events)], at(100))
    assert (len(audit.pauses), len(applied)) == (20, len(events))


def test_reasons_that_overlap_are_counted_each_for_itself_and_once_together() -> None:
    events = [
        Event.opened(at(1)),
        Event.paused(at(2), "customer", by="bob"),
        Event.paused(at(3), "vendor", by="eve"),
        Event.resumed(at(4), "customer"),
        Event.resumed(at(6), "vendor"),
    ]
    audit = audit_pauses([case("R-1", events)], at(10))
    assert audit.held == timedelta(hours=4)
    assert audit.open_time == timedelta(hours=9)
    assert dict(audit.by_reason) == {"customer": timedelta(hours=2), "vendor": timedelta(hours=3)}
    assert [(each.reason, each.by) for each in audit.pauses] == [
        ("customer", "bob"),
        ("vendor", "eve"),
    ]
    assert audit.odd == ()


# The first response is due after four hours, at 5
@pytest.mark.parametrize(
    ("minutes", "is_odd"), [(16, False), (15, True), (1, True), (0, False), (-5, False)]
)
def test_a_pause_that_begins_just_before_a_deadline_is_odd(minutes: int, is_odd: bool) -> None:  # noqa: FBT001 - a table
    began = at(5) - minutes * MINUTE
    events = [
        Event.opened(at(1)),
        Event.paused(began, "customer"),
        Event.resumed(at(9), "customer"),
    ]
    (pause,) = audit_pauses([case("R-1", events)], at(10)).pauses
    assert (OddPause.JUST_BEFORE_DUE in pause.odd) == is_odd


# The deadline at 5 moves as long as the pause lasts; from 5 to before 5:15 it ended with it.
@pytest.mark.parametrize(
    ("minutes", "odd"),
    [(-1, set()), (0, {OddPause.ENDED_AT_DUE}), (14, {OddPause.ENDED_AT_DUE}), (15, set())],
)
def test_a_pause_that_ends_with_the_deadline_that_it_moved_is_odd(
    minutes: int, odd: set[OddPause]
) -> None:
    events = [
        Event.opened(at(1)),
        Event.paused(at(3), "customer"),
        Event.resumed(at(5) + minutes * MINUTE, "customer"),
    ]
    (pause,) = audit_pauses([case("R-1", events)], at(10)).pauses
    assert pause.odd == odd


def test_a_pause_after_the_answer_is_not_odd() -> None:
    events = [
        Event.opened(at(1)),
        Event.responded(at(2)),
        Event.paused(at(4.9), "customer"),
        Event.resumed(at(9), "customer"),
    ]
    assert audit_pauses([case("R-1", events)], at(10)).odd == ()


def test_a_negative_time_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="is negative"):
        audit_pauses([], at(0), just_before=-MINUTE)
