"""What a host can get wrong is refused by name, before anything is done."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import IntegrityError
from tests.adapters.sql.hosts import TICKETS, admission, cases, ticket, tickets
from tests.databases import drop_database, new_database
from tests.forks import ended_well, forked, needs_fork
from tests.service.desks import MONDAY, TENANT

from entitlements.adapters.memory import MemoryStore
from entitlements.adapters.sql import SqlStore
from entitlements.kernel.errors import (
    HostTransactionError,
    InvalidValueError,
    StorageError,
)
from entitlements.service import Desk


def test_a_connection_without_a_transaction_is_refused(settled: SqlStore) -> None:
    desk = Desk(settled, TENANT)
    with settled.engine.connect() as connection:
        with pytest.raises(HostTransactionError, match="in no transaction"):
            desk.on(connection)
        with connection.begin():
            at_host = desk.on(connection)
        with pytest.raises(HostTransactionError, match="in no transaction"):
            at_host.execute(admission(), MONDAY)
    with pytest.raises(HostTransactionError, match="closed"):
        at_host.execute(admission(), MONDAY)
    with pytest.raises(InvalidValueError):
        desk.on("connection")
    with pytest.raises(InvalidValueError, match="SqlStore"):
        Desk(MemoryStore(), TENANT).on(connection)
    assert cases(settled) == []


def test_a_connection_that_commits_each_statement_is_refused(settled: SqlStore) -> None:
    engine = settled.engine.execution_options(isolation_level="AUTOCOMMIT")
    with (
        engine.connect() as connection,
        connection.begin(),
        pytest.raises(HostTransactionError, match="commits each statement"),
    ):
        Desk(settled, TENANT).on(connection)


def test_the_driver_of_sqlite_may_put_off_the_transaction(settled_file: SqlStore) -> None:
    """A savepoint alone would be a transaction, and its release would commit the case."""
    plain = create_engine(settled_file.engine.url)
    desk = Desk(SqlStore(plain, check=False), TENANT)
    with plain.connect() as connection, connection.begin() as transaction:
        assert desk.on(connection).execute(admission(), MONDAY).accepted
        transaction.rollback()
    assert cases(settled_file) == []
    with plain.connect() as connection, connection.begin():
        assert desk.on(connection).execute(admission(), MONDAY).accepted
    plain.dispose()
    assert cases(settled_file) == ["R-1"]


def test_a_connection_to_another_database_is_refused(
    settled: SqlStore, tmp_path: Path, postgres_server: str
) -> None:
    url = new_database(postgres_server)
    for other in (f"sqlite:///{tmp_path / 'other.db'}", "sqlite://", url):
        engine = create_engine(other)
        with engine.begin() as connection:
            with pytest.raises(HostTransactionError, match="another database"):
                Desk(settled, TENANT).on(connection)
            assert not engine.dialect.has_table(connection, settled.tables.cases.name)
        engine.dispose()
    drop_database(postgres_server, url)


def test_another_engine_of_the_same_database_is_welcome(
    settled_postgres: SqlStore, settled_file: SqlStore
) -> None:
    for store in (settled_postgres, settled_file):
        engine = create_engine(store.engine.url.set(query=dict(store.engine.url.query)))
        with engine.begin() as connection:
            assert Desk(store, TENANT).on(connection).execute(admission(), MONDAY).accepted
        engine.dispose()
        assert cases(store) == ["R-1"]


def test_another_driver_or_schema_is_refused(settled_postgres: SqlStore) -> None:
    translated = settled_postgres.engine.execution_options(schema_translate_map={None: "tenant_b"})
    with (
        translated.begin() as connection,
        pytest.raises(HostTransactionError, match="translates schemas"),
    ):
        Desk(settled_postgres, TENANT).on(connection)


def test_a_transaction_that_has_failed_before_is_refused_at_once(
    settled_postgres: SqlStore,
) -> None:
    desk = Desk(settled_postgres, TENANT)
    with settled_postgres.engine.connect() as connection:
        with pytest.raises(Exception, match="nowhere"):
            connection.execute(text("SELECT * FROM nowhere"))
        with pytest.raises(HostTransactionError, match="failed or ended") as caught:
            desk.on(connection).execute(admission(), MONDAY)
        assert "roll it back" in str(caught.value.hint)
        connection.rollback()
        with connection.begin():
            assert desk.on(connection).execute(admission(), MONDAY).accepted
    assert cases(settled_postgres) == ["R-1"]


def test_a_transaction_that_sqlite_has_ended_is_refused(settled_file: SqlStore) -> None:
    """Else the savepoint would be a transaction, and its case be kept without the host's row."""
    with settled_file.engine.begin() as connection:
        connection.execute(text(TICKETS))
    with settled_file.engine.connect() as connection, connection.begin():
        ticket(connection, "before")
        with pytest.raises(IntegrityError):
            connection.execute(text("INSERT OR ROLLBACK INTO tickets VALUES ('before')"))
        with pytest.raises(HostTransactionError, match="failed or ended"):
            Desk(settled_file, TENANT).on(connection).execute(admission(), MONDAY)
    assert (cases(settled_file), tickets(settled_file)) == ([], [])


def read_only(connection: Connection) -> None:
    sqlite = connection.dialect.name == "sqlite"
    connection.execute(text("PRAGMA query_only=1" if sqlite else "SET TRANSACTION READ ONLY"))


def test_a_read_only_transaction_answers_questions_and_refuses_commands(settled: SqlStore) -> None:
    desk = Desk(settled, TENANT)
    desk.execute(admission(1), MONDAY)
    with settled.engine.connect() as connection, connection.begin():
        read_only(connection)
        at_host = desk.on(connection)
        with pytest.raises(StorageError, match="read-only"):
            at_host.execute(admission(2), MONDAY)
        assert at_host.execute(admission(1), MONDAY).repeated
        assert at_host.clocks("R-1", MONDAY)
        assert [each.same for each in at_host.replay("R-1")] == [True]
        if connection.dialect.name == "sqlite":
            connection.execute(text("PRAGMA query_only=0"))
    assert cases(settled) == ["R-1"]


@needs_fork
def test_a_forked_child_does_not_work_in_the_transaction_of_its_parent(settled: SqlStore) -> None:
    desk = Desk(settled, TENANT)

    def act() -> bool:
        with pytest.raises(HostTransactionError, match="another process"):
            at_host.execute(admission(1), MONDAY)
        return True

    with settled.engine.begin() as connection:
        at_host = desk.on(connection)
        assert at_host.execute(admission(2), MONDAY).accepted
        assert ended_well(forked(act))
        assert at_host.execute(admission(3), MONDAY).accepted
    assert cases(settled) == ["R-2", "R-3"]


@needs_fork
def test_a_forked_child_opens_connections_of_its_own(
    settled_postgres: SqlStore, settled_file: SqlStore
) -> None:
    for store in (settled_postgres, settled_file):
        desk = Desk(store, TENANT)
        desk.execute(admission(1), MONDAY)
        act = partial(lambda desk: desk.execute(admission(2), MONDAY).accepted, desk)
        assert ended_well(forked(act))
        desk.execute(admission(3), MONDAY)
        assert cases(store) == ["R-1", "R-2", "R-3"]
