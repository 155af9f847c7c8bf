"""One agent who became free gets what a dispatch for several would give."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest
from entitlements.routing.live.agent_dispatch import AgentDispatch

from entitlements.kernel.instants import utc
from entitlements.routing import (
    EARLIEST_DEADLINE,
    FIRST_IN_FIRST_OUT,
    STRICT_RANK,
    Agent,
    GuardedDeadline,
    QueueOrder,
    RankPlusDelay,
    Requirement,
    Roster,
    Router,
    Work,
)
from entitlements.routing.live.backlog import Backlog
from entitlements.routing.live.dispatch import Dispatch

NINE = utc("2026-03-02T09:00Z")
HOUR = timedelta(hours=1)
KINDS = [Requirement(skills=name) for name in ("x", "y", "z")]
ORDERS = [STRICT_RANK, FIRST_IN_FIRST_OUT, EARLIEST_DEADLINE, GuardedDeadline(relief=2)]


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
        dispatch = backlog._dispatch(router, NINE)  # noqa: SLF001 - how it is found is the point
        assert isinstance(dispatch, Dispatch if several else AgentDispatch)
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
    assert backlog._dispatch(router, NINE) is None  # noqa: SLF001 - nothing at all is done
    work = Work(id="new", opened=NINE, requires=attrs.evolve(KINDS[0]))
    backlog.add(work)
    assert [each.work for each in backlog.drain(router, NINE)] == ["new"]
