"""Requirements of work: groups, skills, capacity, and obligations that are never relaxed.

Work of one kind shares a requirement, which holds no agent, no instant and no rank.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, final

import attrs

from entitlements.kernel.converters import MAX_INT32, whole_number
from entitlements.kernel.frozenmaps import EMPTY, FrozenMap
from entitlements.kernel.ids import identifier, identifier_set, optional_identifier
from entitlements.routing.work.skills import SkillLevels, levels

DEFAULT_POOL = "work"
_ONE: Final = FrozenMap({DEFAULT_POOL: 1})


@final
@attrs.frozen(kw_only=True, cache_hash=True)
class RoutingObligations:
    """What the contract requires of the agent; neither relaxation nor an override changes it.

    Attributes:
        clearances: Required clearances, each with the lowest sufficient level.
        residency: Regions, of which the agent must be in one; empty for any region.

    >>> RoutingObligations(clearances=["sc"], residency="eu").clearances["sc"]
    1
    """

    clearances: SkillLevels = attrs.field(default=EMPTY, converter=levels)
    residency: frozenset[str] = attrs.field(default=(), converter=identifier_set)


NO_OBLIGATIONS: Final = RoutingObligations()
"""The obligations of a contract that has none."""


def weights(value: Mapping[str, int] | int) -> FrozenMap[str, int]:
    """Return `value` as weight by pool; a bare number is the weight in the pool `work`."""
    if value is _ONE or (type(value) is int and value == 1):
        return _ONE
    if not isinstance(value, Mapping):
        value = {DEFAULT_POOL: value}
    return FrozenMap(
        sorted(
            (identifier(pool), whole_number(n, f"weight in `{pool}`", most=MAX_INT32))
            for pool, n in value.items()
        )
    )


@final
@attrs.frozen(kw_only=True, cache_hash=True)
class Requirement:
    """What an agent needs to take a piece of work.

    Attributes:
        groups: Groups, of which the agent must be in one; empty for any agent.
        skills: Required skills, each with the lowest sufficient level.
        preferred: Preferred skills with levels; only strategies by proficiency read them. A skill
            may be required at a level and preferred at a higher one.
        channel: Channel to the customer; None for work that counts towards no channel limit.
        weights: Capacity taken in each pool, all at once; 1 in the pool `work` by default.
        exclusive: Whether the agent must have no other work at the same time.
        on_call: Schedule in which the agent must be on call, in place of the shift.
        obligations: What the contract requires.

    >>> Requirement(groups="db", skills={"oracle": 2}).weights
    FrozenMap({'work': 1})
    """

    groups: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    skills: SkillLevels = attrs.field(default=EMPTY, converter=levels)
    preferred: SkillLevels = attrs.field(default=EMPTY, converter=levels)
    channel: str | None = attrs.field(default=None, converter=optional_identifier)
    weights: FrozenMap[str, int] = attrs.field(default=1, converter=weights)
    exclusive: bool = False
    on_call: str | None = attrs.field(default=None, converter=optional_identifier)
    obligations: RoutingObligations = NO_OBLIGATIONS
    drawn: tuple[tuple[str, int], ...] = attrs.field(init=False, eq=False, repr=False)

    # The only pool that limits the work, and the weight in it: the usual case, precomputed for the
    # live router. None if the work has a channel, is exclusive, or draws on several pools.
    pool: str | None = attrs.field(init=False, eq=False, repr=False)
    weight: int = attrs.field(init=False, eq=False, repr=False)

    @pool.default
    def _pool(self) -> str | None:
        one_pool = self.channel is None and not self.exclusive and len(self.weights) == 1
        return next(iter(self.weights)) if one_pool else None

    @weight.default
    def _weight(self) -> int:
        return 0 if self.pool is None else self.weights[self.pool]

    @drawn.default
    def _drawn(self) -> tuple[tuple[str, int], ...]:
        return tuple(self.weights.items())


NO_REQUIREMENT: Final = Requirement()
"""The requirement of work that any agent can take."""
