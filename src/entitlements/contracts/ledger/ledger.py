"""Who took what, and what is left? A ledger of grants, holds and use.

A ledger is a value: posting a command returns another one and leaves this one as it was. Its
state is a fold over its entries and nothing else, so a ledger read back from its entries is equal
to the one that wrote them. Holds and grants end at their instants whether anybody looks or not.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Final, TypeAlias, final

import attrs

from entitlements.contracts.allowances.allowance import Unit, unit_of
from entitlements.contracts.allowances.consumption_order import ConsumptionOrder
from entitlements.contracts.allowances.grants import Grant, plan_pool
from entitlements.contracts.allowances.quantities import Promised
from entitlements.contracts.ledger import rules as decisions
from entitlements.contracts.ledger.balance import Balance, BalanceTimeline, balance_of
from entitlements.contracts.ledger.derived_grants import PlanGrants
from entitlements.contracts.ledger.effects import grant_states_at
from entitlements.contracts.ledger.entries import (
    Adjust,
    Commit,
    Entry,
    Expire,
    GiveBack,
    GrantShare,
    Issue,
    LedgerCommand,
    RefusalReason,
    Reserve,
    TransferUnits,
    Void,
    Withdraw,
    as_refusal,
    check_same_command,
)
from entitlements.contracts.ledger.entry_log import EntryLog, check_complete
from entitlements.contracts.ledger.grant_state import GrantState
from entitlements.contracts.ledger.rules import LedgerDecision
from entitlements.contracts.ledger.views import CurrentView, HistoricView, LedgerView, after_entry
from entitlements.kernel.errors import (
    ConflictError,
    DuplicateIdError,
    UnknownIdError,
)
from entitlements.kernel.instants import (
    START_OF_TIME,
    from_micros,
    from_micros_or_none,
    to_micros,
    utc,
)
from entitlements.kernel.no_truth_value import NoTruthValue


@final
@attrs.frozen(kw_only=True)
class Posted(NoTruthValue):
    """The command was carried out, now or when its key was first used."""

    ledger: Ledger
    entry: Entry


@final
@attrs.frozen(kw_only=True)
class PostRefused(NoTruthValue):
    """The command was not carried out; the refusal is an entry, so the key stays refused."""

    ledger: Ledger
    entry: Entry
    reason: RefusalReason = attrs.field(converter=as_refusal)


PostResult: TypeAlias = Posted | PostRefused
_MAX_KEPT: Final = 8


@final
class Ledger:
    """Entries, and the balances that follow from them.

    Adding one costs what its grants cost, however long the ledger is, or a replay if it is late.

    >>> ledger = Ledger().post(
    ...     Issue(grant=Grant(id="g", unit="incidents", amount=2, effective="2026-01-01T00:00Z")),
    ...     utc("2026-01-01T00:00Z"),
    ... ).ledger
    >>> match ledger.post(Reserve(key="R-1", unit="incidents", amount=1), utc("2026-02-01T00:00Z")):
    ...     case Posted(ledger=after, entry=entry):
    ...         print(entry.shares, after.available(Unit.INCIDENTS, utc("2026-02-01T00:00Z")))
    (Share(grant='g', amount=1, overage=0),) 1
    """

    __slots__ = (
        "_burn", "_journal", "_kept", "_meters", "_plan", "_promised", "_tail", "_tallies",
    )  # fmt: skip

    def __init__(self) -> None:
        self._journal = EntryLog()
        self._tallies: dict[str, GrantState] = {}
        self._burn = ConsumptionOrder()
        self._promised = Promised()
        self._tail = START_OF_TIME
        self._meters: dict[tuple[str, tuple[str, ...]], BalanceTimeline] = {}
        self._plan = PlanGrants(())
        self._kept: tuple[Ledger, ...] = ()

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Ledger:
        """Return the ledger that has those entries, in any order of delivery.

        Raises:
            DuplicateIdError: two entries have one key, or two grants one id.
            ConflictError: an entry is missing, or more was taken than there was.
            UnknownIdError: an entry refers to something that is not there.
        """
        every = sorted(entries, key=lambda each: each.number)
        check_complete(every)
        ledger = cls()
        ledger._journal = EntryLog(tuple(every))
        ledger._tail = max((to_micros(each.at) for each in every), default=START_OF_TIME)
        ledger._admit(
            each.command.grant
            for each in every
            if isinstance(each.command, Issue) and each.refusal is None
        )
        ledger._tallies = grant_states_at(every, ledger._journal, ledger._tail)
        for each in every:
            if isinstance(each.command, Adjust) and each.refusal is None:
                ledger._count_in(each.command)
        for id, tally in ledger._tallies.items():
            if tally.overdrawn:
                raise ConflictError(f"more was taken than grant `{id}` had", field="shares")
        return ledger

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Ledger):
            return NotImplemented
        return self.entries == other.entries and self._plan.by_id == other._plan.by_id

    def __hash__(self) -> int:
        return hash((len(self._journal), self._tail))

    def __repr__(self) -> str:
        return f"Ledger({len(self)} entries, {len(self._tallies)} grants)"

    def __len__(self) -> int:
        return len(self._journal)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries in the order in which they became known."""
        return tuple(self._journal)

    def entries_after(self, count: int) -> tuple[Entry, ...]:
        """Return the entries after the first `count`; it costs no more than there are of them."""
        return self._journal.after(count)

    @property
    def grants(self) -> tuple[Grant, ...]:
        """All grants, past and future, ordered by id."""
        return tuple(self._tallies[id].grant for id in sorted(self._tallies))

    @property
    def latest_instant(self) -> datetime | None:
        """The latest instant at which an entry counts, or None."""
        return from_micros_or_none(self._tail)

    def find(self, key: str) -> Entry | None:
        """Return the entry with that idempotency key, or None."""
        return self._journal.find(key)

    def referring(self, key: str) -> tuple[Entry, ...]:
        """Return the entries that resolve the hold, or give back the use, of that key."""
        return tuple(self._journal.entries_about(key))

    def grant(self, id: str) -> Grant | None:
        """Return the grant of that id, or None."""
        return self._tallies[id].grant if id in self._tallies else None

    def as_known(self, known: datetime) -> Ledger:
        """Return the ledger, without plan grants, less what was recorded after `known`."""
        moment = utc(known)
        return Ledger.of(each for each in self._journal if each.recorded <= moment)

    # What is left

    def available(self, unit: Unit | str, at: datetime, pools: Iterable[str] = ()) -> int:
        """Return the units that can be taken at `at`, overage not counted.

        Before the last entry it is what was left then, found by a replay. No pools are any pools.
        """
        return self.balance_timeline(unit, pools).available(to_micros(at))

    def balance_timeline(self, unit: Unit | str, pools: Iterable[str] = ()) -> BalanceTimeline:
        """Return a meter that answers `available` for instants in microseconds, made once."""
        asked = (unit, tuple(pools))
        found = self._meters.get(asked)
        if found is None:
            names = self._burn.for_unit(unit_of(unit), asked[1])
            tallies = (self._tallies[name] for name in names)
            found = BalanceTimeline(tallies, self._tail, partial(self._available_then, names))
            self._meters[asked] = found
        return found

    def _available_then(self, names: tuple[str, ...], at: int) -> int:
        past = self._as_of(at)
        return sum(past[name].available for name in names if name in past)

    def balance(self, unit: Unit | str, at: datetime) -> Balance:
        """Return the totals of `unit` at `at`, over the grants that have begun by then."""
        names = self._burn.for_unit(unit_of(unit))
        tallies = self._as_of(to_micros(at))
        return balance_of(tallies[name] for name in names if name in tallies)

    def balance_of(self, grant: str, at: datetime) -> Balance:
        """Return the totals of one grant at `at`; raise `UnknownIdError` if there is none."""
        self._grant(grant)
        return balance_of([self._as_of(to_micros(at))[grant]])

    def holds(self, at: datetime) -> tuple[Entry, ...]:
        """Return the reservations that are neither resolved nor ended at `at`, oldest first."""
        moment, journal = utc(at), self._journal
        return tuple(each for each in journal if decisions.is_held(each, moment, journal))

    def ended(self, at: datetime) -> tuple[Entry, ...]:
        """Return the reservations that ended by `at` unresolved and not yet written down."""
        return tuple(each for each in self._journal if self.has_ended(each.key, at))

    def has_ended(self, key: str, at: datetime) -> bool:
        """Return whether a reservation is among those that `ended` returns, without all others."""
        entry = self._journal.find(key)
        if entry is None or entry.until is None or entry.until > utc(at):
            return False
        return not any(self._journal.entries_about(key))

    def post(
        self, command: LedgerCommand, at: datetime, *, recorded: datetime | None = None
    ) -> PostResult:
        """Return the outcome of `command`, with the ledger after it.

        A key that was used before gets the answer it got then; nothing is done again.

        Args:
            command: What is wanted.
            at: The instant at which it counts; may lie before other entries.
            recorded: The instant at which it becomes known; by default `at`, or the latest known
                before. Never earlier than that.

        Raises:
            ConflictError: the key was used for something else; `field` says where they differ.
            UnknownIdError: there is no such hold, use or grant.
            DuplicateIdError: a grant of that id was issued before.
            TransitionError: a hold was resolved or has ended, a grant is over.
            InvalidValueError: more is committed than is held, or `at` lies in the future.
            LimitExceededError: all granted by hand, or all overage, would not fit into 64 bits.
        """
        before = self._journal.find(command.key)
        if before is not None:
            check_same_command(before.command, command)
            return _outcome(self, before)
        moment = to_micros(at)
        known = self._journal.has_key(moment, recorded)
        verdict, number = self._decide(command, moment), len(self) + 1
        return self._answer(verdict.entry(number, command, moment, known))

    def followed_by(self, entries: Iterable[Entry]) -> Ledger:
        """Return the ledger with entries that were decided elsewhere, at the cost of those alone.

        Raises what `of` raises.
        """
        after = self
        for entry in entries:
            after._journal.check_follows(entry)
            if isinstance(entry.command, Issue) and entry.command.grant.id in after._tallies:
                raise DuplicateIdError("grant", entry.command.grant.id)
            longer = after._with(entry)
            if longer is None:
                raise ConflictError(f"entry `{entry.key}` takes more than there is", field="shares")
            after = longer
        return after

    def with_plan_grants(self, grants: Iterable[Grant], until: datetime | None = None) -> Ledger:
        """Return the ledger with these grants of plans, derived up to `until`, and no others."""
        plan = PlanGrants(grants, until)
        found: Ledger | None = None
        for kept in self._kept:
            found = kept._caught_up(self, plan) if found is None else found  # noqa: SLF001 - a ledger, too
        found = self._granting(plan) if found is None else found
        others = (each for each in self._kept if each._plan.by_id != plan.by_id)  # noqa: SLF001 - as above
        self._kept = (found, *others)[:_MAX_KEPT]
        return found

    def _granting(self, plan: PlanGrants) -> Ledger:
        found: Ledger = self._longer()
        given = [n for n in self._tallies if n not in self._plan.by_id]
        found._burn = self._burn
        if self._plan.by_id:
            found._burn = ConsumptionOrder().adding(self._tallies[n].grant for n in given)
        found._burn = found._burn.adding(plan.by_id.values())
        found._journal, own = plan.told(self._journal, self._tail)
        found._tallies = {n: self._tallies[n] for n in given} | own
        found._plan, found._kept = plan, ()
        return found

    def _caught_up(self, other: Ledger, plan: PlanGrants) -> Ledger | None:
        """Return this ledger with the entries that the other has more, or None if one is late."""
        if not self._plan.covers(plan, self._tail):
            return None
        after: Ledger = self
        for entry in other.entries_after(len(self)):
            found = plan.located(entry, other._journal, after.find)
            longer = after._with(found) if to_micros(entry.at) >= after._tail else None
            if longer is None:
                return None
            longer._plan, longer._kept, after = plan, (), longer  # noqa: SLF001 - as above
        return after

    def _answer(self, entry: Entry) -> PostResult:
        after = self._with(entry)
        if after is not None:
            return _outcome(after, entry)
        return self._answer(attrs.evolve(entry, shares=(), until=None, refusal=RefusalReason.SPENT))

    def _decide(self, command: LedgerCommand, at: int) -> LedgerDecision:
        match command:
            case Issue(grant=grant):
                if grant.id in self._tallies:
                    raise DuplicateIdError("grant", grant.id)
                self._promised.check(grant.unit, grant.issued_by_hand)
                return LedgerDecision((GrantShare(grant.id, grant.amount),))
            case Reserve(unit=unit, pools=pools):
                names = self._burn.for_unit(unit)
                decisions.check_overage(command, (self._tallies[name] for name in names))
                burn = self._burn.for_unit(unit, pools)
                return decisions.reserve(command, from_micros(at), burn, self._view(at))
            case Adjust(grant=id, amount=amount):
                self._promised.check(self._grant(id).unit, max(0, amount))
                return decisions.decide_about_grant(command, self._view(at))
            case Withdraw(grant=id) | TransferUnits(grant=id):
                self._grant(id)
                return decisions.decide_about_grant(command, self._view(at))
            case Commit() | Void() | Expire() | GiveBack():
                return decisions.decide_about_entry(command, from_micros(at), self._journal)

    def _view(self, at: int) -> LedgerView:
        if at >= self._tail:
            return CurrentView(self._tallies, at)
        return HistoricView(self._journal, self._journal, self._tallies, at)

    def _as_of(self, at: int) -> dict[str, GrantState]:
        if at < self._tail:
            return grant_states_at(self._journal, self._journal, at, self._plan.by_id.values())
        view = CurrentView(self._tallies, at)
        return {name: view.tally(name) for name in self._tallies}

    def _with(self, entry: Entry) -> Ledger | None:
        """Return the ledger with `entry`, or None if it leaves a later entry short."""
        moved = after_entry(entry, self._journal, self._tallies, self._tail)
        if moved is None:
            return None
        after: Ledger = self._longer(entry)
        after._tallies |= moved
        if entry.refusal is None:
            after._count_in(entry.command)
        return after

    def _longer(self, *entries: Entry) -> Ledger:
        """Return a ledger with more entries, whose effects are still to come."""
        longer = object.__new__(Ledger)
        longer._journal = self._journal.add(*entries) if entries else self._journal
        longer._tail = max((self._tail, *(to_micros(each.at) for each in entries)))
        longer._tallies = dict(self._tallies)
        longer._burn, longer._promised = self._burn, self._promised
        longer._meters, longer._plan, longer._kept = {}, self._plan, self._kept
        return longer

    def _count_in(self, command: LedgerCommand) -> None:
        if isinstance(command, Issue):
            self._admit([command.grant])
        elif isinstance(command, Adjust) and plan_pool(command.grant) is None:
            unit = self._tallies[command.grant].grant.unit
            self._promised = self._promised.adding(unit, max(0, command.amount))

    def _admit(self, grants: Iterable[Grant]) -> None:
        added = list(grants)
        self._burn = self._burn.adding(added)
        for grant in added:
            self._tallies[grant.id] = GrantState(grant)
            self._promised = self._promised.adding(grant.unit, grant.issued_by_hand)

    def _grant(self, id: str) -> Grant:
        if id not in self._tallies:
            raise UnknownIdError("grant", id, known=self._tallies)
        return self._tallies[id].grant


def _outcome(ledger: Ledger, entry: Entry) -> PostResult:
    if entry.refusal is None:
        return Posted(ledger=ledger, entry=entry)
    return PostRefused(ledger=ledger, entry=entry, reason=entry.refusal)
