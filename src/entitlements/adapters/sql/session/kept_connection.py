"""Kept connection: a connection that a store on SQLite leaves open between two units of work.

To take a connection from SQLAlchemy's pool and to give it back costs an admission a twentieth of
its time. So a store with an engine of its own keeps one connection. Units of work that run at the
same time take theirs from the pool.
"""

from __future__ import annotations

import os
from typing import Any, final
from weakref import ref

from sqlalchemy import Connection, Engine, event

from entitlements.adapters.sql.held_connections import (
    IN_MEMORY,
    PROCESS_KEY,
    begin_holding,
    end_holding,
)


@final
class KeptConnection:
    """An idle connection of an engine, in no transaction.

    It is closed with the other connections of the engine. A forked child leaves them to its parent.

    Args:
        engine: Of a file of SQLite; a database in memory has one connection, which all need.

    Attributes:
        times_closed: How often the connections of the engine were closed.
    """

    __slots__ = ("__weakref__", "_kept", "_left", "times_closed")

    def __init__(self, engine: Engine) -> None:
        self.times_closed = 0
        self._kept: list[Connection] = []
        self._left: list[Connection] = []

        # SQLAlchemy refers to the engine of an open connection: it would never be closed.
        this = ref(self)

        @event.listens_for(engine, "engine_disposed")
        def disposed(_: Engine) -> None:
            kept = this()
            if kept is not None:
                kept.close()

    @classmethod
    def of(cls, engine: Engine) -> KeptConnection | None:
        """Return what keeps a connection of an engine; None where none can be kept."""
        dialect, file = engine.dialect, (engine.url.database or "") not in IN_MEMORY
        return cls(engine) if dialect.name == "sqlite" and not dialect.is_async and file else None

    def take(self) -> Connection | None:
        """Return the connection for the caller alone; None if there is none."""
        try:
            found = self._kept.pop()
        except IndexError:
            return None
        begin_holding(found)
        return found

    def put(self, connection: Connection, times_closed: int) -> bool:
        """Keep a connection and return True; False if the caller has to close it.

        Args:
            connection: The connection.
            times_closed: What that was when the caller began to work with it.
        """
        if self._kept or self.times_closed != times_closed:
            return False
        if connection.closed or connection.invalidated:
            return False
        driver: Any = connection.connection.dbapi_connection
        if connection.in_transaction() or driver.in_transaction:
            return False
        end_holding(connection)
        self._kept.append(connection)
        return True

    def close(self) -> None:
        """Close the connection; the next ones come from the pool."""
        self.times_closed += 1
        while self._kept:
            found = self._kept.pop()
            if not self._is_parents(found):
                found.invalidate()
                found.close()

    def _is_parents(self, found: Connection) -> bool:
        """Return whether a connection is of the process from which this one was forked.

        Then it stays as it is until the end: closed here, it would be closed there, too.
        """
        if found.info.get(PROCESS_KEY) in {None, os.getpid()}:
            return False
        self._left.append(found)
        return True
