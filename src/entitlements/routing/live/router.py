"""Live router: selection and assignment on a roster that changes in place.

A `Router` gives the answers of `route` and has the changes of `Roster`; tests compare both. Like a
list, it must not be shared among threads.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, final

from entitlements import routing
from entitlements.kernel.converters import instance_of
from entitlements.kernel.ids import identifier
from entitlements.kernel.instants import from_micros_or_none, micros_or_none, to_micros
from entitlements.routing.agents.agent import Agent
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.agents.assignment_override import AssignmentOverride, optional_override
from entitlements.routing.agents.idle_start import IdleStart, newcomer_workload, return_start
from entitlements.routing.agents.on_call import OnCall, next_handover
from entitlements.routing.agents.workload import AssignedWork, Workload
from entitlements.routing.answers.answers import Route, Unroutable, assigned, waiting
from entitlements.routing.eligibility.removal import (
    Removal,
    check_removal,
    hand_over,
    removal_micros,
    removal_policy,
)
from entitlements.routing.eligibility.staffing import Staffing
from entitlements.routing.live.live_evidence import LiveRouteEvidence
from entitlements.routing.roster import Roster
from entitlements.routing.strategies.named import DEFAULT_STRATEGY
from entitlements.routing.strategies.strategy import Strategy
from entitlements.routing.work.skills import SkillLevels, levels
from entitlements.routing.work.work import Work, requirement_at

if TYPE_CHECKING:
    from entitlements.routing.live.roster.roster_index import RosterIndex


@final
class Router:
    """A roster with fast selection, changed in place.

    Below, n is the number of agents, and a mask is a number of n bits: an operation on masks costs
    a few nanoseconds for each 30 agents. An operation that is refused changes nothing.

    Args:
        roster: The agents at the beginning.
        policy: The strategy that orders eligible agents, or the policy that has it.

    >>> from entitlements.kernel.instants import utc
    >>> router = Router(Roster(agents=[Agent(id="ada", capacity=1), Agent(id="bob", capacity=1)]))
    >>> nine = utc("2026-03-02T09:00Z")
    >>> router.assign(Work(id="R-1", opened=nine), "ada", nine)
    >>> router.route(Work(id="R-2", opened=nine), nine).agent
    'bob'
    """

    __slots__ = ("index",)

    def __init__(
        self, roster: Roster, policy: routing.RoutingPolicy | Strategy = DEFAULT_STRATEGY
    ) -> None:
        from entitlements.routing.live.roster.roster_index import RosterIndex  # noqa: PLC0415 - on first use

        strategy = (
            policy
            if isinstance(policy, Strategy)
            else instance_of(routing.RoutingPolicy, policy).strategy
        )
        self.index = RosterIndex(instance_of(Roster, roster), strategy)

    def __len__(self) -> int:
        """Return the number of agents."""
        return len(self.index.agent_states)

    def __contains__(self, agent: object) -> bool:
        """Return whether there is an agent with that id."""
        return agent in self.index.agent_states

    @property
    def strategy(self) -> Strategy:
        """The strategy that orders the eligible agents."""
        return self.index.strategy

    @property
    def assignment_count(self) -> int:
        """Number of assignments so far, as `Roster.assignment_count`."""
        return self.index.assignment_count

    @property
    def on_call(self) -> Mapping[str, OnCall]:
        """The on-call schedules by id."""
        return self.index.on_call

    @property
    def roster(self) -> Roster:
        """The roster as a value; O(n). `agent` and `state` return one agent."""
        return self.index.roster()

    def agent(self, id: str) -> Agent:
        """Return one agent, whatever the number of agents; raise `UnknownIdError` if missing."""
        return self.index.agent_state(instance_of(str, id)).agent

    def state(self, agent: str) -> Workload:
        """Return the workload of one agent, as `Roster.workload`; O(assigned work).

        Raises:
            UnknownIdError: there is no such agent.
        """
        return self.index.agent_state(instance_of(str, agent)).workload()

    def assigned(self, work: str) -> AssignedWork | None:
        """Return the assignment of a piece of work, or None if it has no agent; O(1)."""
        holder = self.index.holder(work)
        if holder is None:
            return None
        return self.index.agent_state(holder).assigned_work(work)

    def take_unstaffed_steps(self, work: Work, at: datetime) -> Work:
        """Return what `take_unstaffed_steps(work, self.roster, at)` returns.

        O(n) for work whose plan has such steps, and O(1) for other work. For many pieces, ask
        `staffing(at).take_steps` for each: O(n) for each set of groups.
        """
        return self.staffing(at).take_steps(instance_of(Work, work))

    def staffing(self, at: datetime) -> Staffing:
        """Return who is signed in at `at`, as long as no agent changes; O(1)."""
        return Staffing(self.index.agent_states, to_micros(at), self.index.on_call)

    def holder(self, work: str) -> str | None:
        """Return the id of the agent to whom the work is assigned, or None; O(1)."""
        return self.index.holder(work)

    def route(self, work: Work, at: datetime) -> Route:
        """Return what `route(work, self.roster, at, strategy=self.strategy)` returns.

        O(d log n) comparisons for the d qualified agents who have changed since they were last
        compared for such a load, and O(n / 1,152 + 72) operations on masks; an answer without an
        agent costs the same. Strategies of the work itself, such as `seeded_random` and
        `custom_strategy`, compare all agents who tie before them. Explanations, reasons and
        instants are computed when they are read. An instant before the last one costs O(n).

        Raises:
            UnknownIdError: the work needs an on-call schedule that the roster does not have.
            InvalidValueError: `at` is naive.
        """
        index, moment = self.index, to_micros(at)
        try:
            requires = work.requires if work.relaxation is None else requirement_at(work, moment)
            chosen = index.choose(work, requires, moment)
        except AttributeError:
            instance_of(Work, work)
            raise
        log = index.kept_log or index.log
        evidence = LiveRouteEvidence((index, log, len(log.changes), work, moment))
        if chosen is not None:
            return assigned(work.id, chosen.id, at, evidence)
        if index.may_wait(work, requires, moment):
            return waiting(work.id, at, evidence)
        return Unroutable(work.id, at, evidence)

    def available_agents(self, work: Work, at: datetime) -> tuple[tuple[datetime, str], ...]:
        """Return what `available_agents(work, self.roster, at)` returns; O(n)."""
        return routing.available_agents(work, self.roster, at)

    def next_change_at(self, at: datetime) -> datetime | None:
        """Return the next instant after `at` at which time alone may change an answer, or None.

        That is the next edge of a shift, of an absence or of extra duty, an announced return, the
        end of a rate limit, or a handover of an on-call schedule. Until then the same agents are
        eligible; who of them is first may change with strategies that read the instant, such as
        `LEAST_BUSY_TIME`. Of work and of a `Backlog`, ask for their next change as well. O(log n),
        and O(schedules) for handovers.
        """
        edges = [from_micros_or_none(self.index.next_change(to_micros(at)))]
        edges.append(next_handover(self.index.on_call, at))
        return min((edge for edge in edges if edge is not None), default=None)

    def assign(
        self, work: Work, agent: str, at: datetime, *, override: AssignmentOverride | None = None
    ) -> None:
        """Assign `work` to `agent`, as `Roster.assign`; O(kinds of load), at most 64 of them.

        The agent must be eligible, or the override must say who decided otherwise, and why; it is
        stored with the assigned work.
        """
        moment = to_micros(at)
        try:
            requires = work.requires if work.relaxation is None else requirement_at(work, moment)
        except AttributeError:
            instance_of(Work, work)
            raise
        if override is not None:
            instance_of(AssignmentOverride, override)
        self.index.assign(work.id, requires, agent, moment, work.excluded_agents, override)

    def reserve(
        self,
        key: str,
        work: Work,
        agent: str,
        at: datetime,
        *,
        override: AssignmentOverride | None = None,
    ) -> None:
        """Take capacity for an offer of `work` under the key of its `Reservation`; as `assign`."""
        moment = to_micros(at)
        requires = work.requires if work.relaxation is None else requirement_at(work, moment)
        if override is not None:
            instance_of(AssignmentOverride, override)
        self.index.assign(key, requires, agent, moment, work.excluded_agents, override)

    def confirm(self, key: str, work: str) -> None:
        """Give the capacity that was reserved under `key` the id of the work: an accepted offer.

        O(1); counters and instants do not change.

        Raises:
            UnknownIdError: nothing is reserved under `key`.
            ConflictError: the work is assigned already.
        """
        self.index.confirm(instance_of(str, key), identifier(work))

    def complete(self, work: str, at: datetime, *, done: bool = True) -> None:
        """End the assignment of `work`, as `Roster.complete`; O(kinds of load)."""
        self.index.complete(work, to_micros(at), done)

    def transfer(
        self, work: str, to: str, at: datetime, *, override: AssignmentOverride | None = None
    ) -> None:
        """Assign assigned work to the agent `to` instead, as `Roster.transfer`.

        Either both happen or nothing: the work is never without an agent. O(kinds of load).
        """
        self.index.transfer(work, to, to_micros(at), override=optional_override(override))

    def set_status(
        self,
        agent: str,
        at: datetime,
        *,
        away: bool,
        back: datetime | None = None,
        idle: IdleStart | str | None = None,
    ) -> None:
        """Set the status of `agent`, as `Roster.set_status`.

        O(kinds of load); O(n log n) with the idle time `median`.
        """
        until = micros_or_none(back)
        start = return_start(idle, self.index.agent_states, agent, at, away=away)
        self.index.set_status(agent, to_micros(at), away=away, back=until, idle=start)

    def change_skills(self, agent: str, skills: SkillLevels | Mapping[str, int]) -> None:
        """Change the skills of `agent`, as `Roster.change_skills`.

        O(skills x levels asked for) masks, and O(log n) comparisons for each kind of load; no
        requirement is compiled again before it is asked.
        """
        self.index.change_skills(agent, levels(skills))

    def replace(self, agent: Agent) -> None:
        """Replace the agent of that id by `agent`, as `Roster.replace`.

        Costs what `change_skills` does, and O(assigned work).
        """
        self.index.replace(instance_of(Agent, agent))

    def add(
        self,
        agent: Agent,
        workload: Workload | None = None,
        *,
        idle: IdleStart | str = IdleStart.NEVER,
        at: datetime | None = None,
    ) -> None:
        """Add an agent, as `Roster.add`; costs what `replace` does, O(n log n) with `median`."""
        index, others = self.index, self.index.agent_states.values()
        instance_of(Agent, agent)
        index.add(agent, newcomer_workload(workload, idle, others, at, index.assignment_count))

    def remove(
        self,
        agent: str,
        at: datetime | None = None,
        *,
        policy: Removal | str = Removal.REFUSE,
        to: str | None = None,
    ) -> tuple[str, ...]:
        """Remove an agent, as `Roster.remove`; return the ids of work that is unassigned now.

        Costs what `replace` does, and `complete` for each piece of assigned work.
        """
        chosen, index = removal_policy(policy, agent, to), self.index
        moment = removal_micros(chosen, at)
        state = index.agent_state(agent)
        check_removal(agent, state.held, chosen)
        if to is not None:
            _try_hand_over(state, index, to, moment)
        held = sorted(state.held)
        for work in held:
            (requires, since), excluded = state.held[work], state.excluded.get(work, frozenset())
            index.complete(work, max(moment, since), done=False)
            if to is not None:
                index.assign(work, requires, to, moment, excluded)
        index.remove(agent)
        return () if to is not None else tuple(held)

    def new_period(self, at: datetime) -> None:
        """Start a new period at `at`, as `Roster.new_period`; O(n log n)."""
        self.index.new_period(to_micros(at))


def _try_hand_over(giver: AgentState, index: RosterIndex, to: str, at: int) -> None:
    """Hand the work over to a copy of the agent, so that nothing changes if a piece is refused."""
    copy = AgentState.of(index.agent_state(to).snapshot())
    hand_over(giver, copy, at, index.assignment_count, index.on_call)
