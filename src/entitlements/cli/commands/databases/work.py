"""Command `work`: a background worker that offers waiting work, beside any number of others."""

from __future__ import annotations

import json
import os
import platform
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Any, Final, Self, final

from entitlements.adapters.named_tenants import check_tenants
from entitlements.cli.arguments import Parser
from entitlements.cli.databases import DATABASE_HELP, store_at
from entitlements.cli.garbage_collector import tune_garbage_collector
from entitlements.kernel.errors import InvalidValueError
from entitlements.ports import Message
from entitlements.service import Worker, WorkerRound

MAX_POLL: Final = 3_600
MAX_AT_ONCE: Final = 10_000


def run(words: Sequence[str]) -> int:
    """Offer work and process timeouts until stopped, then print the totals."""
    asked = _parser().read(words)
    if not 0 < asked.poll <= MAX_POLL:
        hint = f"more than 0, at most {MAX_POLL}"
        raise InvalidValueError(f"`{asked.poll}` seconds", hint=hint, path="--poll")
    if not 1 <= asked.batch <= MAX_AT_ONCE:
        hint = f"from 1 to {MAX_AT_ONCE}"
        raise InvalidValueError(f"`{asked.batch}` at once", hint=hint, path="--batch")
    owner = asked.owner or f"{platform.node() or 'worker'}-{os.getpid()}"
    with Stop() as stopped, store_at(asked.database) as store, tune_garbage_collector():
        check_tenants(store, asked.tenant or ())
        worker = Worker(store, owner, observer=_Failures(), tenants=asked.tenant, batch=asked.batch)
        if asked.once:
            done = _until_idle(worker)
        else:
            sys.stderr.write(f"worker {owner} started; stop it with Ctrl-C\n")
            done = worker.run(stopped, poll=asked.poll)
    data = {"owner": owner, "offered": done.offered, "swept": done.timed_out, "fenced": done.fenced}
    data["failed"] = done.failed
    sys.stdout.write(json.dumps(data) + "\n")
    return 0


def _until_idle(worker: Worker) -> WorkerRound:
    total = done = worker.round()
    while not done.idle:
        done = worker.round()
        total += done
    return total


@final
class _Failures:
    """Writes a line about each item that is set aside."""

    def notify(self, tenant: str, messages: Sequence[Message]) -> None:
        for each in messages:
            if each.topic == "item.set_aside":
                sys.stderr.write(f"{tenant}: set aside {each.body}\n")


@final
class Stop:
    """True once the process received a signal to end; the current round is finished first."""

    def __init__(self) -> None:
        self._requested = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for each in (signal.SIGINT, signal.SIGTERM):
            self._before[each] = signal.signal(each, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        for each, handler in self._before.items():
            signal.signal(each, handler)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self._requested = True

    def __call__(self) -> bool:
        """Return whether the signal came."""
        return self._requested


def _parser() -> Parser:
    parser = Parser(
        "work", "Offer the waiting work of a database and process timeouts, beside other workers."
    )
    parser.add_argument("--database", required=True, metavar="URL", help=DATABASE_HELP)
    parser.add_argument(
        "--tenant",
        action="append",
        metavar="ID",
        help="only this tenant, repeatable",
    )
    parser.add_argument("--owner", metavar="NAME", help="unique name of this worker")
    parser.add_argument("--poll", type=float, default=2.0, help="seconds to wait when idle")
    parser.add_argument("--batch", type=int, default=50, help="maximum offers in one transaction")
    parser.add_argument("--once", action="store_true", help="stop when nothing is left to do")
    return parser
