"""Accounts and ledgers in tables.

An account is read with one statement: its row, and the records that are new since it was last read.
While nothing was written, that is one row, and the same object is returned.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, final

import attrs

from entitlements.adapters.sql.errors import reading
from entitlements.adapters.sql.repositories.statements import FactStatements
from entitlements.adapters.sql.rows import mapping
from entitlements.adapters.sql.rows.account_rows import (
    UNKNOWN_PARTS,
    entry_of,
    fact_row,
    version_of,
    with_rows,
)
from entitlements.adapters.sql.session.bulk import one_text
from entitlements.adapters.sql.session.session import Row, Session
from entitlements.contracts.account import Account, OpenCase
from entitlements.contracts.ledger.entries import Entry
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.contracts.records.parties import Asset
from entitlements.kernel.converters import instance_of, whole_number
from entitlements.kernel.errors import (
    DuplicateIdError,
    StaleReadError,
    UnknownIdError,
    UnreadableError,
)
from entitlements.kernel.ids import identifier, identifiers
from entitlements.kernel.instants import to_micros
from entitlements.kernel.on_demand.memo import Memo
from entitlements.ports.admissions import Admission
from entitlements.ports.repositories import Fact
from entitlements.ports.rules.append_rules import (
    account_with_facts,
    check_sequence,
    ledger_with_entries,
)
from entitlements.ports.rules.arguments import page_length, page_start


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
        self._held: dict[str, int] = {}

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

    def lock_all(self, customers: Collection[str]) -> None:
        names, dialect = identifiers(customers), self._session.dialect
        named = one_text(names, dialect)
        rows = self._session.read(self._statements.lock_all, customers=named)
        self._held |= dict(map(tuple, rows))
        absent = sorted(set(names) - self._held.keys())
        if absent and dialect == "postgresql":
            named = one_text(absent, dialect)
            self._session.read(self._statements.lock_absent, customers=named)

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
            "unknown": mapping.to_text(account.unknown, UNKNOWN_PARTS),
        }
        if not session.insert_new(t.accounts, row):
            raise DuplicateIdError("account", customer)
        session.insert(
            t.facts,
            (
                {**fact_row(fact, account), "position": position}
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
            row = fact_row(fact, after)
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
            ({**fact_row(fact, after), "position": place} for place, fact in kept.values()),
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
        version = self.claim_after(seen, customer, rows=rows, entries=entries, head=head)
        if seen is not None:
            self._seen[customer] = version
        if customer not in self._own:
            self._write(customer, self._cache.get((self._session.tenant, customer)))
        return version

    def claim_after(
        self, seen: int | None, customer: str, *, rows: int, entries: int, head: int | None
    ) -> int:
        """Claim the next positions after a version, None for the stored one; return the last.

        Raises what `claim_positions` raises.
        """
        given: Row = {"customer_": customer, "rows": rows + entries, "entries": entries}
        given |= {} if head is None else {"head_": head}
        statement = self._statements.bumps[seen is not None, head is not None]
        if seen is None:
            for (version,) in self._session.read(statement, **given):
                return int(version)
        elif self._session.run(statement, seen=seen, **given):
            return seen + rows + entries
        if not self._session.read(self._statements.lock, customer=customer):
            raise UnknownIdError("account", customer)
        raise changed_account(customer, "version" if head is None else "head")

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

    def cached(self, customer: str) -> CachedAccount | None:
        """Return what is known of an account: what this unit has written, or the store's cache."""
        if customer in self._own:
            return self._own[customer]
        return self._cache.get((self._session.tenant, customer))

    def held(self, customer: str) -> CachedAccount | None:
        """Return what is known of an account that no other unit can change; None for not enough.

        The unit has locked it, and has written to it itself, or it is as the store has cached it.
        """
        locked, known = self._held.get(customer), self.cached(customer)
        if locked is None or known is None:
            return None
        if customer not in self._own and known.version != locked:
            return None
        self._seen.setdefault(customer, known.version)
        return known

    def seen(self, customer: str) -> int:
        """Return the version of an account that this unit has read; 0 for none."""
        return self._seen.get(customer, 0)

    def wrote_all(self, version: int, admission: Admission, counted: OpenCase | None) -> None:
        """Keep the account with an admission that was written, and the case that it opens."""
        customer = admission.customer
        known = self.cached(customer)
        rows = len(admission.entries) + (counted is not None)
        if known is not None and known.version == version - rows:
            account = known.account
            if admission.entries:
                account = _with_entries(admission.entries, account)
            if counted is not None:
                account = account.with_case(counted)
            known = CachedAccount(version, account)
        self._seen[customer] = version
        self._write(customer, known)

    def _read(self, customer: str) -> Account | None:
        known = self.cached(customer)
        return self.from_rows(customer, known, self._rows(customer, known))

    def _rows(self, customer: str, known: CachedAccount | None) -> Sequence[Any]:
        since, head = (0, 0) if known is None else (known.version, len(known.account.ledger))
        return self._session.read(
            self._statements.account, customer=customer, since=since, head=head
        )

    def from_rows(
        self, customer: str, known: CachedAccount | None, rows: Sequence[Any]
    ) -> Account | None:
        """Return an account from what is known of it and the rows that are new since."""
        if not rows:
            return None
        version = version_of(rows)
        if known is not None and version < known.version:
            # The host's transaction sees an older account than others have read since.
            known, rows = None, self._rows(customer, None)
            version = version_of(rows)
        self._seen.setdefault(customer, version)
        if known is not None and known.version == version:
            return known.account
        base = Account(customer=customer) if known is None else known.account
        try:
            with reading(f"account of `{customer}`"):
                fresh = CachedAccount(version, with_rows(base, rows))
        except UnreadableError as error:
            error.customer = customer
            raise
        if customer in self._own:
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


def changed_account(customer: str, field: str = "version") -> StaleReadError:
    """Return the error for what was decided from an account, edition or command of before."""
    return StaleReadError(
        f"the account of `{customer}` has changed since it was read",
        field=field,
        hint="read it again and decide again",
    )


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
        return tuple(entry_of(customer, *row) for row in rows)

    def append(self, customer: str, entries: Sequence[Entry], head: int) -> int:
        entries, accounts = check_sequence(entries, head), self._accounts
        last = accounts.claim_positions(customer, entries=len(entries), head=head)
        table = self._statements.tables.entries
        self._session.insert(table, map(mapping.entry_to_row, entries), customer=customer)
        accounts.grown(customer, last, len(entries), partial(_with_entries, entries))
        return head + len(entries)


def _with_entries(entries: Iterable[Entry], account: Account) -> Account:
    return account.with_ledger(ledger_with_entries(account.ledger, entries))
