"""Escalation ends, and never changes an obligation."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.calendars import Calendar
from entitlements.kernel import ConflictError, InvalidValueError, UnknownIdError
from entitlements.kernel.instants import utc
from entitlements.routing import Agent, Assigned, OnCall, OnCallLayer, Roster, Work, route
from entitlements.routing.escalation import (
    EscalationPolicy,
    EscalationStep,
    ToAgents,
    ToGroup,
    ToManager,
    ToOnCall,
    escalation_agents,
    managers_of,
    requirement_after,
)
from entitlements.testing.strategies.routing import instants, requirements, rosters

NINE = utc("2026-03-02T09:00Z")
HOUR = timedelta(hours=1)

targets = st.sampled_from(
    [ToGroup("db"), ToGroup("net"), ToManager(), ToOnCall("db"), ToAgents("a1")]
)
escalation_steps = st.builds(
    EscalationStep,
    to=targets,
    silence=st.integers(1, 50).map(lambda n: n * HOUR),
    repeat=st.integers(1, 5),
    every=st.just(HOUR),
)


@given(st.lists(escalation_steps, max_size=5), instants())
def test_escalation_ends(steps: list[EscalationStep], opened: object) -> None:
    policy = EscalationPolicy(steps=steps)
    at, seen = opened, 0
    while (call := policy.next_call_at(at, opened)) is not None:  # type: ignore[arg-type]
        assert call > at  # type: ignore[operator]
        at, seen = call, seen + 1
    assert seen <= sum(each.repeat for each in steps)


@given(st.lists(targets, max_size=4), requirements(), rosters(), instants())
def test_residency_and_clearance_hold_on_every_step(
    path: list[ToGroup], requires: object, roster: Roster, at: object
) -> None:
    wide = requires
    for to in path:
        wide = requirement_after(wide, to)  # type: ignore[arg-type]
        assert wide.obligations == requires.obligations  # type: ignore[attr-defined]
    answer = route(Work(id="w", opened=at, requires=wide), roster, at)  # type: ignore[arg-type]
    if isinstance(answer, Assigned):
        duties, agent = wide.obligations, roster.agent(answer.agent)  # type: ignore[attr-defined]
        assert not duties.residency or agent.region in duties.residency
        assert all(agent.clearances.get(k, -1) >= v for k, v in duties.clearances.items())


def test_calls_are_at_fractions_of_the_deadline_and_after_silence() -> None:
    policy = EscalationPolicy(
        steps=[
            EscalationStep(to=ToManager(), fraction="1/2"),
            EscalationStep(to=ToOnCall("db"), fraction="1", repeat=3, every=timedelta(minutes=10)),
            EscalationStep(to=ToGroup("net"), silence=timedelta(minutes=45)),
        ]
    )
    calls = policy.calls(NINE, due=NINE + 2 * HOUR, last_activity=NINE + timedelta(minutes=5))
    assert [(str(call.at)[11:16], call.step, call.repeat_number) for call in calls] == [
        ("09:50", 2, 1),
        ("10:00", 0, 1),
        ("11:00", 1, 1),
        ("11:10", 1, 2),
        ("11:20", 1, 3),
    ]
    assert policy.next_call_at(NINE + HOUR, NINE, due=NINE + 2 * HOUR) == NINE + 2 * HOUR
    assert policy.next_call_at(NINE + 3 * HOUR, NINE, due=NINE + 2 * HOUR) is None


def test_fractions_can_count_open_time() -> None:
    desk = Calendar(zone="UTC", week="Mo-Fr 09:00-17:00")
    policy = EscalationPolicy(steps=[EscalationStep(to=ToManager(), fraction="3/4")], hours=desk)
    friday = utc("2026-03-06T13:00Z")
    (call,) = policy.calls(friday, due=utc("2026-03-09T13:00Z"))
    assert call.at == utc("2026-03-09T11:00Z")


def test_without_a_deadline_fractions_have_no_calls() -> None:
    assert (
        EscalationPolicy(steps=[EscalationStep(to=ToManager(), fraction="1/2")]).calls(NINE) == ()
    )


def test_each_target_gives_its_agents() -> None:
    roster = Roster(
        agents=[Agent(id="ada", groups="db"), Agent(id="bob", groups="db"), Agent(id="eve")],
        on_call=[OnCall(id="night", layers=[OnCallLayer(members=["eve"], start=NINE)])],
    )
    boss = {"ada": "bob", "bob": "eve"}
    assert escalation_agents(ToGroup("db"), roster, NINE) == ("ada", "bob")
    assert escalation_agents(ToAgents(["eve", "ada"]), roster, NINE) == ("eve", "ada")
    assert escalation_agents(ToOnCall("night"), roster, NINE) == ("eve",)
    assert escalation_agents(ToManager(), roster, NINE, assignee="ada", managers=boss) == ("bob",)
    assert escalation_agents(ToManager(2), roster, NINE, assignee="ada", managers=boss) == ("eve",)
    assert escalation_agents(ToManager(9), roster, NINE, assignee="ada", managers=boss) == ("eve",)
    assert escalation_agents(ToManager(), roster, NINE, assignee="eve", managers=boss) == ()
    with pytest.raises(UnknownIdError):
        escalation_agents(ToOnCall("day"), roster, NINE)


def test_managers_must_not_form_a_cycle() -> None:
    with pytest.raises(ConflictError):
        managers_of("ada", {"ada": "bob", "bob": "ada"})


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"fraction": "half"}, id="no fraction"),
        pytest.param({"fraction": "1/0"}, id="a part of nothing"),
        pytest.param({}, id="no moment"),
        pytest.param({"fraction": "1/2", "silence": HOUR}, id="two moments"),
        pytest.param({"fraction": "0"}, id="at once"),
        pytest.param({"silence": timedelta()}, id="no silence"),
        pytest.param({"silence": HOUR, "repeat": 2}, id="repeats without a pause"),
        pytest.param({"silence": HOUR, "repeat": 101, "every": HOUR}, id="too often"),
        pytest.param({"silence": HOUR, "repeat": 0}, id="never"),
    ],
)
def test_a_step_without_meaning_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(InvalidValueError):
        EscalationStep(to=ToManager(), **fields)  # type: ignore[arg-type]
