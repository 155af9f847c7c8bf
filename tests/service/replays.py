"""Do decisions stay what they were? The demo's requests, admitted, and all of them decided again.

python -m tests.service.replays --decisions 100000
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from entitlements.adapters.memory import MemoryStore
from entitlements.cli.demo import LENGTH, START, document
from entitlements.cli.keeping import TENANT
from entitlements.cli.traffic import questions
from entitlements.documents import parse_facts
from entitlements.engine import Facts
from entitlements.service import Admit, Desk
from entitlements.testing.laws.desk import replays

PAGE = 1_000


def replayed(facts: Facts, seed: int, count: int) -> Counter[str]:
    """Admit so many requests and decide them again; return how they were decided.

    Raises:
        AssertionError: One of them was decided otherwise.
    """
    store = MemoryStore()
    with store.begin(TENANT) as work:
        work.catalog.save(facts.catalog, facts.policies.values(), START)
        for account in facts.accounts.values():
            work.accounts.open(account)
        work.commit()
    desk, results = Desk(store, TENANT), Counter[str]()
    for each in questions(facts, seed=seed, count=count, start=START, end=START + LENGTH):
        reply = desk.do(Admit(id=each.request.id, request=each.request), each.at)
        results[reply.result] += 1
    assert replays(store, TENANT) == count
    return results


def main() -> None:
    """Decide so many requests twice, and print how."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--decisions", type=int, default=10_000)
    asked = parser.parse_args()
    facts, results, began, seed = parse_facts(document()), Counter[str](), time.monotonic(), 0
    try:
        while results.total() < asked.decisions:
            results += replayed(facts, seed, PAGE)
            seed += 1
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
    seconds = time.monotonic() - began
    sys.stdout.write(f"{results.total()} decisions, all the same again, {seconds:.0f} s\n")
    sys.stdout.write("".join(f"  {name}: {times}\n" for name, times in sorted(results.items())))


if __name__ == "__main__":
    main()
