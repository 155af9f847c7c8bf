"""Applying facts to a store: `apply` writes what `plan_load` says, all of it or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import final

import attrs

from entitlements.billing.billing_accounts import BillingAccount
from entitlements.contracts.account import Account
from entitlements.documents.sections.records.after_sales import SECTION_OF
from entitlements.engine.facts import Facts, check_billed_lines
from entitlements.kernel.converters import instance_of
from entitlements.kernel.errors import (
    ConflictError,
    DuplicateIdError,
    StaleReadError,
    UnknownIdError,
)
from entitlements.kernel.ids import SEPARATOR, identifier
from entitlements.kernel.instants import MICROSECOND, instant_of, text_of
from entitlements.loading.accounts.accounts import AccountChanges, LoadRules, account_changes
from entitlements.loading.accounts.records import last_recorded, recorded_from
from entitlements.loading.catalogs import loaded_catalog, may_not_fit
from entitlements.loading.changes import FoundSteps, combined, inside
from entitlements.loading.plan import LoadPlan
from entitlements.loading.rosters import loaded_roster
from entitlements.loading.stored import all_customers, stored_billing_accounts, stored_catalog
from entitlements.ports.rules.arguments import store_of
from entitlements.ports.service_records.service_record import RecordValue, record_id
from entitlements.ports.store import Store, UnitOfWork
from entitlements.routing.roster import Roster
from entitlements.service.records.imported import (
    ImportedRecord,
    imported_record,
    record_values,
    write_imported,
)
from entitlements.service.transaction import TenantContext, Transaction


def apply(
    store: Store,
    facts: Facts,
    at: datetime | None = None,
    *,
    tenant: str,
    prune: bool = False,
    correct: bool = False,
    records: Iterable[RecordValue] = (),
) -> LoadPlan:
    """Bring facts into a store, in one transaction, and return what was changed.

    Facts that the store holds already change nothing, so a repeated load does nothing. Contracts
    that have begun are changed by dated records: lines and contacts by an amendment from the day
    of `at` in the contract's zone, everything else by a record that is known from `at` on. The
    catalog gets a new edition; cases keep the terms under which they were admitted. Workloads,
    cases and used units belong to the desk and are not touched.

    Args:
        store: The store, or one on a transaction of the caller's.
        facts: The facts of a document.
        at: Instant from which the changes are known, not after the present of the store, and after
            what was recorded and decided before; None for the present.
        tenant: Id of the tenant.
        prune: Whether what the facts do not name is ended: contracts are cancelled, blocks and
            delegations end at `at`, agents and catalog entries are removed. What stored contracts
            name is kept in the catalog, for the past. By default it is left.
        correct: Whether the facts may correct the time before `at`. Past decisions are still
            answered as they were known.
        records: Outages, maintenance, surveys, complaints and sent notices, which become known at
            `at`; no message is sent about them. What is not named stays, also with `prune`.

    Raises:
        UnknownIdError: A record is about a customer without an account, or a survey names neither
            a customer nor a case of the store.
        ConflictError: A record contradicts the past; `path` names it in the document, and `hint`
            the way out. Nothing was changed.
        InvalidValueError: `at` is after the present, or the records of a customer do not fit.
        StaleReadError: Other transactions were faster too often.
        BusyError: The store was in use by others for as long as it waits.
        StorageError: The store failed, has no tables, or is at another version.

    >>> from entitlements.adapters.memory import MemoryStore
    >>> from entitlements.documents import parse_facts
    >>> store, facts = MemoryStore(), parse_facts("{products: db, groups: desk}")
    >>> print(apply(store, facts, tenant="my company"))
    + product db
    + expert group desk
    2 to add, 0 to change, 0 to end, 0 left
    >>> apply(store, facts, tenant="my company").changes_anything
    False
    """
    load = _Load(facts, at, prune=prune, correct=correct, records=records)

    def step(transaction: Transaction) -> LoadPlan:
        found = load.decided(transaction.work)
        transaction.changed = found.plan.changes_anything
        if transaction.changed:
            found.write(transaction.work)
        return found.plan

    return _context(store, tenant).execute(step, None)


def plan_load(
    store: Store,
    facts: Facts,
    at: datetime | None = None,
    *,
    tenant: str,
    prune: bool = False,
    correct: bool = False,
    records: Iterable[RecordValue] = (),
) -> LoadPlan:
    """Return what `apply` would change, and change nothing; raises what `apply` raises.

    >>> from entitlements.adapters.memory import MemoryStore
    >>> from entitlements.documents import parse_facts
    >>> print(plan_load(MemoryStore(), parse_facts("{groups: desk}"), tenant="my company"))
    + expert group desk
    1 to add, 0 to change, 0 to end, 0 left
    """
    load = _Load(facts, at, prune=prune, correct=correct, records=records)
    return _context(store, tenant).query(lambda work: load.decided(work).plan)


def _context(store: Store, tenant: str) -> TenantContext:
    return TenantContext(store=store_of(store), tenant=identifier(tenant))


@final
@attrs.frozen(kw_only=True)
class _Writes:
    """A plan, and what is written for it."""

    plan: LoadPlan
    edition: int | None
    billing_accounts: tuple[BillingAccount, ...]
    accounts: tuple[Account, ...]
    changes: tuple[AccountChanges, ...]
    roster: tuple[Roster, Roster]
    records: tuple[ImportedRecord, ...]

    def write(self, work: UnitOfWork) -> None:
        """Write everything to the unit of work."""
        plan = self.plan
        if self.edition is not None:
            after = plan.catalog_after
            number = work.catalog.save(
                after.catalog,
                after.policies.values(),
                plan.at,
                routing=after.routing,
                prices=after.prices,
                billing_accounts=self.billing_accounts,
                notice_clauses=after.notice_clauses,
            )
            if number != self.edition + 1:
                raise StaleReadError(
                    "another edition of the catalog was saved in the meantime", field="number"
                )
        for account in self.accounts:
            try:
                work.accounts.open(account)
            except DuplicateIdError as error:
                message = f"the account of `{account.customer}` was opened in the meantime"
                raise StaleReadError(message, field="customer") from error
        for each in self.changes:
            customer = each.account.customer
            if each.entries:
                work.ledger.append(customer, each.entries, each.entries[0].number - 1)
            if each.facts:
                work.accounts.add(customer, *each.facts, at=plan.at)
        before, after_roster = self.roster
        if before != after_roster:
            work.roster.change(before, after_roster)
        for record in self.records:
            write_imported(work, record, plan.at)


@final
class _Load:
    """One load: the facts, and how they are brought in."""

    def __init__(
        self,
        facts: Facts,
        at: datetime | None,
        *,
        prune: bool,
        correct: bool,
        records: Iterable[RecordValue],
    ) -> None:
        numbers = Counter[str]()
        self._records: dict[str, RecordValue] = {}
        for each in record_values(records):
            section = SECTION_OF[type(each)]
            self._records[f"{section}[{numbers[section]}]"] = each
            numbers[section] += 1
        self._facts = instance_of(Facts, facts)
        self._at = None if at is None else instant_of(at)
        self._prune = instance_of(bool, prune)
        self._correct = instance_of(bool, correct)
        self._places = {
            customer: f"accounts[{index}]" for index, customer in enumerate(facts.accounts)
        }

    def decided(self, work: UnitOfWork) -> _Writes:
        """Return the plan from what the unit of work reads, and what is to be written."""
        number, found = work.catalog.number(), FoundSteps()
        stored = stored_catalog(work, number)
        accounts = self._accounts(work)
        checked = self._checked(work, stored, accounts)
        catalog = loaded_catalog(stored, self._facts, checked, found, prune=self._prune)
        before = stored_billing_accounts(work, number)
        given_accounts = self._facts.billing_accounts
        billed = combined("billing account", before, given_accounts, found, prune=self._prune)
        edition = number if found.steps else None
        records = tuple(self._imported(work, found))
        at, changes = self._dated(work, accounts, catalog, edition, records)
        opened = self._opened(accounts, at, found)
        for steps, each in changes:
            if not steps.steps and each.account.customer in self._facts.accounts:
                steps.leave("account")
            found.include(steps)
            self._check_billed(each.account)
        roster = work.roster.roster()
        loaded = loaded_roster(roster, self._facts.roster, found, prune=self._prune)
        plan = LoadPlan(
            tenant=work.tenant,
            at=at,
            steps=found.steps,
            left=found.left,
            unnamed=found.unnamed,
            catalog_before=stored,
            catalog_after=stored if edition is None else catalog,
        )
        return _Writes(
            plan=plan,
            edition=edition,
            billing_accounts=tuple(billed.values()),
            accounts=opened,
            changes=tuple(each for _, each in changes if each.writes_anything),
            roster=(roster, loaded),
            records=records,
        )

    def _opened(
        self, accounts: Collection[str], at: datetime, found: FoundSteps
    ) -> tuple[Account, ...]:
        """Return the accounts that are not stored, as they are known from the load on."""
        opened: list[Account] = []
        for customer, given in self._facts.accounts.items():
            if customer not in accounts:
                with inside(self._places[customer]):
                    opened.append(recorded_from(given, at))
                found.add(f"account {customer}", _size(given))
        return tuple(opened)

    def _imported(self, work: UnitOfWork, found: FoundSteps) -> list[ImportedRecord]:
        """Return the records that change anything, and note them."""
        changed: list[ImportedRecord] = []
        for path, value in self._records.items():
            with inside(path):
                each = imported_record(work, value, self._facts.accounts)
            if not each.changes_anything:
                found.leave(each.kind.value)
                continue
            changed.append(each)
            place = f"{each.kind} {record_id(each.value).replace(SEPARATOR, ' ')}"
            (found.add if each.stored is None else found.change)(place)
        return changed

    def _check_billed(self, account: Account) -> None:
        """Raise unless the lines that are billed are there after the load."""
        billed = self._facts.billing_accounts.get(account.customer)
        if billed is None:
            return
        try:
            check_billed_lines(billed, account, f"billing_accounts[{account.customer}]")
        except UnknownIdError as error:
            raise ConflictError(
                f"what is billed to `{account.customer}` names what is not stored: {error.message}",
                field="billing_accounts",
                hint="leave it out, as the document has only a retraction of it",
                path=error.path,
            ) from error

    def _accounts(self, work: UnitOfWork) -> dict[str, Account]:
        """Return the stored accounts of the customers that are loaded."""
        wanted = all_customers(work) if self._prune else sorted(self._facts.accounts)
        read = ((customer, work.accounts.account(customer)) for customer in wanted)
        return {customer: account for customer, account in read if account is not None}

    def _checked(
        self, work: UnitOfWork, stored: Facts, accounts: dict[str, Account]
    ) -> Iterator[Account]:
        """Yield the accounts that the other catalog may not fit."""
        if self._prune:
            yield from accounts.values()
        elif may_not_fit(stored, self._facts):
            for customer in all_customers(work):
                account = work.accounts.account(customer)
                if account is not None:
                    yield account

    def _dated(
        self,
        work: UnitOfWork,
        accounts: dict[str, Account],
        catalog: Facts,
        edition: int | None,
        records: Iterable[ImportedRecord],
    ) -> tuple[datetime, list[tuple[FoundSteps, AccountChanges]]]:
        """Return the instant of the load and the changes of stored accounts.

        An account that changes is locked, and then the chain of decisions, in the order in which an
        admission takes them, before the instant is taken: so every decision about the account was
        made before, or is made again from what is loaded.
        """
        known = [] if not edition else [work.catalog.edition(edition).recorded]
        at = work.now() if self._at is None else self._at
        changes = self._changes(accounts, catalog, at)
        changed = sorted(each.account.customer for _, each in changes if each.writes_anything)
        for customer in changed:
            work.accounts.lock(customer)
        known += [last_recorded(accounts[customer]) for customer in changed]
        known += [each.stored.recorded for each in records if each.stored is not None]
        known += _last_decision(work) if changed or records else []
        floor = max(known, default=None)
        if self._at is None:
            present = work.now()
            at = present if floor is None else max(present, floor + MICROSECOND)
            return at, self._changes(accounts, catalog, at)
        if floor is not None and at <= floor:
            raise ConflictError(
                f"the load is dated `{text_of(at)}`, and the store has records of "
                f"`{text_of(floor)}`, which would be answered otherwise",
                field="at",
                hint="give a later instant",
            )
        return at, changes

    def _changes(
        self, accounts: dict[str, Account], catalog: Facts, at: datetime
    ) -> list[tuple[FoundSteps, AccountChanges]]:
        rules = LoadRules(at=at, catalog=catalog.catalog, prune=self._prune, correct=self._correct)
        found = []
        for customer, stored in accounts.items():
            given, steps = self._facts.accounts.get(customer), FoundSteps()
            if given is None:
                given = Account(customer=customer)
            with inside(self._places.get(customer, "accounts")):
                found.append((steps, account_changes(stored, given, rules, steps)))
        return found


def _last_decision(work: UnitOfWork) -> list[datetime]:
    """Return the instant of the last recorded decision, if there is one."""
    head = work.decisions.head()
    return [each.at for each in work.decisions.links(head.number - 1, 1)] if head.number else []


def _size(account: Account) -> str:
    """Return how many records of each kind an account has."""
    sizes = {
        "contract": len(account.contracts),
        "change": len(account.changes),
        "delegation": len(account.delegations),
        "asset": len(account.assets),
        "case": len(account.cases),
        "grant": len(account.ledger.grants),
    }
    return ", ".join(
        f"{number} {kind}{'s' if number > 1 else ''}" for kind, number in sizes.items() if number
    )
