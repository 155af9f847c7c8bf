"""Whom of those who can? Strategies as chains of keys, each a total order.

A strategy compares eligible agents by its keys, smaller first, and ends in `(last_assigned, id)`,
so that two different agents never tie and the order of the roster never matters. Chance is
replaced by a hash of the work's id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterable
from enum import Enum
from heapq import nsmallest
from math import inf
from operator import attrgetter
from typing import Any, TypeAlias, final

import attrs

from entitlements.kernel.converters import enum_member
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.routing.capacity import spare, spare_ratio
from entitlements.routing.converters import positive
from entitlements.routing.requirements import Requirement
from entitlements.routing.seats import NEVER, Seat


class Scope(Enum):
    """What a key looks at, and therefore how an index may store it."""

    PROFILE = "profile"  # what the organisation decided about the agent
    SEAT = "seat"  # what the agent has in hand, in the pools drawn on
    MOMENT = "moment"  # the instant too, but never turning over the order within one bucket
    PICK = "pick"  # anything


@final
@attrs.frozen
class Pick:
    """What is being decided: for which work, at which microsecond.

    Attributes:
        requires: What the work takes at this instant.
        at: The instant.
        work: Id of the work.
        opened: When the work was opened.
        since: Beginning of the roster's period; `NEVER` if it states none.
    """

    requires: Requirement
    at: int
    work: str = ""
    opened: int = NEVER
    since: int = NEVER


KeyFunction: TypeAlias = Callable[[Seat, Pick], Any]


@final
@attrs.frozen
class Key:
    """One thing to compare agents by; the smaller value wins.

    Attributes:
        name: What it is called in explanations.
        of: Gives the value to compare, for one seat and one pick.
        scope: What `of` looks at; PICK is always right.
        within: For MOMENT keys, the order of the seats of one bucket, whatever the instant.
        bucket: For MOMENT keys, what the seats of one bucket have in common.
        attribute: Name of the attribute of a seat that `of`, or `within`, reads and returns.
    """

    name: str
    of: KeyFunction
    scope: Scope = Scope.PICK
    within: KeyFunction | None = None
    bucket: Callable[[Seat], Hashable] | None = None
    attribute: str | None = None


@final
@attrs.frozen
class Sample:
    """Look only at `size` eligible agents, drawn by a hash of work, agent and `epoch`."""

    size: int = attrs.field(converter=positive)
    epoch: str = ""


@final
@attrs.frozen
class Strategy:
    """A chain of keys, compared from the left, with the total tail `(last_assigned, id)`.

    Attributes:
        name: What it is called in explanations.
        keys: Compared in this order.
        sample: Restricts the choice to a drawn few; None for everybody.

    >>> (TIERS.then(LONGEST_IDLE)).name
    'tiers, longest_idle'
    """

    name: str
    keys: tuple[Key, ...]
    sample: Sample | None = None

    def then(self, *others: Strategy) -> Strategy:
        """Return the chain that asks `others` wherever this one ties.

        Raises:
            InvalidValueError: one of `others` draws a sample, which only the first can.
        """
        if any(each.sample is not None for each in others):
            raise InvalidValueError("only the first strategy of a chain can draw a sample")
        chain = (self, *others)
        keys = tuple(key for each in chain for key in each.keys)
        return Strategy(", ".join(each.name for each in chain), keys, self.sample)

    def key(self, seat: Seat, pick: Pick) -> tuple[Any, ...]:
        """Return what `seat` is compared by; no two seats of a roster have the same."""
        return (*[key.of(seat, pick) for key in self.keys], seat.last_assigned, seat.id)

    def choose(self, seats: Iterable[Seat], pick: Pick) -> Seat | None:
        """Return the best of the eligible `seats`, or None if there are none."""
        seats = self.drawn(seats, pick)
        return min(seats, key=lambda seat: self.key(seat, pick), default=None)

    def ranked(self, seats: Iterable[Seat], pick: Pick) -> list[Seat]:
        """Return the eligible `seats` from best to worst; those not drawn are left out."""
        return sorted(self.drawn(seats, pick), key=lambda seat: self.key(seat, pick))

    def drawn(self, seats: Iterable[Seat], pick: Pick) -> Iterable[Seat]:
        """Return those of the eligible `seats` that the strategy looks at."""
        if self.sample is None:
            return seats
        size, epoch = self.sample.size, self.sample.epoch
        return nsmallest(size, seats, key=lambda seat: (lot(pick.work, seat.id, epoch), seat.id))


def lot(work: str, agent: str, epoch: str) -> int:
    """Return a number that is as good as drawn by lot, and the same everywhere."""
    text = f"{len(work)}:{work}{len(agent)}:{agent}{epoch}"
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


class Idle(Enum):
    """Since when an agent counts as idle."""

    RELEASED = "released"
    AVAILABLE = "available_since"
    ASSIGNED = "last_assigned"


def longest_idle(basis: Idle = Idle.RELEASED) -> Strategy:
    """Return the strategy that prefers who has been idle longest, counted from `basis`.

    With `Idle.AVAILABLE`, coming back from being away starts the count anew.
    """
    basis = enum_member(Idle, basis)
    if basis is Idle.AVAILABLE:
        return _one("longest_idle", _idle_or_back_since, Scope.SEAT)
    return Strategy("longest_idle", (_attribute("longest_idle", basis.value),))


def _idle_or_back_since(seat: Seat, _: Pick) -> int:
    return max(seat.released, seat.available_since)


def loaded(seat: Seat, pick: Pick) -> int:
    """Return what the agent has in hand, in the pools that the work draws on."""
    load, drawn = seat.load, pick.requires.drawn
    if len(drawn) == 1:
        return load.get(drawn[0][0], 0)
    return sum(load.get(pool, 0) for pool, _ in drawn)


def _attribute(name: str, attribute: str) -> Key:
    read = attrgetter(attribute)
    return Key(name, lambda seat, _: read(seat), Scope.SEAT, attribute=attribute)


def _share(seat: Seat, _: Pick) -> float:
    return (seat.assigned + 1) / seat.agent.weight


def _occupancy(seat: Seat, pick: Pick) -> float:
    if pick.since == NEVER or seat.busy == 0:
        return float(seat.busy)
    on_shift = pick.at - pick.since
    if seat.duty.timeline is not None:
        on_shift = seat.duty.timeline.elapsed(pick.at) - seat.duty.timeline.elapsed(pick.since)
    # Busy without a shift is overtime, and busier than anybody who was on shift.
    return seat.busy / on_shift if on_shift > 0 else float(seat.busy)


def _shift_of(seat: Seat) -> Hashable:
    return None if seat.agent.shift is None else id(seat.agent.shift)


def _weighted_idleness(seat: Seat, pick: Pick) -> float:
    # Whoever was never released has been idle for ever, at any speed.
    return -inf if seat.released == NEVER else -seat.agent.speed * (pick.at - seat.released)


def _wanted(requires: Requirement) -> dict[str, int]:
    return {**requires.preferred, **requires.skills}


def _levels_met(seat: Seat, pick: Pick) -> int:
    skills = seat.agent.skills
    return sum(skills.get(name, -1) >= level for name, level in _wanted(pick.requires).items())


def _distance(seat: Seat, pick: Pick) -> int:
    skills = seat.agent.skills
    return sum(abs(skills.get(name, 0) - level) for name, level in _wanted(pick.requires).items())


def _proficiency(seat: Seat, pick: Pick) -> int:
    return -sum(seat.agent.skills.get(name, 0) for name in _wanted(pick.requires))


def _mean(seat: Seat, pick: Pick) -> float:
    names = pick.requires.skills
    return -sum(seat.agent.skills.get(name, 0) for name in names) / len(names) if names else 0.0


def _present(seat: Seat, pick: Pick) -> int:
    return -sum(name in seat.agent.skills for name in _wanted(pick.requires))


def _tier(seat: Seat, pick: Pick) -> int:
    agent = seat.agent
    groups = pick.requires.groups & agent.groups
    return min((agent.tiers.get(group, agent.tier) for group in groups), default=agent.tier)


def _one(name: str, of: KeyFunction, scope: Scope) -> Strategy:
    return Strategy(name, (Key(name, of, scope),))


MOST_SPARE = _one("most_spare", lambda seat, pick: -spare(seat, pick.requires), Scope.SEAT)
MOST_SPARE_RATIO = _one(
    "most_spare_ratio", lambda seat, pick: -spare_ratio(seat, pick.requires), Scope.SEAT
)
LEAST_LOADED = _one("least_loaded", loaded, Scope.SEAT)
LONGEST_IDLE = longest_idle()
LEAST_RECENTLY_ASSIGNED = Strategy(
    "least_recently_assigned", (_attribute("least_recently_assigned", "last_assigned"),)
)
ROUND_ROBIN = _one("round_robin", lambda seat, _: (seat.turn, seat.agent.position), Scope.SEAT)
WEIGHTED_ROUND_ROBIN = _one("weighted_round_robin", _share, Scope.SEAT)
FEWEST_HANDLED = Strategy("fewest_handled", (_attribute("fewest_handled", "handled"),))
LEAST_BUSY_TIME = Strategy(
    "least_busy_time",
    (
        Key(
            "least_busy_time",
            _occupancy,
            Scope.MOMENT,
            lambda seat, _: seat.busy,
            _shift_of,
            "busy",
        ),
    ),
)
WEIGHTED_IDLE = Strategy(
    "weighted_idle",
    (
        Key(
            "weighted_idle",
            _weighted_idleness,
            Scope.MOMENT,
            lambda seat, _: seat.released,
            lambda seat: seat.agent.speed,
            "released",
        ),
    ),
)
NEAREST_PROFICIENCY = Strategy(
    "nearest_proficiency",
    (
        Key("levels_met", lambda seat, pick: -_levels_met(seat, pick), Scope.PROFILE),
        Key("distance", _distance, Scope.PROFILE),
    ),
)
MOST_PROFICIENT = _one("most_proficient", _proficiency, Scope.PROFILE)
HIGHEST_MEAN = _one("highest_mean", _mean, Scope.PROFILE)
SKILL_COUNT = Strategy(
    "skill_count",
    (
        Key("skills_present", _present, Scope.PROFILE),
        Key("levels_met", lambda seat, pick: -_levels_met(seat, pick), Scope.PROFILE),
    ),
)
LEAST_VERSATILE = Strategy(
    "least_versatile",
    (
        Key("versatility", lambda seat, _: len(seat.agent.skills), Scope.PROFILE),
        _attribute("longest_idle", "released"),
    ),
)
TIERS = _one("tiers", _tier, Scope.PROFILE)
DEFAULT_STRATEGY = LEAST_LOADED.then(LONGEST_IDLE)


def seeded_random(epoch: str = "") -> Strategy:
    """Return the strategy that draws lots by work and agent; another `epoch`, other lots."""
    return _one("seeded_random", lambda seat, pick: lot(pick.work, seat.id, epoch), Scope.PICK)


def power_of_d(size: int, by: Strategy = LEAST_LOADED, epoch: str = "") -> Strategy:
    """Return the strategy that draws `size` eligible agents by lot and takes the best by `by`.

    Meant for deciders that share a stale view. Unlike all others, it may change its mind when an
    agent who was not chosen leaves, because another is drawn instead.
    """
    return Strategy(f"power_of_{size}, {by.name}", by.keys, Sample(size, epoch))


def custom(name: str, of: KeyFunction) -> Strategy:
    """Return the strategy of your own key; it takes the linear path, and must be deterministic.

    >>> by_region = custom("region", lambda seat, pick: seat.agent.region != "eu")
    >>> by_region.then(LONGEST_IDLE).name
    'region, longest_idle'
    """
    return _one(name, of, Scope.PICK)


STRATEGIES: FrozenMap[str, Strategy] = FrozenMap(
    {
        each.name: each
        for each in (
            MOST_SPARE,
            MOST_SPARE_RATIO,
            LEAST_LOADED,
            LONGEST_IDLE,
            LEAST_RECENTLY_ASSIGNED,
            ROUND_ROBIN,
            WEIGHTED_ROUND_ROBIN,
            FEWEST_HANDLED,
            LEAST_BUSY_TIME,
            WEIGHTED_IDLE,
            NEAREST_PROFICIENCY,
            MOST_PROFICIENT,
            HIGHEST_MEAN,
            SKILL_COUNT,
            LEAST_VERSATILE,
            TIERS,
            seeded_random(),
        )
    }
)
"""The strategies that take no parameters, by name."""
