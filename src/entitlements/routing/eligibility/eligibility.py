"""Eligibility: every rule that decides whether an agent can take work, with reasons.

`obstacles` tests all rules and returns every failure. `check` refuses an assignment that fails any.
`fits_permanently`, `is_available` and `has_room` are the same rules without reasons. Obligations
are rules like the others, but cannot be set aside.
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
from entitlements.routing.agents.workload import Reservation
from entitlements.routing.eligibility.obstacles import OBLIGATIONS, Obstacle, ObstacleKind
from entitlements.routing.work.requirements import Requirement
from entitlements.routing.work.skills import meets_levels, missing_levels

Schedules = Mapping[str, OnCall]
_QUALIFICATIONS: Final = OBLIGATIONS | {ObstacleKind.GROUP, ObstacleKind.SKILL, ObstacleKind.LEVEL}


def obstacles(
    state: AgentState,
    requires: Requirement,
    at: int,
    *,
    excluded: Collection[str] = (),
    schedules: Schedules | None = None,
) -> tuple[Obstacle, ...]:
    """Return every reason why the agent cannot take the work at `at`, in a fixed order.

    An eligible agent has none.

    Raises:
        UnknownIdError: `requires` names an on-call schedule that is not among `schedules`.
    """
    found = [Obstacle(ObstacleKind.EXCLUDED)] if state.id in excluded else []
    found += _permanent_obstacles(state.agent, requires)
    found += _unavailable(state, requires, at, schedules or {})
    found += _no_room(state, requires)
    return tuple(found)


def check(
    work: str,
    state: AgentState,
    requires: Requirement,
    at: int,
    excluded: Collection[str],
    schedules: Schedules,
    override: AssignmentOverride | None,
) -> None:
    """Refuse to assign `work` to an agent who is not eligible at `at`.

    An override sets aside every rule except obligations.

    Raises:
        ConflictError: the agent fails a rule that `override` does not set aside.
        UnknownIdError: `requires` names an on-call schedule that is not among `schedules`.
    """
    if (
        state.id not in excluded
        and fits_permanently(state.agent, requires)
        and is_available(state, requires, at, schedules)
        and has_room(state, requires)
    ):
        return
    _refuse(
        work,
        state.id,
        obstacles(state, requires, at, excluded=excluded, schedules=schedules),
        override,
    )


def check_acceptance(
    work: str, agent: Agent, requires: Requirement, override: AssignmentOverride | None
) -> None:
    """Refuse the acceptance of an offer by an agent who is no longer qualified.

    Groups, skills and obligations are checked again, because the roster may have changed since the
    offer. Hours and capacity are not: the offer has taken the capacity, and an agent who accepts is
    present.

    Raises:
        ConflictError: the agent fails one of these that `override` does not set aside.
    """
    found = [each for each in _permanent_obstacles(agent, requires) if each.kind in _QUALIFICATIONS]
    _refuse(work, agent.id, found, override)


def _refuse(
    work: str, agent: str, found: Iterable[Obstacle], override: AssignmentOverride | None
) -> None:
    """Raise `ConflictError` if `override` leaves any of the obstacles."""
    left = [each for each in found if override is None or each.kind in OBLIGATIONS]
    if left:
        reasons = "; ".join(map(str, left))
        can_override = all(each.kind not in OBLIGATIONS for each in left)
        reservation = Reservation.of(work)
        raise ConflictError(
            f"agent `{agent}` cannot take work `{reservation.work if reservation else work}`: "
            f"{reasons}",
            field="agent",
            hint="an override with a name and a reason sets this aside" if can_override else None,
        )


def fits_permanently(agent: Agent, requires: Requirement) -> bool:
    """Return whether the agent passes every rule that neither time nor completed work changes."""
    return is_qualified(agent, requires) and fits_capacity(agent, requires)


def fits_capacity(agent: Agent, requires: Requirement) -> bool:
    """Return whether an agent without assigned work has capacity, and serves the channel."""
    return not any(True for _ in _oversized(agent, requires))


def is_qualified(agent: Agent, requires: Requirement) -> bool:
    """Return whether the agent meets groups, skills and obligations."""
    if requires.groups and requires.groups.isdisjoint(agent.groups):
        return False
    if not meets_levels(agent.skills, requires.skills):
        return False
    obligations = requires.obligations
    if not meets_levels(agent.clearances, obligations.clearances):
        return False
    return not obligations.residency or agent.region in obligations.residency


def is_available(
    state: AgentState, requires: Requirement, at: int, schedules: Schedules | None = None
) -> bool:
    """Return whether the agent is on duty, not away, and below the rate limit at `at`."""
    if requires.on_call is None:
        if not state.duty.on_duty(at):
            return False
    elif state.duty.absent_until(at) is not None or state.id not in on_call(
        requires.on_call, at, schedules or {}
    ):
        return False
    return state.present_from(at) == at and state.rate_limited_until(at) == at


def available_from(
    state: AgentState, requires: Requirement, at: int, schedules: Schedules | None = None
) -> int | None:
    """Return the first microsecond from `at` on at which `is_available` holds.

    None if that is never or unknown. An agent who is away without an announced return is expected
    at the next opening of the shift after `at`.
    """
    moment: int | None = at
    if state.away and state.back is None:
        moment = _next_opening(state, at)
    while moment is not None:
        start = moment
        if state.back is not None and state.away:
            moment = max(moment, state.back)
        moment = _next_on_duty(state, requires, moment, schedules or {})
        if moment is not None:
            moment = state.rate_limited_until(moment)
        if moment == start:
            return start
    return None


def _permanent_obstacles(agent: Agent, requires: Requirement) -> Iterator[Obstacle]:
    if requires.groups and requires.groups.isdisjoint(agent.groups):
        yield Obstacle(ObstacleKind.GROUP, " or ".join(sorted(requires.groups)))
    for name, has, needs in missing_levels(agent.skills, requires.skills):
        yield Obstacle(ObstacleKind.SKILL if has is None else ObstacleKind.LEVEL, name, has, needs)
    obligations = requires.obligations
    for name, has, needs in missing_levels(agent.clearances, obligations.clearances):
        yield Obstacle(ObstacleKind.CLEARANCE, name, has, needs)
    if obligations.residency and agent.region not in obligations.residency:
        yield Obstacle(ObstacleKind.RESIDENCY, " or ".join(sorted(obligations.residency)))
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
    if agent.work_limit == 0:
        yield Obstacle(ObstacleKind.TOO_BIG, "all work", 0, 1)


def _unavailable(
    state: AgentState, requires: Requirement, at: int, schedules: Schedules
) -> Iterator[Obstacle]:
    absent = state.duty.absent_until(at)
    if absent is not None:
        yield Obstacle(ObstacleKind.ABSENT, until=absent)
    if requires.on_call is not None:
        if state.id not in on_call(requires.on_call, at, schedules):
            until = _next_on_duty(state, requires, at, schedules)
            yield Obstacle(ObstacleKind.NOT_ON_CALL, requires.on_call, until=until)
    elif not state.duty.on_duty(at):
        until = state.duty.next_on(at)
        if until is None:
            yield Obstacle(ObstacleKind.NEVER_ON_DUTY)
        elif absent is None:
            yield Obstacle(ObstacleKind.OFF_SHIFT, until=until)
    present = state.present_from(at)
    if present != at:
        yield Obstacle(ObstacleKind.AWAY, until=present)
    limited = state.rate_limited_until(at)
    if limited != at:
        limit = None if state.rate_limit is None else state.rate_limit[0]
        yield Obstacle(ObstacleKind.RATE_LIMIT, needs=limit, until=limited)


def _no_room(state: AgentState, requires: Requirement) -> Iterator[Obstacle]:
    agent = state.agent
    for pool, weight in requires.drawn:
        limit = agent.capacity.get(pool)
        left = None if limit is None else limit - state.load.get(pool, 0)
        if left is not None and limit is not None and weight and left < weight <= limit:
            yield Obstacle(ObstacleKind.POOL_FULL, pool, left, weight)
    channel = requires.channel
    if channel is not None and agent.channels is not None:
        most, count = agent.channels.get(channel), state.by_channel.get(channel, 0)
        if most and count >= most:
            yield Obstacle(ObstacleKind.CHANNEL_FULL, channel, count, most)
    if agent.work_limit and len(state.held) >= agent.work_limit:
        yield Obstacle(ObstacleKind.WORK_LIMIT, "", len(state.held), agent.work_limit)
    if state.held and (state.exclusive or requires.exclusive):
        yield Obstacle(ObstacleKind.EXCLUSIVE)
    if not accepts_channel(state, channel):
        yield Obstacle(ObstacleKind.CHANNEL_CONFLICT, channel or "work without a channel")


def on_call(schedule: str, at: int, schedules: Schedules) -> tuple[str, ...]:
    """Return the agents on call at `at`; raise `UnknownIdError` if there is no such schedule."""
    return _schedule(schedule, schedules).who(from_micros(at))


def _schedule(id: str, schedules: Schedules) -> OnCall:
    try:
        return schedules[id]
    except KeyError:
        raise UnknownIdError("on-call schedule", id, known=schedules) from None


def _next_on_duty(
    state: AgentState, requires: Requirement, at: int, schedules: Schedules
) -> int | None:
    if requires.on_call is None:
        return state.duty.next_on(at)
    schedule = _schedule(requires.on_call, schedules)
    moment: int | None = at
    while moment is not None:
        start = moment
        moment = state.duty.absent_until(start) or start
        found = schedule.next_on_call(state.id, from_micros(moment))
        moment = micros_or_none(found)
        if moment == start:
            return start
    return None


def _next_opening(state: AgentState, at: int) -> int | None:
    timeline = state.duty.timeline
    return None if timeline is None else timeline.next_open(at)
