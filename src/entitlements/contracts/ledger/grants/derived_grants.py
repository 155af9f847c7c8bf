"""Derived grants: grants of plans in a ledger, derived from contracts when needed, never stored.

A ledger keeps what was taken from a plan; no entry says what the plan gives. So an entry may name a
grant that has changed since, or no longer exists, because a contract was corrected. `located` finds
the grant against which an entry counts now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final, final

import attrs

from entitlements.contracts.allowances.grants import Grant, consumption_key, plan_pool
from entitlements.contracts.ledger.entries import (
    Adjust,
    Commit,
    Entry,
    Expire,
    GiveBack,
    GrantShare,
    Issue,
    Reserve,
    TransferUnits,
    Void,
    Withdraw,
    units_between,
)
from entitlements.contracts.ledger.entry_log import EntryLog
from entitlements.contracts.ledger.grants.effects import apply_entries, in_effective_order
from entitlements.contracts.ledger.grants.grant_state import GrantState
from entitlements.kernel.ids import key, key_parts
from entitlements.kernel.instants import micros_or_end, to_micros

_NO_DAY: Final = "0000-00-00"


@final
class PlanGrants:
    """The plan grants of a ledger that begin before `until`, by id and by pool."""

    __slots__ = ("_by_pool", "by_id", "until")

    def __init__(self, grants: Iterable[Grant], until: datetime | None = None) -> None:
        self.until = micros_or_end(until)
        self.by_id: Mapping[str, Grant] = {each.id: each for each in grants}
        self._by_pool: dict[str, list[Grant]] = {}
        for grant in sorted(self.by_id.values(), key=consumption_key):
            self._by_pool.setdefault(plan_pool(grant.id) or "", []).append(grant)

    def located(self, entry: Entry, log: EntryLog, find: Callable[[str], Entry | None]) -> Entry:
        """Return an entry with its shares at the grants against which they count now.

        A share stays with its grant if that is in force at the instant of taking, or if it was
        withdrawn before it began. Otherwise it counts against the grant of the same pool that is in
        force, of several the one used first; if there is none, against nothing. A commit, void or
        return follows its hold.

        Args:
            entry: The entry as it was written.
            log: All entries as they were written.
            find: Returns an earlier entry, already located, by its key.
        """
        shares = entry.shares
        match entry.command:
            case Reserve() | Adjust() | TransferUnits() | Withdraw():
                shares = self._located_shares(entry)
            case Commit(hold=named) | Void(hold=named):
                shares = units_between(_shares_of(find(named)), 0, entry.total)
            case GiveBack(commit=named):
                used = _shares_of(find(named))
                total = sum(each.amount + each.overage for each in used)
                end = total - _given_back(entry, named, log)
                shares = units_between(used, end - entry.total, end)
            case Issue() | Expire():
                pass
        return entry if shares == entry.shares else attrs.evolve(entry, shares=shares)

    def _located_shares(self, entry: Entry) -> tuple[GrantShare, ...]:
        found: dict[str, GrantShare] = {}
        for share in entry.shares:
            grant = self._grant_of(share.grant, entry)
            other = found.get(grant, GrantShare(grant, 0))
            amount, overage = other.amount + share.amount, other.overage + share.overage
            found[grant] = GrantShare(grant, amount, overage)
        return tuple(found.values())

    def _grant_of(self, id: str, entry: Entry) -> str:
        pool = plan_pool(id)
        if pool is None:
            return id
        if to_micros(entry.at) >= self.until:
            return id  # grants after `until` have not been derived
        named = self.by_id.get(id)
        if named is not None and (isinstance(entry.command, Withdraw) or _in_force(named, entry)):
            return id
        if isinstance(entry.command, Withdraw) and _begins_later(id, entry):
            return id  # it may begin after the grants that were asked for
        for grant in self._by_pool.get(pool, ()):
            if _in_force(grant, entry):
                return grant.id
        return key("grant", pool, _NO_DAY)

    def covers(self, other: PlanGrants, latest: int) -> bool:
        """Return whether the grants are the same, also for the entries up to `latest`."""
        return self.by_id == other.by_id and (latest < self.until or self.until == other.until)

    def located_log(self, log: EntryLog, latest: int) -> tuple[EntryLog, dict[str, GrantState]]:
        """Return the log with its entries located, and the grant states after the last entry."""
        relocated: dict[str, Entry] = {}

        def find(name: str) -> Entry | None:
            return relocated[name] if name in relocated else log.find(name)

        every: list[Entry] = []
        for entry in in_effective_order(log.entries_of_pools(self._by_pool)):
            every.append(self.located(entry, log, find))
            if every[-1] is not entry:
                relocated[entry.key] = every[-1]
        located = log.replaced(relocated)
        states = {id: GrantState.of(grant) for id, grant in self.by_id.items()}
        apply_entries(states, every, located, latest, plans_only=True)
        return located, states


def _begins_later(id: str, entry: Entry) -> bool:
    """Return whether a plan grant, by the day in its id, begins after an entry about it."""
    return key_parts(id)[-1] > entry.at.date().isoformat()


def _in_force(grant: Grant, entry: Entry) -> bool:
    return grant.effective <= entry.at and (grant.expires is None or entry.at < grant.expires)


def _shares_of(entry: Entry | None) -> tuple[GrantShare, ...]:
    return () if entry is None else entry.shares


def _given_back(entry: Entry, commit: str, log: EntryLog) -> int:
    return sum(each.total for each in log.entries_about(commit) if each.number < entry.number)
