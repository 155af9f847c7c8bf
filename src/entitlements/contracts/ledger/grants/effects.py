"""Effects: what an entry does to the grants it names, and the replay of all entries.

Entries take effect in the order of their instants, and at one instant in the order of their
numbers; when they became known does not matter. A late entry is applied at its instant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TypeAlias

from entitlements.contracts.allowances.grants import Grant, plan_pool
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
)
from entitlements.contracts.ledger.entry_log import EntryLog
from entitlements.contracts.ledger.grants.grant_state import GrantState
from entitlements.kernel.errors import UnknownIdError
from entitlements.kernel.instants import micros_or_end, to_micros

Effect: TypeAlias = Callable[[GrantState], None]
Effects: TypeAlias = dict[str, Effect]


def entry_effects(entry: Entry, log: EntryLog) -> Effects:  # noqa: PLR0911 - one line a kind
    """Return what `entry` does to each grant it names; nothing if it was refused.

    Raises:
        UnknownIdError: The entry names a hold or commit that the log does not have.
    """
    if entry.refusal is not None:
        return {}
    match entry.command:
        case Reserve(key=key):
            until = micros_or_end(entry.until)
            return {share.grant: hold_effect(key, until, share) for share in entry.shares}
        case Commit(hold=hold):
            return _resolve_effects(log, hold, entry.shares)
        case Void(hold=hold):
            return _resolve_effects(log, hold, ())
        case GiveBack(commit=commit):
            since = held_since(log, commit)
            return {share.grant: _give_back_effect(share, since) for share in entry.shares}
        case Adjust(amount=amount):
            return {
                share.grant: partial(GrantState.adjust, amount=amount) for share in entry.shares
            }
        case Withdraw():
            return {share.grant: GrantState.withdraw for share in entry.shares}
        case TransferUnits():
            return {
                share.grant: partial(GrantState.move, amount=share.amount) for share in entry.shares
            }
        case Issue() | Expire():
            return {}


def hold_effect(key: str, until: int, share: GrantShare) -> Effect:
    """Return the effect of holding `share` until `until`."""
    return partial(
        GrantState.hold, key=key, until=until, amount=share.amount, overage=share.overage
    )


def in_effective_order(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries in the order in which they take effect."""
    return sorted(entries, key=lambda each: (each.at, each.number))


def grant_states_at(
    entries: Iterable[Entry], log: EntryLog, until: int, plan: Iterable[Grant] = ()
) -> dict[str, GrantState]:
    """Return the state of each grant at `until`, by a replay of all entries up to that instant.

    Grants issued by later entries are included, because their own dates say when they count. Units
    taken from plan grants that are not in `plan` are left out.
    """
    ordered = in_effective_order(entries)
    states = {
        each.command.grant.id: GrantState.of(each.command.grant)
        for each in ordered
        if isinstance(each.command, Issue) and each.refusal is None
    }
    states |= {each.id: GrantState.of(each) for each in plan}
    apply_entries(states, ordered, log, until)
    return states


def apply_entries(
    states: Mapping[str, GrantState],
    ordered: Iterable[Entry],
    log: EntryLog,
    until: int,
    *,
    plans_only: bool = False,
) -> None:
    """Apply entries, in the order in which they take effect, to grant states up to `until`.

    Raises:
        UnknownIdError: An entry names a grant that is not there, unless it is a plan's, or
            `plans_only` is set.
    """
    for entry in ordered:
        at = to_micros(entry.at)
        if at > until:
            break
        for grant, effect in entry_effects(entry, log).items():
            state = states.get(grant)
            if state is not None:
                state.advance(at)
                effect(state)
            elif not plans_only and plan_pool(grant) is None:
                raise UnknownIdError("grant", grant, known=states)
    for state in states.values():
        state.advance(until)


def held_since(log: EntryLog, commit: str) -> int:
    """Return the instant at which the units of a commit were held first."""
    entry = log.find(commit)
    if entry is None or not isinstance(entry.command, Commit):
        raise UnknownIdError("commit", commit)
    return to_micros(_hold(log, entry.command.hold).at)


def _resolve_effects(log: EntryLog, hold: str, used: tuple[GrantShare, ...]) -> Effects:
    entry = _hold(log, hold)
    shares = {each.grant: each for each in used}
    effects: Effects = {}
    for share in entry.shares:
        use = shares.get(share.grant, GrantShare(share.grant, 0))
        effects[share.grant] = partial(
            GrantState.resolve, key=hold, amount=use.amount, overage=use.overage
        )
    return effects


def _hold(log: EntryLog, key: str) -> Entry:
    entry = log.find(key)
    if entry is None or entry.refusal is not None or not isinstance(entry.command, Reserve):
        raise UnknownIdError("hold", key)
    return entry


def _give_back_effect(share: GrantShare, since: int) -> Effect:
    return partial(GrantState.give_back, amount=share.amount, overage=share.overage, since=since)
