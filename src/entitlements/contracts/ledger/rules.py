"""Ledger rules: for each kind of command, the units that it takes, or why it is refused.

A refusal is a decision like any other and becomes an entry. An invalid command (an unknown id, a
hold that was resolved before) raises an error and leaves no entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias, final

import attrs

from entitlements.contracts.allowances.allowance import OveragePolicy
from entitlements.contracts.allowances.quantities import MAX_QUANTITY
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
from entitlements.contracts.ledger.grants.effects import Effect, hold_effect
from entitlements.contracts.ledger.grants.grant_state import GrantState
from entitlements.contracts.ledger.grants.views import LedgerView
from entitlements.kernel.errors import (
    InvalidValueError,
    LimitExceededError,
    TransitionError,
    UnknownIdError,
)
from entitlements.kernel.instants import LATEST, from_micros, micros_or_end, text_of


@final
@attrs.frozen
class LedgerDecision:
    """The decision about a command: shares in the order of taking, or a refusal.

    Attributes:
        shares: The units by grant.
        until: End of the hold, if it is one with an end.
        refusal: Why the command is refused, or None.
    """

    shares: tuple[GrantShare, ...] = ()
    until: datetime | None = None
    refusal: RefusalReason | None = None

    def entry(self, number: int, command: LedgerCommand, at: int, recorded: int) -> Entry:
        """Return the entry of a command that takes effect at `at` and is recorded at `recorded`."""
        return Entry(
            number=number,
            command=command,
            at=from_micros(at),
            recorded=from_micros(recorded),
            shares=self.shares,
            until=self.until,
            refusal=self.refusal,
        )


GrantIds: TypeAlias = Sequence[str]


def reserve(command: Reserve, at: datetime, grants: GrantIds, view: LedgerView) -> LedgerDecision:
    """Take units from grants in consumption order, then overage in the same order; all or none."""
    until = None if command.duration is None else _end(at, command.duration)
    end = micros_or_end(until)

    def taking(grant: str, *, overage: bool) -> Callable[[int], Effect]:
        def effect(n: int) -> Effect:
            return hold_effect(
                command.key, end, GrantShare(grant, 0, n) if overage else GrantShare(grant, n)
            )

        return effect

    if command.grants:
        grants = [each for each in grants if each in command.grants]
    left = command.amount
    amounts: dict[str, int] = {}
    overages: dict[str, int] = {}
    in_force: list[GrantState] = []
    for grant in grants:
        state = view.state(grant)
        if state.in_force:
            in_force.append(state)
            amount = min(left, max(state.unheld, 0))
            amounts[grant] = view.max_amount(grant, amount, taking(grant, overage=False))
            left -= amounts[grant]
        if not left:
            break
    for state in in_force if left else ():
        grant = state.grant.id
        amount = min(left, _overage_room(state, consent=command.consent))
        overages[grant] = view.max_amount(grant, amount, taking(grant, overage=True))
        left -= overages[grant]
    if left:
        return LedgerDecision(refusal=_refusal(in_force, command))
    shares = (GrantShare(each, taken, overages.get(each, 0)) for each, taken in amounts.items())
    return LedgerDecision(tuple(each for each in shares if each.amount or each.overage), until)


def check_overage(command: Reserve, states: Iterable[GrantState]) -> None:
    """Raise `LimitExceededError` if the sum of overage does not fit into 64 bits."""
    if sum(each.overage for each in states) + command.amount > MAX_QUANTITY:
        raise LimitExceededError(f"overage of `{command.key}` does not fit into 64 bits")


def decide_about_entry(
    command: Commit | Void | Expire | GiveBack, at: datetime, log: EntryLog
) -> LedgerDecision:
    """Return the decision about a command that names an earlier entry."""
    match command:
        case Commit():
            return commit(command, at, log)
        case Void():
            return void(command, at, log)
        case Expire():
            return expire(command, at, log)
        case GiveBack():
            return give_back(command, at, log)


def decide_about_grant(
    command: Adjust | Withdraw | TransferUnits, view: LedgerView
) -> LedgerDecision:
    """Return the decision about a command that names a grant."""
    match command:
        case Adjust():
            return adjust(command, view)
        case Withdraw():
            return withdraw(command, view)
        case TransferUnits():
            return transfer_out(command, view)


def commit(command: Commit, at: datetime, log: EntryLog) -> LedgerDecision:
    """Use the first units of a hold, in the order in which they were taken.

    Raises:
        UnknownIdError: There is no such hold.
        TransitionError: It was resolved, has ended, or has not begun.
        InvalidValueError: More is committed than is held.
    """
    hold = active_hold(command.hold, at, log)
    amount = hold.total if command.amount is None else command.amount
    if amount > hold.total:
        raise InvalidValueError(
            f"commit `{command.key}` of `{amount}` is more than hold `{command.hold}` has",
            hint=f"it holds `{hold.total}`; reserve the rest first",
        )
    return LedgerDecision(units_between(hold.shares, 0, amount))


def void(command: Void, at: datetime, log: EntryLog) -> LedgerDecision:
    """Return all units of a hold; raises what `commit` raises."""
    return LedgerDecision(active_hold(command.hold, at, log).shares)


def expire(command: Expire, at: datetime, log: EntryLog) -> LedgerDecision:
    """Record what the end of a hold returned.

    Raises:
        UnknownIdError: There is no such hold.
        TransitionError: It was resolved, has not ended, or its end was recorded before.
    """
    hold = _find_hold(command.hold, log)
    _check_unresolved(command.hold, log)
    if hold.until is None or at < hold.until:
        raise TransitionError(f"hold `{command.hold}` has not ended", hint="void it instead")
    if any(isinstance(each.command, Expire) for each in log.entries_about(command.hold)):
        raise TransitionError(f"the end of hold `{command.hold}` was recorded before")
    return LedgerDecision(hold.shares)


def give_back(command: GiveBack, at: datetime, log: EntryLog) -> LedgerDecision:
    """Return the last units of a commit, in the reverse order of taking.

    Raises:
        UnknownIdError: There is no such commit.
        TransitionError: It is later, or all of it was given back before.
        InvalidValueError: More is given back than is used.
    """
    used = log.find(command.commit)
    if used is None or used.refusal is not None or not isinstance(used.command, Commit):
        raise UnknownIdError("commit", command.commit)
    if at < used.at:
        raise TransitionError(f"commit `{command.commit}` is later than `{text_of(at)}`")
    returned = sum(each.total for each in log.entries_about(command.commit))
    rest = used.total - returned
    amount = rest if command.amount is None else command.amount
    if not rest:
        raise TransitionError(f"nothing of commit `{command.commit}` is left to give back")
    if amount > rest:
        raise InvalidValueError(
            f"`{command.key}` gives back `{amount}`, more than `{command.commit}` used",
            hint=f"`{rest}` is left to give back",
        )
    return LedgerDecision(units_between(used.shares, rest - amount, rest))


def adjust(command: Adjust, view: LedgerView) -> LedgerDecision:
    """Add units to a grant, or void some that are left.

    Raises:
        TransitionError: The grant is not in force.
    """
    state = _in_force(command.grant, view)
    if command.amount < -state.available:
        return LedgerDecision(refusal=RefusalReason.SPENT)
    return LedgerDecision((GrantShare(command.grant, command.amount),))


def withdraw(command: Withdraw, view: LedgerView) -> LedgerDecision:
    """Void what is left of a grant, begun or not; raise `TransitionError` if it has ended."""
    state = view.state(command.grant)
    if state.withdrawn or state.until <= state.at:
        raise TransitionError(f"grant `{command.grant}` has ended or was withdrawn")
    return LedgerDecision((GrantShare(command.grant, state.unheld),))


def transfer_out(command: TransferUnits, view: LedgerView) -> LedgerDecision:
    """Take units that are left from a grant; raise `TransitionError` if it is not in force."""
    state = _in_force(command.grant, view)
    amount = state.available if command.amount is None else command.amount
    if not amount or amount > state.available:
        return LedgerDecision(refusal=RefusalReason.SPENT)
    return LedgerDecision((GrantShare(command.grant, amount),))


def active_hold(key: str, at: datetime, log: EntryLog) -> Entry:
    """Return the hold called `key` if it is active at `at` and was never resolved.

    Raises:
        UnknownIdError: There is no such hold.
        TransitionError: It was resolved, has not begun, or has ended.
    """
    hold = _find_hold(key, log)
    _check_unresolved(key, log)
    if at < hold.at:
        raise TransitionError(f"hold `{key}` begins after `{text_of(at)}`")
    if hold.until is not None and hold.until <= at:
        raise TransitionError(
            f"hold `{key}` ended at `{text_of(hold.until)}`", hint="reserve again"
        )
    return hold


def is_held(entry: Entry, at: datetime, log: EntryLog) -> bool:
    """Return whether an entry is a reservation that is neither resolved nor ended at `at`."""
    if not isinstance(entry.command, Reserve) or entry.refusal is not None or entry.at > at:
        return False
    resolved = resolution(entry.key, log)
    ended = entry.until is not None and entry.until <= at
    return not ended and (resolved is None or resolved.at > at)


def resolution(key: str, log: EntryLog) -> Entry | None:
    """Return the commit or void of the hold called `key`, or None."""
    for each in log.entries_about(key):
        if isinstance(each.command, Commit | Void):
            return each
    return None


def _find_hold(key: str, log: EntryLog) -> Entry:
    hold = log.find(key)
    if hold is None or hold.refusal is not None or not isinstance(hold.command, Reserve):
        raise UnknownIdError("hold", key)
    return hold


def _check_unresolved(key: str, log: EntryLog) -> None:
    before = resolution(key, log)
    if before is not None:
        raise TransitionError(f"hold `{key}` was resolved before, by `{before.key}`")


def _in_force(grant: str, view: LedgerView) -> GrantState:
    state = view.state(grant)
    if not state.in_force:
        raise TransitionError(
            f"grant `{grant}` is not in force", hint="it has not begun, has ended or was withdrawn"
        )
    return state


def _overage_room(state: GrantState, *, consent: bool) -> int:
    if state.grant.over_use is OveragePolicy.ALLOW_WITH_CONSENT and not consent:
        return 0
    return max(state.overage_room, 0)


def _refusal(in_force: Sequence[GrantState], command: Reserve) -> RefusalReason:
    if not in_force:
        return RefusalReason.NOTHING_GRANTED
    policies = {state.grant.over_use for state in in_force}
    if OveragePolicy.ALLOW_WITH_CONSENT in policies and not command.consent:
        return RefusalReason.CONSENT_NEEDED
    return RefusalReason.CAP_REACHED if OveragePolicy.CAP in policies else RefusalReason.SPENT


def _end(at: datetime, duration: timedelta) -> datetime | None:
    """Return when a hold ends, or None if that is after the last supported instant."""
    return at + duration if duration < LATEST - at else None
