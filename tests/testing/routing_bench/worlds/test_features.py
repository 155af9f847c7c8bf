from __future__ import annotations

import pytest

from entitlements.testing.routing_bench import WORLDS, Feature, features, make_world, unfit
from entitlements.testing.routing_bench.worlds.world import World


@pytest.mark.parametrize("name", WORLDS)
def test_features_of_traffic_are_those_of_its_events(name: str) -> None:
    world = make_world(name, agents=30, pieces=3_000)
    listed = World(name=name, pieces=world.pieces, agents=world.agents, events=tuple(world.events))
    assert features(world) == features(listed)


def test_what_a_router_lacks_is_named() -> None:
    chat = make_world("chat", agents=5, pieces=5)
    assert unfit(chat, [Feature.CHANNELS]) is None
    assert unfit(chat, []) == "cannot do channels"
