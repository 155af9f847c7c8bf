"""Host transactions: units of work in a transaction that the caller began and will end.

Such a unit has a savepoint, so that a failure of it leaves the rest of the transaction as it was.
What it wrote may be rolled back after it is over, so that nothing of it may be cached.
"""

from __future__ import annotations

import os
from typing import Any, Final, NoReturn, Protocol, final
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import RootTransaction

from entitlements.adapters.sql.errors import translated
from entitlements.adapters.sql.held_connections import PROCESS_KEY, is_same_database
from entitlements.adapters.sql.session.channels import BEGIN_WRITE, Channel, SavepointChannel
from entitlements.adapters.sql.session.prepared import positional_dialect
from entitlements.kernel.converters import instance_of
from entitlements.kernel.errors import (
    HostTransactionError,
    RestartTransactionError,
    StaleReadError,
)

Written = tuple[str, str, str | int]
"""Kind, tenant and id of what was written."""

_WRITTEN: Final[WeakKeyDictionary[RootTransaction, set[Written]]] = WeakKeyDictionary()
_ROLL_BACK: Final = "roll it back, and begin another one"
_BEGIN: Final = "begin one, such as with `engine.begin()`"


class HostTransaction(Protocol):
    """A host's transaction, as the units of work inside it need it."""

    def open_channel(self, connection: Connection) -> Channel:
        """Return a channel that begins and ends a savepoint."""
        ...

    def note(self, written: Written) -> None:
        """Note that a unit of work wrote this, so that it may yet be rolled back."""
        ...

    def wrote(self, written: Written) -> bool:
        """Return whether a unit of work of this transaction may have written this."""
        ...


@final
class ConnectionTransaction:
    """The host's transaction on a connection of SQLAlchemy.

    What was written is noted until the transaction ends, also if the host rolls back a savepoint.

    Args:
        connection: The host's connection, in a transaction.
    """

    __slots__ = ("_written",)

    def __init__(self, connection: Connection) -> None:
        transaction = connection.get_transaction()
        assert transaction is not None  # noqa: S101 - `check_host_connection` came before
        self._written = _WRITTEN.setdefault(transaction, set())

    def open_channel(self, connection: Connection) -> Channel:
        return SavepointChannel(connection)

    def note(self, written: Written) -> None:
        self._written.add(written)

    def wrote(self, written: Written) -> bool:
        return written in self._written


def check_host_connection(connection: Connection, engine: Engine) -> None:
    """Check that units of work of an engine's store can run in the connection's transaction.

    Raises:
        HostTransactionError: The connection is closed, of another process, to another database or
            schema, or in no transaction.
        InvalidValueError: It is not a `Connection`.
    """
    instance_of(Connection, connection)
    if connection.closed or connection.invalidated:
        raise HostTransactionError("the host's connection is closed", hint="open another one")
    opened_by = connection.connection.info.get(PROCESS_KEY, os.getpid())
    if opened_by != os.getpid():
        raise HostTransactionError(
            f"the host's connection was opened by another process, `{opened_by}`",
            hint="open a connection in this process",
        )
    _check_database(connection, engine)
    if not connection.in_transaction():
        raise HostTransactionError("the host's connection is in no transaction", hint=_BEGIN)
    if _is_autocommit(connection):
        raise HostTransactionError(
            "the host's connection commits each statement",
            hint="use a connection without `AUTOCOMMIT`",
        )
    if connection.dialect.name == "sqlite":
        _begin_lazy_transaction(connection)


def _check_database(connection: Connection, engine: Engine) -> None:
    if not is_same_database(connection.engine, engine):
        raise HostTransactionError(
            "the host's connection is to another database than the store",
            hint="use a store on the engine of that connection",
        )
    styles = {positional_dialect(each.dialect).paramstyle for each in (connection, engine)}
    if len(styles) > 1:
        raise HostTransactionError(
            f"the host's connection has the driver `{connection.dialect.driver}`, the store "
            f"`{engine.dialect.driver}`",
            hint="use a store on the engine of that connection",
        )
    if connection.get_execution_options().get("schema_translate_map"):
        raise HostTransactionError(
            "the host's connection translates schemas, which a store does not",
            hint="give the store its schema with `define_tables`",
        )


def _is_autocommit(connection: Connection) -> bool:
    """Return whether SQLAlchemy was asked for it; PostgreSQL itself refuses a savepoint then."""
    default = getattr(connection.dialect, "_on_connect_isolation_level", None)
    level = connection.get_execution_options().get("isolation_level", default)
    return level == "AUTOCOMMIT"


def _begin_lazy_transaction(connection: Connection) -> None:
    """Begin the transaction that SQLite's driver has put off until the first write.

    Without it the savepoint would be the transaction, and its release the commit.

    Raises:
        HostTransactionError: The host begins its transactions itself, so SQLite has ended this one.
    """
    driver: Any = connection.connection.driver_connection
    if not driver.in_transaction:
        if getattr(driver, "isolation_level", "") is None:
            raise HostTransactionError(
                "the host's transaction has failed or ended before", hint=_ROLL_BACK
            )
        with translated():
            connection.exec_driver_sql(BEGIN_WRITE)


def raise_host_conflict(error: StaleReadError, connection: Connection) -> NoReturn:
    """Raise the error, or `RestartTransactionError` where another try here would fail again.

    Another try helps only under READ COMMITTED, where each statement sees what others have
    committed, and only if the database itself has not chosen this transaction to give way.

    Args:
        error: What a unit of work in the host's transaction raised; its savepoint is gone.
        connection: The host's connection.
    """
    if isinstance(error, RestartTransactionError):
        raise error
    if error.field != "unit" and connection.dialect.name == "postgresql":
        with translated():
            level = connection.exec_driver_sql("SHOW transaction_isolation").scalar()
        if level == "read committed":
            raise error
    raise RestartTransactionError(
        error.message,
        field=error.field,
        hint="roll your transaction back and run it again; it cannot be repeated in part",
    ) from error
