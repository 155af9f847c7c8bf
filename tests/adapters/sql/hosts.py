"""Hosts: a settled store with a table of the host, and what is checked after a transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from tests.databases import emptied, with_tables
from tests.service.desks import TENANT, request, settle

from entitlements.adapters.sql import SqlStore
from entitlements.service import AdmitRequest, ChainIntact, Desk

TICKETS = "CREATE TABLE IF NOT EXISTS tickets (id VARCHAR(40) PRIMARY KEY)"


def admission(number: int = 1, customer: str = "opening") -> AdmitRequest:
    return AdmitRequest(id=f"A-{number}", request=request(f"R-{number}", customer))


@pytest.fixture
def settled(make_sql: Callable[[], SqlStore]) -> SqlStore:
    """A settled store on each kind of database, with a table of the host."""
    made = make_sql()
    with made.engine.begin() as connection:
        connection.execute(text(TICKETS))
        connection.execute(text("DELETE FROM tickets"))
    settle(made)
    return made


@pytest.fixture
def settled_postgres(postgres_store: SqlStore) -> SqlStore:
    made = emptied(postgres_store)
    with made.engine.begin() as connection:
        connection.execute(text(TICKETS))
        connection.execute(text("DELETE FROM tickets"))
    settle(made)
    return made


@pytest.fixture
def settled_file(tmp_path: Path) -> Iterator[SqlStore]:
    with with_tables(f"sqlite:///{tmp_path / 'kept.db'}") as made:
        settle(made)
        yield made


def ticket(connection: Connection, id: str = "R-1") -> None:
    connection.execute(text("INSERT INTO tickets VALUES (:id)"), {"id": id})


def tickets(store: SqlStore) -> list[str]:
    with store.engine.connect() as connection:
        return sorted(connection.execute(text("SELECT id FROM tickets")).scalars())


def cases(store: SqlStore, customer: str = "opening") -> list[str]:
    """Return the customer's cases, and check that ledger, chain and outbox agree with them."""
    with store.begin(TENANT) as work:
        found = [each.id for each in work.cases.of(customer)]
        account = work.accounts.account(customer)
        assert account is not None
        assert sorted(each.id for each in account.cases) == sorted(found)
        granted = [each for each in work.outbox.pending() if each.topic == "case.granted"]
        assert len(granted) == work.decisions.head().number == len(found)
    # Another store has cached nothing.
    with SqlStore(store.engine, store.tables, check=False).begin(TENANT) as work:
        assert work.accounts.account(customer) == account
    desk = Desk(store, TENANT)
    assert all(each.same for each in desk.replay_all())
    assert isinstance(desk.verify(), ChainIntact)
    return sorted(found)
