"""Protocols of a store, a unit of work and an observer.

A unit of work is one transaction of one tenant:

    with store.begin("tenant") as work:
        account = work.accounts.account("acme")
        ...
        work.commit()

Leaving without `commit` rolls everything back. A unit cannot be used after its end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Final, Protocol

from entitlements.ports.admissions import Admissions
from entitlements.ports.case_changes import CaseChanges
from entitlements.ports.records import Message
from entitlements.ports.repositories import (
    Accounts,
    Cases,
    Catalogs,
    Ledgers,
    Rosters,
    WorkItems,
)
from entitlements.ports.service_records.repository import ServiceRecords
from entitlements.ports.trail import Commands, Decisions, GroupLeases, Outbox

LOCK_TIMEOUT: Final = 5.0
"""Seconds that a store waits for other units of work before it raises `BusyError`."""


class UnitOfWork(Protocol):
    """The repositories of one tenant, for one transaction."""

    @property
    def tenant(self) -> str:
        """Id of the tenant whose rows are read and written."""
        ...

    @property
    def catalog(self) -> Catalogs:
        """Catalog and SLA policies, in editions."""
        ...

    @property
    def accounts(self) -> Accounts:
        """Contracts, changes, delegations and assets of customers."""
        ...

    @property
    def ledger(self) -> Ledgers:
        """Ledger entries of customers."""
        ...

    @property
    def cases(self) -> Cases:
        """Admitted cases, open and closed."""
        ...

    @property
    def case_changes(self) -> CaseChanges:
        """About which cases was written."""
        ...

    @property
    def roster(self) -> Rosters:
        """Agents, their workloads and on-call schedules."""
        ...

    @property
    def work_items(self) -> WorkItems:
        """Work items between queue and done."""
        ...

    @property
    def service_records(self) -> ServiceRecords:
        """Work, claims, statements, outages, surveys, complaints and notices, dated."""
        ...

    @property
    def outbox(self) -> Outbox:
        """Messages that leave after the commit."""
        ...

    @property
    def decisions(self) -> Decisions:
        """The hash chain of recorded decisions."""
        ...

    @property
    def admissions(self) -> Admissions:
        """Whole admissions, with the decision, the case, the work and the reply."""
        ...

    @property
    def commands(self) -> Commands:
        """Commands that were carried out."""
        ...

    @property
    def group_leases(self) -> GroupLeases:
        """Leases of groups by workers."""
        ...

    def now(self) -> datetime:
        """Return the instant by the store's own clock, which all users of the store share."""
        ...

    def commit(self) -> None:
        """Commit everything and end the unit.

        Raises:
            StaleReadError: Another unit changed what this one read; nothing was written.
            StorageError: The store could not be reached; it may have been committed or not.
        """
        ...


class Store(Protocol):
    """A store of all tenants."""

    def begin(self, tenant: str) -> AbstractContextManager[UnitOfWork]:
        """Begin a unit of work for one tenant.

        Raises:
            InvalidValueError: `tenant` is not an id.
            BusyError: Another unit kept this one waiting for too long.
            OpenTransactionError: The caller has a transaction open, for which this unit would wait.
            StorageError: The store cannot be reached, or is at another version.
        """
        ...

    def tenants(self) -> tuple[str, ...]:
        """Return the ids of all tenants with stored records, ordered."""
        ...

    def wait(self, seconds: float) -> bool:
        """Sleep until something was committed that put a message, or for so long.

        Returns:
            Whether something was; it may return early, and it may miss a message, so
            that the caller also looks from time to time.
        """
        ...


class ConnectingStore(Store, Protocol):
    """A store that can work in a transaction which its caller has begun."""

    def on(self, connection: Any) -> Store:
        """Return this store in the transaction that is open on a connection.

        Raises:
            HostTransactionError: No transaction that the store can work in is open there.
            InvalidValueError: It is no connection.
        """
        ...


class JoiningStore(Store, Protocol):
    """A store whose units of work join a transaction that is open in the calling thread."""

    def after_commit(self, call: Callable[[], object]) -> None:
        """Call once the transaction is committed, never if it is rolled back; at once without one.

        A desk notifies its observer through it.
        """
        ...


class Observer(Protocol):
    """A callback for messages after their commit."""

    def notify(self, tenant: str, messages: Sequence[Message]) -> None:
        """Receive messages after their commit, in their order; must not raise."""
        ...
