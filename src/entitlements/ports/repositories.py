"""Repository protocols.

A repository belongs to a unit of work and so to one tenant. A unit reads back what it has written;
others see it after the commit. `entitlements.testing.laws.ports` tests all of this. Costs are given
in rows read or written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Protocol, TypeAlias

from entitlements.aftersales.notice_clauses import NoticeClause
from entitlements.billing.billing_accounts import BillingAccount
from entitlements.billing.price_book import NO_PRICES, PriceBook
from entitlements.contracts.account import Account
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.ledger.entries import Entry
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.contracts.records.changes import Change
from entitlements.contracts.records.contract import Contract
from entitlements.contracts.records.parties import Asset, Delegation
from entitlements.ports.case_lists import CaseFilter, CasePlace, CaseSummary
from entitlements.ports.catalog_editions import CatalogEdition
from entitlements.ports.claims import ClaimOrder
from entitlements.ports.records import (
    Case,
    WorkItem,
)
from entitlements.routing.policies.policy import DEFAULT_ROUTING, RoutingPolicy
from entitlements.routing.roster import Roster
from entitlements.routing.work.queue_limits import QueueState
from entitlements.sla.policy import SlaPolicy

Fact: TypeAlias = Contract | Change | Delegation | Asset


class Catalogs(Protocol):
    """Catalog, SLA policies, routing policy and prices, in numbered editions."""

    def edition(self, number: int | None = None) -> CatalogEdition:
        """Return an edition, the latest by default; one row, read once and then cached.

        Raises:
            UnknownIdError: No edition has that number, or there is none at all.
        """
        ...

    def number(self, known_at: datetime | None = None) -> int:
        """Return the number of the latest edition, or of the latest known then; 0 for none."""
        ...

    def is_committed(self, number: int) -> bool:
        """Return whether no rollback, by this unit or by its host, can still undo an edition."""
        ...

    def save(
        self,
        catalog: Catalog,
        policies: Iterable[SlaPolicy],
        at: datetime,
        *,
        routing: RoutingPolicy = DEFAULT_ROUTING,
        prices: PriceBook = NO_PRICES,
        billing_accounts: Iterable[BillingAccount] = (),
        notice_clauses: Iterable[NoticeClause] = (),
    ) -> int:
        """Add an edition, recorded at `at`, and return its number; one row.

        Raises:
            StaleReadError: Another unit added an edition in the meantime.
        """
        ...


class Accounts(Protocol):
    """Accounts of customers; facts are only added.

    A unit of work that has read an account writes to that customer only if no other unit has
    written since: the second of two units gets a `StaleReadError`.
    """

    def account(self, customer: str, known_at: datetime | None = None) -> Account | None:
        """Return the customer's account, ledger and cases included, or None.

        Costs one row while nothing has changed since it was last read, otherwise a row for each
        new record. While nothing changes, the same object is returned, so that what was compiled
        from it stays valid.

        Args:
            customer: Id of the customer.
            known_at: Leave out records that became known later; None for all.
        """
        ...

    def lock(self, customer: str) -> None:
        """Lock the account of a customer until the end of the unit, waiting for other writers.

        Raises:
            UnknownIdError: The customer has no account.
        """
        ...

    def lock_all(self, customers: Collection[str]) -> None:
        """Lock the accounts of customers until the end of the unit, in the order of their ids.

        So no two units that lock several wait for each other. Customers without an account are left
        out; a store whose units run one after the other has nothing to lock.
        """
        ...

    def open(self, account: Account) -> None:
        """Add the account of a new customer; as many rows as it has records.

        Raises:
            DuplicateIdError: The customer has an account already.
        """
        ...

    def add(self, customer: str, *facts: Fact, at: datetime) -> Account:
        """Add facts, recorded at `at` unless they have a recording instant; return the account.

        An asset replaces the one with its id. Costs one read and a row for each fact.

        Raises:
            UnknownIdError: The customer has no account, or a fact names an unknown id.
            DuplicateIdError: The same id was recorded at the same instant.
            InvalidValueError: The recording instant of a fact is after `at`.
        """
        ...

    def customers(
        self, *, valid_at: datetime | None = None, after: str = "", most: int = 1_000
    ) -> tuple[str, ...]:
        """Return ids of customers after `after`, ordered, at most `most` of them.

        Args:
            valid_at: Only customers with a contract whose term, as signed and last recorded,
                contains this instant.
            after: Last id of the page before.
            most: Length of the page.
        """
        ...


class Ledgers(Protocol):
    """Entries of ledgers; none is ever changed or removed."""

    def ledger(self, customer: str) -> Ledger:
        """Return the customer's ledger; as many rows as it has entries.

        Raises:
            UnknownIdError: The customer has no account.
        """
        ...

    def entries(self, customer: str, after: int = 0) -> tuple[Entry, ...]:
        """Return the entries with numbers above `after`, in their order."""
        ...

    def append(self, customer: str, entries: Sequence[Entry], head: int) -> int:
        """Add entries and return the new head; a row each and one more.

        Args:
            customer: Id of the customer.
            entries: New entries, numbered from `head + 1` on.
            head: Length of the ledger for which they were decided.

        Raises:
            StaleReadError: The ledger has another length, or a key exists already; nothing was
                added.
            InvalidValueError: The entries are not numbered from `head + 1` on.
            UnknownIdError: The customer has no account.
        """
        ...


class Cases(Protocol):
    """Admitted cases with their events and frozen terms."""

    def open(self, case: Case) -> None:
        """Add a case and count it in the customer's account; a row for each event and two.

        Raises:
            DuplicateIdError: A case has that id already.
            UnknownIdError: The customer has no account.
            StaleReadError: Another unit wrote to the account since this one read it.
        """
        ...

    def case(self, id: str) -> Case:
        """Return a case, or raise `UnknownIdError`; a row for each event and one."""
        ...

    def change(self, before: Case, after: Case) -> None:
        """Replace `before`, as it was read, by `after`; a row for each new event and one.

        Raises:
            StaleReadError: The stored case is no longer `before`.
            InvalidValueError: The two are different cases, or an event is missing.
            UnknownIdError: No case has the id.
        """
        ...

    def of(self, customer: str, *, open_only: bool = False) -> tuple[Case, ...]:
        """Return the customer's cases, ordered by when they were opened, then by id."""
        ...

    def page(
        self, customer: str, after: CasePlace | None = None, most: int = 50
    ) -> tuple[Case, ...]:
        """Return the customer's first cases after a place, in the same order."""
        ...

    def listed(
        self, wanted: CaseFilter, after: CasePlace | None = None, most: int = 50
    ) -> tuple[CaseSummary, ...]:
        """Return the cases that a filter wants, after a place, ordered by opening and id."""
        ...

    def due(self, at: datetime, most: int = 100, skip: int = 0) -> tuple[str, ...]:
        """Return ids of cases with `next_due_at` up to `at`, ordered by it, then by id.

        The first `skip` of them are left out.
        """
        ...


