"""Records of an account compared by content: when one was recorded does not count."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final, Protocol, TypeVar

import attrs

from entitlements.contracts.account import Account
from entitlements.contracts.records.changes import (
    Amendment,
    Block,
    Cancellation,
    Change,
    NonRenewalNotice,
    Renewal,
    Transfer,
)
from entitlements.contracts.records.contract import Contract
from entitlements.contracts.records.parties import Delegation
from entitlements.kernel.errors import ConflictError, InvalidValueError
from entitlements.kernel.instants import text_of


class _Record(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def recorded(self) -> datetime | None: ...
    @property
    def retracted(self) -> bool: ...


RecordT = TypeVar("RecordT", bound=_Record)
MadeT = TypeVar("MadeT", Amendment, Cancellation)
_NEVER: Final = datetime.min.replace(tzinfo=UTC)
_KINDS: Final[dict[type, str]] = {
    Contract: "contract",
    Renewal: "renewal",
    NonRenewalNotice: "notice",
    Amendment: "amendment",
    Cancellation: "cancellation",
    Transfer: "transfer",
    Block: "block",
    Delegation: "delegation",
}


def kind_of(record: object) -> str:
    """Return the name of a record's kind, such as `amendment`."""
    return _KINDS[type(record)]


def content(record: Any) -> Any:
    """Return a record without the instant at which it was recorded."""
    return attrs.evolve(record, recorded=None)


def latest(records: Iterable[RecordT]) -> dict[str, RecordT]:
    """Return the record of each id that was recorded last, retracted ones included."""
    found: dict[str, RecordT] = {}
    for each in records:
        other = found.get(each.id)
        if other is None or (each.recorded or _NEVER) > (other.recorded or _NEVER):
            found[each.id] = each
    return found


def earlier_of_a_load(change: MadeT, changes: Iterable[Change]) -> MadeT | None:
    """Return the record of a change that an earlier load of the same day or instant made.

    Args:
        change: A change that a load is about to make; its id follows from contract and time.
        changes: The stored changes.

    Raises:
        ConflictError: Another change has its id, and would be lost.
    """
    other = latest(changes).get(change.id)
    if other is None:
        return None
    if type(other) is not type(change) or _subject(other) != _subject(change):
        raise ConflictError(
            f"{kind_of(other)} `{change.id}` has the id of the {kind_of(change)} that this load "
            "makes",
            field="id",
            hint="take it back, and record it under another id",
        )
    return other


def _subject(change: Any) -> tuple[object, ...]:
    return change.contract, change.effective


def recorded_from(account: Account, at: datetime) -> Account:
    """Return an account whose records are known from `at` on, unless they say otherwise.

    A record that is corrected by another one of the same account stays known for always.

    Raises:
        InvalidValueError: A record became known later.
    """
    if last_recorded(account) > at:
        raise InvalidValueError(
            f"a record of `{account.customer}` became known at `{text_of(last_recorded(account))}`",
            hint=f"the load is dated `{text_of(at)}`",
        )
    return attrs.evolve(
        account,
        contracts=_recorded(account.contracts, at),
        changes=_recorded(account.changes, at),
        delegations=_recorded(account.delegations, at),
    )


def _recorded(records: tuple[Any, ...], at: datetime) -> tuple[Any, ...]:
    ids = [each.id for each in records]
    return tuple(
        attrs.evolve(each, recorded=at)
        if each.recorded is None and ids.count(each.id) == 1
        else each
        for each in records
    )


def last_recorded(account: Account) -> datetime:
    """Return the latest instant at which a record of an account became known."""
    records = (*account.contracts, *account.changes, *account.delegations)
    return max((each.recorded for each in records if each.recorded is not None), default=_NEVER)
