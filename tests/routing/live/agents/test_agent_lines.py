"""A line holds the agents with capacity for one kind of load, in the order of the strategy."""

from __future__ import annotations

from random import Random

import pytest

from entitlements.routing import (
    LEAST_LOADED,
    LONGEST_IDLE,
    STRATEGIES,
    Agent,
    Requirement,
    Strategy,
    Workload,
    custom_strategy,
    power_of_d,
)
from entitlements.routing.live.agents.agent_lines import AgentLine, StrategyPlan
from entitlements.routing.live.agents.indexed_agent import IndexedAgent
from entitlements.routing.strategies.named import DEFAULT_STRATEGY, WEIGHTED_ROUND_ROBIN
from entitlements.routing.strategies.strategy import KeyScope, SelectionContext, SortKeyPart

PLAIN = Requirement()
CONTEXT = SelectionContext(PLAIN, 50, "w")


def indexed(slot: int, load: int = 0, *, capacity: int = 3, speed: int = 1) -> IndexedAgent:
    agent = Agent(id="abcdefgh"[slot], capacity=capacity, speed=speed)
    made = IndexedAgent(agent, Workload(), slot)
    for n in range(load):
        made.assign(f"{made.id}{n}", PLAIN, 0, 1)
    return made


def order(line: AgentLine, agents: list[IndexedAgent]) -> str:
    """Return the ids of the line in the order of choice."""
    want, found = sum(agent.bit for agent in agents), ""
    while (agent := line.first(want, CONTEXT)) is not None:
        found += agent.id
        want ^= agent.bit
    return found


STRATEGY = pytest.mark.parametrize(
    "strategy",
    [
        pytest.param(DEFAULT_STRATEGY, id="attributes and one pool"),
        pytest.param(LEAST_LOADED.then(WEIGHTED_ROUND_ROBIN), id="any keys"),
        pytest.param(LEAST_LOADED.then(custom_strategy("x", lambda *_: 0)), id="compared keys"),
    ],
)


@STRATEGY
def test_agents_without_capacity_are_not_in_the_line(strategy: Strategy) -> None:
    agents = [indexed(0, 1), indexed(1), indexed(2, 3), indexed(3)]
    line = AgentLine(PLAIN, StrategyPlan(strategy), agents)
    assert order(line, agents) == "bda"


@STRATEGY
def test_marked_agents_are_moved_when_the_line_is_settled(strategy: Strategy) -> None:
    agents = [indexed(0), indexed(1, 1), indexed(2, 2)]
    line = AgentLine(PLAIN, StrategyPlan(strategy), agents)
    for n in range(3):
        agents[0].assign(f"x{n}", PLAIN, 9, n + 2)
    line.dirty |= agents[0].bit
    line.settle(line.dirty)
    assert (order(line, agents), line.dirty) == ("bc", 0)
    for work in list(agents[0].held):
        agents[0].release(work, 10)
    line.dirty |= agents[0].bit
    line.settle(line.dirty)
    assert order(line, agents) == "abc"


def test_an_agent_who_leaves_is_forgotten_although_marked() -> None:
    agents = [indexed(0), indexed(1)]
    line = AgentLine(PLAIN, StrategyPlan(DEFAULT_STRATEGY), agents)
    line.dirty |= agents[0].bit
    line.forget(agents[0])
    line.settle(line.dirty)
    assert order(line, agents) == "b"
    line.forget(agents[0])
    assert line.mask() == agents[1].bit


def test_agents_of_different_speed_are_compared_at_the_instant() -> None:
    slow, fast = indexed(0, speed=1), indexed(1, speed=3)
    slow.released, fast.released = 10, 30
    line = AgentLine(PLAIN, StrategyPlan(STRATEGIES["weighted_idle"]), [slow, fast])
    assert len(line.sequences) == 2
    chosen = [
        line.first(3, SelectionContext(PLAIN, at, "w")).id  # type: ignore[union-attr]
        for at in (31, 39, 41, 90)
    ]
    # Idle time times speed: 21 and 3, 29 and 27, 31 and 33, 80 and 180.
    assert chosen == ["a", "a", "b", "b"]
    line.forget(fast)
    assert len(line.sequences) == 1


@pytest.mark.parametrize("size", [3, 12, 60, 200])
def test_the_first_of_few_and_of_many_agents_is_that_of_the_strategy(size: int) -> None:
    chance = Random(size)  # noqa: S311 - reproducible on purpose
    agents = [IndexedAgent(Agent(id=f"a{n}", capacity=9), Workload(), n) for n in range(size)]
    for agent in agents:
        agent.released = chance.randrange(20)
    line = AgentLine(PLAIN, StrategyPlan(LONGEST_IDLE), agents)
    for most in (1, 2, 3, 4, 5, 9, size):
        for _ in range(30):
            wanted = chance.sample(agents, chance.randint(1, min(most, size)))
            first = line.first(sum(agent.bit for agent in wanted), CONTEXT)
            assert first is LONGEST_IDLE.choose(wanted, CONTEXT)


def test_a_sample_is_drawn_from_all_who_are_wanted() -> None:
    agents = [indexed(n) for n in range(8)]
    line = AgentLine(PLAIN, StrategyPlan(power_of_d(2)), agents)
    strategy = power_of_d(2)
    for n in range(20):
        context = SelectionContext(PLAIN, 50, f"w{n}")
        assert line.first(0b10110101, context) is strategy.choose(
            [agents[slot] for slot in (0, 2, 4, 5, 7)], context
        )


def test_only_agents_who_tie_before_the_compared_keys_are_compared() -> None:
    seen: list[str] = []

    def look(state: object, _: SelectionContext) -> int:
        seen.append(getattr(state, "id", ""))
        return 0

    strategy = LEAST_LOADED.then(Strategy("look", (SortKeyPart("look", look, KeyScope.WORK),)))
    agents = [indexed(0), indexed(1), *(indexed(n, 1) for n in range(2, 8))]
    line = AgentLine(PLAIN, StrategyPlan(strategy), agents)
    assert line.first(255, CONTEXT) is agents[0]
    assert sorted(seen) == ["a", "b"]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("longest_idle", (0, 1, 0)),
        ("most_proficient", (1, 0, 0)),
        ("least_versatile", (1, 1, 0)),
        ("seeded_random", (0, 0, 1)),
        ("weighted_idle", (0, 1, 0)),
    ],
)
def test_each_key_is_ranked_stored_or_compared(name: str, parts: tuple[int, int, int]) -> None:
    plan = StrategyPlan(STRATEGIES[name])
    assert (len(plan.ranking), len(plan.stored), len(plan.compared)) == parts
    assert plan.walks == bool(plan.compared)
