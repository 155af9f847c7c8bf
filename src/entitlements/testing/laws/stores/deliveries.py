"""Laws of a store about messages on their way: claims, order of each case, dead letters."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from entitlements.kernel.errors import InvalidValueError
from entitlements.ports.deliveries import Delivery
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


DELIVERY_LAWS: Final[tuple[Law, ...]] = (
    a_message_is_claimed_by_one_relay_until_its_lease_ends,
    a_message_that_is_tried_again_holds_back_its_own_case,
    dead_letters_are_kept_until_they_are_requeued,
)
