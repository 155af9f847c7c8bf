"""Whom else? Ladders that call in others when a deadline comes near or silence lasts.

A ladder is pure data with finitely many calls, so escalation always ends. Going sideways opens
groups through a relaxation step, which cannot touch obligations; going up follows superiors until
there is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final, TypeAlias, final

import attrs

from entitlements.calendars import BusinessHours
from entitlements.kernel.converters import positive, tuple_of
from entitlements.kernel.errors import ConflictError, InvalidValueError, UnknownIdError
from entitlements.kernel.ids import identifier, identifiers
from entitlements.routing.roster import Roster
from entitlements.routing.work.relaxation import RelaxationStep
from entitlements.routing.work.requirements import Requirement

MAX_CALLS: Final = 100


@final
@attrs.frozen
class ToGroup:
    """To another group, with other skills."""

    group: str = attrs.field(converter=identifier)


@final
@attrs.frozen
class ToManager:
    """To the assignee's superior, `levels` up; beyond the top, to the top."""

    levels: int = attrs.field(default=1, converter=positive)


@final
@attrs.frozen
class ToOnCall:
    """To whoever is on call in a schedule."""

    schedule: str = attrs.field(converter=identifier)


@final
@attrs.frozen
class ToAgents:
    """To these people."""

    agents: tuple[str, ...] = attrs.field(converter=identifiers)


EscalationTarget: TypeAlias = ToGroup | ToManager | ToOnCall | ToAgents


def _fraction(value: Fraction | str | None) -> Fraction | None:
    try:
        return None if value is None else Fraction(value)
    except (ValueError, TypeError, ArithmeticError):
        raise InvalidValueError(f"`{value}` is not a fraction", hint="write it as `3/4`") from None


@final
@attrs.frozen(kw_only=True)
class EscalationStep:
    """One step of a ladder.

    Attributes:
        to: Who is called in.
        fraction: When that part of the time from opening to deadline is over; may exceed 1.
        silence: When nobody has said anything for so long.
        repeat: How often it is called in all.
        every: How long between repeats; needed if there are any.
    """

    to: EscalationTarget
    fraction: Fraction | None = attrs.field(default=None, converter=_fraction)
    silence: timedelta | None = None
    repeat: int = attrs.field(default=1, converter=positive)
    every: timedelta | None = None

    def __attrs_post_init__(self) -> None:
        if (self.fraction is None) == (self.silence is None):
            raise InvalidValueError(
                "a rung needs a moment", hint="state either `fraction` or `silence`"
            )
        if self.fraction is not None and self.fraction <= 0:
            raise InvalidValueError(f"fraction `{self.fraction}` is not above nothing")
        if self.silence is not None and self.silence <= timedelta():
            raise InvalidValueError(f"silence of `{self.silence}` is none")
        if self.repeat > 1 and (self.every is None or self.every <= timedelta()):
            raise InvalidValueError("repeats without a pause", hint="state `every`")
        if self.repeat > MAX_CALLS:
            raise InvalidValueError(f"`{self.repeat}` repeats, above {MAX_CALLS}")


@final
@attrs.frozen(order=True)
class EscalationCall:
    """One call of a ladder: when, which rung, and the how-manieth time."""

    at: datetime
    step: int
    repeat_number: int


def _rungs(value: Iterable[EscalationStep]) -> tuple[EscalationStep, ...]:
    return tuple_of(EscalationStep, value)


@final
@attrs.frozen(kw_only=True)
class EscalationPolicy:
    """Who is called in when.

    Attributes:
        rungs: In any order; each has its own moment.
        hours: Fractions are of open time in these hours; None for elapsed time.

    >>> from entitlements.kernel.instants import utc
    >>> ladder = EscalationPolicy(steps=[EscalationStep(to=ToGroup("net"), fraction="3/4")])
    >>> nine, ten = utc("2026-03-02T09:00Z"), utc("2026-03-02T10:00Z")
    >>> [call.at.minute for call in ladder.calls(nine, due=ten)]
    [45]
    """

    steps: tuple[EscalationStep, ...] = attrs.field(converter=_rungs)
    hours: BusinessHours | None = None

    def calls(
        self, opened: datetime, *, due: datetime | None = None, heard: datetime | None = None
    ) -> tuple[EscalationCall, ...]:
        """Return all calls, in order of time.

        Args:
            opened: When the work was opened.
            due: Its deadline; without one, no fraction is ever over.
            heard: The last sign of life; without one, silence has lasted since the opening.
        """
        calls = []
        for number, rung in enumerate(self.steps):
            first = self._moment(rung, opened, due, heard or opened)
            if first is not None:
                pause = rung.every or timedelta()
                calls += [
                    EscalationCall(first + n * pause, number, n + 1) for n in range(rung.repeat)
                ]
        return tuple(sorted(calls))

    def next_call_at(
        self,
        at: datetime,
        opened: datetime,
        *,
        due: datetime | None = None,
        heard: datetime | None = None,
    ) -> datetime | None:
        """Return the next call strictly after `at`; None if there is none left."""
        return next((c.at for c in self.calls(opened, due=due, heard=heard) if c.at > at), None)

    def _moment(
        self, rung: EscalationStep, opened: datetime, due: datetime | None, heard: datetime
    ) -> datetime | None:
        if rung.silence is not None:
            return heard + rung.silence
        if due is None or rung.fraction is None:
            return None
        share = rung.fraction
        if self.hours is None:
            return opened + (due - opened) * share.numerator // share.denominator
        open_time = self.hours.between(opened, due)
        return self.hours.add(opened, open_time * share.numerator // share.denominator)


def requirement_after(requires: Requirement, to: EscalationTarget) -> Requirement:
    """Return what the work takes after a call; obligations stay as they are."""
    match to:
        case ToGroup(group=group):
            return RelaxationStep(after=timedelta(seconds=1), groups=group).apply(requires)
        case ToOnCall(schedule=schedule):
            return attrs.evolve(requires, on_call=schedule, groups=())
        case ToManager() | ToAgents():
            return requires


def escalation_agents(
    to: EscalationTarget,
    roster: Roster,
    at: datetime,
    *,
    assignee: str | None = None,
    superiors: Mapping[str, str] | None = None,
) -> tuple[str, ...]:
    """Return who is called in, in order of id where no order is given.

    Whether they may have the work is still the question of `route`.

    Raises:
        UnknownIdError: there is no such on-call schedule.
        ConflictError: the superiors go round in a circle.
    """
    match to:
        case ToGroup(group=group):
            return tuple(sorted(id for id, each in roster.agents.items() if group in each.groups))
        case ToAgents(agents=agents):
            return agents
        case ToOnCall(schedule=schedule):
            if schedule not in roster.on_call:
                raise UnknownIdError("on-call schedule", schedule, known=roster.on_call)
            return roster.on_call[schedule].who(at)
        case ToManager(levels=levels):
            chain = managers_of(assignee, superiors or {})
            return chain[min(levels, len(chain)) - 1 :][:1]


def managers_of(agent: str | None, superiors: Mapping[str, str]) -> tuple[str, ...]:
    """Return the superior of `agent`, theirs, and so on to the top.

    Raises:
        ConflictError: they go round in a circle.
    """
    chain: list[str] = []
    while agent is not None and (above := superiors.get(agent)) is not None:
        if above in chain:
            raise ConflictError(f"`{above}` is their own superior", field="superiors")
        chain.append(above)
        agent = above
    return tuple(chain)
