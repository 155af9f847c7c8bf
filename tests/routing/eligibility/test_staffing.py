from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given

from entitlements.calendars import Calendar
from entitlements.kernel import Span, UnknownIdError
from entitlements.kernel.instants import to_micros, utc
from entitlements.routing import (
    Agent,
    OnCall,
    OnCallLayer,
    RelaxationPlan,
    RelaxationStep,
    Requirement,
    Roster,
    Router,
    Work,
    take_unstaffed_steps,
)
from entitlements.routing.eligibility.staffing import Staffing
from entitlements.testing.oracles import routing as oracle
from entitlements.testing.strategies.routing import instants, rosters, works

NINE = utc("2026-03-02T09:00Z")
HOUR = timedelta(hours=1)
PLAN = RelaxationPlan(
    steps=[
        RelaxationStep(after=HOUR, groups="net", unstaffed=True),
        RelaxationStep(after=2 * HOUR, groups="app", unstaffed=True),
        RelaxationStep(after=3 * HOUR, any_group=True),
    ]
)
WORK = Work(id="R-1", opened=NINE, requires=Requirement(groups="db"), relaxation=PLAN)


def accepted(roster: Roster, at: datetime = NINE) -> list[str]:
    return sorted(take_unstaffed_steps(WORK, roster, at).requirement_at(at).groups)


def test_a_step_is_taken_at_once_where_no_agent_of_the_group_is_signed_in() -> None:
    net, db = Agent(id="n", groups="net"), Agent(id="d", groups="db", capacity=0)
    assert accepted(Roster(agents=[net])) == ["db", "net"]
    assert accepted(Roster(agents=[net, db])) == ["db"], "an agent without room is signed in"
    away = Roster(agents=[net, db]).set_status("d", NINE, away=True)
    assert accepted(away) == ["db", "net"]


def test_steps_follow_each_other_until_a_group_is_staffed() -> None:
    assert accepted(Roster(agents=[Agent(id="a", groups="app")])) == ["app", "db", "net"]
    assert accepted(Roster()) == ["app", "db", "net"], "the last step only comes with time"


def test_a_step_holds_only_while_no_agent_is_signed_in() -> None:
    shift = Calendar(zone="UTC", week="Mo-Fr 10:00-17:00")
    roster = Roster(agents=[Agent(id="d", groups="db", shift=shift), Agent(id="n", groups="net")])
    assert accepted(roster) == ["db", "net"]
    assert accepted(roster, NINE + HOUR - timedelta(microseconds=1)) == ["db", "net"]
    later = take_unstaffed_steps(WORK, roster, utc("2026-03-02T10:00Z"))
    assert later is WORK, "at ten an agent comes, and the first step is due anyway"


def test_work_without_such_steps_is_returned_as_it_is() -> None:
    plain = Work(id="R-2", opened=NINE, relaxation=RelaxationPlan(steps=PLAN.steps[2:]))
    assert take_unstaffed_steps(plain, Roster(), NINE) is plain


def test_for_work_on_call_an_agent_on_call_counts() -> None:
    step = RelaxationStep(after=HOUR, any_group=True, unstaffed=True)
    needs = Requirement(groups="db", on_call="night")
    work = Work(id="R", opened=NINE, requires=needs, relaxation=RelaxationPlan(steps=[step]))
    never = Calendar.never()
    schedule = OnCall(id="night", layers=[OnCallLayer(members="d", start=NINE)])
    roster = Roster(agents=[Agent(id="d", groups="db", shift=never)], on_call=[schedule])
    assert take_unstaffed_steps(work, roster, NINE) is work
    away = roster.set_status("d", NINE, away=True)
    assert take_unstaffed_steps(work, away, NINE).steps_taken == 1
    day_off = Span(NINE, NINE + HOUR)
    absent = roster.replace(Agent(id="d", groups="db", shift=never, absences=[day_off]))
    assert take_unstaffed_steps(work, absent, NINE).steps_taken == 1
    other = roster.replace(Agent(id="d", groups="net", shift=never))
    assert take_unstaffed_steps(work, other, NINE).steps_taken == 1
    with pytest.raises(UnknownIdError):
        take_unstaffed_steps(work, Roster(), NINE)


@given(works(), rosters(), instants())
def test_the_requirement_is_that_of_the_rules(work: Work, roster: Roster, at: datetime) -> None:
    taken = take_unstaffed_steps(work, roster, at)
    assert Router(roster).take_unstaffed_steps(work, at) == taken
    if work.requires.on_call is None:
        expected = oracle.requirement_while_unstaffed(work, roster, at)
        assert taken.requirement_at(at) == expected


@given(rosters(), instants())
def test_signed_in_is_on_duty_and_not_away(roster: Roster, at: datetime) -> None:
    staffing = Staffing(roster.agent_states, to_micros(at), roster.on_call)
    assert staffing.covers(Requirement()) is bool(oracle.signed_in(roster, (), at))
    for group in ("db", "net"):
        expected = oracle.signed_in(roster, [group], at)
        assert staffing.signed_in(group) == len(expected)
        assert staffing.covers(Requirement(groups=group)) is bool(expected)
        assert staffing.covers(Requirement(groups=group)) is bool(expected), "remembered"
