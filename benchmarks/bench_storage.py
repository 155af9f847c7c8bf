"""Storage beside the bare drivers, and admissions and offers a second end to end.

python benchmarks/bench_storage.py [--quick] [--json FILE] [--database postgresql://...]

Contenders take turns within each round, so that a busy machine slows all of them; the minimum and
the median over the rounds are microseconds a piece. `rows` asks the same statement and stops at
the rows; `account` goes on to the value; `again` is what a unit pays while nothing was written.
Then a desk admits the demo's requests, and workers, each in a separate process, work off queues
in batches of several sizes; assignments are counted in the tables afterwards.

No contender waits for the disk, which would hide everything else. PostgreSQL is the empty one
that `--database` names, else one that is started as the tests start theirs, which needs `tests`
beside `benchmarks`; where none can be had, it is named as left out.
"""

from __future__ import annotations

import argparse
import json
import platform
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy.engine import make_url
from storage_work import admissions, layers, routers

from entitlements.adapters.sql import SqlStore, migrate
from entitlements.adapters.sql.rows.mapping import entry_to_row
from entitlements.adapters.sql.session.session import Session
from entitlements.contracts.account import Account, OpenCase
from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.ledger.entries import Entry, GrantShare, Issue, Reserve
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.contracts.records.changes import Cancellation
from entitlements.contracts.records.parties import Asset, Delegation
from entitlements.testing.strategies.ports import contract

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
BATCHES = ((1, 50), (100, 4), (1_000, 1))
NOTHING_KNOWN = {"since": 0, "head": 0}
Timed = dict[str, list[float]]
Calls = dict[str, Callable[[], object]]


def account(customer: str) -> Account:
    """Return a customer with twelve records."""
    day = datetime(2026, 1, 1, tzinfo=UTC)
    ledger = Ledger()
    for command in (
        Issue(grant=Grant(id="g", unit="incidents", amount=10**6, effective=day)),
        *(Reserve(key=f"k{n}", unit="incidents", amount=1) for n in range(4)),
    ):
        ledger = ledger.post(command, START).ledger
    return Account(
        customer=customer,
        contracts=[contract(customer=customer)],
        changes=[
            Cancellation(id=f"x{n}", contract="C-1", effective=START, retracted=True)
            for n in range(2)
        ],
        delegations=[Delegation(id="d", contract="C-1", giver="dana", receiver="eve", start=START)],
        assets=[Asset(id=f"db-{n}", product="db") for n in range(2)],
        cases=[OpenCase(id="c", contract="C-1", line="L-1", opened=START)],
        ledger=ledger,
    )


def measured(calls: Calls, pieces: int, rounds: int) -> Timed:
    """Return microseconds a piece, by contender, one for each round."""
    found: Timed = {name: [] for name in calls}
    for call in calls.values():
        call()
    for _ in range(rounds):
        for name, call in calls.items():
            begun = time.perf_counter()
            call()
            found[name].append((time.perf_counter() - begun) / pieces * 1e6)
    return found


def loading(store: SqlStore, raw: Any, customers: list[str]) -> Calls:
    """Return who loads these customers, one after the other."""
    statement = store.statements.facts.account

    def bare() -> None:
        cursor = raw.cursor()
        for each in customers:
            given = {"tenant_": "t", "customer": each, **NOTHING_KNOWN}
            cursor.execute(statement.text, statement.values(given))
            assert len(cursor.fetchall()) == 13
        raw.rollback()

    def rows() -> None:
        with store.engine.connect() as connection:
            session = Session(connection, "t")
            for each in customers:
                found = session.read(statement, customer=each, **NOTHING_KNOWN)
                assert len(found) == 13

    def values() -> None:
        store.clear_caches()
        again()

    def again() -> None:
        with store.begin("t") as work:
            for each in customers:
                assert work.accounts.account(each) is not None

    return {"driver": bare, "rows": rows, "account": values, "again": again}


