"""Named strategies: least loaded, longest idle, round robin and others."""

from __future__ import annotations

from collections.abc import Hashable
from math import inf
from typing import Any, final

import attrs

from entitlements.kernel.converters import as_text, enum_member, instance_of
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.instants import START_OF_TIME
from entitlements.kernel.mixins.text_enum import TextEnum
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


class IdleSince(TextEnum):
    """The instant from which an agent counts as idle.

    The last completion of work, the last return from being away, or the last assignment.
    """

    RELEASED = "released"
    AVAILABLE = "available_since"
    ASSIGNED = "last_assigned"


def longest_idle(since: IdleSince | str = IdleSince.RELEASED) -> Strategy:
    """Return the strategy that prefers the agent who has been idle longest.

    Args:
        since: Start of the idle time: `released` for the last completion of work,
            `last_assigned` for the last assignment, `available_since` for the last completion or
            the last return from being away, whichever is later.

    >>> longest_idle("last_assigned").name
    'longest_idle'

    Raises:
        InvalidValueError: `since` is none of these.
    """
    start = enum_member(IdleSince, since)
    key = IdleKey(start)
    attribute = None if start is IdleSince.AVAILABLE else start.value
    part = SortKeyPart("longest_idle", key, KeyScope.WORKLOAD, attribute=attribute)
    return Strategy("longest_idle", (part,))


def _idle_since(value: IdleSince | str) -> IdleSince:
    return enum_member(IdleSince, value)


@final
@attrs.frozen
class IdleKey:
    """Key function of the longest idle time: the instant from which the agent counts as idle.

    Attributes:
        since: `released`, `last_assigned`, or `available_since` for the later of the last
            completion and the last return.
    """

    since: IdleSince = attrs.field(default=IdleSince.RELEASED, converter=_idle_since)

    def __call__(self, state: AgentState, _: SelectionContext) -> int:
        """Return the key of the agent."""
        if self.since is IdleSince.AVAILABLE:
            return max(state.released, state.available_since)
        instant: int = getattr(state, self.since.value)
        return instant


def load_in_pools(state: AgentState, context: SelectionContext) -> int:
    """Return the load of the agent, summed over the pools that the work draws on."""
    load, drawn = state.load, context.requires.drawn
    if len(drawn) == 1:
        return load.get(drawn[0][0], 0)
    return sum(load.get(pool, 0) for pool, _ in drawn)


@final
@attrs.frozen
class _ReadAttribute:
    """Key function that returns one attribute; a value, so that strategies can be pickled."""

    attribute: str

    def __call__(self, state: AgentState, _: SelectionContext) -> Any:
        return getattr(state, self.attribute)


def _attribute(name: str, attribute: str) -> SortKeyPart:
    return SortKeyPart(name, _ReadAttribute(attribute), KeyScope.WORKLOAD, attribute=attribute)


@final
@attrs.frozen
class HashDraw:
    """Key function of a pseudo-random order.

    Attributes:
        epoch: Text that is part of the hash; another text gives another order.
    """

    epoch: str = attrs.field(default="", converter=as_text)

    def __call__(self, state: AgentState, context: SelectionContext) -> int:
        """Return the key of the agent."""
        return hash_draw(context.work, state.id, self.epoch)


def _spare(state: AgentState, context: SelectionContext) -> float:
    return -free_capacity(state, context.requires)


def _spare_ratio(state: AgentState, context: SelectionContext) -> float:
    return -free_capacity_ratio(state, context.requires)


def _turn(state: AgentState, _: SelectionContext) -> tuple[int, int]:
    return state.assignment_number, state.agent.position


def _speed_of(state: AgentState) -> Hashable:
    return state.agent.speed


def _missed_levels(state: AgentState, context: SelectionContext) -> int:
    return -_levels_met(state, context)


def _position(state: AgentState, _: SelectionContext) -> int:
    return state.agent.position


def _versatility(state: AgentState, _: SelectionContext) -> int:
    return len(state.agent.skills)


def _share(state: AgentState, _: SelectionContext) -> float:
    return (state.assigned + 1) / state.agent.weight


def _occupancy(state: AgentState, context: SelectionContext) -> float:
    if context.since == START_OF_TIME or state.busy == 0:
        return float(state.busy)
    on_shift = context.at - context.since
    if state.duty.timeline is not None:
        on_shift = state.duty.timeline.open_time_before(
            context.at
        ) - state.duty.timeline.open_time_before(context.since)
    # Busy time without time on shift is overtime, and ranks above every occupancy.
    return state.busy / on_shift if on_shift > 0 else float(state.busy)


def _shift_of(state: AgentState) -> Hashable:
    return None if state.agent.shift is None else id(state.agent.shift)


def _weighted_idleness(state: AgentState, context: SelectionContext) -> float:
    # An agent without completed work has been idle for ever, at any speed.
    return (
        -inf
        if state.released == START_OF_TIME
        else -state.agent.speed * (context.at - state.released)
    )


