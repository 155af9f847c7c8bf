"""Several processes give the same commands in two orders: each is carried out once."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url
from tests.databases import drop_database, new_database, with_tables
from tests.service.desks import MONDAY, TENANT, settle
from tests.service.rivals import commands, race_and_check

from entitlements.adapters.sql import SqlStore
from entitlements.service import AdmitRequest, Desk, Reply
from entitlements.service.execution import execute_all
from entitlements.service.transaction import Transaction
from entitlements.testing.laws.desk import replays

pytestmark = pytest.mark.load


@pytest.fixture
def url(postgres_server: str) -> Iterator[str]:
    made = new_database(postgres_server)
    yield made
    drop_database(postgres_server, made)


def test_rival_processes_carry_out_the_same_commands_once_on_sqlite(tmp_path: Path) -> None:
    race_and_check(f"sqlite:///{tmp_path / 'rivals.db'}", commands(60))


def test_rival_processes_carry_out_the_same_commands_once_on_postgres(url: str) -> None:
    race_and_check(url, commands(60))


@pytest.mark.parametrize("more", [1, 0], ids=["a batch", "one command"])
def test_customers_without_an_account_are_not_waited_for_in_a_circle(url: str, more: int) -> None:
    """Two processes deny the same requests in opposite orders, the second between two of ours."""
    first, *given = commands(3, ["somebody", "nobody", "no other"])
    fork, told = multiprocessing.get_context("fork"), list[Reply]()
    other = fork.Process(target=_deny, args=(url, given[::-1][: 1 + more]))

    def step(transaction: Transaction) -> None:
        transaction.work.accounts.lock_all({each.request.customer for each in given})
        told.extend(execute_all(transaction, given[:1]))
        other.start()
        _wait_until(url, "SELECT count(*) FROM pg_locks WHERE NOT granted")
        told.extend(execute_all(transaction, given[1:]))

    with with_tables(url) as store:
        settle(store)
        Desk(store, TENANT).execute(first, MONDAY)  # so that the tenant has a chain
        Desk(store, TENANT).context.execute(step, MONDAY)
        other.join()
        assert [each.repeated for each in told] == [False, False]
        assert replays(store, TENANT) == 1 + len(given)
    assert other.exitcode == 0
    with psycopg.connect(_plain(url), autocommit=True) as connection:
        connection.execute("SELECT pg_sleep(0.1)")
        here = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        assert connection.execute(here).fetchall() == [(0,)]


def _deny(url: str, given: Sequence[AdmitRequest]) -> None:
    with SqlStore.open(url, check=False) as store:
        assert all(each.repeated for each in Desk(store, TENANT).do_all(given, MONDAY))


def _wait_until(url: str, question: str) -> None:
    with psycopg.connect(_plain(url), autocommit=True) as connection:
        for _ in range(3_000):
            if connection.execute(question).fetchall() != [(0,)]:
                return
            time.sleep(0.01)
    raise AssertionError(question)


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
