"""Named strategies: least loaded, longest idle, round robin and others."""

from __future__ import annotations

from collections.abc import Hashable
from enum import Enum
from math import inf
from operator import attrgetter

from entitlements.kernel.converters import enum_member
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.instants import START_OF_TIME
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.agents.capacity import free_capacity, free_capacity_ratio
from entitlements.routing.strategies.strategy import (
    KeyFunction,
    KeyScope,
    RandomSample,
    SelectionContext,
    SortKeyPart,
    Strategy,
    hash_draw,
)
from entitlements.routing.work.requirements import Requirement


class IdleSince(Enum):
    """Since when an agent counts as idle."""

    RELEASED = "released"
    AVAILABLE = "available_since"
    ASSIGNED = "last_assigned"


def longest_idle(basis: IdleSince = IdleSince.RELEASED) -> Strategy:
    """Return the strategy that prefers who has been idle longest, counted from `basis`.

    With `IdleSince.AVAILABLE`, coming back from being away starts the count anew.
    """
    basis = enum_member(IdleSince, basis)
    if basis is IdleSince.AVAILABLE:
        return _one("longest_idle", _idle_or_back_since, KeyScope.SEAT)
    return Strategy("longest_idle", (_attribute("longest_idle", basis.value),))


def _idle_or_back_since(seat: AgentState, _: SelectionContext) -> int:
    return max(seat.released, seat.available_since)


def load_in_pools(seat: AgentState, pick: SelectionContext) -> int:
    """Return what the agent has in hand, in the pools that the work draws on."""
    load, drawn = seat.load, pick.requires.drawn
    if len(drawn) == 1:
        return load.get(drawn[0][0], 0)
    return sum(load.get(pool, 0) for pool, _ in drawn)


def _attribute(name: str, attribute: str) -> SortKeyPart:
    read = attrgetter(attribute)
    return SortKeyPart(name, lambda seat, _: read(seat), KeyScope.SEAT, attribute=attribute)


def _share(seat: AgentState, _: SelectionContext) -> float:
    return (seat.assigned + 1) / seat.agent.weight


def _occupancy(seat: AgentState, pick: SelectionContext) -> float:
    if pick.since == START_OF_TIME or seat.busy == 0:
        return float(seat.busy)
    on_shift = pick.at - pick.since
    if seat.duty.timeline is not None:
        on_shift = seat.duty.timeline.open_time_before(
            pick.at
        ) - seat.duty.timeline.open_time_before(pick.since)
    # Busy without a shift is overtime, and busier than anybody who was on shift.
    return seat.busy / on_shift if on_shift > 0 else float(seat.busy)


def _shift_of(seat: AgentState) -> Hashable:
    return None if seat.agent.shift is None else id(seat.agent.shift)


def _weighted_idleness(seat: AgentState, pick: SelectionContext) -> float:
    # Whoever was never released has been idle for ever, at any speed.
    return -inf if seat.released == START_OF_TIME else -seat.agent.speed * (pick.at - seat.released)


def _wanted(requires: Requirement) -> dict[str, int]:
    return {**requires.preferred, **requires.skills}


def _levels_met(seat: AgentState, pick: SelectionContext) -> int:
    skills = seat.agent.skills
    return sum(skills.get(name, -1) >= level for name, level in _wanted(pick.requires).items())


def _distance(seat: AgentState, pick: SelectionContext) -> int:
    skills = seat.agent.skills
    return sum(abs(skills.get(name, 0) - level) for name, level in _wanted(pick.requires).items())


def _proficiency(seat: AgentState, pick: SelectionContext) -> int:
    return -sum(seat.agent.skills.get(name, 0) for name in _wanted(pick.requires))


def _mean(seat: AgentState, pick: SelectionContext) -> float:
    names = pick.requires.skills
    return -sum(seat.agent.skills.get(name, 0) for name in names) / len(names) if names else 0.0


def _present(seat: AgentState, pick: SelectionContext) -> int:
    return -sum(name in seat.agent.skills for name in _wanted(pick.requires))


def _tier(seat: AgentState, pick: SelectionContext) -> int:
    agent = seat.agent
    groups = pick.requires.groups & agent.groups
    return min((agent.tiers.get(group, agent.tier) for group in groups), default=agent.tier)


