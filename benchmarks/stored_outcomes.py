"""Reports from a database, and the memory that a report needs, for `bench_outcomes.py`."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from threading import Event, Thread
from typing import Final

import attrs

from entitlements.adapters.sql import SqlStore, migrate
from entitlements.aftersales import NoticeClause, NoticePeriod
from entitlements.contracts import Account, Catalog, Contract, ContractLine, ExpertGroup, Plan
from entitlements.kernel.requests import Request
from entitlements.outcomes import (
    CaseRecord,
    KeptResults,
    report,
    stored_report,
    sweep_notices,
)
from entitlements.outcomes.reports.kept_sums import KeptSums
from entitlements.ports.records import Case, FrozenTerms
from entitlements.service import Desk
from entitlements.sla import SlaPolicy, Target
from entitlements.sla.case_history.events import EventKind

OF_CUSTOMER: Final = 200
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RECORDED: Final = datetime(2026, 1, 1, tzinfo=UTC)
_EVERY: Final = 500


def by_customer(cases: Iterable[CaseRecord]) -> Iterator[CaseRecord]:
    """Yield cases so that each customer has the next two hundred."""
    for number, case in enumerate(cases):
        yield attrs.evolve(case, customer=f"C-{number // OF_CUSTOMER:05}")


def resident() -> int:
    """Return how much memory the process has now, in KiB; 0 where it is not known."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024


def most_memory(cases: Iterable[CaseRecord], period: tuple[datetime, datetime]) -> tuple[int, int]:
    """Return the memory before a report without ids and the most while it reads, in KiB."""
    before = most = resident()

    def watched() -> Iterator[CaseRecord]:
        nonlocal most
        for number, case in enumerate(by_customer(cases)):
            if number % _EVERY == 0:
                most = max(most, resident())
            yield case

    report(watched(), *period, keep_ids=False)
    return before, max(most, resident())


def fill(store: SqlStore, tenant: str, cases: Iterable[CaseRecord], policy: SlaPolicy) -> None:
    """Write cases with their terms, a customer in each unit of work."""
    plan = Plan(id="gold", policy=policy.id, severities=["S1"], channels=["web"], rights=[])
    with store.begin(tenant) as work:
        work.catalog.save(
            Catalog(plans=[plan], groups=[ExpertGroup(id="desk")]), [policy], RECORDED
        )
        work.commit()
    for customer, theirs in groupby(by_customer(cases), key=lambda each: each.customer):
        line = ContractLine(id="1", plan="gold")
        contract = Contract(
            id=f"of {customer}",
            customer=customer,
            zone="UTC",
            start=date(2026, 1, 1),
            lines=[line],
        )
        terms = FrozenTerms(
            edition=1, contract=contract.id, line="1", policy=policy.id, plan="gold"
        )
        with store.begin(tenant) as work:
            work.accounts.open(Account(customer=customer, contracts=[contract]))
            for each in theirs:
                work.cases.open(_stored(each, terms))
            work.commit()


def _stored(case: CaseRecord, terms: FrozenTerms) -> Case:
    events = case.history.events
    asked = Request(
        id=case.id, customer=case.customer, contact="dana", product="db", severity="S1",
        channel="web",
    )  # fmt: skip
    is_over = events[-1].kind is EventKind.RESOLVED
    return Case(
        request=asked,
        opened=events[0].at,
        terms=terms,
        events=events,
        closed=events[-1].at if is_over else None,
        severity="S1",
    )


def from_store(
    name: str, store: SqlStore, count: int, days: tuple[datetime, datetime, datetime]
) -> dict[str, float]:
    """Print and return what a report of all cases costs, its memory, and what a day more costs."""
    start, end, longer = days
    per = 1e6 / count
    before = resident()
    with watched_memory() as most:
        whole = _spent(store, count, (start, end))
    print(f"{count:,} cases in {name}: report {whole:.2f} s, {per * whole:.0f} us a case")
    print(f"  without anything kept: {before:,} KiB before, at most {most():,} KiB")
    kept: KeptResults = {}
    _spent(store, count, (start, end), kept)
    more = _spent(store, count, (start, longer), kept)
    (read,) = (each.read for each in kept.values() if isinstance(each, KeptSums))
    print(f"  a day more {more:.2f} s, {per * more:.0f} us a case; {read:,} cases measured again")
    return {f"{name} {count} cases": whole, f"{name} {count} cases, a day more": more}


def sweep(name: str, store: SqlStore, customers: int) -> dict[str, float]:
    """Print and return what a sweep of notices costs in which nothing is due."""
    expiry = NoticeClause(kind="expiry", clause="7", period=NoticePeriod(days=30))
    plan = Plan(id="gold", policy="gold", severities=["S1"], channels=["web"], rights=[])
    policy = SlaPolicy(id="gold", targets=[Target(milestone="resolution", within=HOUR)])
    with store.begin("notices") as work:
        work.catalog.save(Catalog(plans=[plan]), [policy], RECORDED, notice_clauses=[expiry])
        for number in range(customers):
            customer = f"C-{number:06}"
            contract = Contract(
                id=f"of {customer}",
                customer=customer,
                zone="UTC",
                start=date(2026, 1, 1),
                end=date(2027, 1, 1),
                lines=[ContractLine(id="1", plan="gold")],
            )
            work.accounts.open(Account(customer=customer, contracts=[contract]))
        work.commit()
    began = time.process_time()
    sent = sweep_notices(Desk(store, "notices"), RECORDED + 90 * DAY).sent
    spent = time.process_time() - began
    print(f"  sweep of {customers:,} customers {spent:.2f} s, {len(sent)} notices due")
    return {f"{name} sweep of {customers} customers": spent}


def _spent(
    store: SqlStore,
    count: int,
    period: tuple[datetime, datetime],
    kept: KeptResults | None = None,
) -> float:
    began = time.process_time()
    stored_report(store, *period, tenant=f"{count}", kept=kept, keep_ids=False)
    return time.process_time() - began


@contextmanager
def watched_memory() -> Iterator[Callable[[], int]]:
    """Yield what returns the most memory that the process had meanwhile, in KiB."""
    most = [resident()]
    over = Event()

    def watch() -> None:
        while not over.wait(0.05):
            most.append(max(most.pop(), resident()))

    watcher = Thread(target=watch)
    watcher.start()
    try:
        yield lambda: most[-1]
    finally:
        over.set()
        watcher.join()


@contextmanager
def databases(given: str | None) -> Iterator[Iterator[tuple[str, str]]]:
    """Yield names and addresses of empty databases: SQLite, and PostgreSQL where there is one."""
    sys.path.insert(1, str(Path(__file__).resolve().parents[1]))
    with tempfile.TemporaryDirectory() as folder:
        yield _databases(Path(folder), given)


def _databases(folder: Path, given: str | None) -> Iterator[tuple[str, str]]:
    yield "SQLite", f"sqlite:///{folder / 'kept.db'}"
    if given is not None:
        yield "PostgreSQL", given
        return
    try:
        from tests.databases import new_database, server  # noqa: PLC0415 - needs what tests need

        with server() as url:
            yield "PostgreSQL", new_database(url)
    except (ImportError, RuntimeError) as error:
        print(f"  from PostgreSQL: left out, because {error}")


def opened(url: str) -> SqlStore:
    """Return the store at an address, with its tables."""
    migrate(url)
    return SqlStore.open(url)
