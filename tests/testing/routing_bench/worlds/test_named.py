from __future__ import annotations

from collections import Counter
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.kernel.errors import InvalidValueError, LimitExceededError, UnknownIdError
from entitlements.testing.routing_bench import WORLDS, Piece, World, make_world
from entitlements.testing.routing_bench.checker.rules import CheckedAgent

names = st.sampled_from(sorted(WORLDS))
seeds = st.integers(0, 1_000)


def pieces_of(world: World) -> list[Piece]:
    return [each for each in world.events if isinstance(each, Piece)]


@given(names, st.integers(1, 30), st.integers(0, 60), seeds)
def test_a_seed_gives_the_same_world_every_time(
    name: str, agents: int, pieces: int, seed: int
) -> None:
    one, again = (make_world(name, agents=agents, pieces=pieces, seed=seed) for _ in range(2))
    assert one == again
    assert list(one.events) == list(again.events) == list(one.events)


@pytest.mark.parametrize("name", WORLDS)
def test_another_seed_gives_another_world(name: str) -> None:
    one, other = (make_world(name, agents=9, pieces=50, seed=seed) for seed in (1, 2))
    assert list(one.events) != list(other.events)


@given(names, st.integers(1, 30), st.integers(0, 60), seeds)
def test_events_are_in_order_of_time_and_pieces_have_ids_of_their_own(
    name: str, agents: int, pieces: int, seed: int
) -> None:
    world = make_world(name, agents=agents, pieces=pieces, seed=seed)
    assert all(one.at <= other.at for one, other in pairwise(world.events))
    arrivals = pieces_of(world)
    assert len({each.id for each in arrivals}) == len(arrivals) == pieces == world.pieces
    assert len(world.agents) == agents
    assert [each.id for each in arrivals] == sorted(each.id for each in arrivals)


@pytest.mark.parametrize("name", WORLDS)
def test_every_piece_has_an_agent_who_could_take_it_without_relaxation(name: str) -> None:
    world = make_world(name, agents=30, pieces=300)
    agents = [CheckedAgent(each) for each in world.agents]
    for piece in pieces_of(world):
        needs = piece.needs
        # A quarter of the agents of the chat world takes no calls.
        assert any(each.is_skilled(needs) and each.is_allowed(needs) for each in agents)


def test_a_million_pieces_are_made_only_when_they_are_read() -> None:
    world = make_world("real_day", agents=10, pieces=1_000_000)
    assert [type(each) for each in islice(world.events, 3)] == [Piece] * 3


def test_a_real_day_is_a_day_on_which_everything_changes() -> None:
    world = make_world("real_day", agents=200, pieces=5_000)
    events = list(world.events)
    assert 22 < (events[-1].at - world.start) / 3_600_000_000 < 28
    kinds = Counter(type(each).__name__ for each in events)
    assert kinds.keys() == {
        "Piece", "SkillChange", "StatusChange", "WorkTransfer", "Reprioritisation",
    }  # fmt: skip
    arrivals = pieces_of(world)
    assert 0.27 < sum(bool(each.relaxation) for each in arrivals) / len(arrivals) < 0.33
    assert len({each.needs for each in arrivals}) > len(arrivals) / 2
    assert len({each.skills for each in world.agents}) > 190
    shifts = {each.shift.zone for each in world.agents if each.shift is not None}
    assert len(shifts) == 3


def test_during_an_outage_all_agents_are_away_and_pieces_arrive_faster() -> None:
    world = make_world("burst", agents=10, pieces=600)
    events = list(world.events)
    away = [n for n, each in enumerate(events) if getattr(each, "away", None) is True]
    back = [n for n, each in enumerate(events) if getattr(each, "away", None) is False]
    assert len(away) == len(back) == 10
    assert max(away) - min(away) == 9
    during = events[max(away) + 1 : min(back)]
    before = events[: min(away)]
    rate = len(during) / (during[-1].at - during[0].at)
    assert 2 < rate * (before[-1].at - before[0].at) / len(before) < 4


def test_an_unknown_world_is_refused_with_a_suggestion() -> None:
    with pytest.raises(UnknownIdError, match="real_day"):
        make_world("real_days")


@pytest.mark.parametrize(
    ("size", "error"),
    [
        ({"agents": 0}, InvalidValueError),
        ({"agents": 100_001}, LimitExceededError),
        ({"pieces": -1}, InvalidValueError),
        ({"pieces": 10_000_001}, LimitExceededError),
        ({"seed": -1}, InvalidValueError),
    ],
)
def test_a_size_out_of_range_is_refused(size: dict[str, int], error: type[Exception]) -> None:
    with pytest.raises(error):
        make_world("uniform", **size)
