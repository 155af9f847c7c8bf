"""Where do agents stand in line? Profiles, and the lanes of those who share one.

The building blocks of `index`: an agent's place, the shift they share with others, and one line for
each kind of load. Only `index` changes them. Instants are microseconds since 1970 UTC.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Hashable, Iterator
from heapq import heappop, heappush
from operator import attrgetter
from typing import Any, TypeAlias, final

from entitlements.kernel.instants import END_OF_TIME, START_OF_TIME
from entitlements.routing.agents.agent import Agent
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.agents.capacity import has_room
from entitlements.routing.agents.duty import ShiftTimeline
from entitlements.routing.agents.workload import Workload
from entitlements.routing.strategies.named import DEFAULT_STRATEGY, load_in_pools
from entitlements.routing.strategies.strategy import KeyScope, SelectionContext, Strategy
from entitlements.routing.work.requirements import Requirement

HeapEntry: TypeAlias = tuple[Any, ...]
"""What the strategy compares, the tail, the version, and the place itself.

Versions of one id never repeat, so that comparing two entries ends before the place.
"""


class IndexedAgent(AgentState):
    """A seat in the index."""

    __slots__ = ("armed", "here", "own_edges", "profile", "shift", "version")

    profile: AgentProfile
    shift: SharedShift | None

    def __init__(self, agent: Agent, standing: Workload, version: int = 0) -> None:
        super().__init__(agent, standing)
        self.version = version
        self.here = False
        self.armed: int | None = None
        self.own_edges = bool(agent.absences or agent.extra)


@final
class SharedShift:
    """A shift and everybody whose duty is that shift and nothing else."""

    __slots__ = ("members", "on", "timeline")

    def __init__(self, timeline: ShiftTimeline, at: int) -> None:
        self.timeline = timeline
        self.members: dict[str, IndexedAgent] = {}
        self.on = at != START_OF_TIME and timeline.is_open(at)


@final
class AgentProfile:
    """Agents about whom the organisation decided the same."""

    __slots__ = ("agent", "by_load", "lanes", "limits", "members")

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.limits: dict[str, int | None] = dict(agent.capacity)
        self.members: dict[str, IndexedAgent] = {}
        self.lanes: list[AgentQueue] = []
        self.by_load: dict[Hashable, AgentQueue] = {}


class AgentQueue:
    """The agents of one profile who are here and have room for one kind of load.

    Whoever is in line stands where they belong or further ahead, never behind. A change for the
    worse is therefore found out at the front, and most of them never need to be. Whoever goes to
    the end, as most do who leave the front, joins a queue; a heap holds those in between.

    Attributes:
        top: The entry at the front; None if nobody is in line. It is out of date if its version is.
        live: By agent, the entry that stands for them; all others are dropped at the front.
    """

    __slots__ = ("_entry", "_heap", "_profile", "_queue", "_requires", "_roof", "live", "top")

    def __init__(self, profile: AgentProfile, requires: Requirement, strategy: Strategy) -> None:
        self._profile = profile
        self._requires = requires
        self._entry = _entries(strategy, requires)
        self._heap: list[HeapEntry] = []
        self._queue: deque[HeapEntry] = deque()
        self.live: dict[str, HeapEntry] = {}
        self.top: HeapEntry | None = None
        self._refill()

    def __len__(self) -> int:
        return len(self._heap) + len(self._queue)

    def enter(self, seat: IndexedAgent) -> HeapEntry | None:
        """Return the entry of an agent who is here; None if there is no room."""
        return self._entry(seat) if has_room(seat, self._requires) else None

    def change(self, seat: IndexedAgent) -> None:
        """Move an agent, who is here, further ahead if that is where they belong now."""
        entry = self.enter(seat)
        if entry is not None:
            old = self.live.get(seat.id)
            if old is None or entry < old:
                self.push(entry)

    def push(self, entry: HeapEntry) -> None:
        """Let `entry` stand for its agent from now on, anywhere in the line."""
        self.live[entry[-1].id] = entry
        heappush(self._heap, entry)
        if self.top is None or entry < self.top:
            self.top = entry
        if len(self._heap) + len(self._queue) > self._roof:
            self._refill()

    def pop(self) -> None:
        """Take the entry at the front out of the line."""
        heap, queue = self._heap, self._queue
        if heap and heap[0] is self.top:
            heappop(heap)
        else:
            queue.popleft()
        if heap and not (queue and queue[0] < heap[0]):
            self.top = heap[0]
        else:
            self.top = queue[0] if queue else None

    def refresh_top(self) -> HeapEntry | None:
        """Put the front of the line right, and return it."""
        live, queue = self.live, self._queue
        while (top := self.top) is not None:
            seat = top[-1]
            if top[-2] == seat.version:
                return top
            self.pop()
            if live.get(seat.id) is not top:
                continue
            entry = self.enter(seat) if seat.here else None
            if entry is None:
                del live[seat.id]
                continue
            live[seat.id] = entry
            if not queue or queue[-1] < entry:
                queue.append(entry)
            else:
                heappush(self._heap, entry)
            if self.top is None or entry < self.top:
                self.top = entry
        return None

    def _refill(self) -> None:
        """Drop all entries and enter the members afresh."""
        self.live.clear()
        for seat in self._profile.members.values():
            if seat.here and (entry := self.enter(seat)) is not None:
                self.live[seat.id] = entry
        self._heap.clear()
        self._queue.clear()
        self._queue.extend(sorted(self.live.values()))
        self.top = self._queue[0] if self._queue else None
        self._roof = 4 * len(self._profile.members) + 16


@final
class LoadQueue(AgentQueue):
    """A lane of the default strategy where one pool decides: the usual one, spelt out for speed."""

    __slots__ = ("_pool", "_room")

    def __init__(self, profile: AgentProfile, requires: Requirement, pool: str, room: int) -> None:
        self._pool = pool
        self._room = room
        super().__init__(profile, requires, DEFAULT_STRATEGY)

    def enter(self, seat: IndexedAgent) -> HeapEntry | None:
        """Return the entry of an agent who is here; None if there is no room."""
        load = seat.load.get(self._pool, 0)
        if load > self._room or seat.exclusive:
            return None
        return (load, seat.released, seat.last_assigned, seat.id, seat.version, seat)

    def change(self, seat: IndexedAgent) -> None:
        """Move an agent, who is here, further ahead if that is where they belong now."""
        old = self.live.get(seat.id)
        if (
            old is None
            or seat.load.get(self._pool, 0) < old[0]
            or seat.released < old[1]
            or seat.last_assigned < old[2]
        ) and (entry := self.enter(seat)) is not None:
            self.push(entry)


def lane_of(profile: AgentProfile, requires: Requirement, strategy: Strategy) -> AgentQueue:
    """Return the lane of `profile` for the load that `requires` is."""
    pool, room = _single_pool(profile.agent, requires)
    if pool is not None and strategy.keys == DEFAULT_STRATEGY.keys:
        return LoadQueue(profile, requires, pool, room)
    return AgentQueue(profile, requires, strategy)


def _entries(
    strategy: Strategy, requires: Requirement
) -> Callable[[IndexedAgent], tuple[Any, ...]]:
    """Return what makes the heap entry of a seat: its keys, the tail, its version and itself."""
    keys = [key for key in strategy.keys if key.scope is not KeyScope.PROFILE]
    names = [key.attribute for key in keys if key.attribute is not None]
    plain = attrgetter(*names, "last_assigned", "id", "version")
    if len(names) == len(keys):
        return lambda seat: (*plain(seat), seat)
    if len(names) == len(keys) - 1 and keys[0].of is load_in_pools and len(requires.drawn) == 1:
        pool = requires.drawn[0][0]
        return lambda seat: (seat.load.get(pool, 0), *plain(seat), seat)
    functions = [key.within or key.of for key in keys]
    tail = attrgetter("last_assigned", "id", "version")
    pick = SelectionContext(requires, 0)
    return lambda seat: (*[each(seat, pick) for each in functions], *tail(seat), seat)


def _single_pool(agent: Agent, requires: Requirement) -> tuple[str | None, int]:
    """Return the one pool and the room in it that decide, or (None, 0) if more does."""
    more = agent.most is not None or agent.channels is not None or agent.alongside
    if more or requires.exclusive or len(requires.drawn) != 1:
        return None, 0
    pool, weight = requires.drawn[0]
    limit = agent.capacity.get(pool)
    if not weight or limit is None:
        return pool, END_OF_TIME
    return pool, limit - weight


def profile_key(seat: AgentState, strategy: Strategy) -> Hashable:
    """Return what the agents of one profile have in common."""
    agent = seat.agent
    return (
        agent.skills,
        agent.groups,
        agent.capacity,
        agent.channels,
        agent.most,
        agent.alongside,
        agent.clearances,
        agent.region,
        agent.tier,
        agent.tiers,
        *_buckets(seat, strategy),
    )


def _buckets(seat: AgentState, strategy: Strategy) -> Iterator[Hashable]:
    for key in strategy.keys:
        if key.bucket is not None:
            yield key.bucket(seat)


def first_of(lane: AgentQueue, excluded: Collection[str]) -> IndexedAgent | None:
    """Return the first seat of a lane that is not excluded; the lane stays complete."""
    top = lane.top
    if not excluded and top is not None and top[-2] == top[-1].version:
        found: IndexedAgent = top[-1]
        return found
    aside = []
    while (top := lane.refresh_top()) is not None and top[-1].id in excluded:
        aside.append(top)
        lane.pop()
    for entry in aside:
        lane.push(entry)
    return None if top is None else top[-1]
