"""Who takes this work, live? The roster in a form that answers at once and changes in place.

A `Router` gives the answers of `route` and takes the changes of `Roster`; both are checked to be
equal. It lives in one thread, like a list.
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
    removal,
    removed_at,
)
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
    """A live roster.

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
        """How the router chooses among those who can."""
        return self.index.strategy

    @property
    def roster(self) -> Roster:
        """The same facts as a value; costs a pass over all agents."""
        return self.index.roster()

    def route(self, work: Work, at: datetime) -> Route:
        """Return what `route(work, self.roster, at, strategy=self.strategy)` returns."""
        index, moment = self.index, to_micros(at)
        seat = self.seat(work, moment)
        record = LiveRouteEvidence(index.journal, work, moment, index.strategy)
        if seat is not None:
            return Assigned(work.id, seat.id, at, record)
        return waiting_or_unroutable(work, index.agent_states, at, record, index.on_call)

    def seat(self, work: Work, at: int) -> AgentState | None:
        """Return the seat that `work` should go to at the microsecond `at`, or None."""
        requires = work.requires if work.relaxation is None else requirement_at(work, at)
        index = self.index
        if not (work.excluded_agents or work.preferred_agents or index.needs_work):
            return index.pick(requires, at)
        pick = SelectionContext(requires, at, work.id, to_micros(work.opened), index.since)
        return index.choose(pick, work.excluded_agents, work.preferred_agents)

    def availability(self, work: Work, at: datetime) -> tuple[tuple[datetime, str], ...]:
        """Return who could take `work` from which instant on, as the function of that name."""
        return available_agents(work, self.roster, at)

    def holder(self, work: str) -> str | None:
        """Return who has the work in hand, or None."""
        return self.index.holder(work)

    def assign(
        self, work: Work, agent: str, at: datetime, *, override: AssignmentOverride | None = None
    ) -> None:
        """Give `work` to `agent`, as `Roster.assign`; on an error nothing changes."""
        moment = to_micros(at)
        requires = requirement_at(work, moment)
        word = optional_override(override)
        self.index.assign(
            work.id, requires, agent, moment, excluded=work.excluded_agents, override=word
        )

    def complete(self, work: str, at: datetime, *, done: bool = True) -> None:
        """Take `work` out of its holder's hands, as `Roster.complete`."""
        self.index.complete(work, to_micros(at), done=done)

    def set_status(
        self, agent: str, at: datetime, *, away: bool, back: datetime | None = None
    ) -> None:
        """Note that `agent` left or came back, as `Roster.set_status`."""
        until = micros_or_none(back)
        self.index.set_status(agent, to_micros(at), away=away, back=until)

    def change_skills(self, agent: str, skills: SkillLevels | Mapping[str, int]) -> None:
        """Note what `agent` learned or forgot, as `Roster.change_skills`."""
        self.replace(attrs.evolve(self.index.agent(agent), skills=skills))

    def replace(self, agent: Agent) -> None:
        """Put `agent` in place of the one of the same id, as `Roster.replace`."""
        self.index.replace(agent)

    def add(self, agent: Agent, standing: Workload | None = None) -> None:
        """Add an agent, as `Roster.add`."""
        self.index.add(agent, standing)

    def remove(
        self,
        agent: str,
        at: datetime | None = None,
        *,
        policy: Removal | str = Removal.REFUSE,
        to: str | None = None,
    ) -> tuple[str, ...]:
        """Remove an agent, as `Roster.remove`; return the work that is in nobody's hands now."""
        chosen, index = removal(policy, agent, to), self.index
        moment = removed_at(chosen, at)
        seat = index.seat(agent)
        check_removal(agent, seat.held, chosen)
        held = [(work, seat.held[work][0]) for work in sorted(seat.held)]
        if to is not None:
            # On a copy first, so that nothing has changed if some of it is refused.
            hand_over(
                held, AgentState.of(index.seat(to).snapshot()), moment, index.turns, index.on_call
            )
        for work, requires in held:
            index.complete(work, moment, done=False)
            if to is not None:
                index.assign(work, requires, to, moment)
        index.remove(agent)
        return () if to is not None else tuple(work for work, _ in held)

    def new_period(self, at: datetime) -> None:
        """Begin a new period at `at`, as `Roster.new_period`."""
        self.index.new_period(to_micros(at))
