"""An agent's desk in integers keeps the facts it was made of."""

from __future__ import annotations

import pytest
from hypothesis import given

from entitlements.kernel import InvalidValueError
from entitlements.routing import Agent, Pace, Requirement, Standing
from entitlements.routing.agents.agent_state import Seat
from entitlements.testing.strategies.routing import agents, requirements, standings


@given(agents("a"), standings())
def test_a_seat_and_its_standing_say_the_same(agent: Agent, standing: Standing) -> None:
    assert Seat(agent, standing).standing() == standing


@given(agents("a"), standings())
def test_a_seat_is_the_same_after_a_snapshot(agent: Agent, standing: Standing) -> None:
    seat = Seat(agent, standing)
    again = Seat.of(seat.snapshot())
    assert again.standing() == seat.standing()
    assert {name: getattr(again, name) for name in ("load", "by_channel", "exclusive")} == {
        name: getattr(seat, name) for name in ("load", "by_channel", "exclusive")
    }


@given(agents("a"), standings(), requirements())
def test_taking_and_giving_back_leaves_the_hands_as_they_were(
    agent: Agent, standing: Standing, requires: Requirement
) -> None:
    seat = Seat(agent, standing)
    seat.take("x", requires, 0, 9)
    seat.give_back("x", 0, done=False)
    after = seat.standing()
    assert after.held == standing.held
    assert (after.handled, after.assigned) == (standing.handled, standing.assigned + 1)
    assert {pool: n for pool, n in seat.load.items() if n} == {
        pool: n for pool, n in Seat(agent, standing).load.items() if n
    }


def test_what_one_agent_takes_is_in_no_other_hands() -> None:
    ada, bob = Seat(Agent(id="ada"), Standing()), Seat(Agent(id="bob"), Standing())
    for n, requires in enumerate([Requirement(), Requirement(exclusive=True)]):
        ada.take(f"{n}", requires, 0, n)
        assert (len(ada.held), ada.load) == (1, {"work": 1})
        assert (len(bob.held), bob.load) == (0, {})
        ada.give_back(f"{n}", 1)
    assert (len(ada.held), ada.load) == (0, {})


def test_busy_time_is_counted_once_however_much_is_in_hand() -> None:
    seat = Seat(Agent(id="a"), Standing())
    seat.take("1", Requirement(), 0, 1)
    seat.take("2", Requirement(), 10, 2)
    seat.give_back("1", 20)
    assert seat.busy == 0
    seat.give_back("2", 50)
    assert (seat.busy, seat.handled, seat.released) == (50, 2, 50)


def test_a_pace_counts_up_to_but_not_including_its_end() -> None:
    pace = Pace(2)
    within = 5 * 60 * 1_000_000
    seat = Seat(Agent(id="a", pace=pace), Standing())
    for n, at in enumerate((0, 100)):
        seat.take(str(n), Requirement(), at, n)
    assert seat.paced_until(within - 1) == within
    assert seat.paced_until(within) == within


def test_nobody_is_here_and_expected_back() -> None:
    with pytest.raises(InvalidValueError):
        Seat(Agent(id="a"), Standing()).set_away(0, away=False, back=5)
