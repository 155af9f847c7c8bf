"""A dispatch looks only at agents who may take more than before, and at new work."""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs
import pytest

from entitlements.calendars import Calendar
from entitlements.kernel.instants import to_micros, utc
from entitlements.routing import (
    EARLIEST_DEADLINE,
    FIRST_IN_FIRST_OUT,
    STRICT_RANK,
    Agent,
    GuardedDeadline,
    OnCall,
    OnCallLayer,
    QueueOrder,
    RankPlusDelay,
    RelaxationPlan,
    RelaxationStep,
    Requirement,
    Roster,
    Router,
    Waiting,
    Work,
)
from entitlements.routing.live.backlog import Backlog
from entitlements.routing.live.dispatch import Dispatch

NINE = utc("2026-03-02T09:00Z")
HOUR = timedelta(hours=1)
KINDS = [Requirement(skills=name) for name in ("x", "y", "z")]
ORDERS = [STRICT_RANK, FIRST_IN_FIRST_OUT, EARLIEST_DEADLINE, GuardedDeadline(relief=2)]


def work(n: int, skill: str = "", rank: int = 0) -> Work:
    """Return work opened in the order of its number."""
    requires = Requirement(skills={skill: 1} if skill else {})
    return Work(id=f"w{n:03}", opened=NINE + timedelta(seconds=n), rank=rank, requires=requires)


def blocked(number: int, *, agents: int = 20) -> tuple[Backlog, Router]:
    """Return a drained backlog of so many kinds of work that no agent can take."""
    router = Router(Roster(agents=[Agent(id=f"a{n:03}", skills="x") for n in range(agents)]))
    backlog = Backlog()
    for n in range(number):
        backlog.add(work(n, f"klingon {n}", rank=n % 3))
    assert backlog.drain(router, NINE) == ()
    return backlog, router


def has_gains(backlog: Backlog, router: Router, at: datetime) -> bool:
    """Return whether a drain looks at anything."""
    return backlog._has_gains(router, at)  # noqa: SLF001 - what is looked at is the point


def picks(backlog: Backlog, router: Router, at: datetime) -> int:
    """Return how often an agent is chosen in the next drain."""
    if not has_gains(backlog, router, at):
        return 0
    queues, touched = backlog._queues, backlog._gains.touched  # noqa: SLF001 - what is looked at is the point
    dispatch = Dispatch(queues, router.index, touched, to_micros(at), at)
    while (found := dispatch.next(backlog.order, backlog.served)) is not None:
        piece, agent = found
        router.index.take(piece.work.id, piece.queue.requires, agent, to_micros(at))
        backlog.remove(piece.work.id, served=True)
        dispatch.taken(agent)
    touched.clear()
    return dispatch.picks


@pytest.mark.parametrize("kinds", [10, 100, 400])
def test_work_known_to_be_blocked_is_not_looked_at_again(kinds: int) -> None:
    backlog, router = blocked(kinds)
    assert picks(backlog, router, NINE) == 0
    assert not has_gains(backlog, router, NINE)
    router.set_status("a001", NINE, away=True)
    router.set_status("a001", NINE, away=False)
    assert picks(backlog, router, NINE) == 0
    backlog.add(work(999, "klingon 1"))
    assert picks(backlog, router, NINE) == 0
    backlog.add(work(1000, "vulcan"))
    assert picks(backlog, router, NINE) == 0


def test_work_that_no_agent_could_take_when_it_was_routed_needs_no_other_choice() -> None:
    backlog, router = blocked(1)
    router.add(Agent(id="z", skills="k", capacity=1))
    router.assign(work(1, "k"), "z", NINE)
    assert picks(backlog, router, NINE) == 0
    refused = work(2, "k")
    assert isinstance(router.route(refused, NINE), Waiting)
    backlog.add(refused)
    assert picks(backlog, router, NINE) == 0


def test_work_is_looked_at_if_an_agent_has_become_free_since_it_was_routed() -> None:
    backlog, router = blocked(1)
    router.add(Agent(id="z", skills="k", capacity=1))
    router.assign(work(1, "k"), "z", NINE)
    refused = work(2, "k")
    assert isinstance(router.route(refused, NINE), Waiting)
    router.complete("w001", NINE)
    assert picks(backlog, router, NINE) == 0
    backlog.add(refused)
    assert picks(backlog, router, NINE) == 1


@pytest.mark.parametrize("kinds", [10, 100, 400])
def test_an_agent_who_learns_a_skill_looks_only_at_work_they_can_take(kinds: int) -> None:
    backlog, router = blocked(kinds)
    router.change_skills("a001", ["klingon 3", "klingon 5"])
    assert [(each.work, each.agent) for each in backlog.drain(router, NINE)] == [
        ("w003", "a001"),
        ("w005", "a001"),
    ]
    router.change_skills("a002", ["klingon 4"])
    router.change_skills("a003", ["klingon 7"])
    assert picks(backlog, router, NINE) == 2


