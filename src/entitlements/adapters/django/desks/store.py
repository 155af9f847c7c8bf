"""Store on Django's own connection: what it writes is committed with Django's rows, or not at all.

Each unit of work is an `atomic` block: a transaction by itself, or a savepoint in the block that is
open, such as that of `ATOMIC_REQUESTS`. Nothing but Django begins or ends a transaction.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final, final

from django.db import DatabaseError, connections, transaction

from entitlements.adapters.django.desks.transactions import DjangoTransaction
from entitlements.adapters.sql.borrowed import borrowed_engine
from entitlements.adapters.sql.errors import translated_error
from entitlements.adapters.sql.session.host_transaction import raise_host_conflict
from entitlements.adapters.sql.store import MAX_KEPT_ACCOUNTS, SqlStore, SqlUnit
from entitlements.kernel.errors import HostTransactionError, StaleReadError, StorageError
from entitlements.kernel.ids import identifier
from entitlements.kernel.on_demand.memo import Memo
from entitlements.ports.rules.arguments import seconds as checked_seconds

_POLL: Final = 0.25
_OURS: Final = "_entitlements_connection"
PROCESS: Final = "_entitlements_process"
"""Attribute of Django's connection: the process that opened it."""


@final
class DjangoStore:
    """`Store` on a database of Django: SQLite, or PostgreSQL with psycopg 3.

    All threads may share it; each works on its own connection of Django.

    Args:
        using: Alias of the database.
        clock: Returns the present instant; the database's clock if None.
        keep: How many accounts to cache in this process, at least 2.
        relays: Called with a tenant after each commit that put messages for it.
    """

    def __init__(
        self,
        using: str = "default",
        *,
        clock: Callable[[], datetime] | None = None,
        keep: int = MAX_KEPT_ACCOUNTS,
        relays: Callable[[str], object] | None = None,
    ) -> None:
        self.using = using
        self._relays = relays
        engine = borrowed_engine(connections[using].vendor, self._driver_connection)
        self.sql = SqlStore(engine, clock=clock, keep=keep)

    def _driver_connection(self) -> Any:
        django: Any = connections[self.using]
        django.ensure_connection()
        inner = django.connection
        if django.vendor == "postgresql" and not hasattr(inner, "pgconn"):
            raise StorageError("psycopg 2 is not supported", hint="install `psycopg`")
        return inner

    @contextmanager
    def begin(self, tenant: str) -> Iterator[SqlUnit]:
        """Begin a unit of work in an `atomic` block; see `Store`.

        Raises:
            HostTransactionError: The block that is open has failed before, or Django's connection
                was opened by another process.
            RestartTransactionError: Another transaction was faster, and the block that is open has
                to be run again as a whole.
        """
        name, django = identifier(tenant), connections[self.using]
        _check(django)
        hosted = django.in_atomic_block
        try:
            with transaction.atomic(using=self.using):
                unit = self.sql.unit_on(self._connection(django), name, DjangoTransaction(django))
                committed = False
                try:
                    yield unit
                    committed = unit.committed
                finally:
                    unit.close()
                    if not committed:
                        transaction.set_rollback(True, using=self.using)
                if unit.outbox.put_any and self._relays is not None:
                    self._relay_later(name)
                _cache_later(unit, self.using)
        except StaleReadError as error:
            if not hosted:
                raise
            raise_host_conflict(error, self._connection(django))
        except StorageError:
            django.errors_occurred = True  # Django then checks the connection at the request's end.
            raise
        except DatabaseError as error:
            # What Django's own statements raise: of the savepoint, or of the commit.
            raise translated_error(_cause(error)) from error

    def _relay_later(self, tenant: str) -> None:
        relays = self._relays
        assert relays is not None  # noqa: S101 - the caller has asked
        self.after_commit(lambda: relays(tenant))

    def after_commit(self, call: Callable[[], object]) -> None:
        """Call after Django's commit, or at once outside of a transaction; see `JoiningStore`."""
        transaction.on_commit(call, using=self.using, robust=True)

    def tenants(self) -> tuple[str, ...]:
        """Return all tenants; see `Store`."""
        django = connections[self.using]
        _check(django)
        with transaction.atomic(using=self.using):
            return self.sql.tenants_on(self._connection(django))

    def wait(self, seconds: float) -> bool:
        """Sleep until there is news; see `Store`. The database is asked four times a second.

        Raises:
            HostTransactionError: An `atomic` block is open, which would see no news.
        """
        end = time.monotonic() + checked_seconds(seconds)
        if connections[self.using].in_atomic_block:
            raise HostTransactionError("a transaction cannot wait for others", hint="end it first")
        before = self._last_message()
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(_POLL, left))
            if self._last_message() > before:
                return True
        return False

    def _last_message(self) -> int:
        with transaction.atomic(using=self.using):
            return self.sql.last_message_on(self._connection(connections[self.using]))

    def clear_caches(self) -> None:
        """Forget what was read, as after a test has emptied the tables."""
        self.sql.clear_caches()

    def _connection(self, django: Any) -> Any:
        """Return SQLAlchemy's connection over Django's, made once for each of Django's."""
        kept: Memo[int, Any] | None = getattr(django, _OURS, None)
        if kept is None:
            kept = Memo(2)
            setattr(django, _OURS, kept)
        inner = self._driver_connection()
        found = kept.get(id(self))
        if found is not None and not found.invalidated and not found.closed:
            if found.connection.dbapi_connection.inner is inner:
                if found.in_transaction():
                    found.rollback()
                return found
            found.close()
        return kept.put(id(self), self.sql.engine.connect())


def _cause(error: DatabaseError) -> Exception:
    inner = error.__cause__
    return inner if isinstance(inner, Exception) else error


def _check(django: Any) -> None:
    opened_by = getattr(django, PROCESS, os.getpid())
    if django.connection is not None and opened_by != os.getpid():
        raise HostTransactionError(
            f"the connection of Django was opened by another process, `{opened_by}`",
            hint="call `connections.close_all()` before a fork",
        )
    ended = django.in_atomic_block and not getattr(django.connection, "in_transaction", True)
    if django.needs_rollback or ended:
        raise HostTransactionError(
            "the `atomic` block that is open has failed before", hint="leave it, and run it again"
        )


def _cache_later(unit: SqlUnit, using: str) -> None:
    """Cache what the unit read back of its own writes, once they are certain."""

    def cache() -> None:
        if not connections[using].in_atomic_block:  # as where tests run such callbacks early
            unit.accounts.committed()

    if unit.accounts.wrote_any:
        transaction.on_commit(cache, using=using)
