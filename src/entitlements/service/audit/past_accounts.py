"""Past accounts: an account as it was when a decision was made, each built from the one before.

Decisions about a customer are replayed in their order, so that each ledger continues the one
before, and what was compiled from the dated records stays valid while they are the same.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, TypeVar, final

import attrs

from entitlements.contracts.account import Account, has_same_records
from entitlements.contracts.ledger.counted_cases import CountedCases
from entitlements.contracts.ledger.entries import Entry
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.kernel.data.copies import copy_with
from entitlements.kernel.on_demand.memo import Memo
from entitlements.service.audit.decision_record import (
    EMPTY_DIGEST,
    DecisionInputs,
    account_digest,
    entries_digest,
)

MAX_KEPT: Final = 4_096
T = TypeVar("T")


@final
@attrs.frozen(eq=False)
class PastAccount:
    """An account as it was at a decision.

    Attributes:
        account: The account.
        records_digest: Digest of its dated records.
        ledger_digest: Digest of its ledger.
        entries: All entries of the present ledger from which it was built.
    """

    account: Account
    records_digest: str
    ledger_digest: str
    entries: tuple[Entry, ...] = attrs.field(repr=False)


@final
class PastAccounts:
    """Accounts as they were at decisions, of many customers."""

    __slots__ = ("_last", "_present")

    def __init__(self) -> None:
        self._last: Memo[str, PastAccount] = Memo(MAX_KEPT)
        self._present: Memo[str, tuple[Ledger, tuple[Entry, ...]]] = Memo(MAX_KEPT)

    def at_decision(self, present: Account, inputs: DecisionInputs) -> PastAccount:
        """Return an account as it was when a decision was made.

        Args:
            present: The account as it is now, or as of any later instant.
            inputs: The inputs in the decision's record.
        """
        customer = present.customer
        last, entries = self._last.get(customer), self._entries(present)
        account = _records_at(present, inputs, last)
        same = last is not None and has_same_records(last.account, account)
        ledger, digest = _ledger_at(entries, inputs.ledger, last)
        found = PastAccount(
            copy_with(account, ledger=ledger, cases=CountedCases(inputs.cases)),
            last.records_digest if same and last is not None else account_digest(account),
            digest,
            entries,
        )
        return self._last.put(customer, found)

    def _entries(self, present: Account) -> tuple[Entry, ...]:
        kept = self._present.get(present.customer)
        if kept is None or kept[0] is not present.ledger:
            kept = (present.ledger, present.ledger.entries)
            self._present.put(present.customer, kept)
        return kept[1]


def _records_at(present: Account, inputs: DecisionInputs, last: PastAccount | None) -> Account:
    """Return the account with the records that were known, the same objects if they are equal."""
    at = inputs.known_at
    assets = () if inputs.asset is None else (inputs.asset,)
    before = present if last is None else last.account
    return copy_with(
        present,
        contracts=_same(_known(present.contracts, at), before.contracts),
        changes=_same(_known(present.changes, at), before.changes),
        delegations=_same(_known(present.delegations, at), before.delegations),
        assets=_same(assets, before.assets),
    )


def _known(records: tuple[T, ...], at: datetime) -> tuple[T, ...]:
    recorded = ((each, getattr(each, "recorded", None)) for each in records)
    return tuple(each for each, known in recorded if known is None or known <= at)


def _same(now: tuple[T, ...], before: tuple[T, ...]) -> tuple[T, ...]:
    return before if now == before else now


def _ledger_at(
    entries: tuple[Entry, ...], length: int, last: PastAccount | None
) -> tuple[Ledger, str]:
    """Return the ledger with so many entries, and its digest, continued from the last one."""
    if last is not None and len(last.account.ledger) <= length:
        ledger, known = last.account.ledger, len(last.account.ledger)
        if entries is last.entries or entries[:known] == last.entries[:known]:
            new = entries[known:length]
            return ledger.followed_by(new), entries_digest(new, last.ledger_digest)
    return Ledger.of(entries[:length]), entries_digest(entries[:length], EMPTY_DIGEST)
