"""The relay on a store in memory with a clock of the test; on databases see `relays.py`."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.effort import tries

from entitlements.adapters.memory import MemoryStore
from entitlements.kernel.errors import DeliveryError, InvalidValueError, UnknownIdError
from entitlements.kernel.instants import utc
from entitlements.ports import Store
from entitlements.ports.deliveries import Delivery, Endpoint
from entitlements.service.messages.cloud_events import CloudEvent
from entitlements.service.messages.relay import RelayPolicy, RelayRound, relay

START = utc("2026-03-02T09:00Z")
HOUR = timedelta(hours=1)
QUICK = RelayPolicy(delays=[timedelta(minutes=1)] * 3)


class World:
    """A store with a clock, and a receiver that fails as the test wants."""

    def __init__(self) -> None:
        self.at = START
        self.store = MemoryStore(lambda: self.at)
        self.received: list[str] = []
        self.fails: Callable[[CloudEvent], bool] = lambda _: False

    def put(self, *cases: str) -> None:
        with self.store.begin("t") as work:
            for case in cases:
                n = len(work.outbox.pending()) + 1
                work.outbox.put("case.reopened", json.dumps({"case": case, "n": n}), self.at, case)
            work.commit()

    def publish(self, event: CloudEvent) -> None:
        if self.fails(event):
            raise DeliveryError("the receiver is down")
        self.received.append(f"{event.subject} {event.id.partition('/')[2]}")

    def relay(self, policy: RelayPolicy = QUICK) -> RelayRound:
        return relay(self.store, "t", self.publish, policy=policy)

    def dead(self) -> tuple[Delivery, ...]:
        with self.store.begin("t") as work:
            return work.outbox.dead_letters()


@pytest.fixture
def world() -> World:
    return World()


def test_messages_are_delivered_in_their_order_and_once(world: World) -> None:
    world.put("A", "B", "A")
    done = world.relay()
    assert done == RelayRound(delivered=("t/1", "t/2", "t/3"), more=True)
    assert world.relay() == RelayRound()
    assert world.received == ["A 1", "B 2", "A 3"]


def test_a_message_that_fails_holds_back_its_own_case_only(world: World) -> None:
    world.put("A", "B", "A", "B")
    world.fails = lambda event: event.subject == "A"
    done = world.relay()
    assert (done.delivered, done.failed) == (("t/2", "t/4"), ("t/1",))
    world.put("A", "B")
    assert world.relay().delivered == ("t/6",)
    world.fails = lambda _: False
    assert world.relay() == RelayRound(), "not before its time"
    world.at += timedelta(minutes=2)
    world.relay()
    assert world.received == ["B 2", "B 4", "B 6", "A 1", "A 3", "A 5"]


def test_after_its_last_try_a_message_is_a_dead_letter_that_can_be_requeued(world: World) -> None:
    world.put("A", "A")
    world.fails = lambda event: event.id == "t/1"
    for n in range(4):
        done = world.relay()
        assert (done.failed, done.dead) == ((("t/1",), ()) if n < 3 else ((), ("t/1",)))
        world.at += timedelta(minutes=2)
    assert world.relay().delivered == ("t/2",), "it holds its case back no longer"
    (letter,) = world.dead()
    assert (letter.attempts, letter.error) == (4, "DeliveryError: the receiver is down")
    world.fails = lambda _: False
    with world.store.begin("t") as work:
        work.outbox.requeue([1, 99])
        work.commit()
    assert world.relay().delivered == ("t/1",)
    assert world.dead() == ()


def test_a_receiver_that_is_down_for_a_day_gets_everything_in_order(world: World) -> None:
    world.put("A", "B", "A")
    world.fails = lambda _: world.at < START + timedelta(days=1)
    tries = Counter[str]()
    while world.at < START + timedelta(days=3):
        tries.update(world.relay(RelayPolicy()).failed)
        world.at += HOUR / 12
    assert sorted(world.received) == ["A 1", "A 3", "B 2"]
    assert world.received.index("A 1") < world.received.index("A 3")
    assert max(tries.values()) < 12, "it is not asked again and again"


def test_a_receiver_says_when_to_try_again_or_that_it_is_gone(world: World) -> None:
    world.put("A", "B")

    def publish(event: CloudEvent) -> None:
        raise DeliveryError("busy", after=HOUR, final=event.subject == "B")

    done = relay(world.store, "t", publish, policy=QUICK)
    assert (done.failed, done.dead) == (("t/1",), ("t/2",))
    world.at += timedelta(minutes=30)
    assert world.relay() == RelayRound()
    world.at += timedelta(minutes=31)
    assert world.relay().delivered == ("t/1",)


def test_what_a_crashed_relay_had_claimed_is_delivered_again_when_its_lease_has_ended(
    world: World,
) -> None:
    world.put("A", "B")

    def crash(_: CloudEvent) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        relay(world.store, "t", crash, policy=QUICK)
    assert world.relay() == RelayRound(), "they are still claimed"
    world.at += QUICK.lease
    assert world.relay().delivered == ("t/1", "t/2")


def test_two_relays_do_not_deliver_one_message_at_the_same_time(world: World) -> None:
    world.put("A", "B", "A")
    inside: list[RelayRound] = []

    def publish(event: CloudEvent) -> None:
        inside.append(world.relay())
        world.publish(event)

    one_by_one = RelayPolicy(batch=1)
    relay(world.store, "t", publish, policy=one_by_one)
    assert inside == [RelayRound(delivered=("t/2",), more=True)], "the other case, and not this one"
    assert world.received == ["B 2", "A 1"]


def test_a_relay_that_is_slow_gives_back_what_it_cannot_deliver_in_time(world: World) -> None:
    world.put("A", "B", "C")
    seconds = 0.0

    def publish(event: CloudEvent) -> None:
        nonlocal seconds
        seconds += 60
        world.publish(event)

    done = relay(world.store, "t", publish, policy=QUICK, clock=lambda: seconds)
    assert (done.delivered, done.more) == (("t/1", "t/2"), True)
    assert world.relay().delivered == ("t/3",), "at once"


def test_a_relay_whose_lease_has_ended_settles_nothing(world: World) -> None:
    world.put("A")

    def publish(_: CloudEvent) -> None:
        world.at += 2 * QUICK.lease
        assert world.relay().delivered == ("t/1",)
        world.put("A")
        raise DeliveryError("too late")

    relay(world.store, "t", publish, policy=QUICK)
    assert world.relay().delivered == ("t/2",)


def test_messages_without_a_case_hold_back_no_other(world: World) -> None:
    world.put("", "")
    world.fails = lambda event: event.id == "t/1"
    assert world.relay().delivered == ("t/2",)


@given(st.lists(st.sampled_from("ABC"), max_size=12), st.lists(st.booleans(), max_size=30))
def test_nothing_is_lost_and_the_order_of_each_case_is_kept(
    cases: list[str], failing: list[bool]
) -> None:
    world, left = World(), iter(failing)
    world.put(*cases)
    world.fails = lambda _: next(left, False)
    policy = RelayPolicy(delays=[timedelta(minutes=1)] * 40, batch=4)
    for _ in range(60):
        relay(world.store, "t", world.publish, policy=policy)
        world.at += timedelta(minutes=1, seconds=10)
    numbered = [f"{case} {n}" for n, case in enumerate(cases, start=1)]
    assert sorted(world.received) == sorted(numbered)
    for case in "ABC":
        mine = [each for each in world.received if each[0] == case]
        assert mine == [each for each in numbered if each[0] == case]


@settings(max_examples=tries(20))
@given(st.lists(st.sampled_from(["A", "B", ""]), max_size=8), st.lists(st.booleans(), max_size=16))
def test_every_endpoint_gets_each_message_of_its_topics_in_the_order_of_its_case(
    cases: list[str], failing: list[bool]
) -> None:
    world, left = World(), iter(failing)
    topics = ("case.reopened", "work.queued")
    with world.store.begin("t") as work:
        work.outbox.save_endpoint(Endpoint(id="all"))
        work.outbox.save_endpoint(Endpoint(id="work", topics=["work.*"]))
        work.outbox.save_endpoint(Endpoint(id="down"))
        for n, case in enumerate(cases):
            work.outbox.put(topics[n % 2], "{}", START, case)
        work.commit()
    got: dict[str, list[tuple[str, int]]] = {"all": [], "work": [], "down": []}

    def publish(name: str, event: CloudEvent) -> None:
        if name == "down" or next(left, False):
            raise DeliveryError("the receiver is down")
        got[name].append((event.subject or "", int(event.id.partition("/")[2])))

    policy = RelayPolicy(delays=[timedelta(minutes=1)] * 90, batch=3)
    for _ in range(25):
        for name in got:
            relay(world.store, "t", partial(publish, name), endpoint=name, policy=policy)
        world.at += timedelta(minutes=1, seconds=10)
    every = [(case, n) for n, case in enumerate(cases, start=1)]
    for name, wanted in (("all", every), ("work", every[1::2]), ("down", [])):
        assert sorted(got[name]) == sorted(wanted)
        for case in "AB":
            mine = [each for each in got[name] if each[0] == case]
            assert mine == [each for each in wanted if each[0] == case]


def test_a_relay_stops_after_the_present_message(world: World) -> None:
    world.put("A", "B")
    done = relay(world.store, "t", world.publish, stopped=lambda: bool(world.received))
    assert done == RelayRound(delivered=("t/1",), more=True)
    assert world.relay().delivered == ("t/2",), "at once"


def test_a_relay_names_an_endpoint_of_the_tenant_if_there_are_any(world: World) -> None:
    world.put("A")
    with pytest.raises(UnknownIdError, match="no endpoint has the id `hook`"):
        relay(world.store, "t", world.publish, endpoint="hook")
    with world.store.begin("t") as work:
        work.outbox.save_endpoint(Endpoint(id="hook", topics=["work.*"]))
        work.commit()
    with pytest.raises(InvalidValueError, match="go to its endpoints"):
        world.relay()
    done = relay(world.store, "t", world.publish, endpoint="hook")
    assert done == RelayRound(more=True), "no endpoint receives it"
    assert relay(world.store, "t", world.publish, endpoint="hook") == RelayRound()


def test_rules_that_cannot_work_are_refused() -> None:
    with pytest.raises(InvalidValueError, match="is too short for a timeout"):
        RelayPolicy(timeout=timedelta(seconds=60), lease=timedelta(seconds=90))
    with pytest.raises(InvalidValueError, match="must be 0 or more"):
        RelayPolicy(delays=[timedelta(seconds=-1)])
    with pytest.raises(InvalidValueError):
        RelayPolicy(batch=0)


def test_delays_differ_a_little_so_that_not_all_come_back_at_once(world: World) -> None:
    world.put(*"ABCDEFGH")
    with world.store.begin("t") as work:
        claimed = work.outbox.claim(START, START + HOUR)
    policy, times = RelayPolicy(delays=[HOUR]), set[datetime | None]()
    for each in claimed:
        times.add(policy.again_at(each, START))
    assert len(times) == 8
    assert all(at is not None and HOUR <= at - START <= 1.1 * HOUR for at in times)


def test_stores_are_checked() -> None:
    with pytest.raises(InvalidValueError, match="is not a store"):
        relay(None, "t", print)  # type: ignore[arg-type]
    store: Store = MemoryStore()
    assert relay(store, "t", print) == RelayRound()
