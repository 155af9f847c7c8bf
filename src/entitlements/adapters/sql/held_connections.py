"""Held connections: the connections of an engine that the current thread or task has open.

A transaction on SQLite locks the whole database, so a thread that has one open would wait for
itself if it began a unit of work on another connection. A task of an async engine that holds a
connection would wait for the pool, whose other connections are held by tasks that wait as well.
"""

from __future__ import annotations

import asyncio
import os
import threading
from os.path import realpath
from typing import Any, Final, final
from weakref import WeakKeyDictionary, WeakSet

from sqlalchemy import URL, Connection, Engine, event

from entitlements.kernel.errors import OpenTransactionError

PROCESS_KEY: Final = "entitlements_process"
"""Where a pooled connection's `info` has the id of the process that opened it."""

IN_MEMORY: Final = ("", ":memory:")
"""What SQLite calls a database that lives in memory, and only as long as its connection."""

_BY_TASK: Final[WeakKeyDictionary[asyncio.Task[Any], WeakSet[Connection]]] = WeakKeyDictionary()


@final
class _ByThread(threading.local):
    def __init__(self) -> None:
        self.held: WeakSet[Connection] = WeakSet()


_BY_THREAD: Final = _ByThread()
_GUARDED: Final[WeakSet[Engine]] = WeakSet()


def guard_forks(engine: Engine) -> None:
    """Give each forked child connections of its own; the parent's would mix both in one session.

    A connection that was in use at the fork keeps the id of the parent in its `info`.
    """
    if engine in _GUARDED:
        return
    _GUARDED.add(engine)

    @event.listens_for(engine, "connect")
    def connected(_: object, record: Any) -> None:
        record.info[PROCESS_KEY] = os.getpid()


def _leave_to_parent() -> None:
    for engine in list(_GUARDED):
        # A database in memory was copied with the process.
        if engine.dialect.name != "sqlite" or (engine.url.database or "") not in IN_MEMORY:
            engine.dispose(close=False)


if hasattr(os, "register_at_fork"):  # not on Windows, which has no forks
    os.register_at_fork(after_in_child=_leave_to_parent)


def watch_connections(engine: Engine) -> None:
    """Note who opens connections of this engine, where a second one might be waited for."""
    if not _is_watched(engine):
        return

    event.listen(engine, "engine_connect", begin_holding)


def begin_holding(connection: Connection) -> None:
    """Note that the current thread or task has a connection of a watched engine."""
    _held(connection.engine).add(connection)


def end_holding(connection: Connection) -> None:
    """Note that the current thread or task gave away a connection that is still open."""
    _held(connection.engine).discard(connection)


def idle_connection(engine: Engine) -> Connection | None:
    """Return a connection for a unit of work that the caller holds already and does not use.

    Only async engines have one: a unit of work that runs inside `run_sync` of a connection works
    on that connection. None means that a unit takes one from the pool.

    Raises:
        OpenTransactionError: The caller has a transaction open, and the unit would wait for it.
    """
    if not _is_watched(engine):
        return None
    known = _held(engine)
    if not known:
        return None
    held = [each for each in known if _is_open(each) and is_same_database(each.engine, engine)]
    if engine.dialect.is_async:
        for each in held:
            if not each.in_transaction() and _is_like(each, engine):
                return each
    if any(map(_in_transaction, held)):
        raise OpenTransactionError(
            "a transaction that was begun here is still open on this database, and a unit of work "
            "on another connection would wait for it",
            hint="commit it first, or work inside it with `desk.on(connection)`",
        )
    return None


def _is_watched(engine: Engine) -> bool:
    return engine.dialect.is_async or engine.dialect.name == "sqlite"


def _held(engine: Engine) -> WeakSet[Connection]:
    """Return the connections of the current task, or of the current thread for a sync engine.

    All tasks of a thread wait when a sync engine does, so that they count as one.
    """
    task = _current_task() if engine.dialect.is_async else None
    if task is None:
        return _BY_THREAD.held
    return _BY_TASK.setdefault(task, WeakSet())


def _current_task() -> asyncio.Task[Any] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:  # no event loop runs in this thread
        return None


def _is_open(connection: Connection) -> bool:
    return not connection.closed and not connection.invalidated


def _in_transaction(connection: Connection) -> bool:
    if connection.in_transaction():
        return True
    # A unit of work on the driver's own interface, of which SQLAlchemy does not know.
    driver = connection.connection.dbapi_connection
    return bool(getattr(driver, "in_transaction", False))


def is_same_database(one: Engine, other: Engine) -> bool:
    """Return whether both are engines of one database: of one pool, one file or one address."""
    if one.pool is other.pool:
        return True
    if one.dialect.name != other.dialect.name:
        return False
    if one.dialect.name != "sqlite":
        return _place(one.url) == _place(other.url)
    files = [each.url.database or "" for each in (one, other)]
    return not set(files) & set(IN_MEMORY) and len(set(map(realpath, files))) == 1


def _place(url: URL) -> tuple[object, ...]:
    return url.host, url.port, url.query.get("host"), url.database


def _is_like(connection: Connection, engine: Engine) -> bool:
    """Return whether a connection is as the engine's pool gives them out."""
    levels = [each.get_execution_options().get("isolation_level") for each in (connection, engine)]
    return connection.engine.pool is engine.pool and levels[0] == levels[1]
