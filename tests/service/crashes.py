"""Crash tests of a desk: `SIGKILL` at every statement of every command, then a retry.

Each time the scene is set, a child process gives the command and is killed at its n-th statement;
the parent checks what is stored, repeats the command, and checks again. The control commits
every statement by itself, and must break. Processes are forked from one that has made its
statements already; its caches of rows are cleared before.

    python -m tests.service.crashes --kills 10000 --workers 2
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Final, Self

import attrs
import psycopg
from sqlalchemy import event
from tests.service.desks import MINUTE, MONDAY, TENANT, accepted_case, request, settle
from tests.service.sharing import parts, spread

from entitlements.adapters.sql import SqlStore
from entitlements.kernel.errors import EntitlementsError
from entitlements.service import (
    AcceptOffer,
    AdmitRequest,
    AdoptCase,
    CancelCase,
    DeclineOffer,
    Desk,
    DeskCommand,
    OfferCase,
    RecordEvent,
    ReopenCase,
    ResolveCase,
    TransferCase,
    Worker,
)
from entitlements.sla import Event
from entitlements.testing.laws.desk import all_or_nothing, replays

SUNDAY: Final = MONDAY - 24 * 60 * MINUTE
LATER: Final = MONDAY + 40 * MINUTE
Act = Callable[[Desk], object]
Before = Callable[[Desk], list[str]]


@attrs.frozen
class Scene:
    """One command of a desk, and the commands before it."""

    name: str
    before: Callable[[Desk], list[str]]
    act: Act


def _nothing(_: Desk) -> list[str]:
    return []


def _others(_: Desk) -> list[str]:
    return ["k2", "k3"]


def _admitted(at_desk: Desk) -> list[str]:
    at_desk.execute(AdmitRequest(id="k1", request=request(customer="minutes")), MONDAY)
    return ["k1"]


def _in_hand(at_desk: Desk) -> list[str]:
    accepted_case(at_desk, request(customer="minutes"))
    return ["admit R-1", "offer R-1", "accept R-1"]


def _after(
    first: Callable[[Desk], list[str]], *commands: DeskCommand
) -> Callable[[Desk], list[str]]:
    def before(at_desk: Desk) -> list[str]:
        ids = first(at_desk)
        for each in commands:
            at_desk.execute(each, LATER)
        return [*ids, *(each.id for each in commands)]

    return before


def _do(command: DeskCommand, at: datetime = LATER) -> Act:
    return lambda at_desk: at_desk.execute(command, at)


def _work(at_desk: Desk) -> object:
    context = at_desk.context
    return Worker(context.store, "w", tenants=[context.tenant]).round()


_TWO: Final = OfferCase(id="k2", case="R-1", agents=["ada", "bob"])
_TAKE: Final = AcceptOffer(id="k", case="R-1", agent="bob", fence=2)
_LEAVE: Final = DeclineOffer(id="k", case="R-1", agent="bob", fence=2)
_END: Final = ResolveCase(id="k3", case="R-1")
_OPENING: Final = AdmitRequest(id="k", request=request(customer="opening"))
_DAYTIME: Final = AdmitRequest(id="k", request=request(customer="daytime"))
_STRANGER: Final = AdmitRequest(id="k", request=request(contact="mallory"))
_BATCH: Final = (
    _OPENING,
    AdmitRequest(id="k2", request=request("R-2", "nobody")),
    AdmitRequest(id="k3", request=request("R-3", "opening")),
)
_OPENED: Final = Event.opened(MONDAY, severity="S1", channel="phone")
_ELSEWHERE: Final = AdoptCase(
    id="k", request=request(), events=[_OPENED], contract="C-flat", line="1", group="experts"
)
SCENES: Final = (
    Scene("batch", _others, lambda at_desk: at_desk.do_all(_BATCH, MONDAY)),
    Scene("admit", _nothing, _do(_OPENING, MONDAY)),
    Scene("admit later", _nothing, _do(_DAYTIME, SUNDAY)),
    Scene("deny", _nothing, _do(_STRANGER, MONDAY)),
    Scene("adopt", _nothing, _do(_ELSEWHERE)),
    Scene("event", _admitted, _do(RecordEvent(id="k", case="R-1", event=Event.responded(LATER)))),
    Scene("offer", _admitted, _do(_TWO)),
    Scene("accept", _after(_admitted, _TWO), _do(_TAKE)),
    Scene("decline", _after(_admitted, _TWO), _do(_LEAVE)),
    Scene("transfer", _in_hand, _do(TransferCase(id="k", case="R-1", fence=1))),
    Scene("resolve", _in_hand, _do(ResolveCase(id="k", case="R-1", used=45))),
    Scene("reopen", _after(_in_hand, _END), _do(ReopenCase(id="k", case="R-1"))),
    Scene("cancel", _in_hand, _do(CancelCase(id="k", case="R-1"))),
    Scene("sweep", _after(_admitted, _TWO), lambda at_desk: at_desk.process_due(LATER + MINUTE)),
    Scene("work", _admitted, _work),
)  # fmt: skip


def child(place: Place, scene: Scene, kill_at: int, *, whole: bool) -> int:
    """Give the command in a separate process that dies at a statement; return its exit status."""
    process = os.fork()
    if process:
        return os.waitpid(process, 0)[1]
    try:
        _die_at(place.store, kill_at, whole=whole)
        scene.act(Desk(place.store, place.tenant))
    except BaseException as error:  # noqa: BLE001 - a forked child must end here, whatever happens
        os.write(2, f"{scene.name} {kill_at}: {error!r}\n".encode())
        os._exit(3)
    os._exit(0)


def _die_at(store: SqlStore, kill_at: int, *, whole: bool) -> None:
    """Kill this process before its n-th statement, or before or after the n-th commit.

    The driver counts, because units of work use another channel if the engine has event listeners.
    """
    steps = count(1)

    def step(*_: Any) -> None:
        if next(steps) == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    if not whole:
        _commit_each(store, step)
        return

    class Dying(psycopg.Cursor[Any]):
        def execute(self, *words: Any, **more: Any) -> Self:
            step()
            return super().execute(*words, **more)

        def executemany(self, *words: Any, **more: Any) -> None:
            step()
            super().executemany(*words, **more)

    @event.listens_for(store.engine, "connect")
    def connected(raw: Any, _: Any) -> None:
        if isinstance(raw, sqlite3.Connection):
            raw.set_trace_callback(step)
            return
        commit = raw.commit
        raw.cursor_factory = Dying
        raw.commit = lambda: (step(), commit())

    event.listen(store.engine.pool, "checkin", step)


def _commit_each(store: SqlStore, step: Callable[[], None]) -> None:
    @event.listens_for(store.engine, "before_cursor_execute")
    def statement(connection: Any, _: Any, words: str, *__: Any) -> None:
        if not words.startswith("BEGIN"):
            cursor = connection.connection.cursor()
            cursor.execute("COMMIT")
            cursor.execute("BEGIN")
        step()


@attrs.frozen
class Place:
    """Where one kill happens: a store, a tenant, and the commands that were given before."""

    store: SqlStore
    tenant: str
    ids: list[str]


class Files:
    """SQLite: the scene is set once in a file, which is copied for every kill."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._store = opened(f"sqlite:///{folder / 'killed.db'}")
        self._set: dict[str, tuple[Path, list[str]]] = {}

    def place(self, scene: Scene) -> Place:
        if scene.name not in self._set:
            self._set[scene.name] = self._prepared(scene)
        kept, ids = self._set[scene.name]
        self._copy(kept, "killed.db")
        return Place(self._store, TENANT, ids)

    def _prepared(self, scene: Scene) -> tuple[Path, list[str]]:
        self._copy(None, "killed.db")
        self._store.tables.metadata.create_all(self._store.engine)
        ids = prepare(self._store, TENANT, scene)
        closed(self._store)  # the last connection puts the log into the file
        return self._copy(self._folder / "killed.db", f"{scene.name}.db"), ids

    def _copy(self, source: Path | None, name: str) -> Path:
        for each in self._folder.glob(f"{name}*"):
            each.unlink()
        if source is not None:
            shutil.copy(source, self._folder / name)
        return self._folder / name


