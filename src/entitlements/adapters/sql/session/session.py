"""Sessions: the statements of one unit of work, for one tenant, with this library's errors.

Statements are compiled once for each database and used by all units; the tenant is put in here and
nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final, final

from sqlalchemy import Connection, Table

from entitlements.adapters.sql.errors import DRIVER_ERRORS, translated_error
from entitlements.adapters.sql.session.channels import Channel, open_channel
from entitlements.adapters.sql.session.host_transaction import HostTransaction
from entitlements.adapters.sql.session.prepared import PreparedStatement, _addition, _insertion
from entitlements.kernel.errors import EntitlementsError, StorageError

Row = dict[str, Any]

_SAVEPOINT: Final = "entitlements"


@final
class Session:
    """A connection in a transaction, for one tenant.

    Args:
        connection: Where to; nothing was done on it yet, unless it is the host's.
        tenant: Id of the tenant whose rows are read and written.
        host: The host's transaction, if the connection is in one.

    Attributes:
        dialect: Name of the database's kind, such as `sqlite`.
    """

    __slots__ = (
        "_changed",
        "_channel",
        "_connection",
        "_guard",
        "_put_off",
        "_staged",
        "dialect",
        "host",
        "tenant",
    )

    def __init__(
        self, connection: Connection, tenant: str, *, host: HostTransaction | None = None
    ) -> None:
        self.tenant = tenant
        self.dialect = connection.dialect.name
        self.host = host
        self._changed = False
        self._staged: tuple[Callable[[], None], Callable[[], None]] | None = None
        self._put_off: Callable[[], None] | None = None
        self._guard = _Guard()
        self._connection: Connection | None = connection
        with self._guard:
            self._channel: Channel | None = (
                open_channel(connection) if host is None else host.open_channel(connection)
            )

    @property
    def failed(self) -> EntitlementsError | None:
        """What broke the transaction, if anything did."""
        return self._guard.failed

    @property
    def connection(self) -> Connection:
        """The connection; raises `StorageError` once the unit is over."""
        if self._connection is None:
            raise StorageError("the unit of work is over", hint="begin another one")
        return self._connection

    def read(self, statement: PreparedStatement, **values: Any) -> Sequence[Any]:
        """Return all rows of a statement."""
        with self._guard:
            values["tenant_"] = self.tenant
            rows = self._open.fetch(statement.text, statement.values(values))
            if rows and statement.writes:
                self._changed = True
            return rows

    def read_alone(self, statement: PreparedStatement, **values: Any) -> Sequence[Any]:
        """Return all rows of a statement, without beginning a transaction if there is none yet."""
        if not self.can_stage:
            return self.read(statement, **values)
        with self._guard:
            values["tenant_"] = self.tenant
            return self._open.fetch_alone(statement.text, statement.values(values))

    def write_alone(self, statement: PreparedStatement, **values: Any) -> Sequence[Any]:
        """Carry out a statement as a transaction of its own, and return its rows."""
        with self._guard:
            values["tenant_"] = self.tenant
            return self._open.fetch_alone(statement.text, statement.values(values))

    @property
    def can_stage(self) -> bool:
        """Whether nothing was done in the transaction, and single statements can be one."""
        return self._staged is None and self._channel is not None and self._channel.is_idle

    def stage(self, *, alone: Callable[[], None], together: Callable[[], None]) -> None:
        """Put writing off until the commit, or until anything else is done before that.

        Args:
            alone: Writes in a statement that is a transaction of its own.
            together: Writes in the transaction of this unit.
        """
        self._staged = (alone, together)

    @property
    def can_pipeline(self) -> bool:
        """Whether statements can be sent without waiting for the rows of those before."""
        return self._channel is not None and self._channel.can_pipeline

    def put_off(self, write: Callable[[], None]) -> None:
        """Put writing off until the commit, or until anything else is done before that.

        Args:
            write: Writes all that was put off in this unit.
        """
        self._put_off = write

    def write_each(self, every: Iterable[tuple[PreparedStatement, Row]]) -> list[Sequence[Any]]:
        """Carry out writing statements, sent together where that is possible; return their rows."""
        with self._guard:
            channel, shared = self._open, {"tenant_": self.tenant}
            self._changed = True
            return channel.fetch_all(
                [(statement.text, statement.values(values | shared)) for statement, values in every]
            )

    def rows(self, statement: PreparedStatement, **values: Any) -> list[Row]:
        """Return all rows of a statement, as dictionaries."""
        names = statement.columns
        return [dict(zip(names, each, strict=True)) for each in self.read(statement, **values)]

    def run(self, statement: PreparedStatement, **values: Any) -> int:
        """Carry out a statement; return how many rows it changed."""
        with self._guard:
            values["tenant_"] = self.tenant
            changed = self._open.execute(statement.text, statement.values(values))
            if changed:
                self._changed = True
            return changed

    def run_all(self, every: Iterable[tuple[PreparedStatement, Row]]) -> list[int]:
        """Carry out statements, each with its values, to which the tenant is added.

        Returns:
            How many rows each of them changed.
        """
        with self._guard:
            channel, tenant = self._open, self.tenant
            changed = []
            for statement, values in every:
                values["tenant"] = values["tenant_"] = tenant
                changed.append(channel.execute(statement.text, statement.values(values)))
            self._changed = self._changed or any(changed)
            return changed

    def run_each(self, statement: PreparedStatement, every: Iterable[Row]) -> None:
        """Carry out a statement once for each of these values, to which the tenant is added."""
        with self._guard:
            tenant, given = self.tenant, []
            for values in every:
                values["tenant"] = values["tenant_"] = tenant
                given.append(statement.values(values))
            self._execute_each(statement.text, given)

    def insert(self, table: Table, rows: Iterable[Row], **shared: Any) -> None:
        """Add rows of this tenant; all of them name the same columns, which are all there are.

        Args:
            table: Where to.
            rows: What differs from row to row.
            shared: What all of them say.
        """
        shared["tenant"] = shared["tenant_"] = self.tenant
        with self._guard:
            statement = _insertion(table, self.connection.dialect)
            given = [statement.values({**each, **shared}) for each in rows]
            self._execute_each(statement.text, given)

    def insert_new(self, table: Table, row: Row) -> bool:
        """Add a row unless one with a key of it is there; return whether it was added."""
        with self._guard:
            statement = _addition(table, self.connection.dialect)
            given = statement.values({**row, "tenant": self.tenant, "tenant_": self.tenant})
            added = bool(self._open.fetch(statement.text, given))
            if added:
                self._changed = True
            return added

    def _execute_each(self, sql: str, values: list[Any]) -> None:
        if not values:
            return
        self._changed = True
        if len(values) == 1:
            self._open.execute(sql, values[0])
        else:
            self._open.execute_each(sql, values)

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
            self._open.execute(f"{what} {_SAVEPOINT}", ())

    def commit(self) -> None:
        """Commit the transaction; in a host's, release the savepoint."""
        staged, self._staged = self._staged, None
        if staged is not None and self.failed is None:
            alone, _ = staged
            alone()
            self._channel = None
            return
        with self._guard:
            channel = self._open
            if self.failed is not None:
                # The database would take this for a rollback, and say nothing.
                raise self.failed
            channel.commit()
            self._channel = None  # There is nothing to end.

    def close(self) -> None:
        """End the session; whatever it changed and did not commit is rolled back."""
        channel, self._channel, self._connection = self._channel, None, None
        if channel is None:
            return
        with suppress(*DRIVER_ERRORS, EntitlementsError):
            if self._changed or self.failed is not None:
                channel.rollback()
            else:
                # A rollback would cost the server's prepared statements: psycopg drops them then,
                # in case that tables were made in the transaction.
                channel.commit()

    @property
    def _open(self) -> Channel:
        if self._channel is None:
            raise StorageError("the unit of work is over", hint="begin another one")
        if self._staged is not None:
            (_, together), self._staged = self._staged, None
            together()
        if self._put_off is not None:
            write, self._put_off = self._put_off, None
            write()
        return self._channel


@final
class _Guard:
    """Lets only our own errors out and remembers them: what broke must not look committed."""

    __slots__ = ("failed",)

    def __init__(self) -> None:
        self.failed: EntitlementsError | None = None

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None:
            return
        if isinstance(error, EntitlementsError):
            self.failed = error
        elif isinstance(error, DRIVER_ERRORS):
            self.failed = translated_error(error)
            raise self.failed from error
        else:
            # Such as a `KeyboardInterrupt` after a statement, before it is noted what it changed.
            self.failed = StorageError("the unit of work was interrupted", hint="begin another one")
