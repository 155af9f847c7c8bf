"""Laws of a store about messages on their way: claims, order of each case, dead letters."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from entitlements.kernel.errors import InvalidValueError
from entitlements.ports.deliveries import Delivery, Endpoint
from entitlements.ports.store import Store
from entitlements.testing.laws.stores.transactions import HOUR, START, Law, Make, refused


def opened(make: Make, *cases: str) -> Store:
    """Return a store with a message about each of these cases."""
    store = make()
    with store.begin("t") as work:
        work.outbox.put_all([("topic", "{}", case) for case in cases], START)
        work.commit()
    return store


def claimed(store: Store, at: datetime, most: int = 100) -> tuple[Delivery, ...]:
    """Claim messages for an hour, as a relay does."""
    with store.begin("t") as work:
        found = work.outbox.claim(at, at + HOUR, most)
        work.commit()
    return found


def settled(
    store: Store, done: Iterable[Delivery] = (), back: Iterable[Delivery] = (), *, again: datetime
) -> None:
    """Remove some messages and put others back after a failure."""
    with store.begin("t") as work:
        work.outbox.finish(done)
        work.outbox.put_back(back, again, "the receiver is down")
        work.commit()


def _cases(found: Iterable[Delivery]) -> list[str]:
    return [each.message.case for each in found]


def a_message_is_claimed_by_one_relay_until_its_lease_ends(make: Make) -> None:
    """What one relay has claimed is claimed by no other before the lease has ended."""
    store = opened(make, "A", "B", "A", "C")
    first = claimed(store, START, 1)
    assert _cases(first) == ["A"]
    assert _cases(claimed(store, START)) == ["B", "C"], "the second of a case waits for the first"
    assert claimed(store, START + HOUR - timedelta(microseconds=1)) == ()
    again = claimed(store, START + HOUR)
    assert _cases(again) == ["A", "B", "A", "C"]
    assert again[0].fence == first[0].fence + 1
    settled(store, first, again=START)
    assert len(claimed(store, START + 2 * HOUR)) == 4, "the claim of the first relay has ended"
    refused(InvalidValueError, lambda: settled(store, [5], again=START))  # type: ignore[list-item] # nonsense


def a_message_that_is_tried_again_holds_back_its_own_case(make: Make) -> None:
    """A message that is put back holds back later ones of its case, and no others."""
    store = opened(make, "A", "B", "A", "", "")
    found = claimed(store, START)
    failed = [found[0], found[3]]
    settled(store, [found[1]], failed, again=START + HOUR)
    with store.begin("t") as work:
        work.outbox.put_back([found[2], found[4]], START)
        work.commit()
    assert [each.number for each in claimed(store, START)] == [found[4].number]
    later = claimed(store, START + HOUR)
    assert [(each.number, each.attempts) for each in later[:3]] == [
        (found[0].number, 1),
        (found[2].number, 0),
        (found[3].number, 1),
    ]
    assert later[0].error == "the receiver is down"


def dead_letters_are_kept_until_they_are_requeued(make: Make) -> None:
    """A dead letter is claimed by no relay and holds nothing back, until it is requeued."""
    store = opened(make, "A", "A", "B")
    found = claimed(store, START)
    with store.begin("t") as work:
        work.outbox.put_back(found[:1], None, "refused")
        work.outbox.put_back(found[1:], START)
        work.commit()
    assert _cases(claimed(store, START)) == ["A", "B"]
    with store.begin("t") as work:
        (letter,) = work.outbox.dead_letters()
        assert (letter.number, letter.attempts, letter.error) == (found[0].number, 1, "refused")
        assert work.outbox.dead_letters(after=letter.number) == ()
        assert work.outbox.dead_letters(most=0) == ()
        work.outbox.requeue([letter.number, found[1].number, 999])
        work.commit()
    (again,) = claimed(store, START)
    assert (again.number, again.attempts, again.error) == (letter.number, 0, None)


def _of(store: Store, endpoint: str, at: datetime = START) -> tuple[Delivery, ...]:
    with store.begin("t") as work:
        work.outbox.distribute(at)
        found = work.outbox.claim(at, at + HOUR, endpoint=endpoint)
        work.commit()
    return found


def _endpoints(store: Store, *endpoints: Endpoint) -> None:
    with store.begin("t") as work:
        for each in endpoints:
            work.outbox.save_endpoint(each)
        work.commit()


def each_endpoint_gets_the_messages_of_its_topics(make: Make) -> None:
    """Every endpoint gets its own delivery of each message of its topics, whatever others do."""
    store = opened(make, "A")
    _endpoints(store, Endpoint(id="all"), Endpoint(id="work", topics=["work.*", "x"]))
    _endpoints(store, Endpoint(id="work", topics=["work.*", "queue.full"]))
    with store.begin("t") as work:
        assert [each.id for each in work.outbox.endpoints()] == ["all", "work"]
        assert work.outbox.endpoints()[1].topics == {"work.*", "queue.full"}
        work.outbox.put_all(
            [("work.queued", "1", "A"), ("queue.full", "2", ""), ("x", "", "B")], START
        )
        work.commit()
    every = _of(store, "all")
    assert _cases(every) == ["A", "A", "", "B"]
    mine = _of(store, "work")
    assert [(each.message, each.endpoint) for each in mine] == [
        (each.message, "work") for each in every[1:3]
    ]
    with store.begin("t") as work:
        assert work.outbox.pending() == ()
        assert work.outbox.distribute(START) == 0
        work.outbox.finish(every)
        work.commit()
    assert _of(store, "all", START + HOUR) == ()
    assert len(_of(store, "work", START + HOUR)) == 2


def an_endpoint_that_fails_holds_back_no_other(make: Make) -> None:
    """Order, later tries and dead letters are those of one endpoint."""
    store = opened(make, "A", "A")
    _endpoints(store, Endpoint(id="down"), Endpoint(id="up"))
    failing, arrived = _of(store, "down"), _of(store, "up")
    with store.begin("t") as work:
        work.outbox.finish(arrived[:1])
        work.outbox.put_back(failing[:1], None, "refused")
        work.outbox.put_back([*failing[1:], *arrived[1:]], START + HOUR, "later")
        work.commit()
    with store.begin("t") as work:
        assert work.outbox.dead_letters() == work.outbox.dead_letters(endpoint="up") == ()
        (letter,) = work.outbox.dead_letters(endpoint="down")
        assert (letter.number, letter.endpoint) == (failing[0].number, "down")
        work.outbox.requeue([letter.number])
        work.outbox.requeue([letter.number], "up")
        assert len(work.outbox.dead_letters(endpoint="down")) == 1
        work.outbox.requeue([letter.number], "down")
        work.commit()
    (again,) = _of(store, "down")
    assert (again.number, again.attempts) == (letter.number, 0), "it holds back the second one"
    (second,) = _of(store, "up", START + HOUR)
    assert (second.number, second.attempts, second.error) == (arrived[1].number, 1, "later")


def an_endpoint_that_is_removed_leaves_nothing(make: Make) -> None:
    """With an endpoint go its deliveries; one that is registered again begins with new messages."""
    store = opened(make, "A", "B")
    with store.begin("t") as work:
        assert work.outbox.distribute(START) == 0, "there is no endpoint"
        work.commit()
    _endpoints(store, Endpoint(id="one"), Endpoint(id="two"))
    assert len(_of(store, "two")) == 2
    with store.begin("t") as work:
        work.outbox.remove_endpoint("one")
        work.outbox.remove_endpoint("none")
        work.outbox.save_endpoint(Endpoint(id="one"))
        work.commit()
    assert _of(store, "one") == ()
    assert len(_of(store, "two", START + HOUR)) == 2


def what_a_relay_without_an_endpoint_has_claimed_is_distributed_later(make: Make) -> None:
    """Messages on their way to a receiver, and dead letters, are not distributed."""
    store = opened(make, "A", "B", "A")
    with store.begin("t") as work:
        work.outbox.put_back(work.outbox.claim(START, START + HOUR, 1), None, "refused")
        claimed = work.outbox.claim(START, START + HOUR, 1)
        work.outbox.save_endpoint(Endpoint(id="one"))
        assert work.outbox.distribute(START, 1) == 1
        assert work.outbox.distribute(START) == 0
        assert _cases(work.outbox.claim(START, START + HOUR, endpoint="one")) == ["A"]
        work.outbox.finish(claimed)
        assert len(work.outbox.dead_letters()) == 1
        work.outbox.requeue([work.outbox.dead_letters()[0].number])
        assert work.outbox.distribute(START) == 1
        work.commit()


DELIVERY_LAWS: Final[tuple[Law, ...]] = (
    a_message_is_claimed_by_one_relay_until_its_lease_ends,
    a_message_that_is_tried_again_holds_back_its_own_case,
    dead_letters_are_kept_until_they_are_requeued,
    each_endpoint_gets_the_messages_of_its_topics,
    an_endpoint_that_fails_holds_back_no_other,
    an_endpoint_that_is_removed_leaves_nothing,
    what_a_relay_without_an_endpoint_has_claimed_is_distributed_later,
)
