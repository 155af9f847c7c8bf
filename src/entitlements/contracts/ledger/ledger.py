"""Ledger: grants, holds, use and balances of prepaid units.

A ledger is a value: posting a command returns another ledger and leaves this one unchanged. Its
state follows from its entries alone, so that a ledger read back from its entries equals the one
that wrote them. Holds and grants end at their instants, without an entry.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any, Final, TypeAlias, final

import attrs

from entitlements.contracts.allowances.allowance import Unit, unit_of
from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.ledger import rules
from entitlements.contracts.ledger.balance import Balance, BalanceTimeline, balance_of
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
from entitlements.contracts.ledger.grants import views
from entitlements.contracts.ledger.grants.derived_grants import PlanGrants
from entitlements.contracts.ledger.grants.effects import grant_states_at
from entitlements.contracts.ledger.grants.grant_state import GrantState
from entitlements.contracts.ledger.grants.grant_table import GrantTable
from entitlements.kernel.converters import as_text, instance_of, tuple_of
from entitlements.kernel.data.copies import copy_with
from entitlements.kernel.errors import ConflictError, DuplicateIdError, InvalidValueError
from entitlements.kernel.ids import identifiers_or_keys
from entitlements.kernel.instants import START_OF_TIME, from_micros, instant_of, to_micros
from entitlements.kernel.mixins.no_truth_value import NoTruthValue


@final
@attrs.frozen(kw_only=True)
class Posted(NoTruthValue):
    """The command was carried out, now or when its key was first used.

    Attributes:
        ledger: The ledger after it.
        entry: The entry of the command.
    """

    ledger: Ledger
    entry: Entry


@final
@attrs.frozen(kw_only=True)
class PostRefused(NoTruthValue):
    """The command was refused; the refusal is an entry, so that the key stays refused.

    Attributes:
        ledger: The ledger with that entry.
        entry: The entry of the command.
        reason: Why it was refused.
    """

    ledger: Ledger
    entry: Entry
    reason: RefusalReason = attrs.field(converter=as_refusal)


PostResult: TypeAlias = Posted | PostRefused
_MAX_KEPT: Final = 8
_NO_PLAN_GRANTS: Final = PlanGrants(())


@final
class Ledger:
    """Entries of prepaid units, and the balances that follow from them.

    An entry at the end of a ledger of any length costs what its grants cost; a late one a replay.

    >>> from entitlements.kernel.instants import utc
    >>> pack = Grant(id="g", unit="incidents", amount=2, effective="2026-01-01T00:00Z")
    >>> ledger = Ledger().post(Issue(grant=pack), pack.effective).ledger
    >>> match ledger.post(Reserve(key="R-1", unit="incidents", amount=1), utc("2026-02-01T00:00Z")):
    ...     case Posted(ledger=after, entry=entry):
    ...         print(entry.shares, after.available(Unit.INCIDENTS, utc("2026-02-01T00:00Z")))
    (GrantShare(grant='g', amount=1, overage=0),) 1
    """

    __slots__ = ("_derived", "_grants", "_keeps", "_last", "_latest", "_log", "_plan", "_timelines")

    def __init__(self) -> None:
        self._log = EntryLog()
        self._grants = GrantTable()
        self._latest = START_OF_TIME
        self._timelines: dict[tuple[str, tuple[str, ...]], BalanceTimeline] = {}
        self._plan = _NO_PLAN_GRANTS
        self._derived: tuple[Ledger, ...] = ()
        self._last: PostResult | None = None
        self._keeps = 0  # how many ledgers in a row keep the next one; if all did, one held all

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Ledger:
        """Return the ledger with these entries, which may come in any order.

        Raises:
            DuplicateIdError: Two entries have one key, or two grants one id.
            ConflictError: An entry is missing, or more was taken than there was.
            UnknownIdError: An entry names a grant, hold or commit that is not there.
        """
        ledger, ordered = cls(), sorted(tuple_of(Entry, entries), key=lambda each: each.number)
        check_complete(ordered)
        ledger._log = EntryLog.of(ordered)
        ledger._latest = max((to_micros(each.at) for each in ordered), default=START_OF_TIME)
        accepted = [each.command for each in ordered if each.refusal is None]
        ledger._grants.add(each.grant for each in accepted if isinstance(each, Issue))
        ledger._grants.states = grant_states_at(ordered, ledger._log, ledger._latest)
        for each in (each for each in accepted if isinstance(each, Adjust)):
            ledger._grants.count(each)
        for id, state in ledger._grants.states.items():
            if state.overdrawn:
                raise ConflictError(f"more was taken than grant `{id}` had", field="shares")
        return ledger

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Ledger):
            return NotImplemented
        return self.entries == other.entries and self._plan.by_id == other._plan.by_id

    def __hash__(self) -> int:
        return hash((len(self._log), self._latest))

    def __repr__(self) -> str:
        return f"Ledger({len(self)} entries, {len(self._grants.states)} grants)"

    def __len__(self) -> int:
        return len(self._log)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries in the order in which they became known."""
        return tuple(self._log)

    def entries_after(self, count: int) -> tuple[Entry, ...]:
        """Return the entries after the first `count`, at the cost of those alone."""
        return self._log.after(instance_of(int, count))

    @property
    def grants(self) -> tuple[Grant, ...]:
        """All grants, past and future, ordered by id."""
        return tuple(self._grants.states[id].grant for id in sorted(self._grants.states))

    @property
    def latest_instant(self) -> datetime | None:
        """The latest instant at which an entry takes effect, or None without entries."""
        return None if self._latest == START_OF_TIME else from_micros(self._latest)

    def find(self, key: str) -> Entry | None:
        """Return the entry with this idempotency key, or None."""
        return self._log.find(as_text(key))

    def entries_about(self, key: str) -> tuple[Entry, ...]:
        """Return the entries that resolve the hold, or give back the commit, of this key."""
        return tuple(self._log.entries_about(as_text(key)))

    def grant(self, id: str) -> Grant | None:
        """Return the grant with this id, or None."""
        return self._grants.states[id].grant if as_text(id) in self._grants.states else None

    def as_known(self, known: datetime) -> Ledger:
        """Return the ledger without plan grants and without entries recorded after `known`."""
        moment = instant_of(known)
        return Ledger.of(each for each in self._log if each.recorded <= moment)

    def available(self, unit: Unit | str, at: datetime, pools: Iterable[str] = ()) -> int:
        """Return the units that can be taken at `at`, without overage.

        Args:
            unit: The unit.
            at: The instant; before the last entry, the past is replayed.
            pools: Only grants in these pools; empty for all.
        """
        return self.available_at(unit_of(unit), identifiers_or_keys(pools), to_micros(at))

    def available_at(self, unit: Unit, pools: tuple[str, ...], at: int) -> int:
        """Return what `available` returns, for an instant in microseconds since 1970."""
        found = None if at < self._latest else self._grants.available(unit, pools, at)
        return self.balance_timeline(unit, pools).available(at) if found is None else found

    def balance_timeline(self, unit: Unit | str, pools: Iterable[str] = ()) -> BalanceTimeline:
        """Return `available` as a function of instants in microseconds; it is built only once."""
        asked = (unit_of(unit), identifiers_or_keys(pools))
        found = self._timelines.get(asked)
        if found is None:
            names = self._grants.order.for_unit(*asked)
            states = (self._grants.states[name] for name in names)
            found = BalanceTimeline(states, self._latest, partial(self._available_then, names))
            self._timelines[asked] = found
        return found

    def _available_then(self, names: tuple[str, ...], at: int) -> int:
        past = self._as_of(at)
        return sum(past[name].available for name in names if name in past)

    def balance(self, unit: Unit | str, at: datetime) -> Balance:
        """Return the totals of `unit` at `at`, over the grants that have begun by then."""
        names, states = self._grants.order.for_unit(unit_of(unit)), self._as_of(to_micros(at))
        return balance_of(states[name] for name in names if name in states)

    def balance_of(self, grant: str, at: datetime) -> Balance:
        """Return the totals of one grant at `at`; raise `UnknownIdError` if there is none."""
        self._grants.grant(grant)
        return balance_of([self._as_of(to_micros(at))[grant]])

    def holds(self, at: datetime) -> tuple[Entry, ...]:
        """Return the reservations that are neither resolved nor ended at `at`, oldest first."""
        moment, log = instant_of(at), self._log
        return tuple(each for each in log if rules.is_held(each, moment, log))

    def ended(self, at: datetime) -> tuple[Entry, ...]:
        """Return the reservations that ended by `at`, unresolved and not yet recorded as ended."""
        return tuple(each for each in self._log if self.has_ended(each.key, at))

    def has_ended(self, key: str, at: datetime) -> bool:
        """Return whether `ended` contains the reservation of this key, at the cost of this one."""
        entry, moment = self.find(key), instant_of(at)
        if entry is None or entry.until is None or entry.until > moment:
            return False
        return next(self._log.entries_about(key), None) is None

    def post(
        self, command: LedgerCommand, at: datetime, *, recorded: datetime | None = None
    ) -> PostResult:
        """Return the outcome of `command`, with the ledger after it.

        A key that was used before gets the same answer again; nothing is done twice.

        Args:
            command: The command.
            at: The instant at which it takes effect; it may be before other entries.
            recorded: The instant at which it becomes known; by default `at`, or the latest instant
                at which an earlier entry was recorded. Never earlier than that.

        Raises:
            ConflictError: The key was used for another command; `field` says where they differ.
            UnknownIdError: There is no such hold, commit or grant.
            DuplicateIdError: A grant with this id was issued before.
            TransitionError: A hold was resolved or has ended, or a grant is not in force.
            InvalidValueError: More is committed than is held, or `at` is after `recorded`.
            LimitExceededError: All units granted by hand, or all overage, exceed 64 bits.
        """
        if not isinstance(command, LedgerCommand):
            raise InvalidValueError(f"`{command!r}` is not a ledger command")
        before = self._log.find(command.key)
        if before is not None:
            check_same_command(before.command, command)
            return _post_result(self, before)
        moment = to_micros(at)
        known = self._log.recorded_at(moment, recorded)
        entry = self._decide(command, moment).entry(len(self) + 1, command, moment, known)
        return self._result(entry)

    def followed_by(self, entries: Iterable[Entry]) -> Ledger:
        """Return the ledger with more entries that were written elsewhere; raise what `of` raises.

        It costs what the new entries cost, however long the ledger is.
        """
        after = self
        for entry in tuple_of(Entry, entries):
            after._log.check_follows(entry)
            if isinstance(entry.command, Issue) and entry.command.grant.id in after._grants.states:
                raise DuplicateIdError("grant", entry.command.grant.id)
            longer = after._with(entry)
            if longer is None:
                raise ConflictError(f"entry `{entry.key}` takes more than is left", field="shares")
            after = longer
        return after

    def with_plan_grants(self, grants: Iterable[Grant], until: datetime | None = None) -> Ledger:
        """Return the ledger with these grants of plans, derived up to `until`, and no others."""
        return self.deriving(PlanGrants(tuple_of(Grant, grants), until))

    def deriving(self, plan: PlanGrants) -> Ledger:
        """Return the ledger with the grants of plans, which may be shared by many ledgers."""
        if self._plan is not _NO_PLAN_GRANTS and self._plan.covers(plan, self._latest):
            return self
        found: Ledger | None = None
        for kept in self._derived:
            found = kept._updated(self, plan) if found is None else found  # noqa: SLF001 - a ledger, too
        found = self._deriving(plan) if found is None else found
        found._keeps = _MAX_KEPT  # noqa: SLF001 - as above
        others = (each for each in self._derived if each._plan.by_id != plan.by_id)  # noqa: SLF001 - as above
        self._derived = (found, *others)[:_MAX_KEPT]
        return found

    def _deriving(self, plan: PlanGrants) -> Ledger:
        log, states = plan.located_log(self._log, self._latest)
        grants = self._grants.with_plan_grants(states, replaced=self._plan.by_id)
        return self._copy(_log=log, _grants=grants, _plan=plan, _derived=())

    def _updated(self, other: Ledger, plan: PlanGrants) -> Ledger | None:
        """Return this ledger with the entries that only `other` has, or None if one is late."""
        if not self._plan.covers(plan, self._latest):
            return None
        after: Ledger | None = self
        for entry in other.entries_after(len(self)):
            after = None if after is None else after._next(entry, plan, other._log)  # noqa: SLF001 - a ledger, too
        return after

    def _next(self, entry: Entry, plan: PlanGrants, log: EntryLog) -> Ledger | None:
        """Return the ledger with an entry of another one, or None if it is late."""
        last, self._last = self._last, None
        if last is not None and last.entry is entry and self._plan is plan:
            return last.ledger  # it was posted here before it was added there
        late = to_micros(entry.at) < self._latest
        after = None if late else self._with(plan.located(entry, log, self.find))
        if after is not None:
            after._plan, after._derived = plan, ()  # noqa: SLF001 - as above
        return after

    def _result(self, entry: Entry) -> PostResult:
        after = self._with(entry)
        if after is not None:
            result = _post_result(after, entry)
            if self._keeps:
                self._last, after._keeps = result, self._keeps - 1  # noqa: SLF001 - a ledger, too
            return result
        return self._result(attrs.evolve(entry, shares=(), until=None, refusal=RefusalReason.SPENT))

    def _decide(self, command: LedgerCommand, at: int) -> rules.LedgerDecision:
        match command:
            case Issue(grant=grant):
                if grant.id in self._grants.states:
                    raise DuplicateIdError("grant", grant.id)
                self._grants.issued.check(grant.unit, grant.issued_by_hand)
                return rules.LedgerDecision((GrantShare(grant.id, grant.amount),))
            case Reserve(unit=unit, pools=pools):
                rules.check_overage(command, self._grants.of_unit(unit))
                grants = self._grants.order.for_unit(unit, pools)
                return rules.reserve(command, from_micros(at), grants, self._view(at))
            case Adjust(grant=id, amount=amount):
                self._grants.issued.check(self._grants.grant(id).unit, max(0, amount))
                return rules.decide_about_grant(command, self._view(at))
            case Withdraw(grant=id) | TransferUnits(grant=id):
                self._grants.grant(id)
                return rules.decide_about_grant(command, self._view(at))
            case Commit() | Void() | Expire() | GiveBack():
                return rules.decide_about_entry(command, from_micros(at), self._log)

    def _view(self, at: int) -> views.LedgerView:
        if at >= self._latest:
            return views.CurrentView(self._grants.states, at)
        return views.HistoricView(self._log, self._log, self._grants.states, at)

    def _as_of(self, at: int) -> dict[str, GrantState]:
        if at < self._latest:
            return grant_states_at(self._log, self._log, at, self._plan.by_id.values())
        view = views.CurrentView(self._grants.states, at)
        return {name: view.state(name) for name in self._grants.states}

    def _with(self, entry: Entry) -> Ledger | None:
        """Return the ledger with `entry`, or None if it takes what a later entry took."""
        changed = views.after_entry(entry, self._log, self._grants.states, self._latest)
        if changed is None:
            return None
        grants = self._grants.with_states(changed)
        if entry.refusal is None:
            grants.count(entry.command)
        latest = max(self._latest, to_micros(entry.at))
        return self._copy(_log=self._log_with(entry), _latest=latest, _grants=grants)

    def _log_with(self, entry: Entry) -> EntryLog:
        """Return the log with an entry: that of the ledger with plan grants it was posted to."""
        for each in self._derived:
            last = each._last if each._log is self._log else None  # noqa: SLF001 - a ledger, too
            if last is not None and last.entry is entry:
                return last.ledger._log  # noqa: SLF001 - as above
        return self._log.add(entry)

    def _copy(self, **changes: Any) -> Ledger:
        """Return a ledger with other fields, and without what was computed from them."""
        return copy_with(self, _timelines={}, _last=None, **changes)


def _post_result(ledger: Ledger, entry: Entry) -> PostResult:
    if entry.refusal is None:
        return Posted(ledger=ledger, entry=entry)
    return PostRefused(ledger=ledger, entry=entry, reason=entry.refusal)
