"""Accounts of a load: the records to add to a stored account so that it says what is given.

Nothing is removed and nothing is overwritten: each record that is added is known from the instant
of the load on, so that what was known before is still answered.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, final

import attrs

from entitlements.contracts.account import Account, dated_fact, records_as_known
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.ledger.entries import Entry
from entitlements.contracts.records.contract import Contract
from entitlements.contracts.records.parties import Delegation
from entitlements.kernel.data.copies import copy_with
from entitlements.kernel.errors import ConflictError
from entitlements.kernel.instants import text_of
from entitlements.loading.accounts.contracts import (
    CORRECTION_HINT,
    amended,
    contract_place,
    note_contract,
    record_of,
)
from entitlements.loading.accounts.ledgers import new_entries
from entitlements.loading.accounts.past import past_of
from entitlements.loading.accounts.pruning import pruned
from entitlements.loading.accounts.records import content, kind_of, latest
from entitlements.loading.changes import FoundSteps, inside
from entitlements.ports.repositories import Fact
from entitlements.ports.rules.append_rules import account_with_facts

_LISTS: Final = ("contracts", "changes", "delegations")


@final
@attrs.frozen(kw_only=True)
class AccountChanges:
    """What a load writes to one stored account.

    Attributes:
        facts: Records and assets to add.
        entries: Entries to append to the ledger.
        account: The account after it.
    """

    facts: tuple[Fact, ...] = ()
    entries: tuple[Entry, ...] = ()
    account: Account

    @property
    def writes_anything(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.facts or self.entries)


@final
@attrs.frozen(kw_only=True)
class LoadRules:
    """How an account is loaded.

    Attributes:
        at: Instant of the load.
        catalog: The catalog after the load.
        prune: Whether what is not given is ended.
        correct: Whether the time before the load may be corrected.
    """

    at: datetime
    catalog: Catalog
    prune: bool = False
    correct: bool = False


def account_changes(
    stored: Account, given: Account, rules: LoadRules, found: FoundSteps
) -> AccountChanges:
    """Return what is written so that a stored account says from the load on what is given.

    Args:
        stored: The stored account.
        given: The account of the document.
        rules: How it is loaded.
        found: Where steps are noted.

    Raises:
        ConflictError: A record contradicts the time before the load, or the stored ledger.
        UnknownIdError: A case of the document is not in the store.
        EntitlementsError: The records together contradict each other.
    """
    loading = _Loading(stored, given, rules, found)
    loading.check_history()
    loading.contracts()
    loading.others("changes")
    loading.others("delegations")
    if rules.prune:
        for fact in pruned(loading.account, given, rules.catalog, rules.at, found):
            loading.write(fact, "", checked=not rules.correct)
    loading.amendments()
    loading.assets()
    loading.cases()
    with inside("ledger"):
        entries = new_entries(stored, given, rules.at, found)
    account, facts = account_with_facts(stored, loading.facts, rules.at)
    return AccountChanges(facts=facts, entries=entries, account=account)


@final
class _Loading:
    """One account while its changes are found."""

    def __init__(
        self, stored: Account, given: Account, rules: LoadRules, found: FoundSteps
    ) -> None:
        self.account = stored
        self.facts: list[Fact] = []
        self._stored = stored
        self._given = given
        self._rules = rules
        self._found = found
        self._customer = stored.customer

    def write(self, fact: Any, path: str, *, checked: bool) -> None:
        """Add a record to the account; if checked, the time before the load stays as it was."""
        dated = dated_fact(attrs.evolve(fact, recorded=None), self._rules.at)
        name = next(
            name
            for name, kinds in (
                ("contracts", Contract),
                ("delegations", Delegation),
                ("changes", object),
            )
            if isinstance(fact, kinds)
        )
        after = copy_with(self.account, **{name: (*getattr(self.account, name), dated)})
        if checked and self._past(after) != self._past(self.account):
            raise ConflictError(
                f"{kind_of(fact)} `{fact.id}` of `{self._customer}` would change what was promised "
                f"before `{text_of(self._rules.at)}`",
                field=kind_of(fact),
                hint=CORRECTION_HINT,
                path=path or None,
            )
        self.account = after
        self.facts.append(dated)

    def _past(self, account: Account) -> object:
        return past_of(account, self._rules.catalog, self._rules.at)

    def check_history(self) -> None:
        """Raise if the document has an earlier record of an id that was never stored."""
        for name in _LISTS:
            given = getattr(self._given, name)
            newest = latest(given)
            known = {content(each) for each in getattr(self._stored, name)}
            for index, each in enumerate(given):
                if each is not newest[each.id] and content(each) not in known:
                    raise ConflictError(
                        f"{kind_of(each)} `{each.id}` has an earlier record that was never stored",
                        field="recorded",
                        hint="leave the earlier record out",
                        path=f"{name}[{index}]",
                    )

    def contracts(self) -> None:
        """Add a record for each contract that is new, or whose terms are others."""
        stored, changes = (
            latest(self._stored.contracts),
            records_as_known(self._given.changes, None),
        )
        for path, given in self._each("contracts"):
            before = stored.get(given.id)
            if before is None or before.retracted:
                self._new(given, path, contract_place(given, self._customer))
                continue
            with inside(path):
                record = record_of(
                    before, given, changes, self._rules.at, correct=self._rules.correct
                )
            if record is not before:
                self.write(record, path, checked=not self._rules.correct)
                note_contract(before, record, self._customer, self._found)

    def others(self, name: str) -> None:
        """Add a record for each change or delegation that is new, or is another than stored."""
        stored = latest(getattr(self._stored, name))
        for path, given in self._each(name):
            before, kind = stored.get(given.id), kind_of(given)
            place = f"{kind} {given.id} of {self._customer}"
            if before is None or (before.retracted and not given.retracted):
                self._new(given, path, place)
            elif content(before) != content(given):
                with inside(path):
                    self._check_kind(before, given)
                self.write(given, path, checked=not self._rules.correct)
                if given.retracted:
                    self._found.end(place, "taken back")
                else:
                    self._found.change(place)

    def _check_kind(self, before: Any, given: Any) -> None:
        if isinstance(given, Delegation) and not self._rules.correct:
            at, both = self._rules.at, (before, given)
            same = len({_but_for_its_end(each) for each in both}) == 1
            ends_later = all(each.end is None or each.end >= at for each in both)
            if min(each.start for each in both) < at and not (same and ends_later):
                raise ConflictError(
                    f"delegation `{given.id}` of `{self._customer}` has begun",
                    field="start",
                    hint=CORRECTION_HINT,
                )
        if type(before) is not type(given):
            raise ConflictError(
                f"`{given.id}` of `{self._customer}` is stored as a {kind_of(before)}, "
                f"not a {kind_of(given)}",
                field="kind",
                hint="give the new one another id",
            )

    def amendments(self) -> None:
        """Add an amendment for each stored contract whose lines or contacts are to be others."""
        known = latest(self.account.contracts)
        for path, given in self._each("contracts"):
            contract = known.get(given.id, given)
            if contract.retracted or given.retracted:
                continue
            with inside(path):
                record = amended(self.account, self._given, contract, self._rules.at, self._found)
            if record is not None:
                self.write(record, path, checked=False)

    def assets(self) -> None:
        """Add each asset that is new or another."""
        stored = {each.id: each for each in self._stored.assets}
        for asset in self._given.assets:
            place = f"asset {asset.id} of {self._customer}"
            if asset.id not in stored:
                self._found.add(place)
            elif stored[asset.id] == asset:
                continue
            else:
                self._found.change(place)
            self.facts.append(asset)
        named = {each.id for each in self._given.assets}
        self._found.leave("asset", len(stored.keys() - named), named=False)

    def cases(self) -> None:
        """Raise if the document has a case that is not in the store."""
        known = {each.id for each in self._stored.cases}
        for index, each in enumerate(self._given.cases):
            if each.id not in known:
                raise ConflictError(
                    f"case `{each.id}` of `{self._customer}` is not in the store",
                    field="cases",
                    hint="a case comes in through a desk; leave it out",
                    path=f"cases[{index}]",
                )

    def _each(self, name: str) -> Iterator[tuple[str, Any]]:
        """Yield the last record of each id in the document, with its path."""
        records = getattr(self._given, name)
        newest = latest(records)
        for index, each in enumerate(records):
            if each is newest[each.id]:
                yield f"{name}[{index}]", each

    def _new(self, given: Any, path: str, place: str) -> None:
        if given.retracted:
            return
        self.write(given, path, checked=False)
        self._found.add(place)


def _but_for_its_end(delegation: Delegation) -> tuple[object, ...]:
    fields = attrs.asdict(delegation, filter=attrs.filters.exclude("end", "recorded"))
    return tuple(fields.values())
