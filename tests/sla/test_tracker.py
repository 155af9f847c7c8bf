"""Trackers measure as the history of all events does, in whatever order these arrive."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.kernel.errors import ConflictError, UnknownIdError
from entitlements.kernel.instants import from_micros, to_micros, utc
from entitlements.sla import Event, History, SlaPolicy, Target, Tracker, measure
from entitlements.sla.tracker import measure_with_deadlines
from entitlements.testing.oracles.sla import walk
from entitlements.testing.strategies import sla as draw


@given(
    draw.policies(),
    draw.policies("silver"),
    draw.histories(),
    st.randoms(use_true_random=False),
    draw.instants(400),
)
def test_events_in_any_order_give_the_state_of_the_whole_history(
    policy: SlaPolicy, other: SlaPolicy, history: History, random: object, at: datetime
) -> None:
    events = list(history.events)
    random.shuffle(events)  # type: ignore[attr-defined] - a random.Random
    tracker = Tracker(policy, others=[other])
    for event in events:
        tracker.append(event)
    assert tracker.history == history
    assert tracker.measure(at) == measure(policy, history, at, others=[other])


@given(draw.policies(), draw.policies("silver"), draw.histories())
def test_after_every_event_a_tracker_measures_as_the_history_so_far(
    policy: SlaPolicy, other: SlaPolicy, history: History
) -> None:
    tracker = Tracker(policy, others=[other])
    kept = []
    for count, event in enumerate(history.events, start=1):
        tracker.append(event)
        at = event.at + draw.STEP
        expected = measure(policy, History(history.events[:count]), at, others=[other])
        kept.append((tracker.measure(at), expected))
    # Read only now, because earlier measurements must not change with the case.
    for measured, expected in kept:
        assert measured == expected
        assert measured.to_dict() == expected.to_dict()
        for reading, same in zip(measured, expected, strict=True):
            assert list(reading.trace()) == list(same.trace())


@given(
    draw.policies(),
    draw.policies("silver"),
    draw.histories(),
    st.lists(draw.instants(400), min_size=1, max_size=4),
)
def test_the_deadlines_that_ran_at_each_instant_are_those_of_the_readings(
    policy: SlaPolicy, other: SlaPolicy, history: History, instants: list[datetime]
) -> None:
    *earlier, at = sorted(instants)
    before = [to_micros(each) for each in earlier]
    found, running = measure_with_deadlines(policy, history, at, before, others=[other])
    assert found == measure(policy, history, at, others=[other])
    for each in earlier:
        readings = measure(policy, history, each, others=[other])
        left = [one.due for one in readings if one.next_change is not None]
        assert [from_micros(due) for due in running[to_micros(each)]] == left


HOUR = Target(milestone="first_response", within=timedelta(hours=1), severities=["S1"])
POLICY = SlaPolicy(id="p", targets=[HOUR])


def test_an_unknown_severity_changes_nothing() -> None:
    tracker = Tracker(POLICY, History([Event.opened("2026-03-02T09:00Z", severity="S1")]))
    before = tracker.history
    with pytest.raises(UnknownIdError, match=r"no severity .* has the id `S9`"):
        tracker.append(Event.severity_changed("2026-03-02T09:10Z", "S9"))
    assert tracker.history == before
    assert tracker.measure(utc("2026-03-02T09:30Z"))["first_response"].due == utc(
        "2026-03-02T10:00Z"
    )


def test_two_events_with_one_id_must_be_the_same() -> None:
    opened = Event.opened("2026-03-02T09:00Z", severity="S1", id="e1")
    tracker = Tracker(POLICY, History([opened]))
    tracker.append(opened)
    with pytest.raises(ConflictError, match="two events have the id `e1` and differ"):
        tracker.append(Event.opened("2026-03-02T09:30Z", severity="S1", id="e1"))
    assert len(tracker.history) == 1


def test_a_correction_changes_earlier_readings() -> None:
    wrong = Event.responded("2026-03-02T11:00Z", id="late")
    right = Event.responded("2026-03-02T09:40Z")
    tracker = Tracker(POLICY, History([Event.opened("2026-03-02T09:00Z", severity="S1"), wrong]))
    assert tracker.measure(utc("2026-03-02T12:00Z"))["first_response"].state == "missed"
    tracker.append(Event.corrected("2026-03-02T12:00Z", "late", replacement=right))
    assert tracker.measure(utc("2026-03-02T12:00Z"))["first_response"].state == "met"
    assert tracker.measure(utc("2026-03-02T11:30Z"))["first_response"].state == "missed"


def test_before_the_opening_all_milestones_are_pending() -> None:
    assert [each.state for each in Tracker(POLICY).measure(utc("2026-03-02T09:00Z"))] == ["pending"]


def test_an_event_later_than_the_measurement_does_not_count() -> None:
    asked = utc("2026-03-02T09:30Z")
    opened = Event.opened("2026-03-02T09:00Z", severity="S1")
    later = [
        Event.responded("2026-03-02T09:30:00.000001Z"),
        Event.resumed("2026-03-02T09:40Z"),  # not possible, but later than the measurement
        Event.closed("2026-03-02T09:50Z"),
    ]
    tracker = Tracker(POLICY, History([opened, *later]))
    for found in (measure(POLICY, tracker.history, asked), tracker.measure(asked)):
        assert found == measure(POLICY, History([opened]), asked)
        assert found["first_response"].state == "running"
        assert found.rejected == ()
    (expected,) = walk(POLICY, [opened, *later], asked)["first_response"]
    assert expected.state == "running"


def test_a_rejected_event_is_accepted_when_another_of_its_instant_makes_it_possible() -> None:
    # Resumed is tried first, and is possible only after the pause of the same instant.
    tracker = Tracker(POLICY, History([Event.opened("2026-03-02T09:00Z", severity="S1")]))
    tracker.append(Event.resumed("2026-03-02T09:30Z", "customer"))
    tracker.append(Event.paused("2026-03-02T09:30Z", "customer"))
    found = tracker.measure(utc("2026-03-02T09:45Z"))
    assert found.rejected == ()
    assert found["first_response"].due == utc("2026-03-02T10:00Z")


def test_a_tracker_goes_on_after_an_event_that_it_refused() -> None:
    tracker = Tracker(POLICY, History([Event.opened("2026-03-02T09:00Z", severity="S1")]))
    tracker.append(Event.paused("2026-03-02T09:10Z", "customer"))
    with pytest.raises(UnknownIdError, match="glod"):
        tracker.append(Event.terms_changed("2026-03-02T09:20Z", policy="glod"))
    tracker.append(Event.resumed("2026-03-02T09:30Z", "customer"))
    found = tracker.measure(utc("2026-03-02T09:45Z"))
    assert found.rejected == ()
    assert found["first_response"].due == utc("2026-03-02T10:20Z")


def test_a_case_is_opened_after_an_opening_that_was_refused() -> None:
    tracker = Tracker(POLICY)
    with pytest.raises(UnknownIdError, match="S9"):
        tracker.append(Event.opened("2026-03-02T09:00Z", severity="S9"))
    tracker.append(Event.opened("2026-03-02T09:10Z", severity="S1"))
    found = tracker.measure(utc("2026-03-02T09:30Z"))
    assert found.rejected == ()
    assert found["first_response"].due == utc("2026-03-02T10:10Z")
