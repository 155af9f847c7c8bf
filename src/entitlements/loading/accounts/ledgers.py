"""Ledgers of a load: the grants that a document issues and the stored ledger does not have."""

from __future__ import annotations

from datetime import datetime

from entitlements.contracts.account import Account
from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.ledger.entries import Entry, Issue
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.kernel.errors import ConflictError
from entitlements.loading.changes import FoundSteps


def new_entries(
    stored: Account, given: Account, at: datetime, found: FoundSteps
) -> tuple[Entry, ...]:
    """Return the entries that a stored ledger needs to have the grants of the given one.

    A ledger that is a part of the other one adds what is missing at its end. Otherwise only grants
    can be added; used units are entries of a desk.

    Raises:
        ConflictError: A grant is another than the stored one with its id, or the ledgers have
            different entries.
    """
    known, wanted, customer = stored.ledger.entries, given.ledger.entries, stored.customer
    common = min(len(known), len(wanted))
    if known[:common] == wanted[:common]:
        for entry in wanted[common:]:
            found.add(f"ledger entry {entry.number} of {customer}")
        return wanted[common:]
    grants = [each.command.grant for each in wanted if isinstance(each.command, Issue)]
    if len(grants) != len(wanted):
        number = next(
            entry.number for entry, other in zip(wanted, known, strict=False) if entry != other
        )
        raise ConflictError(
            f"entry `{number}` of the ledger of `{customer}` is another one in the store",
            field="ledger",
            hint="give only `grants`; used units are entries of the desk",
        )
    return _issued(stored.ledger, grants, customer, at, found)


def _issued(
    ledger: Ledger, grants: list[Grant], customer: str, at: datetime, found: FoundSteps
) -> tuple[Entry, ...]:
    stored = {
        each.command.grant.id: each.command.grant
        for each in ledger.entries
        if isinstance(each.command, Issue)
    }
    length = len(ledger)
    for grant in grants:
        if grant.id not in stored:
            ledger = ledger.post(Issue(grant=grant), at).ledger
            found.add(f"grant {grant.id} of {customer}", f"{grant.amount} {grant.unit}")
        elif stored[grant.id] != grant:
            raise ConflictError(
                f"grant `{grant.id}` of `{customer}` was issued with other terms",
                field="grant",
                hint="issue another one under an id of its own",
            )
    return ledger.entries[length:]
