"""Does a desk survive being killed? `SIGKILL` at every statement of every command, then a retry.

Each time the scene is set, a child process gives the command and is killed at its n-th statement;
the parent looks at what is left, gives the command once more, and looks again. The control commits
every statement by itself, and must break.

    python -m tests.service.crashes --kills 10000
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count, cycle
from pathlib import Path
from typing import Any, Final

import attrs
from sqlalchemy import event
from tests.service.desks import MINUTE, MONDAY, TENANT, in_hand, request, settle

from entitlements.adapters.sql import SqlStore
from entitlements.kernel.errors import EntitlementsError
from entitlements.service import (
    Accept,
    Admit,
    Cancel,
    Decline,
    Desk,
    DeskCommand,
    Offer,
    RecordEvent,
    Reopen,
    Resolve,
    Transfer,
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
    """One step of a desk, and what goes before it."""

    name: str
    before: Callable[[Desk], list[str]]
    act: Act


def _nothing(_: Desk) -> list[str]:
    return []


def _admitted(at_desk: Desk) -> list[str]:
    at_desk.do(Admit(id="k1", request=request(customer="minutes")), MONDAY)
    return ["k1"]


def _in_hand(at_desk: Desk) -> list[str]:
    in_hand(at_desk, request(customer="minutes"))
    return ["admit R-1", "offer R-1", "accept R-1"]


def _after(
    first: Callable[[Desk], list[str]], *commands: DeskCommand
) -> Callable[[Desk], list[str]]:
    def before(at_desk: Desk) -> list[str]:
        ids = first(at_desk)
        for each in commands:
            at_desk.do(each, LATER)
        return [*ids, *(each.id for each in commands)]

    return before


def _do(command: DeskCommand, at: datetime = LATER) -> Act:
    return lambda at_desk: at_desk.do(command, at)


def _work(at_desk: Desk) -> object:
    office = at_desk.office
    return Worker(office.store, "w", tenants=[office.tenant]).round()


_TWO: Final = Offer(id="k2", case="R-1", agents=["ada", "bob"])
_TAKE: Final = Accept(id="k", case="R-1", agent="bob", fence=2)
_LEAVE: Final = Decline(id="k", case="R-1", agent="bob", fence=2)
_END: Final = Resolve(id="k3", case="R-1")
SCENES: Final = (
    Scene("admit", _nothing, _do(Admit(id="k", request=request(customer="opening")), MONDAY)),
    Scene("admit later", _nothing, _do(Admit(id="k", request=request(customer="daytime")), SUNDAY)),
    Scene("deny", _nothing, _do(Admit(id="k", request=request(contact="mallory")), MONDAY)),
    Scene("event", _admitted, _do(RecordEvent(id="k", case="R-1", event=Event.responded(LATER)))),
    Scene("offer", _admitted, _do(_TWO)),
    Scene("accept", _after(_admitted, _TWO), _do(_TAKE)),
    Scene("decline", _after(_admitted, _TWO), _do(_LEAVE)),
    Scene("transfer", _in_hand, _do(Transfer(id="k", case="R-1", fence=1))),
    Scene("resolve", _in_hand, _do(Resolve(id="k", case="R-1", used=45))),
    Scene("reopen", _after(_in_hand, _END), _do(Reopen(id="k", case="R-1"))),
    Scene("cancel", _in_hand, _do(Cancel(id="k", case="R-1"))),
    Scene("sweep", _after(_admitted, _TWO), lambda at_desk: at_desk.sweep(LATER + MINUTE)),
    Scene("work", _admitted, _work),
)  # fmt: skip


def child(place: Place, scene: Scene, kill_at: int, *, whole: bool) -> int:
    """Give the command in a process of its own that dies at a statement; return how it ended."""
    process = os.fork()
    if process:
        return os.waitpid(process, 0)[1]
    try:
        store = opened(place.url)
        _die_at(store, kill_at, whole=whole)
        scene.act(Desk(store, place.tenant))
    except BaseException as error:  # noqa: BLE001 - a forked child must end here, whatever happens
        os.write(2, f"{scene.name} {kill_at}: {error!r}\n".encode())
        os._exit(3)
    os._exit(0)


def _die_at(store: SqlStore, kill_at: int, *, whole: bool) -> None:
    """Kill this process before its n-th statement, or before or after the n-th commit."""
    steps = count(1)

    def step(*_: Any) -> None:
        if next(steps) == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    @event.listens_for(store.engine, "before_cursor_execute")
    def statement(connection: Any, _: Any, words: str, *__: Any) -> None:
        if not whole and not words.startswith("BEGIN"):
            cursor = connection.connection.cursor()
            cursor.execute("COMMIT")
            cursor.execute("BEGIN")
        step()

    event.listen(store.engine, "commit", step)
    event.listen(store.engine.pool, "checkin", step)


@attrs.frozen
class Place:
    """Where one kill happens: a database, a tenant, and the commands that were given before."""

    url: str
    tenant: str
    ids: list[str]


class Files:
    """SQLite: the scene is set once in a file, which is copied for every kill."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._set: dict[str, tuple[Path, list[str]]] = {}

    def place(self, scene: Scene) -> Place:
        if scene.name not in self._set:
            path = self._folder / f"{scene.name}.db"
            self._set[scene.name] = (path, prepare(f"sqlite:///{path}", TENANT, scene, fresh=True))
        path, ids = self._set[scene.name]
        copy = self._folder / "killed.db"
        for each in self._folder.glob("killed.db*"):
            each.unlink()
        shutil.copy(path, copy)
        return Place(f"sqlite:///{copy}", TENANT, ids)


