"""May this agent have it, and why not? Every rule, for one agent and one requirement.

`obstacles` tries all rules and keeps every failure; `check` refuses an assignment that has any;
`fits` and `is_available` are the same rules without the reasons. Obligations are tested like everything
else, and nothing can switch them off.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from entitlements.kernel.errors import ConflictError, UnknownIdError
from entitlements.kernel.instants import from_micros, micros_or_none
from entitlements.routing.agents.agent import Agent
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.agents.assignment_override import AssignmentOverride
from entitlements.routing.agents.capacity import accepts_channel, has_room
from entitlements.routing.agents.on_call import OnCall
from entitlements.routing.agents.workload import Grant
from entitlements.routing.eligibility.obstacles import OBLIGATIONS, Obstacle, ObstacleKind
from entitlements.routing.work.requirements import Requirement
from entitlements.routing.work.skills import meets_levels, missing_levels

Schedules = Mapping[str, OnCall]
_QUALIFIES: Final = OBLIGATIONS | {ObstacleKind.GROUP, ObstacleKind.SKILL, ObstacleKind.LEVEL}


def obstacles(
    seat: AgentState,
    requires: Requirement,
    at: int,
    *,
    excluded: Collection[str] = (),
    schedules: Schedules | None = None,
) -> tuple[Obstacle, ...]:
    """Return why the agent cannot take the work at `at`, all reasons, in fixed order.

    Empty means eligible.

    Raises:
        UnknownIdError: `requires` names an on-call schedule that is not among `schedules`.
    """
    found = [Obstacle(ObstacleKind.EXCLUDED)] if seat.id in excluded else []
    found += _permanent_obstacles(seat.agent, requires)
    found += _not_here(seat, requires, at, schedules or {})
    found += _no_room(seat, requires)
    return tuple(found)


def check(
    work: str,
    seat: AgentState,
    requires: Requirement,
    at: int,
    excluded: Collection[str],
    schedules: Schedules,
    override: AssignmentOverride | None,
) -> None:
    """Refuse to give `work` to an agent who is not eligible at `at`.

    An override sets aside every rule except obligations.

    Raises:
        ConflictError: the agent fails a rule that is not set aside.
        UnknownIdError: `requires` names an on-call schedule that is not among `schedules`.
    """
    if (
        seat.id not in excluded
        and fits_permanently(seat.agent, requires)
        and is_available(seat, requires, at, schedules)
        and has_room(seat, requires)
    ):
        return
    refuse(
        work,
        seat.id,
        obstacles(seat, requires, at, excluded=excluded, schedules=schedules),
        override,
    )


def check_again(
    work: str, agent: Agent, requires: Requirement, override: AssignmentOverride | None
) -> None:
    """Refuse `work` to an agent who was offered it and is no longer qualified.

    Groups, skills and obligations are checked again, because the roster may have changed since the
    offer; hours and room are not: the room is taken, and who accepts is here.

    Raises:
        ConflictError: the agent fails one of them that is not set aside.
    """
    found = [each for each in _permanent_obstacles(agent, requires) if each.rule in _QUALIFIES]
    refuse(work, agent.id, found, override)


def refuse(
    work: str, agent: str, found: Iterable[Obstacle], override: AssignmentOverride | None
) -> None:
    """Raise `ConflictError` if there are obstacles that `override` does not set aside."""
    left = [each for each in found if override is None or each.rule in OBLIGATIONS]
    if left:
        why = "; ".join(map(str, left))
        lifted = all(each.rule not in OBLIGATIONS for each in left)
        grant = Grant.of(work)
        raise ConflictError(
            f"agent `{agent}` cannot take work `{grant.work if grant else work}`: {why}",
            field="agent",
            hint="an override by name and reason sets this aside" if lifted else None,
        )


def fits_permanently(agent: Agent, requires: Requirement) -> bool:
    """Return whether nothing but duty, pace and work in hand can stand against the agent."""
    if requires.groups and requires.groups.isdisjoint(agent.groups):
        return False
    if not meets_levels(agent.skills, requires.skills):
        return False
    duties = requires.obligations
    if not meets_levels(agent.clearances, duties.clearances):
        return False
    if duties.residency and agent.region not in duties.residency:
        return False
    return not any(True for _ in _oversized(agent, requires))


def is_available(
    seat: AgentState, requires: Requirement, at: int, schedules: Schedules | None = None
) -> bool:
    """Return whether the agent is on duty, not away, and within their pace at `at`."""
    if requires.on_call is None:
        if not seat.duty.on_duty(at):
            return False
    elif seat.duty.absent_until(at) is not None or seat.id not in on_call(
        requires.on_call, at, schedules or {}
    ):
        return False
    return seat.present_from(at) == at and seat.rate_limited_until(at) == at


def available_from(
    seat: AgentState, requires: Requirement, at: int, schedules: Schedules | None = None
) -> int | None:
    """Return the first microsecond from `at` on at which `is_available` holds; None if never or unknown.

    An agent who left without saying when they would be back is expected at their next opening of
    duty after `at`.
    """
    moment: int | None = at
    if seat.away and seat.back is None:
        moment = _next_opening(seat, at)
    while moment is not None:
        start = moment
        if seat.back is not None and seat.away:
            moment = max(moment, seat.back)
        moment = _next_on(seat, requires, moment, schedules or {})
        if moment is not None:
            moment = seat.rate_limited_until(moment)
        if moment == start:
            return start
    return None


def _permanent_obstacles(agent: Agent, requires: Requirement) -> Iterator[Obstacle]:
    if requires.groups and requires.groups.isdisjoint(agent.groups):
        yield Obstacle(ObstacleKind.GROUP, " or ".join(sorted(requires.groups)))
    for name, has, needs in missing_levels(agent.skills, requires.skills):
        yield Obstacle(ObstacleKind.SKILL if has is None else ObstacleKind.LEVEL, name, has, needs)
    duties = requires.obligations
    for name, has, needs in missing_levels(agent.clearances, duties.clearances):
        yield Obstacle(ObstacleKind.CLEARANCE, name, has, needs)
    if duties.residency and agent.region not in duties.residency:
        yield Obstacle(ObstacleKind.RESIDENCY, " or ".join(sorted(duties.residency)))
    yield from _oversized(agent, requires)


def _oversized(agent: Agent, requires: Requirement) -> Iterator[Obstacle]:
    channel = requires.channel
    if channel is not None and agent.channels is not None:
        if channel not in agent.channels:
            yield Obstacle(ObstacleKind.CHANNEL, channel)
        elif agent.channels[channel] == 0:
            yield Obstacle(ObstacleKind.TOO_BIG, channel, 0, 1)
    for pool, weight in requires.drawn:
        limit = agent.capacity.get(pool)
        if limit is not None and weight > limit:
            yield Obstacle(ObstacleKind.TOO_BIG, pool, limit, weight)
    if agent.most == 0:
        yield Obstacle(ObstacleKind.TOO_BIG, "all work", 0, 1)


def _not_here(
    seat: AgentState, requires: Requirement, at: int, schedules: Schedules
) -> Iterator[Obstacle]:
    absent = seat.duty.absent_until(at)
    if absent is not None:
        yield Obstacle(ObstacleKind.ABSENT, until=absent)
    if requires.on_call is not None:
        if seat.id not in on_call(requires.on_call, at, schedules):
            until = _next_on(seat, requires, at, schedules)
            yield Obstacle(ObstacleKind.NOT_ON_CALL, requires.on_call, until=until)
    elif not seat.duty.on_duty(at):
        until = seat.duty.next_on(at)
        if until is None:
            yield Obstacle(ObstacleKind.NEVER_ON_DUTY)
        elif absent is None:
            yield Obstacle(ObstacleKind.OFF_SHIFT, until=until)
    present = seat.present_from(at)
    if present != at:
        yield Obstacle(ObstacleKind.AWAY, until=present)
    paced = seat.rate_limited_until(at)
    if paced != at:
        yield Obstacle(ObstacleKind.PACE, needs=seat.pace[0] if seat.pace else None, until=paced)


def _no_room(seat: AgentState, requires: Requirement) -> Iterator[Obstacle]:
    agent = seat.agent
    for pool, weight in requires.drawn:
        limit = agent.capacity.get(pool)
        left = None if limit is None else limit - seat.load.get(pool, 0)
        if left is not None and limit is not None and weight and left < weight <= limit:
            yield Obstacle(ObstacleKind.POOL_FULL, pool, left, weight)
    channel = requires.channel
    if channel is not None and agent.channels is not None:
        most, count = agent.channels.get(channel), seat.by_channel.get(channel, 0)
        if most and count >= most:
            yield Obstacle(ObstacleKind.CHANNEL_FULL, channel, count, most)
    if agent.most and len(seat.held) >= agent.most:
        yield Obstacle(ObstacleKind.HANDS_FULL, "", len(seat.held), agent.most)
    if seat.held and (seat.exclusive or requires.exclusive):
        yield Obstacle(ObstacleKind.EXCLUSIVE)
    if not accepts_channel(seat, channel):
        yield Obstacle(ObstacleKind.COMPANY, channel or "work without a channel")


def on_call(schedule: str, at: int, schedules: Schedules) -> tuple[str, ...]:
    """Return who is on call at `at`; raise `UnknownIdError` if there is no such schedule."""
    return _schedule(schedule, schedules).who(from_micros(at))


def _schedule(id: str, schedules: Schedules) -> OnCall:
    try:
        return schedules[id]
    except KeyError:
        raise UnknownIdError("on-call schedule", id, known=schedules) from None


def _next_on(seat: AgentState, requires: Requirement, at: int, schedules: Schedules) -> int | None:
    if requires.on_call is None:
        return seat.duty.next_on(at)
    schedule = _schedule(requires.on_call, schedules)
    moment: int | None = at
    while moment is not None:
        start = moment
        moment = seat.duty.absent_until(start) or start
        found = schedule.next_on_call(seat.id, from_micros(moment))
        moment = micros_or_none(found)
        if moment == start:
            return start
    return None


def _next_opening(seat: AgentState, at: int) -> int | None:
    timeline = seat.duty.timeline
    return None if timeline is None else timeline.next_open(at)
