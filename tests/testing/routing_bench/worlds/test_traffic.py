from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from entitlements.testing.routing_bench import (
    Needs,
    Piece,
    Relaxation,
    Reprioritisation,
    SkillChange,
    StatusChange,
    Withdrawal,
    make_world,
)
from entitlements.testing.routing_bench.worlds.dice import Dice
from entitlements.testing.routing_bench.worlds.traffic import MINUTE, GeneratedEvents, Traffic


def test_draws_of_one_purpose_do_not_depend_on_those_of_another() -> None:
    """The same arrivals and handling times, whatever else is drawn."""
    plain = Traffic(gap=MINUTE, handling=5 * MINUTE)
    busy = Traffic(
        gap=MINUTE, handling=5 * MINUTE, ranks=(0.5, 0.5), transfers=0.5, withdrawing=0.5
    )
    one, other = (
        [
            (each.at, each.handling)
            for each in GeneratedEvents(traffic=each, agents=(), seed=3, pieces=40, start=0)
            if isinstance(each, Piece)
        ]
        for each in (plain, busy)
    )
    assert one == other


def test_gaps_and_handling_times_have_the_mean_that_was_asked_for() -> None:
    events = GeneratedEvents(
        traffic=Traffic(gap=MINUTE, handling=7 * MINUTE), agents=(), seed=1, pieces=20_000, start=0
    )
    pieces = [each for each in events if isinstance(each, Piece)]
    assert abs(pieces[-1].at / len(pieces) / MINUTE - 1) < 0.03
    assert abs(sum(each.handling for each in pieces) / len(pieces) / MINUTE - 7) < 0.2


def test_an_agent_takes_no_break_during_a_break() -> None:
    away: dict[str, bool] = {}
    for event in make_world("real_day", agents=5, pieces=2_000).events:
        if isinstance(event, StatusChange):
            assert away.get(event.agent, False) is not event.away
            away[event.agent] = event.away


def test_changes_speak_of_agents_and_pieces_of_the_world() -> None:
    world = make_world("overload", agents=5, pieces=300)
    arrived: set[str] = set()
    for event in world.events:
        if isinstance(event, Piece):
            arrived.add(event.id)
        elif isinstance(event, Withdrawal | Reprioritisation):
            assert event.work in arrived
        elif isinstance(event, SkillChange | StatusChange):
            assert event.agent in {each.id for each in world.agents}


@given(st.integers(1, 50), st.integers(1, 50))
def test_needs_relax_step_by_step_and_never_obligations(first: int, second: int) -> None:
    needs = Needs(skills={"a": 3, "b": 2}, groups=["g"], clearances=["c"], regions=["eu"])
    piece = Piece(
        at=100, id="p", needs=needs, handling=1,
        relaxation=[
            Relaxation(after=first, lower={"a": 1, "b": 0}),
            Relaxation(after=first + second, any_group=True),
        ],
    )  # fmt: skip
    one = Needs(skills={"a": 1}, groups=["g"], clearances=["c"], regions=["eu"])
    two = Needs(skills={"a": 1}, clearances=["c"], regions=["eu"])
    assert piece.needs_at(100 + first - 1) == needs
    assert piece.needs_at(100 + first) == piece.needs_at(100 + first + second - 1) == one
    assert piece.needs_at(100 + first + second) == two


@given(st.integers(0, 5), st.integers(1, 20))
def test_a_sample_has_different_positions(seed: int, size: int) -> None:
    sample = Dice(seed, "x").sample(range(20), size)
    assert len(set(sample)) == size
