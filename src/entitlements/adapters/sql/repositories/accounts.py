"""Accounts and ledgers in tables.

An account is read with one statement: its row, and the records that are new since it was last read.
While nothing was written, that is one row, and the same object is returned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, final

import attrs

from entitlements.adapters.sql.errors import reading
from entitlements.adapters.sql.repositories.statements import FactStatements
from entitlements.adapters.sql.rows import mapping
from entitlements.adapters.sql.session.session import Row, Session
from entitlements.contracts.account import Account, AccountPart
from entitlements.contracts.contract import Contract
from entitlements.contracts.ledger.entries import Entry
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.contracts.parties import Asset, Delegation
from entitlements.kernel.converters import instance_of, whole_number
from entitlements.kernel.errors import (
    DuplicateIdError,
    StaleReadError,
    UnknownIdError,
    UnreadableError,
)
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.ids import identifier
from entitlements.kernel.instants import to_micros
from entitlements.kernel.memo import Memo
from entitlements.ports.append_rules import account_with_facts, check_sequence, ledger_with_entries
from entitlements.ports.arguments import page_length, page_start
from entitlements.ports.repositories import Fact

_UNKNOWN = FrozenMap[AccountPart, str]


@attrs.frozen
class CachedAccount:
    """An account at a version of its row."""

    version: int
    account: Account


@final
class SqlAccounts:
    """`Accounts` in tables; the store caches the accounts that were read.

    Args:
        session: The transaction.
        statements: Prepared statements.
        cache: Accounts read before, of all units of work; only what is committed is put there.
    """

    def __init__(
        self,
        session: Session,
        statements: FactStatements,
        cache: Memo[tuple[str, str], CachedAccount],
    ) -> None:
        self._session = session
        self._statements = statements
        self._cache = cache
        self._seen: dict[str, int] = {}
        self._own: dict[str, CachedAccount | None] = {}

    def account(self, customer: str, known_at: datetime | None = None) -> Account | None:
        found = self._read(identifier(customer))
        if found is None or known_at is None:
            return found
        return found.as_known(known_at)

    def known(self, customer: str) -> None:
        """Raise `UnknownIdError` unless the customer has an account."""
        if self._read(identifier(customer)) is None:
            raise UnknownIdError("account", customer)

    def lock(self, customer: str) -> None:
        if not self._session.read(self._statements.lock, customer=identifier(customer)):
            raise UnknownIdError("account", customer)

    def open(self, account: Account) -> None:
        customer = instance_of(Account, account).customer
        session, t = self._session, self._statements.tables
        facts: list[Fact] = [
            *account.contracts, *account.changes, *account.delegations, *account.assets,
        ]  # fmt: skip
        row = {
            "customer": customer,
            "version": len(facts) + len(account.cases),
            "head": len(account.ledger),
            "unknown": mapping.to_text(account.unknown, _UNKNOWN),
        }
        if not session.insert_new(t.accounts, row):
            raise DuplicateIdError("account", customer)
        session.insert(
            t.facts,
            (
                {**_fact_row(fact, account), "position": position}
                for position, fact in enumerate(facts, start=1)
            ),
            customer=customer,
        )
        session.insert(
            t.counted_cases,
            (
                {**mapping.counted_case_to_row(case), "position": position}
                for position, case in enumerate(account.cases, start=len(facts) + 1)
            ),
            customer=customer,
        )
        session.insert(
            t.entries, map(mapping.entry_to_row, account.ledger.entries), customer=customer
        )
        self._write(customer, None)

    def add(self, customer: str, *facts: Fact, at: datetime) -> Account:
        before = self._read(identifier(customer))
        if before is None:
            raise UnknownIdError("account", customer)
        after, new = account_with_facts(before, facts, at)
        if not new:
            return before
        session = self._session
        last = self.claim_positions(customer, rows=len(new))
        for fact in new:
            row = _fact_row(fact, after)
            if isinstance(fact, Asset):
                session.run(self._statements.drop_asset, customer=customer, id_=fact.id)
            else:
                session.run(
                    self._statements.superseded,
                    customer_=customer,
                    id_=fact.id,
                    kind_=row["kind"],
                    known=row["known_from"],
                )
        # Of an asset that is added twice, the last one is written.
        kept = {
            (type(fact), fact.id) if isinstance(fact, Asset) else position: (position, fact)
            for position, fact in enumerate(new, start=last - len(new) + 1)
        }
        session.insert(
            self._statements.tables.facts,
            ({**_fact_row(fact, after), "position": place} for place, fact in kept.values()),
            customer=customer,
        )
        return after

    def customers(
        self, *, valid_at: datetime | None = None, after: str = "", most: int = 1_000
    ) -> tuple[str, ...]:
        given: Row = {"after": page_start(after), "most": page_length(most)}
        if valid_at is None:
            statement = self._statements.customers
        else:
            statement, given["valid"] = self._statements.customers_then, to_micros(valid_at)
        return tuple(row[0] for row in self._session.read(statement, **given))

    def claim_positions(
        self, customer: str, *, rows: int = 0, entries: int = 0, head: int | None = None
    ) -> int:
        """Claim the next positions for this unit, and return the last one.

        Raises:
            UnknownIdError: The customer has no account.
            StaleReadError: It has changed since this unit read it, or it has another head.
        """
        seen = self._seen.get(identifier(customer))
        given: Row = {"customer_": customer, "rows": rows + entries, "entries": entries}
        if seen is not None:
            given["seen"] = seen
        if head is not None:
            given["head_"] = head
        statement = self._statements.bumps[seen is not None, head is not None]
        claimed = self._session.read(statement, **given)
        if not claimed:
            if not self._session.read(self._statements.lock, customer=customer):
                raise UnknownIdError("account", customer)
            raise StaleReadError(
                f"the account of `{customer}` has changed since it was read",
                field="version" if head is None else "head",
                hint="read it again and decide again",
            )
        version: int = claimed[0][0]
        if seen is not None:
            self._seen[customer] = version
        if customer not in self._own:
            self._write(customer, self._cache.get((self._session.tenant, customer)))
        return version

    def _write(self, customer: str, known: CachedAccount | None) -> None:
        """Note that this unit has written to an account, of which the cache has this much."""
        self._own[customer] = known
        if self._session.host is not None:
            self._session.host.note(("account", self._session.tenant, customer))

    def grown(
        self, customer: str, last: int, rows: int, change: Callable[[Account], Account]
    ) -> None:
        """Keep the account with what this unit has just written, so that it is not read back.

        The positions that were claimed prove that nobody else has written in between.

        Args:
            customer: Id of the customer.
            last: The last position that was claimed.
            rows: How many were.
            change: Returns the account with what was written.
        """
        known = self._own[customer]
        if known is not None and known.version == last - rows:
            self._own[customer] = CachedAccount(last, change(known.account))

    @property
    def wrote_any(self) -> bool:
        """Whether this unit has written to an account."""
        return bool(self._own)

    def committed(self) -> None:
        """Put the accounts that this unit has written and knows into the store's cache."""
        for customer, kept in self._own.items():
            if kept is not None:
                self._cache_account(customer, kept)

    def _read(self, customer: str) -> Account | None:
        written = customer in self._own
        known = (
            self._own[customer] if written else self._cache.get((self._session.tenant, customer))
        )
        since, head = (0, 0) if known is None else (known.version, len(known.account.ledger))
        rows = self._session.read(
            self._statements.account, customer=customer, since=since, head=head
        )
        if not rows:
            return None
        version = _version(rows)
        if known is not None and version < known.version:
            # The host's transaction sees an older account than others have read since.
            known = None
            rows = self._session.read(self._statements.account, customer=customer, since=0, head=0)
            version = _version(rows)
        self._seen.setdefault(customer, version)
        if known is not None and known.version == version:
            return known.account
        base = Account(customer=customer) if known is None else known.account
        try:
            with reading(f"account of `{customer}`"):
                fresh = CachedAccount(version, _with_rows(base, rows))
        except UnreadableError as error:
            error.customer = customer
            raise
        if written:
            self._own[customer] = fresh
        else:
            self._cache_account(customer, fresh)
        return fresh.account

    def _cache_account(self, customer: str, fresh: CachedAccount) -> None:
        key, host = (self._session.tenant, customer), self._session.host
        if host is not None and host.wrote(("account", *key)):
            return
        before = self._cache.get(key)
        if before is None or before.version < fresh.version:
            self._cache.put(key, fresh)


