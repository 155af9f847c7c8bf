"""Readings of one milestone at an instant."""

from __future__ import annotations

from datetime import timedelta

import pytest

from entitlements.calendars import BusinessDays, Calendar, tz_release
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import utc
from entitlements.sla import ClockOptions, Event, History, Measurement, SlaPolicy, Target, measure

HOUR = timedelta(hours=1)
DESK = Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-12:30,13:00-17:30", name="berlin")
# The Friday before the clocks of Europe go forward.
OPENED = Event.opened("2026-03-27T16:00+01:00", severity="S1")
PAUSED = Event.paused("2026-03-27T17:00+01:00", "customer")
RESUMED = Event.resumed("2026-03-30T10:00+02:00")


def policy(**options: str) -> SlaPolicy:
    target = Target(milestone="resolution", within=4 * HOUR, calendar="desk", warn=[0.5, HOUR])
    return SlaPolicy(
        id="gold",
        targets=[target],
        calendars={"desk": DESK},
        options=ClockOptions(**options),  # type: ignore[arg-type]
    )


def measured_at(when: str, *events: Event, **options: str) -> Measurement:
    return measure(policy(**options), History([OPENED, *events]), utc(when))


def test_a_reading_has_state_due_warnings_and_pauses() -> None:
    found = measured_at("2026-03-30T11:00+02:00", PAUSED, RESUMED)["resolution"]
    assert found.state == "running"
    assert found.due == utc("2026-03-30T13:30+02:00")
    assert (found.elapsed, found.remaining, found.target) == (2 * HOUR, 2 * HOUR, 4 * HOUR)
    assert [each.at for each in found.warnings] == [
        utc("2026-03-30T11:00+02:00"),
        utc("2026-03-30T12:00+02:00"),
    ]
    assert [(each.used, each.left) for each in found.warnings] == [
        (2 * HOUR, 2 * HOUR),
        (3 * HOUR, HOUR),
    ]
    assert [each.length for each in found.paused] == [timedelta(days=2, hours=16)]
    assert found.next_change == utc("2026-03-30T12:00+02:00")
    assert found.calendar == "desk"
    assert found.completed_at is found.cancelled_at is found.breached_at is None


def test_a_pause_hides_the_deadline_but_not_the_one_if_resumed() -> None:
    found = measured_at("2026-03-28T12:00Z", PAUSED)["resolution"]
    assert (found.state, found.due, found.next_change) == ("paused", None, None)
    assert found.warnings == ()
    assert found.due_if_resumed_at(utc("2026-03-30T10:00+02:00")) == utc("2026-03-30T13:30+02:00")
    with pytest.raises(InvalidValueError, match="the pause begins at"):
        found.due_if_resumed_at(utc("2026-03-27T12:00Z"))


def test_a_pause_may_be_ended_at_the_very_instant_at_which_it_begins() -> None:
    found = measured_at("2026-03-28T12:00Z", PAUSED)["resolution"]
    assert found.due_if_resumed_at(PAUSED.at) == utc("2026-03-30T11:30+02:00")


def test_a_period_that_begins_after_its_pause_has_ended_is_due_as_if_there_were_no_pause() -> None:
    target = Target(milestone="update", within=2 * HOUR, recurrence="sequential")  # type: ignore[arg-type]
    opened = Event.opened("2026-03-02T09:00Z")
    # The next period begins when this one would have ended, at eleven.
    events = [opened, Event.responded("2026-03-02T09:30Z"), Event.paused("2026-03-02T10:00Z", "x")]
    at = utc("2026-03-02T10:30Z")
    found = measure(SlaPolicy(id="p", targets=[target]), History(events), at)["update"]
    assert (found.state, found.started_at) == ("paused", utc("2026-03-02T11:00Z"))
    assert found.due_if_resumed_at(at) == utc("2026-03-02T13:00Z")
    assert found.due_if_resumed_at(utc("2026-03-02T12:00Z")) == utc("2026-03-02T14:00Z")
    with pytest.raises(InvalidValueError, match="the pause begins at"):
        found.due_if_resumed_at(utc("2026-03-02T10:15Z"))


def test_a_pause_may_show_the_deadline_as_if_it_ended_now() -> None:
    found = measured_at("2026-03-30T10:00+02:00", PAUSED, while_paused="as_if_resumed")[
        "resolution"
    ]
    assert (found.state, found.due) == ("paused", utc("2026-03-30T13:30+02:00"))


def test_a_late_clock_goes_on_counting() -> None:
    found = measured_at("2026-03-30T12:00+02:00")["resolution"]
    assert (found.state, found.breached_at) == ("missed", utc("2026-03-30T11:30+02:00"))
    assert found.remaining == -HOUR / 2
    assert found.next_change is None


@pytest.mark.parametrize(
    ("when", "state"),
    [("2026-03-30T09:30:00Z", "met"), ("2026-03-30T09:30:00.000001Z", "missed")],
)
def test_a_resolution_at_the_deadline_meets_it(when: str, state: str) -> None:
    found = measured_at("2026-03-31T12:00Z", Event.resolved(when))["resolution"]
    assert (found.state, found.completed_at) == (state, utc(when))
    assert (found.breached_at is not None) == (state == "missed")


