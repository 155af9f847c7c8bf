"""Profiles are what agents share; lanes hold who is here and has room."""

from __future__ import annotations

import pytest

from entitlements.calendars import Calendar
from entitlements.routing import (
    LEAST_BUSY_TIME,
    LEAST_LOADED,
    LONGEST_IDLE,
    WEIGHTED_IDLE,
    Agent,
    Requirement,
    Workload,
)
from entitlements.routing.live.agent_queues import (
    AgentProfile,
    AgentQueue,
    IndexedAgent,
    lane_of,
    profile_key,
)
from entitlements.routing.strategies.named import DEFAULT_STRATEGY, WEIGHTED_ROUND_ROBIN
from entitlements.routing.strategies.strategy import Strategy


def test_agents_who_differ_in_name_and_position_share_a_profile() -> None:
    one, two, three = (
        IndexedAgent(agent, Workload())
        for agent in (
            Agent(id="a", skills="x", position=1),
            Agent(id="b", skills="x", shift=Calendar.never(), speed=2),
            Agent(id="c", skills={"x": 2}),
        )
    )
    assert profile_key(one, LONGEST_IDLE) == profile_key(two, LONGEST_IDLE)
    assert profile_key(one, LONGEST_IDLE) != profile_key(three, LONGEST_IDLE)
    assert profile_key(one, WEIGHTED_IDLE) != profile_key(two, WEIGHTED_IDLE)
    assert profile_key(one, LEAST_BUSY_TIME) != profile_key(two, LEAST_BUSY_TIME)


def place(id: str, load: int = 0, *, here: bool = True, capacity: int = 3) -> IndexedAgent:
    made = IndexedAgent(Agent(id=id, capacity=capacity), Workload())
    made.here = here
    for n in range(load):
        made.assign(f"{id}{n}", Requirement(), 0, 1)
    return made


def profile(*places: IndexedAgent) -> AgentProfile:
    made = AgentProfile(places[0].agent)
    for each in places:
        made.members[each.id] = each
    return made


def in_line(lane: AgentQueue) -> list[str]:
    """Empty the lane from the front."""
    found = []
    while (top := lane.refresh_top()) is not None:
        found.append(top[-1].id)
        lane.pop()
    assert len(lane) == 0
    return found


STRATEGY = pytest.mark.parametrize(
    "strategy",
    [
        pytest.param(DEFAULT_STRATEGY, id="spelt out"),
        pytest.param(LEAST_LOADED.then(WEIGHTED_ROUND_ROBIN), id="any"),
    ],
)


@STRATEGY
def test_a_lane_holds_who_is_here_and_has_room_best_first(strategy: Strategy) -> None:
    places = (place("a", 1), place("b"), place("c", here=False), place("d"), place("e", 3))
    lane = lane_of(profile(*places), Requirement(), strategy)
    assert in_line(lane) == ["b", "d", "a"]


@STRATEGY
def test_who_falls_back_is_moved_when_they_come_to_the_front(strategy: Strategy) -> None:
    places = [place("a"), place("b", 1), place("c", 2)]
    lane = lane_of(profile(*places), Requirement(), strategy)
    places[0].assign("x", Requirement(), 9, 2)
    places[0].assign("y", Requirement(), 9, 3)
    places[0].version += 1
    lane.change(places[0])
    assert lane.top[-1] is places[0]
    assert in_line(lane) == ["b", "c", "a"]


@STRATEGY
def test_who_gets_ahead_is_moved_at_once(strategy: Strategy) -> None:
    places = [place("a", 1), place("b", 2)]
    lane = lane_of(profile(*places), Requirement(), strategy)
    for work in list(places[1].held):
        places[1].release(work, 5)
    places[1].version += 1
    lane.change(places[1])
    assert lane.top[-1] is places[1]
    assert len(lane) == 3
    assert in_line(lane) == ["b", "a"]


@STRATEGY
def test_who_lost_their_room_is_dropped_and_comes_back_with_it(strategy: Strategy) -> None:
    places = [place("a", 2), place("b", 2)]
    lane = lane_of(profile(*places), Requirement(), strategy)
    places[0].assign("x", Requirement(), 9, 2)
    places[0].version += 1
    assert lane.refresh_top()[-1] is places[1]
    assert "a" not in lane.live
    places[0].release("x", 9)
    places[0].version += 1
    lane.change(places[0])
    assert in_line(lane) == ["b", "a"]
