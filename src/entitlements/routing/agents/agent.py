"""Agents: skills, groups, capacity, shifts and absences of one person.

An agent holds what the organisation configures. The assigned work is a `Workload`; a `Roster`
holds both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import final

import attrs

from entitlements.calendars import BusinessHours
from entitlements.kernel.converters import (
    count,
    frozen_map,
    instance_of,
    limit,
    positive,
    tuple_of,
)
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.frozenmaps import EMPTY, FrozenMap
from entitlements.kernel.ids import (
    identifier,
    identifier_set,
    identifiers,
    optional_identifier,
)
from entitlements.kernel.mixins.repr_without_defaults import ReprWithoutDefaults
from entitlements.kernel.periods.spans import Span
from entitlements.routing.work.requirements import DEFAULT_POOL
from entitlements.routing.work.skills import SkillLevels, levels

CapacityLimits = FrozenMap[str, int | None]


def _capacity(value: Mapping[str, int | None] | int | None) -> CapacityLimits:
    pools = value if isinstance(value, Mapping) else {DEFAULT_POOL: value}
    return FrozenMap(sorted((identifier(pool), limit(n)) for pool, n in pools.items()))


def _channels(
    value: Mapping[str, int | None] | Iterable[str] | str | None,
) -> CapacityLimits | None:
    if value is None:
        return None
    names = (value,) if isinstance(value, str) else value
    limits = names if isinstance(names, Mapping) else dict.fromkeys(identifiers(names))
    return FrozenMap(sorted((identifier(name), limit(n)) for name, n in limits.items()))


def _combines(value: Mapping[str, Iterable[str]]) -> FrozenMap[str, frozenset[str]]:
    return FrozenMap(
        sorted(
            (identifier(name), identifier_set(others)) for name, others in frozen_map(value).items()
        )
    )


def _spans(value: Iterable[Span]) -> tuple[Span, ...]:
    return tuple(sorted(tuple_of(Span, value)))


@final
@attrs.frozen
class RateLimit:
    """At most `count` assignments within any period of length `within`, five minutes by default.

    An assignment counts up to, not including, `within` after its instant; also at an earlier
    instant, if a program asks about one. Assignments before the agent had a limit do not count.

    >>> RateLimit(3, timedelta(minutes=10)).count
    3
    """

    count: int = attrs.field(converter=positive)
    within: timedelta = timedelta(minutes=5)

    def __attrs_post_init__(self) -> None:
        if instance_of(timedelta, self.within) <= timedelta():
            raise InvalidValueError(f"`within` must be greater than 0, got `{self.within}`")


@final
@attrs.frozen(repr=False, kw_only=True)
class Agent(ReprWithoutDefaults):
    """A person to whom work is assigned.

    Attributes:
        id: Unique id of the person.
        groups: Expert groups of the person.
        skills: Skills with levels; a bare name is level 1.
        capacity: Limit of each capacity pool; a bare number limits the pool `work`. A pool that is
            missing, or whose limit is None, is unlimited.
        channels: Channels served, each with the limit of pieces at once (None: no limit); None for
            every channel. A channel that is not listed is not served.
        work_limit: Limit of pieces of work at once over all pools and channels; None for no limit.
        combines: While work of a channel listed here is assigned, only work of these channels can
            be added; the channel itself too only if it is listed.
        rate_limit: Rate limit of assignments; None for no limit.
        shift: Working hours; None for all time.
        absences: Times off duty, whatever the shift is.
        overtime: Times on duty outside the shift; absences take precedence.
        clearances: Clearances with levels.
        region: Region of the person; without one, no residency obligation is met.
        tier: Number of the tier, 0 first.
        tiers: Tier by group, where it differs.
        weight: Share of the work in a weighted rotation, 1 or more.
        speed: Relative speed of work for weighted idle time, 1 or more.
        position: Position in the list of agents: in the rotation before the first assignment, and
            for the strategy `position`.

    >>> Agent(id="ada", groups="db", capacity=3).capacity
    FrozenMap({'work': 3})
    """

    id: str = attrs.field(converter=identifier)
    groups: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    skills: SkillLevels = attrs.field(default=EMPTY, converter=levels)
    capacity: CapacityLimits = attrs.field(default=EMPTY, converter=_capacity)
    channels: CapacityLimits | None = attrs.field(default=None, converter=_channels)
    work_limit: int | None = attrs.field(default=None, converter=limit)
    combines: FrozenMap[str, frozenset[str]] = attrs.field(default=EMPTY, converter=_combines)
    rate_limit: RateLimit | None = None
    shift: BusinessHours | None = None
    absences: tuple[Span, ...] = attrs.field(default=(), converter=_spans)
    overtime: tuple[Span, ...] = attrs.field(default=(), converter=_spans)
    clearances: SkillLevels = attrs.field(default=EMPTY, converter=levels)
    region: str | None = attrs.field(default=None, converter=optional_identifier)
    tier: int = attrs.field(default=0, converter=count)
    tiers: SkillLevels = attrs.field(default=EMPTY, converter=levels)
    weight: int = attrs.field(default=1, converter=positive)
    speed: int = attrs.field(default=1, converter=positive)
    position: int = attrs.field(default=0, converter=count)
