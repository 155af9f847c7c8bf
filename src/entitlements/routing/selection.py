"""Who takes this work? The plain, linear choice; the oracle of the live index.

Nothing happens: an answer is a proposal. The order of the roster never matters, agents who are not
eligible never matter, and no constraint is relaxed that a plan does not relax by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import final

import attrs

from entitlements.kernel.instants import (
    from_micros,
    from_micros_or_none,
    micros_or_start,
    to_micros,
)
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.agents.capacity import has_room
from entitlements.routing.answers import (
    Assigned,
    ConsideredAgent,
    Route,
    RouteEvidence,
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
from entitlements.routing.roster import Roster
from entitlements.routing.strategies.named import DEFAULT_STRATEGY
from entitlements.routing.strategies.strategy import SelectionContext, Strategy
from entitlements.routing.work.requirements import Requirement
from entitlements.routing.work.work import Work, requirement_at, requirements_over_time


def route(
    work: Work, roster: Roster, at: datetime, *, strategy: Strategy = DEFAULT_STRATEGY
) -> Route:
    """Return who should take `work` at `at`, or when somebody may, or why nobody can.

    Preferred agents come first, list by list; the strategy chooses within a list, then among all
    others. The answer is the same for every order of the roster.

    >>> from entitlements.routing.agents.agent import Agent
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
    facts = LinearRouteEvidence(work, roster, to_micros(at), strategy)
    chosen = facts.chosen()
    if chosen is not None:
        return Assigned(work.id, chosen.id, at, facts)
    return waiting_or_unroutable(work, roster.agent_states, at, facts, roster.on_call)


def available_agents(work: Work, roster: Roster, at: datetime) -> tuple[tuple[datetime, str], ...]:
    """Return who could take `work` from which instant on, earliest first, then by id.

    Left out are agents whom waiting alone does not help. Agents who are away without a time are
    expected at their next opening of duty.
    """
    moment = to_micros(at)
    found = (
        (eligible_from(seat, work, moment, roster.on_call), seat.id)
        for seat in roster.agent_states.values()
    )
    return tuple((from_micros(when), id) for when, id in sorted(with_times(found)))


def with_times(pairs: Iterable[tuple[int | None, str]]) -> Iterable[tuple[int, str]]:
    """Return the pairs that have a time."""
    return ((when, id) for when, id in pairs if when is not None)


@final
@attrs.frozen
class LinearRouteEvidence:
    """Everything one decision looked at."""

    work: Work
    roster: Roster
    at: int
    strategy: Strategy

    def pick(self) -> SelectionContext:
        """Return what is being decided."""
        since = self.roster.since
        return SelectionContext(
            requirement_at(self.work, self.at),
            self.at,
            self.work.id,
            to_micros(self.work.opened),
            micros_or_start(since),
        )

    def eligible(self, pick: SelectionContext) -> list[AgentState]:
        """Return the seats of those who can take the work now."""
        excluded, schedules = self.work.excluded_agents, self.roster.on_call
        return [
            seat
            for seat in self.roster.agent_states.values()
            if not obstacles(seat, pick.requires, self.at, excluded=excluded, schedules=schedules)
        ]

    def chosen(self) -> AgentState | None:
        """Return the seat the work should go to, or None."""
        pick = self.pick()
        return choose_agent(self.eligible(pick), self.work, pick, self.strategy)

    def considered(self) -> tuple[ConsideredAgent, ...]:
        """Return everybody, in order of agent id."""
        pick = self.pick()
        places = {
            seat.id: place
            for place, seat in enumerate(
                ranked_agents(self.eligible(pick), self.work, pick, self.strategy), start=1
            )
        }
        return tuple(
            ConsideredAgent(
                id,
                obstacles(
                    self.roster.agent_states[id],
                    pick.requires,
                    self.at,
                    excluded=self.work.excluded_agents,
                    schedules=self.roster.on_call,
                ),
                places.get(id),
            )
            for id in sorted(self.roster.agents)
        )


def choose_agent(
    eligible: list[AgentState], work: Work, pick: SelectionContext, strategy: Strategy
) -> AgentState | None:
    """Return the best of the eligible seats: preferred lists first, then the strategy."""
    for names in work.preferred_agents:
        known = [seat for seat in eligible if seat.id in names]
        if known:
            return strategy.choose(known, pick)
    return strategy.choose(eligible, pick)


def ranked_agents(
    eligible: list[AgentState], work: Work, pick: SelectionContext, strategy: Strategy
) -> list[AgentState]:
    """Return all eligible seats that the strategy looks at, in the order of choice."""
    ordered: list[AgentState] = []
    left = eligible
    for names in work.preferred_agents:
        ordered += strategy.ranked([seat for seat in left if seat.id in names], pick)
        left = [seat for seat in left if seat.id not in names]
    return ordered + strategy.ranked(left, pick)


def waiting_or_unroutable(
    work: Work,
    seats: Mapping[str, AgentState],
    at: datetime,
    evidence: RouteEvidence,
    schedules: Schedules,
) -> Waiting | Unroutable:
    """Return the answer for work that nobody can take now: wait, or give up and say why."""
    moment = to_micros(at)
    ever = remaining_requirements(work, moment)
    reasons: set[ObstacleKind] = set() if seats else {ObstacleKind.NOBODY}
    hope = False
    for seat in seats.values():
        lasting = [
            each.rule
            for each in obstacles(
                seat, ever[-1][1], moment, excluded=work.excluded_agents, schedules=schedules
            )
            if each.permanent
        ]
        reasons.update(lasting)
        hope = hope or not lasting
    if not hope:
        return Unroutable(work.id, at, tuple(sorted(reasons)), evidence)
    times = [eligible_from(seat, work, moment, schedules) for seat in seats.values()]
    first = min((when for when in times if when is not None), default=None)
    return Waiting(work.id, at, from_micros_or_none(first), evidence)


def eligible_from(seat: AgentState, work: Work, at: int, schedules: Schedules) -> int | None:
    """Return the first microsecond from `at` on at which `seat` could take `work`, or None.

    Nothing but time passes: no work is finished meanwhile.
    """
    if seat.id in work.excluded_agents:
        return None
    times = []
    for start, requires in remaining_requirements(work, at):
        if fits_permanently(seat.agent, requires) and has_room(seat, requires):
            when = available_from(seat, requires, max(at, start), schedules)
            times += [] if when is None else [when]
    return min(times, default=None)


def remaining_requirements(work: Work, at: int) -> list[tuple[int, Requirement]]:
    """Return the requirement at `at` and all looser ones to come, each with its beginning."""
    current = (at, requirement_at(work, at))
    return [current, *((start, each) for start, each in requirements_over_time(work) if start > at)]
