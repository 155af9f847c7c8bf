"""Everything known about one customer, as facts that are only ever added.

An account holds records; a later record with the same id corrects an earlier one. `as_known` gives
the account as it was known at an instant. A part that could not be loaded is named in `unknown`,
and whatever depends on it is then refused instead of guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, TypeVar, final

import attrs

from entitlements.contracts.changes import (
    Amendment,
    Block,
    BlockScope,
    Cancellation,
    Change,
    Renewal,
    Transfer,
)
from entitlements.contracts.contract import Contract
from entitlements.contracts.ledger.entries import Issue
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.contracts.parties import Asset, Delegation
from entitlements.contracts.validity.consistency import check_consistency, check_holders
from entitlements.kernel.converters import (
    as_tuple,
    enum_member,
    frozen_map,
    utc_or_none,
)
from entitlements.kernel.errors import (
    DuplicateIdError,
    InvalidValueError,
    LimitExceededError,
    UnknownIdError,
)
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.ids import identifier, optional_identifier
from entitlements.kernel.instants import utc

MAX_FACTS = 10_000


class AccountPart(StrEnum):
    """The parts of an account that a repository may fail to load."""

    CONTRACTS = "contracts"
    CHANGES = "changes"
    DELEGATIONS = "delegations"
    ASSETS = "assets"
    LEDGER = "ledger"
    CASES = "cases"


def _parts(parts: Mapping[Any, str]) -> FrozenMap[AccountPart, str]:
    return FrozenMap(
        {enum_member(AccountPart, name): why for name, why in frozen_map(parts).items()}
    )


@final
@attrs.frozen(kw_only=True)
class OpenCase:
    """A case that counts towards a line's limit of open cases, and may have a warranty.

    Attributes:
        id: Names the case.
        contract: The contract it was opened under.
        line: The contract line it was opened under.
        product: The product it was about; without one, no later case can be its follow-up.
        opened: First instant.
        closed: First instant after it; None while it is open.
        resolved: When it was resolved, which opens its warranty; None for a case that is not
            resolved, such as a cancelled or a reopened one.
        follows: The case that its request said it follows.

    Raises:
        InvalidValueError: It is closed or resolved before it is opened, or resolved after it is
            closed.
    """

    id: str = attrs.field(converter=identifier)
    contract: str = attrs.field(converter=identifier)
    line: str = attrs.field(converter=identifier)
    product: str | None = attrs.field(default=None, converter=optional_identifier)
    opened: datetime = attrs.field(converter=utc)
    closed: datetime | None = attrs.field(default=None, converter=utc_or_none)
    resolved: datetime | None = attrs.field(default=None, converter=utc_or_none)
    follows: str | None = attrs.field(default=None, converter=optional_identifier)

    def __attrs_post_init__(self) -> None:
        if self.closed is not None and self.closed < self.opened:
            raise InvalidValueError(f"case `{self.id}` is closed before it is opened")
        if self.resolved is None:
            return
        if self.resolved < self.opened:
            raise InvalidValueError(f"case `{self.id}` is resolved before it is opened")
        if self.closed is not None and self.closed < self.resolved:
            raise InvalidValueError(f"case `{self.id}` is closed before it is resolved")

    def as_known(self, known_at: datetime) -> OpenCase | None:
        """Return the case as it stood at an instant; None if it was opened later."""
        at = utc(known_at)
        if self.opened > at:
            return None
        closed = None if self.closed is None or self.closed > at else self.closed
        resolved = None if self.resolved is None or self.resolved > at else self.resolved
        return attrs.evolve(self, closed=closed, resolved=resolved)


class _Record(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def recorded(self) -> datetime | None: ...
    @property
    def retracted(self) -> bool: ...


FactT = TypeVar("FactT", bound=_Record)


@final
@attrs.frozen(kw_only=True)
class Account:
    """One customer's records.

    Attributes:
        customer: The account's id.
        contracts: Contracts the customer holds or held, also those transferred to it.
        changes: What happened to them.
        delegations: Rights passed on among contacts.
        assets: Installed things that lines may cover.
        ledger: Grants, holds and use of allowances.
        cases: Open and closed cases, for limits on open cases and for follow-ups.
        unknown: Parts that could not be loaded, each with the reason; what depends on them is
            refused.

    Raises:
        DuplicateIdError: Two different records have one id and were recorded at one instant.
        UnknownIdError: A record is about a contract or line that is not here.
        ConflictError: Facts contradict each other: terms overlap, a renewal follows an open end,
            two transfers are at one instant, two amendments change one line on one day, delegations
            run in a circle, or a contract is of another customer and no transfer brings it here.
        LimitExceededError: A contract has more than 10,000 records, its renewals lead outside the
            years 2 to 9997, or lines with dates of their own, each with every block and list of
            contacts that holds for all, make more than 2,000,000 steps.
    """

    customer: str = attrs.field(converter=identifier)
    contracts: tuple[Contract, ...] = attrs.field(default=(), converter=as_tuple)
    changes: tuple[Change, ...] = attrs.field(default=(), converter=as_tuple)
    delegations: tuple[Delegation, ...] = attrs.field(default=(), converter=as_tuple)
    assets: tuple[Asset, ...] = attrs.field(default=(), converter=as_tuple)
    ledger: Ledger = attrs.field(factory=Ledger)
    cases: tuple[OpenCase, ...] = attrs.field(default=(), converter=as_tuple)
    unknown: FrozenMap[AccountPart, str] = attrs.field(factory=FrozenMap, converter=_parts)

    def __attrs_post_init__(self) -> None:
        for kind, records in (
            ("contract", self.contracts),
            ("change", self.changes),
            ("delegation", self.delegations),
        ):
            _check_records(kind, records)
        _check_distinct("asset", self.assets)
        _check_distinct("case", self.cases)
        _check_limits(self)
        known: dict[str, list[Contract]] = {}
        for contract in self.contracts:
            known.setdefault(contract.id, []).append(contract)
        amended = _amended(self.changes) if self.changes else {}
        for change in self.changes:
            if change.contract is not None:
                _check_contract(change.contract, known, change.id)
            _check_change(change, known, amended)
        for delegation in self.delegations:
            _check_contract(delegation.contract, known, delegation.id)
        may_be_transferred = AccountPart.CHANGES in self.unknown
        foreign = any(contract.customer != self.customer for contract in self.contracts)
        if foreign and not may_be_transferred:
            changes = records_as_known(self.changes, None)
            check_holders(self.customer, records_as_known(self.contracts, None), changes)
        if self.changes or self.delegations:
            check_consistency(
                records_as_known(self.contracts, None),
                records_as_known(self.changes, None),
                records_as_known(self.delegations, None),
            )

    def as_known(self, known_at: datetime) -> Account:
        """Return the account as it was known at `known_at`: later records are not there.

        Cases opened later are left out, and those closed later are open: cases are dated by what
        happened. What was known once need not fit together as well as what is known now, so it is
        not checked again.
        """
        at = utc(known_at)
        then = copy(self)
        for name in ("contracts", "changes", "delegations"):
            records = tuple(each for each in getattr(self, name) if _known(each, at))
            object.__setattr__(then, name, records)
        cases = (each.as_known(at) for each in self.cases)
        object.__setattr__(then, "cases", tuple(each for each in cases if each is not None))
        object.__setattr__(then, "ledger", self.ledger.as_known(at))
        return then

    def record(
        self, fact: Contract | Change | Delegation | OpenCase | Issue, at: datetime
    ) -> Account:
        """Return the account with one more record, known from `at` on.

        A case takes the place of the one with its id; a grant is issued in the ledger. Facts that
        fit together only, such as another customer's contract and the transfer that brings it
        here, are recorded by `record_all`.

        Raises:
            InvalidValueError: The fact says it was recorded after `at`.
            DuplicateIdError: The same id was recorded at the same instant or later.
            UnknownIdError: It is about a contract or line that is not here.
            ConflictError: It contradicts a fact that is here; both are named.
            LimitExceededError: It is one record too many, or leads outside the years 2 to 9997.
        """
        now = utc(at)
        if isinstance(fact, OpenCase):
            others = [case for case in self.cases if case.id != fact.id]
            return attrs.evolve(self, cases=(*others, fact))
        if isinstance(fact, Issue):
            return attrs.evolve(self, ledger=self.ledger.post(fact, now).ledger)
        return self.record_all([fact], now)

    def record_all(self, facts: Iterable[Contract | Change | Delegation], at: datetime) -> Account:
        """Return the account with more records, known from `at` on: all of them, or none.

        Raises what `record` raises.
        """
        contracts, changes, delegations = [*self.contracts], [*self.changes], [*self.delegations]
        for fact in facts:
            dated = dated_fact(fact, at)
            match dated:
                case Contract():
                    contracts.append(dated)
                case Delegation():
                    delegations.append(dated)
                case Renewal() | Amendment() | Cancellation() | Transfer() | Block():
                    changes.append(dated)
        return attrs.evolve(self, contracts=contracts, changes=changes, delegations=delegations)


def dated_fact(
    fact: Contract | Change | Delegation, at: datetime
) -> Contract | Change | Delegation:
    """Return a fact with the instant from which it is known: its own, or `at`.

    Raises:
        InvalidValueError: It says it was recorded after `at`.
    """
    now = utc(at)
    if fact.recorded is not None and fact.recorded > now:
        raise InvalidValueError(
            f"`{fact.id}` was recorded at `{fact.recorded}`, in the future", hint=f"now is `{now}`"
        )
    return attrs.evolve(fact, recorded=fact.recorded or now)


def records_as_known(records: Iterable[FactT], known_at: datetime | None) -> tuple[FactT, ...]:
    """Return the records that hold as known at an instant, ordered by id.

    Of all records with one id the one recorded last holds, unless it retracts the fact.
    """
    newest: dict[str, FactT] = {}
    for record in records:
        if known_at is not None and not _known(record, known_at):
            continue
        other = newest.get(record.id)
        if other is None or _later(record, other):
            newest[record.id] = record
    return tuple(newest[id] for id in sorted(newest) if not newest[id].retracted)


def _known(record: _Record, at: datetime) -> bool:
    return record.recorded is None or record.recorded <= at


def _later(record: _Record, other: _Record) -> bool:
    if record.recorded is None or other.recorded is None:
        return other.recorded is None
    return record.recorded > other.recorded


def _check_records(kind: str, records: Iterable[_Record]) -> None:
    seen: dict[tuple[str, datetime | None], _Record] = {}
    for record in records:
        try:
            key = (record.id, record.recorded)
        except AttributeError:
            raise InvalidValueError(f"`{record!r}` is not a {kind}") from None
        if key in seen and seen[key] != record:
            raise DuplicateIdError(kind, record.id)
        seen[key] = record


def _check_distinct(kind: str, things: Iterable[Asset | OpenCase]) -> None:
    seen: dict[str, Asset | OpenCase] = {}
    for thing in things:
        if not isinstance(thing, Asset | OpenCase):
            raise InvalidValueError(f"`{thing!r}` is not a {kind}")
        first = seen.setdefault(thing.id, thing)
        if first is not thing and first != thing:
            raise DuplicateIdError(kind, thing.id)


def _check_limits(account: Account) -> None:
    count: dict[str | None, int] = {}
    for record in (*account.changes, *account.delegations):
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
                    f"amendment `{change.id}` holds from `{day}`, before its contract starts",
                    hint=f"contract `{id}` starts on `{start}`",
                )
        case Block(level=BlockScope.LINE, contract=str(id), line=str(line)):
            if line in amended.get(id, ()):
                return
            lines = {each.id for text in known[id] for each in text.lines}
            if line not in lines:
                lines |= amended.get(id, set())
                raise UnknownIdError("contract line", line, known=lines, path=change.id)
        case Block() | Renewal() | Cancellation() | Transfer():
            pass


def _amended(changes: Iterable[Change]) -> dict[str, set[str]]:
    """Return the lines that amendments ever put into each contract."""
    found: dict[str, set[str]] = {}
    for change in changes:
        if isinstance(change, Amendment):
            found.setdefault(change.contract, set()).update(each.id for each in change.lines)
    return found
