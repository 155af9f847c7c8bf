"""Store in the memory of one process: the reference for all other stores.

Units of work run one after the other, so each sees what the one before has committed. Values are
immutable, so nothing is copied.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from threading import Condition, Lock, get_ident
from typing import Any, TypeVar, final

from entitlements.adapters.composed_admissions import ComposedAdmissions
from entitlements.adapters.memory.accounts import MemoryAccounts, MemoryCatalogs, MemoryLedgers
from entitlements.adapters.memory.case_changes import MemoryCaseChanges
from entitlements.adapters.memory.cases_and_work import (
    MemoryCases,
    MemoryGroupLeases,
    MemoryWorkItems,
)
from entitlements.adapters.memory.outbox_and_decisions import (
    MemoryCommands,
    MemoryDecisions,
    MemoryOutbox,
)
from entitlements.adapters.memory.overlay import DictOverlay
from entitlements.adapters.memory.rosters import MemoryRosters
from entitlements.adapters.memory.service_records import MemoryServiceRecords
from entitlements.kernel.errors import BusyError, OpenTransactionError
from entitlements.kernel.ids import identifier
from entitlements.ports.rules.arguments import clock_of
from entitlements.ports.rules.arguments import seconds as checked_seconds
from entitlements.ports.store import LOCK_TIMEOUT

T = TypeVar("T")


def system_clock() -> datetime:
    """Return the instant by this machine's clock."""
    return datetime.now(UTC)  # noqa: TID251 - a store is where the world begins


@final
class MemoryStore:
    """`Store` in dictionaries.

    Args:
        clock: Returns the present instant; this machine's clock by default.
        lock_timeout: Seconds that a unit of work waits for another one to end.

    >>> store = MemoryStore()
    >>> with store.begin("t") as work:
    ...     number = work.outbox.put("case.opened", "{}", datetime(2026, 3, 2, tzinfo=UTC))
    ...     work.commit()
    >>> store.tenants()
    ('t',)
    """

    def __init__(
        self, clock: Callable[[], datetime] = system_clock, *, lock_timeout: float = LOCK_TIMEOUT
    ) -> None:
        self._clock = clock_of(clock)
        self._lock_timeout = checked_seconds(lock_timeout)
        self._lock = Lock()
        self._holder: int | None = None
        self._news = Condition()
        self._message_count = 0
        self._tenants: dict[str, dict[str, dict[Any, Any]]] = {}

    def begin(self, tenant: str) -> AbstractContextManager[MemoryUnit]:
        """Begin a unit of work; see `Store`."""
        return _UnitContext(self, identifier(tenant))

    def _open_unit(self, tenant: str) -> MemoryUnit:
        """Return a unit of work, for which all others wait until `_end_unit`."""
        if self._holder == get_ident():
            raise OpenTransactionError(
                "this thread has a unit of work open, for which another one would wait",
                hint="end it first",
            )
        if not self._lock.acquire(timeout=self._lock_timeout):
            raise BusyError(
                "another unit of work is not over", field="unit", hint="end it, then try again"
            )
        try:
            self._holder = get_ident()
            return MemoryUnit(tenant, dict(self._tenants.get(tenant, {})), self._clock)
        except BaseException:
            self._let_others_begin()
            raise

    def _end_unit(self, unit: MemoryUnit) -> None:
        """End a unit of work, and keep what it has committed."""
        try:
            unit.close()
            if unit.committed:
                self._tenants[unit.tenant] = unit.kept
        finally:
            self._let_others_begin()
        if unit.committed and unit.outbox.put_any:
            with self._news:
                self._message_count += 1
                self._news.notify_all()

    def _let_others_begin(self) -> None:
        self._holder = None
        self._lock.release()

    def tenants(self) -> tuple[str, ...]:
        """Return all tenants; see `Store`."""
        return tuple(sorted(name for name, kept in self._tenants.items() if any(kept.values())))

    def wait(self, seconds: float) -> bool:
        """Sleep until there is news; see `Store`."""
        with self._news:
            before = self._message_count
            timeout = checked_seconds(seconds)
            return self._news.wait_for(lambda: self._message_count != before, timeout=timeout)


