"""Shift, extra duty and absences."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given

from entitlements.calendars import Calendar
from entitlements.kernel import Span
from entitlements.kernel.instants import from_micros, to_micros, utc
from entitlements.routing import Agent
from entitlements.routing.agents.duty import DutySchedule
from entitlements.testing.oracles import routing as oracle
from entitlements.testing.strategies.routing import agents, instants

DESK = Calendar(zone="UTC", week="Mo-Fr 09:00-17:00")


@given(agents("a"), instants())
def test_duty_is_what_the_rules_say(agent: Agent, at: datetime) -> None:
    assert DutySchedule(agent).on_duty(to_micros(at)) == oracle.on_duty(agent, at)


@given(agents("a"), instants())
def test_the_next_duty_is_on_and_nothing_before_it_is(agent: Agent, at: datetime) -> None:
    duty, start = DutySchedule(agent), to_micros(at)
    found = duty.next_on(start)
    if found is not None:
        assert found >= start
        assert oracle.on_duty(agent, from_micros(found))
    end = start + 10**13 if found is None else found
    for n in range(20):
        moment = start + (end - start) * n // 20
        if moment < end:
            assert not oracle.on_duty(agent, from_micros(moment))


@given(agents("a"), instants())
def test_duty_changes_only_at_its_edges(agent: Agent, at: datetime) -> None:
    duty, start = DutySchedule(agent), to_micros(at)
    change = duty.next_change(start)
    end = start + 10**13 if change is None else change
    states = {duty.on_duty(start + (end - start) * n // 20) for n in range(20)}
    assert states == {duty.on_duty(start)}


def test_absence_takes_precedence_over_extra_duty_and_that_over_the_shift() -> None:
    evening = Span(utc("2026-03-02T17:00Z"), utc("2026-03-02T20:00Z"))
    dinner = Span(utc("2026-03-02T18:00Z"), utc("2026-03-02T19:00Z"))
    duty = DutySchedule(Agent(id="a", shift=DESK, overtime=[evening], absences=[dinner]))
    hours = {h: duty.on_duty(to_micros(utc(f"2026-03-02T{h:02}:30Z"))) for h in (8, 16, 17, 18, 19)}
    assert hours == {8: False, 16: True, 17: True, 18: False, 19: True}
    assert duty.next_on(to_micros(utc("2026-03-02T18:30Z"))) == to_micros(dinner.end)


def test_extra_duty_that_is_over_does_not_come_again() -> None:
    monday, friday = (
        Span(utc(f"2026-03-{day}T17:00Z"), utc(f"2026-03-{day}T20:00Z")) for day in ("02", "06")
    )
    duty = DutySchedule(Agent(id="a", shift=Calendar.never(), overtime=[monday, friday]))
    assert duty.next_on(to_micros(monday.end)) == to_micros(friday.start)
    assert duty.next_on(to_micros(friday.end)) is None


def test_a_shift_that_never_opens_is_never_on() -> None:
    duty = DutySchedule(Agent(id="a", shift=Calendar.never()))
    assert duty.next_on(0) is None
    assert duty.next_change(0) is None
