"""An agent state equals the agent and workload it was built from."""

from __future__ import annotations

import pytest
from hypothesis import given

from entitlements.kernel import InvalidValueError
from entitlements.routing import Agent, RateLimit, Requirement, Workload
from entitlements.routing.agents.agent_state import AgentState
from entitlements.testing.strategies.routing import agents, requirements, workloads


@given(agents("a"), workloads())
def test_a_state_and_its_workload_are_equal(agent: Agent, workload: Workload) -> None:
    assert AgentState(agent, workload).workload() == workload


@given(agents("a"), workloads())
def test_a_state_from_a_snapshot_is_equal(agent: Agent, workload: Workload) -> None:
    state = AgentState(agent, workload)
    again = AgentState.of(state.snapshot())
    assert again.workload() == state.workload()
    assert {name: getattr(again, name) for name in ("load", "by_channel", "exclusive")} == {
        name: getattr(state, name) for name in ("load", "by_channel", "exclusive")
    }


@given(agents("a"), workloads(), requirements())
def test_an_assignment_and_its_release_leave_the_load_unchanged(
    agent: Agent, workload: Workload, requires: Requirement
) -> None:
    state = AgentState(agent, workload)
    state.assign("x", requires, 0, 9)
    state.release("x", 0, done=False)
    after = state.workload()
    assert after.held == workload.held
    assert (after.handled, after.assigned) == (workload.handled, workload.assigned + 1)
    assert {pool: n for pool, n in state.load.items() if n} == {
        pool: n for pool, n in AgentState(agent, workload).load.items() if n
    }


def test_agents_share_no_load() -> None:
    ada, bob = AgentState(Agent(id="ada"), Workload()), AgentState(Agent(id="bob"), Workload())
    for n, requires in enumerate([Requirement(), Requirement(exclusive=True)]):
        ada.assign(f"{n}", requires, 0, n)
        assert (len(ada.held), ada.load) == (1, {"work": 1})
        assert (len(bob.held), bob.load) == (0, {})
        ada.release(f"{n}", 1)
    assert (len(ada.held), ada.load) == (0, {})


def test_busy_time_counts_once_for_any_number_of_pieces() -> None:
    state = AgentState(Agent(id="a"), Workload())
    state.assign("1", Requirement(), 0, 1)
    state.assign("2", Requirement(), 10, 2)
    state.release("1", 20)
    assert state.busy == 0
    state.release("2", 50)
    assert (state.busy, state.handled, state.released) == (50, 2, 50)


def test_an_assignment_counts_up_to_the_end_of_the_rate_limit_exclusive() -> None:
    pace = RateLimit(2)
    within = 5 * 60 * 1_000_000
    state = AgentState(Agent(id="a", rate_limit=pace), Workload())
    for n, at in enumerate((0, 100)):
        state.assign(str(n), Requirement(), at, n)
    assert state.rate_limited_until(within - 1) == within
    assert state.rate_limited_until(within) == within


def test_an_agent_who_is_not_away_has_no_return() -> None:
    with pytest.raises(InvalidValueError):
        AgentState(Agent(id="a"), Workload()).set_away(0, away=False, back=5)


def test_a_release_before_the_assignment_adds_no_busy_time() -> None:
    state = AgentState(Agent(id="ada"), Workload())
    state.assign("R-1", Requirement(), 10, 1)
    state.release("R-1", 5)
    assert state.busy == 0
