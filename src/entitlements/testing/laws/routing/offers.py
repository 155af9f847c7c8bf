"""Laws of the offer book: long seeded loops of random operations, checked after each of them.

`work_is_in_one_place` raises `AssertionError` with seed and step at the first violation: a piece in
two places or in none, with two holders, or with capacity taken that no limit allows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final, final

import attrs

from entitlements.calendars import Calendar
from entitlements.kernel.errors import EntitlementsError
from entitlements.routing import (
    Agent,
    Assigned,
    GuardedDeadline,
    OfferBook,
    OfferPolicy,
    QueueLimits,
    QueueOrder,
    RelaxationPlan,
    RelaxationStep,
    Requirement,
    Roster,
    RoutingPolicy,
    Work,
    Workload,
    route,
    strict_rank,
)
from entitlements.routing.agents.workload import Reservation
from entitlements.routing.offers.lifecycle import TransitionKind, WorkStatus

START: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)
_STEPS: Final = (0, 0, 0, 1, 7, 30, 61, 900) * 8 + (-45,)
_SHIFTS: Final = (
    None,
    None,
    None,
    Calendar(zone="UTC", week="Mo-Su 06:00-18:00", name="day"),
    Calendar(zone="America/New_York", week="Mo-Su 09:00-17:00", name="boston"),
)
_OPERATIONS: Final = {
    "add": 22,
    "offer": 18,
    "drain": 3,
    "accept": 18,
    "decline": 9,
    "complete": 13,
    "act": 5,
    "transfer": 4,
    "cancel": 2,
    "rescind": 2,
    "park": 2,
    "enqueue": 2,
    "replace": 3,
    "status": 4,
    "skills": 2,
    "hire": 1,
    "dismiss": 2,
    "nonsense": 2,
}
_WEIGHTS: Final[tuple[Mapping[str, int] | int, ...]] = (1, 1, 2, {"work": 1, "deep": 1})
_HELD: Final = frozenset(
    {WorkStatus.ACCEPTED, WorkStatus.IN_WORK, WorkStatus.PAUSED, WorkStatus.WRAPPING}
)


@final
class OfferRun:
    """One seeded run; `counts` holds the number of each operation, event and refusal."""

    def __init__(self, seed: int, agents: int = 8) -> None:
        self.seed = seed
        self.chance = Random(seed)  # noqa: S311 - reproducible on purpose
        self.counts: Counter[str] = Counter()
        self.at = START
        self.step = 0
        self.hired = agents
        self.added = 0
        self.fences: dict[str, int] = {}
        people = [self.agent(f"a{n}") for n in range(agents)]
        self.book = OfferBook(Roster(agents=people, since=START), self.policy())

    def policy(self) -> RoutingPolicy:
        """Return a policy with random rules of offers."""
        chance = self.chance
        offers = OfferPolicy(
            lease=chance.choice([10, 30, 90]) * _SECOND,
            declines=chance.choice([None, 2, 5]),
            agent_declines=chance.choice([None, 1, 2]),
            cool_down=chance.choice([None, 60 * _SECOND]),
            wrap_up=chance.choice([0, 20]) * _SECOND,
            silence=chance.choice([None, 600 * _SECOND]),
            longest_wait=chance.choice([None, 1_800 * _SECOND]),
            keep_age=chance.random() < 0.7,  # noqa: PLR2004 - most policies
        )
        limits = QueueLimits(length=6, age=3_600 * _SECOND, unstaffed=True, overflow=["net"])
        orders: tuple[QueueOrder, ...] = (GuardedDeadline(), strict_rank("routable"))
        return RoutingPolicy(
            order=chance.choice(orders),
            offers=offers,
            queues=chance.choice([{}, {"db": limits, "net": QueueLimits(length=20)}]),
        )

    def agent(self, id: str) -> Agent:
        """Return an agent with a few random limits and times."""
        chance = self.chance
        return Agent(
            id=id,
            groups=chance.sample(["db", "net"], chance.randrange(1, 3)),
            skills={name: chance.randrange(3) for name in chance.sample("xy", chance.randrange(3))},
            capacity={"work": chance.choice([1, 2, 3]), "deep": 1},
            channels=chance.choice([None, None, {"phone": 1, "chat": 2}]),
            work_limit=chance.choice([None, None, 2]),
            shift=chance.choice(_SHIFTS),
        )

    def text(self, id: str) -> Work:
        """Return random work with that id."""
        chance = self.chance
        requires = Requirement(
            groups=chance.choice([(), "db", "db", "net", ["db", "net"]]),
            skills={name: chance.randrange(2) for name in chance.sample("xy", chance.randrange(2))},
            channel=chance.choice([None, None, "phone", "chat"]),
            weights=chance.choice(_WEIGHTS),
            exclusive=chance.random() < 0.1,  # noqa: PLR2004 - few pieces
        )
        plan = RelaxationPlan(
            steps=[
                RelaxationStep(after=300 * _SECOND, drop="x", on_expiry=True),
                RelaxationStep(after=900 * _SECOND, any_group=True, unstaffed=True),
            ]
        )
        return Work(
            id=id,
            opened=min(self.at, self.at - chance.randrange(3) * 60 * _SECOND),
            rank=chance.randrange(3),
            due=chance.choice([None, self.at + chance.randrange(-9, 60) * 60 * _SECOND]),
            requires=requires,
            preferred_agents=chance.choice([(), (), ["a0"]]),
            relaxation=chance.choice([None, None, plan]),
        )

    def run(self, operations: int) -> None:
        """Do so many random operations, and check the book after each."""
        kinds, weights = list(_OPERATIONS), list(_OPERATIONS.values())
        for _ in range(operations):
            self.step += 1
            self.at += self.chance.choice(_STEPS) * _SECOND
            kind = self.chance.choices(kinds, weights)[0]
            self.counts[kind] += 1
            compared = self.step % 20 == 0
            before = self.picture() if compared else None
            try:
                self.do(kind)
            except EntitlementsError as error:
                self.counts[type(error).__name__] += 1
                self.expect(
                    before is None or before == self.picture(), f"a refused `{kind}` changed a part"
                )
            self.check()

    def expect(self, condition: bool, message: str) -> None:  # noqa: FBT001 - an assertion
        """Raise `AssertionError` with seed and step unless the condition holds."""
        if not condition:
            raise AssertionError(f"seed {self.seed}, step {self.step}: {message}")

    def picture(self) -> object:
        """Return everything that a refused operation must not change."""
        book = self.book
        waiting = frozenset((work.id, work) for work in book.waiting)
        return book.roster, {id: (book.work(id), book.state(id)) for id in book}, waiting

    def some(self) -> str:
        """Return the id of a piece in the book, or of one that is not."""
        ids = list(self.book)
        return self.chance.choice(ids) if ids and self.chance.random() < 0.97 else "nothing"  # noqa: PLR2004 - sometimes

    def do(self, kind: str) -> None:
        """Do one operation of a kind."""
        chance, book, at = self.chance, self.book, self.at
        match kind:
            case "add":
                if len(book) < 60 or chance.random() < 0.1:  # noqa: PLR2004 - a full desk
                    self.added += 1
                    book.add(self.text(f"w{self.added}"), at)
            case "offer":
                self.offered()
            case "drain":
                book.drain(at, limit=chance.choice([None, 1, 3]))
            case "accept" | "decline":
                self.answer(kind)
            case "act":
                action = chance.choice(
                    ["start", "pause", "resume", "heartbeat", "release", "close"]
                )
                book.act(self.some(), action, at)
            case "transfer":
                book.transfer(self.some(), at, to=chance.choice([None, *book.roster.agents]))
            case "replace":
                book.replace(self.text(self.some()), at)
            case "complete" | "cancel" | "rescind" | "park" | "enqueue":
                getattr(book, kind)(self.some(), at)
            case _:
                self.change_agents(kind)

    def change_agents(self, kind: str) -> None:
        """Change an agent, or do something that is refused."""
        chance, book, at = self.chance, self.book, self.at
        agents = book.roster.agents
        if kind == "hire" or not agents:
            self.hired += 1
            book.add_agent(self.agent(f"a{self.hired}"))
            return
        agent = agents[chance.choice(sorted(agents))]
        if kind == "status":
            away = chance.random() < 0.4  # noqa: PLR2004 - more present than away
            back = chance.choice([None, at + 600 * _SECOND]) if away else None
            book.set_status(agent.id, at, away=away, back=back)
        elif kind == "skills":
            skills = {name: chance.randrange(3) for name in chance.sample("xy", 2)}
            book.replace_agent(attrs.evolve(agent, skills=skills))
        elif kind == "dismiss":
            book.remove_agent(agent.id, at, policy=chance.choice(["refuse", "requeue"]))
        elif chance.random() < 0.5:  # noqa: PLR2004 - either
            book.add(book.work(self.some()), at)
        else:
            book.accept(self.some(), agent.id, 10**6, at)

    def answer(self, kind: str) -> None:
        """Accept or decline an open offer, sometimes with an old fence."""
        chance, book = self.chance, self.book
        offers = [(id, each) for id in book for each in book.state(id).leases]
        if not offers:
            return
        id, lease = chance.choice(offers)
        fence = lease.fence if chance.random() < 0.95 else max(1, lease.fence - 1)  # noqa: PLR2004 - most
        if kind == "accept":
            book.accept(id, lease.agent, fence, self.at)
        else:
            book.decline(id, lease.agent, fence, self.at, chance.choice(["", "lunch"]))

    def offered(self) -> None:
        """Offer all waiting work; then no agent can take any of it, by the linear rule."""
        book, at, chance = self.book, self.at, self.chance
        book.advance(at)
        if self.step % 5 == 0:
            self.offered_in_order()
        limit = chance.choice([None, None, 1])
        events = book.offer(at, limit=limit, parallel=chance.choice([1, 1, 3]))
        self.counts["offers"] += sum(each.kind is TransitionKind.OFFERED for each in events)
        if limit is None and self.step % 5 == 0:
            roster = book.roster
            for work in book.waiting:
                answer = route(work, roster, at, strategy=book.policy.strategy)
                self.expect(not isinstance(answer, Assigned), f"`{work.id}` was passed over")
                self.counts["waits rightly"] += 1

    def offered_in_order(self) -> None:
        """Offer one piece; it is the first in order of all that an agent can take."""
        book, at = self.book, self.at
        book.offer(at, limit=0)
        roster, strategy = book.roster, book.policy.strategy
        answers = {each.id: route(each, roster, at, strategy=strategy) for each in book.waiting}
        able = [each for each in book.waiting if isinstance(answers[each.id], Assigned)]
        counts = Counter(each.rank for each in book.waiting)
        first = book.policy.order.first(able, at, book.served, counts)
        found = [(each.work, each.agent) for each in book.offer(at, limit=1)]
        answer = None if first is None else answers[first.id]
        expected = [(answer.work, answer.agent)] if isinstance(answer, Assigned) else []
        self.expect(found == expected, f"{found} was offered instead of {expected}")
        self.counts["offered in order"] += len(expected)

    def check(self) -> None:
        """Check that each piece is in one place, and that no limit is broken."""
        book = self.book
        roster = book.roster
        rooms: dict[str, list[tuple[str, str]]] = {}
        for id, workload in roster.workloads.items():
            self.check_limits(roster.agents[id], workload)
            for key in workload.held:
                reservation = Reservation.of(key)
                work = key if reservation is None else reservation.work
                rooms.setdefault(work, []).append((id, key))
        waiting = {work.id for work in book.waiting}
        self.expect(waiting <= set(book), "work waits that is not in the book")
        self.expect(set(rooms) <= set(book), "capacity is taken for work that is not in the book")
        for id in book:
            self.check_piece(id, rooms.get(id, []), waits=id in waiting)

    def check_piece(self, id: str, rooms: list[tuple[str, str]], *, waits: bool) -> None:
        """Check the place of one piece, its holder, its offers and its capacity."""
        state, holder = self.book.state(id), self.book.holder(id)
        places = {
            "waiting": waits,
            "offered": bool(state.leases),
            "held": holder is not None,
            "parked": state.status is WorkStatus.PARKED,
        }
        self.expect(sum(places.values()) == 1, f"`{id}` is in these places: {places}")
        agents = sorted(agent for agent, _ in rooms)
        if holder is not None:
            self.expect(rooms == [(holder, id)], f"`{id}` is held by {holder}, capacity: {rooms}")
            self.expect(state.status in _HELD, f"`{id}` is held and {state.status}")
        else:
            leased = sorted(each.agent for each in state.leases)
            self.expect(agents == leased, f"`{id}` is offered to {leased}, capacity: {rooms}")
            own = sum(key == id for _, key in rooms)
            self.expect(own == bool(rooms), f"`{id}` is assigned under its id to {own} agents")
        self.expect(state.fence >= self.fences.get(id, 0), f"the fence of `{id}` has decreased")
        self.fences[id] = state.fence

    def check_limits(self, agent: Agent, workload: Workload) -> None:
        """Check the limits of one agent by a new sum over all work."""
        held = [each.requires for each in workload.held.values()]
        for pool, limit in agent.capacity.items():
            load = sum(each.weights.get(pool, 0) for each in held)
            self.expect(limit is None or load <= limit, f"`{agent.id}` has {load} in `{pool}`")
        for channel, limit in (agent.channels or {}).items():
            count = sum(each.channel == channel for each in held)
            self.expect(limit is None or count <= limit, f"`{agent.id}` has {count} on `{channel}`")
        self.expect(
            agent.work_limit is None or len(held) <= agent.work_limit, f"`{agent.id}` has too much"
        )
        alone = len(held) == 1 or not any(each.exclusive for each in held)
        self.expect(alone, f"`{agent.id}` has other work beside exclusive work")


def work_is_in_one_place(seed: int, operations: int = 5_000, agents: int = 8) -> Counter[str]:
    """Run one seeded loop and return the counts of operations, offers and refusals.

    Raises:
        AssertionError: a piece is in two places or in none, has two holders, breaks a limit, or was
            passed over; or a refused operation has changed something.
    """
    run = OfferRun(seed, agents)
    run.run(operations)
    return run.counts
