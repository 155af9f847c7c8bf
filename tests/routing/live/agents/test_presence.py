"""Presence at any instant is what the rules say."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from entitlements.kernel.instants import to_micros
from entitlements.routing import Requirement, Roster
from entitlements.routing.eligibility.eligibility import is_available
from entitlements.routing.live.agents.indexed_agent import IndexedAgent
from entitlements.routing.live.agents.presence import Presence
from entitlements.testing.strategies.routing import instants, rosters


@given(rosters(), st.lists(instants(), min_size=1, max_size=6))
def test_the_mask_holds_the_agents_who_are_available(
    roster: Roster, moments: list[datetime]
) -> None:
    states = [
        IndexedAgent(agent, roster.workload(id), slot)
        for slot, (id, agent) in enumerate(roster.agents.items())
    ]
    presence = Presence(states)
    for at in map(to_micros, moments):
        able = [each for each in states if is_available(each, Requirement(), at)]
        assert presence.mask(at) == sum(each.bit for each in able)


@given(rosters(), st.lists(instants(), min_size=1, max_size=6))
def test_peers_are_present_at_the_same_instants(roster: Roster, moments: list[datetime]) -> None:
    states = [
        IndexedAgent(agent, roster.workload(id), slot)
        for slot, (id, agent) in enumerate(roster.agents.items())
    ]
    presence = Presence(states)
    for agent in states:
        peers = presence.peers(agent)
        if peers is None:
            continue
        timeline, mask = peers
        assert mask & agent.bit
        for at in map(to_micros, moments):
            is_open = timeline is None or timeline.is_open(at)
            assert presence.mask(at) & mask == (mask if is_open else 0)
