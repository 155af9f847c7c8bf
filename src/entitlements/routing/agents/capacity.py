"""Capacity of agents: limits of pools and channels, the work limit, and exclusive work.

For every pool that the work draws on, load plus weight must stay within the limit. A limit that is
lowered affects new assignments only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.work.requirements import Requirement

NO_LIMIT: Final = 2**62
"""Free capacity where no pool has a limit."""


def has_room(state: AgentState, requires: Requirement) -> bool:
    """Return whether the agent has capacity for one more piece of work with `requires`."""
    limits, load, only_pool = state.limits, state.load, requires.pool
    if only_pool is not None and state.pools_only and not state.exclusive:
        # The general rule below gives the same answer; this form is enough for most work.
        limit, weight = limits.get(only_pool), requires.weight
        return limit is None or not weight or load.get(only_pool, 0) + weight <= limit
    for pool, weight in requires.drawn:
        limit = limits.get(pool)
        if limit is not None and weight and load.get(pool, 0) + weight > limit:
            return False
    if state.pools_only and not state.exclusive and not requires.exclusive:
        return True
    return _channels_compatible(state, requires)


def free_capacity(state: AgentState, requires: Requirement) -> int:
    """Return the smallest free capacity of what limits the work: its pools and its channel.

    Pools without a limit, pools with weight 0, and a channel without a limit do not count; without
    any, it is `NO_LIMIT`.
    """
    return min((limit - used for limit, used in _limits(state, requires)), default=NO_LIMIT)


def free_capacity_ratio(state: AgentState, requires: Requirement) -> float:
    """Return the smallest free share, from 0 to 1, of what limits the work.

    Equal ratios are equal floats, because division rounds correctly. The same limits count as for
    `free_capacity`, except those of 0; without any, it is 1.
    """
    shares = ((limit - used) / limit for limit, used in _limits(state, requires) if limit)
    return min(shares, default=1.0)


def _limits(state: AgentState, requires: Requirement) -> Iterator[tuple[int, int]]:
    """Yield each limit on the work and how much of it is in use."""
    limits, load = state.limits, state.load
    for pool, weight in requires.drawn:
        limit = limits.get(pool)
        if limit is not None and weight:
            yield limit, load.get(pool, 0)
    channel = requires.channel
    if channel is not None and state.agent.channels is not None:
        most = state.agent.channels.get(channel)
        if most is not None:
            yield most, state.by_channel.get(channel, 0)


def accepts_channel(state: AgentState, channel: str | None) -> bool:
    """Return whether the assigned work may be combined with work of `channel`."""
    combined = state.agent.combines
    for held, count in state.by_channel.items():
        if count and held in combined and channel not in combined[held]:
            return False
    return True


def _channels_compatible(state: AgentState, requires: Requirement) -> bool:
    agent, held, channel = state.agent, state.held, requires.channel
    if agent.work_limit is not None and len(held) >= agent.work_limit:
        return False
    if channel is not None and state.by_channel.get(channel, 0) >= _channel_limit(state, channel):
        return False
    if held and (state.exclusive or requires.exclusive):
        return False
    return accepts_channel(state, channel)


def _channel_limit(state: AgentState, channel: str) -> int:
    if state.agent.channels is None:
        return NO_LIMIT
    limit = state.agent.channels.get(channel, 0)
    return NO_LIMIT if limit is None else limit
