"""Agent postings: masks of the agents who hold a skill, a clearance, a group or a region.

The agents who are qualified for a requirement are the intersection of a few masks. A level has a
mask only if some requirement asked for it, and a change of an agent changes the masks of what that
agent holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, final

from entitlements.routing.agents.agent import Agent
from entitlements.routing.live.agents.indexed_agent import IndexedAgent
from entitlements.routing.live.masked_sequence import slots_of
from entitlements.routing.work.requirements import NO_OBLIGATIONS, Requirement

MAX_CHANGES: Final = 4_096
_MAX_LEVELS: Final = 16_384


@final
class LevelPostings:
    """For each name, the agents who hold it at a level or above.

    Attributes:
        masks: The masks that were asked for, by name and level.
    """

    __slots__ = ("_holders", "_number", "masks")

    def __init__(self) -> None:
        self._holders: dict[str, dict[IndexedAgent, int]] = {}
        self.masks: dict[str, dict[int, int]] = {}
        self._number = 0

    def at_least(self, name: str, level: int) -> int:
        """Return the mask of the agents who hold `name` at `level` or above."""
        masks = self.masks.get(name)
        if masks is not None:
            mask = masks.get(level)
            if mask is not None:
                return mask
        holders = self._holders.get(name)
        if not holders:
            return 0
        if self._number >= _MAX_LEVELS:
            self.masks.clear()
            self._number = 0
        mask = 0
        for agent, held in holders.items():
            if held >= level:
                mask |= agent.bit
        self.masks.setdefault(name, {})[level] = mask
        self._number += 1
        return mask

    def change(self, agent: IndexedAgent, levels: Iterable[tuple[str, int]], *, add: bool) -> None:
        """Add or remove what an agent holds."""
        for name, level in levels:
            holders = self._holders.setdefault(name, {})
            if add:
                holders[agent] = level
            else:
                del holders[agent]
            masks = self.masks.get(name)
            if masks is not None:
                for asked in masks:
                    if asked <= level:
                        masks[asked] ^= agent.bit
            if not holders:
                del self._holders[name]
                self._number -= len(self.masks.pop(name, ()))


@final
class AgentPostings:
    """All agents of an index by what they hold.

    Attributes:
        slots: The agent of each slot; None for a free slot.
        everyone: The mask of all agents.
        epoch: Number of changes so far.
    """

    __slots__ = (
        "_changes",
        "_clearances",
        "_free",
        "_groups",
        "_regions",
        "_skills",
        "epoch",
        "everyone",
        "slots",
    )

    def __init__(self) -> None:
        self.slots: list[IndexedAgent | None] = []
        self._free: list[int] = []
        self.everyone = 0
        self.epoch = 0
        self._changes: list[int] = []
        self._skills = LevelPostings()
        self._clearances = LevelPostings()
        self._groups: dict[str, int] = {}
        self._regions: dict[str, int] = {}

    def free_slot(self) -> int:
        """Return a slot without an agent."""
        if self._free:
            return self._free.pop()
        self.slots.append(None)
        return len(self.slots) - 1

    def add(self, agent: IndexedAgent) -> None:
        """Add an agent; O(skills x levels asked) mask operations."""
        self.slots[agent.slot] = agent
        self._change(agent, add=True)

    def remove(self, agent: IndexedAgent) -> None:
        """Remove an agent, whose slot becomes free; O(skills x levels asked) mask operations."""
        self.slots[agent.slot] = None
        self._free.append(agent.slot)
        self._change(agent, add=False)

    def replace(self, agent: IndexedAgent, value: Agent) -> None:
        """Replace the configuration of an agent; O(skills x levels asked) mask operations."""
        self._change(agent, add=False)
        agent.agent = value
        self._change(agent, add=True)

    def qualified(self, requires: Requirement) -> int:
        """Return the mask of the agents with the groups, levels and obligations of `requires`."""
        found, skills, obligations = self.everyone, self._skills, requires.obligations
        for name, level in requires.skills.items():
            known = skills.masks.get(name)
            if known is not None and level in known:
                found &= known[level]
            else:
                found &= skills.at_least(name, level)
        if requires.groups:
            member = 0
            for name in requires.groups:
                member |= self._groups.get(name, 0)
            found &= member
        if obligations is NO_OBLIGATIONS:
            return found
        for name, level in obligations.clearances.items():
            found &= self._clearances.at_least(name, level)
        if obligations.residency:
            found &= _any_of(self._regions, obligations.residency)
        return found

    def changed_since(self, epoch: int) -> list[int] | None:
        """Return the slots changed since `epoch`, each at least once; None if too many."""
        start = len(self._changes) - (self.epoch - epoch)
        return self._changes[start:] if start >= 0 else None

    def agents(self, mask: int) -> list[IndexedAgent]:
        """Return the agents of a mask, in order of their slots."""
        found = [self.slots[slot] for slot in slots_of(mask)]
        return [agent for agent in found if agent is not None]

    def _change(self, agent: IndexedAgent, *, add: bool) -> None:
        value, bit = agent.agent, agent.bit
        self.everyone ^= bit
        self._skills.change(agent, value.skills.items(), add=add)
        self._clearances.change(agent, value.clearances.items(), add=add)
        for group in value.groups:
            _flip(self._groups, group, bit)
        if value.region is not None:
            _flip(self._regions, value.region, bit)
        self.epoch += 1
        self._changes.append(agent.slot)
        if len(self._changes) > MAX_CHANGES:
            del self._changes[: MAX_CHANGES // 2]


def _flip(masks: dict[str, int], name: str, bit: int) -> None:
    mask = masks.get(name, 0) ^ bit
    if mask:
        masks[name] = mask
    else:
        del masks[name]


def _any_of(masks: dict[str, int], names: Iterable[str]) -> int:
    mask = 0
    for name in names:
        mask |= masks.get(name, 0)
    return mask
