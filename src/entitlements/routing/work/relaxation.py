"""Relaxation plans: requirements that loosen while work waits.

The requirement at an instant is a function of the work and the instant, so the next change is known
and no polling is needed. A step drops skills, lowers levels and adds groups; it cannot change
obligations.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from itertools import pairwise
from typing import Final, final

import attrs

from entitlements.calendars import BusinessHours
from entitlements.kernel.converters import (
    enum_member,
    instance_of,
    tuple_of,
    whole_number,
)
from entitlements.kernel.errors import InvalidValueError, NeverReachedError
from entitlements.kernel.frozenmaps import EMPTY, FrozenMap
from entitlements.kernel.ids import identifier_set
from entitlements.kernel.instants import MICROSECOND, START_OF_TIME
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.kernel.on_demand.memo import Memo
from entitlements.routing.work.requirements import Requirement, loosened
from entitlements.routing.work.skills import SkillLevels, levels


class RelaxationStart(TextEnum):
    """The instant from which a plan counts: opening, request for a person, or first routing."""

    OPENED = "opened"
    REQUESTED = "requested"
    ROUTABLE = "routable"


def _since(value: RelaxationStart | str) -> RelaxationStart:
    return enum_member(RelaxationStart, value)


class RelaxationRestart(TextEnum):
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
        skills, preferred = requirement.skills, requirement.preferred
        drop, lower = self.drop, self.lower
        if drop or lower:
            skills = _lowered(skills, drop, lower)
        if drop and preferred:
            preferred = _lowered(preferred, drop, EMPTY)
        # An empty set means any group, so it stays empty.
        groups = requirement.groups
        if self.any_group:
            groups = frozenset()
        elif groups and self.groups:
            groups |= self.groups
        return loosened(requirement, groups, skills, preferred)


def _lowered(held: SkillLevels, drop: frozenset[str], lower: SkillLevels) -> SkillLevels:
    found = {name: min(n, lower.get(name, n)) for name, n in held.items() if name not in drop}
    return FrozenMap(found) if found else EMPTY


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
    _delays: tuple[int, ...] = attrs.field(init=False, eq=False, repr=False)

    @_delays.default
    def _delays_of_steps(self) -> tuple[int, ...]:
        return tuple([step.after // MICROSECOND for step in self.steps])

    def step_starts(self, start: int, taken: int = 0) -> tuple[int, ...]:
        """Return the microsecond from which each step applies, if the plan counts from `start`.

        The first `taken` steps apply at any time; others that the hours never reach are left out.

        >>> step = RelaxationStep(after=timedelta(seconds=1), any_group=True)
        >>> RelaxationPlan(steps=[step]).step_starts(5)
        (1000005,)
        """
        starts = []
        for number, delay in enumerate(self._delays):
            begin: int | None = START_OF_TIME
            if number >= taken:
                begin = start + delay if self.hours is None else self._reached(start, delay)
            if begin is None:
                break
            starts.append(begin)
        return tuple(starts)

    def relaxed(self, requirement: Requirement, steps: int) -> Requirement:
        """Return the requirement after the first `steps` steps.

        What was relaxed is kept, because routing asks several times.

        Args:
            requirement: The requirement before relaxation.
            steps: Number of steps; the plan must have as many.

        >>> step = RelaxationStep(after=timedelta(hours=1), any_group=True)
        >>> RelaxationPlan(steps=[step]).relaxed(Requirement(groups="db"), 1).groups
        frozenset()
        """
        whole_number(steps, "number of steps", most=len(self.steps))
        if not steps:
            return requirement
        key = (id(self), id(requirement))
        known = _RELAXED.get(key)
        if known is None or known[0] is not self or known[1] is not requirement:
            known = (self, requirement, ())
        found = known[2]
        if len(found) < steps:
            current = found[-1] if found else requirement
            for step in self.steps[len(found) : steps]:
                current = step.apply(current)
                found += (current,)
            # Plan and requirement are kept too, so that no other ones get their identities.
            _RELAXED.put(key, (self, requirement, found))
        return found[steps - 1]

    def steps_taken_after(self, expiries: int) -> int:
        """Return how many steps have taken effect after so many expired offers.

        >>> step = RelaxationStep(after=timedelta(hours=1), any_group=True, on_expiry=True)
        >>> [RelaxationPlan(steps=[step]).steps_taken_after(n) for n in (0, 1, 2)]
        [0, 1, 1]
        """
        numbers = [n for n, step in enumerate(self.steps, start=1) if step.on_expiry]
        return numbers[min(expiries, len(numbers)) - 1] if numbers and expiries else 0

    def _reached(self, start: int, amount: int) -> int | None:
        """Return when so much open time has passed since `start`, or None for never."""
        assert self.hours is not None  # noqa: S101 - the caller has asked
        timeline = self.hours.timeline
        try:
            return timeline.earliest_with(timeline.open_time_before(start) + amount)
        except NeverReachedError:
            return None


_RELAXED: Final[
    Memo[tuple[int, int], tuple[RelaxationPlan, Requirement, tuple[Requirement, ...]]]
] = Memo(2_048)
