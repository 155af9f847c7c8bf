"""Agents are divided into classes once, and one by one when they change."""

from __future__ import annotations

import pytest

from entitlements.routing import Agent, Requirement, Strategy, Workload
from entitlements.routing.live.agents.agent_classes import AgentClasses
from entitlements.routing.live.agents.agent_lines import StrategyPlan
from entitlements.routing.live.agents.agent_postings import AgentPostings
from entitlements.routing.live.agents.indexed_agent import IndexedAgent
from entitlements.routing.strategies.strategy import (
    KeyScope,
    SelectionContext,
    SortKeyPart,
)


def enter(postings: AgentPostings, agent: Agent) -> IndexedAgent:
    state = IndexedAgent(agent, Workload(), postings.free_slot())
    postings.add(state)
    return state


def counting(counts: list[str]) -> Strategy:
    def rank(state: object, _: SelectionContext) -> int:
        counts.append(getattr(state, "id", ""))
        return 0

    return Strategy("rank", (SortKeyPart("rank", rank, KeyScope.PROFILE),))


@pytest.mark.parametrize("size", [100, 1_000])
def test_after_a_change_of_one_agent_only_that_agent_is_ranked_again(size: int) -> None:
    counts: list[str] = []
    postings = AgentPostings()
    classes = AgentClasses(Requirement(skills="x"), StrategyPlan(counting(counts)))
    states = [enter(postings, Agent(id=f"{n}", skills="x")) for n in range(size)]
    classes.update(postings)
    assert len(counts) == size
    counts.clear()
    postings.remove(states[7])
    enter(postings, Agent(id="7", skills={"x": 2}))
    assert counts == []
    classes.update(postings)
    assert set(counts) == {"7"}


def test_many_changes_are_ranked_at_once() -> None:
    counts: list[str] = []
    postings = AgentPostings()
    classes = AgentClasses(Requirement(skills="x"), StrategyPlan(counting(counts)))
    states = [enter(postings, Agent(id=f"{n}", skills="x")) for n in range(50)]
    classes.update(postings)
    for state in states[:40]:
        postings.remove(state)
    counts.clear()
    classes.update(postings)
    assert sorted(counts) == sorted(state.id for state in states[40:])
    assert classes.ordered == [sum(state.bit for state in states[40:])]
    assert classes.fit == classes.ordered[0]