def appending(store: SqlStore, raw: Any, batch: int, times: int, rounds: int) -> Calls:
    """Return who appends `batch` entries in one transaction, so many times."""
    marks = "?" if store.engine.dialect.name == "sqlite" else "%s"
    columns = ("tenant", "customer", "number", "key", "at", "recorded", "body")
    insert = (
        f"INSERT INTO entitlements_entries ({', '.join(columns)}) "  # noqa: S608 - names of our own
        f"VALUES ({', '.join([marks] * len(columns))})"
    )
    bump = (
        f"UPDATE entitlements_accounts SET version = version + {marks}, head = head + {marks} "  # noqa: S608 - names of our own
        f"WHERE tenant = {marks} AND customer = {marks} AND head = {marks} RETURNING version"
    )
    entries = [reserved(f"k{n}", n) for n in range(6, 6 + batch * times * (rounds + 1))]
    rows = [{**entry_to_row(each), "tenant": "t", "customer": f"driver{batch}"} for each in entries]
    given = [tuple(row[name] for name in columns) for row in rows]
    turns = {"driver": count(0, batch), "append": count(0, batch)}

    def bare() -> None:
        cursor = raw.cursor()
        for _ in range(times):
            first = next(turns["driver"])
            if marks == "?":
                cursor.execute("BEGIN IMMEDIATE")
            cursor.execute(bump, (batch, batch, "t", f"driver{batch}", first + 5))
            assert cursor.fetchone() is not None
            cursor.executemany(insert, given[first : first + batch])
            raw.commit()

    def append() -> None:
        for _ in range(times):
            first = next(turns["append"])
            with store.begin("t") as work:
                work.ledger.append(f"ours{batch}", entries[first : first + batch], first + 5)
                work.commit()

    return {"driver": bare, "append": append}


def reserved(key: str, number: int) -> Entry:
    """Return the entry of a reservation."""
    command = Reserve(key=key, unit="incidents", amount=1)
    return Entry(
        number=number, command=command, at=START, recorded=START, shares=[GrantShare("g", 1)]
    )


def report(title: str, timed: Timed, base: str = "driver") -> dict[str, Any]:
    """Print one table and return what it says."""
    print(f"\n{title}\n  {'':10} {'min us':>10} {'median us':>10} {'x driver':>9}")
    found = {}
    for name, values in timed.items():
        ratio = min(values) / min(timed[base])
        middle = statistics.median(values)
        print(f"  {name:10} {min(values):10.1f} {middle:10.1f} {ratio:9.2f}")
        found[name] = {"min": min(values), "median": middle, "ratio": ratio}
    return {title: found}


def run(kind: str, store: SqlStore, raw: Any, *, quick: bool) -> dict[str, Any]:
    """Measure one database."""
    names = [f"c{n}" for n in range(50 if quick else 200)]
    with store.begin("t") as work:
        writers = [f"{who}{batch}" for who in ("driver", "ours") for batch, _ in BATCHES]
        for each in [*names, *writers]:
            work.accounts.open(account(each))
        work.commit()
    rounds = 5 if quick else 15
    found = report(
        f"{kind}: load one customer's facts (13 rows, one statement)",
        measured(loading(store, raw, names), len(names), rounds),
    )
    for batch, times in BATCHES:
        title = f"{kind}: append a ledger row, {batch} a transaction"
        calls = appending(store, raw, batch, times, rounds)
        found |= report(title, measured(calls, batch * times, rounds))
    return found


@contextmanager
def postgres(given: str | None) -> Iterator[str]:
    """Yield the address of an empty database: the one given, or one of a temporary server.

    Raises:
        ImportError, RuntimeError: There is no server, or nothing to start it with.
    """
    if given is not None:
        yield given
        return
    sys.path.insert(1, str(Path(__file__).resolve().parents[1]))
    from tests.databases import new_database, server  # noqa: PLC0415 - needs what tests need

    with server() as url:
        yield new_database(url)


def on_postgres(url: str, *, quick: bool) -> dict[str, Any]:
    """Measure PostgreSQL."""
    import psycopg  # noqa: PLC0415 - an extra

    migrate(url)
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as settings:
        settings.execute(f'ALTER DATABASE "{make_url(url).database}" SET synchronous_commit = off')
    store, raw = SqlStore.open(url), psycopg.connect(plain)
    found = run("PostgreSQL", store, raw, quick=quick)
    found |= admissions("PostgreSQL", store, quick=quick)
    found |= routers(store, url, quick=quick)
    found |= layers(store, raw, quick=quick)
    raw.close()
    store.engine.dispose()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--database", help="address of an empty PostgreSQL database")
    given = parser.parse_args()
    print(f"Python {platform.python_version()}, SQLAlchemy {sqlalchemy.__version__}")
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "kept.db"
        migrate(f"sqlite:///{place}")
        raw = sqlite3.connect(place, isolation_level=None)
        raw.execute("PRAGMA synchronous = OFF")
        store = SqlStore.open(f"sqlite:///{place}")
        sqlalchemy.event.listen(
            store.engine, "connect", lambda made, _: made.execute("PRAGMA synchronous = OFF")
        )
        found |= run("SQLite", store, raw, quick=given.quick)
        found |= admissions("SQLite", store, quick=given.quick)
        store.engine.dispose()
    try:
        with postgres(given.database) as url:
            found |= on_postgres(url, quick=given.quick)
    except (ImportError, RuntimeError) as error:
        print(f"\nPostgreSQL: left out, because {error}")
        found["left out"] = f"PostgreSQL: {error}"
    if given.json:
        given.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
