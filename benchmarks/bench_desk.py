"""Admissions at a desk, with their parts, beside the bare driver's statements.

python benchmarks/bench_desk.py [--quick] [--json FILE] [--database postgresql://...]

`demo` admits the demo's requests: 8 customers, three of four requests are accepted. `prepaid`
admits requests of one customer, each of which holds a unit. They run in memory, in a file of SQLite
with `synchronous=FULL`, one by one and 20 a transaction, and on PostgreSQL. `driver` sends the
statements of a run again, by the driver alone, to a database with the same content: no code above
it can be faster. `inside Django` has each admission in an `atomic` block of the host, on Django's
connection, which prepares statements; `Django, times` is how many times as long that takes. Rates
are medians of several runs, taken in turns, because the speed of a shared machine varies from
minute to minute; the garbage collector leaves out what was there before each run.

On PostgreSQL an admission with an instant is one statement, and one without an instant two, because
the clock is the server's.

Parts are exclusive microseconds an admission, with a clock around each; the rates are measured
without clocks. On PostgreSQL the chain of a tenant is locked for the last part of the writing
statement: `under the lock` is that part alone, with its round trip and its commit.
"""

from __future__ import annotations

import argparse
import gc
import json
import platform
import sqlite3
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy
from bench_storage import postgres
from desk_on_django import django_store, rate_in_blocks
from sqlalchemy.engine import make_url
from storage_work import forget

from entitlements.adapters.composed_admissions import ComposedAdmissions
from entitlements.adapters.memory import MemoryStore
from entitlements.adapters.memory.store import MemoryUnit
from entitlements.adapters.sql import SqlStore, migrate
from entitlements.adapters.sql.repositories.admissions.admissions import SqlAdmissions
from entitlements.adapters.sql.session.channels import BEGIN_WRITE, DriverChannel
from entitlements.adapters.sql.store import SqlUnit
from entitlements.cli.commands.demo import LENGTH, START, document
from entitlements.cli.demo.traffic import generated_requests
from entitlements.contracts import (
    AccessRight,
    Account,
    Allowance,
    Catalog,
    Contract,
    ContractLine,
    ExpertGroup,
    Plan,
    Product,
)
from entitlements.documents import parse_facts
from entitlements.engine import Engine, Facts
from entitlements.kernel.requests import Request
from entitlements.ports import Store
from entitlements.ports.rules.chain_links import content_digest
from entitlements.service import AdmitRequest, Desk, execution
from entitlements.service.cases import admission
from entitlements.sla import SlaPolicy, Target

TENANT, BATCH, ROUNDS = "demo", 20, 5
Rates = dict[str, float]
Admissions = list[tuple[AdmitRequest, Any]]
Sent = tuple[str, str, Any]


class World(NamedTuple):
    """What is stored before, and the admissions."""

    facts: Any
    commands: Admissions


def demo(count: int) -> World:
    """Return the demo's customers and requests."""
    facts = parse_facts(document())
    made = generated_requests(facts, seed=1, count=count, start=START, end=START + LENGTH)
    return World(facts, [(AdmitRequest(id=e.request.id, request=e.request), e.at) for e in made])


def prepaid_facts() -> Facts:
    """Return a customer who has bought units for each request."""
    plan = Plan(
        id="prepaid",
        policy="standard",
        severities=["S1"],
        channels=["phone"],
        rights=[AccessRight(id="experts", group="experts", allowance="cases")],
        allowances=[
            Allowance(id="cases", unit="incidents", amount=100_000, consumption="resolution")
        ],
    )
    contract = Contract(
        id="C-1",
        customer="acme",
        zone="UTC",
        start=START.date().replace(month=1, day=1),
        any_contact=True,
        lines=[ContractLine(id="1", plan="prepaid")],
    )
    targets = [
        Target(milestone="first_response", within=timedelta(hours=4), warn=[0.5]),
        Target(milestone="resolution", within=timedelta(days=2)),
    ]
    return Facts(
        catalog=Catalog(
            products=[Product(id="db")], groups=[ExpertGroup(id="experts")], plans=[plan]
        ),
        policies=[SlaPolicy(id="standard", targets=targets)],
        accounts=[Account(customer="acme", contracts=[contract])],
    )


def prepaid(count: int) -> World:
    """Return one customer whose requests each hold a unit."""
    commands: Admissions = []
    for number in range(count):
        asked = Request(
            id=f"R-{number}", customer="acme", contact="dana", product="db", severity="S1",
            channel="phone",
        )  # fmt: skip
        commands.append(
            (AdmitRequest(id=f"k-{number}", request=asked), START + timedelta(minutes=number))
        )
    return World(prepaid_facts(), commands)


def settle(store: Store, world: World) -> None:
    """Put the world into an empty store, and admit nothing."""
    if isinstance(store, SqlStore):
        forget(store, TENANT)
    with store.begin(TENANT) as work:
        work.catalog.save(world.facts.catalog, world.facts.policies.values(), START)
        for each in world.facts.accounts.values():
            work.accounts.open(each)
        work.commit()


