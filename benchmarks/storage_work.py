"""Admissions by a desk and offers by worker processes, a second.

The parts of `bench_storage.py` that go through a whole desk. Workers are the library's own, as
`entitlements work` runs them, each in a separate process.
"""

from __future__ import annotations

import json
import multiprocessing
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing.synchronize import Barrier
from typing import Any, NamedTuple

import sqlalchemy
from sqlalchemy import text

from entitlements.adapters.sql import SqlStore
from entitlements.cli.commands.demo import LENGTH, START, document
from entitlements.cli.demo.traffic import generated_requests
from entitlements.cli.garbage_collector import tune_garbage_collector
from entitlements.contracts import Catalog
from entitlements.documents import parse_facts
from entitlements.kernel.ids import key_parts
from entitlements.ports import Message, WorkItem
from entitlements.routing import Agent, Roster, RoutingPolicy, Work
from entitlements.routing.offers import lifecycle as offers
from entitlements.routing.offers.command_events import events_of_command
from entitlements.routing.offers.offer_policy import OfferPolicy
from entitlements.routing.offers.work_state import WorkState, apply_event
from entitlements.service import AdmitRequest, Desk, Worker

ROUTING = RoutingPolicy(offers=OfferPolicy(lease=timedelta(days=1)))
"""No offer ends while it is counted."""

GROUPS, PEOPLE, CAPACITY = 8, 50, 5
SIZES, WORKERS = (1, 10, 50, 200), (1, 2, 4)
BOUND_BATCH, BOUND_LAYER = 10.0, 1.35
Found = dict[str, Any]
Asked = tuple[Any, Any, str, Any, bool]
"""A statement and its values, the driver's words and values, and whether there are many."""


