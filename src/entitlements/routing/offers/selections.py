"""Selections: why an agent got an offer, recorded when the offer was made.

Who is free and who is next changes with every assignment, and no store keeps that. A selection
keeps what was compared, so that it can be explained later.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final, final

import attrs

from entitlements.kernel.converters import as_text, count, instance_of, positive, tuple_of
from entitlements.kernel.ids import identifier
from entitlements.kernel.instants import utc
from entitlements.routing.agents.assignment_override import AssignmentOverride, optional_override
from entitlements.routing.answers.answers import ConsideredAgent

MAX_CONSIDERED: Final = 12
"""With more agents in a group, a selection compares the agent with the runner-up only."""

MAX_SELECTIONS: Final = 8
"""How many selections of a piece of work are kept, the latest ones."""


def _considered(values: Iterable[ConsideredAgent]) -> tuple[ConsideredAgent, ...]:
    return tuple_of(ConsideredAgent, values)


@final
@attrs.frozen(kw_only=True)
class RunnerUp:
    """The agent who would have got an offer in place of the chosen one, and why did not.

    Attributes:
        agent: Id of the agent.
        key: The first key of the strategy in which both differ, such as `least_loaded`;
            `last_assigned` or `id` where they tie in all of them. Before all keys come `demoted`
            and `preferred`, by the lists of the work, and `sample`, for an agent outside of it.
        chosen: The ranking of the chosen agent in this key, as text; the smaller one comes first.
        other: The ranking of this agent.
    """

    agent: str = attrs.field(converter=identifier)
    key: str = attrs.field(converter=as_text)
    chosen: str = attrs.field(default="", converter=as_text)
    other: str = attrs.field(default="", converter=as_text)


def _runner_up(value: RunnerUp | None) -> RunnerUp | None:
    return None if value is None else instance_of(RunnerUp, value)


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
        runner_up: Whom the agent was preferred to, in a large group; None if no other agent could
            take the work.
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
    runner_up: RunnerUp | None = attrs.field(default=None, converter=_runner_up)
    override: AssignmentOverride | None = attrs.field(default=None, converter=optional_override)

    @property
    def routed(self) -> bool:
        """Whether routing chose the agent."""
        return bool(self.strategy)


def selections_of(values: Iterable[AgentSelection]) -> tuple[AgentSelection, ...]:
    """Return the latest selections; raise `InvalidValueError` unless all are selections."""
    return tuple_of(AgentSelection, values)[-MAX_SELECTIONS:]
