"""Stored facts of a tenant, as they are or as they were known at an instant: `stored_facts`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

import attrs

from entitlements.billing.billing_accounts import BillingAccount
from entitlements.contracts.account import Account
from entitlements.engine.facts import Facts, check_billed_lines
from entitlements.kernel.errors import UnknownIdError
from entitlements.kernel.ids import identifier
from entitlements.kernel.instants import instant_or_none
from entitlements.loading.rosters import without_work
from entitlements.ports.rules.arguments import store_of
from entitlements.ports.service_records.repository import every_record
from entitlements.ports.service_records.service_record import RecordFilter, RecordValue
from entitlements.ports.store import Store, UnitOfWork
from entitlements.routing.roster import Roster
from entitlements.service.records.imported import IMPORTED

_PAGE: Final = 1_000


def stored_facts(store: Store, at: datetime | None = None, *, tenant: str) -> Facts:
    """Return the facts of a tenant: catalog, policies, prices, roster, routing policy, accounts.

    Loading them changes nothing. Assigned and offered work is left out, because it belongs to a
    desk.

    Args:
        store: The store.
        at: What was known at this instant; None for everything. Agents and on-call schedules are
            not dated, and are then left out; assets are not dated either, and are those of now.
        tenant: Id of the tenant.

    Raises:
        UnknownIdError: The store has no such tenant, or a stored line or contract names a plan,
            calendar or price that the catalog does not have.
        StorageError: The store failed, or a stored row cannot be read.

    >>> from entitlements.adapters.memory import MemoryStore
    >>> from entitlements.documents import parse_facts
    >>> from entitlements.loading import apply
    >>> store, facts = MemoryStore(), parse_facts("{groups: desk}")
    >>> plan = apply(store, facts, tenant="my company")
    >>> stored_facts(store, tenant="my company") == facts
    True
    """
    known_at, name = instant_or_none(at), identifier(tenant)
    check_tenant(store_of(store), name)
    while True:
        with store.begin(name) as work:
            number = work.catalog.number(known_at)
            facts = facts_in_store(work, known_at)
            if work.catalog.number(known_at) == number:
                return facts


def stored_records(
    store: Store, at: datetime | None = None, *, tenant: str
) -> tuple[RecordValue, ...]:
    """Return outages, maintenance, surveys, complaints and sent notices of a tenant.

    Args:
        store: The store.
        at: What was known at this instant; None for everything.
        tenant: Id of the tenant.

    Raises:
        UnknownIdError: The store has no such tenant.
        StorageError: The store failed, or a stored row cannot be read.

    >>> from entitlements.adapters.memory import MemoryStore
    >>> from entitlements.documents import parse_documents
    >>> from entitlements.loading import apply
    >>> read = parse_documents("outages: [{id: O-1, service: db, start: 2026-03-10T09:00Z}]")
    >>> store = MemoryStore()
    >>> plan = apply(store, read.facts, tenant="my company", records=read.records)
    >>> [each.id for each in stored_records(store, tenant="my company")]
    ['O-1']
    """
    check_tenant(store_of(store), identifier(tenant))
    known_at = instant_or_none(at)
    with store.begin(tenant) as work:
        return tuple(
            each.value
            for kind in IMPORTED
            for each in every_record(
                work.service_records, RecordFilter(kind=kind, known_at=known_at)
            )
        )


def check_tenant(store: Store, tenant: str) -> None:
    """Raise `UnknownIdError` if the store has no records of a tenant."""
    tenants = store.tenants()
    if tenant not in tenants:
        raise UnknownIdError("tenant", tenant, known=tenants)


def facts_in_store(work: UnitOfWork, known_at: datetime | None) -> Facts:
    """Return the facts that one unit of work reads."""
    number = work.catalog.number(known_at)
    accounts = [
        each
        for customer in all_customers(work)
        if (each := work.accounts.account(customer, known_at)) is not None
        and (known_at is None or _is_known(each))
    ]
    if accounts and not number:
        # What a dump of another store says of the time before this one needs a catalog as well.
        number = min(work.catalog.number(), 1)
    catalog = stored_catalog(work, number)
    roster = without_work(work.roster.roster()) if known_at is None else Roster()
    billed = [*stored_billing_accounts(work, number).values()]
    if known_at is not None:
        billed = [each for each in billed if _is_billable(each, accounts)]
    return attrs.evolve(catalog, roster=roster, accounts=accounts, billing_accounts=billed)


def stored_catalog(work: UnitOfWork, number: int) -> Facts:
    """Return an edition of the catalog as facts without accounts and agents; 0 for none."""
    if not number:
        return Facts()
    edition = work.catalog.edition(number)
    return Facts(
        catalog=edition.catalog,
        policies=edition.policies,
        routing=edition.routing,
        prices=edition.prices,
        notice_clauses=edition.notice_clauses,
    )


def stored_billing_accounts(work: UnitOfWork, number: int) -> Mapping[str, BillingAccount]:
    """Return the billing accounts of an edition of the catalog by customer; 0 for none."""
    found = work.catalog.edition(number).billing_accounts if number else ()
    return {each.customer: each for each in found}


def all_customers(work: UnitOfWork) -> Iterator[str]:
    """Yield the ids of all customers, ordered."""
    after = ""
    while page := work.accounts.customers(after=after, most=_PAGE):
        yield from page
        after = page[-1]


def _is_billable(billed: BillingAccount, accounts: Iterable[Account]) -> bool:
    """Return whether all lines that a billing account names are among the accounts."""
    named = [each for each in accounts if each.customer == billed.customer]
    try:
        for each in named:
            check_billed_lines(billed, each, "billing_accounts")
    except UnknownIdError:
        return False
    return bool(named)


def _is_known(account: Account) -> bool:
    """Return whether anything dated of an account was known."""
    dated = (account.contracts, account.changes, account.delegations, account.cases)
    return any(dated) or len(account.ledger) > 0
