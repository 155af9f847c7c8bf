from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from entitlements.adapters.sql import SqlStore, migrate, open_engine
from entitlements.kernel.errors import ConflictError, InvalidValueError, StorageError


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://host/x", "oracle://x", "sqlite"])
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(InvalidValueError):
        open_engine(url)


def test_sqlite_is_set_up_for_units_of_work(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'x.db'}")
    with engine.connect() as connection:
        found = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        }
    engine.dispose()
    assert found == {
        "journal_mode": "wal", "foreign_keys": 1, "synchronous": 2, "busy_timeout": 5_000,
    }  # fmt: skip


@pytest.mark.parametrize("place", ["", "kept.db"])
def test_units_of_sqlite_take_turns_and_do_not_wait_for_ever(place: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / place}" if place else "sqlite://"
    engine = open_engine(url, patience=0.05)
    migrate(engine)
    store = SqlStore(engine)
    with store.begin("t"), pytest.raises(ConflictError), store.begin("u"):
        raise AssertionError("two units at once")
    with store.begin("t") as work:
        work.commit()
    engine.dispose()


def test_postgres_gives_up_waiting_for_a_lock(postgres_server: str) -> None:
    engine = open_engine(postgres_server, patience=0.25)
    with engine.connect() as connection:
        assert connection.execute(text("SHOW lock_timeout")).scalar() == "250ms"
        assert connection.execute(text("SHOW transaction_isolation")).scalar() == "read committed"
    engine.dispose()


def test_a_database_that_is_down_says_so() -> None:
    store = SqlStore.open("postgresql:///x?host=/nowhere/at/all&connect_timeout=1")
    with pytest.raises(StorageError), store.begin("t"):
        raise AssertionError("it is not there")