def _one(name: str, of: KeyFunction, scope: KeyScope) -> Strategy:
    return Strategy(name, (SortKeyPart(name, of, scope),))


MOST_SPARE = _one(
    "most_spare", lambda seat, pick: -free_capacity(seat, pick.requires), KeyScope.SEAT
)


MOST_SPARE_RATIO = _one(
    "most_spare_ratio", lambda seat, pick: -free_capacity_ratio(seat, pick.requires), KeyScope.SEAT
)


LEAST_LOADED = _one("least_loaded", load_in_pools, KeyScope.SEAT)


LONGEST_IDLE = longest_idle()


LEAST_RECENTLY_ASSIGNED = Strategy(
    "least_recently_assigned", (_attribute("least_recently_assigned", "last_assigned"),)
)


ROUND_ROBIN = _one("round_robin", lambda seat, _: (seat.turn, seat.agent.position), KeyScope.SEAT)


WEIGHTED_ROUND_ROBIN = _one("weighted_round_robin", _share, KeyScope.SEAT)


FEWEST_HANDLED = Strategy("fewest_handled", (_attribute("fewest_handled", "handled"),))


LEAST_BUSY_TIME = Strategy(
    "least_busy_time",
    (
        SortKeyPart(
            "least_busy_time",
            _occupancy,
            KeyScope.MOMENT,
            lambda seat, _: seat.busy,
            _shift_of,
            "busy",
        ),
    ),
)


WEIGHTED_IDLE = Strategy(
    "weighted_idle",
    (
        SortKeyPart(
            "weighted_idle",
            _weighted_idleness,
            KeyScope.MOMENT,
            lambda seat, _: seat.released,
            lambda seat: seat.agent.speed,
            "released",
        ),
    ),
)


NEAREST_PROFICIENCY = Strategy(
    "nearest_proficiency",
    (
        SortKeyPart("levels_met", lambda seat, pick: -_levels_met(seat, pick), KeyScope.PROFILE),
        SortKeyPart("distance", _distance, KeyScope.PROFILE),
    ),
)


MOST_PROFICIENT = _one("most_proficient", _proficiency, KeyScope.PROFILE)


HIGHEST_MEAN = _one("highest_mean", _mean, KeyScope.PROFILE)


MOST_SKILLS = Strategy(
    "skill_count",
    (
        SortKeyPart("skills_present", _present, KeyScope.PROFILE),
        SortKeyPart("levels_met", lambda seat, pick: -_levels_met(seat, pick), KeyScope.PROFILE),
    ),
)


LEAST_VERSATILE = Strategy(
    "least_versatile",
    (
        SortKeyPart("versatility", lambda seat, _: len(seat.agent.skills), KeyScope.PROFILE),
        _attribute("longest_idle", "released"),
    ),
)


TIERS = _one("tiers", _tier, KeyScope.PROFILE)


DEFAULT_STRATEGY = LEAST_LOADED.then(LONGEST_IDLE)


def seeded_random(epoch: str = "") -> Strategy:
    """Return the strategy that draws lots by work and agent; another `epoch`, other lots."""
    return _one(
        "seeded_random", lambda seat, pick: hash_draw(pick.work, seat.id, epoch), KeyScope.PICK
    )


def power_of_d(size: int, by: Strategy = LEAST_LOADED, epoch: str = "") -> Strategy:
    """Return the strategy that draws `size` eligible agents by lot and takes the best by `by`.

    Meant for deciders that share a stale view. Unlike all others, it may change its mind when an
    agent who was not chosen leaves, because another is drawn instead.
    """
    return Strategy(f"power_of_{size}, {by.name}", by.keys, RandomSample(size, epoch))


def custom_strategy(name: str, of: KeyFunction) -> Strategy:
    """Return the strategy of your own key; it takes the linear path, and must be deterministic.

    >>> by_region = custom("region", lambda seat, pick: seat.agent.region != "eu")
    >>> by_region.then(LONGEST_IDLE).name
    'region, longest_idle'
    """
    return _one(name, of, KeyScope.PICK)


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
            MOST_SKILLS,
            LEAST_VERSATILE,
            TIERS,
            seeded_random(),
        )
    }
)
"""The strategies that take no parameters, by name."""
