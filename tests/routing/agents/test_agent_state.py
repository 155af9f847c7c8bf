"""An agent's desk in integers keeps the facts it was made of."""

from __future__ import annotations

import pytest
from hypothesis import given

from entitlements.kernel import InvalidValueError
from entitlements.routing import Agent, RateLimit, Requirement, Workload
from entitlements.routing.agents.agent_state import AgentState
from entitlements.testing.strategies.routing import agents, requirements, standings


@given(agents("a"), standings())
def test_a_seat_and_its_standing_say_the_same(agent: Agent, standing: Workload) -> None:
    assert AgentState(agent, standing).standing() == standing


@given(agents("a"), standings())
def test_a_seat_is_the_same_after_a_snapshot(agent: Agent, standing: Workload) -> None:
    seat = AgentState(agent, standing)
    again = AgentState.of(seat.snapshot())
    assert again.standing() == seat.standing()
    assert {name: getattr(again, name) for name in ("load", "by_channel", "exclusive")} == {
        name: getattr(seat, name) for name in ("load", "by_channel", "exclusive")
    }


@given(agents("a"), standings(), requirements())
def test_taking_and_giving_back_leaves_the_hands_as_they_were(
    agent: Agent, standing: Workload, requires: Requirement
) -> None:
    seat = AgentState(agent, standing)
    seat.assign("x", requires, 0, 9)
    seat.release("x", 0, done=False)
    after = seat.standing()
    assert after.held == standing.held
    assert (after.handled, after.assigned) == (standing.handled, standing.assigned + 1)
    assert {pool: n for pool, n in seat.load.items() if n} == {
        pool: n for pool, n in AgentState(agent, standing).load.items() if n
    }


def test_what_one_agent_takes_is_in_no_other_hands() -> None:
    ada, bob = AgentState(Agent(id="ada"), Workload()), AgentState(Agent(id="bob"), Workload())
    for n, requires in enumerate([Requirement(), Requirement(exclusive=True)]):
        ada.assign(f"{n}", requires, 0, n)
        assert (len(ada.held), ada.load) == (1, {"work": 1})
        assert (len(bob.held), bob.load) == (0, {})
        ada.release(f"{n}", 1)
    assert (len(ada.held), ada.load) == (0, {})


def test_busy_time_is_counted_once_however_much_is_in_hand() -> None:
    seat = AgentState(Agent(id="a"), Workload())
    seat.assign("1", Requirement(), 0, 1)
    seat.assign("2", Requirement(), 10, 2)
    seat.release("1", 20)
    assert seat.busy == 0
    seat.release("2", 50)
    assert (seat.busy, seat.handled, seat.released) == (50, 2, 50)


def test_a_pace_counts_up_to_but_not_including_its_end() -> None:
    pace = RateLimit(2)
    within = 5 * 60 * 1_000_000
    seat = AgentState(Agent(id="a", pace=pace), Workload())
    for n, at in enumerate((0, 100)):
        seat.assign(str(n), Requirement(), at, n)
    assert seat.rate_limited_until(within - 1) == within
    assert seat.rate_limited_until(within) == within


def test_nobody_is_here_and_expected_back() -> None:
    with pytest.raises(InvalidValueError):
        AgentState(Agent(id="a"), Workload()).set_away(0, away=False, back=5)
