"""Traces: how each second of a clock was used."""

from __future__ import annotations

from datetime import date, timedelta

from entitlements.calendars import Calendar, Holiday, HolidaySet
from entitlements.kernel.instants import utc
from entitlements.sla import ClockOptions, Event, History, SlaPolicy, Target, TimeUse, measure

EASTER = HolidaySet(holidays=[Holiday(date(2026, 4, 6), name="Easter Monday")])
DESK = Calendar(zone="UTC", week="Mo-Fr 09:00-17:00", name="berlin", holidays=[EASTER])

WEEKEND = "weekly hours in `berlin`"


def traced(*events: Event, asked: str, calendar: str | None = "desk") -> list[str]:
    target = Target(milestone="resolution", within=timedelta(hours=40), calendar=calendar)
    policy = SlaPolicy(id="p", targets=[target], calendars={"desk": DESK})
    return [
        str(each) for each in measure(policy, History(events), utc(asked))["resolution"].trace()
    ]


def test_a_trace_names_nights_holidays_pauses_and_resolutions() -> None:
    events = [
        Event.opened("2026-04-02T15:00Z"),
        Event.paused("2026-04-03T10:00Z", "supplier"),
        Event.paused("2026-04-03T11:00Z", "customer"),
        Event.resumed("2026-04-03T12:00Z"),
        Event.resolved("2026-04-07T10:00Z"),
        Event.reopened("2026-04-07T11:00Z"),
    ]
    assert traced(*events, asked="2026-04-07T12:00Z") == [
        "Thu 2026-04-02 15:00-Thu 17:00 counted, desk",
        "Thu 2026-04-02 17:00-Fri 09:00 closed, " + WEEKEND,
        "Fri 2026-04-03 09:00-Fri 10:00 counted, desk",
        "Fri 2026-04-03 10:00-Fri 11:00 paused, waiting for supplier",
        "Fri 2026-04-03 11:00-Fri 12:00 paused, waiting for customer and supplier",
        "Fri 2026-04-03 12:00-Fri 17:00 counted, desk",
        f"Fri 2026-04-03 17:00-Tue 09:00 closed, {WEEKEND}, holiday `Easter Monday` in `berlin`",
        "Tue 2026-04-07 09:00-Tue 10:00 counted, desk",
        "Tue 2026-04-07 10:00-Tue 11:00 resolved, the case is resolved",
        "Tue 2026-04-07 11:00-Tue 12:00 counted, desk",
    ]


def test_a_pause_that_lasts_is_traced_up_to_now() -> None:
    events = [Event.opened("2026-04-02T15:00Z"), Event.paused("2026-04-02T16:00Z", "supplier")]
    assert traced(*events, asked="2026-04-02T16:30Z")[-1] == (
        "Thu 2026-04-02 16:00-Thu 16:30 paused, waiting for supplier"
    )


def test_elapsed_time_is_one_segment() -> None:
    opened = Event.opened("2026-04-02T15:00Z")
    assert traced(opened, asked="2026-04-03T15:00Z", calendar=None) == [
        "Thu 2026-04-02 15:00-Fri 15:00 counted, elapsed time"
    ]


def test_uses_of_time_have_stable_names() -> None:
    assert [*TimeUse] == ["counted", "closed", "paused", "resolved"]


def test_a_trace_at_the_instant_of_a_pause_ends_before_it() -> None:
    events = [Event.opened("2026-04-02T15:00Z"), Event.paused("2026-04-02T16:00Z", "supplier")]
    assert traced(*events, asked="2026-04-02T16:00Z") == [
        "Thu 2026-04-02 15:00-Thu 16:00 counted, desk"
    ]


def test_time_without_a_target_is_traced_and_is_not_a_pause() -> None:
    policy = SlaPolicy(
        id="p",
        targets=[
            Target(milestone="resolution", within=timedelta(hours=4), severities=["S1"]),
            Target(milestone="resolution", within=None, severities=["S2"]),
        ],
        options=ClockOptions(severity_change="carry"),
    )
    events = [
        Event.opened("2026-04-02T09:00Z", severity="S1"),
        Event.severity_changed("2026-04-02T10:00Z", "S2"),
        Event.severity_changed("2026-04-02T11:00Z", "S1"),
    ]
    reading = measure(policy, History(events), utc("2026-04-02T12:00Z"))["resolution"]
    assert reading.paused == ()
    assert reading.due == utc("2026-04-02T14:00Z")
    assert [str(each) for each in reading.trace()] == [
        "Thu 2026-04-02 09:00-Thu 10:00 counted, elapsed time",
        "Thu 2026-04-02 10:00-Thu 11:00 paused, nothing promised",
        "Thu 2026-04-02 11:00-Thu 12:00 counted, elapsed time",
    ]
