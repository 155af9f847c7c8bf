"""Pause tests: a worker in a separate process is stopped in the middle of a batch.

It stops itself at a chosen point with `SIGSTOP`, its transaction open or about to begin. The test
lets others take over, continues it, and reads its result.
"""

from __future__ import annotations

import json
import os
import signal
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

import attrs
from sqlalchemy import event
from tests.service.desks import TENANT

from entitlements.adapters.sql import SqlStore, open_engine
from entitlements.kernel.errors import EntitlementsError
from entitlements.service import Worker
from entitlements.service.transaction import TenantContext

LEASE: Final = timedelta(seconds=0.4)
GROUP: Final = "experts"
_MOMENTS: Final = {
    "after it claimed": "UPDATE entitlements_work_items",
    "before it changes agents": "UPDATE entitlements_agents",
    "before its messages": "INSERT INTO entitlements_outbox",
}
POINTS: Final = ("before its transaction", *_MOMENTS, "before its end")


@attrs.frozen
class Ended:
    """The result of a worker: the number of offers, or the name of an error."""

    offered: int = 0
    error: str | None = None


class Decider:
    """A worker in a separate process that stops itself once, and can be continued."""

    def __init__(self, url: str, point: str, skew: timedelta, lock_timeout: float) -> None:
        self._read, write = os.pipe()
        self.process = os.fork()
        if not self.process:
            _decide(url, point, skew, lock_timeout, write)
        os.close(write)
        _, status = os.waitpid(self.process, os.WUNTRACED)
        assert os.WIFSTOPPED(status), "it ended before it could be stopped"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self._read)

    def resume(self) -> Ended:
        """Continue the stopped process, and return its result."""
        os.kill(self.process, signal.SIGCONT)
        return Ended(**json.loads(os.read(self._read, 1_000)))


def opened(url: str, skew: timedelta, lock_timeout: float) -> SqlStore:
    """Open a store whose clock is wrong by so much."""
    engine = open_engine(url, lock_timeout=lock_timeout)
    return SqlStore(engine, check=False, clock=lambda: datetime.now(UTC) + skew)  # noqa: TID251 - real processes, real time


def tenant_context(store: SqlStore) -> TenantContext:
    """Return the context in which the workers of these tests run transactions."""
    return TenantContext(store=store, tenant=TENANT)


def _decide(url: str, point: str, skew: timedelta, lock_timeout: float, write: int) -> None:
    """Lease the group, stop, offer the waiting work; never returns."""
    ended = Ended(error="nothing")
    try:
        store = opened(url, skew, lock_timeout)
        worker, place = Worker(store, "paused", lease=LEASE), tenant_context(store)
        lease = worker.take(place, GROUP)
        assert lease is not None
        if point == POINTS[0]:
            os.kill(os.getpid(), signal.SIGSTOP)
        else:
            _stop_at(store, point)
        try:
            ended = Ended(offered=worker.batch(place, lease))
        except EntitlementsError as error:
            ended = Ended(error=type(error).__name__)
    except BaseException as error:  # noqa: BLE001 - a forked child must end here, whatever happens
        ended = Ended(error=repr(error))
    os.write(write, json.dumps(attrs.asdict(ended)).encode())
    signal.pause()  # until the test kills it


def _stop_at(store: SqlStore, point: str) -> None:
    stopped: list[bool] = []

    def stop() -> None:
        if not stopped:
            stopped.append(True)
            os.kill(os.getpid(), signal.SIGSTOP)

    @event.listens_for(store.engine, "before_cursor_execute")
    def statement(_: Any, __: Any, words: str, *___: Any) -> None:
        if _MOMENTS.get(point, "\0") in words:
            stop()

    if point == POINTS[-1]:
        event.listen(store.engine, "commit", lambda _: stop())
