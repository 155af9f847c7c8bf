"""Laws of routing: long seeded loops of random operations on a live router.

`router_equals_linear_choice` compares every choice of a `Router` with the linear rule, and raises
`AssertionError` with seed and step at the first difference.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import final

import attrs

from entitlements.calendars import Calendar
from entitlements.kernel.instants import from_micros, from_micros_or_none, to_micros
from entitlements.kernel.periods.spans import Span
from entitlements.routing import (
    DEFAULT_STRATEGY,
    LEAST_LOADED,
    LONGEST_IDLE,
    STRATEGIES,
    Agent,
    Assigned,
    RateLimit,
    Requirement,
    Roster,
    Router,
    RoutingObligations,
    Strategy,
    Work,
    Workload,
    route,
)
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.eligibility.eligibility import obstacles
from entitlements.routing.selection import choose_agent
from entitlements.routing.strategies.strategy import SelectionContext

START = datetime(2026, 3, 2, tzinfo=UTC)
_MINUTE = 60_000_000
_STEPS_PER_COMPARISON = 5_000
_TIME_STEPS = (0, 1, 7 * _MINUTE, 40 * _MINUTE) * 7 + (-3 * _MINUTE,)
_OPERATIONS = {"assign": 45, "complete": 38, "status": 7, "skills": 4, "hire": 3, "dismiss": 3}
_WEIGHTS: tuple[dict[str, int], ...] = (
    {"work": 1},
    {"work": 1},
    {"work": 0},
    {"work": 2},
    {"work": 1, "deep": 1},
)
_SHIFTS = (
    None,
    None,
    Calendar(zone="UTC", week="Mo-Fr 06:00-14:00", name="early"),
    Calendar(zone="Europe/Berlin", week="Mo-Su 13:00-23:00", name="late"),
    Calendar(zone="America/New_York", week="Mo-Su 22:00-06:00", name="night"),
)


@final
class RouterRun:
    """One seeded run; `counts` holds the number of each operation and result."""

    def __init__(self, seed: int, agents: int = 12, strategy: Strategy | None = None) -> None:
        self.seed = seed
        self.chance = Random(seed)  # noqa: S311 - reproducible on purpose
        self.size = agents
        self.counts: Counter[str] = Counter()
        self.at = to_micros(START)
        names = sorted(STRATEGIES)
        one, two = self.chance.choice(names), self.chance.choice(names)
        drawn = STRATEGIES[one].then(STRATEGIES[two]) if seed % 3 else DEFAULT_STRATEGY
        self.strategy = drawn if strategy is None else strategy
        people = [self.agent(f"a{n:03}") for n in range(agents)]
        self.router = Router(Roster(agents=people, since=START), self.strategy)
        # The same agents, changed by the same operations, but without an index.
        self.states = {each.id: AgentState(each, Workload()) for each in people}
        self.assignment_count = 0
        self.step = 0
        self.hired = agents
        self.kinds = [self.requirement() for _ in range(24)]

    def agent(self, id: str) -> Agent:
        """Return an agent with a few random limits and times."""
        chance = self.chance
        start = START + timedelta(hours=chance.randrange(200))
        return Agent(
            id=id,
            groups=chance.sample(["db", "net"], chance.randrange(3)),
            skills={
                name: chance.randrange(3) for name in chance.sample("xyz", chance.randrange(4))
            },
            capacity={"work": chance.choice([None, 0, 1, 2, 5]), "deep": 1},
            channels=chance.choice([None, None, {"phone": 1, "chat": 3}]),
            work_limit=chance.choice([None, None, 2]),
            combines=chance.choice([{}, {}, {"phone": []}]),
            rate_limit=chance.choice([None, None, RateLimit(2, timedelta(minutes=30))]),
            shift=chance.choice(_SHIFTS),
            absences=chance.choice([[], [], [Span(start, start + timedelta(hours=9))]]),
            overtime=chance.choice([[], [], [Span(start, start + timedelta(hours=3))]]),
            clearances=chance.choice([{}, {"sc": 1}]),
            region=chance.choice([None, "eu", "us"]),
            tier=chance.randrange(2),
            weight=chance.randrange(1, 4),
            speed=chance.randrange(1, 4),
            position=chance.randrange(3),
        )

    def requirement(self) -> Requirement:
        """Return a random requirement."""
        chance = self.chance
        return Requirement(
            groups=chance.choice([(), (), "db", "net"]),
            skills={
                name: chance.randrange(2) for name in chance.sample("xyz", chance.randrange(2))
            },
            preferred=chance.choice([{}, {"y": 2}]),
            channel=chance.choice([None, "phone", "chat"]),
            weights=chance.choice(_WEIGHTS),
            exclusive=chance.randrange(20) == 0,
            obligations=chance.choice(
                [
                    RoutingObligations(),
                    RoutingObligations(),
                    RoutingObligations(clearances="sc", residency=["eu"]),
                ]
            ),
        )

    def work(self, id: str) -> Work:
        """Return random work of one of a few kinds."""
        chance = self.chance
        known = list(self.states) or ["unknown"]
        return Work(
            id=id,
            opened=from_micros(self.at),
            requires=chance.choice(self.kinds),
            preferred_agents=chance.sample(known, 1) if chance.randrange(10) == 0 else (),
            excluded_agents=chance.sample(known, 1) if chance.randrange(10) == 0 else (),
        )

    def run(self, operations: int) -> Counter[str]:
        """Run random operations, and compare every choice."""
        for _ in range(operations):
            self.step += 1
            self.operate()
            if self.step % _STEPS_PER_COMPARISON == 0:
                self.compare_whole()
        return self.counts

    def operate(self) -> None:
        """Let time pass, compare a choice, and run one operation."""
        self.at += self.chance.choice(_TIME_STEPS)
        work = self.work(f"w{self.step}")
        state = self.check(work)
        operation = self.chance.choices(tuple(_OPERATIONS), tuple(_OPERATIONS.values()))[0]
        if operation == "assign" and state is None:
            operation = "complete"
        getattr(self, operation)(work, state)
        self.counts[operation] += 1

    def assign(self, work: Work, state: AgentState) -> None:
        """Assign the work to the chosen agent, and check the limits of all pools."""
        self.router.assign(work, state.id, from_micros(self.at))
        self.assignment_count += 1
        state.assign(work.id, work.requires, self.at, self.assignment_count)
        for pool, load in state.load.items():
            limit = state.agent.capacity.get(pool)
            if limit is not None and load > limit:
                raise AssertionError(
                    f"seed {self.seed}, step {self.step}: {state.id} has load {load}"
                )

    def complete(self, _work: Work, _state: AgentState | None) -> None:
        """Complete or return a random piece of work that was assigned before."""
        held = [
            (work, state)
            for state in self.states.values()
            for work, (_, since) in state.held.items()
            if since <= self.at
        ]
        if held:
            done = self.chance.randrange(5) > 0
            work, state = self.chance.choice(held)
            self.router.complete(work, from_micros(self.at), done=done)
            state.release(work, self.at, done=done)

    def status(self, _work: Work, _state: AgentState | None) -> None:
        """Set the status of a random agent."""
        away, known = self.chance.randrange(5) > 2, self.chance.randrange(2)  # noqa: PLR2004 - odds
        back = self.at + 90 * _MINUTE if away and known else None
        agent, at = self.random_agent(), from_micros(self.at)
        self.router.set_status(agent, at, away=away, back=from_micros_or_none(back))
        self.states[agent].set_away(self.at, away=away, back=back)

    def skills(self, _work: Work, _state: AgentState | None) -> None:
        """Give a random agent one skill in place of all others."""
        skills = {self.chance.choice("xyz"): self.chance.randrange(3)}
        agent = self.random_agent()
        self.router.change_skills(agent, skills)
        state = self.states[agent]
        changed = attrs.evolve(state.agent, skills=skills)
        self.states[agent] = AgentState(changed, state.workload())

    def hire(self, _work: Work, _state: AgentState | None) -> None:
        """Add an agent, unless the roster has twice its size."""
        if len(self.states) < 2 * self.size:
            self.hired += 1
            new = self.agent(f"a{self.hired:03}")
            self.router.add(new)
            self.states[new.id] = AgentState(new, Workload(assignment_number=self.assignment_count))

    def dismiss(self, _work: Work, _state: AgentState | None) -> None:
        """Remove an agent without assigned work, unless half of the agents are gone."""
        agent = self.random_agent()
        if not self.states[agent].held and len(self.states) > self.size / 2:
            self.router.remove(agent)
            del self.states[agent]

    def random_agent(self) -> str:
        """Return the id of a random agent."""
        return self.chance.choice(list(self.states))

    def check(self, work: Work) -> AgentState | None:
        """Return the choice of the router, compared with the choice of the linear rule."""
        context = SelectionContext(
            work.requires, self.at, work.id, to_micros(work.opened), to_micros(START)
        )
        eligible = [
            state
            for state in self.states.values()
            if not obstacles(state, work.requires, self.at, excluded=work.excluded_agents)
        ]
        expected = choose_agent(eligible, work, context, self.strategy)
        answer = self.router.route(work, from_micros(self.at))
        found = answer.agent if isinstance(answer, Assigned) else None
        self.counts["choice" if found else "no choice"] += 1
        if found != (expected and expected.id):
            raise AssertionError(
                f"seed {self.seed}, step {self.step}, {self.strategy.name}: the router chooses "
                f"{found}, the rules choose {expected and expected.id}"
            )
        return expected

    def compare_whole(self) -> None:
        """Compare a live answer, with all agents considered, with the answer of `route`."""
        work, at = self.work("whole"), from_micros(self.at)
        live = self.router.route(work, at)
        roster = Roster(
            agents={id: state.agent for id, state in self.states.items()},
            workloads={id: state.workload() for id, state in self.states.items()},
            assignment_count=self.assignment_count,
            since=START,
        )
        pure = route(work, roster, at, strategy=self.strategy)
        if live != pure or live.considered != pure.considered or self.router.roster != roster:
            raise AssertionError(f"seed {self.seed}, step {self.step}: {live} is not {pure}")
        self.counts["whole"] += 1


def router_equals_linear_choice(seed: int, operations: int, agents: int = 12) -> Counter[str]:
    """Run one seeded loop and return the number of each operation and result.

    Every third seed runs the default strategy, the others a random chain of two.

    >>> router_equals_linear_choice(seed=1, operations=50)["assign"] > 0
    True
    """
    return RouterRun(seed, agents).run(operations)


def router_keeps_capacity(seed: int, operations: int, agents: int) -> Counter[str]:
    """Run one seeded loop with the default strategy on a roster of `agents`."""
    return RouterRun(seed, agents, LEAST_LOADED.then(LONGEST_IDLE)).run(operations)