@pytest.mark.parametrize("size", [40, 160])
def test_when_many_agents_come_each_piece_costs_one_choice_of_an_agent(size: int) -> None:
    backlog, router = blocked(size, agents=size)
    for n in range(size):
        router.change_skills(f"a{n:03}", [f"klingon {n}"])
    assert picks(backlog, router, NINE) == size
    assert len(backlog) == 0


def test_work_of_one_kind_waits_in_one_queue_whatever_its_age_rank_and_deadline() -> None:
    router = Router(Roster(agents=[Agent(id="ada", capacity=1)]))
    plan = RelaxationPlan(steps=[RelaxationStep(after=timedelta(days=9), drop="x")])
    backlog = Backlog()
    for n in range(300):
        backlog.add(attrs.evolve(work(n, "x", rank=n % 3), relaxation=plan))
    assert picks(backlog, router, NINE) == 0
    assert len(backlog._queues.queues) == 1  # noqa: SLF001 - the queue is the point


def test_work_for_an_agent_on_call_is_found_among_many_new_kinds_of_work() -> None:
    layer = OnCallLayer(members=["ada"], start=NINE)
    ada = Agent(id="ada", skills="oracle", shift=Calendar.never())
    agents = [ada, Agent(id="bob", capacity=9)]
    router = Router(Roster(agents=agents, on_call=[OnCall(id="db", layers=[layer])]))
    backlog = Backlog()
    for n in range(9):
        backlog.add(work(n, f"klingon {n}"))
    backlog.add(attrs.evolve(work(20), requires=Requirement(skills="oracle", on_call="db")))
    backlog.add(work(21))
    found = backlog.drain(router, NINE)
    assert [(each.work, each.agent) for each in found] == [("w020", "ada"), ("w021", "bob")]


def test_many_new_kinds_of_work_that_no_agent_can_take_need_no_choice_of_an_agent() -> None:
    router = Router(Roster(agents=[Agent(id="ada", skills=["x", "y"], capacity=1)]))
    router.assign(work(99), "ada", NINE)
    router.route(work(98), NINE)
    backlog = Backlog()
    for n in range(50):
        backlog.add(attrs.evolve(work(n, "xy"[n % 2]), excluded_agents=[f"a{n}"]))
    assert picks(backlog, router, NINE) == 0
    router.complete("w099", NINE)
    assert [each.work for each in backlog.drain(router, NINE)] == ["w000"]


def desk(order: QueueOrder) -> tuple[Backlog, Router]:
    """Return an agent at work, and work of three kinds and three ranks, all of it blocked."""
    agents = [Agent(id="ada", capacity=4, skills=["x", "y"]), Agent(id="bob", skills="q")]
    router, backlog = Router(Roster(agents=agents)), Backlog(order)
    for n in range(4):
        router.assign(Work(id=f"h{n}", opened=NINE), "ada", NINE)
    for n in range(18):
        opened = NINE - (n * 7 % 18) * HOUR
        due = NINE + (n * 5 % 18 - 6) * HOUR if n % 4 else None
        work = Work(id=f"w{n:02}", opened=opened, due=due, rank=n % 3, requires=KINDS[n // 3 % 3])
        backlog.add(work)
    assert backlog.drain(router, NINE) == ()
    return backlog, router


def served(order: QueueOrder, *, several: bool) -> list[tuple[str, str]]:
    """Return what is served after each completion; `several` agents are looked at."""
    backlog, router = desk(order)
    found = []
    for n in range(4):
        router.complete(f"h{n}", NINE)
        if several:
            router.set_status("bob", NINE, away=n % 2 == 0)
            router.set_status("bob", NINE, away=False)
        touched = backlog._gains.touched  # noqa: SLF001 - who is looked at is the point
        assert len(touched) == 1 + several
        found += [(each.work, each.agent) for each in backlog.drain(router, NINE)]
    assert len(found) == 4
    return found


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: getattr(order, "name", "guarded"))
def test_one_agent_gets_the_work_that_a_choice_among_all_would_give(order: QueueOrder) -> None:
    assert served(order, several=False) == served(order, several=True)


def test_an_order_that_keeps_work_back_keeps_it_from_one_agent() -> None:
    backlog, router = desk(RankPlusDelay({0: 99 * HOUR, 1: 99 * HOUR, 2: 99 * HOUR}))
    router.complete("h0", NINE)
    assert backlog.drain(router, NINE) == ()
    assert [each.agent for each in backlog.drain(router, NINE + 99 * HOUR)] == ["ada"]


def test_work_that_left_its_queue_is_not_looked_at() -> None:
    backlog, router = desk(STRICT_RANK)
    for n in range(18):
        if n // 3 % 3 != 2:
            backlog.remove(f"w{n:02}")
    router.complete("h0", NINE)
    assert backlog.first(router, NINE) is None
    assert not has_gains(backlog, router, NINE)
    work = Work(id="new", opened=NINE, requires=attrs.evolve(KINDS[0]))
    backlog.add(work)
    assert [each.work for each in backlog.drain(router, NINE)] == ["new"]
