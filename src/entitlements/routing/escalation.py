"""Escalation policies: whom to involve at a fraction of a deadline, or after a time of silence.

A policy is a value with a finite number of calls, so escalation always ends. Functional escalation
adds a group by a relaxation step, which cannot change obligations. Hierarchic escalation follows
the managers up to the top.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final, TypeAlias, final

import attrs

from entitlements.calendars import BusinessHours
from entitlements.kernel.converters import instance_of, positive, tuple_of
from entitlements.kernel.errors import ConflictError, InvalidValueError, UnknownIdError
from entitlements.kernel.ids import identifier, identifiers
from entitlements.kernel.instants import instant_of, instant_or_none
from entitlements.routing.roster import Roster
from entitlements.routing.work.relaxation import RelaxationStep
from entitlements.routing.work.requirements import Requirement

MAX_CALLS: Final = 100


@final
@attrs.frozen
class ToGroup:
    """Functional escalation to another group.

    >>> ToGroup("network").group
    'network'
    """

    group: str = attrs.field(converter=identifier)


@final
@attrs.frozen
class ToManager:
    """Hierarchic escalation to the manager of the assignee, `levels` up, or to the top.

    >>> ToManager().levels
    1
    """

    levels: int = attrs.field(default=1, converter=positive)


@final
@attrs.frozen
class ToOnCall:
    """Escalation to the agents on call in a schedule.

    >>> ToOnCall("weekend").schedule
    'weekend'
    """

    schedule: str = attrs.field(converter=identifier)


@final
@attrs.frozen
class ToAgents:
    """Escalation to named agents.

    >>> ToAgents(["ada", "bob"]).agents
    ('ada', 'bob')
    """

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
    """One step of an escalation policy, at a fraction of the deadline or after a silence.

    Attributes:
        to: The agents or group to involve.
        fraction: Part of the time from opening to deadline, greater than 0; may exceed 1.
        silence: Time without a sign of activity, greater than 0.
        repeat: Number of calls in all, 1 to 100.
        every: Time between two calls; required if `repeat` is greater than 1.

    >>> EscalationStep(to=ToGroup("network"), fraction="3/4").fraction
    Fraction(3, 4)
    """

    to: EscalationTarget
    fraction: Fraction | None = attrs.field(default=None, converter=_fraction)
    silence: timedelta | None = None
    repeat: int = attrs.field(default=1, converter=positive)
    every: timedelta | None = None

    def __attrs_post_init__(self) -> None:
        if (self.fraction is None) == (self.silence is None):
            raise InvalidValueError(
                "an escalation step needs one instant", hint="set `fraction` or `silence`"
            )
        if self.fraction is not None and self.fraction <= 0:
            raise InvalidValueError(f"`fraction` must be greater than 0, got `{self.fraction}`")
        if self.silence is not None and self.silence <= timedelta():
            raise InvalidValueError(f"`silence` must be greater than 0, got `{self.silence}`")
        if self.repeat > 1 and (self.every is None or self.every <= timedelta()):
            raise InvalidValueError("repeated calls need a positive `every`", hint="set `every`")
        if self.repeat > MAX_CALLS:
            raise InvalidValueError(f"`repeat` must be {MAX_CALLS} or less, got `{self.repeat}`")


@final
@attrs.frozen(order=True)
class EscalationCall:
    """One call of an escalation policy.

    Attributes:
        at: Instant of the call.
        step: Index of the step in the policy, from 0.
        repeat_number: Number of the call of this step, from 1.

    >>> from entitlements.kernel.instants import utc
    >>> EscalationCall(utc("2026-03-02T09:45Z"), step=0, repeat_number=1).step
    0
    """

    at: datetime
    step: int
    repeat_number: int


def _steps(value: Iterable[EscalationStep]) -> tuple[EscalationStep, ...]:
    return tuple_of(EscalationStep, value)


@final
@attrs.frozen(kw_only=True)
class EscalationPolicy:
    """The steps of an escalation.

    Attributes:
        steps: Steps in any order; each has its own instant.
        hours: Hours whose open time the fractions count; None for elapsed time.

    >>> from entitlements.kernel.instants import utc
    >>> policy = EscalationPolicy(steps=[EscalationStep(to=ToGroup("net"), fraction="3/4")])
    >>> nine, ten = utc("2026-03-02T09:00Z"), utc("2026-03-02T10:00Z")
    >>> [call.at.minute for call in policy.calls(nine, due=ten)]
    [45]
    """

    steps: tuple[EscalationStep, ...] = attrs.field(converter=_steps)
    hours: BusinessHours | None = None

    def calls(
        self,
        opened: datetime,
        *,
        due: datetime | None = None,
        last_activity: datetime | None = None,
    ) -> tuple[EscalationCall, ...]:
        """Return all calls, in order of time.

        Args:
            opened: Opening of the work.
            due: Deadline; without one, steps with a fraction have no calls.
            last_activity: Last sign of activity; without one, silence counts from the opening.
        """
        begun, until, calls = instant_of(opened), instant_or_none(due), []
        active = begun if last_activity is None else instant_of(last_activity)
        for number, step in enumerate(self.steps):
            first = self._instant(step, begun, until, active)
            if first is not None:
                pause = step.every or timedelta()
                calls += [
                    EscalationCall(first + n * pause, number, n + 1) for n in range(step.repeat)
                ]
        return tuple(sorted(calls))

    def next_call_at(
        self,
        at: datetime,
        opened: datetime,
        *,
        due: datetime | None = None,
        last_activity: datetime | None = None,
    ) -> datetime | None:
        """Return the instant of the next call strictly after `at`; None if there is none."""
        now, calls = instant_of(at), self.calls(opened, due=due, last_activity=last_activity)
        return next((each.at for each in calls if each.at > now), None)

    def _instant(
        self, step: EscalationStep, opened: datetime, due: datetime | None, last_activity: datetime
    ) -> datetime | None:
        if step.silence is not None:
            return last_activity + step.silence
        if due is None or step.fraction is None:
            return None
        share = step.fraction
        if self.hours is None:
            return opened + (due - opened) * share.numerator // share.denominator
        open_time = self.hours.between(opened, due)
        return self.hours.add(opened, open_time * share.numerator // share.denominator)


def requirement_after(requires: Requirement, to: EscalationTarget) -> Requirement:
    """Return the requirement after a call; obligations do not change.

    >>> sorted(requirement_after(Requirement(groups="db"), ToGroup("network")).groups)
    ['db', 'network']
    """
    instance_of(Requirement, requires)
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
    managers: Mapping[str, str] | None = None,
) -> tuple[str, ...]:
    """Return the agents to involve, in order of id where no order is given.

    They are not checked for eligibility, which is a question for `route`.

    Args:
        to: The target of an escalation step.
        roster: The agents and on-call schedules.
        at: Instant of the call.
        assignee: The agent whose manager is involved.
        managers: Manager of each agent by id.

    >>> from entitlements.kernel.instants import utc
    >>> nine = utc("2026-03-02T09:00Z")
    >>> chain = {"ada": "grace", "grace": "mary"}
    >>> escalation_agents(ToManager(), Roster(), nine, assignee="ada", managers=chain)
    ('grace',)

    Raises:
        UnknownIdError: there is no such on-call schedule.
        ConflictError: the managers form a cycle.
    """
    instance_of(Roster, roster)
    now = instant_of(at)
    match to:
        case ToGroup(group=group):
            return tuple(sorted(id for id, each in roster.agents.items() if group in each.groups))
        case ToAgents(agents=agents):
            return agents
        case ToOnCall(schedule=schedule):
            if schedule not in roster.on_call:
                raise UnknownIdError("on-call schedule", schedule, known=roster.on_call)
            return roster.on_call[schedule].who(now)
        case ToManager(levels=levels):
            chain = managers_of(assignee, managers or {})
            return chain[min(levels, len(chain)) - 1 :][:1]


def managers_of(agent: str | None, managers: Mapping[str, str]) -> tuple[str, ...]:
    """Return the manager of `agent`, their manager, and so on up to the top.

    Raises:
        ConflictError: the managers form a cycle.
    """
    chain: list[str] = []
    while agent is not None and (above := managers.get(agent)) is not None:
        if above in chain:
            raise ConflictError(f"`{above}` is their own manager", field="managers")
        chain.append(above)
        agent = above
    return tuple(chain)
