"""Agent selection over a roster: the linear rule, and the oracle of the live index.

An answer is a proposal; the roster is unchanged. Neither the order of the roster nor agents who are
not eligible affect the choice, and only a relaxation plan loosens a requirement.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import final

import attrs

from entitlements.kernel.converters import instance_of
from entitlements.kernel.instants import (
    from_micros,
    from_micros_or_none,
    micros_or_start,
    to_micros,
)
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.agents.capacity import has_room
from entitlements.routing.answers.answers import (
    Assigned,
    ConsideredAgent,
    Route,
    Unroutable,
    Waiting,
)
from entitlements.routing.eligibility.eligibility import (
    Schedules,
    available_from,
    fits_permanently,
    obstacles,
)
from entitlements.routing.eligibility.obstacles import ObstacleKind
from entitlements.routing.eligibility.staffing import Staffing
from entitlements.routing.roster import Roster
from entitlements.routing.strategies.named import DEFAULT_STRATEGY
from entitlements.routing.strategies.strategy import SelectionContext, Strategy
from entitlements.routing.work.work import Work, remaining_requirements, requirement_at


def route(
    work: Work, roster: Roster, at: datetime, *, strategy: Strategy = DEFAULT_STRATEGY
) -> Route:
    """Return the agent who should take `work` at `at`, or when one may, or why no agent can.

    Preferred agents come first, list by list; the strategy chooses within each list, then among
    all others, and last among demoted agents. The answer is the same for every order of the roster.

    >>> from entitlements.routing.agents.agent import Agent
    >>> from entitlements.routing.work.requirements import Requirement
    >>> ada = Agent(id="ada", skills={"spanish": 2})
    >>> bob = Agent(id="bob", skills={"spanish": 3})
    >>> needs = Requirement(skills={"spanish": 3})
    >>> work = Work(id="R-1", opened="2026-03-02T09:00Z", requires=needs)
    >>> route(work, Roster(agents=[ada, bob]), work.opened).explain()
    '`R-1` goes to `bob`; ada: level spanish 2 < 3; bob: chosen'

    Raises:
        UnknownIdError: the work needs an on-call schedule that the roster does not have.
        InvalidValueError: `at` is naive.
    """
    evidence = LinearRouteEvidence(
        instance_of(Work, work),
        instance_of(Roster, roster),
        to_micros(at),
        instance_of(Strategy, strategy),
    )
    chosen = evidence.chosen()
    if chosen is not None:
        return Assigned(work.id, chosen.id, at, evidence)
    if may_wait(work, roster.agent_states, evidence.at, roster.on_call):
        return Waiting(work.id, at, evidence)
    return Unroutable(work.id, at, evidence)


def available_agents(work: Work, roster: Roster, at: datetime) -> tuple[tuple[datetime, str], ...]:
    """Return the agents who can take `work`, each with the first instant from `at` on.

    Ordered by instant, then by id. Agents whom the passage of time alone does not make eligible
    are left out. Agents who are away without an announced return are expected at the next opening
    of their shift.

    >>> from entitlements.routing.agents.agent import Agent
    >>> work = Work(id="R-1", opened="2026-03-02T09:00Z")
    >>> available_agents(work, Roster(agents=[Agent(id="ada")]), work.opened)[0][1]
    'ada'

    Raises:
        UnknownIdError: the work needs an on-call schedule that the roster does not have.
        InvalidValueError: `at` is naive.
    """
    moment = to_micros(at)
    instance_of(Work, work)
    found = (
        (eligible_from(state, work, moment, roster.on_call), state.id)
        for state in instance_of(Roster, roster).agent_states.values()
    )
    return tuple((from_micros(when), id) for when, id in sorted(_with_times(found)))


def _with_times(pairs: Iterable[tuple[int | None, str]]) -> Iterable[tuple[int, str]]:
    """Return the pairs that have a time."""
    return ((when, id) for when, id in pairs if when is not None)


@final
@attrs.frozen
class LinearRouteEvidence:
    """The data of one linear decision."""

    work: Work
    roster: Roster
    at: int
    strategy: Strategy

    def context(self) -> SelectionContext:
        """Return the work, the requirement and the instant as the strategy reads them."""
        since = self.roster.since
        return SelectionContext(
            requirement_at(self.work, self.at),
            self.at,
            self.work.id,
            to_micros(self.work.opened),
            micros_or_start(since),
        )

    def eligible(self, context: SelectionContext) -> list[AgentState]:
        """Return the states of the agents who can take the work now."""
        excluded, schedules = self.work.excluded_agents, self.roster.on_call
        return [
            state
            for state in self.roster.agent_states.values()
            if not obstacles(
                state, context.requires, self.at, excluded=excluded, schedules=schedules
            )
        ]

    def chosen(self) -> AgentState | None:
        """Return the state of the chosen agent, or None."""
        context = self.context()
        return choose_agent(self.eligible(context), self.work, context, self.strategy)

    def next_eligible_at(self) -> datetime | None:
        """Return when the passage of time alone may make an agent eligible, or None."""
        roster = self.roster
        return from_micros_or_none(
            next_eligible(self.work, roster.agent_states, self.at, roster.on_call)
        )

    def reasons(self) -> tuple[ObstacleKind, ...]:
        """Return the kinds of the permanent obstacles of all agents."""
        return permanent_reasons(self.work, self.roster.agent_states, self.at, self.roster.on_call)

    def considered(self) -> tuple[ConsideredAgent, ...]:
        """Return all agents of the roster, in order of id."""
        context = self.context()
        ranks = {
            state.id: rank
            for rank, state in enumerate(
                ranked_agents(self.eligible(context), self.work, context, self.strategy), start=1
            )
        }
        return tuple(
            ConsideredAgent(
                id,
                obstacles(
                    self.roster.agent_states[id],
                    context.requires,
                    self.at,
                    excluded=self.work.excluded_agents,
                    schedules=self.roster.on_call,
                ),
                ranks.get(id),
            )
            for id in sorted(self.roster.agents)
        )


def choose_agent(
    eligible: list[AgentState], work: Work, context: SelectionContext, strategy: Strategy
) -> AgentState | None:
    """Return the best of the eligible agents: preferred lists first, then the strategy.

    Demoted agents count only if all eligible agents are demoted.
    """
    first, last = _by_demotion(eligible, work)
    for part in (first, last):
        for names in work.preferred_agents:
            preferred = [state for state in part if state.id in names]
            if preferred:
                return strategy.choose(preferred, context)
        if part:
            return strategy.choose(part, context)
    return None


def _by_demotion(
    eligible: list[AgentState], work: Work
) -> tuple[list[AgentState], list[AgentState]]:
    """Return the eligible agents who are not demoted, and those who are."""
    demoted = work.demoted_agents
    if not demoted:
        return eligible, []
    return (
        [state for state in eligible if state.id not in demoted],
        [state for state in eligible if state.id in demoted],
    )


def ranked_agents(
    eligible: list[AgentState], work: Work, context: SelectionContext, strategy: Strategy
) -> list[AgentState]:
    """Return the eligible agents in the order of choice, without those outside the sample."""
    ordered: list[AgentState] = []
    for part in _by_demotion(eligible, work):
        left = part
        for names in work.preferred_agents:
            ordered += strategy.ranked([state for state in left if state.id in names], context)
            left = [state for state in left if state.id not in names]
        ordered += strategy.ranked(left, context)
    return ordered


def may_wait(work: Work, states: Mapping[str, AgentState], at: int, schedules: Schedules) -> bool:
    """Return whether an agent has no obstacle that neither time nor completed work removes."""
    return any(
        not permanent for permanent in _permanent_obstacles(work, states.values(), at, schedules)
    )


def permanent_reasons(
    work: Work, states: Mapping[str, AgentState], at: int, schedules: Schedules
) -> tuple[ObstacleKind, ...]:
    """Return the kinds of the permanent obstacles of all agents, each once, in order of code."""
    if not states:
        return (ObstacleKind.NO_AGENTS,)
    found = _permanent_obstacles(work, states.values(), at, schedules)
    return tuple(sorted({kind for permanent in found for kind in permanent}))


def next_eligible(
    work: Work, states: Mapping[str, AgentState], at: int, schedules: Schedules
) -> int | None:
    """Return the first microsecond from `at` on at which any agent can take `work`, or None."""
    times = (eligible_from(state, work, at, schedules) for state in states.values())
    return min((when for when in times if when is not None), default=None)


def _permanent_obstacles(
    work: Work, states: Iterable[AgentState], at: int, schedules: Schedules
) -> Iterator[list[ObstacleKind]]:
    """Yield the kinds of the permanent obstacles of each agent, after all relaxation."""
    last, excluded = remaining_requirements(work, at)[-1][1], work.excluded_agents
    for state in states:
        found = obstacles(state, last, at, excluded=excluded, schedules=schedules)
        yield [each.kind for each in found if each.permanent]


def eligible_from(state: AgentState, work: Work, at: int, schedules: Schedules) -> int | None:
    """Return the first microsecond from `at` on at which the agent can take `work`, or None.

    Only the passage of time counts: no assigned work is completed.
    """
    if state.id in work.excluded_agents:
        return None
    times = []
    for start, requires in remaining_requirements(work, at):
        if fits_permanently(state.agent, requires) and has_room(state, requires):
            when = available_from(state, requires, max(at, start), schedules)
            times += [] if when is None else [when]
    return min(times, default=None)


def take_unstaffed_steps(work: Work, roster: Roster, at: datetime) -> Work:
    """Return `work` with the steps of its plan that hold at `at` because no agent is signed in.

    The next step of the plan holds at once if it is `unstaffed` and no agent of the groups that are
    accepted before it is signed in; then the step after it, and so on. It holds while that is so:
    ask again when agents come and go. `Engine`, `OfferBook`, `Desk` and `Worker` do so.

    >>> from datetime import timedelta
    >>> from entitlements.routing.agents.agent import Agent
    >>> from entitlements.routing.work.relaxation import RelaxationPlan, RelaxationStep
    >>> from entitlements.routing.work.requirements import Requirement
    >>> step = RelaxationStep(after=timedelta(hours=1), groups="net", unstaffed=True)
    >>> work = Work(id="R-1", opened="2026-03-02T09:00Z", requires=Requirement(groups="db"),
    ...             relaxation=RelaxationPlan(steps=[step]))
    >>> roster = Roster(agents=[Agent(id="ada", groups="net")])
    >>> sorted(take_unstaffed_steps(work, roster, work.opened).requirement_at(work.opened).groups)
    ['db', 'net']

    Raises:
        UnknownIdError: the work needs an on-call schedule that the roster does not have.
        InvalidValueError: `at` is naive.
    """
    instance_of(Work, work)
    states = instance_of(Roster, roster).agent_states
    return Staffing(states, to_micros(at), roster.on_call).take_steps(work)
