"""What do we settle for, and when? Requirements that loosen while work waits.

A plan is pure data: which phase holds is a function of the work and the instant, so the next
change is known and nothing polls. A step can drop skills, lower levels and open groups; it has no
word for obligations, so it can never touch them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise
from typing import final

import attrs

from entitlements.calendars import BusinessHours
from entitlements.kernel.converters import (
    enum_member,
    instance_of,
    tuple_of,
)
from entitlements.kernel.errors import InvalidValueError, NeverReachedError
from entitlements.kernel.frozenmaps import EMPTY
from entitlements.kernel.ids import identifier_set
from entitlements.kernel.instants import MICROSECOND
from entitlements.routing.work.requirements import Requirement
from entitlements.routing.work.skills import SkillLevels, levels


class RelaxationStart(StrEnum):
    """The instant from which a plan counts."""

    OPENED = "opened"
    REQUESTED = "requested"
    ROUTABLE = "routable"


def _since(value: RelaxationStart | str) -> RelaxationStart:
    return enum_member(RelaxationStart, value)


class RelaxationRestart(StrEnum):
    """What makes a plan count anew; anything but NEVER lets work go in circles."""

    NEVER = "never"
    DECLINE = "decline"
    TRANSFER = "transfer"


def _restart(value: RelaxationRestart | str) -> RelaxationRestart:
    return enum_member(RelaxationRestart, value)


@final
@attrs.frozen(kw_only=True)
class RelaxationStep:
    """One loosening of a requirement.

    Attributes:
        after: How long after the anchor it takes effect; more than nothing.
        drop: Skills no longer needed, nor preferred.
        lower: Skills needed at a lower level from then on.
        groups: Groups added to those that may take the work.
        any_group: Anybody may take it, whatever the group.
    """

    after: timedelta
    drop: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    lower: SkillLevels = attrs.field(default=EMPTY, converter=levels)
    groups: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    any_group: bool = False

    def __attrs_post_init__(self) -> None:
        if instance_of(timedelta, self.after) <= timedelta():
            raise InvalidValueError(f"a step takes effect after `{self.after}`, not after waiting")

    def apply(self, requirement: Requirement) -> Requirement:
        """Return `requirement` with this step applied; whoever fitted before fits after it.

        >>> step = Step(after=timedelta(minutes=5), lower={"oracle": 1}, drop="spanish")
        >>> step.loosen(Requirement(skills={"oracle": 3, "spanish": 2})).skills
        FrozenMap({'oracle': 1})
        """
        skills = {
            name: min(level, self.lower.get(name, level))
            for name, level in requirement.skills.items()
            if name not in self.drop
        }
        # No groups at all means anybody, so adding to none must leave none.
        groups = requirement.groups and requirement.groups | self.groups
        return attrs.evolve(
            requirement,
            skills=skills,
            preferred={k: v for k, v in requirement.preferred.items() if k not in self.drop},
            groups=frozenset() if self.any_group else groups,
        )


def _steps(steps: Iterable[RelaxationStep]) -> tuple[RelaxationStep, ...]:
    ordered = tuple_of(RelaxationStep, steps)
    for earlier, later in pairwise(ordered):
        if later.after <= earlier.after:
            raise InvalidValueError(
                f"step after `{later.after}` follows the one after `{earlier.after}`",
                hint="steps count from the same anchor, in rising order",
            )
    return ordered


@final
@attrs.frozen(kw_only=True)
class RelaxationPlan:
    """Steps that loosen a requirement, and the clock that drives them.

    The default clock is cumulative: it counts from the opening of the work and never restarts, so
    the set of agents who may take the work only grows.

    Attributes:
        steps: Each applies on top of those before it.
        since: The instant counted from.
        hours: Open time is counted in these hours; None counts elapsed time.
        restart: What sets the count back to nothing.
    """

    steps: tuple[RelaxationStep, ...] = attrs.field(default=(), converter=_steps)
    since: RelaxationStart = attrs.field(default=RelaxationStart.OPENED, converter=_since)
    hours: BusinessHours | None = None
    restart: RelaxationRestart = attrs.field(default=RelaxationRestart.NEVER, converter=_restart)

    def requirements_over_time(
        self, requirement: Requirement, anchor: int
    ) -> tuple[tuple[int, Requirement], ...]:
        """Return each later requirement with the microsecond it takes effect.

        Steps that hours never reach are left out.
        """
        phases = []
        for step in self.steps:
            requirement = step.apply(requirement)
            start = self._reach(anchor, step.after // MICROSECOND)
            if start is None:
                break
            phases.append((start, requirement))
        return tuple(phases)

    def _reach(self, anchor: int, amount: int) -> int | None:
        if self.hours is None:
            return anchor + amount
        timeline = self.hours.timeline
        try:
            return timeline.earliest_with(timeline.open_time_before(anchor) + amount)
        except NeverReachedError:
            return None
