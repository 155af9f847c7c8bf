"""Capacity of pools and channels, the work limit, and combinations of channels."""

from __future__ import annotations

import pytest
from hypothesis import given

from entitlements.kernel.instants import utc
from entitlements.routing import (
    MOST_SPARE,
    Agent,
    Assigned,
    AssignedWork,
    Requirement,
    Roster,
    Work,
    Workload,
    route,
)
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.agents.capacity import free_capacity, free_capacity_ratio, has_room
from entitlements.testing.oracles import routing as oracle
from entitlements.testing.strategies.routing import agents, requirements, workloads

NINE = utc("2026-03-02T09:00Z")
CALL = Requirement(channel="phone")
CHAT = Requirement(channel="chat")


@given(agents("a"), workloads(), requirements())
def test_capacity_equals_a_new_sum_over_assigned_work(
    agent: Agent, workload: Workload, requires: Requirement
) -> None:
    if oracle.qualified(agent, requires):
        expected = oracle.has_capacity(agent, workload, requires)
        assert has_room(AgentState(agent, workload), requires) == expected


@pytest.mark.parametrize(
    ("agent", "hands", "further", "expected"),
    [
        pytest.param(Agent(id="a", capacity=1), [CHAT], CHAT, False, id="one is one"),
        pytest.param(Agent(id="a"), [CHAT] * 9, CHAT, True, id="no limit"),
        pytest.param(
            Agent(id="a", capacity=1), [CHAT], Requirement(weights=0), True, id="weighs nothing"
        ),
        pytest.param(Agent(id="a", capacity={"x": 1}), [CHAT], CHAT, True, id="another pool"),
        pytest.param(Agent(id="a", channels={"chat": 2}), [CHAT], CHAT, True, id="second chat"),
        pytest.param(Agent(id="a", channels={"chat": 1}), [CHAT], CHAT, False, id="chat full"),
        pytest.param(Agent(id="a", channels={"chat": 0}), [], CHAT, False, id="no chat at all"),
        pytest.param(Agent(id="a", channels={"chat": None}), [CHAT], CHAT, True, id="any chats"),
        pytest.param(Agent(id="a", work_limit=2), [CHAT, CALL], CHAT, False, id="ceiling over all"),
        pytest.param(Agent(id="a"), [CHAT], Requirement(exclusive=True), False, id="not alone"),
        pytest.param(Agent(id="a"), [Requirement(exclusive=True)], CHAT, False, id="no company"),
        pytest.param(Agent(id="a"), [], Requirement(exclusive=True), True, id="alone"),
        pytest.param(Agent(id="a", combines={"phone": []}), [CALL], CHAT, False, id="a call alone"),
        pytest.param(
            Agent(id="a", combines={"chat": ["chat"]}),
            [CHAT],
            CALL,
            False,
            id="no call by chat",
        ),
        pytest.param(
            Agent(id="a", combines={"chat": ["chat"]}),
            [CHAT],
            CHAT,
            True,
            id="chat by chat",
        ),
    ],
)
def test_a_further_piece(
    agent: Agent, hands: list[Requirement], further: Requirement, *, expected: bool
) -> None:
    held = {f"w{n}": AssignedWork(each, NINE) for n, each in enumerate(hands)}
    assert has_room(AgentState(agent, Workload(held=held)), further) is expected


# Amazon Connect, cross-channel example: chats up to two and a call may come in between, but once
# the call is there nothing more comes until it has ended.
def test_channels_in_the_order_of_a_day() -> None:
    agent = Agent(id="a", channels={"phone": 1, "chat": 2, "task": 1}, combines={"phone": []})
    state = AgentState(agent, Workload())
    state.assign("c1", CHAT, 0, 1)
    assert has_room(state, CALL)
    state.assign("p1", CALL, 0, 2)
    assert not has_room(state, CHAT)
    state.release("p1", 0)
    state.assign("c2", CHAT, 0, 3)
    assert not has_room(state, CHAT)
    assert has_room(state, CALL)


def test_free_capacity_is_the_smallest_of_the_pools_drawn_on() -> None:
    agent = Agent(id="a", capacity={"total": 5, "high": 2})
    state = AgentState(
        agent, Workload(held={"w": AssignedWork(Requirement(weights={"total": 1}), NINE)})
    )
    both = Requirement(weights={"total": 1, "high": 1})
    assert free_capacity(state, both) == 2
    assert free_capacity_ratio(state, both) == 0.8
    assert free_capacity(state, Requirement(weights={"total": 1})) == 4


def test_free_capacity_is_negative_above_the_limit() -> None:
    agent = Agent(id="a", capacity=1)
    held = {f"w{n}": AssignedWork(Requirement(), NINE) for n in range(3)}
    assert free_capacity(AgentState(agent, Workload(held=held)), Requirement()) == -2


def test_the_limit_of_the_channel_counts_as_free_capacity() -> None:
    agent = Agent(id="a", capacity=9, channels={"chat": 3, "phone": None})
    state = AgentState(agent, Workload(held={"w": AssignedWork(CHAT, NINE)}))
    assert (free_capacity(state, CHAT), free_capacity_ratio(state, CHAT)) == (2, 2 / 3)
    assert free_capacity(state, CALL) == 8
    assert free_capacity(state, Requirement()) == 8


def test_of_two_agents_the_one_with_more_room_in_the_channel_has_more_to_spare() -> None:
    # Zendesk's capacity is by channel: one message and nine emails leave room for four messages.
    rules = {"messaging": 5, "email": 10}
    full = {f"e{n}": AssignedWork(Requirement(channel="email"), NINE) for n in range(9)}
    chats = {f"m{n}": AssignedWork(Requirement(channel="messaging"), NINE) for n in range(3)}
    one = chats["m0"]
    roster = Roster(
        agents=[Agent(id="emails", channels=rules), Agent(id="chats", channels=rules)],
        workloads={"emails": Workload(held={**full, "x": one}), "chats": Workload(held=chats)},
    )
    work = Work(id="R-1", opened=NINE, requires=Requirement(channel="messaging"))
    answer = route(work, roster, NINE, strategy=MOST_SPARE)
    assert isinstance(answer, Assigned)
    assert answer.agent == "emails"


@given(agents("a"), workloads(), requirements())
def test_an_agent_with_room_for_plain_work_has_capacity_to_spare(
    agent: Agent, workload: Workload, requires: Requirement
) -> None:
    state = AgentState(agent, workload)
    if oracle.qualified(agent, requires):
        spare = -oracle.MEASURES["most_spare"](agent, workload, requires, Roster(), NINE)
        assert free_capacity(state, requires) == spare
        if has_room(state, requires):
            assert spare >= 0
