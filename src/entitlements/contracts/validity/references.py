"""References between the records of one account: unique ids, known contracts and lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol

from entitlements.contracts.records.changes import (
    Amendment,
    Block,
    BlockScope,
    Cancellation,
    Change,
    NonRenewalNotice,
    Renewal,
    Transfer,
)
from entitlements.contracts.records.contract import Contract
from entitlements.contracts.records.parties import Delegation
from entitlements.kernel.errors import (
    DuplicateIdError,
    InvalidValueError,
    LimitExceededError,
    UnknownIdError,
)

MAX_FACTS: Final = 10_000


class _Named(Protocol):
    @property
    def id(self) -> str: ...


class _Record(_Named, Protocol):
    @property
    def recorded(self) -> datetime | None: ...


def check_references(
    contracts: Iterable[Contract], changes: Sequence[Change], delegations: Sequence[Delegation]
) -> None:
    """Raise unless all contracts and lines that records name are among the contracts.

    Raises:
        UnknownIdError: A record names a contract or line that is not there.
        InvalidValueError: An amendment is effective before its contract starts.
        LimitExceededError: A contract has more than 10,000 records.
    """
    _check_limits((*changes, *delegations))
    known: dict[str, list[Contract]] = {}
    for contract in contracts:
        known.setdefault(contract.id, []).append(contract)
    amended = _amended(changes) if changes else {}
    for change in changes:
        if change.contract is not None:
            _check_contract(change.contract, known, change.id)
        _check_change(change, known, amended)
    for delegation in delegations:
        _check_contract(delegation.contract, known, delegation.id)


def check_records(kind: str, records: Iterable[_Record]) -> None:
    """Raise `DuplicateIdError` if two different records have one id and one recording instant."""
    seen: dict[tuple[str, datetime | None], _Record] = {}
    for record in records:
        key = (record.id, record.recorded)
        if key in seen and seen[key] != record:
            raise DuplicateIdError(kind, record.id)
        seen[key] = record


def check_distinct(kind: str, things: Iterable[_Named]) -> None:
    """Raise `DuplicateIdError` if two different things have one id."""
    seen: dict[str, _Named] = {}
    for thing in things:
        first = seen.setdefault(thing.id, thing)
        if first is not thing and first != thing:
            raise DuplicateIdError(kind, thing.id)


def _check_limits(records: Iterable[Change | Delegation]) -> None:
    count: dict[str | None, int] = {}
    for record in records:
        count[record.contract] = count.get(record.contract, 0) + 1
        if count[record.contract] > MAX_FACTS:
            raise LimitExceededError(
                f"contract `{record.contract}` has more than {MAX_FACTS} records"
            )


def _check_contract(id: str, known: Mapping[str, object], record: str) -> None:
    if id not in known:
        raise UnknownIdError("contract", id, known=known, path=record)


def _check_change(
    change: Change, known: Mapping[str, list[Contract]], amended: Mapping[str, set[str]]
) -> None:
    match change:
        case Amendment(contract=id, effective=day):
            start = min(each.start for each in known[id])
            if day < start:
                raise InvalidValueError(
                    f"amendment `{change.id}` is effective on `{day}`, before its contract starts",
                    hint=f"contract `{id}` starts on `{start}`",
                )
        case Block(level=BlockScope.LINE, contract=str(id), line=str(line)):
            if line in amended.get(id, ()):
                return
            lines = {each.id for text in known[id] for each in text.lines}
            if line not in lines:
                lines |= amended.get(id, set())
                raise UnknownIdError("contract line", line, known=lines, path=change.id)
        case Block() | Renewal() | NonRenewalNotice() | Cancellation() | Transfer():
            pass


def _amended(changes: Iterable[Change]) -> dict[str, set[str]]:
    """Return the ids of the lines that amendments add to each contract."""
    found: dict[str, set[str]] = {}
    for change in changes:
        if isinstance(change, Amendment):
            found.setdefault(change.contract, set()).update(each.id for each in change.lines)
    return found
