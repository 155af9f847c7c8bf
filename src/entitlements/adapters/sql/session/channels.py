"""Channels: the ways in which a session's statements reach the database.

`DriverChannel` calls the driver's DB-API 2.0 interface, which makes a unit of work cheap.
`SqlAlchemyChannel` calls SQLAlchemy, which reports every statement to the engine's listeners and
also works on its async engines. `open_channel` chooses one of them when a session begins. Inside a
host's transaction a channel begins and ends a savepoint.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Final, Protocol, final

from sqlalchemy import Connection

from entitlements.adapters.sql.errors import translated_error
from entitlements.kernel.errors import EntitlementsError

Values = tuple[Any, ...]
BEGIN_WRITE: Final = "BEGIN IMMEDIATE"
"""Begins a unit of work on SQLite: with the write lock, so that it cannot fail to get it later."""
_SAVEPOINT: Final = "entitlements_unit"


class Channel(Protocol):
    """Statements and the end of a transaction, on one connection."""

    @property
    def is_idle(self) -> bool:
        """Whether no transaction has begun, so that a single statement can be one."""
        ...

    def fetch_alone(self, sql: str, values: Values) -> Sequence[Any]:
        """Execute a statement that is a transaction of its own; return all of its rows, if any."""
        ...

    @property
    def can_pipeline(self) -> bool:
        """Whether `fetch_all` sends statements without waiting for the rows of those before."""
        ...

    def fetch_all(self, every: Sequence[tuple[str, Values]]) -> list[Sequence[Any]]:
        """Execute statements in their order and return the rows of each."""
        ...

    def fetch(self, sql: str, values: Values) -> Sequence[Any]:
        """Execute a statement and return all of its rows."""
        ...

    def execute(self, sql: str, values: Values) -> int:
        """Execute a statement and return how many rows it changed."""
        ...

    def execute_each(self, sql: str, values: Sequence[Values]) -> None:
        """Execute a statement once for each of these values; there are at least two."""
        ...

    def commit(self) -> None:
        """Commit the transaction."""
        ...

    def rollback(self) -> None:
        """Roll the transaction back."""
        ...


def open_channel(connection: Connection) -> Channel:
    """Begin a transaction unless there is one, and return the channel to it.

    Args:
        connection: Where to; see `SavepointChannel` for one of a host.
    """
    if connection.dialect.is_async or connection.in_transaction() or _has_listeners(connection):
        return SqlAlchemyChannel(connection)
    return DriverChannel(connection)


@final
class SqlAlchemyChannel:
    """A channel through SQLAlchemy's `Connection`."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        if not connection.in_transaction():
            connection.begin()
        self._connection = connection

    is_idle = can_pipeline = False

    def fetch_alone(self, sql: str, values: Values) -> Sequence[Any]:
        return self.fetch(sql, values)

    def fetch_all(self, every: Sequence[tuple[str, Values]]) -> list[Sequence[Any]]:
        return [self.fetch(sql, values) for sql, values in every]

    def fetch(self, sql: str, values: Values) -> Sequence[Any]:
        return self._connection.exec_driver_sql(sql, values).fetchall()

    def execute(self, sql: str, values: Values) -> int:
        return self._connection.exec_driver_sql(sql, values).rowcount

    def execute_each(self, sql: str, values: Sequence[Values]) -> None:
        self._connection.exec_driver_sql(sql, list(values))

    def commit(self) -> None:
        self._connection.commit()

    def rollback(self) -> None:
        self._connection.rollback()


@final
class SavepointChannel:
    """A channel to a savepoint in the transaction of a host, which ends that transaction.

    Args:
        connection: The host's connection, in a transaction.
    """

    __slots__ = ("_inner",)

    def __init__(self, connection: Connection) -> None:
        self._inner = SqlAlchemyChannel(connection)
        self._inner.execute(f"SAVEPOINT {_SAVEPOINT}", ())

    is_idle = can_pipeline = False

    def fetch_alone(self, sql: str, values: Values) -> Sequence[Any]:
        return self.fetch(sql, values)

    def fetch_all(self, every: Sequence[tuple[str, Values]]) -> list[Sequence[Any]]:
        return self._inner.fetch_all(every)

    def fetch(self, sql: str, values: Values) -> Sequence[Any]:
        return self._inner.fetch(sql, values)

    def execute(self, sql: str, values: Values) -> int:
        return self._inner.execute(sql, values)

    def execute_each(self, sql: str, values: Sequence[Values]) -> None:
        self._inner.execute_each(sql, values)

    def commit(self) -> None:
        self._inner.execute(f"RELEASE SAVEPOINT {_SAVEPOINT}", ())

    def rollback(self) -> None:
        self._inner.execute(f"ROLLBACK TO SAVEPOINT {_SAVEPOINT}", ())
        self.commit()


