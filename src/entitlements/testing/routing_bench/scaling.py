"""Scaling: the cost of an operation against agents, profiles, backlog and skills, each doubled."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from itertools import chain
from statistics import median
from typing import Final, final

import attrs

from entitlements.kernel.converters import positive
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.testing.routing_bench.bench import NANOSECONDS, Progress
from entitlements.testing.routing_bench.player import (
    Clock,
    Operation,
    Played,
    Player,
    older_objects_exempt,
)
from entitlements.testing.routing_bench.registry import ContenderMaker
from entitlements.testing.routing_bench.worlds.dice import Dice
from entitlements.testing.routing_bench.worlds.events import Event, Needs, Piece
from entitlements.testing.routing_bench.worlds.named import START
from entitlements.testing.routing_bench.worlds.traffic import MINUTE, GeneratedEvents, Traffic
from entitlements.testing.routing_bench.worlds.world import World, WorldAgent

DOUBLINGS: Final = 5
_ALWAYS: Final = (0, 2**52)
_LOAD: Final = 0.8
_CAPACITY: Final = 2


class Dimension(TextEnum):
    """What is doubled.

    `agents`; `profiles`, different skill maps among them; `backlog`, waiting pieces that no free
    agent can take, each with different needs; `skills` that exist; `half_held`, skills that exist
    and that every second agent holds, so that an agent holds half of them.
    """

    AGENTS = "agents"
    PROFILES = "profiles"
    BACKLOG = "backlog"
    SKILLS = "skills"
    HALF_HELD = "half_held"


@final
@attrs.frozen(kw_only=True)
class Scale:
    """Sizes of one world of the scaling table.

    With `half_held`, every agent holds half of so many skills, in place of one of the profiles.
    """

    agents: int = 320
    profiles: int = 40
    backlog: int = 0
    skills: int = 40
    half_held: int = 0
    pieces: int = 1_000
    seed: int = 2026


FIRST: Final[Mapping[Dimension, int]] = {
    Dimension.AGENTS: 100,
    Dimension.PROFILES: 10,
    Dimension.BACKLOG: 50,
    Dimension.SKILLS: 10,
    Dimension.HALF_HELD: 10,
}
"""The smallest size of each dimension; the others are doubled from it."""


@final
@attrs.frozen(kw_only=True)
class ScalingRow:
    """One size of one dimension.

    Attributes:
        dimension: What is doubled.
        size: How much of it there is.
        costs: Nanoseconds of an operation by contender; median of the rounds.
    """

    dimension: Dimension
    size: int
    costs: dict[str, float]


@final
@attrs.frozen
class _BlockedFirst:
    """Events of a world before whose traffic pieces arrive that nobody can take yet."""

    blocked: int
    source: GeneratedEvents

    def __iter__(self) -> Iterator[Event]:
        pieces = (
            Piece(
                at=self.source.start,
                id=f"blocked-{n:07}",
                needs=Needs(skills={f"absent-{n}": 1}),
                handling=MINUTE,
            )
            for n in range(self.blocked)
        )
        return chain(pieces, self.source)


def scaled_world(scale: Scale) -> World:
    """Return a world of those sizes: one rank, one skill for each piece, load 0.8.

    The pieces of the backlog need skills of an agent who is absent all the time.

    >>> scaled_world(Scale(agents=10, backlog=5, pieces=100)).pieces
    105
    """
    dice = Dice(scale.seed, "agents")
    names = [f"s{n:04}" for n in range(scale.half_held or scale.skills)]
    held, number = (len(names) // 2, scale.agents) if scale.half_held else (4, scale.profiles)
    profiles = [dict.fromkeys(dice.sample(names, held), 1) for _ in range(number)]
    agents = [
        WorldAgent(id=f"a{n:06}", skills=profiles[n % len(profiles)], capacity=_CAPACITY)
        for n in range(scale.agents)
    ]
    people = tuple(agents)
    handling = 5 * MINUTE
    gap = max(1, round(handling / (_CAPACITY * scale.agents * _LOAD)))
    source = GeneratedEvents(
        traffic=Traffic(gap=gap, handling=handling),
        agents=people,
        seed=scale.seed,
        pieces=scale.pieces,
        start=START,
    )
    if scale.backlog:
        skills = {f"absent-{n}": 1 for n in range(scale.backlog)}
        people += (WorldAgent(id="absent", skills=skills, breaks=[_ALWAYS]),)
    return World(
        name="scaling",
        seed=scale.seed,
        start=START,
        pieces=scale.backlog + scale.pieces,
        agents=people,
        events=_BlockedFirst(scale.backlog, source),
    )


def run_scaling(
    makers: Mapping[str, ContenderMaker | str],
    *,
    rounds: int = 3,
    budget: float = 2.0,
    doublings: int = DOUBLINGS,
    pieces: int = 1_000,
    seed: int = 2026,
    clock: Clock = Clock.WALL,
    progress: Progress | None = None,
) -> tuple[ScalingRow, ...]:
    """Measure the cost of an operation at each size of each dimension.

    Arguments are those of `run_bench`; a contender that is left out or fails has no cost. The
    arrivals of the backlog are not counted, only the operations beside it.

    >>> from entitlements.testing.routing_bench import contender_maker
    >>> live = {"live": contender_maker("live")}
    >>> rows = run_scaling(live, rounds=1, budget=0.001, doublings=0, pieces=5)
    >>> [row.dimension.value for row in rows]
    ['agents', 'profiles', 'backlog', 'skills', 'half_held']
    """
    positive(rounds)
    rows = []
    with older_objects_exempt():
        for dimension, first in FIRST.items():
            for doubling in range(doublings + 1):
                size = first * 2**doubling
                scale = Scale(**{"pieces": pieces, "seed": seed, dimension.value: size})
                found = _costs(scale, dimension, makers, rounds, budget, clock, progress)
                costs = {name: median(values) for name, values in found.items()}
                rows.append(ScalingRow(dimension=dimension, size=size, costs=costs))
    return tuple(rows)


def _costs(
    scale: Scale,
    dimension: Dimension,
    makers: Mapping[str, ContenderMaker | str],
    rounds: int,
    budget: float,
    clock: Clock,
    progress: Progress | None,
) -> dict[str, list[float]]:
    """Return what an operation of each contender costs in each round."""
    world = scaled_world(scale)
    found: dict[str, list[float]] = {}
    for _ in range(rounds):
        for name, make in makers.items():
            if progress is not None:
                progress(name, f"{dimension.value} {getattr(scale, dimension.value)}")
            if not isinstance(make, str) and (
                (cost := _cost(world, make, scale.backlog, budget, clock)) is not None
            ):
                found.setdefault(name, []).append(cost)
    return found


def _cost(
    world: World, make: ContenderMaker, backlog: int, budget: float, clock: Clock
) -> float | None:
    """Return nanoseconds of an operation in one round, or None if there was none."""
    contender = make()
    if contender.load(world) is not None:
        return None
    gc.collect()
    try:
        played = Player(world, contender, budget=int(budget * NANOSECONDS), clock=clock).play()
    except Exception:  # noqa: BLE001 - a contender may fail in any way
        return None
    return _mean(played, backlog)


def _mean(played: Played, backlog: int) -> float | None:
    counted = [
        values[backlog:] if operation is Operation.ARRIVE else values
        for operation, values in played.latencies.items()
    ]
    calls = sum(map(len, counted))
    return sum(map(sum, counted)) / calls if calls else None
