"""Collections of what is kept, in the words of the domain.

Every repository belongs to one unit of work and so to one tenant: nothing of another tenant is
ever seen or touched. What a unit has written it reads back; others see it once it is committed.
`entitlements.testing.laws.ports` says all of this in tests. Costs count rows read or written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Protocol, TypeAlias

from entitlements.contracts.account import Account
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.changes import Change
from entitlements.contracts.contract import Contract
from entitlements.contracts.ledger.entries import Entry
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.contracts.parties import Asset, Delegation
from entitlements.ports.records import (
    Case,
    CatalogEdition,
    ChainHead,
    DecisionRecord,
    ExecutedCommand,
    GroupLease,
    Message,
    WorkItem,
)
from entitlements.routing.roster import Roster
from entitlements.sla.policy import SlaPolicy

Fact: TypeAlias = Contract | Change | Delegation | Asset


class Catalogs(Protocol):
    """What is shared by all customers, in numbered editions."""

    def edition(self, number: int | None = None) -> CatalogEdition:
        """Return an edition, the latest by default; one row, read once and then remembered.

        Raises:
            UnknownIdError: There is none of that number, or none at all.
        """
        ...

    def number(self, known_at: datetime | None = None) -> int:
        """Return the number of the latest edition, or of the latest known then; 0 for none."""
        ...

    def save(self, catalog: Catalog, policies: Iterable[SlaPolicy], at: datetime) -> int:
        """Add an edition, recorded at `at`, and return its number; one row.

        Raises:
            ConflictError: Somebody else added an edition meanwhile.
        """
        ...


class Accounts(Protocol):
    """The records of customers; facts are only ever added.

    A unit of work that has read an account writes to that customer only if nobody else has written
    since: the second of two units gets a `ConflictError`, and decides again.
    """

    def account(self, customer: str, known_at: datetime | None = None) -> Account | None:
        """Return the customer's account, ledger and cases included, or None.

        Costs one row while nothing has changed since it was last read, else all of them. While
        nothing changes, the very same object is returned, so that whatever was compiled from it
        stays good.

        Args:
            customer: Whose.
            known_at: Leave out what was recorded later.
        """
        ...

    def lock(self, customer: str) -> None:
        """Wait until nobody else writes to this customer, and keep others out until the end.

        Raises:
            UnknownIdError: There is no such account.
        """
        ...

    def open(self, account: Account) -> None:
        """Keep a new customer's account, whole; as many rows as it has records.

        Raises:
            DuplicateIdError: The customer has one.
        """
        ...

    def add(self, customer: str, *facts: Fact, at: datetime) -> Account:
        """Add facts, known from `at` on unless they say when; return the account with them.

        An asset takes the place of the one with its id. Costs one read and a row each.

        Raises:
            UnknownIdError: There is no such account, or a fact names what is not there.
            DuplicateIdError: The same id was recorded at the same instant.
            InvalidValueError: A fact says it was recorded after `at`.
        """
        ...

    def customers(
        self, *, valid_at: datetime | None = None, after: str = "", most: int = 1_000
    ) -> tuple[str, ...]:
        """Return customers ordered by id, the next `most` that come after `after`.

        Args:
            valid_at: Only those of whom a contract, as signed and not corrected since, has a day
                of its term there.
            after: Where the page before ended.
            most: Length of the page.
        """
        ...


class Ledgers(Protocol):
    """Entries of ledgers; nothing is changed or taken away."""

    def ledger(self, customer: str) -> Ledger:
        """Return the customer's ledger; as many rows as it has entries.

        Raises:
            UnknownIdError: There is no such account.
        """
        ...

    def entries(self, customer: str, after: int = 0) -> tuple[Entry, ...]:
        """Return the entries with numbers above `after`, in their order."""
        ...

    def append(self, customer: str, entries: Sequence[Entry], head: int) -> int:
        """Add entries and return the new head; a row each and one more.

        Args:
            customer: Whose ledger.
            entries: What was decided, numbered from `head + 1` on.
            head: Length of the ledger from which it was decided.

        Raises:
            ConflictError: The ledger has another length by now, or a key is there already; decide
                again. Nothing was added.
            InvalidValueError: The entries are not numbered from `head + 1` on.
            UnknownIdError: There is no such account.
        """
        ...


class Cases(Protocol):
    """Admitted cases with their events and frozen terms."""

    def open(self, case: Case) -> None:
        """Keep a new case and count it in the customer's account; a row for each event and two.

        Raises:
            DuplicateIdError: There is a case of that id.
            UnknownIdError: The customer has no account.
            ConflictError: The account was written to since this unit read it.
        """
        ...

    def case(self, id: str) -> Case:
        """Return a case; raise `UnknownIdError` if there is none. A row for each event and one."""
        ...

    def change(self, before: Case, after: Case) -> None:
        """Replace what was read by what it has become; a row for each new event and one.

        Raises:
            ConflictError: The case is no longer as it was before.
            InvalidValueError: The two are different cases, or an event was taken away.
            UnknownIdError: There is no such case.
        """
        ...

    def of(self, customer: str, *, open_only: bool = False) -> tuple[Case, ...]:
        """Return the customer's cases, ordered by when they were opened, then by id."""
        ...

    def due(self, at: datetime, most: int = 100, skip: int = 0) -> tuple[str, ...]:
        """Return ids of cases whose `next_due_at` is `at` or earlier, ordered by it, then by id.

        The first `skip` of them are left out.
        """
        ...


