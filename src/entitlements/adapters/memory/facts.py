"""Catalogs, accounts, ledgers and rosters in dictionaries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import final

import attrs

from entitlements.adapters.memory.drafts import Draft
from entitlements.contracts.account import Account, latest
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.entries import Entry
from entitlements.contracts.ledger import Ledger
from entitlements.kernel.errors import (
    ConflictError,
    DuplicateIdError,
    EntitlementsError,
    UnknownIdError,
)
from entitlements.kernel.ids import identifier
from entitlements.kernel.instants import to_micros, utc
from entitlements.ports.growth import check_follow, grown, term, with_facts
from entitlements.ports.records import Edition
from entitlements.ports.repositories import Fact
from entitlements.routing.roster import Roster
from entitlements.routing.standings import Standing
from entitlements.sla.policy import SlaPolicy


@final
class MemoryCatalogs:
    """`Catalogs` in a dictionary."""

    def __init__(self, kept: Draft[int, Edition]) -> None:
        self._kept = kept

    def edition(self, number: int | None = None) -> Edition:
        wanted = self.number() if number is None else number
        found = self._kept.get(wanted)
        if found is None:
            raise UnknownIdError("edition of the catalog", str(wanted))
        return found

    def number(self, known_at: datetime | None = None) -> int:
        moment = None if known_at is None else utc(known_at)
        known = (
            each.number for each in self._kept.values() if moment is None or each.recorded <= moment
        )
        return max(known, default=0)

    def save(self, catalog: Catalog, policies: Iterable[SlaPolicy], at: datetime) -> int:
        number = self.number() + 1
        edition = Edition(number=number, recorded=at, catalog=catalog, policies=policies)
        self._kept.put(number, edition)
        return number


@final
class MemoryAccounts:
    """`Accounts` in a dictionary."""

    def __init__(self, kept: Draft[str, Account]) -> None:
        self._kept = kept

    def account(self, customer: str, known_at: datetime | None = None) -> Account | None:
        found = self._kept.get(identifier(customer))
        return found if found is None or known_at is None else found.as_known(known_at)

    def lock(self, customer: str) -> None:
        known(self._kept, customer)

    def open(self, account: Account) -> None:
        if self._kept.get(account.customer) is not None:
            raise DuplicateIdError("account", account.customer)
        self._kept.put(account.customer, account)

    def add(self, customer: str, *facts: Fact, at: datetime) -> Account:
        account, _ = with_facts(known(self._kept, customer), facts, at)
        self._kept.put(customer, account)
        return account

    def customers(
        self, *, valid_at: datetime | None = None, after: str = "", most: int = 1_000
    ) -> tuple[str, ...]:
        moment = None if valid_at is None else to_micros(valid_at)
        found = (
            id
            for id, account in self._kept.items()
            if id > after and (moment is None or _valid(account, moment))
        )
        return tuple(sorted(found)[:most])


def _valid(account: Account, at: int) -> bool:
    terms = (term(each) for each in latest(account.contracts, None))
    return any(start <= at < end for start, end in terms)


def known(kept: Draft[str, Account], customer: str) -> Account:
    """Return the customer's account; raise `UnknownIdError` if there is none."""
    found = kept.get(identifier(customer))
    if found is None:
        raise UnknownIdError("account", customer)
    return found


@final
class MemoryLedgers:
    """`Ledgers` in the accounts they belong to."""

    def __init__(self, kept: Draft[str, Account]) -> None:
        self._kept = kept

    def ledger(self, customer: str) -> Ledger:
        return known(self._kept, customer).ledger

    def entries(self, customer: str, after: int = 0) -> tuple[Entry, ...]:
        return self.ledger(customer).entries_after(after)

    def append(self, customer: str, entries: Sequence[Entry], head: int) -> int:
        check_follow(entries, head)
        account = known(self._kept, customer)
        if len(account.ledger) != head:
            raise ConflictError(
                f"the ledger of `{customer}` has `{len(account.ledger)}` entries, not `{head}`",
                field="head",
                hint="read it again and decide again",
            )
        try:
            ledger = grown(account.ledger, entries)
        except EntitlementsError as error:
            message = f"entries do not fit the ledger of `{customer}`: {error}"
            raise ConflictError(message, field="key") from error
        self._kept.put(customer, attrs.evolve(account, ledger=ledger))
        return len(ledger)


@final
class MemoryRosters:
    """`Rosters` as one value."""

    def __init__(self, kept: Draft[None, Roster]) -> None:
        self._kept = kept

    def roster(self, groups: Iterable[str] = (), agents: Iterable[str] = ()) -> Roster:
        every = self._kept.get(None) or Roster()
        wanted, only = frozenset(groups), frozenset(agents)
        if not wanted and not only:
            return every
        found = {
            id: each
            for id, each in every.agents.items()
            if (not wanted or wanted & each.groups) and (not only or id in only)
        }
        standings = {id: each for id, each in every.standings.items() if id in found}
        return attrs.evolve(every, agents=found, standings=standings)

    def state(self, group: str) -> Mapping[str, object]:
        found = self.roster([group])
        return {id: _of(found, id) for id in found.agents} | {"": (found.on_call, found.since)}

    def change(
        self,
        before: Roster,
        after: Roster,
        state: Mapping[str, object] | None = None,  # noqa: ARG002 - what is known is compared
    ) -> Mapping[str, object]:
        stored, written = self.roster(), dict[str, object]()
        agents, standings = dict(stored.agents), dict(stored.standings)
        for id in sorted({*before.agents, *after.agents}):
            if _of(before, id) == _of(after, id):
                continue
            if _of(stored, id) != _of(before, id):
                raise ConflictError(f"agent `{id}` is no longer as read", field=f"agents.{id}")
            agents.pop(id, None)
            standings.pop(id, None)
            if id in after.agents:
                agents[id], standings[id] = after.agents[id], after.standing(id)
                written[id] = _of(after, id)
        calls = dict(stored.on_call)
        for id in sorted({*before.on_call, *after.on_call}):
            if before.on_call.get(id) == after.on_call.get(id):
                continue
            if stored.on_call.get(id) != before.on_call.get(id):
                raise ConflictError(f"schedule `{id}` is no longer as read", field=f"on_call.{id}")
            calls.pop(id, None)
            if id in after.on_call:
                calls[id] = after.on_call[id]
        self._kept.put(
            None,
            Roster(
                agents=dict(sorted(agents.items())),
                standings=dict(sorted(standings.items())),
                on_call=dict(sorted(calls.items())),
                turns=max(stored.turns, after.turns),
                since=after.since if after.since != before.since else stored.since,
            ),
        )
        return written


def _of(roster: Roster, agent: str) -> tuple[object, Standing] | None:
    if agent not in roster.agents:
        return None
    return roster.agents[agent], roster.standing(agent)
