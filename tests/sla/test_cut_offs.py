"""Cut-offs in the clocks of a case: what counts as received later, and what is late when."""

from __future__ import annotations

from datetime import timedelta

import pytest

from entitlements.calendars import BusinessDays, Calendar
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import utc
from entitlements.sla import (
    ClockOptions,
    Event,
    History,
    Measurement,
    MilestoneState,
    SlaPolicy,
    Target,
    measure,
)

HOUR = timedelta(hours=1)
DESK = Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-12:00,13:00-17:00", name="desk")


def policy(*targets: Target, options: ClockOptions | None = None) -> SlaPolicy:
    return SlaPolicy(
        id="depot", targets=targets, calendars={"desk": DESK}, options=options or ClockOptions()
    )


def first_response(within: object, **more: object) -> Target:
    fields = {"milestone": "first_response", "calendar": "desk", "cut_off": "15:00", **more}
    return Target(within=within, **fields)  # type: ignore[arg-type]


def berlin(text: str) -> str:
    return f"2026-03-{text[:2]}T{text[3:]}+01:00"


def due(promise: SlaPolicy, opened: str) -> str:
    event = Event.opened(berlin(opened))
    reading = measure(promise, History([event]), event.at)["first_response"]
    assert reading.due is not None
    compiled = promise.compiled.targets_for(None, "", frozenset())
    assert compiled.due_instants(event.micros) == (round(reading.due.timestamp() * 1e6),)
    return f"{DESK.local(reading.due):%a %d %H:%M}"


@pytest.mark.parametrize(
    ("opened", "expected"),
    [
        ("24 14:59", "Tue 24 16:59"),
        ("24 15:00", "Wed 25 11:00"),
        ("24 18:00", "Wed 25 11:00"),
        ("24 11:30", "Tue 24 14:30"),
        ("24 12:30", "Tue 24 15:00"),
        ("27 16:00", "Mon 30 11:00"),
    ],
)
def test_hours_count_from_the_opening_after_the_cut_off(opened: str, expected: str) -> None:
    assert due(policy(first_response(2 * HOUR)), opened) == expected


@pytest.mark.parametrize(
    ("opened", "expected"),
    [
        pytest.param("24 14:59", "Wed 25 17:00", id="next business day"),
        pytest.param("24 15:00", "Thu 26 17:00", id="one day later after the cut-off"),
        pytest.param("24 18:00", "Thu 26 17:00", id="received on the next morning"),
        pytest.param("28 12:00", "Tue 31 17:00", id="received on Monday"),
    ],
)
def test_business_days_count_from_the_day_of_receipt(opened: str, expected: str) -> None:
    assert due(policy(first_response(BusinessDays(1, anchor="end"))), opened) == expected


@pytest.mark.parametrize(
    ("opened", "expected"),
    [
        pytest.param("24 10:00", "Tue 24 17:00", id="the closing of today"),
        pytest.param("28 12:00", "Mon 30 17:00", id="on a closed day that of the next open one"),
    ],
)
def test_the_same_business_day_is_its_closing(opened: str, expected: str) -> None:
    same_day = first_response(BusinessDays(0, anchor="end"), cut_off=None)
    assert due(policy(same_day), opened) == expected


def test_a_request_after_closing_is_due_on_the_next_business_day_only_with_a_cut_off() -> None:
    # Without a cut-off, the closing of that date has passed when the request comes.
    assert due(policy(first_response(BusinessDays(0, anchor="end"))), "24 15:00") == "Wed 25 17:00"
    assert due(policy(first_response(BusinessDays(0, anchor="end"))), "24 18:00") == "Wed 25 17:00"


def measured(promise: SlaPolicy, at: str, *events: Event) -> Measurement:
    return measure(
        promise,
        History([Event.opened(berlin("24 15:30"), severity="S2"), *events]),
        utc(berlin(at)),
    )


