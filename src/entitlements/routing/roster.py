"""Rosters: all agents, the work assigned to each, and on-call schedules.

A roster is a value: every change returns a new one. A `Router` holds the same data in a form that
changes in place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property
from typing import final

import attrs

from entitlements.kernel.converters import (
    as_tuple,
    count,
    frozen_map,
    instance_of,
    utc_or_none,
)
from entitlements.kernel.errors import ConflictError, DuplicateIdError, UnknownIdError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.instants import instant_or_none, micros_or_none, to_micros
from entitlements.kernel.mixins.repr_without_defaults import ReprWithoutDefaults
from entitlements.routing.agents.agent import Agent
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.agents.assignment_override import AssignmentOverride, optional_override
from entitlements.routing.agents.idle_start import IdleStart, newcomer_workload, return_start
from entitlements.routing.agents.on_call import OnCall
from entitlements.routing.agents.workload import Workload
from entitlements.routing.eligibility.eligibility import check
from entitlements.routing.eligibility.removal import (
    Removal,
    check_removal,
    hand_over,
    removal_micros,
    removal_policy,
)
from entitlements.routing.work.skills import SkillLevels
from entitlements.routing.work.work import Work, requirement_at

_NO_WORKLOAD = Workload()


def _agents(value: Mapping[str, Agent] | Iterable[Agent]) -> FrozenMap[str, Agent]:
    agents: dict[str, Agent] = {}
    for each in value.values() if isinstance(value, Mapping) else as_tuple(value):
        if instance_of(Agent, each).id in agents:
            raise DuplicateIdError("agent", each.id)
        agents[each.id] = each
    return FrozenMap(agents)


def _workloads(value: Mapping[str, Workload]) -> FrozenMap[str, Workload]:
    # Empty workloads are left out, so that equal rosters compare equal.
    workloads = frozen_map(value).items()
    return FrozenMap(
        {
            id: each
            for id, each in workloads
            if instance_of(Workload, each).held or each != _NO_WORKLOAD
        }
    )


def _on_call(value: Mapping[str, OnCall] | Iterable[OnCall]) -> FrozenMap[str, OnCall]:
    schedules: dict[str, OnCall] = {}
    for each in value.values() if isinstance(value, Mapping) else as_tuple(value):
        if instance_of(OnCall, each).id in schedules:
            raise DuplicateIdError("on-call schedule", each.id)
        schedules[each.id] = each
    return FrozenMap(schedules)


@final
@attrs.frozen(repr=False, kw_only=True)
class Roster(ReprWithoutDefaults):
    """All agents with their workloads.

    A change makes a new roster, in time proportional to the number of agents; a live `Router`
    changes in place.

    Attributes:
        agents: Agents by id; also built from an iterable of agents.
        workloads: Workloads by agent id; a missing one is empty.
        on_call: On-call schedules by id; also built from an iterable of schedules.
        assignment_count: Number of assignments so far.
        since: Start of the period that the counters `busy`, `handled` and `assigned` cover.

    >>> roster = Roster(agents=[Agent(id="ada", capacity=1)])
    >>> work = Work(id="R-1", opened="2026-03-02T09:00Z")
    >>> later = roster.assign(work, "ada", work.opened)
    >>> later.holder("R-1"), roster.holder("R-1")
    ('ada', None)
    """

    agents: FrozenMap[str, Agent] = attrs.field(factory=FrozenMap, converter=_agents)
    workloads: FrozenMap[str, Workload] = attrs.field(factory=FrozenMap, converter=_workloads)
    on_call: FrozenMap[str, OnCall] = attrs.field(factory=FrozenMap, converter=_on_call)
    assignment_count: int = attrs.field(default=0, converter=count)
    since: datetime | None = attrs.field(default=None, converter=utc_or_none)

    def __attrs_post_init__(self) -> None:
        holders: dict[str, str] = {}
        for id, workload in self.workloads.items():
            if id not in self.agents:
                raise UnknownIdError("agent", id, known=self.agents)
            for work in workload.held:
                if work in holders:
                    raise ConflictError(
                        f"work `{work}` is assigned to `{holders[work]}` and to `{id}`",
                        field="held",
                    )
                holders[work] = id

    def agent(self, id: str) -> Agent:
        """Return the agent; raise `UnknownIdError` if there is no such agent."""
        try:
            return self.agents[instance_of(str, id)]
        except KeyError:
            raise UnknownIdError("agent", id, known=self.agents) from None

    def workload(self, id: str) -> Workload:
        """Return the workload of the agent; raise `UnknownIdError` if there is no such agent."""
        self.agent(id)
        return self.workloads.get(id, _NO_WORKLOAD)

    def holder(self, work: str) -> str | None:
        """Return the id of the agent to whom the work is assigned, or None."""
        instance_of(str, work)
        for id, workload in self.workloads.items():
            if work in workload.held:
                return id
        return None

    @cached_property
    def agent_states(self) -> dict[str, AgentState]:
        """The state of every agent by id, for this package; it must not be changed."""
        return {
            id: AgentState(agent, self.workloads.get(id, _NO_WORKLOAD))
            for id, agent in self.agents.items()
        }

    def assign(
        self, work: Work, agent: str, at: datetime, *, override: AssignmentOverride | None = None
    ) -> Roster:
        """Return the roster after `work` was assigned to `agent` at `at`.

        The agent must be eligible, by the rules of `route`. An override sets aside every rule
        except obligations, and is stored with the assigned work.

        Raises:
            UnknownIdError: there is no such agent, or no such on-call schedule.
            ConflictError: the work is assigned already, or the agent is not eligible.
        """
        override = optional_override(override)
        instance_of(Work, work)
        state = AgentState(self.agent(agent), self.workload(agent))
        if (holder := self.holder(work.id)) is not None:
            raise ConflictError(f"work `{work.id}` is already assigned to `{holder}`", field="work")
        moment = to_micros(at)
        requires = requirement_at(work, moment)
        check(work.id, state, requires, moment, work.excluded_agents, self.on_call, override)
        state.assign(work.id, requires, moment, self.assignment_count + 1)
        if override is not None:
            state.add_override(work.id, override)
        if work.excluded_agents:
            state.exclude(work.id, work.excluded_agents)
        return attrs.evolve(self._with(state), assignment_count=self.assignment_count + 1)

    def complete(self, work: str, at: datetime, *, done: bool = True) -> Roster:
        """Return the roster after the agent's assignment of `work` ended at `at`.

        With `done=False` the capacity is released and the work does not count as handled, as after
        a declined offer or a transfer.

        Raises:
            UnknownIdError: the work is assigned to no agent.
            TooEarlyError: `at` is before the assignment.
        """
        holder = self.holder(work)
        if holder is None:
            raise UnknownIdError("assigned work", work)
        state, moment = AgentState(self.agent(holder), self.workload(holder)), to_micros(at)
        state.check_later(work, moment)
        state.release(work, moment, done=done)
        return self._with(state)

    def transfer(
        self, work: str, to: str, at: datetime, *, override: AssignmentOverride | None = None
    ) -> Roster:
        """Return the roster with assigned work assigned to the agent `to` instead.

        The agent must be eligible for the requirement of the first assignment, as in `assign`; the
        agents who were excluded then still are. A transfer that is refused leaves the work where it
        is.

        Raises:
            UnknownIdError: the work is assigned to no agent, or there is no such agent.
            ConflictError: the agent has the work already, or is not eligible.
            TooEarlyError: `at` is before the present assignment.
        """
        override, holder = optional_override(override), self.holder(work)
        state = AgentState(self.agent(to), self.workload(to))
        if holder is None:
            raise UnknownIdError("assigned work", work)
        if holder == to:
            raise ConflictError(f"work `{work}` is already assigned to `{to}`", field="agent")
        held, moment = self.workload(holder).held[work], to_micros(at)
        AgentState(self.agent(holder), self.workload(holder)).check_later(work, moment)
        excluded = held.excluded_agents
        check(work, state, held.requires, moment, excluded, self.on_call, override)
        state.assign(work, held.requires, moment, self.assignment_count + 1)
        if override is not None:
            state.add_override(work, override)
        if excluded:
            state.exclude(work, excluded)
        workloads = {**self.complete(work, at, done=False).workloads, to: state.workload()}
        return attrs.evolve(self, workloads=workloads, assignment_count=self.assignment_count + 1)

    def set_status(
        self,
        agent: str,
        at: datetime,
        *,
        away: bool,
        back: datetime | None = None,
        idle: IdleStart | str | None = None,
    ) -> Roster:
        """Return the roster after a change of status at `at`; assigned work stays assigned.

        Args:
            agent: Id of the agent.
            at: Instant of the change.
            away: Whether the agent accepts no work.
            back: The announced return of an agent who is away.
            idle: From when an agent who returns counts as idle; None for the last completion.

        Raises:
            UnknownIdError: there is no such agent.
            InvalidValueError: `back` is given for an agent who is not away, or `idle` for one who
                is, or there is no such policy.
        """
        state = AgentState(self.agent(agent), self.workload(agent))
        start = return_start(idle, self.agent_states, agent, at, away=away)
        state.set_away(to_micros(at), away=away, back=micros_or_none(back))
        if start is not None:
            state.start_idle(start)
        return self._with(state)

    def change_skills(self, agent: str, skills: SkillLevels | Mapping[str, int]) -> Roster:
        """Return the roster with other skills of `agent`; assigned work stays assigned."""
        return self.replace(attrs.evolve(self.agent(agent), skills=skills))

    def replace(self, agent: Agent) -> Roster:
        """Return the roster with `agent` in place of the agent of that id; the workload stays.

        Raises:
            UnknownIdError: there is no such agent.
        """
        self.agent(instance_of(Agent, agent).id)
        return attrs.evolve(self, agents={**self.agents, agent.id: agent})

    def add(
        self,
        agent: Agent,
        workload: Workload | None = None,
        *,
        idle: IdleStart | str = IdleStart.NEVER,
        at: datetime | None = None,
    ) -> Roster:
        """Return the roster with one more agent.

        Without `workload`, the rotation reaches the agent after all others, or just before the
        agent of the last assignment, where the position of the new one is smaller or equal.

        Args:
            agent: The new agent.
            workload: What the agent has; None for no work.
            idle: From when an agent without a workload counts as idle.
            at: Instant of the arrival; needed with `now`.

        Raises:
            DuplicateIdError: there is an agent with that id.
            InvalidValueError: `idle` is no such policy, or is given with a workload, or needs `at`.
        """
        if instance_of(Agent, agent).id in self.agents:
            raise DuplicateIdError("agent", agent.id)
        states, now = self.agent_states.values(), instant_or_none(at)
        workload = newcomer_workload(workload, idle, states, now, self.assignment_count)
        return attrs.evolve(
            self,
            agents={**self.agents, agent.id: agent},
            workloads={**self.workloads, agent.id: workload},
        )

    def remove(
        self,
        agent: str,
        at: datetime | None = None,
        *,
        policy: Removal | str = Removal.REFUSE,
        to: str | None = None,
    ) -> Roster:
        """Return the roster without `agent`.

        Args:
            agent: Id of the agent who leaves.
            at: Instant of the removal; needed with `hand_to`.
            policy: What happens to assigned work: `refuse` keeps the agent, `requeue` leaves the
                work without an agent, `hand_to` assigns it to another agent.
            to: The other agent, who must be eligible for every piece.

        Raises:
            UnknownIdError: there is no such agent.
            ConflictError: the agent has assigned work, or `to` is not eligible for all of it.
            TooEarlyError: with `hand_to`, `at` is before the assignment of a piece.
            InvalidValueError: `to` is missing with `hand_to`, or given with another policy.
        """
        chosen = removal_policy(policy, agent, to)
        moment = removal_micros(chosen, at)
        held = self.workload(agent).held
        check_removal(agent, held, chosen)
        agents = {id: each for id, each in self.agents.items() if id != agent}
        workloads = {id: each for id, each in self.workloads.items() if id != agent}
        assignment_count = self.assignment_count
        if to is not None:
            state, giver = (AgentState(self.agent(id), self.workload(id)) for id in (to, agent))
            hand_over(giver, state, moment, assignment_count, self.on_call)
            workloads[to], assignment_count = state.workload(), assignment_count + len(held)
        return attrs.evolve(
            self, agents=agents, workloads=workloads, assignment_count=assignment_count
        )

    def new_period(self, at: datetime) -> Roster:
        """Return the roster with all counters at 0 and a period that starts at `at`."""
        moment = to_micros(at)
        fresh = {}
        for id in self.workloads:
            state = AgentState(self.agent(id), self.workload(id))
            state.new_period(moment)
            fresh[id] = state.workload()
        return attrs.evolve(self, workloads=fresh, since=at)

    def _with(self, state: AgentState) -> Roster:
        return attrs.evolve(self, workloads={**self.workloads, state.id: state.workload()})
