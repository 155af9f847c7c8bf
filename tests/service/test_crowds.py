"""Many desks and workers at once on one store: the data is consistent in the end."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from random import Random
from threading import Barrier

import pytest
from tests.service.deals import PEOPLE
from tests.service.desks import (
    MONDAY,
    TENANT,
    desk,
    messages,
    request,
    rerouted,
    settle,
)

from entitlements.kernel.errors import EntitlementsError, StorageError
from entitlements.ports import Store
from entitlements.routing import QueueLimits, RoutingPolicy
from entitlements.routing.offers.lifecycle import WorkStatus
from entitlements.service import (
    AcceptOffer,
    AdmitRequest,
    CancelCase,
    Desk,
    DeskCommand,
    OfferCase,
    ReopenCase,
    ResolveCase,
    Worker,
)
from entitlements.testing.laws.desk import accepted_at_most_once, all_or_nothing, replays

pytestmark = pytest.mark.load

CUSTOMERS = ("flat", "minutes", "opening", "single", "answer")


def busy(store: Store, seed: int, steps: int) -> list[str]:
    """Give random commands, valid or not; return their ids."""
    rng, at_desk = Random(seed), desk(store)  # noqa: S311 - a repeatable crowd
    worker, ids = Worker(store, f"w{seed}", batch=5), []
    for step in range(steps):
        if rng.random() < 0.2:
            worker.round()
            continue
        command = choose(at_desk, rng, f"{seed}-{step}")
        ids.append(command.id)
        try:
            at_desk.execute(command)
        except StorageError:
            raise
        except EntitlementsError:
            continue
    return ids


def choose(at_desk: Desk, rng: Random, id: str) -> DeskCommand:
    with suppress(IndexError):
        sent = [json.loads(each.body) | {"topic": each.topic} for each in messages(at_desk)]
        offer = rng.choice([each for each in sent if each["topic"] == "offer.made"][-10:])
        opened = rng.choice([each["case"] for each in sent if each["topic"] == "case.granted"])
        number = rng.randrange(9)
        if number < 3:
            case, agent, fence = offer["case"], offer["agent"], offer["fence"]
            return AcceptOffer(id=id, case=case, agent=agent, fence=fence)
        if number < 6:
            return rng.choice([ResolveCase, ReopenCase, CancelCase, OfferCase])(id=id, case=opened)
    return AdmitRequest(id=id, request=request(f"R-{id}", rng.choice(CUSTOMERS)))


def test_concurrent_desks_and_workers_leave_consistent_data(
    make_store: Callable[[], Store],
) -> None:
    store = make_store()
    settle(store, PEOPLE)
    with ThreadPoolExecutor(4) as threads:
        given = list(threads.map(lambda seed: busy(store, seed, 25), range(4)))
    all_or_nothing(store, TENANT, [id for ids in given for id in ids])
    accepted_at_most_once(messages(desk(store)))
    assert replays(store, TENANT) > 10


@pytest.mark.parametrize("overflow", [(), ("others",)])
def test_no_more_work_enters_a_queue_than_its_limit_however_many_are_admitted_at_once(
    make_store: Callable[[], Store], overflow: tuple[str, ...]
) -> None:
    store = make_store()
    settle(store, PEOPLE)
    rerouted(store, RoutingPolicy(queues={"experts": QueueLimits(length=3, overflow=overflow)}))
    desks = [desk(store) for _ in range(4)]
    start = Barrier(len(desks))

    def admit(number: int) -> None:
        start.wait(timeout=60)
        for each in range(3):
            id = f"{number}-{each}"
            desks[number].execute(AdmitRequest(id=id, request=request(f"R-{id}")), MONDAY)

    with ThreadPoolExecutor(len(desks)) as threads:
        list(threads.map(admit, range(len(desks))))
    with store.begin(TENANT) as work:
        items = [work.work_items.item(f"R-{n}-{each}") for n in range(4) for each in range(3)]
        assert work.work_items.queue("experts").waiting == 3
    places = Counter((each.group, each.state.status) for each in items)
    rest = ("others", WorkStatus.QUEUED) if overflow else ("experts", WorkStatus.PARKED)
    assert places == {("experts", WorkStatus.QUEUED): 3, rest: 9}
    assert sum(each.topic == "queue.full" for each in messages(desks[0])) == 9