@final
class DriverChannel:
    """A channel through the DB-API 2.0 interface of the pooled connection's driver.

    Args:
        connection: Where to.
        begins: Whether it begins a transaction; otherwise one is open.
    """

    __slots__ = ("_can_be_idle", "_connection", "_cursor", "_driver", "_failure")

    def __init__(self, connection: Connection, *, begins: bool = True) -> None:
        self._connection = connection
        self._failure: type[Exception] = connection.dialect.loaded_dbapi.Error
        driver: Any = connection.connection.dbapi_connection
        self._driver = driver
        self._can_be_idle = begins and connection.dialect.driver == "psycopg"
        self._cursor: Any = None
        try:
            self._cursor = driver.cursor()
            if begins and connection.dialect.name == "sqlite":
                # The drivers of PostgreSQL begin a transaction with the first statement.
                self._cursor.execute(BEGIN_WRITE)
        except self._failure as error:
            raise self._translated(error) from error

    @property
    def is_idle(self) -> bool:
        return self._can_be_idle and self._driver.pgconn.transaction_status == 0

    @property
    def can_pipeline(self) -> bool:
        return self._can_be_idle and _has_pipelines()

    def fetch_all(self, every: Sequence[tuple[str, Values]]) -> list[Sequence[Any]]:
        if len(every) == 1 or not self.can_pipeline:
            return [self.fetch(sql, values) for sql, values in every]
        try:
            with self._driver.pipeline():
                cursors = [self._driver.cursor() for _ in every]
                for cursor, (sql, values) in zip(cursors, every, strict=True):
                    cursor.execute(sql, values)
                return [cursor.fetchall() for cursor in cursors]
        except self._failure as error:
            raise self._translated(error) from error

    def fetch_alone(self, sql: str, values: Values) -> Sequence[Any]:
        driver = self._driver
        try:
            driver.autocommit = True
            try:
                self._cursor.execute(sql, values)
                # `description` makes an object for each column.
                found = self._cursor.pgresult.nfields
                rows: Sequence[Any] = self._cursor.fetchall() if found else ()
            finally:
                if not driver.closed:
                    driver.autocommit = False
        except self._failure as error:
            raise self._translated(error) from error
        return rows

    def fetch(self, sql: str, values: Values) -> Sequence[Any]:
        try:
            self._cursor.execute(sql, values)
            rows: Sequence[Any] = self._cursor.fetchall()
        except self._failure as error:
            raise self._translated(error) from error
        return rows

    def execute(self, sql: str, values: Values) -> int:
        try:
            self._cursor.execute(sql, values)
            changed: int = self._cursor.rowcount
        except self._failure as error:
            raise self._translated(error) from error
        return changed

    def execute_each(self, sql: str, values: Sequence[Values]) -> None:
        try:
            self._cursor.executemany(sql, values)
        except self._failure as error:
            raise self._translated(error) from error

    def commit(self) -> None:
        try:
            self._driver.commit()
        except self._failure as error:
            raise self._translated(error) from error

    def rollback(self) -> None:
        try:
            self._driver.rollback()
        except self._failure as error:
            raise self._translated(error) from error

    def _translated(self, error: Exception) -> EntitlementsError:
        """Return our error for the driver's; a connection that is lost leaves the pool."""
        connection = self._connection
        dialect: Any = connection.dialect
        lost = dialect.is_disconnect(error, self._driver, self._cursor)
        if lost:
            connection.invalidate(error)
        return translated_error(error, lost=lost)


@cache
def _has_pipelines() -> bool:
    from psycopg import Pipeline  # noqa: PLC0415 - only with PostgreSQL

    return Pipeline.is_supported()


def _has_listeners(connection: Connection) -> bool:
    """Return whether anything listens to statements or transactions, or changes them.

    `configure_engine` listens to the beginning of transactions on SQLite. That does not count: a
    `DriverChannel` begins its transactions in the same way.
    """
    engine, dialect = connection.engine, connection.dialect
    return bool(
        engine.echo
        or engine.dispatch.before_cursor_execute
        or engine.dispatch.after_cursor_execute
        or engine.dispatch.commit
        or engine.dispatch.rollback
        or len(engine.dispatch.begin) > (dialect.name == "sqlite")
        or dialect.dispatch.do_execute
        or dialect.dispatch.do_executemany
        or dialect.dispatch.handle_error
    )
