"""Laws of routing that are run rather than read: long seeded loops over a live router.

`router_equals_linear_choice` drives a `Router` with random operations and compares every choice
with the plain linear rules; it raises `AssertionError` at the first difference, naming seed and
step.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import final

from entitlements.calendars import Calendar
from entitlements.kernel.instants import from_micros, to_micros
from entitlements.kernel.spans import Span
from entitlements.routing import (
    DEFAULT_STRATEGY,
    LEAST_LOADED,
    LONGEST_IDLE,
    STRATEGIES,
    Agent,
    RateLimit,
    Requirement,
    Roster,
    Router,
    RoutingObligations,
    Strategy,
    Work,
    route,
)
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.eligibility.eligibility import obstacles
from entitlements.routing.selection import choose_agent
from entitlements.routing.strategies.strategy import SelectionContext

START = datetime(2026, 3, 2, tzinfo=UTC)
_MINUTE = 60_000_000
_WHOLE = 5_000
_PASSING = (0, 1, 7 * _MINUTE, 40 * _MINUTE) * 7 + (-3 * _MINUTE,)
_DEEDS = {"assign": 45, "complete": 38, "status": 7, "skills": 4, "hire": 3, "dismiss": 3}
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
class Drive:
    """One seeded run; `counts` says how often each thing happened."""

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
        self.step = 0
        self.hired = agents
        self.kinds = [self.requirement() for _ in range(24)]

    def agent(self, id: str) -> Agent:
        """Return an agent with a few random quirks."""
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
            most=chance.choice([None, None, 2]),
            alongside=chance.choice([{}, {}, {"phone": []}]),
            pace=chance.choice([None, None, RateLimit(2, timedelta(minutes=30))]),
            shift=chance.choice(_SHIFTS),
            absences=chance.choice([[], [], [Span(start, start + timedelta(hours=9))]]),
            extra=chance.choice([[], [], [Span(start, start + timedelta(hours=3))]]),
            clearances=chance.choice([{}, {"sc": 1}]),
            region=chance.choice([None, "eu", "us"]),
            tier=chance.randrange(2),
            weight=chance.randrange(1, 4),
            speed=chance.randrange(1, 4),
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
        known = list(self.router.index.agent_states) or ["nobody"]
        return Work(
            id=id,
            opened=from_micros(self.at),
            requires=chance.choice(self.kinds),
            preferred_agents=chance.sample(known, 1) if chance.randrange(10) == 0 else (),
            excluded_agents=chance.sample(known, 1) if chance.randrange(10) == 0 else (),
        )

    def run(self, operations: int) -> Counter[str]:
        """Do that many random operations, comparing every choice."""
        for _ in range(operations):
            self.step += 1
            self.operate()
            if self.step % _WHOLE == 0:
                self.compare_whole()
        return self.counts

    def operate(self) -> None:
        """Let some time pass, choose, and change something."""
        self.at += self.chance.choice(_PASSING)
        work = self.work(f"w{self.step}")
        seat = self.check(work)
        deed = self.chance.choices(tuple(_DEEDS), tuple(_DEEDS.values()))[0]
        if deed == "assign" and seat is None:
            deed = "complete"
        getattr(self, deed)(work, seat)
        self.counts[deed] += 1

    def assign(self, work: Work, seat: AgentState) -> None:
        """Give the work to whom the index chose; no pool may be above its limit then."""
        self.router.assign(work, seat.id, from_micros(self.at))
        for pool, load in seat.load.items():
            limit = seat.agent.capacity.get(pool)
            if limit is not None and load > limit:
                raise AssertionError(f"seed {self.seed}, step {self.step}: {seat.id} holds {load}")

    def complete(self, _work: Work, _seat: AgentState | None) -> None:
        """Take some work out of somebody's hands."""
        held = [work for seat in self.router.index.agent_states.values() for work in seat.held]
        if held:
            done = self.chance.randrange(5) > 0
            self.router.complete(self.chance.choice(held), from_micros(self.at), done=done)

    def status(self, _work: Work, _seat: AgentState | None) -> None:
        """Let somebody leave or come back."""
        away, known = self.chance.randrange(5) > 2, self.chance.randrange(2)  # noqa: PLR2004 - odds
        back = from_micros(self.at + 90 * _MINUTE) if away and known else None
        self.router.set_status(self.anybody(), from_micros(self.at), away=away, back=back)

    def skills(self, _work: Work, _seat: AgentState | None) -> None:
        """Let somebody learn one skill and forget all others."""
        skills = {self.chance.choice("xyz"): self.chance.randrange(3)}
        self.router.change_skills(self.anybody(), skills)

    def hire(self, _work: Work, _seat: AgentState | None) -> None:
        """Add an agent, unless there are many."""
        if len(self.router.index.agent_states) < 2 * self.size:
            self.hired += 1
            self.router.add(self.agent(f"a{self.hired:03}"))

    def dismiss(self, _work: Work, _seat: AgentState | None) -> None:
        """Remove somebody with empty hands, unless there are few."""
        agent = self.anybody()
        if (
            not self.router.index.agent_states[agent].held
            and len(self.router.index.agent_states) > self.size / 2
        ):
            self.router.remove(agent)

    def anybody(self) -> str:
        """Return one agent's id."""
        return self.chance.choice(list(self.router.index.agent_states))

    def check(self, work: Work) -> AgentState | None:
        """Choose with the index and with the linear rules; both must agree."""
        index = self.router.index
        pick = SelectionContext(
            work.requires, self.at, work.id, to_micros(work.opened), index.since
        )
        able: list[AgentState] = [
            seat
            for seat in index.agent_states.values()
            if not obstacles(seat, work.requires, self.at, excluded=work.excluded_agents)
        ]
        expected = choose_agent(able, work, pick, self.strategy)
        found = self.router.seat(work, self.at)
        self.counts["choice" if found else "nobody"] += 1
        if found is not expected:
            raise AssertionError(
                f"seed {self.seed}, step {self.step}, {self.strategy.name}: index says "
                f"{found and found.id}, rules say {expected and expected.id}"
            )
        return found

    def compare_whole(self) -> None:
        """Compare answers, with everybody considered, with the pure function on the roster."""
        work, at = self.work("whole"), from_micros(self.at)
        live = self.router.route(work, at)
        pure = route(work, self.router.roster, at, strategy=self.strategy)
        if live != pure or live.considered != pure.considered:
            raise AssertionError(f"seed {self.seed}, step {self.step}: {live} is not {pure}")
        self.counts["whole"] += 1


def router_equals_linear_choice(seed: int, operations: int, agents: int = 12) -> Counter[str]:
    """Run one seeded loop; return what happened how often.

    Every third seed runs the default strategy, the others a random chain of two.

    >>> router_equals_linear_choice(seed=1, operations=50)["assign"] > 0
    True
    """
    return Drive(seed, agents).run(operations)


def router_keeps_capacity(seed: int, operations: int, agents: int) -> Counter[str]:
    """Run one seeded loop with the default strategy on a larger roster."""
    return Drive(seed, agents, LEAST_LOADED.then(LONGEST_IDLE)).run(operations)
