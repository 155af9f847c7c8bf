"""Store in the transaction of a host, which the host began and will end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, final

from sqlalchemy import Connection, Engine

from entitlements.adapters.sql.session.host_transaction import (
    ConnectionTransaction,
    HostTransaction,
    check_host_connection,
    raise_host_conflict,
)
from entitlements.kernel.errors import HostTransactionError, StaleReadError
from entitlements.kernel.ids import identifier
from entitlements.ports.rules.arguments import seconds as checked_seconds
from entitlements.ports.store import UnitOfWork


class ClosableUnit(UnitOfWork, Protocol):
    """A unit of work that somebody else ends."""

    def close(self) -> None:
        """End the unit; what was not committed is gone."""
        ...


class UnitStore(Protocol):
    """A store of units of work on given connections, such as `SqlStore`."""

    @property
    def engine(self) -> Engine:
        """The engine whose statements and caches the units use."""
        ...

    def unit_on(
        self, connection: Connection, tenant: str, host: HostTransaction | None = None
    ) -> ClosableUnit:
        """Return a unit of work on a connection."""
        ...

    def tenants_on(self, connection: Connection) -> tuple[str, ...]:
        """Return all tenants that a connection sees."""
        ...


@final
class SqlHostStore:
    """`Store` in the transaction of a host; see `SqlStore.on`.

    Args:
        store: The store whose statements and caches are used.
        connection: The host's connection.
    """

    __slots__ = ("_connection", "_store")

    def __init__(self, store: UnitStore, connection: Connection) -> None:
        self._store = store
        self._connection = connection

    @contextmanager
    def begin(self, tenant: str) -> Iterator[UnitOfWork]:
        """Begin a unit of work with a savepoint; see `Store`.

        Raises:
            HostTransactionError: The transaction is over, or has failed before.
            RestartTransactionError: Another transaction was faster, and this one has to be run
                again as a whole.
        """
        connection = self._connection
        check_host_connection(connection, self._store.engine)
        try:
            host = ConnectionTransaction(connection)
            unit = self._store.unit_on(connection, identifier(tenant), host)
            try:
                yield unit
            finally:
                unit.close()
        except StaleReadError as error:
            raise_host_conflict(error, connection)

    def tenants(self) -> tuple[str, ...]:
        """Return all tenants that this transaction sees; see `Store`."""
        check_host_connection(self._connection, self._store.engine)
        return self._store.tenants_on(self._connection)

    def wait(self, seconds: float) -> bool:
        """Refuse to wait inside a transaction, which would see no news and keep its locks."""
        raise HostTransactionError(
            f"a transaction cannot wait `{checked_seconds(seconds)}` seconds for others",
            hint="wait with the store itself",
        )
