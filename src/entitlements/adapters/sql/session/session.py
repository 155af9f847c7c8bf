"""How does one unit of work speak to the database? One connection, one tenant, our own errors.

Statements are compiled once for each database and used by all units; the tenant is put in here and
nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final, final

from sqlalchemy import (
    Connection,
    Table,
    exc,
)

from entitlements.adapters.sql.engines import BEGIN_WRITE
from entitlements.adapters.sql.errors import DRIVER_ERRORS, translated_error
from entitlements.adapters.sql.session.prepared import PreparedStatement, _addition, _insertion
from entitlements.kernel.errors import EntitlementsError, StorageError

Row = dict[str, Any]
_SAVEPOINT: Final = "entitlements"
_OPEN: Final = 2
"""What libpq calls a transaction that has not failed and waits for its next statement."""


@final
class Session:
    """A connection in a transaction, for one tenant.

    Statements, and the beginning and the end of the transaction, go straight to the driver: that
    is what makes a unit of work cheap. In a transaction of the host, or where somebody listens to
    the engine, SQLAlchemy carries them out, so that nothing is hidden from a log or a trace.

    Args:
        connection: Where to; nothing was done on it yet, unless it is the host's.
        tenant: Whose.
        hosted: Whether the transaction is the host's.

    Attributes:
        failed: What broke the transaction, if anything did.
    """

    __slots__ = ("_connection", "_cursor", "_guard", "failed", "hosted", "tenant")

    def __init__(self, connection: Connection, tenant: str, *, hosted: bool = False) -> None:
        self.tenant = tenant
        self.hosted = hosted
        self.failed: EntitlementsError | None = None
        self._guard = _Guard(self)
        self._connection: Connection | None = connection
        self._cursor: Any = None
        with self._guard:
            if hosted or connection.in_transaction() or _has_listeners(connection):
                if not connection.in_transaction():
                    connection.begin()
                return
            try:
                self._cursor = connection.connection.cursor()
            except connection.dialect.loaded_dbapi.Error as error:
                raise self._wrapped(error, "BEGIN") from error
            if connection.dialect.name == "sqlite":
                # PostgreSQL's driver begins by itself.
                self._execute(BEGIN_WRITE, ())

    @property
    def connection(self) -> Connection:
        """The connection; raises `StorageError` once the unit is over."""
        if self._connection is None:
            raise StorageError("the unit of work is over", hint="begin another one")
        return self._connection

    @property
    def dialect(self) -> str:
        """Name of the database's kind, such as `sqlite`."""
        return self.connection.dialect.name

    def read(self, statement: PreparedStatement, **values: Any) -> Sequence[Any]:
        """Return all rows of a statement."""
        with self._guard:
            values["tenant_"] = self.tenant
            return self._fetch(statement.text, statement.values(values))

    def rows(self, statement: PreparedStatement, **values: Any) -> list[Row]:
        """Return all rows of a statement, as dictionaries."""
        names = statement.columns
        return [dict(zip(names, each, strict=True)) for each in self.read(statement, **values)]

    def run(self, statement: PreparedStatement, **values: Any) -> int:
        """Carry out a statement; return how many rows it changed."""
        with self._guard:
            values["tenant_"] = self.tenant
            return self._execute(statement.text, statement.values(values))

    def run_each(self, statement: PreparedStatement, every: Iterable[Row]) -> None:
        """Carry out a statement once for each of these values."""
        with self._guard:
            given = [statement.values({**each, "tenant_": self.tenant}) for each in every]
            self._execute_each(statement.text, given)

    def insert(self, table: Table, rows: Iterable[Row], **shared: Any) -> None:
        """Add rows of this tenant; all of them name the same columns, which are all there are.

        Args:
            table: Where to.
            rows: What differs from row to row.
            shared: What all of them say.
        """
        shared["tenant"] = self.tenant
        with self._guard:
            statement = _insertion(table, self.connection.dialect)
            given = [statement.values({**each, **shared}) for each in rows]
            self._execute_each(statement.text, given)

    def insert_new(self, table: Table, row: Row) -> bool:
        """Add a row unless one with a key of it is there; return whether it was added."""
        with self._guard:
            statement = _addition(table, self.connection.dialect)
            given = statement.values({**row, "tenant": self.tenant})
            return bool(self._fetch(statement.text, given))

    def _fetch(self, words: str, given: Any) -> Sequence[Any]:
        connection, cursor = self.connection, self._cursor
        if cursor is None:
            return connection.exec_driver_sql(words, given).fetchall()
        try:
            cursor.execute(words, given)
            found: Sequence[Any] = cursor.fetchall()
        except connection.dialect.loaded_dbapi.Error as error:
            raise self._wrapped(error, words) from error
        return found

    def _execute(self, words: str, given: Any) -> int:
        connection, cursor = self.connection, self._cursor
        if cursor is None:
            return connection.exec_driver_sql(words, given).rowcount
        try:
            cursor.execute(words, given)
            changed: int = cursor.rowcount
        except connection.dialect.loaded_dbapi.Error as error:
            raise self._wrapped(error, words) from error
        return changed

    def _execute_each(self, words: str, given: list[Any]) -> None:
        connection, cursor = self.connection, self._cursor
        if len(given) == 1:
            self._execute(words, given[0])
        elif cursor is None and given:
            connection.exec_driver_sql(words, given)
        elif given:
            try:
                cursor.executemany(words, given)
            except connection.dialect.loaded_dbapi.Error as error:
                raise self._wrapped(error, words) from error

    def _wrapped(self, error: Any, words: str) -> Exception:
        """Return what SQLAlchemy would make of an error of the driver; drop a lost connection."""
        connection = self.connection
        dialect, line = connection.dialect, connection.connection
        lost = dialect.is_disconnect(error, line, self._cursor)
        if lost:
            connection.invalidate(error)
        base = dialect.loaded_dbapi.Error
        wrapped: Exception = exc.DBAPIError.instance(
            words, None, error, base, connection_invalidated=lost, dialect=dialect
        )
        return wrapped

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Let several statements happen wholly or not at all, whatever becomes of the unit."""
        self._point("SAVEPOINT")
        try:
            yield
        except EntitlementsError:
            if self.failed is None:
                self._point("ROLLBACK TO SAVEPOINT")
            raise
        self._point("RELEASE SAVEPOINT")

    def _point(self, what: str) -> None:
        with self._guard:
            self._execute(f"{what} {_SAVEPOINT}", ())

    def commit(self) -> None:
        """Make everything certain, unless that is for the host to do."""
        with self._guard:
            connection = self.connection
            if self.failed is not None:
                # The database would take this for a rollback, and say nothing.
                raise self.failed
            if self.hosted:
                return
            if self._cursor is None:
                connection.commit()
                return
            try:
                self._cursor.connection.commit()
            except connection.dialect.loaded_dbapi.Error as error:
                raise self._wrapped(error, "COMMIT") from error

    def close(self) -> None:
        """End it, and take back what was not committed; nothing can be done with it any more."""
        connection, self._connection = self._connection, None
        cursor, self._cursor = self._cursor, None
        if connection is not None and cursor is not None:
            with suppress(*DRIVER_ERRORS, connection.dialect.loaded_dbapi.Error):
                _rollback(cursor.connection)
                cursor.close()


def _rollback(line: Any) -> None:
    """Roll back on PostgreSQL if nothing has failed; the pool does it for all others.

    psycopg's own rollback forgets the server's prepared statements, in case tables were made since
    the transaction began. No unit makes any, and all later ones would have to plan anew.
    """
    server = getattr(line, "pgconn", None)
    if server is not None and server.transaction_status == _OPEN:
        server.exec_(b"ROLLBACK")


def _has_listeners(connection: Connection) -> bool:
    """Return whether anybody wants to hear of statements and transactions, or takes part in them.

    That SQLite is told how to begin is no reason: a session does so itself.
    """
    engine, told = connection.engine, connection.dialect.dispatch
    heard = engine.dispatch
    return bool(
        heard.before_cursor_execute
        or heard.after_cursor_execute
        or heard.commit
        or heard.rollback
        or len(heard.begin) > (connection.dialect.name == "sqlite")
        or told.do_execute
        or told.do_executemany
        or told.handle_error
        or engine.echo
    )


@final
class _Guard:
    """Lets only our own errors out and remembers them: what broke must not look committed."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, EntitlementsError):
            self._session.failed = error
        elif isinstance(error, DRIVER_ERRORS):
            ours = self._session.failed = translated_error(error)
            raise ours from error
