"""A queue holds the present agents of one profile that have capacity, best first."""

from __future__ import annotations

import pytest

from entitlements.routing import LEAST_LOADED, Agent, Requirement, Workload
from entitlements.routing.live.agent_queues import (
    AgentProfile,
    AgentQueue,
    IndexedAgent,
    queue_for,
)
from entitlements.routing.strategies.named import (
    DEFAULT_STRATEGY,
    WEIGHTED_ROUND_ROBIN,
)
from entitlements.routing.strategies.strategy import Strategy


def indexed(id: str, load: int = 0, *, present: bool = True, capacity: int = 3) -> IndexedAgent:
    made = IndexedAgent(Agent(id=id, capacity=capacity), Workload())
    made.present = present
    for n in range(load):
        made.assign(f"{id}{n}", Requirement(), 0, 1)
    return made


def profile(*agents: IndexedAgent) -> AgentProfile:
    made = AgentProfile(agents[0].agent)
    for each in agents:
        made.members[each.id] = each
    return made


def emptied(queue: AgentQueue) -> list[str]:
    """Return the ids of a queue in order; the queue is empty afterwards."""
    found = []
    while (top := queue.refresh_top()) is not None:
        found.append(top[-1].id)
        queue.pop()
    assert len(queue) == 0
    return found


STRATEGY = pytest.mark.parametrize(
    "strategy",
    [
        pytest.param(DEFAULT_STRATEGY, id="load queue"),
        pytest.param(LEAST_LOADED.then(WEIGHTED_ROUND_ROBIN), id="any queue"),
    ],
)


@STRATEGY
def test_a_queue_holds_the_present_agents_with_capacity_best_first(strategy: Strategy) -> None:
    agents = (
        indexed("a", 1),
        indexed("b"),
        indexed("c", present=False),
        indexed("d"),
        indexed("e", 3),
    )
    queue = queue_for(profile(*agents), Requirement(), strategy)
    assert emptied(queue) == ["b", "d", "a"]


@STRATEGY
def test_an_agent_who_falls_back_is_moved_on_reaching_the_top(strategy: Strategy) -> None:
    agents = [indexed("a"), indexed("b", 1), indexed("c", 2)]
    queue = queue_for(profile(*agents), Requirement(), strategy)
    agents[0].assign("x", Requirement(), 9, 2)
    agents[0].assign("y", Requirement(), 9, 3)
    agents[0].version += 1
    queue.change(agents[0])
    assert queue.top[-1] is agents[0]
    assert emptied(queue) == ["b", "c", "a"]


@STRATEGY
def test_an_agent_who_gets_ahead_is_moved_at_once(strategy: Strategy) -> None:
    agents = [indexed("a", 1), indexed("b", 2)]
    queue = queue_for(profile(*agents), Requirement(), strategy)
    for work in list(agents[1].held):
        agents[1].release(work, 5)
    agents[1].version += 1
    queue.change(agents[1])
    assert queue.top[-1] is agents[1]
    assert len(queue) == 3
    assert emptied(queue) == ["b", "a"]


@STRATEGY
def test_an_agent_without_capacity_is_dropped_and_returns_with_it(strategy: Strategy) -> None:
    agents = [indexed("a", 2), indexed("b", 2)]
    queue = queue_for(profile(*agents), Requirement(), strategy)
    agents[0].assign("x", Requirement(), 9, 2)
    agents[0].version += 1
    assert queue.refresh_top()[-1] is agents[1]
    assert "a" not in queue.live
    agents[0].release("x", 9)
    agents[0].version += 1
    queue.change(agents[0])
    assert emptied(queue) == ["b", "a"]