class Tenants:
    """One database, in which every kill has a tenant of its own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._numbers = count(1)
        store = opened(url)
        store.tables.metadata.create_all(store.engine)
        store.engine.dispose()

    def place(self, scene: Scene) -> Place:
        tenant = f"{os.getpid()}-{next(self._numbers)}"
        return Place(self._url, tenant, prepare(self._url, tenant, scene))


def opened(url: str) -> SqlStore:
    """Open a store; the kills end processes, not machines, so nothing need reach the disk."""
    store = SqlStore.open(url, check=False, clock=lambda: LATER)
    if store.engine.dialect.name == "sqlite":
        event.listen(
            store.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous = OFF")
        )
    return store


def prepare(url: str, tenant: str, scene: Scene, *, fresh: bool = False) -> list[str]:
    """Set the scene, and return the ids of the commands that it took."""
    store = opened(url)
    if fresh:
        store.tables.metadata.create_all(store.engine)
    settle(store, tenants=[tenant])
    ids = [*scene.before(Desk(store, tenant)), "k"]
    store.engine.dispose()
    return ids


def kill(place: Place, scene: Scene, kill_at: int, *, whole: bool = True) -> bool:
    """Kill one command at one step, look, retry, look again; return whether it was killed at all.

    Raises:
        AssertionError: Something was written by halves, or the retry did something else.
    """
    ended = child(place, scene, kill_at, whole=whole)
    if os.WIFEXITED(ended) and os.WEXITSTATUS(ended):
        raise RuntimeError("the child failed by itself")
    store = opened(place.url)
    try:
        all_or_nothing(store, place.tenant, place.ids)
        try:
            scene.act(Desk(store, place.tenant))
        except EntitlementsError as error:
            raise AssertionError(f"the retry failed: {error}") from error
        all_or_nothing(store, place.tenant, place.ids)
        replays(store, place.tenant)
    finally:
        store.engine.dispose()
    return os.WIFSIGNALED(ended)


def every_kill(where: Files | Tenants, scene: Scene, *, whole: bool = True) -> Iterator[bool]:
    """Kill a command at each of its steps; yield whether everything held, kill by kill."""
    for kill_at in count(1):
        try:
            if not kill(where.place(scene), scene, kill_at, whole=whole):
                return
        except (AssertionError, EntitlementsError):
            if whole:
                raise
            yield False
        else:
            yield True


def main() -> None:
    """Kill so many times, and print what happened."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=1_000)
    parser.add_argument("--database", help="an empty database; else SQLite in a temporary folder")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="crashes-"))
    kills: Counter[str] = Counter()
    began = time.monotonic()
    try:
        where = Tenants(asked.database) if asked.database else Files(folder)
        for scene in cycle(SCENES):
            for _ in every_kill(where, scene):
                kills[scene.name] += 1
            if kills.total() >= asked.kills:
                break
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    lines = [f"{kills.total()} kills, 0 broken, {time.monotonic() - began:.0f} s"]
    lines += [f"  {name}: {times}" for name, times in sorted(kills.items())]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
