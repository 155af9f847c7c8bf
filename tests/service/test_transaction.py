import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import pytest
from tests.service.desks import MONDAY, TENANT

from entitlements.adapters.memory import MemoryStore
from entitlements.kernel.errors import ConflictError, InvalidValueError, StaleReadError
from entitlements.kernel.instants import text_of
from entitlements.ports import Message, UnitOfWork
from entitlements.service.transaction import MAX_ATTEMPTS, TenantContext, Transaction


class Listener:
    """Keeps what it was told, and what the store held at that moment."""

    def __init__(self, store: MemoryStore) -> None:
        self.heard: list[tuple[str, str]] = []
        self.certain: list[int] = []
        self._store = store

    def notify(self, tenant: str, messages: Sequence[Message]) -> None:
        self.heard += [(tenant, each.topic) for each in messages]
        with self._store.begin(tenant) as work:
            self.certain.append(len(work.outbox.pending()))


class Overtaken(MemoryStore):
    """A store in which other writers are faster, so many times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times
        self.tries = 0

    @contextmanager
    def begin(self, tenant: str) -> Iterator[UnitOfWork]:  # type: ignore[override]
        with super().begin(tenant) as work:
            self.tries += 1
            yield work
            if self.tries <= self.times:
                raise StaleReadError("somebody was faster", field="unit")


def told(transaction: Transaction) -> datetime:
    transaction.add_message("case.event", "R-1", when=transaction.at)
    return transaction.at


def test_messages_are_written_with_the_rest_and_heard_once_they_are_certain() -> None:
    store = MemoryStore()
    listener = Listener(store)
    context = TenantContext(store=store, tenant=TENANT, observer=listener)
    assert context.execute(told, MONDAY) == MONDAY
    assert listener.heard == [(TENANT, "case.event")]
    assert listener.certain == [1]
    (message,) = context.query(lambda work: work.outbox.pending())
    assert json.loads(message.body) == {"case": "R-1", "when": text_of(MONDAY)}


def test_a_step_that_fails_has_left_nothing_and_nobody_hears_of_it() -> None:
    store = MemoryStore()
    listener = Listener(store)
    context = TenantContext(store=store, tenant=TENANT, observer=listener)

    def fail(transaction: Transaction) -> None:
        told(transaction)
        raise InvalidValueError("no")

    with pytest.raises(InvalidValueError):
        context.execute(fail, MONDAY)
    assert listener.heard == []
    assert context.query(lambda work: work.outbox.pending()) == ()


def test_without_an_instant_the_clock_of_the_store_counts() -> None:
    context = TenantContext(store=MemoryStore(lambda: MONDAY), tenant=TENANT)
    assert context.execute(told, None) == MONDAY


def test_who_was_overtaken_decides_again_a_bounded_number_of_times() -> None:
    patient = Overtaken(times=MAX_ATTEMPTS - 1)
    assert TenantContext(store=patient, tenant=TENANT).execute(told, MONDAY) == MONDAY
    assert patient.tries == MAX_ATTEMPTS
    beaten = Overtaken(times=99)
    with pytest.raises(StaleReadError, match="somebody was faster"):
        TenantContext(store=beaten, tenant=TENANT).execute(told, MONDAY)
    assert beaten.tries == MAX_ATTEMPTS


def test_a_conflict_of_the_facts_is_not_tried_again() -> None:
    store = Overtaken(times=0)

    def contradict(_: Transaction) -> None:
        raise ConflictError("both cannot hold", field="fence")

    with pytest.raises(ConflictError, match="both cannot hold"):
        TenantContext(store=store, tenant=TENANT).execute(contradict, MONDAY)
    assert store.tries == 1


def test_what_changed_nothing_is_not_committed() -> None:
    context = TenantContext(store=MemoryStore(), tenant=TENANT)

    def idle(transaction: Transaction) -> None:
        told(transaction)
        transaction.changed = False

    context.execute(idle, MONDAY)
    assert context.query(lambda work: work.outbox.pending()) == ()


def test_a_message_holds_plain_data_only() -> None:
    context = TenantContext(store=MemoryStore(), tenant=TENANT)
    with pytest.raises(TypeError, match="cannot be part of a message"):
        context.execute(
            lambda transaction: transaction.add_message("x", "R-1", what=object()), MONDAY
        )