def in_turns(acts: dict[str, Callable[[], Rates]]) -> dict[str, Rates]:
    """Run each act several times, in turns, and return the medians of what they return."""
    found: dict[str, list[Rates]] = {name: [] for name in acts}
    for _ in range(ROUNDS):
        for name, act in acts.items():
            gc.collect()
            gc.freeze()
            found[name].append(act())
            gc.unfreeze()
    return {
        name: {key: statistics.median(each[key] for each in every) for key in every[0]}
        for name, every in found.items()
    }


def rate(store: Store, world: World, batch: int = 1, *, timed: bool = True) -> Rates:
    """Admit everything; return admissions a second, and milliseconds of CPU of this process."""

    def admit(page: Admissions) -> None:
        desk.do_all([command for command, _ in page], page[-1][1] if timed else None)

    settle(store, world)
    desk, commands = Desk(store, TENANT), world.commands
    warm = len(commands) // 10 // batch * batch
    pages = [commands[n : n + batch] for n in range(0, len(commands), batch)]
    for page in pages[: warm // batch]:
        admit(page)
    begun, used = time.perf_counter(), time.process_time()
    for page in pages[warm // batch :]:
        admit(page)
    count = len(commands) - warm
    return {
        "a second": count / (time.perf_counter() - begun),
        "cpu ms": (time.process_time() - used) / count * 1e3,
    }


PARTS: tuple[tuple[str, Any, str], ...] = (
    ("read", SqlAdmissions, "facts"),
    ("read", ComposedAdmissions, "facts"),
    ("decide", Engine, "assess"),
    ("texts", admission, "outcome_text"),
    ("texts", admission, "record_body"),
    ("texts", admission, "decision_inputs"),
    ("texts", execution, "_executed"),
    ("case, work, entries", admission, "_reserved_units"),
    ("case, work, entries", admission, "_opened_case"),
    ("case, work, entries", admission, "_queued_work"),
    ("write", SqlAdmissions, "write"),
    ("write", ComposedAdmissions, "write"),
    ("commit", SqlUnit, "commit"),
    ("commit", MemoryUnit, "commit"),
)


@contextmanager
def replaced(values: Sequence[tuple[Any, str, Any]]) -> Iterator[None]:
    """Replace attributes for a while."""
    before = [(of, name, getattr(of, name)) for of, name, _ in values]
    for of, name, value in values:
        setattr(of, name, value)
    try:
        yield
    finally:
        for of, name, value in before:
            setattr(of, name, value)


def parts(store: Store, world: World) -> Rates:
    """Return exclusive microseconds an admission, by part."""
    spent, inner = defaultdict[str, float](float), [0.0]

    def clocked(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*given: Any, **named: Any) -> Any:
            begun = time.perf_counter()
            inner.append(0.0)
            try:
                return call(*given, **named)
            finally:
                whole = time.perf_counter() - begun
                spent[name] += whole - inner.pop()
                inner[-1] += whole

        return timed

    settle(store, world)
    desk = Desk(store, TENANT)
    wrapped = [
        (of, attribute, clocked(name, getattr(of, attribute))) for name, of, attribute in PARTS
    ]
    with replaced([*wrapped, (Desk, "execute", clocked("rest", Desk.execute))]):
        for command, at in world.commands:
            desk.execute(command, at)
    return {name: each / len(world.commands) * 1e6 for name, each in spent.items()}


@contextmanager
def recorded(sent: list[Sent]) -> Iterator[None]:
    """Record what driver channels send."""

    def noting(name: str) -> Callable[..., Any]:
        call = getattr(DriverChannel, name)

        def noted(self: Any, *given: Any) -> Any:
            sent.append((name, *(given or ("", None))))  # type: ignore[arg-type]
            return call(self, *given)

        return noted

    begin = DriverChannel.__init__

    def began(self: Any, *given: Any, **named: Any) -> None:
        sent.append(("begin", "", None))
        begin(self, *given, **named)

    names = ("fetch", "fetch_alone", "execute", "execute_each", "commit")
    with replaced(
        [(DriverChannel, "__init__", began), *((DriverChannel, n, noting(n)) for n in names)]
    ):
        yield


def statements(store: SqlStore, world: World, batch: int = 1) -> list[Sent]:
    """Return what the driver is sent when everything is admitted."""
    settle(store, world)
    desk, sent = Desk(store, TENANT), list[Sent]()
    with recorded(sent):
        for number in range(0, len(world.commands), batch):
            page = world.commands[number : number + batch]
            desk.do_all([command for command, _ in page], page[-1][1])
    return sent


def driver(store: SqlStore, world: World, raw: Any, sent: list[Sent]) -> Rates:
    """Send the statements of a run by the driver alone, and return admissions a second."""
    settle(store, world)
    cursor, lite = raw.cursor(), isinstance(raw, sqlite3.Connection)
    begun, used = time.perf_counter(), time.process_time()
    for kind, sql, values in sent:
        if kind == "begin":
            if lite:
                cursor.execute(BEGIN_WRITE)
        elif kind == "commit":
            if lite and raw.in_transaction:
                cursor.execute("COMMIT")
        elif kind == "execute_each":
            cursor.executemany(sql, values)
        else:
            cursor.execute(sql, values)
            if kind != "execute" and cursor.description:
                cursor.fetchall()
    count = len(world.commands)
    return {
        "a second": count / (time.perf_counter() - begun),
        "cpu ms": (time.process_time() - used) / count * 1e3,
    }


def under_the_lock(raw: Any, count: int) -> float:
    """Return microseconds of sealing a link alone: the part that holds the lock of the chain."""
    line = "h.digest || chr(10) || CAST(h.number + 1 AS TEXT) || chr(10) || CAST(%s AS TEXT)"
    sql = (
        "WITH h AS (UPDATE entitlements_chains AS h SET previous = h.digest, number = h.number + 1,"  # noqa: S608 - no text of a user
        f" digest = encode(sha256(convert_to({line}, 'UTF8')), 'hex') WHERE h.tenant = %s"
        " RETURNING h.number, h.previous, h.digest), l AS (INSERT INTO entitlements_decisions"
        " (tenant, number, at, kind, subject, body, previous, digest)"
        " SELECT %s, h.number, 0, 'admit', %s, %s, h.previous, h.digest FROM h RETURNING 1)"
        " SELECT number FROM h"
    )
    body, found = json.dumps({"filler": "x" * 700}), []
    content = content_digest(TENANT, at=START, kind="admit", subject="R-1", body=body)
    cursor = raw.cursor()
    for number in range(count):
        begun = time.perf_counter()
        cursor.execute(sql, (content, TENANT, TENANT, f"lock-{number}", body))
        cursor.fetchall()
        found.append((time.perf_counter() - begun) * 1e6)
    return statistics.median(found)


def report(title: str, found: dict[str, Any]) -> dict[str, Any]:
    """Print one run."""
    print(f"\n{title}")
    for name, each in found.items():
        if isinstance(each, dict):
            print(f"  {name}: " + ", ".join(f"{part} {value:.4g}" for part, value in each.items()))
        else:
            print(f"  {name}: {each:.4g}")
    return {title: found}


def inside_django(url: str, store: SqlStore, world: World) -> Rates:
    """Admit everything on a connection of Django, each in an `atomic` block of the host."""
    settle(store, world)
    hosted = django_store(url)
    desk = Desk(hosted, TENANT)
    return rate_in_blocks(
        hosted, [partial(desk.execute, command, at) for command, at in world.commands]
    )


def run(kind: str, url: str, store: SqlStore, raw: Any, count: int) -> dict[str, Any]:
    """Measure one store."""
    found: dict[str, Any] = {}
    for name, made in (("demo", demo(count)), ("prepaid", prepaid(count))):
        acts = {
            "one by one": partial(rate, store, made),
            f"batches of {BATCH}": partial(rate, store, made, BATCH),
            "inside Django": partial(inside_django, url, store, made),
            "driver": partial(driver, store, made, raw, statements(store, made)),
        }
        if isinstance(raw, sqlite3.Connection):
            sent = statements(store, made, BATCH)
            acts["driver, batches"] = partial(driver, store, made, raw, sent)
        one: dict[str, Rates] = {**in_turns(acts), "parts us": parts(store, made)}
        alone, hosted = one["one by one"], one["inside Django"]
        one["Django, times"] = {
            "wall": alone["a second"] / hosted["a second"],
            "cpu": hosted["cpu ms"] / alone["cpu ms"],
        }
        if not isinstance(raw, sqlite3.Connection):
            if name == "prepaid":  # the demo's contracts may be over by now
                one["without an instant"] = rate(store, made, timed=False)
            one["under the lock"] = {"us": under_the_lock(raw, count)}
        found |= report(f"{kind}: {name}", one)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--database", help="address of an empty PostgreSQL database")
    given = parser.parse_args()
    count = 300 if given.quick else 1_500
    print(f"Python {platform.python_version()}, SQLAlchemy {sqlalchemy.__version__}")
    found: dict[str, Any] = {}
    for name, made in (("demo", demo(count)), ("prepaid", prepaid(count))):
        one = in_turns({"one by one": lambda made=made: rate(MemoryStore(), made)})  # type: ignore[misc]
        one["parts us"] = parts(MemoryStore(), made)
        found |= report(f"memory: {name}", one)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "kept.db"
        migrate(f"sqlite:///{place}")
        store = SqlStore.open(f"sqlite:///{place}")
        raw = sqlite3.connect(place, isolation_level=None)
        raw.execute("PRAGMA synchronous = FULL")
        found |= run("SQLite", f"sqlite:///{place}", store, raw, count)
        store.close()
    try:
        with postgres(given.database) as url:
            import psycopg  # noqa: PLC0415 - an extra

            migrate(url)
            plain = make_url(url).set(drivername="postgresql")
            words = plain.render_as_string(hide_password=False)
            with SqlStore.open(url) as on_server, psycopg.connect(words, autocommit=True) as bare:
                found |= run("PostgreSQL", url, on_server, bare, count)
    except (ImportError, RuntimeError) as error:
        print(f"\nPostgreSQL: left out, because {error}")
        found["left out"] = f"PostgreSQL: {error}"
    if given.json:
        given.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
