"""Who could do it? A person, what they can do, how much, and when.

An agent is what the organisation decided about a person. What they have in hand is a standing;
both together make a roster.
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
from entitlements.kernel.spans import Span
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


def _alongside(value: Mapping[str, Iterable[str]]) -> FrozenMap[str, frozenset[str]]:
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
    """No more than `count` pieces of work within any `within`.

    An assignment counts from its instant up to, not including, `within` later.
    """

    count: int = attrs.field(converter=positive)
    within: timedelta = timedelta(minutes=5)

    def __attrs_post_init__(self) -> None:
        if instance_of(timedelta, self.within) <= timedelta():
            raise InvalidValueError(f"a pace within `{self.within}` limits nothing")


@final
@attrs.frozen(kw_only=True)
class Agent:
    """A person who takes work.

    Attributes:
        id: Names the person.
        groups: Expert groups the person belongs to.
        skills: What they can do, with levels.
        capacity: Limit per capacity pool; a bare number limits the pool `work`, and a pool
            without a limit is unlimited.
        channels: Channels they serve, each with the most pieces at once (None: no limit); None
            for every channel. A channel that is not listed is not served.
        most: The most pieces of work at once over everything; None for no such ceiling.
        alongside: While holding work of a channel listed here, only work of these channels may be
            added, the same channel included only if it is named.
        pace: How many pieces in how much time; None for no such limit.
        shift: When they work; None for always.
        absences: When they do not, whatever the shift says.
        extra: When they work beyond the shift; absences still win.
        clearances: Clearances with levels.
        region: Where they sit; None fails every residency obligation.
        tier: Place in the order of tiers, 0 first.
        tiers: Tier by group, where it differs.
        weight: Share of the work in a weighted rotation.
        speed: Pieces of work per unit of time relative to others, for weighted idleness.
        position: Place in the rotation among those who have had no turn.

    >>> Agent(id="ada", groups="db", capacity=3).capacity
    FrozenMap({'work': 3})
    """

    id: str = attrs.field(converter=identifier)
    groups: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    skills: SkillLevels = attrs.field(default=EMPTY, converter=levels)
    capacity: CapacityLimits = attrs.field(default=EMPTY, converter=_capacity)
    channels: CapacityLimits | None = attrs.field(default=None, converter=_channels)
    most: int | None = attrs.field(default=None, converter=limit)
    alongside: FrozenMap[str, frozenset[str]] = attrs.field(default=EMPTY, converter=_alongside)
    pace: RateLimit | None = None
    shift: BusinessHours | None = None
    absences: tuple[Span, ...] = attrs.field(default=(), converter=_spans)
    extra: tuple[Span, ...] = attrs.field(default=(), converter=_spans)
    clearances: SkillLevels = attrs.field(default=EMPTY, converter=levels)
    region: str | None = attrs.field(default=None, converter=optional_identifier)
    tier: int = attrs.field(default=0, converter=count)
    tiers: SkillLevels = attrs.field(default=EMPTY, converter=levels)
    weight: int = attrs.field(default=1, converter=positive)
    speed: int = attrs.field(default=1, converter=positive)
    position: int = attrs.field(default=0, converter=count)
