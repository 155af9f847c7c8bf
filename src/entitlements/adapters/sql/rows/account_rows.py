"""Rows of accounts: an account with new rows, and the rows of its facts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from entitlements.adapters.sql.rows import mapping
from entitlements.contracts.account import Account, AccountPart
from entitlements.contracts.ledger.entries import Entry
from entitlements.contracts.records.contract import Contract
from entitlements.contracts.records.parties import Asset, Delegation
from entitlements.kernel.errors import UnreadableError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.instants import to_micros
from entitlements.ports.repositories import Fact
from entitlements.ports.rules.append_rules import ledger_with_entries

Row = dict[str, Any]
UNKNOWN_PARTS: Final = FrozenMap[AccountPart, str]


def version_of(rows: Sequence[Any]) -> int:
    """Return the version of an account among its rows."""
    found: int = rows[0][1] if rows[0][0] == 0 else next(row[1] for row in rows if row[0] == 0)
    return found


def fact_row(fact: Fact, account: Account) -> Row:
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


def with_rows(account: Account, rows: Iterable[Any]) -> Account:
    """Return the account with the records of new rows."""
    parts: dict[int, list[Any]] = {0: [], 1: [], 2: [], 3: []}
    for row in rows:
        parts[row[0]].append(row)
    for part in parts.values():
        part.sort(key=lambda row: row[1])
    unknown = mapping.from_text(parts[0][0][6], UNKNOWN_PARTS, f"account of `{account.customer}`")
    counted = [mapping.counted_case_from_row({"id": row[5], "body": row[6]}) for row in parts[3]]
    ledger = ledger_with_entries(
        account.ledger, [entry_of(account.customer, row[1], row[6]) for row in parts[2]]
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


def entry_of(customer: str, number: int, body: str) -> Entry:
    """Return the entry of a row, whose number must be that of the entry."""
    entry = mapping.entry_from_row({"customer": customer, "number": number, "body": body})
    if entry.number != number:
        raise UnreadableError(f"entry `{number}` of `{customer}`", "its body has another number")
    return entry
