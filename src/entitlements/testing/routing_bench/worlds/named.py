"""Named worlds of the benchmark, for any number of agents and pieces, each from a seed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import ceil
from typing import Final, TypeAlias, final

import attrs

from entitlements.kernel.converters import count, whole_number
from entitlements.kernel.errors import UnknownIdError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.testing.routing_bench.worlds.dice import Dice, zipf_totals
from entitlements.testing.routing_bench.worlds.traffic import (
    MINUTE,
    GeneratedEvents,
    Surge,
    Traffic,
)
from entitlements.testing.routing_bench.worlds.world import (
    ServiceOrder,
    World,
    WorldAgent,
    WorldShift,
)

START: Final = 1_772_409_600_000_000
"""Monday, 2 March 2026, at midnight UTC."""

MAX_AGENTS: Final = 100_000
MAX_PIECES: Final = 10_000_000
_DAY: Final = 1_440 * MINUTE
_LEVELS: Final = 5
_SHIFT_LENGTH: Final = 480
_ZONES: Final = (("Europe/Berlin", "eu"), ("America/New_York", "us"), ("Asia/Singapore", "asia"))


@final
@attrs.frozen
class WorldSize:
    """Size of a world: number of agents, number of pieces, and the seed."""

    agents: int
    pieces: int
    seed: int

    @property
    def ids(self) -> list[str]:
        """Ids of the agents, which sort as their numbers do."""
        width = len(str(self.agents - 1))
        return [f"a{n:0{width}}" for n in range(self.agents)]


def _world(
    name: str,
    size: WorldSize,
    agents: Iterable[WorldAgent],
    traffic: Traffic,
    order: ServiceOrder = ServiceOrder.RANK,
) -> World:
    people = tuple(agents)
    source = GeneratedEvents(
        traffic=traffic, agents=people, seed=size.seed, pieces=size.pieces, start=START
    )
    return World(
        name=name, seed=size.seed, start=START, order=order, pieces=size.pieces, agents=people,
        events=source,
    )  # fmt: skip


def _gap(handling: int, places: float, load: float) -> int:
    """Return the mean time between arrivals at which so many places have that load."""
    return max(1, round(handling / (places * load)))


def _skills(count: int) -> list[str]:
    return [f"s{n:03}" for n in range(count)]


def uniform(size: WorldSize) -> World:
    """Return 20 skills in a chain: every agent has two, every piece needs one; load 0.9."""
    names, handling = _skills(20), 5 * MINUTE
    agents = [
        WorldAgent(
            id=id, skills={names[n % 20]: 1, names[(n + 1) % 20]: 1}, capacity=1
        )
        for n, id in enumerate(size.ids)
    ]  # fmt: skip
    gap = _gap(handling, size.agents, 0.9)
    return _world("uniform", size, agents, Traffic(gap=gap, handling=handling))


def skewed(size: WorldSize) -> World:
    """Return skills and demand by Zipf's law: few skills that many have and many pieces need."""
    dice, names, handling = Dice(size.seed, "agents"), _skills(50), 5 * MINUTE
    totals = zipf_totals(len(names))
    agents = [
        WorldAgent(
            id=id,
            skills={dice.weighted(names, totals): 1 + dice.below(_LEVELS) for _ in range(4)},
            capacity=2,
        )
        for id in size.ids
    ]
    gap = _gap(handling, 2 * size.agents, 0.8)
    traffic = Traffic(gap=gap, handling=handling, kinds=100, popular=True, asked=2, levels=True)
    return _world("skewed", size, agents, traffic)


def distinct(size: WorldSize) -> World:
    """Return agents who nearly all have a skill map of their own, and as many kinds of needs."""
    dice, names, handling = Dice(size.seed, "agents"), _skills(40), 5 * MINUTE
    agents = [_expert(id, dice, names, capacity=3) for id in size.ids]
    gap = _gap(handling, 3 * size.agents, 0.85)
    traffic = Traffic(gap=gap, handling=handling, asked=2, levels=True, ranks=(0.1, 0.3, 0.6))
    return _world("distinct", size, agents, traffic)


def _expert(id: str, dice: Dice, names: list[str], *, capacity: int) -> WorldAgent:
    chosen = dice.sample(names, 4 + dice.below(5))
    skills = {name: 1 + dice.below(_LEVELS) for name in chosen}
    return WorldAgent(id=id, skills=skills, capacity=capacity)


def follow_the_sun(size: WorldSize) -> World:
    """Return three zones with shifts of eight hours, two announced breaks a shift, deadlines."""
    dice, names, handling = Dice(size.seed, "agents"), _skills(12), 10 * MINUTE
    gap = _gap(handling, 2 * size.agents / 3, 0.7)
    days = ceil(size.pieces * gap / _DAY) + 2
    agents = []
    for n, id in enumerate(size.ids):
        zone, region = _ZONES[n % len(_ZONES)]
        opens = 8 * 60 + 30 * dice.below(3)
        agents.append(
            WorldAgent(
                id=id,
                skills=dict.fromkeys(dice.sample(names, 3), 1),
                capacity=2,
                region=region,
                shift=WorldShift(zone=zone, opens=opens, closes=opens + _SHIFT_LENGTH),
                breaks=_breaks(dice, days),
            )
        )
    traffic = Traffic(
        gap=gap, handling=handling, kinds=24, regional=0.2, ranks=(0.1, 0.3, 0.6),
        promised=(15 * MINUTE, 60 * MINUTE, 240 * MINUTE),
    )  # fmt: skip
    return _world("follow_the_sun", size, agents, traffic, ServiceOrder.DEADLINE)


