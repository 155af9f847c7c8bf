"""Profiles are what agents share; lanes hold who is here and has room."""

from __future__ import annotations

from entitlements.calendars import Calendar
from entitlements.routing import (
    LEAST_BUSY_TIME,
    LEAST_LOADED,
    LONGEST_IDLE,
    WEIGHTED_IDLE,
    Agent,
    Requirement,
    Standing,
)
from entitlements.routing.lanes import Lane, Place, Profile, profile_key


def test_agents_who_differ_in_name_and_position_share_a_profile() -> None:
    one, two, three = (
        Place(agent, Standing())
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


def test_a_lane_holds_who_is_here_and_has_room_best_first() -> None:
    profile = Profile(Agent(id="a", capacity=1))
    for n, (here, load) in enumerate([(True, 1), (True, 0), (False, 0), (True, 0)]):
        place = Place(Agent(id=f"a{n}", capacity=1), Standing())
        place.here = here
        if load:
            place.take("w", Requirement(), 0, 1)
        profile.members[place.id] = place
    lane = Lane(profile, Requirement(), LEAST_LOADED.then(LONGEST_IDLE))
    assert [entry[-3] for entry in sorted(lane.heap)] == ["a1", "a3"]
