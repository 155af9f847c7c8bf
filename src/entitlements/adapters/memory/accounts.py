"""Catalogs, accounts, ledgers and rosters in dictionaries."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import final

from entitlements.adapters.memory.overlay import DictOverlay
from entitlements.aftersales.notice_clauses import NoticeClause
from entitlements.billing.billing_accounts import BillingAccount
from entitlements.billing.price_book import NO_PRICES, PriceBook
from entitlements.contracts.account import Account, records_as_known
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.ledger.entries import Entry
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.kernel.converters import instance_of, whole_number
from entitlements.kernel.errors import (
    DuplicateIdError,
    EntitlementsError,
    StaleReadError,
    UnknownIdError,
)
from entitlements.kernel.ids import identifier, identifiers
from entitlements.kernel.instants import instant_of, micros_or_none
from entitlements.ports.catalog_editions import CatalogEdition
from entitlements.ports.repositories import Fact
from entitlements.ports.rules.append_rules import (
    account_with_facts,
    check_sequence,
    ledger_with_entries,
    signed_term,
)
from entitlements.ports.rules.arguments import page_length, page_start, row_number
from entitlements.routing.policies.policy import DEFAULT_ROUTING, RoutingPolicy
from entitlements.sla.policy import SlaPolicy


@final
class MemoryCatalogs:
    """`Catalogs` in a dictionary."""

    def __init__(self, kept: DictOverlay[int, CatalogEdition]) -> None:
        self._kept = kept
        self._own: set[int] = set()

    def edition(self, number: int | None = None) -> CatalogEdition:
        wanted = self.number() if number is None else row_number(number)
        found = self._kept.get(wanted)
        if found is None:
            raise UnknownIdError("edition of the catalog", str(wanted))
        return found

    def number(self, known_at: datetime | None = None) -> int:
        every = self._kept.items()
        if known_at is None:
            return max((number for number, _ in every), default=0)
        moment = instant_of(known_at)
        return max((number for number, each in every if each.recorded <= moment), default=0)

    def is_committed(self, number: int) -> bool:
        return row_number(number) not in self._own

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
        number = self.number() + 1
        edition = CatalogEdition(
            number=number,
            recorded=instant_of(at),
            catalog=catalog,
            policies=policies,
            routing=routing,
            prices=prices,
            billing_accounts=billing_accounts,
            notice_clauses=notice_clauses,
        )
        self._kept.put(number, edition)
        self._own.add(number)
        return number


@final
class MemoryAccounts:
    """`Accounts` in a dictionary."""

    def __init__(self, kept: DictOverlay[str, Account]) -> None:
        self._kept = kept

    def account(self, customer: str, known_at: datetime | None = None) -> Account | None:
        found = self._kept.get(identifier(customer))
        return found if found is None or known_at is None else found.as_known(known_at)

    def lock(self, customer: str) -> None:
        known(self._kept, customer)

    def lock_all(self, customers: Collection[str]) -> None:
        identifiers(customers)

    def open(self, account: Account) -> None:
        if self._kept.get(instance_of(Account, account).customer) is not None:
            raise DuplicateIdError("account", account.customer)
        self._kept.put(account.customer, account)

    def add(self, customer: str, *facts: Fact, at: datetime) -> Account:
        account, _ = account_with_facts(known(self._kept, customer), facts, at)
        self._kept.put(customer, account)
        return account

    def customers(
        self, *, valid_at: datetime | None = None, after: str = "", most: int = 1_000
    ) -> tuple[str, ...]:
        moment, after, most = micros_or_none(valid_at), page_start(after), page_length(most)
        found = (
            id
            for id, account in self._kept.items()
            if id > after and (moment is None or _valid(account, moment))
        )
        return tuple(sorted(found)[:most])


def _valid(account: Account, at: int) -> bool:
    terms = (signed_term(each) for each in records_as_known(account.contracts, None))
    return any(start <= at < end for start, end in terms)


def known(kept: DictOverlay[str, Account], customer: str) -> Account:
    """Return the customer's account; raise `UnknownIdError` if there is none."""
    found = kept.get(identifier(customer))
    if found is None:
        raise UnknownIdError("account", customer)
    return found


@final
class MemoryLedgers:
    """`Ledgers` in the accounts they belong to."""

    def __init__(self, kept: DictOverlay[str, Account]) -> None:
        self._kept = kept

    def ledger(self, customer: str) -> Ledger:
        return known(self._kept, customer).ledger

    def entries(self, customer: str, after: int = 0) -> tuple[Entry, ...]:
        return self.ledger(customer).entries_after(whole_number(after, "number of an entry"))

    def append(self, customer: str, entries: Sequence[Entry], head: int) -> int:
        entries = check_sequence(entries, head)
        account = known(self._kept, customer)
        if len(account.ledger) != head:
            raise StaleReadError(
                f"the ledger of `{customer}` has `{len(account.ledger)}` entries, not `{head}`",
                field="head",
                hint="read it again and decide again",
            )
        try:
            ledger = ledger_with_entries(account.ledger, entries)
        except EntitlementsError as error:
            message = f"entries do not fit the ledger of `{customer}`: {error}"
            raise StaleReadError(message, field="key") from error
        self._kept.put(customer, account.with_ledger(ledger))
        return len(ledger)
