"""Measurements of all milestones, against literal cases and against the oracle."""

from __future__ import annotations

import json
import pickle
from datetime import datetime, timedelta

import attrs
import pytest
from hypothesis import given

from entitlements.calendars import Calendar
from entitlements.kernel.errors import UnknownIdError
from entitlements.kernel.instants import utc
from entitlements.sla import (
    Event,
    History,
    Measurement,
    Milestone,
    MilestoneState,
    SlaPolicy,
    Target,
    measure,
    next_change,
)
from entitlements.sla.options.clock_options import PausedDueDisplay
from entitlements.sla.pictures import draw_clock
from entitlements.testing.oracles.sla import ExpectedReading, walk
from entitlements.testing.strategies import sla as draw

HOUR = timedelta(hours=1)
DESK = Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-12:30,13:00-17:30", name="berlin")
OPENED = Event.opened("2026-03-27T16:00+01:00", severity="S1")
PAUSED = Event.paused("2026-03-27T17:00+01:00", "customer")
RESUMED = Event.resumed("2026-03-30T10:00+02:00")
RESOLUTION = Target(milestone="resolution", within=4 * HOUR, calendar="desk", warn=[0.5, HOUR])
GOLD = SlaPolicy(id="gold", targets=[RESOLUTION], calendars={"desk": DESK})


def measured_at(when: str, *events: Event) -> Measurement:
    return measure(GOLD, History([OPENED, *events]), utc(when))


def test_a_measurement_has_a_form_as_json_data() -> None:
    found = measured_at(
        "2026-03-30T11:00+02:00", PAUSED, RESUMED, Event.resumed("2026-03-30T08:30Z")
    )
    data = json.loads(json.dumps(found.to_dict()))
    assert data["policy"] == "gold"
    assert data["next_change"] == "2026-03-30T10:00:00Z"
    assert data["milestones"][0]["due"] == "2026-03-30T11:30:00Z"
    assert data["milestones"][0]["remaining_micros"] == 7_200_000_000
    assert data["rejected"][0]["event"]["kind"] == "resumed"


def test_a_measurement_is_a_mapping_of_its_milestones() -> None:
    found = measured_at("2026-03-30T11:00+02:00")
    assert len(found) == 1
    assert "resolution" in found
    assert "update" not in found
    assert [each.name for each in found] == ["resolution"]
    with pytest.raises(UnknownIdError, match="no milestone has the id `resolutoin`"):
        found["resolutoin"]
    assert repr(found["resolution"]) == "<resolution: running, due 2026-03-30T09:30:00Z>"
    assert found != measured_at("2026-03-30T11:00:01+02:00")
    assert hash(found) == hash(measured_at("2026-03-30T11:00+02:00"))


def test_cycles_are_read_from_the_first_to_the_last() -> None:
    update = SlaPolicy(id="p", targets=[Target(milestone="update", within=HOUR)])
    answers = [Event.responded(f"2026-03-27T{hour}:30Z") for hour in (15, 17)]
    found = measure(update, History([OPENED, *answers]), utc("2026-03-27T18:00Z"))
    assert [each.state for each in found.cycles("update")] == ["met", "missed", "running"]
    assert found.cycles("update")[-1] == found["update"]
    with pytest.raises(UnknownIdError):
        found.cycles("resolution")


def test_a_milestone_has_one_name_in_values_texts_data_and_pictures() -> None:
    first = Target(milestone="first_response", within=HOUR)
    promise = SlaPolicy(id="p", targets=[first])
    measured = measure(promise, History([OPENED]), OPENED.at)
    reading = measured["first_response"]
    assert reading is measured[Milestone.FIRST_RESPONSE]
    assert reading.name == "first_response" == promise.milestones[0]
    assert repr(reading).startswith("<first_response: ")
    assert reading.explain()[0].startswith("first_response: ")
    assert reading.to_dict()["milestone"] == "first_response"
    assert "<title>first_response</title>" in draw_clock(reading, DESK)
    before = measure(promise, History([]), OPENED.at)["first_response"]
    assert "first_response: pending" in draw_clock(before, DESK)
    only = SlaPolicy(id="p", targets=[attrs.evolve(first, severities=["S1"])])
    with pytest.raises(UnknownIdError, match="with a `first_response`"):
        only.compiled.targets_for("S2", "", frozenset())


