"""Indexed agent: the state of one agent in the live index, with slot and bit.

The slot is the number of the agent's bit in every mask of the index. When an agent leaves, a later
agent gets the slot. Instants are microseconds since 1970 UTC.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import final

from entitlements.kernel.instants import START_OF_TIME
from entitlements.routing.agents.agent import Agent
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.agents.capacity import has_room
from entitlements.routing.agents.duty import ShiftTimeline
from entitlements.routing.agents.workload import Workload
from entitlements.routing.eligibility.eligibility import (
    Schedules,
    fits_permanently,
    is_available,
)
from entitlements.routing.strategies.strategy import SelectionContext


@final
class IndexedAgent(AgentState):
    """The state of an agent in the index.

    Attributes:
        slot: Number of the bit in masks.
        bit: The bit itself.
        shift: The shift shared with other agents; None for agents with their own duty times.
        has_own_times: Whether absences or extra duty change the presence.
        present: Whether the agent is on duty, not away, and below the rate limit.
        retired: Whether the agent is off duty for ever.
        timer: Microsecond of the earliest timer of the agent; None for none.
    """

    __slots__ = (
        "bit",
        "has_own_times",
        "present",
        "retired",
        "shift",
        "slot",
        "timer",
    )

    def __init__(self, agent: Agent, workload: Workload, slot: int = 0) -> None:
        super().__init__(agent, workload)
        self.slot = slot
        self.bit = 1 << slot
        self.present = self.retired = False
        self.timer: int | None = None
        self.shift: SharedShift | None = None
        self.has_own_times = bool(agent.absences or agent.overtime)


@final
class SharedShift:
    """A shift, and the agents whose duty is this shift and nothing else."""

    __slots__ = ("ended", "is_open", "members", "timeline")

    def __init__(self, timeline: ShiftTimeline, at: int) -> None:
        self.timeline = timeline
        self.members: dict[str, IndexedAgent] = {}
        self.is_open = self.ended = False
        if at != START_OF_TIME:
            self.update(at)

    def update(self, at: int) -> None:
        """Find out whether the shift is open at `at`, or will never be open again."""
        self.is_open = self.timeline.is_open(at)
        self.ended = not self.is_open and self.timeline.next_open(at) is None


def eligible_among(
    ids: Iterable[str],
    agents: Mapping[str, IndexedAgent],
    context: SelectionContext,
    excluded: Collection[str],
    schedules: Schedules,
) -> list[IndexedAgent]:
    """Return the eligible agents among a few ids, each once; unknown ids are left out."""
    requires = context.requires
    found = []
    for id in dict.fromkeys(ids):
        state = agents.get(id)
        if state is None or id in excluded or not fits_permanently(state.agent, requires):
            continue
        present = state.present
        if requires.on_call is not None:
            present = is_available(state, requires, context.at, schedules)
        if present and has_room(state, requires):
            found.append(state)
    return found
