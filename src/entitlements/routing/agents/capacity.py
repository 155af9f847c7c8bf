"""Is there room? Pools, channels, ceilings and work that tolerates no company.

The test is the same everywhere: for every pool the work draws on, load plus weight stays within
the limit. A limit that was lowered takes nothing out of anybody's hands.
"""

from __future__ import annotations

from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.work.requirements import Requirement

NO_LIMIT = 2**62


def has_room(seat: AgentState, requires: Requirement) -> bool:
    """Return whether the agent's hands have room for work that takes `requires`."""
    limits, load, alone = seat.limits, seat.load, requires.pool
    if alone is not None and seat.plain and not seat.exclusive:
        # What follows comes to this for most work and most agents.
        limit, weight = limits.get(alone), requires.weight
        return limit is None or not weight or load.get(alone, 0) + weight <= limit
    for pool, weight in requires.drawn:
        limit = limits.get(pool)
        if limit is not None and weight and load.get(pool, 0) + weight > limit:
            return False
    if seat.plain and not seat.exclusive and not requires.exclusive:
        return True
    return _channels_compatible(seat, requires)


def free_capacity(seat: AgentState, requires: Requirement) -> int:
    """Return the least room left in any pool that `requires` draws on."""
    limits, load = seat.limits, seat.load
    left = NO_LIMIT
    for pool, weight in requires.drawn:
        limit = limits.get(pool)
        if limit is not None and weight:
            left = min(left, limit - load.get(pool, 0))
    return left


def free_capacity_ratio(seat: AgentState, requires: Requirement) -> float:
    """Return the least share of a limit left in any pool that `requires` draws on.

    Equal ratios are equal floats, because division rounds correctly.
    """
    limits, load = seat.limits, seat.load
    left = 1.0
    for pool, weight in requires.drawn:
        limit = limits.get(pool)
        if limit and weight:
            left = min(left, (limit - load.get(pool, 0)) / limit)
    return left


def accepts_channel(seat: AgentState, channel: str | None) -> bool:
    """Return whether everything in hand tolerates further work of `channel`."""
    alongside = seat.agent.alongside
    for held, count in seat.by_channel.items():
        if count and held in alongside and channel not in alongside[held]:
            return False
    return True


def _channels_compatible(seat: AgentState, requires: Requirement) -> bool:
    agent, held, channel = seat.agent, seat.held, requires.channel
    if agent.most is not None and len(held) >= agent.most:
        return False
    if channel is not None and seat.by_channel.get(channel, 0) >= _channel_limit(seat, channel):
        return False
    if held and (seat.exclusive or requires.exclusive):
        return False
    return accepts_channel(seat, channel)


def _channel_limit(seat: AgentState, channel: str) -> int:
    if seat.agent.channels is None:
        return NO_LIMIT
    limit = seat.agent.channels.get(channel, 0)
    return NO_LIMIT if limit is None else limit
