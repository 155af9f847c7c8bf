"""Replay tests: the demo's requests are admitted, and every decision is decided again.

With a database, each decision is made again from what other processes would read there, without
any cache of the first time.

    python -m tests.service.replays --decisions 100000 --workers 2
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable
from functools import partial

from tests.service.sharing import parts, spread

from entitlements.adapters.memory import MemoryStore
from entitlements.adapters.sql import SqlStore, migrate
from entitlements.cli.commands.demo import LENGTH, START, document
from entitlements.cli.demo.stored_run import TENANT
from entitlements.cli.demo.traffic import generated_requests
from entitlements.documents import parse_facts
from entitlements.engine import Facts
from entitlements.ports import Store
from entitlements.service import AdmitRequest, Desk
from entitlements.testing.laws.desk import replays

PAGE = 1_000


def replayed(
    facts: Facts, seed: int, count: int, store: Store | None = None, tenant: str = TENANT
) -> Counter[str]:
    """Admit so many requests and decide them again; return the counts by outcome.

    Raises:
        AssertionError: One of them was decided otherwise.
    """
    into = MemoryStore() if store is None else store
    with into.begin(tenant) as work:
        work.catalog.save(facts.catalog, facts.policies.values(), START)
        for account in facts.accounts.values():
            work.accounts.open(account)
        work.commit()
    desk, results = Desk(into, tenant), Counter[str]()
    for each in generated_requests(facts, seed=seed, count=count, start=START, end=START + LENGTH):
        reply = desk.execute(AdmitRequest(id=each.request.id, request=each.request), each.at)
        results[reply.result] += 1
    if isinstance(into, SqlStore):
        into.clear_caches()
    assert replays(into, tenant) == count
    return results


def share(database: str | None, seeds: Iterable[int], decisions: int) -> Counter[str]:
    """Replay so many requests, with a tenant and a seed for each page of them."""
    facts, results = parse_facts(document()), Counter[str]()
    store = None if database is None else SqlStore.open(database)
    for seed in seeds:
        count = min(PAGE, decisions - results.total())
        if count <= 0:
            break
        results += replayed(facts, seed, count, store, f"{TENANT}-{seed}")
    if store is not None:
        store.engine.dispose()
    return results


def main() -> None:
    """Decide so many requests twice, and print the counts."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--decisions", type=int, default=10_000)
    parser.add_argument("--database", help="an empty database; else in memory")
    parser.add_argument("--workers", type=int, default=1, help="processes side by side")
    parser.add_argument("--seed", type=int, default=0, help="of the first page of requests")
    asked = parser.parse_args()
    if asked.database:
        migrate(asked.database)
    began = time.monotonic()
    results = spread(
        [
            partial(
                share,
                asked.database,
                range(asked.seed + number, sys.maxsize, asked.workers),
                part,
            )
            for number, part in enumerate(parts(asked.decisions, asked.workers))
        ]
    )
    seconds = time.monotonic() - began
    sys.stdout.write("".join(f"  {name}: {times}\n" for name, times in sorted(results.items())))
    sys.stdout.write(
        f"{results.total()} decisions, all the same again, "
        f"{seconds:.0f} s, {results.total() / seconds:.1f} a second\n"
    )


if __name__ == "__main__":
    main()