def test_nothing_counts_before_the_request_counts_as_received() -> None:
    promise = policy(first_response(2 * HOUR))
    reading = measured(promise, "24 17:00")["first_response"]
    assert reading.started_at == utc(berlin("25 09:00"))
    assert (reading.elapsed, reading.remaining) == (timedelta(), 2 * HOUR)
    assert measured(promise, "25 10:00")["first_response"].elapsed == HOUR


def test_an_answer_before_that_is_in_time() -> None:
    answered = measured(
        policy(first_response(2 * HOUR)), "24 16:00", Event.responded(berlin("24 15:45"))
    )
    reading = answered["first_response"]
    assert (reading.state, reading.elapsed) == (MilestoneState.MET, timedelta())


def test_a_pause_before_that_changes_nothing() -> None:
    paused = [Event.paused(berlin("24 16:00"), "customer"), Event.resumed(berlin("24 16:30"))]
    reading = measured(policy(first_response(2 * HOUR)), "25 09:30", *paused)["first_response"]
    assert reading.due == utc(berlin("25 11:00"))


def test_a_pause_over_the_opening_moves_the_deadline_by_its_open_time() -> None:
    paused = [Event.paused(berlin("24 16:00"), "customer"), Event.resumed(berlin("25 10:00"))]
    reading = measured(policy(first_response(2 * HOUR)), "25 10:00", *paused)["first_response"]
    assert reading.due == utc(berlin("25 12:00"))


def test_a_resolution_before_that_and_a_reopening_after_it_leave_out_the_time_between() -> None:
    promise = policy(first_response(2 * HOUR, milestone="resolution"))
    events = [Event.resolved(berlin("24 16:00")), Event.reopened(berlin("25 11:00"))]
    reading = measured(promise, "25 11:00", *events)["resolution"]
    assert reading.due == utc(berlin("25 14:00"))  # 11:00 to 12:00 and 13:00 to 14:00


def test_a_severity_without_a_cut_off_begins_when_it_is_set() -> None:
    promise = policy(
        first_response(2 * HOUR, severities=["S2"]),
        first_response(HOUR, severities=["S1"], cut_off=None),
        options=ClockOptions(severity_change="carry"),  # type: ignore[arg-type]
    )
    raised = Event.severity_changed(berlin("24 16:00"), "S1")
    reading = measured(promise, "24 16:00", raised)["first_response"]
    assert reading.started_at == utc(berlin("24 16:00"))
    assert reading.due == utc(berlin("24 17:00"))


def test_the_explanation_names_the_cut_off() -> None:
    lines = measured(policy(first_response(2 * HOUR)), "24 16:00")["first_response"].explain()
    assert (
        "Tue 2026-03-24 14:30 counts as received Wed 2026-03-25 08:00 by the cut-off at 15:00"
        in lines
    )


def test_a_cut_off_needs_hours_with_days_of_one_zone() -> None:
    both = DESK | Calendar(zone="Asia/Tokyo", week="Mo-Fr 09:00-17:00")
    with pytest.raises(InvalidValueError, match="different zones") as caught:
        SlaPolicy(id="depot", targets=[first_response(HOUR)], calendars={"desk": both})
    assert caught.value.path == "targets[0].cut_off"


@pytest.mark.parametrize(
    ("answered", "state"),
    [
        ("24 10:14:59", MilestoneState.MET),
        ("24 10:15", MilestoneState.MISSED),
        ("24 10:16", MilestoneState.MISSED),
    ],
)
def test_in_less_than_15_minutes_the_due_instant_itself_is_late(
    answered: str, state: MilestoneState
) -> None:
    promise = policy(first_response(HOUR / 4, cut_off=None, exclusive=True))
    history = History([Event.opened(berlin("24 10:00")), Event.responded(berlin(answered))])
    reading = measure(promise, history, utc(berlin("24 10:30")))["first_response"]
    assert reading.state is state
    assert reading.exclusive
