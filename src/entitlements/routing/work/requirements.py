"""What does the work take? Skills, groups, capacity and the duties that are never relaxed.

A requirement is shared by all work of one kind; it names no person, no instant and no rank.
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


@final
@attrs.frozen(kw_only=True, cache_hash=True)
class RoutingObligations:
    """What the contract demands of whoever takes the work; no relaxation reaches it.

    Attributes:
        clearances: Each named clearance with the lowest level that will do.
        residency: The regions the agent must be in one of; empty if it does not matter.

    >>> RoutingObligations(clearances=["sc"], residency="eu").clearances["sc"]
    1
    """

    clearances: SkillLevels = attrs.field(default=EMPTY, converter=levels)
    residency: frozenset[str] = attrs.field(default=(), converter=identifier_set)


NO_OBLIGATIONS: Final = RoutingObligations()
"""What a contract demands that says nothing of it."""


def weights(value: Mapping[str, int] | int) -> FrozenMap[str, int]:
    """Return `value` as weight per pool; a bare number is drawn from the pool `work`."""
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
    """What an agent must bring to take a piece of work.

    Attributes:
        groups: The agent must be in one of them; empty for anybody.
        skills: Needed, each with the lowest level that will do.
        preferred: Wanted, never needed; only strategies that rank by proficiency read it.
        channel: How the customer is reached; None where that draws on no limit.
        weights: What the work takes out of each capacity pool, all of them at once.
        exclusive: The work takes the whole agent: nothing beside it.
        on_call: The agent must be on call in this schedule; shifts do not matter then.
        obligations: The part that is never relaxed.

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

    # The one pool that decides whether there is room, and what is taken out of it: the usual case,
    # and the one that a live router must not look up piece by piece. None if more decides.
    pool: str | None = attrs.field(init=False, eq=False, repr=False)
    weight: int = attrs.field(init=False, eq=False, repr=False)

    @pool.default
    def _pool(self) -> str | None:
        alone = self.channel is None and not self.exclusive and len(self.weights) == 1
        return next(iter(self.weights)) if alone else None

    @weight.default
    def _weight(self) -> int:
        return 0 if self.pool is None else self.weights[self.pool]

    @drawn.default
    def _drawn(self) -> tuple[tuple[str, int], ...]:
        return tuple(self.weights.items())


NO_REQUIREMENT: Final = Requirement()
"""What anybody can take; one value for all work that asks for no more."""
