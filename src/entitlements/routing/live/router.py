"""Live router: selection and assignment on a roster that changes in place.

A `Router` gives the answers of `route` and has the changes of `Roster`; tests compare both. Like a
list, it must not be shared among threads.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import final

import attrs

from entitlements.kernel.instants import micros_or_none, to_micros
from entitlements.routing.agents.agent import Agent
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.agents.assignment_override import AssignmentOverride, optional_override
from entitlements.routing.agents.workload import Workload
from entitlements.routing.answers import Assigned, Route
from entitlements.routing.eligibility.removal import (
    Removal,
    check_removal,
    hand_over,
    removal_micros,
    removal_policy,
)
from entitlements.routing.eligibility.staffing import unstaffed_steps, with_steps
from entitlements.routing.live.roster_index import RosterIndex
from entitlements.routing.live.roster_log import LiveRouteEvidence
from entitlements.routing.policy import RoutingPolicy
from entitlements.routing.roster import Roster
from entitlements.routing.selection import available_agents, waiting_or_unroutable
from entitlements.routing.strategies.named import DEFAULT_STRATEGY
from entitlements.routing.strategies.strategy import SelectionContext, Strategy
from entitlements.routing.work.skills import SkillLevels
from entitlements.routing.work.work import Work, requirement_at


@final
class Router:
    """A roster with fast selection, changed in place.

    >>> from entitlements.kernel.instants import utc
    >>> router = Router(Roster(agents=[Agent(id="ada", capacity=1), Agent(id="bob", capacity=1)]))
    >>> nine = utc("2026-03-02T09:00Z")
    >>> router.assign(Work(id="R-1", opened=nine), "ada", nine)
    >>> router.route(Work(id="R-2", opened=nine), nine).agent
    'bob'
    """

    __slots__ = ("index",)

    def __init__(self, roster: Roster, policy: RoutingPolicy | Strategy = DEFAULT_STRATEGY) -> None:
        strategy = policy.strategy if isinstance(policy, RoutingPolicy) else policy
        self.index = RosterIndex(roster, strategy)

    @property
    def strategy(self) -> Strategy:
        """The strategy that orders the eligible agents."""
        return self.index.strategy

    @property
    def roster(self) -> Roster:
        """The roster as a value; takes time in proportion to the number of agents."""
        return self.index.roster()

    def route(self, work: Work, at: datetime) -> Route:
        """Return what `route(work, self.roster, at, strategy=self.strategy)` returns."""
        index, moment = self.index, to_micros(at)
        chosen = self.choose(work, moment)
        evidence = LiveRouteEvidence(index.log, work, moment, index.strategy)
        if chosen is not None:
            return Assigned(work.id, chosen.id, at, evidence)
        return waiting_or_unroutable(work, index.agent_states, at, evidence, index.on_call)

    def choose(self, work: Work, at: int) -> AgentState | None:
        """Return the state of the agent for `work` at the microsecond `at`, or None.

        The same choice as that of `route`, without an answer.
        """
        requires = work.requires if work.relaxation is None else requirement_at(work, at)
        index = self.index
        excluded, demoted = work.excluded_agents, work.demoted_agents
        if not (excluded or demoted or work.preferred_agents or index.needs_work):
            return index.pick(requires, at)
        context = SelectionContext(requires, at, work.id, to_micros(work.opened), index.since)
        if demoted:
            best = index.choose(context, excluded | demoted, work.preferred_agents)
            if best is not None:
                return best
        return index.choose(context, excluded, work.preferred_agents)

    def available_agents(self, work: Work, at: datetime) -> tuple[tuple[datetime, str], ...]:
        """Return what `available_agents(work, self.roster, at)` returns."""
        return available_agents(work, self.roster, at)

    def take_unstaffed_steps(self, work: Work, at: datetime) -> Work:
        """Return what `take_unstaffed_steps(work, self.roster, at)` returns.

        O(n) for work whose plan has such steps, and O(1) for other work.
        """
        states, schedules = self.index.agent_states, self.index.on_call
        return with_steps(work, unstaffed_steps(work, states, to_micros(at), schedules))

    def holder(self, work: str) -> str | None:
        """Return the id of the agent to whom the work is assigned, or None."""
        return self.index.holder(work)

    def assign(
        self, work: Work, agent: str, at: datetime, *, override: AssignmentOverride | None = None
    ) -> None:
        """Assign `work` to `agent`, as `Roster.assign`; on an error nothing changes."""
        moment = to_micros(at)
        requires = requirement_at(work, moment)
        self.index.assign(
            work.id,
            requires,
            agent,
            moment,
            excluded=work.excluded_agents,
            override=optional_override(override),
        )

    def complete(self, work: str, at: datetime, *, done: bool = True) -> None:
        """End the assignment of `work`, as `Roster.complete`."""
        self.index.complete(work, to_micros(at), done=done)

    def set_status(
        self, agent: str, at: datetime, *, away: bool, back: datetime | None = None
    ) -> None:
        """Set the status of `agent`, as `Roster.set_status`."""
        until = micros_or_none(back)
        self.index.set_status(agent, to_micros(at), away=away, back=until)

    def change_skills(self, agent: str, skills: SkillLevels | Mapping[str, int]) -> None:
        """Change the skills of `agent`, as `Roster.change_skills`."""
        self.replace(attrs.evolve(self.index.agent(agent), skills=skills))

    def replace(self, agent: Agent) -> None:
        """Replace the agent of that id by `agent`, as `Roster.replace`."""
        self.index.replace(agent)

    def add(self, agent: Agent, workload: Workload | None = None) -> None:
        """Add an agent, as `Roster.add`."""
        self.index.add(agent, workload)

    def remove(
        self,
        agent: str,
        at: datetime | None = None,
        *,
        policy: Removal | str = Removal.REFUSE,
        to: str | None = None,
    ) -> tuple[str, ...]:
        """Remove an agent, as `Roster.remove`; return the ids of work that is unassigned now."""
        chosen, index = removal_policy(policy, agent, to), self.index
        moment = removal_micros(chosen, at)
        state = index.agent_state(agent)
        check_removal(agent, state.held, chosen)
        held = [(work, state.held[work][0]) for work in sorted(state.held)]
        if to is not None:
            # On a copy first, so that nothing changes if a piece is refused.
            hand_over(
                held,
                AgentState.of(index.agent_state(to).snapshot()),
                moment,
                index.turns,
                index.on_call,
            )
        for work, requires in held:
            index.complete(work, moment, done=False)
            if to is not None:
                index.assign(work, requires, to, moment)
        index.remove(agent)
        return () if to is not None else tuple(work for work, _ in held)

    def new_period(self, at: datetime) -> None:
        """Start a new period at `at`, as `Roster.new_period`."""
        self.index.new_period(to_micros(at))
