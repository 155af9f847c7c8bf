from __future__ import annotations

import json
from datetime import timedelta

from tests.service.cases.test_admission import item_of
from tests.service.desks import (
    MINUTE,
    MONDAY,
    ROSTER,
    TENANT,
    admitted,
    desk,
    messages,
    request,
    rerouted,
    topics,
)

from entitlements.adapters.memory import MemoryStore
from entitlements.ports import Store
from entitlements.routing import Agent, QueueLimits, Roster, RoutingPolicy
from entitlements.routing.offers.lifecycle import WorkStatus
from entitlements.service import OfferCase


def with_others(store: Store) -> None:
    """Add an agent of the group to which work overflows."""
    with store.begin(TENANT) as work:
        before = work.roster.roster()
        work.roster.change(before, before.add(Agent(id="olga", groups="others")))
        work.commit()


def limited(store: Store, **limits: object) -> None:
    """Limit the queue of the experts."""
    queues = {"experts": QueueLimits(**limits)}  # type: ignore[arg-type]
    rerouted(store, RoutingPolicy(queues=queues))


def test_a_full_queue_overflows_to_the_next_group_whose_agents_take_the_work(
    store: MemoryStore,
) -> None:
    with_others(store)
    limited(store, length=1, overflow=["others"])
    at_desk = desk(store)
    admitted(at_desk, request("R-1"))
    admitted(at_desk, request("R-2"))
    assert [item_of(at_desk, id).group for id in ("R-1", "R-2")] == ["experts", "others"]
    assert at_desk.execute(OfferCase(id="o", case="R-2"), MONDAY).fences == {"olga": 1}
    (told,) = [json.loads(each.body) for each in messages(at_desk) if each.topic == "queue.full"]
    assert told["refused"] == {"experts": ["length"]}
    assert (told["case"], told["group"], told["parked"]) == ("R-2", "others", False)


def test_work_for_which_no_queue_has_room_is_parked_and_a_person_can_offer_it(
    store: MemoryStore,
) -> None:
    limited(store, age=10 * MINUTE)
    at_desk = desk(store)
    admitted(at_desk, request("R-1"), MONDAY)
    admitted(at_desk, request("R-2"), MONDAY + 9 * MINUTE)
    admitted(at_desk, request("R-3"), MONDAY + 10 * MINUTE)
    statuses = [item_of(at_desk, f"R-{n}").state.status for n in (1, 2, 3)]
    assert statuses == [WorkStatus.QUEUED, WorkStatus.QUEUED, WorkStatus.PARKED]
    assert topics(at_desk).count("queue.full") == 1
    offer = OfferCase(id="o", case="R-3", agents=["bob"])
    assert at_desk.execute(offer, MONDAY + timedelta(hours=1)).fences == {"bob": 1}


def test_a_queue_is_closed_while_no_agent_of_the_group_is_signed_in(store: MemoryStore) -> None:
    with_others(store)
    limited(store, unstaffed=True, overflow=["others"])
    at_desk = desk(store)
    admitted(at_desk, request("R-1"))
    with store.begin(TENANT) as work:
        before = work.roster.roster()
        after: Roster = before
        for id in ROSTER.agents:
            after = after.set_status(id, MONDAY, away=True)
        work.roster.change(before, after)
        work.commit()
    admitted(at_desk, request("R-2"))
    assert [item_of(at_desk, id).group for id in ("R-1", "R-2")] == ["experts", "others"]