def admissions(kind: str, store: SqlStore, *, quick: bool) -> Found:
    """Admit the demo's requests at one desk, one after the other; print and return how fast."""
    facts, count = parse_facts(document()), 300 if quick else 1_500
    with store.begin("demo") as work:
        work.catalog.save(facts.catalog, facts.policies.values(), START)
        for each in facts.accounts.values():
            work.accounts.open(each)
        work.commit()
    desk, taken, results = Desk(store, "demo"), [], Counter[str]()
    for each in generated_requests(facts, seed=1, count=count, start=START, end=START + LENGTH):
        command = AdmitRequest(id=each.request.id, request=each.request)
        begun = time.perf_counter()
        reply = desk.execute(command, each.at)
        taken.append(time.perf_counter() - begun)
        results[reply.result] += 1
    warm = taken[count // 10 :]
    found = {
        "a second": len(warm) / sum(warm),
        "p50 ms": statistics.median(warm) * 1e3,
        "p99 ms": statistics.quantiles(warm, n=100)[98] * 1e3,
        "results": dict(results),
    }
    title = f"{kind}: admit, the demo's requests at one desk"
    print(f"\n{title}\n  {found['a second']:.0f} a second, ", end="")
    print(f"p50 {found['p50 ms']:.2f} ms, p99 {found['p99 ms']:.2f} ms")
    print("  " + ", ".join(f"{name} {times}" for name, times in sorted(results.items())))
    return {title: found}


def settle(store: SqlStore, tenant: str, works: int) -> None:
    """Let so much work wait in the groups of a tenant, with room for a quarter more of it."""
    forget(store, tenant)
    people = [
        Agent(id=f"a{group}-{n}", groups=[f"g{group}"], capacity=CAPACITY)
        for group in range(GROUPS)
        for n in range(PEOPLE)
    ]
    with store.begin(tenant) as work:
        work.catalog.save(Catalog(), [], START, routing=ROUTING)
        work.roster.change(Roster(), Roster(agents=people))
        for number in range(works):
            task = Work(id=f"R-{number:05}", opened=START)
            state = WorkState(work=task.id)
            for event in events_of_command(state, offers.Enqueue("enqueue"), START, ROUTING.offers):
                state = apply_event(state, event)
            placed = WorkItem(work=task, group=f"g{number % GROUPS}", state=state)
            work.work_items.add(placed)
        work.commit()


def forget(store: SqlStore, tenant: str) -> None:
    """Take out everything that belongs to a tenant."""
    with store.engine.begin() as connection:
        for table in reversed(store.tables.metadata.sorted_tables):
            connection.execute(table.delete().where(table.c.tenant == tenant))
    store.clear_caches()


class Collector:
    """Counts the offers of all processes, and notes when the last of this one was certain."""

    def __init__(self, made: Any) -> None:
        self.made = made
        self.last = 0.0

    def notify(self, _tenant: str, messages: Sequence[Message]) -> None:
        self.last = time.monotonic()
        with self.made.get_lock():
            self.made.value += len(messages)


class Run(NamedTuple):
    """One queue, worked off by so many workers in batches of such a size."""

    size: int
    workers: int
    works: int

    @property
    def tenant(self) -> str:
        return f"run-{self.size}-{self.workers}"


def worker(run: Run, url: str, name: str, made: Any, gate: Barrier, ended: Any) -> None:
    """Work beside others until all is offered; return when it began and when it ended."""
    store = SqlStore.open(url)
    warm = Worker(store, name, tenants=[name], batch=run.size)
    while not warm.round().idle:
        pass
    collector = Collector(made)
    mine = Worker(store, name, tenants=[run.tenant], batch=run.size, observer=collector)
    with tune_garbage_collector():
        gate.wait()
        begun = time.monotonic()
        mine.run(lambda: made.value >= run.works, poll=0.01)
    ended.put((begun, collector.last))
    store.engine.dispose()


def timed(store: SqlStore, url: str, run: Run) -> float:
    """Return the seconds from the start of all workers to the last offer; check the tables."""
    settle(store, run.tenant, run.works)
    names = [f"warm-{n}" for n in range(run.workers)]
    for name in names:
        settle(store, name, min(4 * run.size, 100))
    fork = multiprocessing.get_context("fork")
    made, gate, ended = fork.Value("i", 0), fork.Barrier(run.workers), fork.Queue()
    processes = [
        fork.Process(target=worker, args=(run, url, name, made, gate, ended)) for name in names
    ]
    store.engine.dispose()
    for each in processes:
        each.start()
    times = [ended.get(timeout=600) for _ in processes]
    for each in processes:
        each.join()
    check(store, run)
    for name in (run.tenant, *names):
        forget(store, name)
    return max(last for _, last in times) - min(begun for begun, _ in times)


def check(store: SqlStore, run: Run) -> None:
    """Raise unless all work was offered once, to one agent each, and none has more than fits."""
    given = {"tenant": run.tenant}
    with store.engine.connect() as connection:
        bodies = connection.execute(
            text("SELECT body FROM entitlements_outbox WHERE tenant = :tenant"), given
        ).scalars()
        offered = Counter(json.loads(each)["case"] for each in bodies)
        workloads = connection.execute(
            text("SELECT workload FROM entitlements_agents WHERE tenant = :tenant"), given
        ).scalars()
        held = [list(json.loads(each).get("held", {})) for each in workloads]
        states = connection.execute(
            text("SELECT body FROM entitlements_work_items WHERE tenant = :tenant"), given
        ).scalars()
        leases = Counter(len(json.loads(each)["state"]["leases"]) for each in states)
    assigned = Counter(key_parts(name)[1] for each in held for name in each)
    # One offer and one agent each.
    twice = [name for name, times in (offered + assigned).items() if times != 2]
    assert not twice, f"claimed twice: {twice[:5]}"
    assert len(offered) == len(assigned) == run.works, (len(offered), len(assigned), run.works)
    assert leases == {1: run.works}, leases
    assert max(map(len, held)) <= CAPACITY


def routers(store: SqlStore, url: str, *, quick: bool) -> Found:
    """Work off queues with every size of batch and number of workers; print and return rates."""
    works, rounds = (400, 1) if quick else (1_600, 9)
    runs = [Run(size, workers, works) for workers in WORKERS for size in SIZES]
    every: dict[Run, list[float]] = {run: [] for run in runs}
    for _ in range(rounds):
        for run, found in every.items():
            found.append(works / timed(store, url, run))
    rates = {run: max(found) for run, found in every.items()}
    title = "PostgreSQL: work offered a second, by size of batch and number of workers"
    people = GROUPS * PEOPLE
    print(f"\n{title}\n  {works} pieces, {people} agents in {GROUPS} groups, best of {rounds}")
    print("  batch " + "".join(f"{f'{n} workers':>12}" for n in WORKERS))
    for size in SIZES:
        line = [rates[Run(size, workers, works)] for workers in WORKERS]
        print(f"  {size:5} " + "".join(f"{each:12.0f}" for each in line))
    pairs = zip(every[Run(50, 1, works)], every[Run(1, 1, works)], strict=True)
    ratios = [many / one for many, one in pairs]
    ratio = statistics.median(ratios)
    spread = f"{min(ratios):.1f} to {max(ratios):.1f}"
    print(f"  batches of 50 over one at a time: {ratio:.1f} times ({spread}), ", end="")
    print(f"bound {BOUND_BATCH:.0f}")
    print(f"  claimed twice in {len(runs) * rounds} runs, {len(runs) * rounds * works} offers: 0")
    table = {f"{run.size} x {run.workers}": rate for run, rate in rates.items()}
    return {title: {"rates": table, "50 over 1": ratios, "claimed twice": 0}}


class Recorder:
    """Writes down, unit by unit, what a store is asked, as SQLAlchemy and as the driver hear it."""

    def __init__(self, store: SqlStore) -> None:
        self.units: list[list[Asked]] = []
        self._engine = store.engine
        self._asked: tuple[Any, Any] | None = None

    def begun(self, _: Any) -> None:
        self.units.append([])

    def asked(self, _: Any, statement: Any, many: Any, one: Any, __: Any) -> None:
        self._asked = (statement, many or one)

    def carried(
        self,
        _: Any,
        __: Any,
        words: str,
        given: Any,
        ___: Any,
        many: bool,  # noqa: FBT001 - so
    ) -> None:
        statement, values = self._asked or (None, None)
        self._asked = None
        self.units[-1].append((statement, values, words, given, many))

    @contextmanager
    def listening(self) -> Iterator[None]:
        heard = {
            "begin": self.begun,
            "before_execute": self.asked,
            "before_cursor_execute": self.carried,
        }
        for name, hear in heard.items():
            sqlalchemy.event.listen(self._engine, name, hear)
        yield
        for name, hear in heard.items():
            sqlalchemy.event.remove(self._engine, name, hear)


def layers(store: SqlStore, raw: Any, *, quick: bool) -> Found:
    """Time the statements of one worker by driver, store and SQLAlchemy, and with the worker."""
    works, rounds = (400, 3) if quick else (1_600, 9)
    recorder, tenant = Recorder(store), "layers"

    def work() -> None:
        mine = Worker(store, "w", tenants=[tenant])
        while not mine.round().idle:
            pass

    settle(store, tenant, works)
    with recorder.listening():
        work()
    asked = sum(len(unit) for unit in recorder.units)
    contenders = {
        "driver": lambda: by_driver(raw, recorder.units),
        "store": lambda: by_store(store, recorder.units),
        "SQLAlchemy": lambda: by_sqlalchemy(store.engine, recorder.units),
        "worker": work,
    }
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, call in contenders.items():
            settle(store, tenant, works)
            begun = time.perf_counter()
            call()
            taken[name].append((time.perf_counter() - begun) / works * 1e6)
    forget(store, tenant)
    title = "PostgreSQL: the statements of one worker in batches of 50"
    print(f"\n{title}\n  {asked} statements in {len(recorder.units)} units, {works} pieces")
    print(f"  {'':10} {'min us':>10} {'median us':>10} {'x driver':>9}")
    found = {}
    for name, values in taken.items():
        ratio = min(values) / min(taken["driver"])
        print(f"  {name:10} {min(values):10.1f} {statistics.median(values):10.1f} {ratio:9.2f}")
        found[name] = {"min": min(values), "median": statistics.median(values), "ratio": ratio}
    print(f"  bound of the store, which speaks through SQLAlchemy's pool: {BOUND_LAYER:.2f}")
    return {title: found}


def by_store(store: SqlStore, units: list[list[Asked]]) -> None:
    """Carry out all statements in units of work of the store."""
    for unit in units:
        with store.begin("layers") as work:
            channel = work._session._open  # noqa: SLF001 - what is measured lies below the repositories
            for _, _, words, given, many in unit:
                if many:
                    channel.execute_each(words, given)
                elif words.startswith("SELECT") or "RETURNING" in words:
                    channel.fetch(words, given)
                else:
                    channel.execute(words, given)
            work.commit()


def by_sqlalchemy(engine: sqlalchemy.Engine, units: list[list[Asked]]) -> None:
    """Carry out all statements through SQLAlchemy, as it was asked for them."""
    for unit in units:
        with engine.connect() as connection:
            for statement, values, words, given, _ in unit:
                if statement is None:
                    result = connection.exec_driver_sql(words, given)
                else:
                    result = connection.execute(statement, values)
                if result.returns_rows:
                    result.fetchall()
            connection.commit()


def by_driver(raw: Any, units: list[list[Asked]]) -> None:
    """Carry out all statements by a cursor of the driver."""
    cursor = raw.cursor()
    for unit in units:
        for _, _, words, given, many in unit:
            (cursor.executemany if many else cursor.execute)(words, given)
            if cursor.description:
                cursor.fetchall()
        raw.commit()
