"""Ledger oracle: a simple ledger that replays all commands for every query.

It keeps a list of commands and no totals. Units are counted one by one where that is the simplest
form of a rule. `entitlements.contracts.Ledger` is compared with it; they share the commands, the
entries and the errors, and no rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import TypeAlias, final

import attrs

from entitlements.contracts.allowances.allowance import OveragePolicy, Unit
from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.ledger.balance import Balance
from entitlements.contracts.ledger.entries import (
    Adjust,
    Commit,
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
)
from entitlements.kernel.errors import (
    ConflictError,
    DuplicateIdError,
    InvalidValueError,
    TransitionError,
    UnknownIdError,
)
from entitlements.testing.oracles.sold import grants as events
from entitlements.testing.oracles.sold.grants import Event, NaiveGrant

Answer: TypeAlias = tuple[GrantShare, ...] | RefusalReason


@attrs.define
class Note:
    """One command, the instant at which it takes effect, and its answer."""

    command: LedgerCommand
    at: datetime
    answer: Answer
    until: datetime | None = None

    @property
    def shares(self) -> tuple[GrantShare, ...]:
        """The units by grant; none if the command was refused."""
        return () if isinstance(self.answer, RefusalReason) else self.answer


@final
class NaiveLedger:
    """A list of commands with their answers."""

    def __init__(self) -> None:
        self.notes: list[Note] = []

    def post(self, command: LedgerCommand, at: datetime) -> Answer:
        """Carry out or refuse a command; a used key gets its old answer."""
        for note in self.notes:
            if note.command.key == command.key:
                if note.command == command:
                    return note.answer
                raise ConflictError("the key was used for something else", field="?")
        note = Note(command, at, self._answer(command, at))
        if isinstance(command, Reserve) and command.duration is not None and note.shares:
            note.until = at + command.duration
        if self._takes_from_later(note):
            note.answer = RefusalReason.SPENT
        self.notes.append(note)
        return note.answer

    def balance(self, unit: Unit, at: datetime) -> Balance:
        """Return the sums over all grants of `unit`."""
        states = [self.state(each, at) for each in self._grants() if each.unit is unit]
        names = [each.name for each in attrs.fields(Balance)]
        return Balance(**{name: sum(getattr(s, name) for s in states) for name in names})

    def available(self, unit: Unit, at: datetime, pools: tuple[str, ...] = ()) -> int:
        """Return the units that could be taken at `at`."""
        return sum(self.state(each, at).left for each in self._usable(unit, at, pools))

    def state(self, grant: Grant, at: datetime | None, extra: Note | None = None) -> NaiveGrant:
        """Return the totals of one grant at `at`, or after all notes."""
        state = NaiveGrant()
        ordered = sorted(self._events(grant, extra), key=lambda event: event[:3])
        for _, together in groupby(ordered, key=itemgetter(0)):
            for when, _, _, effect in together:
                if at is None or when <= at:
                    effect(state)
            state.broken |= events.is_broken(state, grant)
        return state

    # The events of a grant: time first, then commands in the order of posting.

    def _events(self, grant: Grant, extra: Note | None) -> Iterator[Event]:
        yield grant.effective, 0, 0, lambda state: events.begin(state, grant)
        if grant.resets is not None:
            yield grant.resets, 0, 1, lambda state: events.reset(state, grant)
        if grant.expires is not None:
            yield grant.expires, 0, 2, events.expire
        notes = [*self.notes, extra] if extra else self.notes
        for number, note in enumerate(notes):
            for share in note.shares:
                if share.grant == grant.id:
                    yield from self._events_of_note(grant, number, note, share, notes)

    def _events_of_note(
        self, grant: Grant, number: int, note: Note, share: GrantShare, notes: list[Note]
    ) -> Iterator[Event]:
        match note.command:
            case Reserve():
                yield note.at, 1, number, lambda state: events.hold(state, share)
                end = self._end_of_hold(note, notes)
                if end is not None:
                    when, rank, place, used = end
                    yield (
                        when,
                        rank,
                        place,
                        lambda state: events.release(state, grant, share, used, (note.at, when)),
                    )
            case GiveBack(commit=commit):
                taken = self._reserved(commit)
                yield (
                    note.at,
                    1,
                    number,
                    lambda state: events.give_back(state, grant, share, (taken, note.at)),
                )
            case Adjust(amount=amount):
                yield note.at, 1, number, lambda state: events.adjust(state, amount)
            case Withdraw():
                yield note.at, 1, number, events.withdraw
            case TransferUnits():
                yield note.at, 1, number, lambda state: events.move(state, share.amount)
            case Issue() | Commit() | Void() | Expire():
                pass

    def _end_of_hold(
        self, hold: Note, notes: list[Note]
    ) -> tuple[datetime, int, int, tuple[GrantShare, ...]] | None:
        for number, note in enumerate(notes):
            if isinstance(note.answer, RefusalReason):
                continue
            match note.command:
                case Commit(hold=key) if key == hold.command.key:
                    return note.at, 1, number, note.shares
                case Void(hold=key) if key == hold.command.key:
                    return note.at, 1, number, ()
                case _:
                    pass
        return None if hold.until is None else (hold.until, 0, 3, ())

    # Rules

    def _answer(self, command: LedgerCommand, at: datetime) -> Answer:  # noqa: PLR0911 - one line a kind
        match command:
            case Issue(grant=grant):
                if any(each.id == grant.id for each in self._grants()):
                    raise DuplicateIdError("grant", grant.id)
                return (GrantShare(grant.id, grant.amount),)
            case Reserve():
                return self._reserve(command, at)
            case Commit(hold=key, amount=amount):
                hold = self._active_hold(key, at)
                units = list(_units(hold.shares))
                count = len(units) if amount is None else amount
                if count > len(units):
                    raise InvalidValueError("more than is held")
                return _counted(hold.shares, units[:count])
            case Void(hold=key):
                return self._active_hold(key, at).shares
            case Expire(hold=key):
                return self._ended(key, at)
            case GiveBack():
                return self._returned(command, at)
            case Adjust() | Withdraw() | TransferUnits():
                return self._on_grant(command, at)

    def _reserve(self, command: Reserve, at: datetime) -> Answer:
        grants = [
            each
            for each in self._usable(command.unit, at, command.pools)
            if not command.grants or each.id in command.grants
        ]
        if not grants:
            return RefusalReason.NOTHING_GRANTED
        taken: dict[str, GrantShare] = {}
        need = command.amount
        for grant in grants:
            share = self._take(grant, command, at, min(need, self.state(grant, at).left), 0)
            taken[grant.id] = share
            need -= share.amount
        for grant in grants:
            if grant.over_use is OveragePolicy.ALLOW_WITH_CONSENT and not command.consent:
                continue
            room = need if grant.cap is None else grant.cap - self.state(grant, at).overage
            if grant.over_use is not OveragePolicy.REFUSE and need:
                share = self._take(grant, command, at, 0, max(0, min(need, room)))
                taken[grant.id] = attrs.evolve(taken[grant.id], overage=share.overage)
                need -= share.overage
        if not need:
            return tuple(each for each in taken.values() if each.amount or each.overage)
        policies = [grant.over_use for grant in grants]
        if OveragePolicy.ALLOW_WITH_CONSENT in policies and not command.consent:
            return RefusalReason.CONSENT_NEEDED
        return RefusalReason.CAP_REACHED if OveragePolicy.CAP in policies else RefusalReason.SPENT

    def _take(
        self, grant: Grant, command: Reserve, at: datetime, amount: int, overage: int
    ) -> GrantShare:
        """Return the most that can be taken without taking from later notes."""
        share = GrantShare(grant.id, amount, overage)
        while share.amount or share.overage:
            until = None if command.duration is None else at + command.duration
            if not self.state(grant, None, Note(command, at, (share,), until)).broken:
                return share
            share = GrantShare(grant.id, max(0, share.amount - 1), max(0, share.overage - 1))
        return share

    def _on_grant(self, command: Adjust | Withdraw | TransferUnits, at: datetime) -> Answer:
        for grant in self._grants():
            if grant.id == command.grant:
                break
        else:
            raise UnknownIdError("grant", command.grant)
        state = self.state(grant, at)
        over = state.withdrawn or (grant.expires is not None and grant.expires <= at)
        begun = grant.effective <= at
        match command:
            case Withdraw():
                if over:
                    raise TransitionError("over")
                return (GrantShare(grant.id, state.left),)
            case Adjust(amount=amount):
                if over or not begun:
                    raise TransitionError("not in force")
                return (
                    RefusalReason.SPENT
                    if state.left + amount < 0
                    else (GrantShare(grant.id, amount),)
                )
            case TransferUnits(amount=wanted):
                if over or not begun:
                    raise TransitionError("not in force")
                count = state.left if wanted is None else wanted
                enough = 0 < count <= state.left
                return (GrantShare(grant.id, count),) if enough else RefusalReason.SPENT

    def _active_hold(self, key: str, at: datetime) -> Note:
        hold = self._find(key, Reserve, "hold")
        self._check_unresolved(key)
        if at < hold.at or (hold.until is not None and hold.until <= at):
            raise TransitionError("not running")
        return hold

    def _ended(self, key: str, at: datetime) -> Answer:
        hold = self._find(key, Reserve, "hold")
        self._check_unresolved(key)
        if hold.until is None or at < hold.until:
            raise TransitionError("not ended")
        if any(isinstance(n.command, Expire) and n.command.hold == key for n in self.notes):
            raise TransitionError("recorded before")
        return hold.shares

    def _check_unresolved(self, key: str) -> None:
        for note in self.notes:
            resolves = isinstance(note.command, Commit | Void) and note.command.hold == key
            if resolves and not isinstance(note.answer, RefusalReason):
                raise TransitionError("resolved before")

    def _returned(self, command: GiveBack, at: datetime) -> Answer:
        use = self._find(command.commit, Commit, "commit")
        if at < use.at:
            raise TransitionError("gives back before the use")
        units = list(_units(use.shares))
        for note in self.notes:
            if isinstance(note.command, GiveBack) and note.command.commit == command.commit:
                units = units[: len(units) - len(list(_units(note.shares)))]
        if not units:
            raise TransitionError("nothing is left to give back")
        count = len(units) if command.amount is None else command.amount
        if count > len(units):
            raise InvalidValueError("more than was used")
        return _counted(use.shares, units[len(units) - count :])

    def _takes_from_later(self, note: Note) -> bool:
        touched = {share.grant for share in note.shares}
        if isinstance(note.command, Commit | Void):
            touched = {share.grant for share in self._find(note.command.hold, Reserve, "").shares}
        return any(
            self.state(each, None, note).broken for each in self._grants() if each.id in touched
        )

    def _usable(self, unit: Unit, at: datetime, pools: tuple[str, ...]) -> list[Grant]:
        usable = [
            each
            for each in self._grants()
            if each.unit is unit
            and each.effective <= at
            and (each.expires is None or at < each.expires)
            and (not pools or each.pool in pools)
            and not self.state(each, at).withdrawn
        ]
        usable.sort(key=lambda each: each.id)
        usable.sort(key=lambda each: each.effective)
        usable.sort(key=lambda each: (each.expires is None, each.expires or each.effective))
        usable.sort(key=lambda each: each.priority)
        return usable

    def _grants(self) -> list[Grant]:
        return [note.command.grant for note in self.notes if isinstance(note.command, Issue)]

    def _reserved(self, commit: str) -> datetime:
        command = self._find(commit, Commit, "commit").command
        if not isinstance(command, Commit):
            raise UnknownIdError("commit", commit)
        return self._find(command.hold, Reserve, "hold").at

    def _find(self, key: str, kind: type[LedgerCommand], what: str) -> Note:
        for note in self.notes:
            refused = isinstance(note.answer, RefusalReason)
            if note.command.key == key and isinstance(note.command, kind) and not refused:
                return note
        raise UnknownIdError(what, key)


def _units(shares: tuple[GrantShare, ...]) -> Iterator[tuple[str, bool]]:
    """Yield every unit in the order of taking: from the grants first, overage last."""
    for share in shares:
        yield from [(share.grant, False)] * share.amount
    for share in shares:
        yield from [(share.grant, True)] * share.overage


def _counted(
    shares: tuple[GrantShare, ...], units: list[tuple[str, bool]]
) -> tuple[GrantShare, ...]:
    found = (
        GrantShare(each.grant, units.count((each.grant, False)), units.count((each.grant, True)))
        for each in shares
    )
    return tuple(each for each in found if each.amount or each.overage)