def _wanted_levels(requires: Requirement) -> dict[str, int]:
    """Return the level wanted of each skill: the higher one where it is required and preferred."""
    wanted, required = dict(requires.preferred), requires.skills
    for name, level in required.items():
        wanted[name] = max(level, wanted.get(name, level))
    return wanted


def _levels_met(state: AgentState, context: SelectionContext) -> int:
    skills = state.agent.skills
    return sum(
        skills.get(name, -1) >= level for name, level in _wanted_levels(context.requires).items()
    )


def _distance(state: AgentState, context: SelectionContext) -> int:
    skills = state.agent.skills
    return sum(
        abs(skills.get(name, 0) - level) for name, level in _wanted_levels(context.requires).items()
    )


def _proficiency(state: AgentState, context: SelectionContext) -> int:
    return -sum(state.agent.skills.get(name, 0) for name in _wanted_levels(context.requires))


def _mean(state: AgentState, context: SelectionContext) -> float:
    names = context.requires.skills
    return -sum(state.agent.skills.get(name, 0) for name in names) / len(names) if names else 0.0


def _present(state: AgentState, context: SelectionContext) -> int:
    return -sum(name in state.agent.skills for name in _wanted_levels(context.requires))


def _tier(state: AgentState, context: SelectionContext) -> int:
    agent = state.agent
    groups = context.requires.groups & agent.groups
    return min((agent.tiers.get(group, agent.tier) for group in groups), default=agent.tier)


def _one(name: str, of: KeyFunction, scope: KeyScope) -> Strategy:
    return Strategy(name, (SortKeyPart(name, of, scope),))


MOST_SPARE = _one("most_spare", _spare, KeyScope.WORKLOAD)

MOST_SPARE_RATIO = _one("most_spare_ratio", _spare_ratio, KeyScope.WORKLOAD)

LEAST_LOADED = _one("least_loaded", load_in_pools, KeyScope.WORKLOAD)

LONGEST_IDLE = longest_idle()

LEAST_RECENTLY_ASSIGNED = Strategy(
    "least_recently_assigned", (_attribute("least_recently_assigned", "last_assigned"),)
)

ROUND_ROBIN = _one("round_robin", _turn, KeyScope.WORKLOAD)

WEIGHTED_ROUND_ROBIN = _one("weighted_round_robin", _share, KeyScope.WORKLOAD)

FEWEST_HANDLED = Strategy("fewest_handled", (_attribute("fewest_handled", "handled"),))

LEAST_BUSY_TIME = Strategy(
    "least_busy_time",
    (
        SortKeyPart(
            "least_busy_time",
            _occupancy,
            KeyScope.INSTANT,
            _ReadAttribute("busy"),
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
            KeyScope.INSTANT,
            _ReadAttribute("released"),
            _speed_of,
            "released",
        ),
    ),
)

NEAREST_PROFICIENCY = Strategy(
    "nearest_proficiency",
    (
        SortKeyPart("levels_met", _missed_levels, KeyScope.PROFILE),
        SortKeyPart("distance", _distance, KeyScope.PROFILE),
    ),
)

MOST_PROFICIENT = _one("most_proficient", _proficiency, KeyScope.PROFILE)

HIGHEST_MEAN = _one("highest_mean", _mean, KeyScope.PROFILE)

MOST_SKILLS = Strategy(
    "most_skills",
    (
        SortKeyPart("skills_present", _present, KeyScope.PROFILE),
        SortKeyPart("levels_met", _missed_levels, KeyScope.PROFILE),
    ),
)

LEAST_VERSATILE = Strategy(
    "least_versatile",
    (
        SortKeyPart("versatility", _versatility, KeyScope.PROFILE),
        _attribute("longest_idle", "released"),
    ),
)

TIERS = _one("tiers", _tier, KeyScope.PROFILE)

POSITION = _one("position", _position, KeyScope.WORKLOAD)

DEFAULT_STRATEGY = LEAST_LOADED.then(LONGEST_IDLE)


def seeded_random(epoch: str = "") -> Strategy:
    """Return the strategy of a pseudo-random order, by a hash of work, agent and `epoch`.

    The order is the same on every replay; another `epoch` gives another order.

    >>> seeded_random("2026").name
    'seeded_random'
    """
    return _one("seeded_random", HashDraw(epoch), KeyScope.WORK)


def power_of_d(size: int, by: Strategy = LEAST_LOADED, epoch: str = "") -> Strategy:
    """Return the strategy that samples `size` eligible agents and takes the best by `by`.

    It is for several processes that decide on the same outdated roster. Unlike with all others,
    the choice may change when an agent who was not chosen leaves, because the sample changes.

    >>> power_of_d(2).name
    'power_of_2, least_loaded'

    Raises:
        InvalidValueError: `size` is not a whole number of 1 or more.
    """
    instance_of(Strategy, by)
    return Strategy(f"power_of_{size}, {by.name}", by.keys, RandomSample(size, epoch))


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
            POSITION,
            seeded_random(),
        )
    }
)
"""The strategies without parameters, by name."""
