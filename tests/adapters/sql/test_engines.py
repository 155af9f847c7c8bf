from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from entitlements.adapters.sql import SqlStore, migrate, open_engine
from entitlements.adapters.sql.engines import ping_on_checkout
from entitlements.kernel.errors import BusyError, EntitlementsError, InvalidValueError, StorageError

_WHO = "SELECT pg_backend_pid()"


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://host/x", "oracle://x", "sqlite"])
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(InvalidValueError):
        open_engine(url)


def test_sqlite_is_configured_for_units_of_work(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'x.db'}")
    with engine.connect() as connection:
        found = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in (
                "journal_mode", "foreign_keys", "synchronous", "busy_timeout", "wal_autocheckpoint",
            )
        }  # fmt: skip
    engine.dispose()
    assert found == {
        "journal_mode": "wal", "foreign_keys": 1, "synchronous": 2, "busy_timeout": 5_000,
        "wal_autocheckpoint": 4_000,
    }  # fmt: skip


@pytest.mark.parametrize("place", ["", "kept.db"])
def test_units_of_work_on_sqlite_take_turns_up_to_the_lock_timeout(
    place: str, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / place}" if place else "sqlite://"
    engine = open_engine(url, lock_timeout=0.05)
    migrate(engine)
    store = SqlStore(engine)
    failed: list[EntitlementsError] = []

    def begin() -> None:
        try:
            with store.begin("u"):
                raise AssertionError("two units at once")
        except EntitlementsError as error:
            failed.append(error)

    with store.begin("t"):
        other = threading.Thread(target=begin)
        other.start()
        other.join()
    assert [type(each) for each in failed] == [BusyError]
    with store.begin("t") as work:
        work.commit()
    engine.dispose()


def test_postgres_stops_waiting_for_a_lock_after_the_timeout(postgres_server: str) -> None:
    engine = open_engine(postgres_server, lock_timeout=0.25)
    with engine.connect() as connection:
        assert connection.execute(text("SHOW lock_timeout")).scalar() == "250ms"
        assert connection.execute(text("SHOW transaction_isolation")).scalar() == "read committed"
    engine.dispose()


def test_a_postgres_connection_that_was_cut_while_idle_is_replaced(
    postgres_server: str,
) -> None:
    engine, other = open_engine(postgres_server), open_engine(postgres_server)
    with engine.connect() as first, engine.connect() as second:
        cut = [each.execute(text(_WHO)).scalar() for each in (first, second)]
    with other.connect() as connection:
        for each in cut:
            connection.execute(text("SELECT pg_terminate_backend(:n)"), {"n": each})
        left = text("SELECT count(*) FROM pg_stat_activity WHERE pid = ANY(:cut)")
        while connection.execute(left, {"cut": cut}).scalar():
            connection.rollback()
    with engine.connect() as first, engine.connect() as second:
        for one in (first, second):
            assert one.execute(text(_WHO)).scalar() not in cut
    engine.dispose()
    other.dispose()


@pytest.mark.parametrize("longest", [0.0, 60.0])
def test_a_postgres_connection_that_was_idle_for_long_is_tested(
    longest: float, postgres_server: str
) -> None:
    engine = create_engine(make_url(postgres_server).set(drivername="postgresql+psycopg"))
    ping_on_checkout(engine, longest)
    with engine.connect() as connection:
        number = connection.execute(text(_WHO)).scalar()
    other = open_engine(postgres_server)
    with engine.connect(), other.connect() as connection:
        last = text("SELECT query FROM pg_stat_activity WHERE pid = :n")
        found = str(connection.execute(last, {"n": number}).scalar())
    assert ("ROLLBACK" in found) == (longest > 0)
    engine.dispose()
    other.dispose()


def test_an_unreachable_database_is_reported() -> None:
    store = SqlStore.open("postgresql:///x?host=/nowhere/at/all&connect_timeout=1")
    with pytest.raises(StorageError), store.begin("t"):
        raise AssertionError("it is not there")
