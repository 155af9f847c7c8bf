"""A dispatch looks only at agents who may take more than before, and at new work."""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs
import pytest

from entitlements.calendars import Calendar
from entitlements.kernel.instants import to_micros, utc
from entitlements.routing import (
    Agent,
    OnCall,
    OnCallLayer,
    RelaxationPlan,
    RelaxationStep,
    Requirement,
    Roster,
    Router,
    Waiting,
    Work,
)
from entitlements.routing.live.backlog import Backlog

NINE = utc("2026-03-02T09:00Z")


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


def picks(backlog: Backlog, router: Router, at: datetime) -> int:
    """Return how often an agent is chosen in the next drain."""
    dispatch = backlog._dispatch(router, at)  # noqa: SLF001 - what is looked at is the point
    if dispatch is None:
        return 0
    while (found := dispatch.next(backlog.order, backlog.served)) is not None:
        piece, agent = found
        router.index.take(piece.work.id, piece.queue.requires, agent, to_micros(at))
        backlog.remove(piece.work.id, served=True)
        dispatch.taken(agent)
    backlog._gains.touched.clear()  # noqa: SLF001 - what is looked at is the point
    return dispatch.picks


@pytest.mark.parametrize("kinds", [10, 100, 400])
def test_work_known_to_be_blocked_is_not_looked_at_again(kinds: int) -> None:
    backlog, router = blocked(kinds)
    assert picks(backlog, router, NINE) == 0
    assert backlog._dispatch(router, NINE) is None  # noqa: SLF001 - nothing at all is done
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
    assert picks(backlog, router, NINE) <= 2 * 3


@pytest.mark.parametrize("size", [40, 160])
def test_when_many_agents_come_each_piece_costs_at_most_one_choice_for_each_rank(
    size: int,
) -> None:
    backlog, router = blocked(size, agents=size)
    for n in range(size):
        router.change_skills(f"a{n:03}", [f"klingon {n}"])
    assert picks(backlog, router, NINE) <= 3 * size
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
