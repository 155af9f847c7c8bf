"""Eight connections spend at once, from one grant and from many: nothing is spent twice.

The control reads, decides and writes without naming the head that it decided from. It must
overspend, or these tests would show nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import insert, update
from tests.databases import emptied

from entitlements.adapters.sql import SqlStore
from entitlements.adapters.sql.rows.mapping import entry_to_row
from entitlements.contracts.ledger.entries import Reserve
from entitlements.contracts.ledger.ledger import Posted
from entitlements.kernel.errors import ConflictError, UnreadableError
from entitlements.testing.strategies.ports import START, account

CONNECTIONS = 8
ROUNDS = 12
Spend = Callable[[SqlStore, str, str], bool]


@pytest.fixture
def store(postgres_store: SqlStore) -> SqlStore:
    return emptied(postgres_store)


def spend(store: SqlStore, customer: str, key: str, *, lock: bool = False) -> bool:
    """Reserve one unit; decide again after each conflict."""
    while True:
        try:
            with store.begin("t") as work:
                if lock:
                    work.accounts.lock(customer)
                ledger = work.ledger.ledger(customer)
                outcome = ledger.post(Reserve(key=key, unit="incidents", amount=1), START)
                work.ledger.append(customer, [outcome.entry], len(ledger))
                work.commit()
                return isinstance(outcome, Posted)
        except ConflictError:
            continue


def spend_locked(store: SqlStore, customer: str, key: str) -> bool:
    """Do the same under a lock, so that nothing is decided twice."""
    return spend(store, customer, key, lock=True)


def spend_carelessly(store: SqlStore, customer: str, key: str) -> bool:
    """Read, decide, write: what the port prevents, done with the adapter's statements."""
    tables = store.tables
    try:
        with store.begin("t") as work:
            ledger = work.ledger.ledger(customer)
    except (ConflictError, UnreadableError):  # the ledger is overspent already, and says so
        return False
    with store.engine.begin() as connection:
        outcome = ledger.post(Reserve(key=key, unit="incidents", amount=1), START)
        head = connection.execute(
            update(tables.accounts)
            .where(tables.accounts.c.customer == customer)
            .values(head=tables.accounts.c.head + 1, version=tables.accounts.c.version + 1)
            .returning(tables.accounts.c.head)
        ).scalar_one()
        row = {**entry_to_row(outcome.entry), "number": head, "tenant": "t", "customer": customer}
        connection.execute(insert(tables.entries).values(row))
    return isinstance(outcome, Posted)


def all_at_once(store: SqlStore, act: Spend, customers: list[str], times: int) -> int:
    """Let each connection spend so many times; return how often it succeeded."""
    start, granted = threading.Barrier(CONNECTIONS), [0] * CONNECTIONS

    def run(me: int) -> None:
        start.wait(30)
        for time in range(times):
            customer = customers[(me * 7 + time) % len(customers)]
            granted[me] += act(store, customer, f"{me}-{time}")

    threads = [threading.Thread(target=run, args=(me,)) for me in range(CONNECTIONS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return sum(granted)


def open_all(store: SqlStore, customers: list[str], amount: int) -> None:
    with store.begin("t") as work:
        for each in customers:
            work.accounts.open(account(each, amount))
        work.commit()


@pytest.mark.parametrize("act", [spend, spend_locked], ids=["decide again", "wait"])
def test_one_contended_grant_is_never_overspent(store: SqlStore, act: Spend) -> None:
    names = [f"c{number}" for number in range(ROUNDS)]
    open_all(store, names, amount=5)
    for name in names:
        assert all_at_once(store, act, [name], times=2) == 5
    store.clear_caches()
    with store.begin("t") as work:
        for name in names:
            ledger = work.ledger.ledger(name)
            assert len(ledger) == 1 + CONNECTIONS * 2
            assert ledger.available("incidents", START) == 0


def test_many_grants_are_never_overspent(store: SqlStore) -> None:
    names = [f"c{number}" for number in range(64)]
    open_all(store, names, amount=1)
    assert all_at_once(store, spend, names, times=16) == len(
        {names[(me * 7 + time) % 64] for me in range(CONNECTIONS) for time in range(16)}
    )


def test_the_control_overspends(store: SqlStore) -> None:
    names = [f"c{number}" for number in range(ROUNDS)]
    open_all(store, names, amount=1)
    granted = [all_at_once(store, spend_carelessly, [name], times=1) for name in names]
    assert max(granted) > 1