class Tenants:
    """One database: every process has separate tenants, with the rows of a scene beside them."""

    def __init__(self, url: str) -> None:
        self._store = opened(url)
        self._names = [each.name for each in self._store.tables.metadata.sorted_tables]
        self._store.tables.metadata.create_all(self._store.engine)
        self._run("CREATE SCHEMA IF NOT EXISTS kept")
        for name in self._names:
            self._run(f"CREATE TABLE IF NOT EXISTS kept.{name} (LIKE {name})")
        closed(self._store)
        self._set: dict[str, list[str]] = {}

    def place(self, scene: Scene) -> Place:
        tenant = f"{os.getpid()}-{scene.name}"
        if scene.name not in self._set:
            self._set[scene.name] = prepare(self._store, tenant, scene)
            self._each("INSERT INTO kept.{0} SELECT * FROM {0} WHERE tenant = '{1}'", tenant)
        else:
            self._each("DELETE FROM {0} WHERE tenant = '{1}'", tenant, backwards=True)
            self._each("INSERT INTO {0} SELECT * FROM kept.{0} WHERE tenant = '{1}'", tenant)
        closed(self._store)
        return Place(self._store, tenant, self._set[scene.name])

    def _each(self, words: str, tenant: str, *, backwards: bool = False) -> None:
        names = reversed(self._names) if backwards else self._names
        self._run("; ".join(words.format(name, tenant) for name in names))

    def _run(self, words: str) -> None:
        with self._store.engine.begin() as connection:
            connection.exec_driver_sql(words)


