"""A worker serves a queue in the order of the routing policy, on every store and in any batches."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from random import Random

import attrs
import pytest
from tests.routing.live.random_worlds import ORDERS
from tests.service.deals import Clock, Standing
from tests.service.desks import CATALOG, MONDAY, POLICY, TENANT, desk, messages, settle

from entitlements.adapters.memory import MemoryStore
from entitlements.ports import Store, WorkItem
from entitlements.ports.claims import ClaimOrder
from entitlements.routing import (
    FIRST_IN_FIRST_OUT,
    Agent,
    Backlog,
    DelayRatio,
    GuardedDeadline,
    QueueOrder,
    Requirement,
    Roster,
    Router,
    RoutingPolicy,
    Work,
    preference_order,
    strict_rank,
)
from entitlements.routing.offers.command_events import apply_command
from entitlements.routing.offers.lifecycle import Enqueue
from entitlements.routing.offers.work_state import WorkState
from entitlements.routing.work.queue_order import LAST_IN_FIRST_OUT, KeyedOrder
from entitlements.service import Worker

MINUTE, LENGTH = timedelta(minutes=1), 40
TEAM = Roster(
    agents=[
        Agent(id="ada", groups=["experts"], capacity=14),
        Agent(id="bob", groups=["experts"], capacity=9, skills={"oracle": 1}),
    ]
)


STORED: tuple[QueueOrder, ...] = (
    *ORDERS,
    GuardedDeadline(relief=3, due_after=40 * MINUTE),
    LAST_IN_FIRST_OUT,
    DelayRatio(),
    strict_rank("routable"),
    preference_order({"experts": 1}),
)


def waiting(seed: int, skills: tuple[str, ...] = ("",)) -> list[Work]:
    """Return work of three ranks, opened in any order, with and without deadlines."""
    chance = Random(seed)  # noqa: S311 - reproducible on purpose
    return [
        Work(
            id=f"R-{n:02}",
            opened=MONDAY - chance.randrange(90) * MINUTE,
            rank=chance.choice([0, 0, 0, 0, 1, 1, 2]),
            due=chance.choice([None, MONDAY + chance.randrange(-60, 60) * MINUTE]),
            requires=Requirement(groups="experts", skills=chance.choice(skills) or ()),
        )
        for n in range(LENGTH)
    ]


def queue(store: Store, works: list[Work], routing: RoutingPolicy) -> None:
    """Put the work into the queue of the experts, in the order given."""
    with store.begin(TENANT) as work:
        work.catalog.save(CATALOG, [POLICY], MONDAY - 9_999 * MINUTE, routing=routing)
        for number, each in enumerate(works):
            at = MONDAY - 100 * MINUTE + number * MINUTE
            state, _ = apply_command(WorkState(work=each.id), Enqueue("q"), at, routing.offers)
            work.work_items.add(WorkItem(work=each, group="experts", state=state))
        work.commit()


def served_by_worker(store: Store, batch: int) -> list[tuple[str, str]]:
    """Return the work and the agents of all offers, in the order in which they were made."""
    worker = Worker(Standing(store, Clock()), "w", batch=batch)
    while not worker.round().idle:
        pass
    bodies = [json.loads(each.body) for each in messages(desk(store)) if each.topic == "offer.made"]
    return [(each["case"], each["agent"]) for each in bodies]


def served_by_backlog(works: list[Work], routing: RoutingPolicy) -> list[tuple[str, str]]:
    """Return what a backlog of the whole queue serves at once."""
    router, backlog = Router(TEAM, routing), Backlog(routing.order)
    for each in works:
        backlog.add(each)
    return [(each.work, each.agent) for each in backlog.drain(router, MONDAY)]


def check_order(store: Store, order: QueueOrder, batch: int) -> None:
    """Let a worker serve a queue on an empty store, and compare it with a backlog."""
    skills = ("", "", "oracle") if batch >= LENGTH else ("",)
    works, routing = waiting(batch, skills), RoutingPolicy(order=order)
    settle(store, TEAM)
    queue(store, works, routing)
    expected = served_by_backlog(works, routing)
    assert len(expected) > 15
    assert served_by_worker(store, batch) == expected, order


@pytest.mark.parametrize("batch", [1, 3, 50])
@pytest.mark.parametrize(
    "order", [*STORED, KeyedOrder("by last letter", lambda work: (work.id[::-1],))]
)
def test_a_worker_serves_in_the_order_of_a_backlog_whatever_the_batch(
    order: QueueOrder, batch: int
) -> None:
    check_order(MemoryStore(), order, batch)


def test_a_worker_serves_in_the_order_of_a_backlog_on_every_store(
    make_store: Callable[[], Store],
) -> None:
    for order in STORED:
        check_order(make_store(), order, batch=4)


def test_work_that_waits_again_keeps_the_place_of_its_opening(
    make_store: Callable[[], Store],
) -> None:
    store, works = make_store(), waiting(seed=7)[:6]
    settle(store, TEAM)
    queue(store, works, RoutingPolicy(order=FIRST_IN_FIRST_OUT))
    with store.begin(TENANT) as work:
        claimed = work.work_items.claim("experts", by=ClaimOrder.WHOLE)
        oldest = min(claimed, key=lambda each: (each.work.opened, each.id))
        later = attrs.evolve(oldest.state, queued_at=MONDAY)
        work.work_items.change(oldest, attrs.evolve(oldest, state=later))
        work.commit()
    assert served_by_worker(store, batch=1)[0][0] == oldest.id
