"""Staffing: whether any agent of a group is signed in, and relaxation where none is.

An agent is signed in who is on duty and not away, with or without free capacity.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.eligibility.eligibility import Schedules, on_call
from entitlements.routing.work.requirements import Requirement
from entitlements.routing.work.work import Work, requirements_over_time


def is_signed_in(state: AgentState, at: int) -> bool:
    """Return whether the agent is on duty and not away at the microsecond `at`."""
    return state.duty.on_duty(at) and state.present_from(at) == at


def is_staffed(
    requires: Requirement, states: Mapping[str, AgentState], at: int, schedules: Schedules
) -> bool:
    """Return whether an agent of the required groups is signed in, or on call where that is asked.

    Raises:
        UnknownIdError: `requires` names an on-call schedule that is not among `schedules`.
    """
    groups = requires.groups
    if requires.on_call is None:
        present: Iterable[AgentState] = (
            state for state in states.values() if is_signed_in(state, at)
        )
    else:
        present = (
            states[id]
            for id in on_call(requires.on_call, at, schedules)
            if id in states
            and states[id].duty.absent_until(at) is None
            and states[id].present_from(at) == at
        )
    return any(not groups or not groups.isdisjoint(state.agent.groups) for state in present)


def unstaffed_steps(
    work: Work, states: Mapping[str, AgentState], at: int, schedules: Schedules
) -> int:
    """Return how many steps of the plan hold at `at` because no agent is signed in before them.

    See `take_unstaffed_steps`.
    """
    plan = work.relaxation
    if plan is None or not any(step.unstaffed for step in plan.steps):
        return work.steps_taken
    reached = sum(start <= at for start, _ in requirements_over_time(work))
    requires = work.requires
    for step in plan.steps[:reached]:
        requires = step.apply(requires)
    taken = reached
    for step in plan.steps[reached:]:
        if not step.unstaffed or is_staffed(requires, states, at, schedules):
            break
        requires = step.apply(requires)
        taken += 1
    return taken if taken > reached else work.steps_taken


def with_steps(work: Work, steps: int) -> Work:
    """Return `work` with so many steps of its plan taken, or `work` itself."""
    return work if steps == work.steps_taken else attrs.evolve(work, steps_taken=steps)
