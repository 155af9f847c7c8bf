from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import attrs
import pytest
from sqlalchemy import update
from tests.effort import tries
from tests.service.deals import LEASE, PEOPLE, SECOND, Clock, Standing, deal
from tests.service.desks import (
    MINUTE,
    MONDAY,
    TENANT,
    admitted,
    desk,
    messages,
    request,
    rerouted,
    settle,
    topics,
)

from entitlements.adapters.memory import MemoryStore
from entitlements.adapters.memory.store import MemoryUnit
from entitlements.adapters.sql import SqlStore, migrate
from entitlements.kernel.errors import ConflictError
from entitlements.ports import Message, Store
from entitlements.ports.records import GroupLease
from entitlements.routing import (
    ROUTING_PRESETS,
    STRATEGIES,
    Agent,
    OfferBook,
    OfferPolicy,
    Roster,
    RoutingPolicy,
)
from entitlements.routing.work.queue_order import LAST_IN_FIRST_OUT
from entitlements.service import Worker, WorkerRound
from entitlements.testing.laws.desk import accepted_at_most_once, all_or_nothing


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def people(clock: Clock) -> MemoryStore:
    store = MemoryStore(clock)
    settle(store, PEOPLE)
    return store


def queued(store: Store, count: int, **changes: object) -> None:
    for number in range(count):
        admitted(desk(store), request(f"R-{number}", **changes))


def test_a_round_offers_waiting_work_up_to_the_free_capacity(people: MemoryStore) -> None:
    queued(people, 40)
    worker = Worker(people, "w", batch=7)
    assert worker.round() == WorkerRound(offered=30)
    assert worker.round().idle
    assert topics(desk(people)).count("offer.made") == 30
    all_or_nothing(people, TENANT)


def test_the_most_urgent_is_offered_first(people: MemoryStore) -> None:
    settled = desk(people)
    for number in range(40):
        severity = "S1" if number >= 35 else "S2"
        admitted(settled, request(f"R-{number}", severity=severity), MONDAY - 100 * MINUTE)
    Worker(people, "w").round()
    offered = [each.body.split('"')[7] for each in messages(settled) if each.topic == "offer.made"]
    assert set(offered[:5]) == {f"R-{number}" for number in range(35, 40)}


def test_a_worker_follows_the_routing_policy_of_the_latest_edition(people: MemoryStore) -> None:
    settled, worker = desk(people), Worker(people, "w")
    first, second = "zoe", "abe"
    with people.begin(TENANT) as work:
        before = work.roster.roster()
        after = before.add(Agent(id=first, groups="experts", tier=0, skills=["a", "b"]))
        after = after.add(Agent(id=second, groups="experts", tier=5, skills=[]))
        for each in PEOPLE.agents:
            after = after.replace(attrs.evolve(after.agents[each], tier=9, skills=["a"]))
        work.roster.change(before, after)
        work.commit()

    def offered() -> list[tuple[str, str]]:
        found = [json.loads(each.body) for each in messages(settled) if each.topic == "offer.made"]
        return [(each["case"], each["agent"]) for each in found]

    rerouted(people, RoutingPolicy(strategy=STRATEGIES["tiers"], order=LAST_IN_FIRST_OUT))
    for number in range(3):
        admitted(settled, request(f"R-{number}"), MONDAY - (9 - number) * MINUTE)
    worker.round()
    assert offered() == [("R-2", first), ("R-1", first), ("R-0", first)]
    # The worker has a router in its cache, with the strategy of the edition before.
    rerouted(people, RoutingPolicy(strategy=STRATEGIES["least_versatile"]))
    admitted(settled, request("R-3"), MONDAY)
    worker.round()
    assert offered()[3:] == [("R-3", second)]


