"""Events of a world: pieces of work that arrive, and changes of agents and of work.

Instants are whole microseconds since 1970 UTC, so that a program in any language can replay them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias, final

import attrs

from entitlements.kernel.converters import MAX_INT32, count, tuple_of, whole_number
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.frozenmaps import EMPTY, FrozenMap
from entitlements.kernel.ids import identifier, identifier_set, optional_identifier
from entitlements.kernel.mixins.hash_slot import HashSlot

LATEST = 2**53
"""The largest instant: the largest whole number that JSON keeps in every language."""


def instant(value: int) -> int:
    """Return `value` if it is an instant from 1970 on."""
    return whole_number(value, "instant", most=LATEST)


def _optional_instant(value: int | None) -> int | None:
    return None if value is None else instant(value)


def skill_levels(value: Mapping[str, int]) -> FrozenMap[str, int]:
    """Return skills with levels from 1 on, in order of name."""
    return FrozenMap(
        sorted(
            (identifier(name), whole_number(level, f"level of `{name}`", least=1, most=MAX_INT32))
            for name, level in value.items()
        )
    )


def _lowered(value: Mapping[str, int]) -> FrozenMap[str, int]:
    return FrozenMap(
        sorted(
            (identifier(name), whole_number(level, f"level of `{name}`", most=MAX_INT32))
            for name, level in value.items()
        )
    )


@final
@attrs.frozen(kw_only=True)
class Needs(HashSlot):
    """What an agent needs to take a piece.

    Attributes:
        skills: Required skills, each with the lowest sufficient level.
        groups: Groups, of which the agent must be in one; empty for any agent.
        channel: Channel that the piece takes one place of; None for none.
        clearances: Clearances that the agent must have, all of them.
        regions: Regions, of which the agent must be in one; empty for any.

    >>> Needs(skills={"oracle": 2}).skills["oracle"]
    2
    """

    skills: FrozenMap[str, int] = attrs.field(default=EMPTY, converter=skill_levels)
    groups: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    channel: str | None = attrs.field(default=None, converter=optional_identifier)
    clearances: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    regions: frozenset[str] = attrs.field(default=(), converter=identifier_set)

    def __hash__(self) -> int:
        known: int | None = getattr(self, "_hash", None)
        if known is not None:
            return known
        named = (self.skills, self.groups, self.channel, self.clearances, self.regions)
        return self._keep_hash(hash(named))


def _after(value: int) -> int:
    return whole_number(value, "`after`", least=1, most=LATEST)


@final
@attrs.frozen(kw_only=True)
class Relaxation(HashSlot):
    """One step that relaxes the needs of a piece while it waits; never clearances or regions.

    Attributes:
        after: Microseconds since the arrival at which the step takes effect; more than 0.
        lower: Skills with their lower levels; level 0 drops the skill.
        any_group: Whether agents of any group can take the piece from then on.

    >>> step = Relaxation(after=60_000_000, lower={"oracle": 1, "spanish": 0})
    >>> step.apply(Needs(skills={"oracle": 2, "spanish": 1})).skills
    FrozenMap({'oracle': 1})
    """

    after: int = attrs.field(converter=_after)
    lower: FrozenMap[str, int] = attrs.field(default=EMPTY, converter=_lowered)
    any_group: bool = False

    def __hash__(self) -> int:
        known: int | None = getattr(self, "_hash", None)
        if known is not None:
            return known
        return self._keep_hash(hash((self.after, self.lower, self.any_group)))

    def apply(self, needs: Needs) -> Needs:
        """Return the relaxed needs."""
        levels = {name: min(n, self.lower.get(name, n)) for name, n in needs.skills.items()}
        return attrs.evolve(
            needs,
            skills={name: level for name, level in levels.items() if level},
            groups=() if self.any_group else needs.groups,
        )


def _steps(value: Iterable[Relaxation]) -> tuple[Relaxation, ...]:
    steps = tuple_of(Relaxation, value)
    if [each.after for each in steps] != sorted({each.after for each in steps}):
        raise InvalidValueError("relaxation steps must follow each other in time")
    return steps


@final
@attrs.frozen(kw_only=True)
class Piece:
    """A piece of work that arrives.

    Attributes:
        at: Arrival.
        id: Unique id.
        needs: What the agent needs, before relaxation.
        rank: Priority, 0 or more; smaller is served first.
        due: Deadline; None for none.
        handling: Microseconds that the agent who takes it is busy with it.
        relaxation: Steps in order of time.

    >>> Piece(at=0, id="p1", handling=60_000_000).rank
    0
    """

    at: int = attrs.field(converter=instant)
    id: str = attrs.field(converter=identifier)
    needs: Needs = Needs()
    rank: int = attrs.field(default=0, converter=count)
    due: int | None = attrs.field(default=None, converter=_optional_instant)
    handling: int = attrs.field(converter=instant)
    relaxation: tuple[Relaxation, ...] = attrs.field(default=(), converter=_steps)

    def needs_at(self, at: int) -> Needs:
        """Return the needs after all steps that have taken effect at `at`."""
        needs = self.needs
        for step in self.relaxation:
            if self.at + step.after > at:
                break
            needs = step.apply(needs)
        return needs


@final
@attrs.frozen(kw_only=True)
class SkillChange:
    """Other skills of an agent from `at` on; assigned work stays assigned."""

    at: int = attrs.field(converter=instant)
    agent: str = attrs.field(converter=identifier)
    skills: FrozenMap[str, int] = attrs.field(converter=skill_levels)


@final
@attrs.frozen(kw_only=True)
class StatusChange:
    """An agent who is away from `at` on, or back; assigned work stays assigned."""

    at: int = attrs.field(converter=instant)
    agent: str = attrs.field(converter=identifier)
    away: bool


@final
@attrs.frozen(kw_only=True)
class WorkTransfer:
    """A piece that its agent gives back at `at`: it waits again, for another agent.

    It keeps its arrival, and its needs go on relaxing from there. Nothing happens if the piece is
    not assigned at that instant.
    """

    at: int = attrs.field(converter=instant)
    work: str = attrs.field(converter=identifier)


@final
@attrs.frozen(kw_only=True)
class Reprioritisation:
    """Another rank of a waiting piece; nothing happens if it does not wait."""

    at: int = attrs.field(converter=instant)
    work: str = attrs.field(converter=identifier)
    rank: int = attrs.field(converter=count)


@final
@attrs.frozen(kw_only=True)
class Withdrawal:
    """A customer who gives up waiting; nothing happens if the piece does not wait."""

    at: int = attrs.field(converter=instant)
    work: str = attrs.field(converter=identifier)


AgentChange: TypeAlias = SkillChange | StatusChange
WorkChange: TypeAlias = WorkTransfer | Reprioritisation | Withdrawal
Change: TypeAlias = AgentChange | WorkChange
Event: TypeAlias = Piece | Change

EVENT_KINDS: FrozenMap[str, Any] = FrozenMap(
    {
        "piece": Piece,
        "skills": SkillChange,
        "status": StatusChange,
        "transfer": WorkTransfer,
        "rank": Reprioritisation,
        "withdrawal": Withdrawal,
    }
)
"""The kinds of events by the name that files give them."""
