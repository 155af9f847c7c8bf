"""Agents of equal configuration share a profile, and plans rank the queues of profiles."""

from __future__ import annotations

import pytest

from entitlements.calendars import Calendar
from entitlements.routing import LONGEST_IDLE, STRATEGIES, Agent, Requirement, Strategy, Workload
from entitlements.routing.live.agent_queues import IndexedAgent
from entitlements.routing.live.queue_plans import QueuePlans

PLAIN = Requirement()
ADA = Agent(id="ada", skills="x", position=1)
BOB = Agent(id="bob", skills="x", shift=Calendar.never(), speed=2)
EVE = Agent(id="eve", skills={"x": 2}, tier=1)


def profiles(strategy: Strategy, *agents: Agent) -> int:
    """Return the number of different profiles of the agents."""
    plans, made = QueuePlans(strategy), [IndexedAgent(each, Workload()) for each in agents]
    for each in made:
        plans.add(each)
    return len({id(each.profile) for each in made})


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        pytest.param("longest_idle", 1, id="id, position, shift and speed"),
        pytest.param("weighted_idle", 2, id="speed, where it is compared"),
        pytest.param("least_busy_time", 2, id="shift, where it is compared"),
    ],
)
def test_agents_who_differ_only_in_this_share_a_profile(strategy: str, expected: int) -> None:
    assert profiles(STRATEGIES[strategy], ADA, BOB) == expected


def test_agents_with_other_levels_have_another_profile() -> None:
    assert profiles(LONGEST_IDLE, ADA, EVE) == 2


def test_a_plan_lists_the_queues_of_the_best_tier_first() -> None:
    plans = QueuePlans(STRATEGIES["tiers"].then(LONGEST_IDLE))
    for agent in (EVE, ADA):
        plans.add(IndexedAgent(agent, Workload()))
    assert [len(each) for each in plans.make(PLAIN)] == [1, 1]
    first, second = plans.make(PLAIN)
    assert [each._profile.agent.id for each in (*first, *second)] == ["ada", "eve"]  # noqa: SLF001 - the order is the point


def test_a_plan_has_no_queue_of_a_profile_that_does_not_fit() -> None:
    plans = QueuePlans(LONGEST_IDLE)
    plans.add(IndexedAgent(ADA, Workload()))
    assert plans.make(Requirement(skills={"x": 2})) == []


def test_plans_are_made_again_after_a_new_profile_and_after_the_last_agent_of_one() -> None:
    plans, eve = QueuePlans(LONGEST_IDLE), IndexedAgent(EVE, Workload())
    plans.add(IndexedAgent(ADA, Workload()))
    plans.make(PLAIN)
    plans.add(eve)
    assert PLAIN not in plans.kept
    assert sum(map(len, plans.make(PLAIN))) == 2
    plans.remove(eve)
    assert PLAIN not in plans.kept
    assert sum(map(len, plans.make(PLAIN))) == 1