def _version(rows: Sequence[Any]) -> int:
    found: int = rows[0][1] if rows[0][0] == 0 else next(row[1] for row in rows if row[0] == 0)
    return found


def _fact_row(fact: Fact, account: Account) -> Row:
    """Return the row of a fact, with the time until a later record replaced it."""
    if isinstance(fact, Asset):
        return mapping.fact_to_row(fact, "UTC")
    about = fact.id if isinstance(fact, Contract) else fact.contract
    zone = next((each.zone for each in account.contracts if each.id == about), "UTC")
    row = mapping.fact_to_row(fact, zone)
    records: Sequence[Fact] = account.changes
    if isinstance(fact, Contract | Delegation):
        records = account.contracts if isinstance(fact, Contract) else account.delegations
    later = [
        to_micros(each.recorded)
        for each in records
        if not isinstance(each, Asset) and each.id == fact.id and each.recorded is not None
    ]
    after = (at for at in later if at > row["known_from"])
    return {**row, "known_to": min(after, default=mapping.MAX_BIGINT)}


def _with_rows(account: Account, rows: Iterable[Any]) -> Account:
    """Return the account with the records of new rows."""
    parts: dict[int, list[Any]] = {0: [], 1: [], 2: [], 3: []}
    for row in rows:
        parts[row[0]].append(row)
    for part in parts.values():
        part.sort(key=lambda row: row[1])
    unknown = mapping.from_text(parts[0][0][6], _UNKNOWN, f"account of `{account.customer}`")
    counted = [mapping.counted_case_from_row({"id": row[5], "body": row[6]}) for row in parts[3]]
    ledger = ledger_with_entries(
        account.ledger, [_entry(account.customer, row[1], row[6]) for row in parts[2]]
    )
    if not parts[1] and unknown == account.unknown:
        grown = account.with_ledger(ledger)
        for case in counted:
            grown = grown.with_case(case)
        return grown
    facts = [
        mapping.fact_from_row({"kind": row[4], "id": row[5], "body": row[6]}) for row in parts[1]
    ]
    contracts = [each for each in facts if isinstance(each, Contract)]
    delegations = [each for each in facts if isinstance(each, Delegation)]
    assets = [each for each in facts if isinstance(each, Asset)]
    changes = [each for each in facts if not isinstance(each, Contract | Delegation | Asset)]
    moved = {each.id for each in assets}
    recounted = {each.id for each in counted}
    return Account(
        customer=account.customer,
        contracts=(*account.contracts, *contracts),
        changes=(*account.changes, *changes),
        delegations=(*account.delegations, *delegations),
        assets=(*(each for each in account.assets if each.id not in moved), *assets),
        ledger=ledger,
        cases=[each for each in account.cases if each.id not in recounted] + counted,
        unknown=unknown,
    )


