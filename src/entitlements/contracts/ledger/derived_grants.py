"""Plan grants in a ledger: derived from contracts whenever they are needed, never stored.

A ledger keeps what was taken of a plan, and no entry says what the plan gives. So the use of a
grant may name one that has changed since, or is gone, because a contract was corrected. `located`
says against which grant an entry counts now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final, final

import attrs

from entitlements.contracts.allowances.grants import Grant, consumption_key, plan_pool
from entitlements.contracts.ledger.effects import in_effective_order, move
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
from entitlements.contracts.ledger.grant_state import GrantState
from entitlements.kernel.ids import key
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

    def located(
        self, entry: Entry, journal: EntryLog, find: Callable[[str], Entry | None]
    ) -> Entry:
        """Return an entry with its shares at the grants against which they count now.

        A share stays with its grant while that is in force at the instant of taking; otherwise it
        counts against the one of the same pool that is, of several against the one used first. If
        there is none, it counts against nothing. What resolves a hold follows the hold.

        Args:
            entry: The entry as it was written.
            journal: All entries as they were written.
            find: Finds an entry before it by its key, as it is located.
        """
        shares = entry.shares
        match entry.command:
            case Reserve() | Adjust() | TransferUnits() | Withdraw():
                shares = self._located_shares(entry)
            case Commit(hold=named) | Void(hold=named):
                shares = units_between(_shares_of(find(named)), 0, entry.total)
            case GiveBack(commit=named):
                use = find(named)
                end = (use.total if use else 0) - _given(entry, named, journal)
                shares = units_between(_shares_of(use), end - entry.total, end)
            case Issue() | Expire():
                pass
        return entry if shares == entry.shares else attrs.evolve(entry, shares=shares)

    def _located_shares(self, entry: Entry) -> tuple[GrantShare, ...]:
        found: dict[str, GrantShare] = {}
        for share in entry.shares:
            grant = self._place(share.grant, entry)
            other = found.get(grant, GrantShare(grant, 0))
            amount, overage = other.amount + share.amount, other.overage + share.overage
            found[grant] = GrantShare(grant, amount, overage)
        return tuple(found.values())

    def _place(self, id: str, entry: Entry) -> str:
        pool = plan_pool(id)
        if pool is None:
            return id
        if to_micros(entry.at) >= self.until:
            return id  # which grants there are then was not asked
        named = self.by_id.get(id)
        if named is not None and (isinstance(entry.command, Withdraw) or _in_force(named, entry)):
            return id
        for grant in self._by_pool.get(pool, ()):
            if _in_force(grant, entry):
                return grant.id
        return key("grant", pool, _NO_DAY)

    def covers(self, other: PlanGrants, tail: int) -> bool:
        """Return whether the grants are the same, and were when the entries up to `tail` came."""
        return self.by_id == other.by_id and (tail < self.until or self.until == other.until)

    def told(self, journal: EntryLog, tail: int) -> tuple[EntryLog, dict[str, GrantState]]:
        """Return a journal with its entries located, and the tallies of the grants at its tail."""
        moved: dict[str, Entry] = {}

        def find(name: str) -> Entry | None:
            return moved.get(name) or journal.find(name)

        every: list[Entry] = []
        for entry in in_effective_order(journal.touching(self._by_pool)):
            every.append(self.located(entry, journal, find))
            if every[-1] is not entry:
                moved[entry.key] = every[-1]
        located = journal.replaced(moved)
        tallies = {id: GrantState(grant) for id, grant in self.by_id.items()}
        move(tallies, every, located, tail, plans_only=True)
        return located, tallies


def _in_force(grant: Grant, entry: Entry) -> bool:
    return grant.effective <= entry.at and (grant.expires is None or entry.at < grant.expires)


def _shares_of(entry: Entry | None) -> tuple[GrantShare, ...]:
    return () if entry is None else entry.shares


def _given(entry: Entry, commit: str, journal: EntryLog) -> int:
    return sum(each.total for each in journal.entries_about(commit) if each.number < entry.number)
