"""A store on a file keeps one connection in hand, and nobody notices."""

from __future__ import annotations

import gc
import shutil
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from weakref import ref

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import QueuePool
from tests.adapters.sql.hosts import admission, cases
from tests.databases import with_tables
from tests.forks import ended_well, forked, needs_fork
from tests.service.desks import MONDAY, TENANT, settle

from entitlements.adapters.sql import SqlStore, open_engine
from entitlements.adapters.sql.session.kept_connection import KeptConnection
from entitlements.kernel.errors import OpenTransactionError
from entitlements.service import Desk


def taken(store: SqlStore) -> int:
    """Return how many connections are out of the pool."""
    pool = store.engine.pool
    assert isinstance(pool, QueuePool)
    return pool.checkedout()


def in_thread(act: Callable[[], object]) -> None:
    failed: list[BaseException] = []

    def run() -> None:
        try:
            act()
        except BaseException as error:  # noqa: BLE001 - raised again below
            failed.append(error)

    other = threading.Thread(target=run)
    other.start()
    other.join()
    for error in failed:
        raise error


def test_units_one_after_the_other_use_one_connection(settled_file: SqlStore) -> None:
    found = set()
    for _ in range(3):
        with settled_file.begin(TENANT) as work:
            found.add(id(work._session.connection))  # noqa: SLF001 - which one it is
        assert taken(settled_file) == 1
    assert len(found) == 1


def test_what_a_unit_left_undone_is_gone(settled_file: SqlStore) -> None:
    with settled_file.begin(TENANT) as work:
        work.outbox.put("topic", "{}", MONDAY)
    with settled_file.begin(TENANT) as work:
        assert work.outbox.pending() == ()


def test_a_database_in_memory_and_an_engine_of_a_host_keep_none(tmp_path: Path) -> None:
    with with_tables("sqlite://") as store:
        assert store.kept is None
    place = f"sqlite:///{tmp_path / 'kept.db'}"
    with_tables(place).close()
    engine = open_engine(place)
    with SqlStore(engine, check=False).begin(TENANT):
        pass
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    engine.dispose()
    of_tasks = create_engine(place.replace("sqlite:", "sqlite+aiosqlite:"))
    assert KeptConnection.of(of_tasks) is None


def test_a_connection_in_a_transaction_is_not_kept(settled_file: SqlStore) -> None:
    kept = KeptConnection(settled_file.engine)
    for begin in ("connection", "driver"):
        connection = settled_file.engine.connect()
        if begin == "driver":
            driver = connection.connection.dbapi_connection
            assert driver is not None
            driver.cursor().execute("BEGIN")
        else:
            connection.begin()
        assert not kept.put(connection, 0)
        connection.close()
        assert not kept.put(connection, 0)
    assert kept.take() is None


def test_a_second_one_is_given_back_to_the_pool(settled_file: SqlStore) -> None:
    kept = KeptConnection(settled_file.engine)
    first, second = settled_file.engine.connect(), settled_file.engine.connect()
    assert kept.put(first, 0)
    assert not kept.put(second, 0)
    second.close()
    assert kept.take() is first
    first.close()


def test_threads_take_what_another_has_kept(settled_file: SqlStore) -> None:
    desk = Desk(settled_file, TENANT)
    in_thread(partial(desk.execute, admission(1), MONDAY))
    desk.execute(admission(2), MONDAY)
    in_thread(partial(desk.execute, admission(3), MONDAY))
    assert cases(settled_file) == ["R-1", "R-2", "R-3"]
    assert taken(settled_file) == 1


def test_a_unit_of_another_thread_on_the_kept_connection_is_not_mine(
    settled_file: SqlStore,
) -> None:
    """The thread that opened a connection does not have it while another thread works on it."""
    with settled_file.begin(TENANT):
        pass
    begun, over = threading.Event(), threading.Event()

    def work_elsewhere() -> None:
        with settled_file.begin(TENANT):
            begun.set()
            over.wait(0.3)

    other = threading.Thread(target=work_elsewhere)
    other.start()
    assert begun.wait(5)
    with settled_file.begin(TENANT) as work:  # waits for the other one, and is not refused
        assert work.outbox.pending() == ()
    over.set()
    other.join()


def test_a_unit_inside_a_unit_is_refused_on_the_kept_connection_too(settled_file: SqlStore) -> None:
    for _ in range(2):
        with (
            settled_file.begin(TENANT),
            pytest.raises(OpenTransactionError),
            settled_file.begin(TENANT),
        ):
            raise AssertionError("two units at once")


def test_a_disposed_engine_begins_with_the_file_that_is_there_then(tmp_path: Path) -> None:
    place, copy = tmp_path / "kept.db", tmp_path / "copy.db"
    with with_tables(f"sqlite:///{place}") as store:
        settle(store)
        store.close()
        shutil.copy(place, copy)
        Desk(store, TENANT).execute(admission(1), MONDAY)
        assert cases(store) == ["R-1"]
        store.close()
        copy.replace(place)
        store.clear_caches()
        assert cases(store) == []


def test_a_store_that_is_closed_while_a_unit_is_open_keeps_nothing(settled_file: SqlStore) -> None:
    with settled_file.begin(TENANT) as work:
        in_thread(settled_file.close)
        driver = work._session.connection.connection.dbapi_connection  # noqa: SLF001 - its own
        work.outbox.put("topic", "{}", MONDAY)
        work.commit()
    kept = settled_file.kept
    assert kept is not None
    assert kept.take() is None
    gc.collect()
    assert driver is not None
    with settled_file.begin(TENANT) as work:
        assert work._session.connection.connection.dbapi_connection is not driver  # noqa: SLF001 - as above
        assert len(work.outbox.pending()) == 1


def test_a_closed_store_has_no_connection(settled_file: SqlStore) -> None:
    with settled_file.begin(TENANT) as work:
        driver = work._session.connection.connection.dbapi_connection  # noqa: SLF001 - its own
    settled_file.close()
    assert driver is not None
    with pytest.raises(Exception, match="closed"):
        driver.cursor()


@needs_fork
def test_a_forked_child_leaves_the_connection_to_its_parent(settled_file: SqlStore) -> None:
    desk = Desk(settled_file, TENANT)
    desk.execute(admission(1), MONDAY)
    kept = settled_file.kept
    assert kept is not None

    def act() -> bool:
        alone = kept.take() is None
        return alone and desk.execute(admission(2), MONDAY).accepted

    assert ended_well(forked(act))
    assert taken(settled_file) == 1
    desk.execute(admission(3), MONDAY)
    assert cases(settled_file) == ["R-1", "R-2", "R-3"]


def test_the_connection_of_a_store_that_nobody_has_is_freed(tmp_path: Path) -> None:
    place = f"sqlite:///{tmp_path / 'kept.db'}"
    with_tables(place).close()
    store = SqlStore.open(place, check=False)
    with store.begin(TENANT) as work:
        connection = ref(work._session.connection)  # noqa: SLF001 - which one it is
    del store, work
    gc.collect()
    assert connection() is None
