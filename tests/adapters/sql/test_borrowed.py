"""A borrowed connection is used and left open, and its transaction is its owner's."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import text

from entitlements.adapters.sql import SqlStore, migrate
from entitlements.adapters.sql.borrowed import borrowed_engine
from entitlements.kernel.errors import InvalidValueError


def test_only_the_owner_ends_a_transaction_and_closes_the_connection() -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as owned:
        engine = borrowed_engine("sqlite", lambda: owned)
        owned.create_function("REGEXP", 2, lambda pattern, value: str(value) == pattern)
        owned.execute("CREATE TABLE tickets (id TEXT)")
        owned.execute("BEGIN")
        with engine.connect() as connection, connection.begin():
            connection.execute(text("INSERT INTO tickets VALUES ('a')"))
        with engine.connect() as connection:
            connection.execute(text("INSERT INTO tickets VALUES ('b')"))
            connection.rollback()
        assert owned.in_transaction
        assert owned.execute("SELECT count(*) FROM tickets WHERE 5 REGEXP '5'").fetchone() == (2,)
        owned.execute("ROLLBACK")
        assert owned.execute("SELECT count(*) FROM tickets").fetchone() == (0,)


def test_migrations_run_in_the_transaction_of_the_owner() -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as owned:
        engine = borrowed_engine("sqlite", lambda: owned)
        for end in ("ROLLBACK", "COMMIT"):
            owned.execute("BEGIN IMMEDIATE")
            with engine.connect() as connection, connection.begin():
                assert migrate(connection)[0] is None
            owned.execute(end)
        assert SqlStore(engine, check=False).tenants_on(engine.connect()) == ()


def test_other_databases_are_refused() -> None:
    with pytest.raises(InvalidValueError, match="oracle"):
        borrowed_engine("oracle", lambda: None)
