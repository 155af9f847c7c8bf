"""Every rule, with and without its reason."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given

from entitlements.calendars import Calendar
from entitlements.kernel import Span, UnknownIdError
from entitlements.kernel.instants import to_micros, utc
from entitlements.routing import (
    Agent,
    Held,
    Layer,
    Obligations,
    OnCall,
    Pace,
    Requirement,
    Roster,
    Standing,
    Work,
)
from entitlements.routing.agents.agent_state import Seat
from entitlements.routing.agents.capacity import has_room
from entitlements.routing.eligibility.eligibility import fits, here_from, is_here, obstacles
from entitlements.routing.eligibility.obstacles import PERMANENT, TIMED, Rule
from entitlements.testing.oracles import routing as oracle
from entitlements.testing.strategies.routing import instants, rosters, works

NINE = utc("2026-03-02T09:00Z")
DESK = Calendar(zone="UTC", week="Mo-Fr 10:00-17:00")
CALL = Requirement(channel="phone")
PLAIN = Requirement()


@given(works(), rosters(), instants())
def test_no_obstacle_means_eligible_and_the_reverse(
    work: Work, roster: Roster, at: datetime
) -> None:
    needs, moment = work.requirement_at(at), to_micros(at)
    for id, seat in roster.seats.items():
        found = obstacles(
            seat, needs, moment, excluded=work.excluded_agents, schedules=roster.on_call
        )
        assert (not found) == (id in oracle.eligible(work, roster, at))
        parts = (
            id not in work.excluded_agents
            and fits(seat.agent, needs)
            and is_here(seat, needs, moment, roster.on_call)
            and has_room(seat, needs)
        )
        assert (not found) == parts


@given(works(), rosters(), instants())
def test_times_are_given_only_where_waiting_helps(work: Work, roster: Roster, at: datetime) -> None:
    needs = work.requirement_at(at)
    for seat in roster.seats.values():
        for each in obstacles(seat, needs, to_micros(at), schedules=roster.on_call):
            if each.until is not None:
                assert each.rule in TIMED
                assert each.until > to_micros(at)
            assert each.permanent == (each.rule in PERMANENT)


@pytest.mark.parametrize(
    ("agent", "standing", "requires", "text"),
    [
        (Agent(id="a", groups="net"), Standing(), Requirement(groups="db"), "not in group db"),
        (Agent(id="a"), Standing(), Requirement(skills="x"), "lacks skill x (level 1)"),
        (Agent(id="a", skills="x"), Standing(), Requirement(skills={"x": 2}), "level x 1 < 2"),
        (
            Agent(id="a"),
            Standing(),
            Requirement(obligations=Obligations(clearances={"sc": 2})),
            "clearance sc none < 2",
        ),
        (
            Agent(id="a", region="us"),
            Standing(),
            Requirement(obligations=Obligations(residency="eu")),
            "not in region eu",
        ),
        (Agent(id="a", channels="chat"), Standing(), CALL, "does not serve channel phone"),
        (Agent(id="a", capacity=2), Standing(), Requirement(weights=3), "needs 3 in work, limit 2"),
        (Agent(id="a", shift=Calendar.never()), Standing(), PLAIN, "never on duty again"),
        (
            Agent(id="a", absences=[Span(NINE, NINE + timedelta(hours=2))]),
            Standing(),
            PLAIN,
            "absent until 2026-03-02T11:00Z",
        ),
        (Agent(id="a", shift=DESK), Standing(), PLAIN, "off shift until 2026-03-02T10:00Z"),
        (Agent(id="a"), Standing(away=True), PLAIN, "away"),
        (
            Agent(id="a"),
            Standing(away=True, back=utc("2026-03-02T09:30Z")),
            PLAIN,
            "away until 2026-03-02T09:30Z",
        ),
        (
            Agent(id="a", pace=Pace(1)),
            Standing(recent=[NINE]),
            PLAIN,
            "pace of 1 reached until 2026-03-02T09:05Z",
        ),
        (
            Agent(id="a", capacity=2),
            Standing(held={"w": Held(PLAIN, NINE)}),
            Requirement(weights=2),
            "spare work 1 < 2",
        ),
        (
            Agent(id="a", channels={"phone": 1}),
            Standing(held={"w": Held(CALL, NINE)}),
            CALL,
            "channel phone full, 1 of 1",
        ),
        (
            Agent(id="a", most=1),
            Standing(held={"w": Held(PLAIN, NINE)}),
            PLAIN,
            "hands full, 1 of 1",
        ),
        (
            Agent(id="a"),
            Standing(held={"w": Held(PLAIN, NINE)}),
            Requirement(exclusive=True),
            "work that tolerates no other",
        ),
        (
            Agent(id="a", alongside={"phone": []}),
            Standing(held={"w": Held(CALL, NINE)}),
            Requirement(channel="chat"),
            "work in hand tolerates no chat",
        ),
        (
            Agent(id="a"),
            Standing(),
            Requirement(on_call="night"),
            "not on call in night until 2026-03-03T09:00Z",
        ),
    ],
)
def test_each_rule_has_its_sentence(
    agent: Agent, standing: Standing, requires: Requirement, text: str
) -> None:
    layer = Layer(members=["b", "a"], start=NINE, every=timedelta(days=1))
    schedules = {"night": OnCall(id="night", layers=[layer])}
    found = obstacles(Seat(agent, standing), requires, to_micros(NINE), schedules=schedules)
    assert [str(each) for each in found] == [text]


def test_the_table_above_covers_every_rule_but_two() -> None:
    # NOBODY is said of a roster, EXCLUDED of a piece of work.
    assert len(Rule) - 2 == 18


def test_on_call_duty_does_not_ask_for_the_shift() -> None:
    schedules = {"night": OnCall(id="night", layers=[Layer(members="a", start=NINE)])}
    seat = Seat(Agent(id="a", shift=Calendar.never()), Standing())
    needs = Requirement(on_call="night")
    assert obstacles(seat, needs, to_micros(NINE), schedules=schedules) == ()
    with pytest.raises(UnknownIdError):
        obstacles(seat, Requirement(on_call="day"), 0, schedules=schedules)


def test_whoever_left_without_a_time_is_expected_at_the_next_opening() -> None:
    seat = Seat(Agent(id="a", shift=DESK), Standing(away=True))
    eleven = to_micros(utc("2026-03-02T11:00Z"))
    assert here_from(seat, PLAIN, eleven) == to_micros(utc("2026-03-03T10:00Z"))
    assert here_from(Seat(Agent(id="a"), Standing(away=True)), PLAIN, eleven) is None
