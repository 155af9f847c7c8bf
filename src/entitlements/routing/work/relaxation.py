"""Relaxation plans: requirements that loosen while work waits.

The requirement at an instant is a function of the work and the instant, so the next change is known
and no polling is needed. A step drops skills, lowers levels and adds groups; it cannot change
obligations.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final, final

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
from entitlements.kernel.instants import MICROSECOND, START_OF_TIME
from entitlements.kernel.memo import Memo
from entitlements.routing.work.requirements import Requirement
from entitlements.routing.work.skills import SkillLevels, levels


class RelaxationStart(StrEnum):
    """The instant from which a plan counts: opening, request for a person, or first routing."""

    OPENED = "opened"
    REQUESTED = "requested"
    ROUTABLE = "routable"


def _since(value: RelaxationStart | str) -> RelaxationStart:
    return enum_member(RelaxationStart, value)


class RelaxationRestart(StrEnum):
    """What restarts a plan. With `decline` and `transfer`, work may return to earlier agents."""

    NEVER = "never"
    DECLINE = "decline"
    TRANSFER = "transfer"


def _restart(value: RelaxationRestart | str) -> RelaxationRestart:
    return enum_member(RelaxationRestart, value)


@final
@attrs.frozen(kw_only=True)
class RelaxationStep:
    """One relaxation of a requirement.

    Attributes:
        after: Time from the start of the plan until the step takes effect; greater than 0.
        drop: Skills that are no longer required or preferred.
        lower: Skills with their new, lower required levels; a higher level changes nothing.
        groups: Groups added to those of the requirement.
        any_group: Whether agents of any group can take the work.
        unstaffed: Whether the step takes effect at once while no agent of the groups that are
            accepted before it is signed in; see `take_unstaffed_steps`.
        on_expiry: Whether the step, with those before it, takes effect at once when an offer
            expires; the second such step at the second expiry, and so on.

    >>> step = RelaxationStep(after=timedelta(minutes=5), lower={"oracle": 1}, drop="spanish")
    >>> step.apply(Requirement(skills={"oracle": 3, "spanish": 2})).skills
    FrozenMap({'oracle': 1})
    """

    after: timedelta
    drop: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    lower: SkillLevels = attrs.field(default=EMPTY, converter=levels)
    groups: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    any_group: bool = False
    unstaffed: bool = False
    on_expiry: bool = False

    def __attrs_post_init__(self) -> None:
        if instance_of(timedelta, self.after) <= timedelta():
            raise InvalidValueError(f"`after` must be greater than 0, got `{self.after}`")

    def apply(self, requirement: Requirement) -> Requirement:
        """Return the relaxed requirement; every agent who met `requirement` meets it too."""
        skills = {
            name: min(level, self.lower.get(name, level))
            for name, level in requirement.skills.items()
            if name not in self.drop
        }
        # An empty set means any group, so it stays empty.
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
                hint="all steps count from the same start; order them by `after`",
            )
    return ordered


@final
@attrs.frozen(kw_only=True)
class RelaxationPlan:
    """Steps that relax a requirement, and the clock that drives them.

    The default plan is cumulative: it counts from the opening of the work and never restarts, so
    the set of eligible agents only grows.

    Attributes:
        steps: Steps in order of `after`; each applies on top of those before it.
        since: Start of the count: `opened`, `requested` or `routable`.
        hours: Hours whose open time is counted; None for elapsed time.
        restart: What restarts the count: `never`, `decline` or `transfer`.

    >>> RelaxationPlan(steps=[RelaxationStep(after=timedelta(hours=1), any_group=True)]).since.value
    'opened'
    """

    steps: tuple[RelaxationStep, ...] = attrs.field(default=(), converter=_steps)
    since: RelaxationStart = attrs.field(default=RelaxationStart.OPENED, converter=_since)
    hours: BusinessHours | None = None
    restart: RelaxationRestart = attrs.field(default=RelaxationRestart.NEVER, converter=_restart)

    def requirements_over_time(
        self, requirement: Requirement, start: int, taken: int = 0
    ) -> tuple[tuple[int, Requirement], ...]:
        """Return each relaxed requirement with the microsecond from which it applies.

        The plan counts from the microsecond `start`. The first `taken` steps apply at any time;
        others that the hours never reach are left out.
        """
        relaxed = []
        for number, (step, looser) in enumerate(
            zip(self.steps, self._relaxed(requirement), strict=True)
        ):
            begin = (
                START_OF_TIME
                if number < taken
                else self._instant_after(start, step.after // MICROSECOND)
            )
            if begin is None:
                break
            relaxed.append((begin, looser))
        return tuple(relaxed)

    def _relaxed(self, requirement: Requirement) -> tuple[Requirement, ...]:
        """Return the requirement after each step; kept, because routing asks several times."""
        known = _RELAXED.get((id(self), id(requirement)))
        if known is not None and known[0] is self and known[1] is requirement:
            return known[2]
        found, current = [], requirement
        for step in self.steps:
            current = step.apply(current)
            found.append(current)
        # Plan and requirement are kept too, so that no other ones get their identities.
        return _RELAXED.put((id(self), id(requirement)), (self, requirement, tuple(found)))[2]

    def steps_taken_after(self, expiries: int) -> int:
        """Return how many steps have taken effect after so many expired offers.

        >>> step = RelaxationStep(after=timedelta(hours=1), any_group=True, on_expiry=True)
        >>> [RelaxationPlan(steps=[step]).steps_taken_after(n) for n in (0, 1, 2)]
        [0, 1, 1]
        """
        numbers = [n for n, step in enumerate(self.steps, start=1) if step.on_expiry]
        return numbers[min(expiries, len(numbers)) - 1] if numbers and expiries else 0

    def _instant_after(self, start: int, amount: int) -> int | None:
        if self.hours is None:
            return start + amount
        timeline = self.hours.timeline
        try:
            return timeline.earliest_with(timeline.open_time_before(start) + amount)
        except NeverReachedError:
            return None


_RELAXED: Final[
    Memo[tuple[int, int], tuple[RelaxationPlan, Requirement, tuple[Requirement, ...]]]
] = Memo(2_048)