class Rosters(Protocol):
    """Agents, how they stand, and who is on call."""

    def roster(self, groups: Iterable[str] = (), agents: Iterable[str] = ()) -> Roster:
        """Return the agents of these groups, or all, ordered by id; a row each.

        All schedules are there, whatever the groups.

        Args:
            groups: Whose agents.
            agents: Of them only those with these ids, if any are given.
        """
        ...

    def state(self, group: str) -> Mapping[str, object]:
        """Return a mark for each agent of the group by id, equal while that agent is as before.

        Under the empty id stands one for what all share: schedules and the period. Cheaper than
        the roster, so that whoever keeps one learns what to read again; the counter of turns is
        no part of it. A row each.
        """
        ...

    def change(
        self, before: Roster, after: Roster, state: Mapping[str, object] | None = None
    ) -> Mapping[str, object]:
        """Write what differs, and return the marks of the agents written; a row for each.

        Agents that `before` does not have are added, those that `after` does not have are removed;
        what is in neither stays. `turns` never goes back, so that groups are decided side by side.

        Args:
            before: What it was decided from.
            after: What it has become.
            state: Marks under which agents of `before` were read, to spare working them out.

        Raises:
            ConflictError: An agent is no longer as it was before; `field` names it.
        """
        ...


class WorkItems(Protocol):
    """Work on its way to somebody."""

    def add(self, item: WorkItem) -> None:
        """Keep new work; raise `DuplicateIdError` if there is some of that id. One row."""
        ...

    def item(self, id: str) -> WorkItem:
        """Return work by its id; raise `UnknownIdError` if there is none. One row."""
        ...

    def change(self, before: WorkItem, after: WorkItem) -> None:
        """Replace what was read by what it has become; one row.

        Raises:
            ConflictError: It is no longer as it was before.
            InvalidValueError: The two are different work.
            UnknownIdError: There is no such work.
        """
        ...

    def change_all(self, changes: Sequence[tuple[WorkItem, WorkItem]]) -> None:
        """Do the same for each pair of before and after, wholly or not at all; a row each.

        Raises:
            ConflictError: Some work is no longer as it was before, or is not there; `field` says
                `work`. Nothing was changed.
            InvalidValueError: Two of a pair are different work, or work is there twice.
        """
        ...

    def claim(
        self, group: str, most: int = 50, aside: AbstractSet[str] = frozenset()
    ) -> tuple[WorkItem, ...]:
        """Return the first of a group's queued work, kept for this unit until its end.

        Ordered by `WorkItem.turn`. Work that another unit keeps is passed over, where the store
        lets two units write at once. Costs the rows returned, however long the queue is.

        Args:
            group: Whose queue.
            most: How many at most.
            aside: Ids of work that is passed over, and need not be readable.

        Raises:
            UnreadableError: One of them cannot be read; `work` says which.
        """
        ...

    def groups(self) -> tuple[str, ...]:
        """Return the groups with queued work, ordered."""
        ...

    def due(self, at: datetime, most: int = 100, skip: int = 0) -> tuple[str, ...]:
        """Return ids of work whose `next_due_at` is `at` or earlier, ordered by it, then by id.

        The first `skip` of them are left out.
        """
        ...


class Outbox(Protocol):
    """Messages that leave once the unit is committed, at least once each."""

    def put(self, topic: str, body: str, at: datetime) -> int:
        """Add a message and return its number; one row."""
        ...

    def put_all(self, messages: Sequence[tuple[str, str]], at: datetime) -> tuple[int, ...]:
        """Add messages, each a topic and a body, and return their numbers in order; a row each."""
        ...

    def pending(self, most: int = 100) -> tuple[Message, ...]:
        """Return messages not yet delivered, ordered by number, kept for this unit."""
        ...

    def delivered(self, numbers: Iterable[int]) -> None:
        """Take messages out; those that are not there are passed over."""
        ...


class Decisions(Protocol):
    """The chain of decisions; nothing is changed or taken away."""

    def head(self) -> ChainHead:
        """Return the end of the chain, and keep others from adding until the end of this unit."""
        ...

    def append(self, link: DecisionRecord) -> None:
        """Add the link that follows the head; one row and one more.

        Raises:
            ConflictError: It does not follow the head.
        """
        ...

    def about(self, subject: str) -> tuple[DecisionRecord, ...]:
        """Return the links about one subject, in their order."""
        ...

    def links(self, after: int | None = None, most: int = 1_000) -> tuple[DecisionRecord, ...]:
        """Return the next `most` links with numbers above `after`, in their order.

        None begins with the very first row there is, whatever number it has.

        Raises:
            UnreadableError: A row holds what no link can hold.
        """
        ...


class Commands(Protocol):
    """Commands that were carried out, so that a repeated one is not."""

    def find(self, id: str) -> ExecutedCommand | None:
        """Return what was done about the command, or None; one row."""
        ...

    def record(self, done: ExecutedCommand) -> None:
        """Keep what was done; the same again changes nothing. One row.

        Raises:
            ConflictError: The id was used for another command, or got another answer; `field`
                says which.
        """
        ...


class GroupLeases(Protocol):
    """Who decides for which group; see `GroupLease`."""

    def take(self, group: str, owner: str, at: datetime, until: datetime) -> GroupLease | None:
        """Let `owner` decide for the group until `until`, or return None if somebody else does.

        The term rises whenever the lease had ended or belonged to somebody else. One row.
        """
        ...

    def check(self, lease: GroupLease) -> None:
        """Raise `ConflictError` unless its term is the present one; it then stays so.

        Nobody can take the group over before this unit has ended.
        """
        ...

    def release(self, lease: GroupLease) -> None:
        """Let anybody take over at once; nothing happens if somebody has."""
        ...

    def leases(self) -> tuple[GroupLease, ...]:
        """Return all leases, ordered by group."""
        ...
