"""Who is there? All agents, what each has in hand, and who is on call.

A roster is a value: every change gives a new one. A `Router` holds the same facts in a form that
changes in place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property
from typing import final

import attrs

from entitlements.kernel.converters import as_tuple, count, frozen_map, instance_of, utc_or_none
from entitlements.kernel.errors import ConflictError, DuplicateIdError, UnknownIdError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.instants import micros_or_none, to_micros
from entitlements.routing.agents.agent import Agent
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.agents.assignment_override import AssignmentOverride, optional_override
from entitlements.routing.agents.on_call import OnCall
from entitlements.routing.agents.workload import Workload
from entitlements.routing.eligibility.eligibility import check
from entitlements.routing.eligibility.removal import (
    Removal,
    check_removal,
    hand_over,
    removal,
    removed_at,
)
from entitlements.routing.work.skills import SkillLevels
from entitlements.routing.work.work import Work, requirement_at

_RESTED = Workload()


def _agents(value: Mapping[str, Agent] | Iterable[Agent]) -> FrozenMap[str, Agent]:
    agents: dict[str, Agent] = {}
    for each in value.values() if isinstance(value, Mapping) else as_tuple(value):
        if instance_of(Agent, each).id in agents:
            raise DuplicateIdError("agent", each.id)
        agents[each.id] = each
    return FrozenMap(agents)


def _standings(value: Mapping[str, Workload]) -> FrozenMap[str, Workload]:
    # Who is missing is rested, so that equal rosters are equal however they came about.
    return FrozenMap({id: each for id, each in frozen_map(value).items() if each != _RESTED})


def _on_call(value: Mapping[str, OnCall] | Iterable[OnCall]) -> FrozenMap[str, OnCall]:
    schedules: dict[str, OnCall] = {}
    for each in value.values() if isinstance(value, Mapping) else as_tuple(value):
        if instance_of(OnCall, each).id in schedules:
            raise DuplicateIdError("on-call schedule", each.id)
        schedules[each.id] = each
    return FrozenMap(schedules)


@final
@attrs.frozen(kw_only=True)
class Roster:
    """All agents and how they stand.

    Attributes:
        agents: By id; an iterable of agents will do.
        standings: By agent id; who is missing is rested and here.
        on_call: Schedules by id; an iterable of schedules will do.
        turns: Assignments made so far in the rotation.
        since: Beginning of the period that `busy`, `handled` and `assigned` cover.

    >>> roster = Roster(agents=[Agent(id="ada", capacity=1)])
    >>> work = Work(id="R-1", opened="2026-03-02T09:00Z")
    >>> later = roster.assign(work, "ada", work.opened)
    >>> later.holder("R-1"), roster.holder("R-1")
    ('ada', None)
    """

    agents: FrozenMap[str, Agent] = attrs.field(factory=FrozenMap, converter=_agents)
    standings: FrozenMap[str, Workload] = attrs.field(factory=FrozenMap, converter=_standings)
    on_call: FrozenMap[str, OnCall] = attrs.field(factory=FrozenMap, converter=_on_call)
    turns: int = attrs.field(default=0, converter=count)
    since: datetime | None = attrs.field(default=None, converter=utc_or_none)

    def __attrs_post_init__(self) -> None:
        holders: dict[str, str] = {}
        for id, standing in self.standings.items():
            if id not in self.agents:
                raise UnknownIdError("agent", id, known=self.agents)
            for work in standing.held:
                if work in holders:
                    raise ConflictError(
                        f"work `{work}` is held by `{holders[work]}` and by `{id}`", field="held"
                    )
                holders[work] = id

    def agent(self, id: str) -> Agent:
        """Return the agent; raise `UnknownIdError` if there is none."""
        try:
            return self.agents[id]
        except KeyError:
            raise UnknownIdError("agent", id, known=self.agents) from None

    def standing(self, id: str) -> Workload:
        """Return how the agent stands; raise `UnknownIdError` if there is none."""
        self.agent(id)
        return self.standings.get(id, _RESTED)

    def holder(self, work: str) -> str | None:
        """Return who has the work in hand, or None."""
        for id, standing in self.standings.items():
            if work in standing.held:
                return id
        return None

    @cached_property
    def agent_states(self) -> dict[str, AgentState]:
        """The same facts in integers, for the functions of this package; not to be changed."""
        return {
            id: AgentState(agent, self.standings.get(id, _RESTED))
            for id, agent in self.agents.items()
        }

    def assign(
        self, work: Work, agent: str, at: datetime, *, override: AssignmentOverride | None = None
    ) -> Roster:
        """Return the roster after `agent` was given `work` at `at`.

        The agent must be eligible, as `route` says. An override sets aside every rule except
        obligations, and is kept with the work for as long as the agent has it.

        Raises:
            UnknownIdError: there is no such agent, or no on-call schedule that the work needs.
            ConflictError: somebody has the work in hand, or the agent is not eligible.
        """
        word = optional_override(override)
        seat = AgentState(self.agent(agent), self.standing(agent))
        if (holder := self.holder(work.id)) is not None:
            raise ConflictError(f"work `{work.id}` is in the hands of `{holder}`", field="work")
        moment = to_micros(at)
        requires = requirement_at(work, moment)
        check(work.id, seat, requires, moment, work.excluded_agents, self.on_call, word)
        seat.assign(work.id, requires, moment, self.turns + 1)
        if word is not None:
            seat.note(work.id, word)
        return attrs.evolve(self._with(seat), turns=self.turns + 1)

    def complete(self, work: str, at: datetime, *, done: bool = True) -> Roster:
        """Return the roster after `work` left its holder's hands at `at`.

        `done=False` returns capacity without counting the work as handled, as after a declined
        offer or a hand-over.

        Raises:
            UnknownIdError: nobody has it in hand.
        """
        holder = self.holder(work)
        if holder is None:
            raise UnknownIdError("work in hand", work)
        seat = AgentState(self.agent(holder), self.standing(holder))
        seat.release(work, to_micros(at), done=done)
        return self._with(seat)

    def set_status(
        self, agent: str, at: datetime, *, away: bool, back: datetime | None = None
    ) -> Roster:
        """Return the roster after `agent` left or came back at `at`; work in hand stays.

        Raises:
            UnknownIdError: there is no such agent.
        """
        seat = AgentState(self.agent(agent), self.standing(agent))
        seat.set_away(to_micros(at), away=away, back=micros_or_none(back))
        return self._with(seat)

    def change_skills(self, agent: str, skills: SkillLevels | Mapping[str, int]) -> Roster:
        """Return the roster after `agent` learned or forgot; work in hand stays."""
        return self.replace(attrs.evolve(self.agent(agent), skills=skills))

    def replace(self, agent: Agent) -> Roster:
        """Return the roster with `agent` in place of the one of the same id; standing stays.

        Raises:
            UnknownIdError: there is none.
        """
        self.agent(agent.id)
        return attrs.evolve(self, agents={**self.agents, agent.id: agent})

    def add(self, agent: Agent, standing: Workload | None = None) -> Roster:
        """Return the roster with one more agent, last in the rotation unless `standing` differs.

        Raises:
            DuplicateIdError: there is one of that id.
        """
        if agent.id in self.agents:
            raise DuplicateIdError("agent", agent.id)
        how = Workload(turn=self.turns) if standing is None else standing
        return attrs.evolve(
            self,
            agents={**self.agents, agent.id: agent},
            standings={**self.standings, agent.id: how},
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
            agent: Whom.
            at: When; needed if work is handed over.
            policy: What becomes of work in hand: `refuse` the removal, leave the work to nobody so
                that it can be given to somebody else (`requeue`), or give it to another
                (`hand_to`).
            to: Who gets it; they must be eligible for every piece.

        Raises:
            UnknownIdError: there is no such agent.
            ConflictError: the agent has work in hand, or `to` is not eligible for all of it.
            InvalidValueError: `to` is missing, or named with another policy than `hand_to`.
        """
        chosen = removal(policy, agent, to)
        moment = removed_at(chosen, at)
        held = self.standing(agent).held
        check_removal(agent, held, chosen)
        agents = {id: each for id, each in self.agents.items() if id != agent}
        standings = {id: each for id, each in self.standings.items() if id != agent}
        turns = self.turns
        if to is not None:
            works = [(work, held[work].requires) for work in sorted(held)]
            seat = AgentState(self.agent(to), self.standing(to))
            hand_over(works, seat, moment, turns, self.on_call)
            standings[to], turns = seat.standing(), turns + len(works)
        return attrs.evolve(self, agents=agents, standings=standings, turns=turns)

    def new_period(self, at: datetime) -> Roster:
        """Return the roster with all counters at nothing and a period that begins at `at`."""
        moment = to_micros(at)
        fresh = {}
        for id in self.standings:
            seat = AgentState(self.agent(id), self.standing(id))
            seat.new_period(moment)
            fresh[id] = seat.standing()
        return attrs.evolve(self, standings=fresh, since=at)

    def _with(self, seat: AgentState) -> Roster:
        return attrs.evolve(self, standings={**self.standings, seat.id: seat.standing()})
