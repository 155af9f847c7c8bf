"""Linear rules of choice and waiting work: one agent and one piece after the other."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import attrs
from tests.routing.live.random_worlds import ORDERS, START, RandomWorld, random_strategy

from entitlements.kernel.instants import from_micros, to_micros, utc
from entitlements.routing import (
    GuardedDeadline,
    OnCall,
    OnCallLayer,
    Unroutable,
    Waiting,
    Work,
    Workload,
)
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.agents.capacity import has_room
from entitlements.routing.eligibility.eligibility import (
    fits_permanently,
    is_available,
    obstacles,
)
from entitlements.routing.selection import choose_agent, next_eligible, permanent_reasons
from entitlements.routing.strategies.strategy import SelectionContext


class LinearDesk(RandomWorld):
    """Agents, held and waiting work as plain states, and the choices that the rules make."""

    def __init__(self, seed: int, agents: int | None = None) -> None:
        super().__init__(seed)
        chance = self.chance
        self.counts: Counter[str] = Counter()
        self.assignment_count = self.served = 0
        self.hired = chance.randrange(1, 10) if agents is None else agents
        self.strategy, self.order = random_strategy(chance), chance.choice(ORDERS)
        people = [self.agent(f"a{n}") for n in range(self.hired)]
        layer = OnCallLayer(
            members=[f"a{n}" for n in range(3)], start=START, every=timedelta(hours=5)
        )
        self.schedules = {"night": OnCall(id="night", layers=[layer])}
        self.since: datetime | None = chance.choice([None, START])
        self.states = {each.id: AgentState(each, Workload()) for each in people}
        self.waiting: dict[str, Work] = {}
        self.held: dict[str, tuple[str, Work]] = {}

    def chosen(self, work: Work) -> str | None:
        at = to_micros(self.at)
        requires = work.requirement_at(self.at)
        since = -(2**62) if self.since is None else to_micros(self.since)
        context = SelectionContext(requires, at, work.id, to_micros(work.opened), since)
        able = [
            state
            for id, state in self.states.items()
            if id not in work.excluded_agents
            and fits_permanently(state.agent, requires)
            and has_room(state, requires)
            and is_available(state, requires, at, self.schedules)
        ]
        if self.made % 8 == 0:
            # The same rules with reasons, which are much slower.
            excluded, schedules = work.excluded_agents, self.schedules
            for state in self.states.values():
                found = obstacles(state, requires, at, excluded=excluded, schedules=schedules)
                if (state in able) is bool(found):
                    self.fail(work, state.id, found)
        state = choose_agent(able, work, context, self.strategy)
        return state and state.id

    def next_work(self) -> Work | None:
        """Return the work to serve now, among the work that somebody can take now."""
        able = [work for work in self.waiting.values() if self.chosen(work) is not None]
        order, ranks = self.order, Counter(work.rank for work in self.waiting.values())
        if not able or not isinstance(order, GuardedDeadline):
            return order.first(able, self.at, self.served, ranks) if able else None

        def place(work: Work) -> tuple[datetime, datetime, str]:
            return (work.due or work.opened + order.due_after, work.opened, work.id)

        earliest = min(able, key=place)
        relief = order.relief is not None and self.served % order.relief == order.relief - 1
        if place(earliest)[0] >= self.at or relief:
            return earliest
        best = min(work.rank for work in able)
        return min((work for work in able if work.rank == best), key=place)

    def take(self, work: Work, agent: str, key: str | None = None) -> None:
        """Assign work to an agent, under the key of an offer or under its id."""
        self.assignment_count += 1
        at, held_as = to_micros(self.at), work.id if key is None else key
        self.states[agent].assign(held_as, work.requirement_at(self.at), at, self.assignment_count)
        self.keep_excluded(work, agent, held_as)
        self.held[held_as] = (agent, work)

    def keep_excluded(self, work: Work, agent: str, key: str) -> None:
        """Note with the assigned work who cannot take it."""
        if work.excluded_agents:
            self.states[agent].exclude(key, work.excluded_agents)

    def begun(self) -> list[str]:
        """Return the assigned work that can end now, because it was assigned before."""
        at = to_micros(self.at)
        return [id for id, (agent, _) in self.held.items() if self.states[agent].held[id][1] <= at]

    def release(self, id: str, *, done: bool) -> Work:
        agent, work = self.held.pop(id)
        self.states[agent].release(id, to_micros(self.at), done=done)
        return work

    def fail(self, *what: object) -> None:
        raise AssertionError(
            f"seed {self.seed}, {self.made} pieces, {self.strategy.name}, {self.order}, "
            f"{self.at}: {', '.join(map(str, what))}"
        )

    def explained(self, work: Work, found: object) -> None:
        at = to_micros(self.at)
        last = work
        if work.relaxation is not None:
            last = attrs.evolve(work, requires=work.requirement_at(utc("2029-01-01T00:00Z")))
            last = attrs.evolve(last, relaxation=None)
        permanent = [
            [
                each
                for each in obstacles(
                    state,
                    last.requires,
                    at,
                    excluded=work.excluded_agents,
                    schedules=self.schedules,
                )
                if each.permanent
            ]
            for state in self.states.values()
        ]
        if all(permanent):
            reasons = permanent_reasons(work, self.states, at, self.schedules)
            if not isinstance(found, Unroutable) or found.reasons != reasons:
                self.fail(work, found, "unroutable", reasons)
        else:
            when = next_eligible(work, self.states, at, self.schedules)
            if not isinstance(found, Waiting) or (
                found.next_eligible_at != (None if when is None else from_micros(when))
            ):
                self.fail(work, found, "waiting until", when)