@final
class _UnitContext:
    """A unit of work from its beginning to its end; a generator would cost it a tenth more."""

    __slots__ = ("_store", "_tenant", "_unit")

    def __init__(self, store: MemoryStore, tenant: str) -> None:
        self._store = store
        self._tenant = tenant

    def __enter__(self) -> MemoryUnit:
        self._unit = self._store._open_unit(self._tenant)  # noqa: SLF001 - of the store that made it
        return self._unit

    def __exit__(self, *_: object) -> None:
        self._store._end_unit(self._unit)  # noqa: SLF001 - as above


@final
class MemoryUnit:
    """`UnitOfWork` over the dictionaries of one tenant."""

    def __init__(
        self, tenant: str, kept: dict[str, dict[Any, Any]], clock: Callable[[], datetime]
    ) -> None:
        self.tenant = tenant
        self.kept = kept
        self.committed = False
        self._clock = clock
        self._drafts: dict[str, DictOverlay[Any, Any]] = {}
        self._made: dict[object, Any] = {}
        self._over = False
        self.catalog = MemoryCatalogs(self._draft("editions"))

    # Most units use few of these, so each is made when it is first used. None of them has the unit
    # for long: what has each other waits for the collector of cycles.

    @property
    def admissions(self) -> ComposedAdmissions:
        return ComposedAdmissions(self)

    @property
    def outbox(self) -> MemoryOutbox:
        return self._made_of(MemoryOutbox, "outbox", "outbox_last", "outbox_tries", "endpoints")

    @property
    def accounts(self) -> MemoryAccounts:
        return self._made_of(MemoryAccounts, "accounts")

    @property
    def ledger(self) -> MemoryLedgers:
        return self._made_of(MemoryLedgers, "accounts")

    @property
    def cases(self) -> MemoryCases:
        return self._made_of(MemoryCases, "cases", "accounts", "work_items", "case_changes")

    @property
    def case_changes(self) -> MemoryCaseChanges:
        return self._made_of(MemoryCaseChanges, "case_changes")

    @property
    def work_items(self) -> MemoryWorkItems:
        return self._made_of(MemoryWorkItems, "work_items", "case_changes")

    @property
    def roster(self) -> MemoryRosters:
        return self._made_of(MemoryRosters, "roster")

    @property
    def service_records(self) -> MemoryServiceRecords:
        return self._made_of(MemoryServiceRecords, "service_records", "case_changes")

    @property
    def decisions(self) -> MemoryDecisions:
        return self._made_of(MemoryDecisions, "decisions", "chain")

    @property
    def commands(self) -> MemoryCommands:
        return self._made_of(MemoryCommands, "commands")

    @property
    def group_leases(self) -> MemoryGroupLeases:
        return self._made_of(MemoryGroupLeases, "group_leases")

    def now(self) -> datetime:
        """Return the instant by the store's clock."""
        return self._clock()

    def commit(self) -> None:
        """Make what was written the truth."""
        for draft in self._drafts.values():
            draft.apply()
        self.close()
        self.committed = True

    def close(self) -> None:
        """End the unit; what was not committed is gone."""
        if not self._over:
            self._over = True
            for draft in self._drafts.values():
                draft.close()

    def _made_of(self, kind: Callable[..., T], *tables: str) -> T:
        """Return the repository of a kind, which has changes of these tables."""
        made: T | None = self._made.get(kind)
        if made is None:
            made = self._made[kind] = kind(*map(self._draft, tables))
        return made

    def _draft(self, table: str) -> DictOverlay[Any, Any]:
        """Return the changes of a table, which begin when it is first used."""
        draft = self._drafts.get(table)
        if draft is None:
            draft = self._drafts[table] = DictOverlay(self.kept.setdefault(table, {}))
            if self._over:
                draft.close()
        return draft