def _breaks(dice: Dice, days: int) -> list[tuple[int, int]]:
    """Return two breaks a day, a short and a long one, wherever in the shift they fall."""
    first, second = dice.below(600), 720 + dice.below(600)
    starts = [
        START + day * _DAY + minute * MINUTE for day in range(days) for minute in (first, second)
    ]
    return [(start, start + (15 if n % 2 else 45) * MINUTE) for n, start in enumerate(starts)]


def chat(size: WorldSize) -> World:
    """Return chats, three at once, and calls, one at once, in a limit of three for both."""
    dice, names, handling = Dice(size.seed, "agents"), _skills(10), 6 * MINUTE
    agents = [
        WorldAgent(
            id=id,
            skills=dict.fromkeys(dice.sample(names, 3), 1),
            capacity=3,
            channels={"chat": 3, "phone": 1} if n % 4 else {"chat": 3},
        )
        for n, id in enumerate(size.ids)
    ]
    gap = _gap(handling, 3 * size.agents, 0.75)
    traffic = Traffic(
        gap=gap, handling=handling, kinds=20, channels=FrozenMap({"chat": 0.8, "phone": 0.2})
    )
    return _world("chat", size, agents, traffic)


def overload(size: WorldSize) -> World:
    """Return a load of 1.2 with three ranks, deadlines, and customers who give up waiting."""
    dice, names, handling = Dice(size.seed, "agents"), _skills(20), 5 * MINUTE
    agents = [
        WorldAgent(id=id, skills=dict.fromkeys(dice.sample(names, 3), 1), capacity=2)
        for id in size.ids
    ]
    traffic = Traffic(
        gap=_gap(handling, 2 * size.agents, 1.2), handling=handling, kinds=40,
        ranks=(0.1, 0.3, 0.6), promised=(5 * MINUTE, 20 * MINUTE, 80 * MINUTE),
        withdrawing=0.5, patience=30 * MINUTE,
    )  # fmt: skip
    return _world("overload", size, agents, traffic, ServiceOrder.GUARDED)


def real_day(size: WorldSize) -> World:
    """Return a day of a support desk: distinct experts in three zones, and everything changes.

    30 % of the pieces relax; skills change, agents take breaks, pieces are transferred and get
    another rank; some need a clearance or a region. With 200 agents, 5,000 pieces are one day.
    """
    dice, names, handling = Dice(size.seed, "agents"), _skills(40), 49 * MINUTE
    agents = []
    for n, id in enumerate(size.ids):
        zone, region = _ZONES[n % len(_ZONES)]
        opens = 8 * 60 + 30 * dice.below(3)
        agents.append(
            attrs.evolve(
                _expert(id, dice, names, capacity=3),
                groups=[f"g{n % 5}"],
                clearances=["secret"] if n % 3 == n // 3 % 3 else (),
                region=region,
                shift=WorldShift(zone=zone, opens=opens, closes=opens + _SHIFT_LENGTH),
            )
        )
    traffic = Traffic(
        gap=_gap(handling, size.agents, 0.85), handling=handling, asked=2, levels=True,
        grouped=True, ranks=(0.05, 0.15, 0.4, 0.4),
        promised=(30 * MINUTE, 120 * MINUTE, 480 * MINUTE, 1_440 * MINUTE),
        cleared=0.05, regional=0.1, relaxing=0.3, skill_changes=0.01, breaks=0.04,
        transfers=0.05, reprioritised=0.1,
    )  # fmt: skip
    return _world("real_day", size, agents, traffic)


def burst(size: WorldSize) -> World:
    """Return an outage: a sixth of the pieces arrives three times as fast while all are away."""
    dice, names, handling = Dice(size.seed, "agents"), _skills(20), 5 * MINUTE
    agents = [
        WorldAgent(id=id, skills=dict.fromkeys(dice.sample(names, 3), 1), capacity=2)
        for id in size.ids
    ]
    first = size.pieces // 3
    traffic = Traffic(
        gap=_gap(handling, 2 * size.agents, 0.7), handling=handling, kinds=40,
        ranks=(0.2, 0.8),
        surge=Surge(first=first, last=first + size.pieces // 6, faster=3.0, outage=True),
    )  # fmt: skip
    return _world("burst", size, agents, traffic)


WorldMaker: TypeAlias = Callable[[WorldSize], World]

WORLDS: FrozenMap[str, WorldMaker] = FrozenMap(
    {
        each.__name__: each
        for each in (
            uniform, skewed, distinct, follow_the_sun, chat, overload, real_day, burst,
        )
    }
)  # fmt: skip
"""Makers of the named worlds."""


def make_world(name: str, *, agents: int = 200, pieces: int = 5_000, seed: int = 2026) -> World:
    """Return a named world of that size; the same for the same seed, on every machine.

    >>> make_world("chat", agents=10, pieces=100).agents[1].channels
    FrozenMap({'chat': 3, 'phone': 1})

    Raises:
        UnknownIdError: there is no world with that name.
        InvalidValueError: a number is negative, or there is no agent.
        LimitExceededError: there are more than 100,000 agents, or 10,000,000 pieces.
    """
    if name not in WORLDS:
        raise UnknownIdError("world", name, known=WORLDS)
    whole_number(agents, "number of agents", least=1, most=MAX_AGENTS)
    whole_number(pieces, "number of pieces", most=MAX_PIECES)
    return WORLDS[name](WorldSize(agents, pieces, count(seed)))
