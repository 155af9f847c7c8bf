"""Staffing: whether any agent of a group is signed in, and relaxation where none is.

An agent is signed in who is on duty and not away, with or without free capacity.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import final

import attrs

from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.eligibility.eligibility import Schedules, on_call
from entitlements.routing.work.requirements import Requirement
from entitlements.routing.work.work import Work, step_starts


@final
class Staffing:
    """Who is signed in at one instant, found once for each set of groups.

    Args:
        states: The agents by id, who must not change while this is used.
        at: The instant, in microseconds since 1970 UTC.
        schedules: The on-call schedules by id.
    """

    __slots__ = ("_at", "_covered", "_schedules", "_states")

    def __init__(self, states: Mapping[str, AgentState], at: int, schedules: Schedules) -> None:
        self._states = states
        self._at = at
        self._schedules = schedules
        self._covered: dict[tuple[frozenset[str], str | None], bool] = {}

    def signed_in(self, group: str) -> int:
        """Return the number of agents of a group who are signed in: O(agents)."""
        return sum(
            group in each.agent.groups and self._is_signed_in(each)
            for each in self._states.values()
        )

    def covers(self, requires: Requirement) -> bool:
        """Return whether an agent of the required groups is signed in, or on call if that is asked.

        O(agents) for each new set of groups.

        Raises:
            UnknownIdError: there is no such on-call schedule.
        """
        key = (requires.groups, requires.on_call)
        found = self._covered.get(key)
        if found is None:
            groups = requires.groups
            found = self._covered[key] = any(
                not groups or not groups.isdisjoint(state.agent.groups)
                for state in self._present(requires.on_call)
            )
        return found

    def take_steps(self, work: Work) -> Work:
        """Return `work` with the steps of its plan that hold because no agent is signed in.

        See `take_unstaffed_steps`.
        """
        plan, at = work.relaxation, self._at
        if plan is None or not any(step.unstaffed for step in plan.steps):
            return work
        taken = reached = sum(start <= at for start in step_starts(work))
        requires = plan.relaxed(work.requires, reached)
        for step in plan.steps[reached:]:
            if not step.unstaffed or self.covers(requires):
                break
            requires = step.apply(requires)
            taken += 1
        return attrs.evolve(work, steps_taken=taken) if taken > reached else work

    def _present(self, schedule: str | None) -> Iterable[AgentState]:
        """Return the agents who are signed in, or those on call in a schedule."""
        states, at = self._states, self._at
        if schedule is None:
            return (state for state in states.values() if self._is_signed_in(state))
        called = (states[id] for id in on_call(schedule, at, self._schedules) if id in states)
        return (
            state
            for state in called
            if state.duty.absent_until(at) is None and state.present_from(at) == at
        )

    def _is_signed_in(self, state: AgentState) -> bool:
        at = self._at
        return state.duty.on_duty(at) and state.present_from(at) == at
