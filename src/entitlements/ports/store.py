"""What does a store promise? Units of work that happen wholly or not at all.

    with store.begin("tenant") as work:
        account = work.accounts.account("acme")
        ...
        work.commit()

Leaving without `commit` takes everything back. Nothing can be done with a unit after its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Final, Protocol

from entitlements.ports.records import Message
from entitlements.ports.repositories import (
    Accounts,
    Cases,
    Catalogs,
    Commands,
    Decisions,
    GroupLeases,
    Ledgers,
    Outbox,
    Rosters,
    WorkItems,
)

LOCK_TIMEOUT: Final = 5.0
"""Seconds that a store waits for other units of work before it raises `BusyError`."""


class UnitOfWork(Protocol):
    """Everything of one tenant, for the length of one transaction."""

    @property
    def tenant(self) -> str:
        """Whose."""
        ...

    @property
    def catalog(self) -> Catalogs:
        """What is shared by all customers."""
        ...

    @property
    def accounts(self) -> Accounts:
        """Customers' records."""
        ...

    @property
    def ledger(self) -> Ledgers:
        """Customers' ledgers."""
        ...

    @property
    def cases(self) -> Cases:
        """Admitted cases."""
        ...

    @property
    def roster(self) -> Rosters:
        """Agents."""
        ...

    @property
    def work_items(self) -> WorkItems:
        """Work on its way to somebody."""
        ...

    @property
    def outbox(self) -> Outbox:
        """Messages for others."""
        ...

    @property
    def decisions(self) -> Decisions:
        """The chain of decisions."""
        ...

    @property
    def commands(self) -> Commands:
        """Commands that were carried out."""
        ...

    @property
    def group_leases(self) -> GroupLeases:
        """Who decides for which group."""
        ...

    def now(self) -> datetime:
        """Return the instant by the store's own clock, the same for all who share the store."""
        ...

    def commit(self) -> None:
        """Make everything certain; the unit is over.

        Raises:
            ConflictError: Another unit got in between; nothing was done, decide again.
            StorageError: It is not known to be certain, because the store could not be reached.
        """
        ...


class Store(Protocol):
    """Where everything is kept, for all tenants."""

    def begin(self, tenant: str) -> AbstractContextManager[UnitOfWork]:
        """Begin a unit of work for one tenant.

        Raises:
            InvalidValueError: `tenant` is no id.
            BusyError: Another unit kept this one waiting for too long.
            OpenTransactionError: The caller has a transaction open, for which this unit would wait.
            StorageError: The store cannot be reached, or is at another version.
        """
        ...

    def tenants(self) -> tuple[str, ...]:
        """Return all tenants that have anything kept here, ordered."""
        ...

    def wait(self, seconds: float) -> bool:
        """Sleep until something was committed that put a message, or for so long.

        Returns:
            Whether something was; it may return early, and it may miss a message, so
            that the caller also looks from time to time.
        """
        ...


class Observer(Protocol):
    """Somebody who is told what became certain."""

    def notify(self, tenant: str, messages: Sequence[Message]) -> None:
        """Take note of messages, after their commit and in their order; must not raise."""
        ...