@pytest.mark.parametrize("name", ["default", "zendesk_round_robin", "genesys_best_available"])
def test_a_worker_offers_as_an_offer_book_in_memory_does(people: MemoryStore, name: str) -> None:
    policy = ROUTING_PRESETS.get(name, RoutingPolicy())
    rerouted(people, policy)
    settled = desk(people)
    for number in range(40):
        severity = "S1" if number % 3 else "S2"
        at = MONDAY - (100 - number) * MINUTE
        admitted(settled, request(f"R-{number:02}", severity=severity), at)
    book = OfferBook(PEOPLE, policy)
    with people.begin(TENANT) as work:
        now = work.now()
        for number in range(40):
            book.add(work.work_items.item(f"R-{number:02}").work, now)
    expected = [(each.work, each.agent) for each in book.offer(now)]
    Worker(people, "w", batch=100).round()
    found = [json.loads(each.body) for each in messages(settled) if each.topic == "offer.made"]
    assert [(each["case"], each["agent"]) for each in found] == expected
    assert len(expected) == 30


def test_the_lease_of_an_offer_is_that_of_the_latest_edition(people: MemoryStore) -> None:
    rerouted(people, RoutingPolicy(offers=OfferPolicy(lease=7 * MINUTE)))
    queued(people, 1)
    Worker(people, "w").round()
    with people.begin(TENANT) as work:
        (lease,) = work.work_items.item("R-0").state.leases
        assert lease.until - work.now() <= 7 * MINUTE
        assert lease.until - work.now() > 6 * MINUTE


def test_ended_offers_are_processed_by_any_worker_and_offered_to_others(
    people: MemoryStore, clock: Clock
) -> None:
    queued(people, 3)
    Worker(people, "one").round()
    clock.at += 31 * SECOND
    assert Worker(people, "two").round().timed_out == 3
    assert Worker(people, "two").round().offered == 3
    all_or_nothing(people, TENANT)


def test_work_without_an_eligible_agent_does_not_block_other_work(people: MemoryStore) -> None:
    settled = desk(people)
    for number in range(20):
        admitted(settled, request(f"H-{number}", skills={"welding": 1}))
    admitted(settled, request("R-1", severity="S2"))
    assert Worker(people, "w", batch=4).round().offered == 1


def test_a_group_that_another_worker_has_leased_is_skipped(people: MemoryStore) -> None:
    queued(people, 3)
    one, two = Worker(people, "one", lease=LEASE), Worker(people, "two", lease=LEASE)
    assert one.take(desk(people).context, "experts") is not None
    assert two.round().idle


@pytest.mark.parametrize("batch", [1, 2, 50])
def test_a_worker_ends_the_lease_of_a_group_with_its_last_batch(
    people: MemoryStore, batch: int
) -> None:
    queued(people, 3)
    assert Worker(people, "one", batch=batch).round().offered == 3
    with people.begin(TENANT) as work:
        assert [each.owner for each in work.group_leases.leases()] == [None]
    assert Worker(people, "two", batch=batch).round().idle


def test_while_one_worker_has_leased_a_group_another_serves_the_next(people: MemoryStore) -> None:
    with people.begin(TENANT) as work:
        before = work.roster.roster()
        work.roster.change(before, before.add(Agent(id="zoe", groups=["others"], capacity=2)))
        work.commit()
    queued(people, 3)
    admitted(desk(people), request("E-1", "elsewhere"))
    one, two = Worker(people, "one", lease=LEASE), Worker(people, "two", lease=LEASE)
    context = desk(people).context
    lease = one.take(context, "experts")
    assert lease is not None
    assert two.round().offered == 1
    assert one.batch(context, lease) == 3
    all_or_nothing(people, TENANT)


def test_a_worker_that_paused_beyond_its_lease_is_fenced_out(
    people: MemoryStore, clock: Clock
) -> None:
    queued(people, 3)
    context = desk(people).context
    one, two = Worker(people, "one", lease=LEASE), Worker(people, "two", lease=LEASE)
    lease = one.take(context, "experts")
    assert isinstance(lease, GroupLease)
    clock.at += LEASE
    assert two.round().offered == 3
    with pytest.raises(ConflictError):
        one.batch(context, lease)
    all_or_nothing(people, TENANT)


def test_workers_serve_all_tenants_or_those_they_are_given(people: MemoryStore) -> None:
    settle(people, PEOPLE, tenants=["other"])
    for tenant in (TENANT, "other"):
        admitted(desk(people, tenant=tenant), request())
    assert Worker(people, "w", tenants=["other"]).round().offered == 1
    assert Worker(people, "w").round().offered == 1


