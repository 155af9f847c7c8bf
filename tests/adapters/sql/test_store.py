from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
import pytest
from sqlalchemy import Connection, MetaData
from sqlalchemy.pool import QueuePool

from entitlements.adapters.sql import SqlStore, define_tables, migrate, open_engine
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.records.parties import Asset
from entitlements.testing.laws.ports import UNIT_LAWS, Law
from entitlements.testing.strategies.ports import START, account, reservation


@pytest.mark.parametrize("law", UNIT_LAWS, ids=lambda law: law.__name__)
def test_units_of_work_keep_the_laws(law: Law, make_sql: Callable[[], SqlStore]) -> None:
    law(make_sql)


def test_a_waiting_caller_is_woken_by_a_message(make_sql: Callable[[], SqlStore]) -> None:
    store = make_sql()
    assert not store.wait(0.01)

    def put() -> None:
        with store.begin("t") as work:
            work.outbox.put("topic", "{}", START)
            work.commit()

    later = threading.Timer(0.1, put)
    later.start()
    assert store.wait(10)
    later.join()


def test_time_comes_from_the_database_unless_a_clock_is_given(
    make_sql: Callable[[], SqlStore],
) -> None:
    store = make_sql()
    with store.begin("t") as work:
        found = work.now()
    assert abs(found - datetime.now(UTC)) < timedelta(minutes=1)  # noqa: TID251 - compared with the machine's
    assert found.tzinfo is UTC
    by_hand = SqlStore(store.engine, store.tables, clock=lambda: START, check=False)
    with by_hand.begin("t") as work:
        assert work.now() == START


def test_the_host_commits_its_own_transaction(make_sql: Callable[[], SqlStore]) -> None:
    store = make_sql()
    for end in (Connection.rollback, Connection.commit):
        with store.engine.connect() as connection:
            connection.begin()
            with store.on(connection).begin("t") as work:
                work.accounts.open(account())
                assert work.accounts.account("acme") == account()
                work.commit()
            end(connection)
        with store.begin("t") as work:
            found = work.accounts.account("acme")
            assert found == (None if end is Connection.rollback else account())


def test_rolled_back_changes_are_not_cached(make_sql: Callable[[], SqlStore]) -> None:
    store = make_sql()
    with store.begin("t") as work:
        work.accounts.open(account())
        work.commit()
    ours, theirs = Asset(id="ours", product="db"), Asset(id="theirs", product="db")
    with store.begin("t") as work:
        work.accounts.account("acme")
        work.accounts.add("acme", ours, at=START)
        work.catalog.save(Catalog(), [], START)
        assert work.accounts.account("acme") == attrs.evolve(account(), assets=[ours])
        assert work.catalog.edition().recorded == START
    with store.begin("t") as work:
        work.accounts.add("acme", theirs, at=START)
        work.catalog.save(Catalog(), [], START + timedelta(hours=1))
        work.commit()
    with store.begin("t") as work:
        assert work.accounts.account("acme") == attrs.evolve(account(), assets=[theirs])
        assert work.catalog.edition().recorded == START + timedelta(hours=1)


def test_another_store_sees_what_was_written_and_the_cache_is_bounded(
    make_sql: Callable[[], SqlStore],
) -> None:
    store = make_sql()
    other = SqlStore(store.engine, store.tables, check=False, keep=2)
    names = [f"c{number}" for number in range(5)]
    with store.begin("t") as work:
        for each in names:
            work.accounts.open(account(each))
        work.commit()
    for times in range(1, 4):
        with other.begin("t") as work:
            for each in names:
                assert work.accounts.account(each) is not None
        assert len(other.accounts) <= 2
        with store.begin("t") as work:
            ledger = work.ledger.ledger("c4")
            work.ledger.append("c4", [reservation(ledger, f"k{times}")], len(ledger))
            work.commit()
        with other.begin("t") as work:
            assert len(work.ledger.ledger("c4")) == 1 + times


def test_a_store_that_was_opened_is_closed_and_a_hosts_engine_is_not(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'kept.db'}"
    migrate(url)
    with SqlStore.open(url) as store:
        assert store.tenants() == ()
        assert resting(store) == 1
    assert resting(store) == 0
    engine = open_engine(url)
    with SqlStore(engine) as hosted:
        assert hosted.tenants() == ()
    assert resting(hosted) == 1
    engine.dispose()


def resting(store: SqlStore) -> int:
    """Return how many connections wait in the pool."""
    pool = store.engine.pool
    assert isinstance(pool, QueuePool)
    return pool.checkedin()


def test_tables_of_a_host_are_used_where_they_are(tmp_path: Path) -> None:
    metadata = MetaData()
    own = define_tables(metadata)
    engine = open_engine(f"sqlite:///{tmp_path / 'host.db'}")
    metadata.create_all(engine)
    with SqlStore(engine, own, check=False).begin("t") as work:
        work.accounts.open(account())
        work.commit()
    assert SqlStore(engine, own, check=False).tenants() == ("t",)
    engine.dispose()


def test_an_account_whose_opening_was_taken_back_is_not_remembered(
    make_sql: Callable[[], SqlStore],
) -> None:
    store = make_sql()
    with store.begin("t") as work:
        work.accounts.open(account(amount=1))
        assert work.accounts.account("acme") == account(amount=1)
    with store.begin("t") as work:
        assert work.accounts.account("acme") is None
        work.accounts.open(account(amount=9))
        work.commit()
    with store.begin("t") as work:
        assert work.accounts.account("acme") == account(amount=9)
