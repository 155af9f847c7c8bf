"""How is the text of a ledger entry written without a detour? What is kept most often, for a third.

It is the text that the converter of all values would write, character by character; the tests hold
them against each other. Commands that are rare go through the converter.
"""

from __future__ import annotations

from collections.abc import Callable
from json.encoder import encode_basestring_ascii as quoted
from typing import Any, Final

from entitlements.contracts.ledger.entries import Commit, Entry, Expire, GrantShare, Reserve, Void
from entitlements.kernel.digests import stored_name
from entitlements.kernel.instants import MICROSECOND, to_micros


def entry_text(entry: Entry, at: int, recorded: int, other: Callable[[Any], str]) -> str:
    """Return the text of an entry.

    Args:
        entry: Which.
        at: Its instant in microseconds, which the caller has at hand.
        recorded: The instant at which it became known, too.
        other: What writes a command that is not written here.
    """
    command = entry.command
    asked = _WRITERS.get(type(command), other)(command)
    shares = ",".join([_share(each) for each in entry.shares])
    until = "null" if entry.until is None else to_micros(entry.until)
    refusal = "null" if entry.refusal is None else quoted(entry.refusal)
    return (
        f'{{"number":{entry.number},"command":{asked},"at":{at},"recorded":{recorded},'
        f'"shares":[{shares}],"until":{until},"refusal":{refusal}}}'
    )


def _share(share: GrantShare) -> str:
    return f'{{"grant":{quoted(share.grant)},"amount":{share.amount},"overage":{share.overage}}}'


def _reserve(command: Reserve) -> str:
    lasts = "null" if command.lasts is None else command.lasts // MICROSECOND
    pools = ",".join(map(quoted, command.pools))
    consent = "true" if command.consent else "false"
    return (
        f'{{"kind_of":"reserve","key":{quoted(command.key)},"unit":{quoted(command.unit)},'
        f'"amount":{command.amount},"lasts":{lasts},"pools":[{pools}],"consent":{consent}}}'
    )


def _commit(command: Commit) -> str:
    amount = "null" if command.amount is None else command.amount
    return (
        f'{{"kind_of":"commit","key":{quoted(command.key)},"hold":{quoted(command.hold)},'
        f'"amount":{amount}}}'
    )


def _end(command: Void | Expire) -> str:
    name = stored_name(type(command))
    return f'{{"kind_of":"{name}","key":{quoted(command.key)},"hold":{quoted(command.hold)}}}'


_WRITERS: Final[dict[type, Callable[[Any], str]]] = {
    Reserve: _reserve, Commit: _commit, Void: _end, Expire: _end,
}  # fmt: skip
