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
    AssignedWork,
    OnCall,
    OnCallLayer,
    RateLimit,
    Requirement,
    Roster,
    RoutingObligations,
    Work,
    Workload,
)
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.agents.capacity import has_room
from entitlements.routing.eligibility.eligibility import (
    available_from,
    fits_permanently,
    is_available,
    obstacles,
)
from entitlements.routing.eligibility.obstacles import PERMANENT, TEMPORARY, ObstacleKind
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
    for id, state in roster.agent_states.items():
        found = obstacles(
            state, needs, moment, excluded=work.excluded_agents, schedules=roster.on_call
        )
        assert (not found) == (id in oracle.eligible(work, roster, at))
        parts = (
            id not in work.excluded_agents
            and fits_permanently(state.agent, needs)
            and is_available(state, needs, moment, roster.on_call)
            and has_room(state, needs)
        )
        assert (not found) == parts


@given(works(), rosters(), instants())
def test_times_are_given_only_where_waiting_helps(work: Work, roster: Roster, at: datetime) -> None:
    needs = work.requirement_at(at)
    for state in roster.agent_states.values():
        for each in obstacles(state, needs, to_micros(at), schedules=roster.on_call):
            if each.until is not None:
                assert each.kind in TEMPORARY
                assert each.until > to_micros(at)
            assert each.permanent == (each.kind in PERMANENT)


@pytest.mark.parametrize(
    ("agent", "workload", "requires", "text"),
    [
        (Agent(id="a", groups="net"), Workload(), Requirement(groups="db"), "not in group db"),
        (Agent(id="a"), Workload(), Requirement(skills="x"), "lacks skill x (level 1)"),
        (Agent(id="a", skills="x"), Workload(), Requirement(skills={"x": 2}), "level x 1 < 2"),
        (
            Agent(id="a"),
            Workload(),
            Requirement(obligations=RoutingObligations(clearances={"sc": 2})),
            "clearance sc none < 2",
        ),
        (
            Agent(id="a", region="us"),
            Workload(),
            Requirement(obligations=RoutingObligations(residency="eu")),
            "not in region eu",
        ),
        (Agent(id="a", channels="chat"), Workload(), CALL, "does not serve channel phone"),
        (Agent(id="a", capacity=2), Workload(), Requirement(weights=3), "needs 3 in work, limit 2"),
        (Agent(id="a", shift=Calendar.never()), Workload(), PLAIN, "never on duty again"),
        (
            Agent(id="a", absences=[Span(NINE, NINE + timedelta(hours=2))]),
            Workload(),
            PLAIN,
            "absent until 2026-03-02T11:00:00Z",
        ),
        (Agent(id="a", shift=DESK), Workload(), PLAIN, "off shift until 2026-03-02T10:00:00Z"),
        (Agent(id="a"), Workload(away=True), PLAIN, "away"),
        (
            Agent(id="a"),
            Workload(away=True, back=utc("2026-03-02T09:30Z")),
            PLAIN,
            "away until 2026-03-02T09:30:00Z",
        ),
        (
            Agent(id="a", rate_limit=RateLimit(1)),
            Workload(recent=[NINE]),
            PLAIN,
            "rate limit of 1 reached until 2026-03-02T09:05:00Z",
        ),
        (
            Agent(id="a", capacity=2),
            Workload(held={"w": AssignedWork(PLAIN, NINE)}),
            Requirement(weights=2),
            "free work capacity 1 < 2",
        ),
        (
            Agent(id="a", channels={"phone": 1}),
            Workload(held={"w": AssignedWork(CALL, NINE)}),
            CALL,
            "channel phone full, 1 of 1",
        ),
        (
            Agent(id="a", work_limit=1),
            Workload(held={"w": AssignedWork(PLAIN, NINE)}),
            PLAIN,
            "work limit reached, 1 of 1",
        ),
        (
            Agent(id="a"),
            Workload(held={"w": AssignedWork(PLAIN, NINE)}),
            Requirement(exclusive=True),
            "exclusive work",
        ),
        (
            Agent(id="a", combines={"phone": []}),
            Workload(held={"w": AssignedWork(CALL, NINE)}),
            Requirement(channel="chat"),
            "assigned work excludes chat",
        ),
        (
            Agent(id="a"),
            Workload(),
            Requirement(on_call="night"),
            "not on call in night until 2026-03-03T09:00:00Z",
        ),
    ],
)
def test_each_obstacle_has_its_sentence(
    agent: Agent, workload: Workload, requires: Requirement, text: str
) -> None:
    layer = OnCallLayer(members=["b", "a"], start=NINE, every=timedelta(days=1))
    schedules = {"night": OnCall(id="night", layers=[layer])}
    found = obstacles(AgentState(agent, workload), requires, to_micros(NINE), schedules=schedules)
    assert [str(each) for each in found] == [text]


def test_the_table_above_covers_every_obstacle_but_two() -> None:
    # NOBODY is said of a roster, EXCLUDED of a piece of work.
    assert len(ObstacleKind) - 2 == 18


def test_on_call_duty_does_not_ask_for_the_shift() -> None:
    schedules = {"night": OnCall(id="night", layers=[OnCallLayer(members="a", start=NINE)])}
    state = AgentState(Agent(id="a", shift=Calendar.never()), Workload())
    needs = Requirement(on_call="night")
    assert obstacles(state, needs, to_micros(NINE), schedules=schedules) == ()
    with pytest.raises(UnknownIdError):
        obstacles(state, Requirement(on_call="day"), 0, schedules=schedules)


def test_an_agent_away_without_a_return_is_expected_at_the_next_opening() -> None:
    state = AgentState(Agent(id="a", shift=DESK), Workload(away=True))
    eleven = to_micros(utc("2026-03-02T11:00Z"))
    assert available_from(state, PLAIN, eleven) == to_micros(utc("2026-03-03T10:00Z"))
    assert available_from(AgentState(Agent(id="a"), Workload(away=True)), PLAIN, eleven) is None