def _entry(customer: str, number: int, body: str) -> Entry:
    entry = mapping.entry_from_row({"customer": customer, "number": number, "body": body})
    if entry.number != number:
        raise UnreadableError(f"entry `{number}` of `{customer}`", "its body has another number")
    return entry


@final
class SqlLedgers:
    """`Ledgers` in a table; the head is in the account's row."""

    def __init__(self, session: Session, statements: FactStatements, accounts: SqlAccounts) -> None:
        self._session = session
        self._statements = statements
        self._accounts = accounts

    def ledger(self, customer: str) -> Ledger:
        account = self._accounts.account(customer)
        if account is None:
            raise UnknownIdError("account", customer)
        return account.ledger

    def entries(self, customer: str, after: int = 0) -> tuple[Entry, ...]:
        rows = self._session.read(
            self._statements.entries,
            customer=identifier(customer),
            after=whole_number(after, "number of an entry"),
        )
        if not rows:
            self._accounts.known(customer)
        return tuple(_entry(customer, *row) for row in rows)

    def append(self, customer: str, entries: Sequence[Entry], head: int) -> int:
        entries, accounts = check_sequence(entries, head), self._accounts
        last = accounts.claim_positions(customer, entries=len(entries), head=head)
        table = self._statements.tables.entries
        self._session.insert(table, map(mapping.entry_to_row, entries), customer=customer)
        accounts.grown(customer, last, len(entries), partial(_with_entries, entries))
        return head + len(entries)


def _with_entries(entries: Iterable[Entry], account: Account) -> Account:
    return account.with_ledger(ledger_with_entries(account.ledger, entries))
