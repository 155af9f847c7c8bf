"""Requirements of work: groups, skills, capacity, and obligations that are never relaxed.

Work of one kind shares a requirement, which holds no agent, no instant and no rank.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias, final

import attrs

from entitlements.kernel.converters import MAX_INT32, whole_number
from entitlements.kernel.frozenmaps import EMPTY, FrozenMap
from entitlements.kernel.ids import identifier, identifier_set, optional_identifier
from entitlements.kernel.mixins.hash_slot import HashSlot
from entitlements.kernel.mixins.repr_without_defaults import ReprWithoutDefaults
from entitlements.routing.work.skills import SkillLevels, levels

DEFAULT_POOL = "work"
_ONE: Final = FrozenMap({DEFAULT_POOL: 1})
_NONE: Final[frozenset[str]] = frozenset()

Load: TypeAlias = tuple[tuple[tuple[str, int], ...], str | None, bool]
"""What decides about capacity: the weights by pool, the channel, and whether work is exclusive."""

_ONE_DRAWN: Final = tuple(_ONE.items())
_PLAIN_LOAD: Final[Load] = (_ONE_DRAWN, None, False)


@final
@attrs.frozen(kw_only=True)
class RoutingObligations(HashSlot):
    """What the contract requires of the agent; neither relaxation nor an override changes it.

    Attributes:
        clearances: Required clearances, each with the lowest sufficient level.
        residency: Regions, of which the agent must be in one; empty for any region.

    >>> RoutingObligations(clearances=["sc"], residency="eu").clearances["sc"]
    1
    """

    clearances: SkillLevels = attrs.field(default=EMPTY, converter=levels)
    residency: frozenset[str] = attrs.field(default=(), converter=identifier_set)

    def __hash__(self) -> int:
        known: int | None = getattr(self, "_hash", None)
        if known is not None:
            return known
        return self._keep_hash(hash((self.clearances, self.residency)))


NO_OBLIGATIONS: Final = RoutingObligations()
"""The obligations of a contract that has none."""


def pool_weights(value: Mapping[str, int] | int) -> FrozenMap[str, int]:
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


# Changes the class of a frozen value, so that it can be filled; in a fifth of the time that
# `object.__setattr__` takes.
set_class: Final = object.__dict__["__class__"].__set__


class _UnfrozenRequirement(HashSlot):
    """The slots of `Requirement`, for its construction."""

    __slots__ = (
        "channel",
        "drawn",
        "exclusive",
        "groups",
        "load",
        "obligations",
        "on_call",
        "pool",
        "preferred",
        "skills",
        "weight",
        "weights",
    )


@final
@attrs.frozen(repr=False, kw_only=True, init=False, weakref_slot=False)
class Requirement(ReprWithoutDefaults, _UnfrozenRequirement):
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

    groups: frozenset[str] = _NONE
    skills: SkillLevels = EMPTY
    preferred: SkillLevels = EMPTY
    channel: str | None = None
    weights: FrozenMap[str, int] = _ONE
    exclusive: bool = False
    on_call: str | None = None
    obligations: RoutingObligations = NO_OBLIGATIONS

    # Precomputed for the live router: the weights as pairs; the kind of load; the only pool that
    # limits the work and the weight in it, None and 0 if the work has a channel, is exclusive, or
    # draws on several pools.
    drawn: tuple[tuple[str, int], ...] = attrs.field(init=False, eq=False, repr=False)
    load: Load = attrs.field(init=False, eq=False, repr=False)
    pool: str | None = attrs.field(init=False, eq=False, repr=False)
    weight: int = attrs.field(init=False, eq=False, repr=False)

    def __init__(
        self,
        *,
        groups: Iterable[str] = _NONE,
        skills: Mapping[str, int] | Iterable[str] | str = EMPTY,
        preferred: Mapping[str, int] | Iterable[str] | str = EMPTY,
        channel: str | None = None,
        weights: Mapping[str, int] | int = _ONE,
        exclusive: bool = False,
        on_call: str | None = None,
        obligations: RoutingObligations = NO_OBLIGATIONS,
    ) -> None:
        # Requirements are built for nearly every request; see `Work`.
        set_class(self, _UnfrozenRequirement)
        new: Any = self
        new.groups = identifier_set(groups)
        new.skills = levels(skills)
        new.preferred = levels(preferred)
        new.channel = optional_identifier(channel)
        new.exclusive = exclusive
        new.on_call = optional_identifier(on_call)
        new.obligations = obligations
        _set_load(new, pool_weights(weights))
        new.__class__ = Requirement

    def __hash__(self) -> int:
        known: int | None = getattr(self, "_hash", None)
        if known is not None:
            return known
        duties = self.obligations
        # Levels are in order of name, so that their pairs are hashed without a set.
        levels = (*self.skills.items(), 0, *self.preferred.items(), 0, *duties.clearances.items())
        return self._keep_hash(
            hash((self.groups, levels, duties.residency, self.load, self.on_call))
        )


def loosened(
    old: Requirement, groups: frozenset[str], skills: SkillLevels, preferred: SkillLevels
) -> Requirement:
    """Return `old` with other groups and skills, which are not checked again."""
    new: Any = _UnfrozenRequirement()
    new.groups, new.skills, new.preferred = groups, skills, preferred
    new.channel, new.weights, new.exclusive = old.channel, old.weights, old.exclusive
    new.on_call, new.obligations = old.on_call, old.obligations
    new.drawn, new.load, new.pool, new.weight = old.drawn, old.load, old.pool, old.weight
    new.__class__ = Requirement
    return new  # type: ignore[no-any-return]


def _set_load(new: Any, weights: FrozenMap[str, int]) -> None:
    """Set the attributes that say what capacity the work takes."""
    new.weights = weights
    if weights is _ONE and new.channel is None and not new.exclusive:
        new.drawn, new.load, new.pool, new.weight = _ONE_DRAWN, _PLAIN_LOAD, DEFAULT_POOL, 1
        return
    new.drawn = _ONE_DRAWN if weights is _ONE else tuple(weights.items())
    new.load = (new.drawn, new.channel, new.exclusive)
    has_one_pool = new.channel is None and not new.exclusive and len(weights) == 1
    new.pool, new.weight = new.drawn[0] if has_one_pool else (None, 0)


NO_REQUIREMENT: Final = Requirement()
"""The requirement of work that any agent can take."""
