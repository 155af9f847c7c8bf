"""Idle start: the instant from which a new or returning agent counts as idle.

Under longest idle, an agent who has never completed work is chosen before all others, until the
agent has as much work as they have. The other policies give such an agent a place among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from entitlements.kernel.converters import enum_member, instance_of
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import START_OF_TIME, from_micros_or_none, to_micros
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.agents.workload import Workload


class IdleStart(TextEnum):
    """The start of the idle time of a new or returning agent.

    `never` puts the agent before all others, `now` behind all others, and `median` in the middle:
    the median of the last completions of the other agents.

    >>> IdleStart("median").name
    'MEDIAN'
    """

    NEVER = "never"
    NOW = "now"
    MEDIAN = "median"


def idle_start(policy: IdleStart | str, others: Iterable[AgentState], at: datetime | None) -> int:
    """Return the microsecond from which an agent counts as idle; `START_OF_TIME` for never.

    Args:
        policy: Where the idle time starts.
        others: The other agents of the roster; read by `median` only, which sorts them.
        at: The instant of the arrival or return; needed with `now`.

    Raises:
        InvalidValueError: there is no such policy, or `at` is missing with `now`, or is naive.
    """
    match enum_member(IdleStart, policy):
        case IdleStart.NEVER:
            return START_OF_TIME
        case IdleStart.NOW:
            if at is None:
                raise InvalidValueError("`now` needs the instant of the arrival", hint="pass `at`")
            return to_micros(at)
        case IdleStart.MEDIAN:
            released = sorted(state.released for state in others)
            return released[(len(released) - 1) // 2] if released else START_OF_TIME


def newcomer_workload(
    workload: Workload | None,
    policy: IdleStart | str,
    others: Iterable[AgentState],
    at: datetime | None,
    assignment_count: int,
) -> Workload:
    """Return the workload of a new agent: `workload`, or none with this start of the idle time.

    Raises:
        InvalidValueError: the policy is not `never` although a workload is given; or as
            `idle_start`.
    """
    start = from_micros_or_none(idle_start(policy, others, at))
    if workload is None:
        return Workload(
            assignment_number=assignment_count,
            last_assigned=start,
            released=start,
            available_since=start,
        )
    if enum_member(IdleStart, policy) is not IdleStart.NEVER:
        raise InvalidValueError(
            f"`{policy}` would replace the idle time of the workload", hint="give only one of them"
        )
    return instance_of(Workload, workload)


def return_start(
    policy: IdleStart | str | None,
    states: Mapping[str, AgentState],
    agent: str,
    at: datetime,
    *,
    away: bool,
) -> int | None:
    """Return the microsecond from which an agent who returns counts as idle; None for no change.

    Raises:
        InvalidValueError: the agent does not return; or as `idle_start`.
    """
    if policy is None:
        return None
    if away:
        raise InvalidValueError(
            f"agent `{agent}` is away, so `idle` must be missing", hint="give it at the return"
        )
    return idle_start(policy, (each for id, each in states.items() if id != agent), at)
