"""Random worlds: agents, requirements, plans and work in which ties and limits are common."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from entitlements.calendars import Calendar
from entitlements.kernel.instants import utc
from entitlements.kernel.periods.spans import Span
from entitlements.routing import (
    DEFAULT_STRATEGY,
    EARLIEST_DEADLINE,
    FIRST_IN_FIRST_OUT,
    STRATEGIES,
    STRICT_RANK,
    Agent,
    AssignmentOverride,
    FixedRatio,
    GuardedDeadline,
    MarginalCost,
    QueueOrder,
    RankPlusDelay,
    RateLimit,
    RelaxationPlan,
    RelaxationStep,
    Requirement,
    RoutingObligations,
    Strategy,
    Work,
    custom_strategy,
    linear_ageing,
    power_of_d,
)

START = utc("2026-03-02T06:00Z")
MINUTE = timedelta(minutes=1)
SUPERVISOR = AssignmentOverride(by="grace", reason="nobody else is left")
SHIFTS = (
    None,
    None,
    None,
    Calendar(zone="UTC", week="Mo-Fr 06:00-14:00", name="early"),
    Calendar(zone="Europe/Berlin", week="Mo-Su 13:00-23:00", name="late"),
    Calendar.never(),
)
ORDERS: tuple[QueueOrder, ...] = (
    GuardedDeadline(),
    GuardedDeadline(relief=3, due_after=timedelta(hours=2)),
    GuardedDeadline(relief=None, due_after=timedelta(minutes=30)),
    STRICT_RANK,
    FIRST_IN_FIRST_OUT,
    EARLIEST_DEADLINE,
    RankPlusDelay({1: timedelta(minutes=45), 2: timedelta(hours=3)}),
    FixedRatio({0: 1, 1: 2, 2: 3}),
    MarginalCost({0: 3, 1: 2}),
    linear_ageing({0: timedelta(hours=1)}),
)


def random_strategy(chance: Random) -> Strategy:
    names = sorted(STRATEGIES)
    one, two = (STRATEGIES[chance.choice(names)] for _ in range(2))
    kind = chance.randrange(10)
    if kind < 4:
        return DEFAULT_STRATEGY
    if kind == 4:
        return power_of_d(2, one)
    if kind == 5:
        return one.then(custom_strategy("region", lambda state, _: state.agent.region or ""))
    return one.then(two)


class RandomWorld:
    """Draws values for one seeded world."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.chance = Random(seed)  # noqa: S311 - reproducible on purpose
        self.at: datetime = START
        self.made = 0
        self.kinds = [self.requirement() for _ in range(self.chance.choice([3, 12, 40]))]
        self.plans = [self.plan() for _ in range(3)]

    def agent(self, id: str) -> Agent:
        """Return an agent with a few limits and times."""
        chance = self.chance
        start = START + timedelta(hours=chance.randrange(48))
        rare = chance.randrange(3) == 0
        return Agent(
            id=id,
            groups=chance.sample(["db", "net"], chance.randrange(3)),
            skills={n: chance.randrange(1, 4) for n in chance.sample("wxyz", chance.randrange(4))},
            capacity={"work": chance.choice([None, 1, 1, 2, 3]), "deep": 1},
            channels=chance.choice([None, {"phone": 1, "chat": 3}]) if rare else None,
            work_limit=chance.choice([None, 2]) if rare else None,
            combines=chance.choice([{}, {"phone": []}, {"chat": ["chat"]}]) if rare else {},
            rate_limit=chance.choice([None, RateLimit(2, timedelta(minutes=30))]) if rare else None,
            position=chance.randrange(3),
            shift=chance.choice(SHIFTS),
            absences=[Span(start, start + timedelta(hours=9))] if chance.randrange(9) == 0 else [],
            overtime=[Span(start, start + timedelta(hours=3))] if chance.randrange(9) == 0 else [],
            clearances=chance.choice([{}, {"sc": 1}]),
            region=chance.choice([None, "eu", "us"]),
            tier=chance.randrange(2),
            weight=chance.randrange(1, 4),
            speed=chance.randrange(1, 4),
        )

    def requirement(self) -> Requirement:
        """Return a requirement."""
        chance = self.chance
        rare = chance.randrange(4) == 0
        return Requirement(
            groups=chance.choice([(), (), "db", ("db", "net")]),
            skills={n: chance.randrange(1, 4) for n in chance.sample("wxyz", chance.randrange(3))},
            preferred=chance.choice([{}, {"y": 2}]),
            channel=chance.choice([None, "phone", "chat"]) if rare else None,
            weights=chance.choice([1, 1, 0, 2, {"work": 1, "deep": 1}]) if rare else 1,
            exclusive=rare and chance.randrange(3) == 0,
            on_call="night" if chance.randrange(12) == 0 else None,
            obligations=chance.choice(
                [RoutingObligations(), RoutingObligations(clearances="sc", residency=["eu"])]
            )
            if rare
            else RoutingObligations(),
        )

    def plan(self) -> RelaxationPlan:
        """Return a relaxation plan of one to three steps."""
        chance = self.chance
        steps = [
            RelaxationStep(
                after=after * MINUTE,
                drop=chance.sample("wxyz", chance.randrange(3)),
                lower=dict.fromkeys(chance.sample("wxyz", 2), 1),
                any_group=chance.randrange(3) == 0,
            )
            for after in sorted(chance.sample([5, 20, 45, 120, 300], chance.randrange(1, 4)))
        ]
        hours = chance.choice([None, None, SHIFTS[3]])
        return RelaxationPlan(steps=steps, hours=hours)

    def work(self, agents: list[str], taken: set[str]) -> Work:
        """Return work; `agents` may be preferred or excluded, `taken` ids are in use."""
        chance = self.chance
        self.made += 1
        known = [*agents, "nobody"]
        # An id may return after the work has gone.
        number = self.made if chance.randrange(9) else chance.randrange(self.made)
        id = f"w{number}"
        if id in taken:
            id = f"w{self.made}"
        return Work(
            id=id,
            opened=self.at - chance.choice([0, 0, 3, 60]) * MINUTE,
            requires=chance.choice(self.kinds) if chance.randrange(9) else self.requirement(),
            rank=chance.randrange(3),
            due=chance.choice([None, self.at + chance.randrange(-60, 240) * MINUTE]),
            preferred_agents=chance.sample(known, 1) if chance.randrange(9) == 0 else (),
            excluded_agents=chance.sample(known, 1) if chance.randrange(9) == 0 else (),
            demoted_agents=chance.sample(known, 1) if chance.randrange(9) == 0 else (),
            relaxation=chance.choice(self.plans) if chance.randrange(10) < 3 else None,
            steps_taken=chance.randrange(3) if chance.randrange(3) == 0 else 0,
        )