def read_cycles(measured: Measurement) -> dict[str, list[ExpectedReading]]:
    return {
        name: [
            ExpectedReading(
                reading.state.value,
                reading.started_at,
                reading.due,
                reading.completed_at or reading.cancelled_at,
                reading.breached_at is not None,
                reading.elapsed,
                tuple(each.at for each in reading.warnings),
                None if reading.commitment is None else reading.commitment.value,
            )
            for reading in readings
        ]
        for name, readings in ((each.name, measured.cycles(each.name)) for each in measured)
    }


def expected_cycles(
    policy: SlaPolicy, history: History, at: datetime, others: list[SlaPolicy]
) -> dict[str, list[ExpectedReading]]:
    hidden = policy.options.while_paused is PausedDueDisplay.HIDDEN
    found = walk(policy, history.events, at, step=draw.STEP, others=others)
    return {
        name: [
            attrs.evolve(each, due=None) if hidden and each.state == MilestoneState.PAUSED else each
            for each in cycles
        ]
        for name, cycles in found.items()
    }


@given(draw.policies(), draw.policies("silver"), draw.histories(), draw.instants(400))
def test_a_measurement_agrees_with_the_oracle(
    policy: SlaPolicy, other: SlaPolicy, history: History, at: datetime
) -> None:
    measured = measure(policy, history, at, others=[other])
    assert read_cycles(measured) == expected_cycles(policy, history, at, [other])


def test_measurements_with_different_earlier_cycles_differ() -> None:
    policy = SlaPolicy(id="p", targets=[Target(milestone="update", within=2 * HOUR)])
    early, late = (
        measure(
            policy,
            History(
                [
                    Event.opened("2026-03-02T09:00Z"),
                    Event.responded(f"2026-03-02T{first}:00Z"),
                    Event.responded("2026-03-02T12:00Z"),
                ]
            ),
            utc("2026-03-02T13:00Z"),
        )
        for first in ("10", "11")
    )
    assert early["update"] == late["update"]
    assert early != late


def test_a_stored_measurement_keeps_the_cycles_of_its_milestones() -> None:
    update = SlaPolicy(id="p", targets=[Target(milestone="update", within=HOUR)])
    answers = [Event.responded(f"2026-03-27T{hour}:30Z") for hour in (15, 17)]
    found = measure(update, History([OPENED, *answers]), utc("2026-03-27T18:00Z"))
    again = pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(found))))  # noqa: S301 - our own
    assert [each.state for each in again.cycles("update")] == ["met", "missed", "running"]
    assert again == found


BOTH = SlaPolicy(
    id="both",
    targets=[
        Target(milestone="first_response", within=HOUR),
        Target(milestone="resolution", within=9 * HOUR, warn=[2 * HOUR]),
    ],
)


@pytest.mark.parametrize(
    ("hours", "next_hours"), [(0, 1), (0.99, 1), (1, 7), (7, 9), (8, 9), (9, None)]
)
def test_a_case_changes_when_the_first_of_its_milestones_does(
    hours: float, next_hours: int | None
) -> None:
    at = OPENED.at + hours * HOUR
    expected = None if next_hours is None else OPENED.at + next_hours * HOUR
    assert measure(BOTH, History([OPENED]), at).next_change == expected
    assert next_change(BOTH, History([OPENED]), at) == expected


@pytest.mark.parametrize(
    ("event_minutes", "next_minutes"),
    [
        pytest.param(30, 30, id="the event comes first"),
        pytest.param(90, 60, id="the deadline comes first"),
    ],
)
def test_a_case_changes_at_the_deadline_or_the_next_event_whichever_is_first(
    event_minutes: int, next_minutes: int
) -> None:
    answer = Event.responded(OPENED.at + timedelta(minutes=event_minutes))
    expected = OPENED.at + timedelta(minutes=next_minutes)
    assert next_change(BOTH, History([OPENED, answer]), OPENED.at) == expected
