"""Relays that are killed all the time, with receivers that fail, hang and answer late.

Every message has to arrive, those of each case in their order, none twice at the same time, and
again only with the same id.

    python -m tests.service.messages.relays --messages 100000 --relays 2 --endpoints 2
    python -m tests.service.messages.relays --messages 100000 --database postgresql+psycopg://...
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

from tests.databases import with_tables

from entitlements.adapters.sql import SqlStore
from entitlements.kernel.errors import BusyError
from entitlements.kernel.instants import utc
from entitlements.ports import Endpoint
from entitlements.service import CloudEvent, RelayPolicy, relay

TENANT: Final = "t"
BYTES_OF_A_DELIVERY: Final = 110
"""In the log, about."""

START: Final = utc("2026-03-02T09:00Z")
POLICY: Final = RelayPolicy(
    timeout=timedelta(milliseconds=200),
    lease=timedelta(seconds=1),
    batch=50,
    delays=[timedelta(milliseconds=20)] * 1_000,
)


class Received(NamedTuple):
    """One delivery as the receiver saw it; `end` is None if the relay was killed meanwhile."""

    id: str
    case: str
    begin: float
    end: float | None


def fill(store: SqlStore, messages: int, cases: int) -> None:
    """Put messages about cases into the outbox."""
    for first in range(0, messages, 1_000):
        numbers = range(first, min(first + 1_000, messages))
        with store.begin(TENANT) as work:
            work.outbox.put_all([("case.reopened", "{}", f"R-{n % cases}") for n in numbers], START)
            work.commit()


class Receiver:
    """Notes each delivery in a file, and fails, hangs or is late for some of them."""

    def __init__(self, log: Path, seed: int) -> None:
        self._log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._dice = Random(seed)  # noqa: S311 - a dice of a test

    def _note(self, *what: object) -> None:
        os.write(self._log, (json.dumps([os.getpid(), *what]) + "\n").encode())

    def __call__(self, event: CloudEvent) -> None:
        """Receive a message."""
        thrown = self._dice.random()
        if thrown < 0.02:
            raise ConnectionError("the receiver is down")
        self._note("begin", event.id, event.subject, time.monotonic())
        if thrown < 0.03:
            time.sleep(0.02)
        self._note("end", event.id, event.subject, time.monotonic())
        if thrown > 0.995:
            raise TimeoutError("the answer was lost")  # it has arrived nevertheless


def log_of(log: Path, endpoint: str) -> Path:
    """Return where the deliveries to an endpoint are noted."""
    return log.with_name(f"{log.name}-{endpoint}")


def work(url: str, log: Path, seed: int, endpoints: Sequence[str]) -> None:
    """Relay until nothing waits for any endpoint."""
    store = SqlStore.open(url, check=False)
    receivers = {name: Receiver(log_of(log, name), seed) for name in endpoints}
    while True:
        try:
            rounds = [
                relay(store, TENANT, receiver, endpoint=name, policy=POLICY)
                for name, receiver in receivers.items()
            ]
            if not any(done.more or done.failed for done in rounds):
                with store.begin(TENANT) as unit:
                    later = unit.now() + timedelta(days=1)
                    left = [unit.outbox.claim(later, later, 1, name) for name in endpoints]
                    if not any(left) and not unit.outbox.pending(1):
                        return
                time.sleep(0.02)
        except BusyError:
            continue  # the others keep SQLite busy


def deliver(
    url: str, log: Path, relays: int, endpoints: Sequence[str], *, kill_after: int, seconds: float
) -> int:
    """Run relays until nothing is left, kill one of them again and again; return how often."""
    forks, dice, kills, seed = multiprocessing.get_context("fork"), Random(7), 0, 0  # noqa: S311 - a dice of a test
    running: list[multiprocessing.process.BaseProcess] = []
    begun, last = time.monotonic(), 0
    while True:
        running = [each for each in running if each.exitcode != 0] if seed >= relays else running
        ended = [each for each in running if not each.is_alive()]
        running = [each for each in running if each.is_alive()]
        while len(running) < relays and (seed < relays or ended):
            ended = ended[1:]
            seed += 1
            running.append(
                forks.Process(target=work, args=(url, log, seed, endpoints), daemon=True)
            )
            running[-1].start()
        if not running:
            return kills
        time.sleep(0.01)
        assert time.monotonic() - begun < seconds, "the relays come to no end"
        logs = [each for name in endpoints if (each := log_of(log, name)).exists()]
        arrived = sum(each.stat().st_size for each in logs) // BYTES_OF_A_DELIVERY
        if arrived - last > kill_after:
            last, kills = arrived, kills + 1
            os.kill(dice.choice(running).pid or 0, signal.SIGKILL)


def received(log: Path) -> Iterator[Received]:
    """Yield what has arrived, in the order of its beginning."""
    begun: dict[tuple[int, str], tuple[str, float]] = {}
    found = []
    for line in log.read_text().splitlines():
        process, kind, id, case, at = json.loads(line)
        if kind == "begin":
            killed = begun.pop((process, id), None)
            if killed is not None:
                found.append(Received(id, *killed, None))
            begun[process, id] = (case, at)
        else:
            found.append(Received(id, *begun.pop((process, id)), at))
    found += [Received(id, *what, None) for (_, id), what in begun.items()]
    yield from sorted(found, key=lambda each: each.begin)


def check(found: list[Received], messages: int, cases: int) -> int:
    """Check what has arrived; return how many deliveries were repeated."""
    first = list({each.id: each for each in found}.values())
    assert len(first) == messages, f"{messages - len(first)} messages are lost"
    orders: dict[str, list[int]] = {}
    busy: dict[str, float] = {}
    for each in found:
        number = int(each.id.partition("/")[2])
        assert each.case == f"R-{(number - 1) % cases}"
        assert each.begin >= busy.get(each.id, 0.0), f"{each.id} was delivered twice at once"
        busy[each.id] = each.end or each.begin
        order = orders.setdefault(each.case, [])
        if number not in order[-200:]:
            assert not order or order[-1] < number, f"{each.case}: {number} after {order[-1]}"
            order.append(number)
    return len(found) - messages


def run(
    url: str, messages: int, cases: int, relays: int, kill_after: int, endpoints: int = 0
) -> tuple[int, int]:
    """Deliver messages; return how many relays were killed, and how many deliveries repeated."""
    names = [f"hook-{n}" for n in range(endpoints)]
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "received"
        store = with_tables(url)
        with store.begin(TENANT) as work:
            for name in names:
                work.outbox.save_endpoint(Endpoint(id=name))
            work.commit()
        fill(store, messages, cases)
        store.engine.dispose()
        every, seconds = names or [""], 60 + messages / 50
        kills = deliver(url, log, relays, every, kill_after=kill_after, seconds=seconds)
        repeated = [check(list(received(log_of(log, name))), messages, cases) for name in every]
        return kills, sum(repeated)


def main() -> None:
    """Run a large test."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--cases", type=int, default=2_000)
    parser.add_argument("--relays", type=int, default=2)
    parser.add_argument("--kill-after", type=int, default=1_000, help="deliveries")
    parser.add_argument("--endpoints", type=int, default=0, help="with their own progress")
    parser.add_argument("--database", help="an empty one; a new file of SQLite by default")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = asked.database or f"sqlite:///{folder}/outbox.db"
        kills, repeated = run(
            url, asked.messages, asked.cases, asked.relays, asked.kill_after, asked.endpoints
        )
    sys.stdout.write(
        f"{asked.messages} messages arrived in order, {kills} relays killed, {repeated} repeated\n"
    )


if __name__ == "__main__":
    main()
