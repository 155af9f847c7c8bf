from datetime import timedelta

import pytest

from entitlements.calendars import Calendar
from entitlements.kernel.instants import utc
from entitlements.sla import (
    CaseStatus,
    Event,
    History,
    Measurement,
    PendingDeadline,
    SlaPolicy,
    Target,
    measure,
)

NINE = utc("2026-03-02T09:00Z")
HOUR = timedelta(hours=1)
DESK = Calendar(zone="UTC", week="Mo-Fr 09:00-17:00", name="desk")
POLICY = SlaPolicy(
    id="p",
    calendars={"desk": DESK},
    targets=[
        Target(milestone="first_response", within=HOUR),
        Target(milestone="resolution", within=4 * HOUR, calendar="desk"),
        Target(milestone="on_site", within=None),
    ],
)


def at(hours: float, *events: Event) -> Measurement:
    opened = Event.opened(NINE, severity="S1")
    return measure(POLICY, History([opened, *events]), NINE + hours * HOUR)


def test_the_next_deadline_is_of_a_milestone_that_is_not_over() -> None:
    assert at(0.5).next_deadline == PendingDeadline(
        milestone="first_response", due=NINE + HOUR, as_of=NINE + HOUR / 2
    )
    answered = at(0.75, Event.responded(NINE + HOUR / 2))
    assert answered.next_deadline is not None
    assert answered.next_deadline.milestone == "resolution"
    assert [each.milestone for each in at(2).deadlines] == ["first_response", "resolution"], (
        "missed"
    )


def test_a_deadline_in_a_pause_moves_by_the_paused_business_time() -> None:
    paused = Event.paused(NINE + HOUR, "pending")
    first, night = at(3, paused), at(3 + 24, paused)
    assert first["resolution"].due is None, "nothing to meet while it waits"
    deadline = {each.milestone: each for each in first.deadlines}["resolution"]
    assert (deadline.due, deadline.moves) == (NINE + 6 * HOUR, True)
    later = {each.milestone: each for each in night.deadlines}["resolution"]
    assert later.due == NINE + 24 * HOUR + 6 * HOUR, "8 business hours later"
    assert str(deadline) == (
        "resolution due 2026-03-02T15:00:00Z as if it resumed now; "
        "moves by the paused business time"
    )
    resumed = at(4, paused, Event.resumed(NINE + 3 * HOUR))
    assert resumed["resolution"].due == deadline.due


@pytest.mark.parametrize(
    ("events", "status", "reasons"),
    [
        pytest.param([], CaseStatus.OPEN, set(), id="open"),
        pytest.param([Event.paused(NINE, "pending")], CaseStatus.PAUSED, {"pending"}, id="waits"),
        pytest.param([Event.resolved(NINE)], CaseStatus.RESOLVED, set(), id="resolved"),
    ],
)
def test_a_measurement_states_the_status_of_the_case(
    events: list[Event], status: CaseStatus, reasons: set[str]
) -> None:
    found = at(1, *events)
    assert (found.status, found.pause_reasons, found.severity) == (status, reasons, "S1")
    assert at(-1).status is CaseStatus.UNOPENED


def test_a_milestone_is_over_when_its_clock_has_ended() -> None:
    late = at(3, Event.responded(NINE + 2 * HOUR))
    assert [each.over for each in late] == [True, False, True]
    assert [each.over for each in at(2)] == [False, False, True], "missed, and still to be done"
    assert all(each.over for each in at(3, Event.resolved(NINE + HOUR)))
