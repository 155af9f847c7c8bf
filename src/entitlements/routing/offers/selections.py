"""Selections: why an agent got an offer, recorded when the offer was made.

Who is free and who is next changes with every assignment, and no store keeps that. A selection
keeps what was compared, so that it can be explained later.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final, final

import attrs

from entitlements.kernel.converters import count, positive, tuple_of
from entitlements.kernel.ids import identifier
from entitlements.kernel.instants import utc
from entitlements.routing.agents.assignment_override import AssignmentOverride, optional_override
from entitlements.routing.answers import ConsideredAgent

MAX_CONSIDERED: Final = 12
"""With more agents in a group, a selection has their number only: an offer would cost too much."""

MAX_SELECTIONS: Final = 8
"""How many selections of a piece of work are kept, the latest ones."""


def _considered(values: Iterable[ConsideredAgent]) -> tuple[ConsideredAgent, ...]:
    return tuple_of(ConsideredAgent, values)


@final
@attrs.frozen(kw_only=True)
class AgentSelection:
    """Why an agent got an offer.

    Attributes:
        agent: Id of the agent.
        fence: Fence of the offer.
        at: When it was made.
        strategy: Name of the strategy that chose the agent; empty if a command named the agent.
        preferred: Whether the work preferred the agent, whatever the strategy.
        considered: The agents who were compared, in order of id; none in a large group, or if a
            command named the agent.
        agents: How many agents the group had; 0 if a command named the agent.
        override: Who allowed an agent who was not eligible, and why; None if the agent was.

    >>> AgentSelection(agent="ada", fence=1, at="2026-03-02T09:00Z").routed
    False
    """

    agent: str = attrs.field(converter=identifier)
    fence: int = attrs.field(converter=positive)
    at: datetime = attrs.field(converter=utc)
    strategy: str = ""
    preferred: bool = False
    considered: tuple[ConsideredAgent, ...] = attrs.field(default=(), converter=_considered)
    agents: int = attrs.field(default=0, converter=count)
    override: AssignmentOverride | None = attrs.field(default=None, converter=optional_override)

    @property
    def routed(self) -> bool:
        """Whether routing chose the agent."""
        return bool(self.strategy)


def selections_of(values: Iterable[AgentSelection]) -> tuple[AgentSelection, ...]:
    """Return the latest selections; raise `InvalidValueError` unless all are selections."""
    return tuple_of(AgentSelection, values)[-MAX_SELECTIONS:]
