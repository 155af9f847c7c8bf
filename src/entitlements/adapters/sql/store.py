"""Store in SQLite or PostgreSQL.

A unit of work is one transaction of one connection. On SQLite units run one after the other. On
PostgreSQL they run at the same time, and a unit that read what another has changed since gets a
`StaleReadError`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import Any, Final, Self, final

from sqlalchemy import Connection, Engine, func, select, text, union

from entitlements.adapters.sql.engines import open_engine
from entitlements.adapters.sql.errors import name_database, translated, translated_at
from entitlements.adapters.sql.held_connections import guard_forks, idle_connection
from entitlements.adapters.sql.host_store import SqlHostStore
from entitlements.adapters.sql.repositories.accounts import (
    CachedAccount,
    SqlAccounts,
    SqlLedgers,
)
from entitlements.adapters.sql.repositories.admissions.admissions import SqlAdmissions
from entitlements.adapters.sql.repositories.admissions.process_memory import ProcessMemory
from entitlements.adapters.sql.repositories.all_statements import all_statements, own_tables
from entitlements.adapters.sql.repositories.case_changes import SqlCaseChanges
from entitlements.adapters.sql.repositories.cases_and_work import (
    SqlCases,
    SqlGroupLeases,
    SqlWorkItems,
)
from entitlements.adapters.sql.repositories.catalogs import SqlCatalogs
from entitlements.adapters.sql.repositories.outbox_and_decisions import (
    CHANNEL,
    SqlCommands,
    SqlDecisions,
    SqlOutbox,
)
from entitlements.adapters.sql.repositories.rosters import SqlRosters
from entitlements.adapters.sql.repositories.service_records import SqlServiceRecords
from entitlements.adapters.sql.session.database_checks import check_file, check_version
from entitlements.adapters.sql.session.host_transaction import (
    HostTransaction,
    check_host_connection,
)
from entitlements.adapters.sql.session.kept_connection import KeptConnection
from entitlements.adapters.sql.session.session import Session
from entitlements.adapters.sql.tables import Tables
from entitlements.kernel.converters import instance_of
from entitlements.kernel.errors import EntitlementsError, StorageError
from entitlements.kernel.ids import identifier
from entitlements.kernel.on_demand.memo import Memo
from entitlements.ports.catalog_editions import CatalogEdition
from entitlements.ports.rules.arguments import clock_of
from entitlements.ports.rules.arguments import seconds as checked_seconds

MAX_KEPT_ACCOUNTS: Final = 10_000
MAX_KEPT_EDITIONS: Final = 64
_POLL: Final = 0.25


@final
class SqlStore:
    """`Store` in a database.

    Args:
        engine: Where; see `open_engine`, or `configure_engine` for a host's own.
        own: The tables, where the host has put them into its own metadata or schema.
        clock: Returns the present instant; the database's clock if None.
        check: Whether to refuse a database at another migration than this library's.
        keep: How many accounts to cache in this process, at least 2.
    """

    def __init__(
        self,
        engine: Engine,
        own: Tables | None = None,
        *,
        clock: Callable[[], datetime] | None = None,
        check: bool = True,
        keep: int = MAX_KEPT_ACCOUNTS,
    ) -> None:
        self.engine = instance_of(Engine, engine)
        self.tables = own_tables() if own is None else instance_of(Tables, own)
        self._clock = None if clock is None else clock_of(clock)
        self.unchecked = check
        self._opened = False
        self.kept: KeptConnection | None = None
        guard_forks(engine)
        self.statements = all_statements(self.tables, engine.dialect)
        self.memory = ProcessMemory()
        self.editions: Memo[tuple[str, int], CatalogEdition] = Memo(MAX_KEPT_EDITIONS)
        self.accounts: Memo[tuple[str, str], CachedAccount] = Memo(keep)

    @classmethod
    def open(cls, url: str, **options: Any) -> SqlStore:
        """Return the store at an address; its tables, and its file, are made by `migrate`.

        Close it in the end, or open it in a `with` statement.

        Raises:
            InvalidValueError: It is no address of a database of a known kind.
        """
        store = cls(open_engine(url), **options)
        store._opened = True
        store.kept = KeptConnection.of(store.engine)
        return store

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections of a store that `open` returned; another's engine is left alone.

        A database in memory is gone with them.
        """
        if self._opened:
            self.engine.dispose()

    def begin(self, tenant: str) -> AbstractContextManager[SqlUnit]:
        """Begin a unit of work; see `Store`.

        On an async engine, call it inside `run_sync` of a connection that is in no transaction:
        the unit works on that connection, and takes no other from the pool.

        Raises:
            OpenTransactionError: The calling thread or task has a transaction open, for which the
                unit would wait: on SQLite, or on an async engine.
        """
        return _UnitContext(self, identifier(tenant))

    def on(self, connection: Connection) -> SqlHostStore:
        """Return this store in a transaction that the caller has begun on a connection.

        Its units of work have savepoints in that transaction, which the caller ends. Async callers
        use it inside `run_sync` of their connection.

        Raises:
            HostTransactionError: The connection is closed, of another process, to another database,
                or in no transaction.
            InvalidValueError: It is not a `Connection` of SQLAlchemy.
        """
        check_host_connection(connection, self.engine)
        return SqlHostStore(self, connection)

    def unit_on(
        self, connection: Connection, tenant: str, host: HostTransaction | None = None
    ) -> SqlUnit:
        """Return a unit of work on a connection; `begin` of this store or of another one ends it.

        Args:
            connection: In no transaction yet, unless there is a host.
            tenant: Id of the tenant.
            host: The host's transaction, if the unit works inside it.

        Raises:
            StorageError: The database is at another migration, or cannot be reached.
        """
        if self.unchecked:
            with translated():
                check_version(connection, self.tables)
            self.unchecked = False
        return SqlUnit(self, Session(connection, tenant, host=host), self._clock)

    def clear_caches(self) -> None:
        """Forget what was read, as after the database was restored from a copy."""
        self.editions.clear()
        self.accounts.clear()

    def tenants(self) -> tuple[str, ...]:
        """Return all tenants; see `Store`."""
        with translated_at(self.engine), self._reading() as connection:
            return self.tenants_on(connection)

    def tenants_on(self, connection: Connection) -> tuple[str, ...]:
        """Return all tenants that a connection sees."""
        every = union(*(select(each.c.tenant) for each in self.tables.of_tenants))
        with translated():
            return tuple(sorted(connection.execute(every).scalars()))

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """Yield a connection in a transaction that only reads."""
        found = idle_connection(self.engine)
        if found is None:
            if self.unchecked:
                check_file(self.engine)
            found = self.engine.connect().execution_options(entitlements_reads=True)
            with found:
                yield found
                found.commit()  # A rollback would cost the server's prepared statements.
        else:
            yield found
            found.commit()

    def wait(self, seconds: float) -> bool:
        """Sleep until there is news; see `Store`.

        SQLite is asked four times a second, and so is PostgreSQL through an async engine.
        """
        seconds = checked_seconds(seconds)
        with translated_at(self.engine):
            if self.engine.dialect.name == "postgresql" and not self.engine.dialect.is_async:
                return self._listen(seconds)
            return self._poll(seconds)

    def _listen(self, seconds: float) -> bool:
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"LISTEN {CHANNEL}"))
            driver: Any = connection.connection.driver_connection
            found = next(iter(driver.notifies(timeout=seconds, stop_after=1)), None)
            connection.execute(text(f"UNLISTEN {CHANNEL}"))
            return found is not None

    def _poll(self, seconds: float) -> bool:
        end, before = time.monotonic() + seconds, self._last_message()
        while (left := end - time.monotonic()) > 0:
            self._sleep(min(_POLL, left))
            if self._last_message() > before:
                return True
        return False

    def _sleep(self, seconds: float) -> None:
        if not self.engine.dialect.is_async:
            time.sleep(seconds)
            return
        with self._reading() as connection:
            driver: Any = connection.connection.dbapi_connection
            driver.run_async(lambda _: asyncio.sleep(seconds))

    def _last_message(self) -> int:
        with self._reading() as connection:
            return self.last_message_on(connection)

    def last_message_on(self, connection: Connection) -> int:
        """Return the number of the last message that a connection sees, 0 for none."""
        with translated():
            found = connection.execute(select(func.max(self.tables.outbox.c.number))).scalar()
        return found or 0