@pytest.mark.parametrize(
    ("when", "state"),
    [("2026-03-30T09:29:59.999999Z", "running"), ("2026-03-30T09:30:00Z", "missed")],
)
def test_a_case_open_at_the_deadline_is_late(when: str, state: str) -> None:
    assert measured_at(when)["resolution"].state == state


def test_a_cancelled_clock_is_neither_met_nor_missed() -> None:
    found = measured_at("2026-03-31T12:00Z", Event.cancelled("2026-03-27T16:30+01:00"))[
        "resolution"
    ]
    assert (found.state, found.completed_at) == ("cancelled", None)
    assert found.cancelled_at == utc("2026-03-27T16:30+01:00")
    assert found.elapsed == HOUR / 2


def test_an_explanation_has_the_trace_and_the_time_zone_data() -> None:
    lines = measured_at("2026-03-30T11:00+02:00", PAUSED, RESUMED)["resolution"].explain()
    assert lines[:-1] == [
        "resolution: running, 2h of 4h used, due Mon 2026-03-30 11:30",
        "Fri 2026-03-27 15:00-Fri 16:00 counted, desk",
        "Fri 2026-03-27 16:00-Mon 08:00 paused, waiting for customer",
        "Mon 2026-03-30 08:00-Mon 10:30 counted, desk",
        "Mon 2026-03-30 10:30-Mon 11:00 closed, weekly hours in `berlin`",
        "Mon 2026-03-30 11:00-Mon 11:30 counted, desk",
    ]
    assert lines[-1] == f"hours {DESK.fingerprint[:12]}, time zone data {tz_release()}"


def test_a_milestone_that_has_not_started_explains_only_its_state() -> None:
    found = measure(policy(start="severity_set"), History([OPENED]), OPENED.at)["resolution"]
    assert found.explain() == ["resolution: pending"]
    assert list(found.trace()) == []
    assert (found.cycle, found.started_at, found.warnings, found.paused) == (0, None, (), ())


@pytest.mark.parametrize(
    ("while_paused", "came"),
    [
        ("hidden", ["2026-03-30T09:30+02:00"]),
        ("as_if_resumed", ["2026-03-30T09:30+02:00", "2026-03-30T12:00+02:00"]),
    ],
)
def test_a_paused_clock_shows_past_warnings_and_hides_future_ones(
    while_paused: str, came: list[str]
) -> None:
    # An hour counts on Friday; half of three hours is used up on Monday at 9:30, two at 10:00, and
    # the case waits from 9:45 to 11:45.
    opened = Event.opened("2026-03-27T16:30+01:00", severity="S1")
    target = Target(milestone="resolution", within=3 * HOUR, calendar="desk", warn=[0.5, HOUR])
    promise = SlaPolicy(
        id="p",
        targets=[target],
        calendars={"desk": DESK},
        options=ClockOptions(while_paused=while_paused),
    )
    waits = Event.paused("2026-03-30T09:45+02:00", "customer")
    found = measure(promise, History([opened, waits]), utc("2026-03-30T11:45+02:00"))["resolution"]
    assert found.state == "paused"
    assert [each.at for each in found.warnings] == [utc(each) for each in came]
    assert (found.due is None) == (while_paused == "hidden")
    resumed = History([opened, waits, Event.resumed("2026-03-30T11:45+02:00")])
    again = measure(promise, resumed, utc("2026-03-30T11:45+02:00"))["resolution"]
    assert [each.at for each in again.warnings] == [
        utc("2026-03-30T09:30+02:00"),
        utc("2026-03-30T12:00+02:00"),
    ]
    assert again.next_change == utc("2026-03-30T12:00+02:00")


@pytest.mark.parametrize(("early", "count"), [(0, 1), (1, 0)])
def test_a_warning_at_the_end_of_a_clock_counts(early: int, count: int) -> None:
    # An hour and a half counts on Friday; half of four hours is used up on Monday at 9:30.
    end = utc("2026-03-30T09:30+02:00") - timedelta(microseconds=early)
    found = measured_at("2026-03-31T12:00Z", Event.resolved(end))["resolution"]
    assert len(found.warnings) == count


def test_no_warning_comes_after_its_deadline_though_time_was_counted_by_other_hours() -> None:
    # Eight hours of Monday count by the desk. Two days around the clock end at the midnight after
    # Wednesday, before nine tenths of their 63 hours are used up.
    days = BusinessDays(2, anchor="end")  # type: ignore[arg-type]
    targets = [
        Target(milestone="resolution", within=8 * HOUR, calendar="desk", severities=["S1"]),
        Target(
            milestone="resolution",
            within=days,
            calendar="round",
            severities=["S2"],
            warn=[0.5, 0.9],
        ),
    ]
    desk = Calendar(zone="UTC", week="Mo-Fr 09:00-17:00")
    carrying = SlaPolicy(
        id="p",
        targets=targets,
        calendars={"desk": desk, "round": Calendar.always()},
        options=ClockOptions(severity_change="carry"),  # type: ignore[arg-type]
    )
    opened = Event.opened("2026-03-02T09:00Z", severity="S1")
    worse = Event.severity_changed("2026-03-03T08:00Z", "S2")
    found = measure(carrying, History([opened, worse]), utc("2026-03-04T13:00Z"))["resolution"]
    assert found.due == utc("2026-03-05T00:00Z")
    assert [each.at for each in found.warnings][-1] == found.due
    assert all(each.at <= found.due for each in found.warnings)
