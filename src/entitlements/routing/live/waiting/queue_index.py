"""Queue index: for each skill, group, region and load, the queues of blocked work that ask for it.

The queues that an agent can serve are found for all queues at once. For each skill of the agent,
the mask of the queues that are content with the level is added up in binary, bit by bit; a queue is
served where the sum equals the number of levels it asks for. The cost depends on the skills of the
agent, not on the number of queues.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias, TypeVar, final

from entitlements.routing.agents.agent import Agent
from entitlements.routing.agents.capacity import has_room
from entitlements.routing.live.agents.indexed_agent import IndexedAgent
from entitlements.routing.live.waiting.work_queue import WorkQueue
from entitlements.routing.work.requirements import Requirement

K = TypeVar("K")
LevelMasks: TypeAlias = dict[str, dict[int, int]]
"""The masks of queues by skill or clearance, then by level."""

_GROUP: Final = "group"
_REGION: Final = "region"


@final
class QueueIndex:
    """The queues in which work waits that no agent could take, by what they ask for."""

    __slots__ = (
        "_all",
        "_asked",
        "_barred",
        "_clearances",
        "_loads",
        "_names",
        "_open",
        "_served",
        "_skills",
        "_stamp",
    )

    def __init__(self) -> None:
        self._all = 0
        self._stamp = 0
        self._skills: LevelMasks = {}
        self._clearances: LevelMasks = {}
        # Bit n of the number of levels that a queue asks for, as a mask of queues.
        self._asked: list[int] = []
        self._names: dict[tuple[str, str], int] = {}
        # Queues that name no group, or no region.
        self._open = {_GROUP: 0, _REGION: 0}
        self._barred: dict[str, int] = {}
        self._loads: dict[object, tuple[Requirement, int]] = {}
        self._served: dict[int, tuple[int, Agent, int]] = {}

    def add(self, queue: WorkQueue) -> None:
        """Add a queue; O(levels, groups, regions and excluded agents that it names)."""
        self._flip(queue)
        queue.indexed = True

    def remove(self, queue: WorkQueue) -> None:
        """Remove a queue; O(levels, groups, regions and excluded agents that it names)."""
        self._flip(queue)
        queue.indexed = False

    def reach(self, agent: IndexedAgent) -> int:
        """Return the mask of the queues whose work the agent can take now, on their shift.

        O(skills of the agent, and kinds of load) mask operations.
        """
        if not agent.present or not self._all:
            return 0
        found = self._served.get(agent.slot)
        if found is not None and found[0] == self._stamp and found[1] is agent.agent:
            served = found[2]
        else:
            served = self._qualified_for(agent.agent)
            self._served[agent.slot] = (self._stamp, agent.agent, served)
        if not served:
            return 0
        roomy = 0
        loads = self._loads
        if len(loads) == 1:
            ((requires, _),) = loads.values()
            return served if has_room(agent, requires) else 0
        for requires, mask in loads.values():
            if mask & served and has_room(agent, requires):
                roomy |= mask
        return served & roomy

    def _qualified_for(self, agent: Agent) -> int:
        counts: list[int] = []
        _count(counts, self._skills, agent.skills)
        _count(counts, self._clearances, agent.clearances)
        wrong = 0
        for place in range(max(len(counts), len(self._asked))):
            counted = counts[place] if place < len(counts) else 0
            asked = self._asked[place] if place < len(self._asked) else 0
            wrong |= counted ^ asked
        regions = () if agent.region is None else (agent.region,)
        return (
            self._all
            & ~wrong
            & self._naming(_GROUP, agent.groups)
            & self._naming(_REGION, regions)
            & ~self._barred.get(agent.id, 0)
        )

    def _naming(self, kind: str, names: Iterable[str]) -> int:
        mask = self._open[kind]
        for name in names:
            mask |= self._names.get((kind, name), 0)
        return mask

    def _flip(self, queue: WorkQueue) -> None:
        """Add the bit of a queue to all its masks, or remove it from them."""
        bit, requires = queue.bit, queue.requires
        obligations = requires.obligations
        _flip_levels(self._skills, requires.skills, bit)
        number = len(requires.skills)
        if obligations.clearances:
            _flip_levels(self._clearances, obligations.clearances, bit)
            number += len(obligations.clearances)
        place = 0
        while number:
            if place == len(self._asked):
                self._asked.append(0)
            if number & 1:
                self._asked[place] ^= bit
            number >>= 1
            place += 1
        for kind, names in ((_GROUP, requires.groups), (_REGION, obligations.residency)):
            if names:
                for name in names:
                    _flip(self._names, (kind, name), bit)
            else:
                self._open[kind] ^= bit
        for agent in queue.excluded:
            _flip(self._barred, agent, bit)
        load = (requires.drawn, requires.channel, requires.exclusive)
        first, mask = self._loads.get(load, (requires, 0))
        if mask ^ bit:
            self._loads[load] = (first, mask ^ bit)
        else:
            del self._loads[load]
        self._all ^= bit
        self._stamp += 1


def _count(counts: list[int], asked: LevelMasks, held: Mapping[str, int]) -> None:
    """Add the queues that are content with each level that is held."""
    if not asked:
        return
    for name, level in held.items():
        levels = asked.get(name)
        if levels is None:
            continue
        carry = 0
        for needed, mask in levels.items():
            if needed <= level:
                carry |= mask
        place = 0
        while carry:
            if place == len(counts):
                counts.append(0)
            counts[place], carry = counts[place] ^ carry, counts[place] & carry
            place += 1


def _flip_levels(asked: LevelMasks, levels: Mapping[str, int], bit: int) -> None:
    for name, level in levels.items():
        masks = asked.get(name)
        if masks is None:
            asked[name] = {level: bit}
            continue
        _flip(masks, level, bit)
        if not masks:
            del asked[name]


def _flip(masks: dict[K, int], key: K, bit: int) -> None:
    mask = masks.get(key, 0) ^ bit
    if mask:
        masks[key] = mask
    else:
        del masks[key]