@final
class _UnitContext:
    """A unit of work from its beginning to its end; a generator would cost it a tenth more."""

    __slots__ = ("_borrowed", "_connection", "_store", "_tenant", "_times_closed", "_unit")

    def __init__(self, store: SqlStore, tenant: str) -> None:
        self._store = store
        self._tenant = tenant

    def __enter__(self) -> SqlUnit:
        engine, kept = self._store.engine, self._store.kept
        found = idle_connection(engine)
        self._borrowed = found is not None
        if found is None and kept is not None:
            self._times_closed, found = kept.times_closed, kept.take()
        if found is None:
            try:
                with translated():
                    if self._store.unchecked:
                        check_file(engine)
                    found = engine.connect()
            except EntitlementsError as error:
                name_database(error, engine)
                raise
        self._connection = found
        try:
            self._unit = self._store.unit_on(self._connection, self._tenant)
        except BaseException as error:
            name_database(error, engine)
            self._give_back()
            raise
        return self._unit

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if error is not None:
            name_database(error, self._store.engine)
        self._unit.close()
        self._give_back()

    def _give_back(self) -> None:
        """Take back what was not committed; a connection that is lost has done so already.

        A connection of the caller's stays open.
        """
        kept = self._store.kept
        try:
            with translated():
                if self._borrowed:
                    self._connection.rollback()
                elif kept is None or not kept.put(self._connection, self._times_closed):
                    self._connection.close()
        except StorageError:
            self._connection.invalidate()


