import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import pytest
from tests.service.desks import MINUTE, MONDAY, TENANT, account

from entitlements.adapters.memory import MemoryStore
from entitlements.kernel.errors import (
    ConflictError,
    InvalidValueError,
    StaleReadError,
    TooEarlyError,
)
from entitlements.ports import Message, UnitOfWork
from entitlements.service.transaction import MAX_ATTEMPTS, TenantContext, Transaction


class Listener:
    """Keeps the messages it was notified of, and those in the store at that moment."""

    def __init__(self, store: MemoryStore) -> None:
        self.heard: list[tuple[str, str]] = []
        self.certain: list[int] = []
        self._store = store

    def notify(self, tenant: str, messages: Sequence[Message]) -> None:
        self.heard += [(tenant, each.topic) for each in messages]
        with self._store.begin(tenant) as work:
            self.certain.append(len(work.outbox.pending()))


class Overtaken(MemoryStore):
    """A store in which other writers commit first, so many times."""

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


def add_note(transaction: Transaction) -> datetime:
    transaction.add_message("case.event", "R-1", when=transaction.at)
    return transaction.at


def test_messages_are_written_in_the_transaction_and_observed_after_the_commit() -> None:
    store = MemoryStore()
    listener = Listener(store)
    context = TenantContext(store=store, tenant=TENANT, observer=listener)
    assert context.execute(add_note, MONDAY) == MONDAY
    assert listener.heard == [(TENANT, "case.event")]
    assert listener.certain == [1]
    (message,) = context.query(lambda work: work.outbox.pending())
    assert json.loads(message.body) == {"case": "R-1", "when": "2026-03-02T09:00:00Z"}


def late_once(transaction: Transaction) -> datetime:
    if transaction.at < MONDAY + MINUTE:
        raise TooEarlyError("the offer was made later")
    return transaction.at


def test_a_step_that_began_before_an_offer_was_made_runs_again_by_the_clock_of_the_store() -> None:
    ticks = iter([MONDAY, MONDAY + MINUTE])
    context = TenantContext(store=MemoryStore(clock=lambda: next(ticks)), tenant=TENANT)
    assert context.execute(late_once, None) == MONDAY + MINUTE
    with pytest.raises(TooEarlyError):
        context.execute(late_once, MONDAY)


def test_observers_are_not_notified_of_a_change_without_messages() -> None:
    store = MemoryStore()

    class Heard:
        calls = 0

        def notify(self, tenant: str, messages: Sequence[Message]) -> None:  # noqa: ARG002 - the calls are counted
            self.calls += 1

    context = TenantContext(store=store, tenant=TENANT, observer=(heard := Heard()))
    context.execute(lambda transaction: transaction.work.accounts.open(account("flat")), MONDAY)
    assert context.query(lambda work: work.accounts.customers()) == ("flat",)
    assert heard.calls == 0


def test_a_failing_step_leaves_nothing_and_observers_are_not_notified() -> None:
    store = MemoryStore()
    listener = Listener(store)
    context = TenantContext(store=store, tenant=TENANT, observer=listener)

    def fail(transaction: Transaction) -> None:
        add_note(transaction)
        raise InvalidValueError("no")

    with pytest.raises(InvalidValueError):
        context.execute(fail, MONDAY)
    assert listener.heard == []
    assert context.query(lambda work: work.outbox.pending()) == ()


def test_without_an_instant_the_clock_of_the_store_is_used() -> None:
    context = TenantContext(store=MemoryStore(lambda: MONDAY), tenant=TENANT)
    assert context.execute(add_note, None) == MONDAY


def test_a_transaction_with_conflicts_is_retried_a_bounded_number_of_times() -> None:
    patient = Overtaken(times=MAX_ATTEMPTS - 1)
    assert TenantContext(store=patient, tenant=TENANT).execute(add_note, MONDAY) == MONDAY
    assert patient.tries == MAX_ATTEMPTS
    beaten = Overtaken(times=99)
    with pytest.raises(StaleReadError, match="somebody was faster"):
        TenantContext(store=beaten, tenant=TENANT).execute(add_note, MONDAY)
    assert beaten.tries == MAX_ATTEMPTS


def test_a_conflict_of_the_records_is_not_retried() -> None:
    store = Overtaken(times=0)

    def contradict(_: Transaction) -> None:
        raise ConflictError("both cannot hold", field="fence")

    with pytest.raises(ConflictError, match="both cannot hold"):
        TenantContext(store=store, tenant=TENANT).execute(contradict, MONDAY)
    assert store.tries == 1


def test_a_transaction_without_changes_is_not_committed() -> None:
    context = TenantContext(store=MemoryStore(), tenant=TENANT)

    def idle(transaction: Transaction) -> None:
        add_note(transaction)
        transaction.changed = False

    context.execute(idle, MONDAY)
    assert context.query(lambda work: work.outbox.pending()) == ()


def test_a_message_holds_plain_data_only() -> None:
    context = TenantContext(store=MemoryStore(), tenant=TENANT)
    with pytest.raises(TypeError, match="cannot be part of a message"):
        context.execute(
            lambda transaction: transaction.add_message("x", "R-1", what=object()), MONDAY
        )


def test_a_step_that_runs_again_knows_that_others_were_faster() -> None:
    seen: list[bool] = []
    context = TenantContext(store=Overtaken(times=2), tenant=TENANT)
    context.execute(lambda transaction: seen.append(transaction.contended), MONDAY)
    assert seen == [False, True, True]
