"""May these units be taken, used, given back? One rule for each kind of command.

A verdict is the part of an entry that is decided: who bears how much, or why nothing is done.
Nonsense (an unknown name, a hold that was resolved before) is an error and leaves no trace; "no"
is a verdict like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias, final

import attrs

from entitlements.contracts.allowances.allowance import OveragePolicy
from entitlements.contracts.allowances.quantities import MAX_QUANTITY
from entitlements.contracts.ledger.effects import Effect, hold_effect
from entitlements.contracts.ledger.entries import (
    Adjust,
    Commit,
    Entry,
    Expire,
    GiveBack,
    GrantShare,
    LedgerCommand,
    RefusalReason,
    Reserve,
    TransferUnits,
    Void,
    Withdraw,
    units_between,
)
from entitlements.contracts.ledger.entry_log import EntryLog
from entitlements.contracts.ledger.grant_state import GrantState
from entitlements.contracts.ledger.views import LedgerView
from entitlements.kernel.errors import (
    InvalidValueError,
    LimitExceededError,
    TransitionError,
    UnknownIdError,
)
from entitlements.kernel.instants import LATEST, from_micros, micros_or_end


@final
@attrs.frozen
class LedgerDecision:
    """What is to be done: shares in the order of taking, or a refusal."""

    shares: tuple[GrantShare, ...] = ()
    until: datetime | None = None
    refusal: RefusalReason | None = None

    def entry(self, number: int, command: LedgerCommand, at: int, known: int) -> Entry:
        """Return the entry about a command that counts at `at` and becomes known at `known`."""
        return Entry(
            number=number,
            command=command,
            at=from_micros(at),
            recorded=from_micros(known),
            shares=self.shares,
            until=self.until,
            refusal=self.refusal,
        )


GrantIds: TypeAlias = Sequence[str]


def reserve(command: Reserve, at: datetime, burn: GrantIds, view: LedgerView) -> LedgerDecision:
    """Take units from grants in burn order, then as overage in the same order; all or none."""
    until = None if command.lasts is None else _end(at, command.lasts)
    end = micros_or_end(until)

    def taking(grant: str, *, overage: bool) -> Callable[[int], Effect]:
        def effect(n: int) -> Effect:
            return hold_effect(
                command.key, end, GrantShare(grant, 0, n) if overage else GrantShare(grant, n)
            )

        return effect

    left = command.amount
    amounts: dict[str, int] = {}
    overages: dict[str, int] = {}
    in_force: list[GrantState] = []
    for grant in burn:
        tally = view.tally(grant)
        if tally.in_force:
            in_force.append(tally)
            wanted = min(left, max(tally.unheld, 0))
            amounts[grant] = view.max_amount(grant, wanted, taking(grant, overage=False))
            left -= amounts[grant]
        if not left:
            break
    for tally in in_force if left else ():
        grant = tally.grant.id
        wanted = min(left, _room(tally, consent=command.consent))
        overages[grant] = view.max_amount(grant, wanted, taking(grant, overage=True))
        left -= overages[grant]
    if left:
        return LedgerDecision(refusal=_why_not(in_force, command))
    shares = (GrantShare(each, taken, overages.get(each, 0)) for each, taken in amounts.items())
    return LedgerDecision(tuple(each for each in shares if each.amount or each.overage), until)


def check_overage(command: Reserve, tallies: Iterable[GrantState]) -> None:
    """Raise `LimitExceededError` if all overage of a unit would not fit into 64 bits."""
    if sum(each.overage for each in tallies) + command.amount > MAX_QUANTITY:
        raise LimitExceededError(f"overage of `{command.key}` would not fit into 64 bits")


def decide_about_entry(
    command: Commit | Void | Expire | GiveBack, at: datetime, journal: EntryLog
) -> LedgerDecision:
    """Return the verdict on a command that is about an earlier entry."""
    match command:
        case Commit():
            return commit(command, at, journal)
        case Void():
            return void(command, at, journal)
        case Expire():
            return expire(command, at, journal)
        case GiveBack():
            return give_back(command, at, journal)


def decide_about_grant(
    command: Adjust | Withdraw | TransferUnits, view: LedgerView
) -> LedgerDecision:
    """Return the verdict on a command that is about a grant."""
    match command:
        case Adjust():
            return adjust(command, view)
        case Withdraw():
            return withdraw(command, view)
        case TransferUnits():
            return transfer_out(command, view)


def commit(command: Commit, at: datetime, journal: EntryLog) -> LedgerDecision:
    """Use the first units of a hold, in the order in which they were taken.

    Raises:
        UnknownIdError: there is no such hold.
        TransitionError: it was resolved, has ended, or has not begun.
        InvalidValueError: more is committed than is held.
    """
    hold = active_hold(command.hold, at, journal)
    wanted = hold.total if command.amount is None else command.amount
    if wanted > hold.total:
        raise InvalidValueError(
            f"commit `{command.key}` of `{wanted}` is above hold `{command.hold}`",
            hint=f"it holds `{hold.total}`; reserve the rest first",
        )
    return LedgerDecision(units_between(hold.shares, 0, wanted))


def void(command: Void, at: datetime, journal: EntryLog) -> LedgerDecision:
    """Give all units of a hold back; raises what `commit` raises."""
    return LedgerDecision(active_hold(command.hold, at, journal).shares)


def expire(command: Expire, at: datetime, journal: EntryLog) -> LedgerDecision:
    """Write down what a hold's end gave back.

    Raises:
        UnknownIdError: there is no such hold.
        TransitionError: it was resolved, has not ended, or its end was written down before.
    """
    hold = _find_hold(command.hold, journal)
    _check_unresolved(command.hold, journal)
    if hold.until is None or at < hold.until:
        raise TransitionError(f"hold `{command.hold}` has not ended", hint="void it instead")
    if any(isinstance(each.command, Expire) for each in journal.entries_about(command.hold)):
        raise TransitionError(f"the end of hold `{command.hold}` was written down before")
    return LedgerDecision(hold.shares)


def give_back(command: GiveBack, at: datetime, journal: EntryLog) -> LedgerDecision:
    """Return the last units of a use, in the reverse order of taking.

    Raises:
        UnknownIdError: there is no such commit.
        TransitionError: it lies later, or all of it was given back before.
        InvalidValueError: more is given back than is used.
    """
    use = journal.find(command.commit)
    if use is None or use.refusal is not None or not isinstance(use.command, Commit):
        raise UnknownIdError("commit", command.commit)
    if at < use.at:
        raise TransitionError(f"commit `{command.commit}` lies after `{at}`")
    given = sum(each.total for each in journal.entries_about(command.commit))
    rest = use.total - given
    wanted = rest if command.amount is None else command.amount
    if not rest:
        raise TransitionError(f"nothing of commit `{command.commit}` is left to give back")
    if wanted > rest:
        raise InvalidValueError(
            f"`{command.key}` gives back `{wanted}`, more than `{command.commit}` used",
            hint=f"`{rest}` is left to give back",
        )
    return LedgerDecision(units_between(use.shares, rest - wanted, rest))


def adjust(command: Adjust, view: LedgerView) -> LedgerDecision:
    """Add units to a grant, or void some that are left; raise `TransitionError` if it is over."""
    tally = _standing(command.grant, view)
    if command.amount < -tally.available:
        return LedgerDecision(refusal=RefusalReason.SPENT)
    return LedgerDecision((GrantShare(command.grant, command.amount),))


def withdraw(command: Withdraw, view: LedgerView) -> LedgerDecision:
    """Void what is left of a grant, begun or not; raise `TransitionError` if it is over."""
    tally = view.tally(command.grant)
    if tally.withdrawn or tally.until <= tally.at:
        raise TransitionError(f"grant `{command.grant}` is over")
    return LedgerDecision((GrantShare(command.grant, tally.unheld),))


def transfer_out(command: TransferUnits, view: LedgerView) -> LedgerDecision:
    """Take units that are left out of a grant; raise `TransitionError` if it is over."""
    tally = _standing(command.grant, view)
    wanted = tally.available if command.amount is None else command.amount
    if not wanted or wanted > tally.available:
        return LedgerDecision(refusal=RefusalReason.SPENT)
    return LedgerDecision((GrantShare(command.grant, wanted),))


def active_hold(key: str, at: datetime, journal: EntryLog) -> Entry:
    """Return the hold called `key` if it runs at `at` and was never resolved."""
    hold = _find_hold(key, journal)
    _check_unresolved(key, journal)
    if at < hold.at:
        raise TransitionError(f"hold `{key}` begins after `{at}`")
    if hold.until is not None and hold.until <= at:
        raise TransitionError(f"hold `{key}` ended at `{hold.until}`", hint="reserve again")
    return hold


def is_held(entry: Entry, at: datetime, journal: EntryLog) -> bool:
    """Return whether an entry is a reservation that is neither resolved nor ended at `at`."""
    if not isinstance(entry.command, Reserve) or entry.refusal is not None or entry.at > at:
        return False
    resolved = resolution(entry.key, journal)
    ended = entry.until is not None and entry.until <= at
    return not ended and (resolved is None or resolved.at > at)


def resolution(key: str, journal: EntryLog) -> Entry | None:
    """Return the commit or void of the hold called `key`, or None."""
    for each in journal.entries_about(key):
        if isinstance(each.command, Commit | Void):
            return each
    return None


def _find_hold(key: str, journal: EntryLog) -> Entry:
    hold = journal.find(key)
    if hold is None or hold.refusal is not None or not isinstance(hold.command, Reserve):
        raise UnknownIdError("hold", key)
    return hold


def _check_unresolved(key: str, journal: EntryLog) -> None:
    before = resolution(key, journal)
    if before is not None:
        raise TransitionError(f"hold `{key}` was resolved before, by `{before.key}`")


def _standing(grant: str, view: LedgerView) -> GrantState:
    tally = view.tally(grant)
    if not tally.in_force:
        raise TransitionError(
            f"grant `{grant}` is not in force", hint="it has not begun, has ended or was withdrawn"
        )
    return tally


def _room(tally: GrantState, *, consent: bool) -> int:
    if tally.grant.over_use is OveragePolicy.ALLOW_WITH_CONSENT and not consent:
        return 0
    return max(tally.overage_room, 0)


def _why_not(in_force: Sequence[GrantState], command: Reserve) -> RefusalReason:
    if not in_force:
        return RefusalReason.NOTHING_GRANTED
    policies = {tally.grant.over_use for tally in in_force}
    if OveragePolicy.ALLOW_WITH_CONSENT in policies and not command.consent:
        return RefusalReason.CONSENT_NEEDED
    return RefusalReason.CAP_REACHED if OveragePolicy.CAP in policies else RefusalReason.SPENT


def _end(at: datetime, lasts: timedelta) -> datetime | None:
    """Return when a hold ends, or None where that is past the last instant there is."""
    return at + lasts if lasts < LATEST - at else None