@final
class SqlUnit:
    """`UnitOfWork` in one transaction."""

    def __init__(
        self,
        store: SqlStore,
        session: Session,
        clock: Callable[[], datetime] | None,
    ) -> None:
        self._store = store
        self._statements = prepared = store.statements
        self._session = session
        self._clock = clock
        self.tenant = session.tenant
        self.committed = False
        self.catalog = SqlCatalogs(session, prepared.facts, store.editions)
        self.accounts = SqlAccounts(session, prepared.facts, store.accounts)
        self.outbox = SqlOutbox(session, prepared.trail)
        self.work_items = SqlWorkItems(session, prepared.work)
        self._admissions: SqlAdmissions | None = None

    # These hold no state, so they are made when they are first used.

    @property
    def ledger(self) -> SqlLedgers:
        return SqlLedgers(self._session, self._statements.facts, self.accounts)

    @property
    def cases(self) -> SqlCases:
        return SqlCases(self._session, self._statements.work, self._statements.facts, self.accounts)

    @property
    def case_changes(self) -> SqlCaseChanges:
        return SqlCaseChanges(self._session, self._statements.changes)

    @property
    def roster(self) -> SqlRosters:
        return SqlRosters(self._session, self._statements.rosters)

    @property
    def service_records(self) -> SqlServiceRecords:
        return SqlServiceRecords(self._session, self._statements.records)

    @property
    def decisions(self) -> SqlDecisions:
        return SqlDecisions(self._session, self._statements.trail)

    @property
    def admissions(self) -> SqlAdmissions:
        if self._admissions is None:
            whole, trail, memory = (
                self._statements.whole,
                self._statements.trail,
                self._store.memory,
            )
            self._admissions = SqlAdmissions(
                self._session, whole, trail, self, memory, has_clock=self._clock is not None
            )
        return self._admissions

    @property
    def commands(self) -> SqlCommands:
        return SqlCommands(self._session, self._statements.trail)

    @property
    def group_leases(self) -> SqlGroupLeases:
        return SqlGroupLeases(self._session, self._statements.work)

    def now(self) -> datetime:
        """Return the instant by the database's clock, unless another was given."""
        if self._clock is not None:
            return self._clock()
        if self._session.dialect != "postgresql":
            return datetime.now(UTC)  # noqa: TID251 - SQLite has no clock but this machine's
        found: datetime = self._session.read(self._statements.ask_time)[0][0]
        return found.astimezone(UTC)

    def commit(self) -> None:
        """Make everything certain; the unit is over."""
        self._session.commit()
        self.committed = True
        if self._session.host is None:
            self.accounts.committed()
        self.close()

    def close(self) -> None:
        """End the unit; what was not committed is gone."""
        self._session.close()
        self._admissions = None  # It has this unit: both would wait for the collector of cycles.
