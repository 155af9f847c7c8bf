"""Engines for SQLite and PostgreSQL, configured as units of work need them.

SQLite gets a write-ahead log, foreign keys and a write lock from the beginning of each unit; in
memory it has one connection, for which units wait.
"""

from __future__ import annotations

import select
import time
from typing import Any, Final

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError, NoSuchModuleError
from sqlalchemy.pool import QueuePool

from entitlements.adapters.sql.held_connections import IN_MEMORY, watch_connections
from entitlements.adapters.sql.session.channels import BEGIN_WRITE
from entitlements.kernel.converters import instance_of
from entitlements.kernel.errors import InvalidValueError, StorageError
from entitlements.ports.store import LOCK_TIMEOUT

_IDLE_FACTOR: Final = 3
"""PostgreSQL ends an idle transaction after this many times the lock timeout."""

_PING_AFTER: Final = 30.0
_CHECKIN_KEY: Final = "entitlements_rests"


def open_engine(url: str | URL, *, lock_timeout: float = LOCK_TIMEOUT) -> Engine:
    """Return an engine for `sqlite:///file`, `sqlite://` or `postgresql://...`.

    Args:
        url: Where the database is; the driver of PostgreSQL is psycopg 3.
        lock_timeout: Seconds to wait for a connection or for a lock.

    Raises:
        InvalidValueError: The address is none, or of another kind of database.
        StorageError: The driver is not installed.

    >>> engine = open_engine("sqlite://")
    >>> engine.dialect.name
    'sqlite'
    >>> engine.dispose()
    """
    try:
        return _engine(make_url(url), lock_timeout)
    except ArgumentError:
        hint = "write `sqlite:///support.db`, with three slashes, or `postgresql://user@host/name`"
        raise InvalidValueError("that is no address of a database", hint=hint) from None


def _engine(place: URL, lock_timeout: float) -> Engine:
    kind = place.get_backend_name()
    if kind not in {"sqlite", "postgresql", "postgres"}:
        raise InvalidValueError(
            f"databases of the kind `{kind}` are not known", hint="use sqlite or postgresql"
        )
    try:
        return _sqlite(place, lock_timeout) if kind == "sqlite" else _postgres(place, lock_timeout)
    except (ImportError, NoSuchModuleError) as error:
        raise StorageError(
            f"the driver is not installed: {error}", hint="install `entitlements[postgres]`"
        ) from error


def _sqlite(place: URL, lock_timeout: float) -> Engine:
    if place.get_dialect().is_async:
        raise InvalidValueError(
            "an async engine is opened by its caller",
            hint="write `sqlite:///...`, or use `SqlStore(configure_engine(engine.sync_engine))`",
        )
    options: dict[str, Any] = {
        "connect_args": {"check_same_thread": False, "timeout": lock_timeout}
    }
    if (place.database or "") in IN_MEMORY:
        # The database lives as long as its only connection.
        options |= {"poolclass": QueuePool, "pool_size": 1, "max_overflow": 0}
    engine = create_engine(place, pool_timeout=lock_timeout, **options)
    return configure_engine(engine, lock_timeout=lock_timeout)


def _postgres(place: URL, lock_timeout: float) -> Engine:
    engine = create_engine(
        place.set(drivername="postgresql+psycopg"),
        pool_timeout=lock_timeout,
        isolation_level="READ COMMITTED",
    )
    ping_on_checkout(engine)
    _set_idle_timeout(engine, _IDLE_FACTOR * lock_timeout)
    return configure_engine(engine, lock_timeout=lock_timeout)


def _set_idle_timeout(engine: Engine, seconds: float) -> None:
    """Set the timeout after which the server rolls back the transaction of a stopped process.

    Else what it has locked would wait for it, however long others had been free to take over.
    """

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _: object) -> None:
        milliseconds = int(seconds * 1_000)
        connection.execute(f"SET idle_in_transaction_session_timeout = {milliseconds}")


def ping_on_checkout(engine: Engine, longest: float = _PING_AFTER) -> None:
    """Check a pooled connection at checkout, so that a lost one is replaced.

    To ask the server each time would cost a unit of work a third more. A server that ends a
    connection says so, which can be seen without asking; one that is gone without a word is found
    out when the connection has rested for long.

    Args:
        engine: Of PostgreSQL with psycopg.
        longest: Seconds after which the server is asked.
    """

    @event.listens_for(engine, "checkin")
    def rests(_: object, record: Any) -> None:
        record.info[_CHECKIN_KEY] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def taken(connection: Any, record: Any, _: object) -> None:
        now = time.monotonic()
        try:
            if now - record.info.get(_CHECKIN_KEY, now) > longest or _has_unread_message(
                connection
            ):
                engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error


def _has_unread_message(connection: Any) -> bool:
    """Return whether the server has sent a message without a request, such as its shutdown.

    Where there is no `poll`, as on Windows, it is taken to have done so.
    """
    make = getattr(select, "poll", None)
    if make is None:
        return True
    waiting = make()
    waiting.register(connection.fileno(), select.POLLIN)
    return bool(waiting.poll(0))


def configure_engine(engine: Engine, *, lock_timeout: float = LOCK_TIMEOUT) -> Engine:
    """Configure a host's own engine for units of work, and return it; for async, the sync engine.

    Args:
        engine: Of SQLite or PostgreSQL.
        lock_timeout: Seconds to wait for a lock.

    >>> from sqlalchemy import create_engine
    >>> engine = configure_engine(create_engine("sqlite://"))
    >>> with engine.connect() as connection:
    ...     connection.exec_driver_sql("PRAGMA foreign_keys").scalar()
    1
    >>> engine.dispose()
    """
    sqlite = instance_of(Engine, engine).dialect.name == "sqlite"
    watch_connections(engine)

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _: object) -> None:
        if sqlite:
            # SQLAlchemy begins transactions itself, so the driver must not.
            connection.isolation_level = None
        cursor = connection.cursor()
        for line in _lines(lock_timeout, sqlite=sqlite):
            cursor.execute(line)
        cursor.close()
        if not sqlite:
            connection.commit()

    if sqlite:

        @event.listens_for(engine, "begin")
        def begun(connection: Any) -> None:
            reads = connection.get_execution_options().get("entitlements_reads", False)
            # Directly to the driver: this precedes every other statement of a unit.
            cursor = connection.connection.cursor()
            cursor.execute("BEGIN" if reads else BEGIN_WRITE)
            cursor.close()

    return engine


def _lines(lock_timeout: float, *, sqlite: bool) -> tuple[str, ...]:
    milliseconds = int(lock_timeout * 1_000)
    if not sqlite:
        return (f"SET lock_timeout = {milliseconds}",)
    return (
        f"PRAGMA busy_timeout = {milliseconds}",
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        # Most pages change again and again: what is copied less often is copied fewer times.
        "PRAGMA wal_autocheckpoint = 4000",
        "PRAGMA foreign_keys = ON",
    )
