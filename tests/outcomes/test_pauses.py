from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.outcomes.test_attainment import at, case, seeded

from entitlements.kernel import InvalidValueError
from entitlements.kernel.spans import total_length, union
from entitlements.outcomes import OddPause, audit_pauses
from entitlements.sla import Event

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
def test_a_pause_that_has_no_end_is_odd(seed: int, hours: int) -> None:
    for each in audit_pauses(seeded(seed), at(hours)).pauses:
        assert (each.end is None) == (OddPause.NEVER_ENDED in each.odd)


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
