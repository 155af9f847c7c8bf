"""Worlds: the agents of a benchmark and the stream of events that every contender sees.

A world is a value. Its events do not depend on what a router does: arrival, handling time and
patience belong to the piece, so that all contenders see the same pieces.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol, final

import attrs

from entitlements.kernel.converters import count, enum_member, limit, tuple_of, whole_number
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.frozenmaps import EMPTY, FrozenMap
from entitlements.kernel.ids import (
    check_unique_ids,
    identifier,
    identifier_set,
    optional_identifier,
)
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.testing.routing_bench.worlds.events import Event, instant, skill_levels

MINUTES_PER_DAY = 1_440
ALL_DAYS = (0, 1, 2, 3, 4, 5, 6)


class ServiceOrder(TextEnum):
    """Which waiting piece is served first, among those that an agent can take.

    `rank` is the smallest rank, then the earliest arrival. `deadline` is the earliest deadline, and
    pieces without one come last. `guarded` is the earliest deadline while no piece that an agent
    can take is late, and otherwise the smallest rank, then the deadline, except for every eighth
    choice; a piece without a deadline is due a day after its arrival. Ties go to the earliest
    arrival, then to the smallest id.
    """

    RANK = "rank"
    DEADLINE = "deadline"
    GUARDED = "guarded"


def _order(value: ServiceOrder | str) -> ServiceOrder:
    return enum_member(ServiceOrder, value)


def _days(value: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted({whole_number(day, "day", most=6) for day in value}))


@final
@attrs.frozen(kw_only=True, cache_hash=True)
class WorldShift:
    """Daily working hours, in the local time of a zone.

    Attributes:
        zone: Name of the time zone.
        opens: Minute of the day at which the shift begins.
        closes: Minute of the day at which it ends, after `opens`; 1,440 for midnight.
        days: Days of the week, 0 for Monday; all by default.

    >>> WorldShift(zone="Europe/Berlin", opens=9 * 60, closes=17 * 60).days
    (0, 1, 2, 3, 4, 5, 6)
    """

    zone: str = attrs.field(converter=identifier)
    opens: int
    closes: int
    days: tuple[int, ...] = attrs.field(default=ALL_DAYS, converter=_days)

    def __attrs_post_init__(self) -> None:
        whole_number(self.opens, "`opens`", most=MINUTES_PER_DAY - 1)
        whole_number(self.closes, "`closes`", least=self.opens + 1, most=MINUTES_PER_DAY)


def _breaks(value: Iterable[Iterable[int]]) -> tuple[tuple[int, int], ...]:
    pairs: list[tuple[int, int]] = []
    for each in value:
        start, end = map(instant, each)
        if end <= start or (pairs and start < pairs[-1][1]):
            raise InvalidValueError("breaks must have a length, and follow each other in time")
        pairs.append((start, end))
    return tuple(pairs)


def _channels(value: Mapping[str, int] | None) -> FrozenMap[str, int] | None:
    if value is None:
        return None
    return FrozenMap(
        sorted((identifier(k), whole_number(n, f"channel `{k}`")) for k, n in value.items())
    )


@final
@attrs.frozen(kw_only=True)
class WorldAgent:
    """An agent of a world.

    Attributes:
        id: Unique id.
        skills: Skills with levels.
        groups: Groups of the agent.
        capacity: Pieces at once, over all channels; None for no limit.
        channels: Channels served, each with its limit of pieces at once; None for every channel.
        clearances: Clearances of the agent.
        region: Region of the agent, or None.
        shift: Working hours; None for all time.
        breaks: Announced breaks, pairs of start and end.

    >>> WorldAgent(id="ada", skills={"oracle": 3}, capacity=2).capacity
    2
    """

    id: str = attrs.field(converter=identifier)
    skills: FrozenMap[str, int] = attrs.field(default=EMPTY, converter=skill_levels)
    groups: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    capacity: int | None = attrs.field(default=None, converter=limit)
    channels: FrozenMap[str, int] | None = attrs.field(default=None, converter=_channels)
    clearances: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    region: str | None = attrs.field(default=None, converter=optional_identifier)
    shift: WorldShift | None = None
    breaks: tuple[tuple[int, int], ...] = attrs.field(default=(), converter=_breaks)


class EventSource(Protocol):
    """Where the events of a world come from; every iteration gives the same events in order."""

    def __iter__(self) -> Iterator[Event]:
        """Yield all events in order of time."""
        ...


def _agents(value: Iterable[WorldAgent]) -> tuple[WorldAgent, ...]:
    agents = tuple_of(WorldAgent, value)
    check_unique_ids("agent", (each.id for each in agents))
    return agents


@final
@attrs.frozen(kw_only=True)
class World:
    """Agents and events that a router is measured on.

    Attributes:
        name: Name of the world.
        seed: Seed of a generated world; 0 for another one.
        start: Instant at which the world begins; no event is earlier.
        order: Order of service.
        pieces: Number of pieces that arrive.
        agents: All agents, none of whom has work at the start.
        events: Source of the events, which are made when they are asked for.

    >>> from entitlements.testing.routing_bench.worlds.events import Piece
    >>> world = World(name="one", pieces=1, events=(Piece(at=0, id="p1", handling=5),))
    >>> [each.id for each in world.events]
    ['p1']
    """

    name: str = attrs.field(converter=identifier)
    seed: int = attrs.field(default=0, converter=count)
    start: int = attrs.field(default=0, converter=instant)
    order: ServiceOrder = attrs.field(default=ServiceOrder.RANK, converter=_order)
    pieces: int = attrs.field(converter=count)
    agents: tuple[WorldAgent, ...] = attrs.field(default=(), converter=_agents)
    events: EventSource
