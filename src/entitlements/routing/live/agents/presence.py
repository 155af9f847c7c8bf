"""Presence: who of a roster that does not change is present at an instant.

The live index keeps the presence of its agents up to date, which is fast if instants rise. Here
instants may come in any order, and threads may ask at the same time.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import final

from entitlements.routing.agents.duty import ShiftTimeline
from entitlements.routing.eligibility.eligibility import is_available
from entitlements.routing.live.agents.indexed_agent import IndexedAgent
from entitlements.routing.work.requirements import NO_REQUIREMENT


@final
class Presence:
    """The present agents at any instant."""

    __slots__ = ("_always", "_others", "_shifts")

    def __init__(self, agents: Iterable[IndexedAgent]) -> None:
        self._always = 0
        shifts: dict[int, tuple[ShiftTimeline, int]] = {}
        others = []
        for agent in agents:
            timeline = agent.duty.timeline
            if agent.has_own_times or agent.away or agent.rate_limit is not None:
                others.append(agent)
            elif timeline is None:
                self._always |= agent.bit
            else:
                mask = shifts.get(id(timeline), (timeline, 0))[1]
                shifts[id(timeline)] = (timeline, mask | agent.bit)
        self._shifts = tuple(shifts.values())
        self._others = tuple(others)

    def peers(self, agent: IndexedAgent) -> tuple[ShiftTimeline | None, int] | None:
        """Return the shift of an agent, and the mask of all who are present exactly then.

        None for an agent with own times; a shift of None is always open.
        """
        if agent.bit & self._always:
            return None, self._always
        return next((each for each in self._shifts if each[1] & agent.bit), None)

    def mask(self, at: int) -> int:
        """Return the mask of the agents who are present; O(shifts + agents with own times)."""
        mask = self._always
        for timeline, members in self._shifts:
            if timeline.is_open(at):
                mask |= members
        for agent in self._others:
            if is_available(agent, NO_REQUIREMENT, at):
                mask |= agent.bit
        return mask
