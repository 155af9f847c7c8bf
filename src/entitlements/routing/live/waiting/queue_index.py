"""Queue index: for each skill, group, region and load, the queues of blocked work that ask for it.

The queues that an agent can serve are found for all queues at once. For each skill of the agent,
the mask of the queues that are content with the level is added up in binary, bit by bit; a queue is
served where the sum equals the number of levels it asks for. The cost depends on the skills of the
agent, not on the number of queues.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias, TypeVar, final

from entitlements.routing.agents.agent import Agent
from entitlements.routing.agents.capacity import has_room
from entitlements.routing.live.agents.indexed_agent import IndexedAgent
from entitlements.routing.live.masked_sequence import slots_of
from entitlements.routing.live.waiting.work_queue import WorkQueue
from entitlements.routing.work.requirements import NO_OBLIGATIONS, Load, Requirement
from entitlements.routing.work.skills import SkillLevels

# For more agents, what is kept is found again instead of extended by a new queue.
_MAX_EXTENDED: Final = 256
# The same where more agents than this are kept for each queue that is removed.
_MAX_PER_REMOVED: Final = 16

K = TypeVar("K")
NameMasks: TypeAlias = dict[str, int]
"""The masks of queues by group, region, or agent who is excluded."""


@final
class AskedLevels:
    """The queues that ask for one skill or clearance.

    Attributes:
        content: For each level that was asked about since the last change, the mask of the queues
            that ask for no more.
    """

    __slots__ = ("_masks", "content")

    def __init__(self) -> None:
        self._masks: dict[int, int] = {}
        self.content: dict[int, int] = {}

    def add(self, level: int, bit: int) -> None:
        """Add a queue that asks for a level."""
        self._masks[level] = self._masks.get(level, 0) | bit
        self.content.clear()

    def keep(self, left: int) -> bool:
        """Remove all queues but those of a mask; return whether any are left."""
        self._masks = _those_left(self._masks, left)
        self.content.clear()
        return bool(self._masks)

    def content_with(self, held: int) -> int:
        """Return the mask of the queues that ask for a level, but not for more than `held`."""
        mask = 0
        for level, each in self._masks.items():
            if level <= held:
                mask |= each
        self.content[held] = mask
        return mask


@final
class QueueIndex:
    """The queues in which work waits that no agent could take, by what they ask for."""

    __slots__ = (
        "_all",
        "_any_group",
        "_any_region",
        "_asked",
        "_barred",
        "_clearances",
        "_groups",
        "_loads",
        "_regions",
        "_served",
        "_skills",
        "_unsorted",
    )

    def __init__(self) -> None:
        self._all = 0
        self._skills: dict[str, AskedLevels] = {}
        self._clearances: dict[str, AskedLevels] = {}
        # Bit n of the number of levels that a queue asks for, as a mask of queues; two at least.
        self._asked: list[int] = [0, 0]
        self._groups: NameMasks = {}
        self._any_group = 0
        self._regions: NameMasks = {}
        self._any_region = 0
        self._barred: NameMasks = {}
        self._loads: dict[Load, tuple[Requirement, int]] = {}
        # The queues for which the agent of a slot is qualified; void once there is another one.
        self._served: dict[int, tuple[Agent, int]] = {}
        # The queues that are in `_all` and `_loads` and in nothing else yet.
        self._unsorted: list[WorkQueue] = []

    def add(self, queues: Iterable[WorkQueue], qualified: int | None = None) -> None:
        """Add those of the queues that are not in the index and need no agent on call.

        O(1) for each, and once O(levels, groups, regions and excluded agents that they name) when
        an agent is asked about of whom nothing is kept. `qualified` is the mask of the agents who
        are qualified for all of them, if it is known: if they are few, what is kept of all agents
        stays right.
        """
        added, loads = 0, self._loads
        for queue in queues:
            requires = queue.requires
            if queue.indexed or requires.on_call is not None:
                continue
            queue.indexed = True
            self._unsorted.append(queue)
            added |= queue.bit
            known = loads.get(requires.load)
            loads[requires.load] = (requires, queue.bit | (known[1] if known else 0))
        if added:
            self._all |= added
            if qualified is None or qualified.bit_count() > _MAX_EXTENDED:
                self._served.clear()
            else:
                self._extend(qualified, added)

    def _sort(self) -> None:
        """Enter what the queues ask for that were added since."""
        by_number: dict[int, int] = {}
        for queue in self._unsorted:
            bit, requires, obligations = queue.bit, queue.requires, queue.requires.obligations
            _add_levels(self._skills, requires.skills, bit)
            number = len(requires.skills)
            if obligations is not NO_OBLIGATIONS:
                _add_levels(self._clearances, obligations.clearances, bit)
                number += len(obligations.clearances)
            by_number[number] = by_number.get(number, 0) | bit
            if requires.groups:
                _add_names(self._groups, requires.groups, bit)
            else:
                self._any_group |= bit
            if obligations.residency:
                _add_names(self._regions, obligations.residency, bit)
            else:
                self._any_region |= bit
            if queue.excluded:
                _add_names(self._barred, queue.excluded, bit)
        self._unsorted.clear()
        for number, mask in by_number.items():
            self._count(number, mask)

    def _extend(self, qualified: int, queues: int) -> None:
        """Add queues to what is kept of the agents who are qualified for them."""
        served = self._served
        for slot in slots_of(qualified):
            known = served.get(slot)
            if known is not None:
                served[slot] = (known[0], known[1] | queues)

    def _count(self, number: int, mask: int) -> None:
        """Record that the queues of a mask ask for so many levels."""
        place = 0
        while number:
            if place == len(self._asked):
                self._asked.append(0)
            if number & 1:
                self._asked[place] |= mask
            number >>= 1
            place += 1

    def remove(self, queues: Iterable[WorkQueue]) -> None:
        """Remove those of the queues that are in the index; O(what all queues ask for)."""
        gone = 0
        for queue in queues:
            if queue.indexed:
                gone |= queue.bit
                queue.indexed = False
        if not gone:
            return
        left = ~gone
        self._unsorted = [queue for queue in self._unsorted if queue.indexed]
        for asked in (self._skills, self._clearances):
            for name, levels in list(asked.items()):
                if not levels.keep(left):
                    del asked[name]
        self._asked = [mask & left for mask in self._asked]
        self._groups = _those_left(self._groups, left)
        self._regions = _those_left(self._regions, left)
        self._barred = _those_left(self._barred, left)
        self._any_group &= left
        self._any_region &= left
        for load, (requires, mask) in list(self._loads.items()):
            if mask & left:
                self._loads[load] = (requires, mask & left)
            else:
                del self._loads[load]
        self._all &= left
        if len(self._served) > _MAX_PER_REMOVED * gone.bit_count():
            self._served.clear()
        else:
            for slot, (agent, served) in self._served.items():
                self._served[slot] = (agent, served & left)

    def reach(self, agent: IndexedAgent, among: int = -1) -> int:
        """Return the mask of the queues, among those of a mask, whose work the agent can take now.

        O(kinds of load) mask operations; O(skills of the agent) where nothing is kept of the agent.
        """
        known = self._served.get(agent.slot)
        if known is not None and known[0] is agent.agent:
            served = known[1] & among
            return served and served & self.with_room(agent)
        roomy = self.with_room(agent) & among
        if roomy:
            served = self._qualified_for(agent.agent)
            self._served[agent.slot] = (agent.agent, served)
            roomy &= served
        return roomy

    def with_room(self, agent: IndexedAgent) -> int:
        """Return the mask of the queues for whose work the agent has capacity now.

        O(kinds of load).
        """
        roomy = 0
        if not agent.present:
            return roomy
        for requires, mask in self._loads.values():
            if has_room(agent, requires):
                roomy |= mask
        return roomy

    def _qualified_for(self, agent: Agent) -> int:
        if self._unsorted:
            self._sort()
        qualified = self._all
        groups = self._any_group
        for name in agent.groups:
            groups |= self._groups.get(name, 0)
        regions = self._any_region
        if agent.region is not None and self._regions:
            regions |= self._regions.get(agent.region, 0)
        qualified &= groups & regions & self._asking_no_more(agent)
        barred = self._barred.get(agent.id) if self._barred else None
        return qualified if barred is None else qualified & ~barred

    def _asking_no_more(self, agent: Agent) -> int:
        """Return the mask of the queues that ask for no level above those of the agent.

        The queues that are content with a level are added to numbers of one bit for each queue: the
        first two bits by name, further ones in a list.
        """
        ones = twos = 0
        more: list[int] = []
        for asked, held in (
            (self._skills, agent.skills),
            (self._clearances, agent.clearances),
        ):
            if not asked:
                continue
            for name, level in held.items():
                levels = asked.get(name)
                if levels is None:
                    continue
                content = levels.content.get(level)
                if content is None:
                    content = levels.content_with(level)
                carry = ones & content
                ones ^= content
                if carry:
                    over = twos & carry
                    twos ^= carry
                    if over:
                        _carry(more, over)
        first, second, *others = self._asked
        wrong = (ones ^ first) | (twos ^ second)
        for place in range(max(len(more), len(others))):
            counted = more[place] if place < len(more) else 0
            wrong |= counted ^ (others[place] if place < len(others) else 0)
        return ~wrong


def _carry(counts: list[int], carry: int) -> None:
    place = 0
    while carry:
        if place == len(counts):
            counts.append(0)
        counts[place], carry = counts[place] ^ carry, counts[place] & carry
        place += 1


def _add_levels(asked: dict[str, AskedLevels], levels: SkillLevels, bit: int) -> None:
    for name, level in levels.items():
        found = asked.get(name)
        if found is None:
            found = asked[name] = AskedLevels()
        found.add(level, bit)


def _add_names(masks: NameMasks, names: Iterable[str], bit: int) -> None:
    for name in names:
        masks[name] = masks.get(name, 0) | bit


def _those_left(masks: dict[K, int], left: int) -> dict[K, int]:
    return {key: mask & left for key, mask in masks.items() if mask & left}