def test_a_running_worker_continues_when_work_arrives_and_stops_on_request(
    people: MemoryStore,
) -> None:
    stop: list[bool] = []
    done: list[WorkerRound] = []
    worker = Worker(people, "w")

    def run() -> None:
        done.append(worker.run(lambda: bool(stop), poll=0.05))

    thread = Thread(target=run)
    thread.start()
    queued(people, 5)
    for _ in range(200):
        if topics(desk(people)).count("offer.made") == 5:
            break
        people.wait(0.05)
    stop.append(True)
    thread.join(10)
    assert done[0].offered == 5


def test_the_law_that_work_has_one_assignee_notices_a_second_one() -> None:
    bodies = [f'{{"case":"R-1","agent":"{agent}","fence":{n}}}' for n, agent in enumerate("ab")]
    first, second = (
        Message(number=n, topic="offer.accepted", at=MONDAY, body=each)
        for n, each in enumerate(bodies)
    )
    given_back = attrs.evolve(first, topic="work.transferred")
    accepted_at_most_once([first, given_back, second])
    with pytest.raises(AssertionError, match="accepted twice"):
        accepted_at_most_once([first, second])


@pytest.mark.parametrize("seed", range(tries(5, deep=40)))
def test_no_work_is_assigned_twice_whatever_the_clocks_and_pauses(seed: int) -> None:
    clock = Clock()
    store = MemoryStore(clock)
    settle(store, PEOPLE)
    assert deal(store, clock, seed, grants=40) >= 40


def test_the_same_holds_in_a_database(make_store: Callable[[], Store]) -> None:
    clock = Clock()
    store = make_store()
    settle(store, PEOPLE)
    assert deal(Standing(store, clock), clock, 99, grants=20) >= 20


def spoil(store: SqlStore, tenant: str, table: str, id: str) -> None:
    with store.engine.begin() as connection:
        own = store.tables.work_items if table == "work_items" else store.tables.agents
        this = update(own).where(own.c.id == id, own.c.tenant == tenant)
        connection.execute(this.values(body="{", state="spoiled"))


@pytest.mark.parametrize("table", ["work_items", "agents"])
def test_an_unreadable_row_blocks_neither_other_work_nor_other_tenants(
    tmp_path: Path, clock: Clock, table: str
) -> None:
    with SqlStore.open(f"sqlite:///{tmp_path}/a.db", clock=clock) as store:
        migrate(store.engine)
        settle(store, PEOPLE, ["a", "b"])
        for tenant in ("a", "b"):
            for number in range(3):
                admitted(desk(store, tenant=tenant), request(f"R-{number}"))
        agent = min(PEOPLE.agents)
        spoil(store, "a", table, "R-0" if table == "work_items" else agent)
        ears = Ears()
        worker = Worker(store, "w", observer=ears)
        done = worker.round()
        assert (done.offered, done.failed) == ((5, 1) if table == "work_items" else (3, 1))
        (body,) = [each.body for each in ears.heard if each.topic == "item.set_aside"]
        found = json.loads(body)
        assert found["kind"] == ("work" if table == "work_items" else "group")
        assert found["reason"] == "unreadable"
        assert worker.round().idle, "it is left alone for a while"
        clock.at += 61 * SECOND
        assert worker.round().failed >= 1


class Ears:
    def __init__(self) -> None:
        self.heard: list[Message] = []

    def notify(self, _tenant: str, messages: Sequence[Message]) -> None:
        self.heard += messages


class Counting(MemoryStore):
    """A store that counts how often agents are read."""

    reads = 0

    @contextmanager
    def begin(self, tenant: str) -> Iterator[MemoryUnit]:
        with super().begin(tenant) as work:
            roster = work.roster.roster

            def counted(groups: Iterable[str] = (), *agents: Iterable[str]) -> Roster:
                self.reads += bool(agents)
                return roster(groups, *agents)

            work.roster.roster = counted  # type: ignore[method-assign]
            yield work


def test_a_worker_reads_no_agent_again_that_only_it_has_changed() -> None:
    store = Counting(Clock())
    settle(store, PEOPLE)
    worker = Worker(store, "w")
    for number in range(3):
        admitted(desk(store), request(f"R-{number}"))
        assert worker.round().offered == 1
    assert store.reads == 1
