"""What does an entry do to the grants it touches? And what did all of them do until then?

Entries count in the order of their instants, and at one instant in the order of their numbers;
when they became known does not matter. An entry that arrives late is folded in its place.
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
from entitlements.contracts.ledger.grant_state import GrantState
from entitlements.kernel.errors import UnknownIdError
from entitlements.kernel.instants import micros_or_end, to_micros

Effect: TypeAlias = Callable[[GrantState], None]
Effects: TypeAlias = dict[str, Effect]


def entry_effects(entry: Entry, journal: EntryLog) -> Effects:  # noqa: PLR0911 - one line a kind
    """Return what `entry` does to each grant it touches; nothing, if it was refused.

    Raises:
        UnknownIdError: the entry refers to a hold or a use that the journal does not have.
    """
    if entry.refusal is not None:
        return {}
    match entry.command:
        case Reserve(key=key):
            until = micros_or_end(entry.until)
            return {share.grant: hold_effect(key, until, share) for share in entry.shares}
        case Commit(hold=hold):
            return _settled(journal, hold, entry.shares)
        case Void(hold=hold):
            return _settled(journal, hold, ())
        case GiveBack(commit=commit):
            since = held_since(journal, commit)
            return {share.grant: _given_back(share, since) for share in entry.shares}
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
    """Return the effect of holding `share`."""
    return partial(
        GrantState.hold, key=key, until=until, amount=share.amount, overage=share.overage
    )


def in_effective_order(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries in the order in which they count."""
    return sorted(entries, key=lambda each: (each.at, each.number))


def grant_states_at(
    entries: Iterable[Entry], journal: EntryLog, until: int, plan: Iterable[Grant] = ()
) -> dict[str, GrantState]:
    """Return the tallies at `until`, from the beginning, after all entries up to that instant.

    Grants whose entry lies later are there too, for their own dates say when they count. What was
    taken of plan grants that are not given in `plan` is left out.
    """
    every = in_effective_order(entries)
    tallies = {
        each.command.grant.id: GrantState(each.command.grant)
        for each in every
        if isinstance(each.command, Issue) and each.refusal is None
    }
    tallies |= {each.id: GrantState(each) for each in plan}
    move(tallies, every, journal, until)
    return tallies


def move(
    tallies: Mapping[str, GrantState],
    every: Iterable[Entry],
    journal: EntryLog,
    until: int,
    *,
    plans_only: bool = False,
) -> None:
    """Let entries, in the order in which they count, move the tallies they touch up to `until`."""
    for entry in every:
        at = to_micros(entry.at)
        if at > until:
            break
        for grant, effect in entry_effects(entry, journal).items():
            tally = tallies.get(grant)
            if tally is not None:
                tally.advance(at)
                effect(tally)
            elif not plans_only and plan_pool(grant) is None:
                raise UnknownIdError("grant", grant, known=tallies)
    for tally in tallies.values():
        tally.advance(until)


def held_since(journal: EntryLog, commit: str) -> int:
    """Return the instant at which the units of a commit were held first."""
    entry = journal.find(commit)
    if entry is None or not isinstance(entry.command, Commit):
        raise UnknownIdError("commit", commit)
    return to_micros(_hold(journal, entry.command.hold).at)


def _settled(journal: EntryLog, hold: str, used: tuple[GrantShare, ...]) -> Effects:
    entry = _hold(journal, hold)
    shares = {each.grant: each for each in used}
    done: Effects = {}
    for share in entry.shares:
        use = shares.get(share.grant, GrantShare(share.grant, 0))
        done[share.grant] = partial(
            GrantState.resolve, key=hold, amount=use.amount, overage=use.overage
        )
    return done


def _hold(journal: EntryLog, key: str) -> Entry:
    entry = journal.find(key)
    if entry is None or entry.refusal is not None or not isinstance(entry.command, Reserve):
        raise UnknownIdError("hold", key)
    return entry


def _given_back(share: GrantShare, since: int) -> Effect:
    return partial(GrantState.give_back, amount=share.amount, overage=share.overage, since=since)
