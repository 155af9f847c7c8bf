"""Where do agents stand in line? Profiles, and the lanes of those who share one.

The building blocks of `index`: an agent's place, the shift they share with others, and one heap for
each kind of load. Only `index` changes them. Instants are microseconds since 1970 UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from heapq import heapify, heappush, heapreplace
from operator import attrgetter
from typing import Any, Final, TypeAlias, final

from entitlements.routing.agents import Agent
from entitlements.routing.capacity import has_room
from entitlements.routing.duty import ShiftTimeline
from entitlements.routing.requirements import Requirement
from entitlements.routing.seats import NEVER, Seat
from entitlements.routing.standings import Standing
from entitlements.routing.strategies import DEFAULT_STRATEGY, Pick, Scope, Strategy, loaded

FOREVER: Final = 2**62

Heap: TypeAlias = list[tuple[Any, ...]]


class Place(Seat):
    """A seat in the index."""

    __slots__ = ("armed", "here", "number", "own_edges", "profile", "shift", "version")

    profile: Profile
    shift: Shift | None

    def __init__(self, agent: Agent, standing: Standing) -> None:
        super().__init__(agent, standing)
        self.version = 0
        self.number = 0
        self.here = False
        self.armed: int | None = None
        self.own_edges = bool(agent.absences or agent.extra)


@final
class Shift:
    """A shift and everybody whose duty is that shift and nothing else."""

    __slots__ = ("members", "on", "timeline")

    def __init__(self, timeline: ShiftTimeline, at: int) -> None:
        self.timeline = timeline
        self.members: dict[str, Place] = {}
        self.on = at != NEVER and timeline.is_open(at)


@final
class Lane:
    """The agents of one profile who are here and have room for one kind of load."""

    __slots__ = ("change", "entry", "heap", "requires", "roof")

    def __init__(self, profile: Profile, requires: Requirement, strategy: Strategy) -> None:
        self.requires = requires
        self.entry = _entries(strategy, requires)
        self.heap: Heap = []
        self.refill(profile)
        self.change = _changes(self, profile, strategy)

    def refill(self, profile: Profile) -> None:
        """Drop all entries and enter the members afresh."""
        self.heap.clear()
        self.heap += [
            self.entry(seat) for seat in profile.members.values() if seat.here and self.takes(seat)
        ]
        heapify(self.heap)
        self.roof = 4 * len(profile.members) + 16

    def takes(self, seat: Seat) -> bool:
        """Return whether the agent has room for this kind of load."""
        return has_room(seat, self.requires)


@final
class Profile:
    """Agents about whom the organisation decided the same."""

    __slots__ = ("agent", "by_load", "lanes", "members")

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.members: dict[str, Place] = {}
        self.lanes: list[Lane] = []
        self.by_load: dict[Hashable, Lane] = {}


Change: TypeAlias = Callable[[Place], None]


def _changes(lane: Lane, profile: Profile, strategy: Strategy) -> Change:
    """Return what brings the lane up to date after one of its agents, who is here, changed."""
    heap, entry, requires = lane.heap, lane.entry, lane.requires
    pool, room = _plain(profile.agent, requires)
    if pool is not None and strategy == DEFAULT_STRATEGY:
        return _changes_by_load(lane, profile, pool, room)

    def change(seat: Place) -> None:
        if pool is None:
            takes = has_room(seat, requires)
        else:
            takes = seat.load.get(pool, 0) <= room and not seat.exclusive
        if not takes:
            return
        if heap and heap[0][-1] == seat.number:
            heapreplace(heap, entry(seat))
        else:
            heappush(heap, entry(seat))
            if len(heap) > lane.roof:
                lane.refill(profile)

    return change


def _changes_by_load(lane: Lane, profile: Profile, pool: str, room: int) -> Change:
    """Return the same for the default strategy and one pool; a live router lives in here."""
    heap = lane.heap

    def change(seat: Place) -> None:
        load = seat.load.get(pool, 0)
        if load > room or seat.exclusive:
            return
        number = seat.number
        item = (load, seat.released, seat.last_assigned, seat.id, seat.version, number)
        if heap and heap[0][-1] == number:
            heapreplace(heap, item)
        else:
            heappush(heap, item)
            if len(heap) > lane.roof:
                lane.refill(profile)

    return change


def _entries(strategy: Strategy, requires: Requirement) -> Callable[[Place], tuple[Any, ...]]:
    """Return what makes the heap entry of a seat: its keys, the tail, its version and itself."""
    keys = [key for key in strategy.keys if key.scope is not Scope.PROFILE]
    names = [key.attribute for key in keys if key.attribute is not None]
    plain = attrgetter(*names, "last_assigned", "id", "version", "number")
    if len(names) == len(keys):
        return plain
    if len(names) == len(keys) - 1 and keys[0].of is loaded and len(requires.drawn) == 1:
        pool = requires.drawn[0][0]
        return lambda seat: (seat.load.get(pool, 0), *plain(seat))
    functions = [key.within or key.of for key in keys]
    tail = attrgetter("last_assigned", "id", "version", "number")
    pick = Pick(requires, 0)
    return lambda seat: (*[each(seat, pick) for each in functions], *tail(seat))


def _plain(agent: Agent, requires: Requirement) -> tuple[str | None, int]:
    """Return the one pool and the room in it that decide, or (None, 0) if more does."""
    more = agent.most is not None or agent.channels is not None or agent.alongside
    if more or requires.exclusive or len(requires.drawn) != 1:
        return None, 0
    pool, weight = requires.drawn[0]
    limit = agent.capacity.get(pool)
    if not weight or limit is None:
        return pool, FOREVER
    return pool, limit - weight


def profile_key(seat: Seat, strategy: Strategy) -> Hashable:
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


def _buckets(seat: Seat, strategy: Strategy) -> Iterator[Hashable]:
    for key in strategy.keys:
        if key.bucket is not None:
            yield key.bucket(seat)
