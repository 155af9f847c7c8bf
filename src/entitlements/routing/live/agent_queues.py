"""Agent queues: the agents of one profile in the order of the strategy, for one kind of load.

These are the parts of `roster_index`, which alone changes them: the indexed agent, the shift shared
with others, the profile, and its queues. Instants are microseconds since 1970 UTC.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Hashable
from heapq import heappop, heappush
from operator import attrgetter
from typing import Any, TypeAlias, final

from entitlements.kernel.instants import END_OF_TIME, START_OF_TIME
from entitlements.routing.agents.agent import Agent
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.agents.capacity import has_room
from entitlements.routing.agents.duty import ShiftTimeline
from entitlements.routing.agents.workload import Workload
from entitlements.routing.strategies.named import DEFAULT_STRATEGY
from entitlements.routing.strategies.strategy import KeyScope, SelectionContext, Strategy
from entitlements.routing.work.requirements import Requirement

HeapEntry: TypeAlias = tuple[Any, ...]
"""The keys of the strategy, `last_assigned`, the id, the version, and the indexed agent.

The versions of one id differ, so a comparison of two entries never reaches the indexed agent.
"""


class IndexedAgent(AgentState):
    """The state of an agent in the index.

    Attributes:
        profile: The profile of the agent.
        shift: The shift shared with other agents; None for agents with their own duty times.
        has_own_times: Whether absences or extra duty change the presence.
        present: Whether the agent is on duty, not away, and below the rate limit.
        timer: Microsecond of the earliest timer of the agent; None for none.
        version: Number of changes; entries of an older version are out of date.
    """

    __slots__ = ("has_own_times", "present", "profile", "shift", "timer", "version")

    profile: AgentProfile
    shift: SharedShift | None

    def __init__(self, agent: Agent, workload: Workload, version: int = 0) -> None:
        super().__init__(agent, workload)
        self.version = version
        self.present = False
        self.timer: int | None = None
        self.has_own_times = bool(agent.absences or agent.extra)


@final
class SharedShift:
    """A shift, and the agents whose duty is this shift and nothing else."""

    __slots__ = ("is_open", "members", "timeline")

    def __init__(self, timeline: ShiftTimeline, at: int) -> None:
        self.timeline = timeline
        self.members: dict[str, IndexedAgent] = {}
        self.is_open = at != START_OF_TIME and timeline.is_open(at)


@final
class AgentProfile:
    """Agents of equal configuration, and their queues."""

    __slots__ = ("agent", "limits", "members", "queues", "queues_by_load")

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.limits: dict[str, int | None] = dict(agent.capacity)
        self.members: dict[str, IndexedAgent] = {}
        self.queues: list[AgentQueue] = []
        self.queues_by_load: dict[Hashable, AgentQueue] = {}


class AgentQueue:
    """The present agents of one profile with capacity for one kind of load.

    An agent is at the right position or ahead of it, never behind. A change for the worse is
    therefore found when the agent reaches the top, and often never needs to be. An entry that moves
    to the end, as most do, goes to a sorted tail; a heap holds the others.

    Attributes:
        top: The first entry; None for an empty queue. It may be out of date.
        live: The valid entry of each agent; all other entries are dropped when they reach the top.
    """

    __slots__ = ("_entry", "_heap", "_max_entries", "_profile", "_requires", "_tail", "live", "top")

    def __init__(self, profile: AgentProfile, requires: Requirement, strategy: Strategy) -> None:
        self._profile = profile
        self._requires = requires
        self._entry = _entry_function(strategy, requires)
        self._heap: list[HeapEntry] = []
        self._tail: deque[HeapEntry] = deque()
        self.live: dict[str, HeapEntry] = {}
        self.top: HeapEntry | None = None
        self._refill()

    def __len__(self) -> int:
        return len(self._heap) + len(self._tail)

    def entry(self, agent: IndexedAgent) -> HeapEntry | None:
        """Return the entry of an agent who is present; None without capacity."""
        return self._entry(agent) if has_room(agent, self._requires) else None

    def change(self, agent: IndexedAgent) -> None:
        """Move an agent who is present ahead, if a change requires it."""
        entry = self.entry(agent)
        if entry is not None:
            old = self.live.get(agent.id)
            if old is None or entry < old:
                self.push(entry)

    def push(self, entry: HeapEntry) -> None:
        """Add `entry` as the valid entry of its agent."""
        self.live[entry[-1].id] = entry
        heappush(self._heap, entry)
        if self.top is None or entry < self.top:
            self.top = entry
        if len(self._heap) + len(self._tail) > self._max_entries:
            self._refill()

    def pop(self) -> None:
        """Remove the first entry."""
        heap, tail = self._heap, self._tail
        if heap and heap[0] is self.top:
            heappop(heap)
        else:
            tail.popleft()
        if heap and not (tail and tail[0] < heap[0]):
            self.top = heap[0]
        else:
            self.top = tail[0] if tail else None

    def refresh_top(self) -> HeapEntry | None:
        """Bring the top up to date and return it."""
        live, tail = self.live, self._tail
        while (top := self.top) is not None:
            agent = top[-1]
            if top[-2] == agent.version:
                return top
            self.pop()
            if live.get(agent.id) is not top:
                continue
            entry = self.entry(agent) if agent.present else None
            if entry is None:
                del live[agent.id]
                continue
            live[agent.id] = entry
            if not tail or tail[-1] < entry:
                tail.append(entry)
            else:
                heappush(self._heap, entry)
            if self.top is None or entry < self.top:
                self.top = entry
        return None

    def _refill(self) -> None:
        """Replace all entries by new ones of the members."""
        self.live.clear()
        for agent in self._profile.members.values():
            if agent.present and (entry := self.entry(agent)) is not None:
                self.live[agent.id] = entry
        self._heap.clear()
        self._tail.clear()
        self._tail.extend(sorted(self.live.values()))
        self.top = self._tail[0] if self._tail else None
        self._max_entries = 4 * len(self._profile.members) + 16


@final
class LoadQueue(AgentQueue):
    """A queue of the default strategy where one pool decides.

    It gives the entries of `AgentQueue` without a call per key. This is the usual queue, and saves
    a quarter of a choice with its assignment and completion.
    """

    __slots__ = ("_max_load", "_pool")

    def __init__(
        self, profile: AgentProfile, requires: Requirement, pool: str, max_load: int
    ) -> None:
        self._pool = pool
        self._max_load = max_load
        super().__init__(profile, requires, DEFAULT_STRATEGY)

    def entry(self, agent: IndexedAgent) -> HeapEntry | None:
        """Return the entry of an agent who is present; None without capacity."""
        load = agent.load.get(self._pool, 0)
        if load > self._max_load or agent.exclusive:
            return None
        return (load, agent.released, agent.last_assigned, agent.id, agent.version, agent)

    def change(self, agent: IndexedAgent) -> None:
        """Move an agent who is present ahead, if a change requires it."""
        old = self.live.get(agent.id)
        if (
            old is None
            or agent.load.get(self._pool, 0) < old[0]
            or agent.released < old[1]
            or agent.last_assigned < old[2]
        ) and (entry := self.entry(agent)) is not None:
            self.push(entry)


def queue_for(profile: AgentProfile, requires: Requirement, strategy: Strategy) -> AgentQueue:
    """Return a new queue of `profile` for the load of `requires`."""
    pool, max_load = _single_pool(profile.agent, requires)
    if pool is not None and strategy.keys == DEFAULT_STRATEGY.keys:
        return LoadQueue(profile, requires, pool, max_load)
    return AgentQueue(profile, requires, strategy)


def first_agent(queue: AgentQueue, excluded: Collection[str]) -> IndexedAgent | None:
    """Return the first agent of a queue that is not excluded; the queue keeps all agents."""
    top = queue.top
    if not excluded and top is not None and top[-2] == top[-1].version:
        found: IndexedAgent = top[-1]
        return found
    skipped = []
    while (top := queue.refresh_top()) is not None and top[-1].id in excluded:
        skipped.append(top)
        queue.pop()
    for entry in skipped:
        queue.push(entry)
    return None if top is None else top[-1]


def _entry_function(
    strategy: Strategy, requires: Requirement
) -> Callable[[IndexedAgent], HeapEntry]:
    """Return the function from an agent to its entry."""
    keys = [key for key in strategy.keys if key.scope is not KeyScope.PROFILE]
    names = [key.attribute for key in keys if key.attribute is not None]
    if len(names) == len(keys):
        attributes = attrgetter(*names, "last_assigned", "id", "version")
        return lambda agent: (*attributes(agent), agent)
    functions = [key.within or key.of for key in keys]
    tail = attrgetter("last_assigned", "id", "version")
    context = SelectionContext(requires, 0)
    return lambda agent: (*[each(agent, context) for each in functions], *tail(agent), agent)


def _single_pool(agent: Agent, requires: Requirement) -> tuple[str | None, int]:
    """Return the only pool that limits the work, and the largest load before it.

    (None, 0) if several pools, a channel, the work limit or exclusive work decide.
    """
    more = agent.most is not None or agent.channels is not None or agent.alongside
    if more or requires.exclusive or len(requires.drawn) != 1:
        return None, 0
    pool, weight = requires.drawn[0]
    limit = agent.capacity.get(pool)
    if not weight or limit is None:
        return pool, END_OF_TIME
    return pool, limit - weight
