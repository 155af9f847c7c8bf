"""A transaction of the caller itself is never awaited; one of another is, once."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select
from tests.databases import emptied, with_tables
from tests.service.desks import MONDAY, TENANT, request, settle

from entitlements.adapters.sql import SqlStore, migrate, open_engine
from entitlements.kernel.errors import BusyError, ConflictError, OpenTransactionError, StorageError
from entitlements.service import AdmitRequest, Desk


def filled(store: SqlStore) -> SqlStore:
    settle(store)
    return store


def admission() -> AdmitRequest:
    return AdmitRequest(id="A-1", request=request())


@contextmanager
def at_once(seconds: float = 1.0) -> Iterator[None]:
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < seconds


@pytest.fixture(params=["", "kept.db"], ids=["memory", "file"])
def sqlite_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    url = f"sqlite:///{tmp_path / request.param}" if request.param else "sqlite://"
    with with_tables(url) as store:
        yield filled(store)


def begun_by_begin(connection: Connection, store: SqlStore) -> None:
    del store
    connection.begin()


def begun_by_a_query(connection: Connection, store: SqlStore) -> None:
    connection.execute(select(store.tables.group_leases.c.term))


def begun_by_a_write(connection: Connection, store: SqlStore) -> None:
    row = {"tenant": "h", "expert_group": "a", "owner": None, "term": 1, "until": 2}
    connection.execute(insert(store.tables.group_leases), row)


@pytest.mark.parametrize("begun", [begun_by_begin, begun_by_a_query, begun_by_a_write])
def test_a_desk_inside_the_callers_own_transaction_is_refused_at_once(
    begun: Callable[[Connection, SqlStore], None], sqlite_store: SqlStore
) -> None:
    desk = Desk(sqlite_store, TENANT)
    with sqlite_store.engine.connect() as connection:
        begun(connection, sqlite_store)
        with at_once(), pytest.raises(OpenTransactionError) as caught:
            desk.execute(admission(), MONDAY)
        assert "desk.on(connection)" in str(caught.value.hint)
        assert desk.on(connection).execute(admission(), MONDAY).result == "granted"
        connection.commit()
    assert desk.execute(admission(), MONDAY).repeated


def test_a_transaction_of_another_engine_on_the_same_file_is_refused_at_once(
    tmp_path: Path,
) -> None:
    place = tmp_path / "kept.db"
    with with_tables(f"sqlite:///{place}") as store:
        desk = Desk(filled(store), TENANT)
        same, other = open_engine(f"sqlite:///{tmp_path}/./kept.db"), open_engine("sqlite://")
        with same.begin(), at_once(), pytest.raises(OpenTransactionError):
            desk.execute(admission(), MONDAY)
        with other.begin():
            assert desk.execute(admission(), MONDAY).result == "granted"
        same.dispose()
        other.dispose()


@pytest.mark.parametrize("end", ["commit", "rollback", "close"])
def test_a_transaction_that_has_ended_does_not_block(end: str, tmp_path: Path) -> None:
    with with_tables(f"sqlite:///{tmp_path / 'kept.db'}") as store:
        desk = Desk(filled(store), TENANT)
        with store.engine.connect() as connection:
            begun_by_a_write(connection, store)
            getattr(connection, end)()
            assert desk.execute(admission(), MONDAY).result == "granted"


def test_a_unit_of_work_inside_another_of_the_same_thread_is_refused_at_once(
    sqlite_store: SqlStore,
) -> None:
    with (
        at_once(),
        sqlite_store.begin(TENANT) as work,
        pytest.raises(OpenTransactionError),
        sqlite_store.begin("other"),
    ):
        raise AssertionError("two units at once")
    with pytest.raises(StorageError):
        work.commit()


def test_a_transaction_of_another_thread_is_awaited(tmp_path: Path) -> None:
    store = filled(with_tables(f"sqlite:///{tmp_path / 'kept.db'}"))
    ready, done = threading.Event(), threading.Event()

    def hold() -> None:
        with store.engine.connect() as connection:
            begun_by_a_write(connection, store)
            ready.set()
            done.wait(0.2)

    other = threading.Thread(target=hold)
    other.start()
    ready.wait(5)
    assert Desk(store, TENANT).execute(admission(), MONDAY).result == "granted"
    other.join()
    store.close()
    store.engine.dispose()


def test_a_desk_waits_for_a_busy_database_once(tmp_path: Path) -> None:
    place = tmp_path / "kept.db"
    migrate(f"sqlite:///{place}")
    engine = open_engine(f"sqlite:///{place}", lock_timeout=0.2)
    desk = Desk(filled(SqlStore(engine)), TENANT)
    other = sqlite3.connect(place, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with at_once(0.9), pytest.raises(BusyError, match="locked") as caught:
        desk.execute(admission(), MONDAY)
    assert isinstance(caught.value, ConflictError)
    other.execute("ROLLBACK")
    assert desk.execute(admission(), MONDAY).result == "granted"
    other.close()
    engine.dispose()


def test_a_desk_waits_for_a_connection_once(postgres_store: SqlStore) -> None:
    store = filled(emptied(postgres_store))
    engine = open_engine(store.engine.url, lock_timeout=0.2)
    desk = Desk(SqlStore(engine, check=False), TENANT)
    held = [engine.connect() for _ in range(15)]
    with at_once(0.9), pytest.raises(BusyError, match="connections"):
        desk.execute(admission(), MONDAY)
    for each in held:
        each.close()
    assert desk.execute(admission(), MONDAY).result == "granted"
    engine.dispose()


def test_on_postgres_a_desk_may_work_beside_the_callers_transaction(
    postgres_store: SqlStore,
) -> None:
    store = filled(emptied(postgres_store))
    with store.engine.connect() as connection:
        begun_by_a_write(connection, store)
        reply = Desk(store, TENANT).execute(admission(), MONDAY)
    assert reply.result == "granted"
    assert Desk(store, TENANT).execute(admission(), MONDAY) == reply
