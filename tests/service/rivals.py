"""Rival processes: the same commands given at once by several, in two orders and in batches.

Each command is carried out once, all are given the same reply, and no unit is spent twice.

    python -m tests.service.rivals --commands 2000 --rivals 3
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import attrs
from tests.databases import with_tables
from tests.service.desks import MONDAY, TENANT, request, settle

from entitlements.adapters.sql import SqlStore
from entitlements.kernel.errors import BusyError, StaleReadError
from entitlements.service import AdmitRequest, Desk, Reply
from entitlements.testing.laws.desk import all_or_nothing, replays

UNITS: Final = {"opening": 3, "minutes": 3, "single": 1, "flat": sys.maxsize, "nobody": 0}
"""How many requests of each customer can be accepted."""

BATCHES: Final = (1, 1, 4)
Told = dict[str, tuple[str, bool]]


@attrs.frozen
class Outcome:
    """What the rivals were told, each by the id of the command."""

    granted: Counter[str]
    told: list[Told]

    def check(self, commands: Sequence[AdmitRequest]) -> None:
        """Raise `AssertionError` unless each command was carried out once, and for all alike."""
        for each in commands:
            replies = [told[each.id] for told in self.told]
            assert len({result for result, _ in replies}) == 1, each.id
            assert [repeated for _, repeated in replies].count(False) == 1, each.id


def commands(count: int, customers: Sequence[str] = tuple(UNITS)) -> tuple[AdmitRequest, ...]:
    """Return so many admissions, of each customer in turn."""
    return tuple(
        AdmitRequest(id=f"k-{n}", request=request(f"R-{n}", customers[n % len(customers)]))
        for n in range(count)
    )


def race(url: str, given: Sequence[AdmitRequest], rivals: int) -> Outcome:
    """Let processes give the commands at once, every second backwards, each in other batches."""
    fork = multiprocessing.get_context("fork")
    start, told = fork.Barrier(rivals), fork.SimpleQueue()
    processes = [
        fork.Process(target=_give, args=(url, ordered, BATCHES[me % len(BATCHES)], start, told))
        for me in range(rivals)
        for ordered in [given[:: -1 if me % 2 else 1]]
    ]
    for each in processes:
        each.start()
    found: list[Told] = [told.get() for _ in processes]
    for each in processes:
        each.join()
    names = {each.id: each.request.customer for each in given}
    granted = Counter(names[id] for id, (result, _) in found[0].items() if result == "granted")
    return Outcome(granted, found)


def _give(url: str, given: Sequence[AdmitRequest], batch: int, start: Any, told: Any) -> None:
    try:
        with SqlStore.open(url, check=False) as store:
            at_desk, replies = Desk(store, TENANT), dict[str, tuple[str, bool]]()
            start.wait(60)
            for first in range(0, len(given), batch):
                for each in _insist(at_desk, given[first : first + batch]):
                    replies[each.command] = each.result.value, each.repeated
        told.put(replies)
    except BaseException as error:
        start.abort()
        told.put({"error": (repr(error), False)})
        raise


def _insist(at_desk: Desk, given: Sequence[AdmitRequest]) -> tuple[Reply, ...]:
    """Give commands until the store has time for them."""
    while True:
        try:
            return at_desk.do_all(given, MONDAY)
        except (BusyError, StaleReadError):
            continue


def race_and_check(url: str, given: Sequence[AdmitRequest], rivals: int = 3) -> float:
    """Race over a new database, check what all were told and what is stored; return the seconds."""
    with with_tables(url) as store:
        settle(store)
    began = time.monotonic()
    outcome = race(url, given, rivals)
    seconds = time.monotonic() - began
    outcome.check(given)
    asked = Counter(each.request.customer for each in given)
    assert outcome.granted == Counter({name: min(asked[name], UNITS[name]) for name in asked})
    with SqlStore.open(url, check=False) as store:
        all_or_nothing(store, TENANT, [each.id for each in given])
        assert replays(store, TENANT) == len(given)
    return seconds


def main() -> None:
    """Race so many commands, and print how long it took."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--commands", type=int, default=2_000)
    parser.add_argument("--rivals", type=int, default=3)
    parser.add_argument("--database", help="an empty database; else SQLite in a temporary folder")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = asked.database or f"sqlite:///{Path(folder) / 'rivals.db'}"
        seconds = race_and_check(url, commands(asked.commands), asked.rivals)
    line = (
        f"{asked.rivals} processes, the same {asked.commands} commands, 0 broken, {seconds:.1f} s"
    )
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
