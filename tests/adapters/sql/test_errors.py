"""Failures of a database become errors of the library, and nothing is half done."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from sqlalchemy import exc, text
from tests.databases import emptied

from entitlements.adapters.sql import SqlStore, migrate, open_engine
from entitlements.adapters.sql.errors import address_of, translated, translated_error
from entitlements.adapters.sql.tables import VERSION_TABLE
from entitlements.kernel.errors import (
    BusyError,
    ConflictError,
    EntitlementsError,
    InvalidValueError,
    LimitExceededError,
    StaleReadError,
    StorageError,
)
from entitlements.ports import UnitOfWork
from entitlements.testing.strategies.ports import START, account, case, reservation


@pytest.fixture
def postgres(postgres_store: SqlStore) -> SqlStore:
    return emptied(postgres_store)


def holding(store: SqlStore) -> SqlStore:
    with store.begin("t") as work:
        work.accounts.open(account())
        work.commit()
    return store


def test_a_database_without_tables_or_at_another_migration_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    engine = open_engine(url)
    (tmp_path / "x.db").touch()
    with (
        pytest.raises(StorageError, match=rf"{url}: .*`none`.* migrate --database {url}"),
        SqlStore(engine).begin("t"),
    ):
        raise AssertionError("it was opened")
    with pytest.raises(StorageError, match=rf"not there.*entitlements migrate --database {url}"):
        SqlStore(engine).tenants()
    migrate(engine)
    for other in ("0000", "0002"):
        with engine.begin() as connection:
            connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '{other}'"))  # noqa: S608 - names of our own
        with pytest.raises(StorageError, match=f"`{other}`"), SqlStore(engine).begin("t"):
            raise AssertionError("it was opened")
    engine.dispose()


def test_a_file_that_is_read_only_or_not_a_database_is_reported(tmp_path: Path) -> None:
    place = tmp_path / "x.db"
    migrate(f"sqlite:///{place}")
    read_only = SqlStore.open(f"sqlite:///file:{place}?mode=ro&uri=true")
    with (
        pytest.raises(StorageError, match=r"x.db\?.*read-only"),
        read_only.begin("t") as work,
    ):
        work.outbox.put("topic", "{}", START)
    read_only.close()
    place.write_bytes(b"this is no database at all, and it is long enough to be seen as none" * 9)
    broken = SqlStore.open(f"sqlite:///{place}")
    with (
        pytest.raises(StorageError, match=r"x\.db: that is no database"),
        broken.begin("t"),
    ):
        raise AssertionError("it was opened")
    with pytest.raises(StorageError, match=r"x\.db: that is no database"):
        migrate(f"sqlite:///{place}")
    broken.close()


def test_a_locked_database_is_named_and_a_password_is_not(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    migrate(url)
    with sqlite3.connect(tmp_path / "x.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        engine = open_engine(url, lock_timeout=0.01)
        with pytest.raises(BusyError, match=rf"^{url}: .*is locked"), SqlStore(engine).begin("t"):
            raise AssertionError("it was opened")
        other.execute("ROLLBACK")
    other.close()
    engine.dispose()
    hidden = address_of(open_engine("postgresql://h/x?user=ada&password=secret"))
    assert hidden == "postgresql://h/x?password=%2A%2A%2A&user=ada"
    server = SqlStore.open("postgresql://ada:secret@127.0.0.1:1/x")
    with pytest.raises(
        StorageError,
        match=r"^postgresql://ada:\*\*\*@127.0.0.1:1/x: the server cannot be reached",
    ):
        server.tenants()


def test_a_read_only_postgres_is_reported(postgres: SqlStore) -> None:
    with postgres.begin("t") as work:
        work._session.connection.execute(text("SET TRANSACTION READ ONLY"))  # noqa: SLF001 - the only way in
        with pytest.raises(StorageError, match="read-only"):
            work.outbox.put("topic", "{}", START)
        with pytest.raises(StorageError):
            work.commit()


def test_a_connection_that_is_cut_leaves_nothing_half_done(postgres: SqlStore) -> None:
    holding(postgres)
    for after in (lambda work: work.outbox.put("topic", "{}", START), lambda work: work.commit()):
        with postgres.begin("t") as work:
            work.cases.open(case())
            cut(postgres, work._session.connection)  # noqa: SLF001 - to be cut off
            with pytest.raises(StorageError):
                after(work)
    with postgres.begin("t") as work:
        assert work.accounts.account("acme") == account()
        assert work.cases.of("acme") == ()
        assert work.outbox.pending() == ()


def cut(store: SqlStore, connection: Any) -> None:
    number = connection.execute(text("SELECT pg_backend_pid()")).scalar()
    with store.engine.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:n)"), {"n": number})


def test_deadlocked_units_of_work_end_in_a_conflict(postgres: SqlStore) -> None:
    holding(postgres)
    with postgres.begin("t") as work:
        work.accounts.open(account("other"))
        work.commit()
    ready, failed = threading.Barrier(2), []

    def lock(first: str, second: str) -> None:
        try:
            with postgres.begin("t") as work:
                work.accounts.lock(first)
                ready.wait(10)
                work.accounts.lock(second)
        except EntitlementsError as error:
            failed.append(error)

    threads = [
        threading.Thread(target=lock, args=names)
        for names in (("acme", "other"), ("other", "acme"))
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert [type(each) for each in failed] == [StaleReadError]


def test_a_serialization_failure_is_a_conflict(postgres: SqlStore) -> None:
    holding(postgres)
    strict = SqlStore(
        postgres.engine.execution_options(isolation_level="SERIALIZABLE"),
        postgres.tables,
        check=False,
    )
    with strict.begin("t") as first, strict.begin("t") as second:
        first.ledger.entries("acme")
        second.ledger.entries("acme")
        first.ledger.append("acme", [reservation(account().ledger, "a")], 1)
        first.commit()
        with pytest.raises(ConflictError):
            second.ledger.append("acme", [reservation(account().ledger, "b")], 1)
        with pytest.raises(ConflictError):
            second.commit()


def test_an_existing_unique_key_is_a_conflict_and_commits_nothing(
    make_sql: Callable[[], SqlStore],
) -> None:
    store = holding(make_sql())
    entry = reservation(account().ledger, "a")
    again = attrs.evolve(entry, number=3)
    with store.begin("t") as work:
        with pytest.raises(ConflictError):
            work.ledger.append("acme", [entry, again], 1)
        with pytest.raises(ConflictError):
            work.commit()
    with store.begin("t") as work:
        assert work.ledger.ledger("acme") == account().ledger


def test_a_write_decided_from_an_older_account_is_refused(postgres: SqlStore) -> None:
    holding(postgres)
    with postgres.begin("t") as first, postgres.begin("t") as second:
        first.accounts.account("acme")
        second.accounts.account("acme")
        first.cases.open(case("a"))
        first.commit()
        with pytest.raises(ConflictError) as caught:
            second.cases.open(case("b"))
        assert caught.value.field == "version"


NONSENSE: dict[str, Callable[[UnitOfWork], Any]] = {
    "NUL in an id": lambda work: work.accounts.account("a\0b"),
    "half a surrogate pair in an id": lambda work: work.cases.case("\ud800"),
    "an id too long": lambda work: work.commands.find("x" * 201),
    "NUL in a body": lambda work: work.outbox.put("topic", "\0", START),
    "half a surrogate pair in a body": lambda work: work.outbox.put("topic", "\udfff", START),
    "no id": lambda work: work.work_items.claim(""),
}


@pytest.mark.parametrize("call", NONSENSE.values(), ids=NONSENSE)
def test_invalid_values_are_refused_before_they_are_sent(
    call: Callable[[UnitOfWork], Any], make_sql: Callable[[], SqlStore]
) -> None:
    with holding(make_sql()).begin("t") as work:
        with pytest.raises((InvalidValueError, LimitExceededError)):
            call(work)
        assert work.accounts.customers() == ("acme",)


def test_numbers_outside_the_range_of_a_column_are_refused(
    make_sql: Callable[[], SqlStore],
) -> None:
    with make_sql().begin("t") as work, pytest.raises((InvalidValueError, StorageError)):
        work.decisions.links(after=2**70)


def test_driver_exceptions_appear_only_as_causes() -> None:
    for error, kind in (
        (exc.IntegrityError("s", {}, Exception("duplicate key\nDETAIL")), StaleReadError),
        (exc.OperationalError("s", {}, Exception("database is locked")), BusyError),
        (sqlite3.OperationalError("database is locked"), BusyError),
        (sqlite3.IntegrityError("UNIQUE constraint failed"), StaleReadError),
        (sqlite3.DataError("string or blob too big"), InvalidValueError),
        (exc.OperationalError("s", {}, Exception("no such table: x")), StorageError),
        (exc.DataError("s", {}, Exception("out of range")), InvalidValueError),
        (exc.ResourceClosedError("closed"), StorageError),
        (exc.TimeoutError("pool"), BusyError),
        (exc.InterfaceError("s", {}, Exception("")), StorageError),
        (exc.CompileError("odd"), StorageError),
        (OverflowError("int too large"), InvalidValueError),
    ):
        ours = translated_error(error)
        assert type(ours) is kind
        assert "\n" not in str(ours)
        with pytest.raises(kind) as caught, translated():
            raise error
        assert caught.value.__cause__ is error


def test_other_exceptions_pass() -> None:
    with pytest.raises(ZeroDivisionError), translated():
        raise ZeroDivisionError
    with pytest.raises(LimitExceededError), translated():
        raise LimitExceededError("ours")