class Rosters(Protocol):
    """Agents, their workloads, and on-call schedules."""

    def roster(self, groups: Iterable[str] = (), agents: Iterable[str] = ()) -> Roster:
        """Return the agents of groups, or all, ordered by id; a row for each.

        All on-call schedules are included, whatever the groups.

        Args:
            groups: Ids of groups; all agents if empty.
            agents: Only the agents with these ids; all of the groups if empty.
        """
        ...

    def state(self, group: str) -> Mapping[str, object]:
        """Return a mark for each agent of the group by id, equal as long as the agent is unchanged.

        The mark under the empty id is for what all agents share: schedules and the period. Marks
        are cheaper to read than the roster and show a cache what to read again; the counter
        `Roster.assignment_count` has none. A row for each.
        """
        ...

    def change(
        self, before: Roster, after: Roster, state: Mapping[str, object] | None = None
    ) -> Mapping[str, object]:
        """Write the differences, and return the marks of the agents written; a row for each.

        Agents that are not in `before` are added, those that are not in `after` are removed; agents
        in neither are left alone. `assignment_count` never decreases, so that several groups can be
        written at the same time.

        Args:
            before: The roster as it was read.
            after: The roster to write.
            state: Marks of the agents in `before`, if known, to avoid computing them.

        Raises:
            StaleReadError: A stored agent is no longer as in `before`; `field` names it.
        """
        ...


class WorkItems(Protocol):
    """Work items between queue and done."""

    def add(self, item: WorkItem) -> None:
        """Add a work item; raise `DuplicateIdError` if one has its id already. One row."""
        ...

    def item(self, id: str) -> WorkItem:
        """Return a work item; raise `UnknownIdError` if none has the id. One row."""
        ...

    def change(self, before: WorkItem, after: WorkItem) -> None:
        """Replace `before`, as it was read, by `after`; one row.

        Raises:
            StaleReadError: The stored item is no longer `before`.
            InvalidValueError: The two are different work items.
            UnknownIdError: No work item has the id.
        """
        ...

    def change_all(self, changes: Sequence[tuple[WorkItem, WorkItem]]) -> None:
        """Replace each `before` by its `after`, all or none; a row for each.

        Raises:
            StaleReadError: A stored item is no longer as before, or does not exist; `field` is
                `work`. Nothing was changed.
            InvalidValueError: A pair has different work items, or an item is listed twice.
        """
        ...

    def claim(
        self,
        group: str,
        most: int = 50,
        aside: AbstractSet[str] = frozenset(),
        by: ClaimOrder = ClaimOrder.DEADLINE,
    ) -> tuple[WorkItem, ...]:
        """Return the first items of every rank of a group's queue, locked until this unit ends.

        Ordered by `WorkItem.queue_key`. Items that another unit has locked are skipped, where the
        store allows two units to write at once. By deadline, costs the rows returned, however long
        the queue is; otherwise O(length) for a queue that is longer than `most`.

        Args:
            group: Id of the group.
            most: Number of items of each rank; by deadline, of those with one, and without.
            aside: Ids of items to leave out, which need not be readable.
            by: The order within a rank, or the whole queue.

        Raises:
            UnreadableError: One of them cannot be read; `work` is its id.
        """
        ...

    def groups(self) -> tuple[str, ...]:
        """Return the groups with queued work, ordered."""
        ...

    def queue(self, group: str) -> QueueState:
        """Return length and oldest wait of a group's queue, with 0 agents; O(length)."""
        ...

    def due(self, at: datetime, most: int = 100, skip: int = 0) -> tuple[str, ...]:
        """Return ids of work items with `next_due_at` up to `at`, ordered by it, then by id.

        The first `skip` of them are left out.
        """
        ...