def opened(url: str) -> SqlStore:
    """Open a store without syncing to disk: kills end processes, not machines."""
    store = SqlStore.open(url, check=False, clock=lambda: LATER)
    if store.engine.dialect.name == "sqlite":
        event.listen(
            store.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous = OFF")
        )
    return store


def closed(store: SqlStore) -> None:
    """Clear the cached rows and close every connection, as if the store had just been opened."""
    store.clear_caches()
    store.engine.dispose()


def prepare(store: SqlStore, tenant: str, scene: Scene) -> list[str]:
    """Set the scene, and return the ids of the commands that it took."""
    settle(store, tenants=[tenant])
    return [*scene.before(Desk(store, tenant)), "k"]


def kill(place: Place, scene: Scene, kill_at: int, *, whole: bool = True) -> bool:
    """Kill one command at one step, check, retry, check again; return whether it was killed.

    Raises:
        AssertionError: Something was written in part, or the retry did something else.
    """
    ended = child(place, scene, kill_at, whole=whole)
    if os.WIFEXITED(ended) and os.WEXITSTATUS(ended):
        raise RuntimeError("the child failed by itself")
    try:
        all_or_nothing(place.store, place.tenant, place.ids)
        try:
            scene.act(Desk(place.store, place.tenant))
        except EntitlementsError as error:
            raise AssertionError(f"the retry failed: {error}") from error
        all_or_nothing(place.store, place.tenant, place.ids)
        replays(place.store, place.tenant)
    finally:
        closed(place.store)
    return os.WIFSIGNALED(ended)


def every_kill(
    where: Files | Tenants, scene: Scene, *, whole: bool = True, first: int = 1, step: int = 1
) -> Iterator[bool]:
    """Kill a command at its steps; yield whether everything held, kill by kill.

    Args:
        where: Where the command is given.
        scene: The command, and what is stored before it.
        whole: Whether the command is one transaction.
        first: The first statement at which it is killed.
        step: So many statements further the next time.
    """
    for kill_at in count(first, step):
        try:
            if not kill(where.place(scene), scene, kill_at, whole=whole):
                return
        except (AssertionError, EntitlementsError):
            if whole:
                raise
            yield False
        else:
            yield True


def share(database: str | None, kills: int, first: int) -> Counter[str]:
    """Kill so many times, beginning with the scene of that number; return the count of each."""
    done: Counter[str] = Counter()
    folder = Path(tempfile.mkdtemp(prefix="crashes-"))
    try:
        where = Tenants(database) if database else Files(folder)
        for number in count(first):
            scene = SCENES[number % len(SCENES)]
            for _ in every_kill(where, scene):
                done[scene.name] += 1
                if done.total() >= kills:
                    return done
        raise AssertionError
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Kill so many times, and print what happened."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=1_000)
    parser.add_argument("--database", help="an empty database; else SQLite in a temporary folder")
    parser.add_argument("--workers", type=int, default=1, help="processes side by side")
    parser.add_argument("--seed", type=int, default=0, help="the scene to begin with")
    asked = parser.parse_args()
    if asked.database:
        Tenants(asked.database)  # the tables, before they are used
    began = time.monotonic()
    kills = spread(
        [
            partial(share, asked.database, part, asked.seed + number * len(SCENES) // asked.workers)
            for number, part in enumerate(parts(asked.kills, asked.workers))
        ]
    )
    seconds, where = time.monotonic() - began, "PostgreSQL" if asked.database else "SQLite"
    lines = [f"  {name}: {times}" for name, times in sorted(kills.items())]
    lines.append(
        f"{kills.total()} kills on {where}, 0 broken, "
        f"{seconds:.0f} s, {kills.total() / seconds:.1f} a second"
    )
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
