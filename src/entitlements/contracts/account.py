"""Account: all records of one customer, to which records are only added.

A later record with the same id corrects an earlier one. `as_known` returns the account as it was
known at an instant. A part that could not be loaded is named in `unknown`; what depends on it is
then refused, not guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol, TypeVar, final

import attrs

from entitlements import contracts as contracts_package
from entitlements.contracts.ledger.counted_cases import CountedCases
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
from entitlements.contracts.records.parties import Asset, Delegation
from entitlements.contracts.validity.consistency import check_consistency, check_holders
from entitlements.contracts.validity.references import (
    check_distinct,
    check_records,
    check_references,
)
from entitlements.kernel.converters import (
    as_tuple,
    enum_member,
    frozen_map,
    instance_of,
    tuple_of,
    utc_or_none,
)
from entitlements.kernel.data.copies import copy_with
from entitlements.kernel.errors import (
    InvalidValueError,
)
from entitlements.kernel.frozenmaps import FrozenMap, short_repr
from entitlements.kernel.ids import identifier, optional_identifier
from entitlements.kernel.instants import instant_of, text_of, utc
from entitlements.kernel.mixins.repr_without_defaults import ReprWithoutDefaults
from entitlements.kernel.mixins.text_enum import TextEnum


class AccountPart(TextEnum):
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
        contract: Id of the contract under which it was opened.
        line: Id of the contract line under which it was opened.
        product: Id of its product; without one, no later case can be its follow-up.
        opened: First instant.
        closed: First instant after it; None while it is open.
        resolved: When it was resolved, which starts its warranty; None for a case that is not
            resolved, such as a cancelled or a reopened one.
        follows: Id of the case that it follows, as its request said.

    Raises:
        InvalidValueError: It is closed or resolved before it is opened, or resolved after it is
            closed.

    >>> OpenCase(id="K-1", contract="C-1", line="1", opened="2026-03-02T09:00Z").closed is None
    True
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
        """Return the case as it was at an instant; None if it was opened later."""
        at = instant_of(known_at)
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


def _contracts(values: Iterable[Contract]) -> tuple[Contract, ...]:
    return tuple_of(Contract, values)


def _changes(values: Iterable[Change]) -> tuple[Change, ...]:
    found: tuple[Change, ...] = as_tuple(values)
    for each in found:
        if not isinstance(each, Change):
            raise InvalidValueError(f"`{each!r}` is not a change")
    return found


def _delegations(values: Iterable[Delegation]) -> tuple[Delegation, ...]:
    return tuple_of(Delegation, values)


def _assets(values: Iterable[Asset]) -> tuple[Asset, ...]:
    return tuple_of(Asset, values)


def _cases(values: Iterable[OpenCase]) -> CountedCases[OpenCase]:
    if isinstance(values, CountedCases):
        return values
    found = tuple_of(OpenCase, values)
    check_distinct("case", found)
    return CountedCases(found)


def _empty_ledger() -> contracts_package.Ledger:
    return contracts_package.Ledger()


@final
@attrs.frozen(repr=False, kw_only=True)
class Account(ReprWithoutDefaults):
    """All records of one customer.

    Attributes:
        customer: Id of the customer.
        contracts: Contracts that the customer holds or held, also those transferred to it.
        changes: Changes of the contracts.
        delegations: Delegations among contacts.
        assets: Installed things that lines may cover.
        ledger: Grants, holds and use of allowances.
        cases: Open and closed cases, for limits on open cases and for follow-ups.
        unknown: Parts that could not be loaded, each with the reason; what depends on them is
            refused.

    Raises:
        DuplicateIdError: Two different records have one id and were recorded at one instant.
        UnknownIdError: A record names a contract or line that is not in the account.
        ConflictError: Records contradict each other: terms overlap, a renewal follows an open end,
            two transfers are at one instant, two amendments change one line on one day, delegations
            form a cycle, or a contract is another customer's and no transfer brings it here.
        LimitExceededError: A contract has more than 10,000 records, its renewals end outside the
            years 2 to 9997, or the histories of all lines have more than 2,000,000 steps.

    >>> from datetime import date
    >>> contract = Contract(id="C-1", customer="acme", zone="UTC", start=date(2026, 1, 1))
    >>> len(Account(customer="acme").record(contract, utc("2026-01-01T09:00Z")).contracts)
    1
    """

    customer: str = attrs.field(converter=identifier)
    contracts: tuple[Contract, ...] = attrs.field(repr=short_repr, default=(), converter=_contracts)
    changes: tuple[Change, ...] = attrs.field(repr=short_repr, default=(), converter=_changes)
    delegations: tuple[Delegation, ...] = attrs.field(
        repr=short_repr, default=(), converter=_delegations
    )
    assets: tuple[Asset, ...] = attrs.field(repr=short_repr, default=(), converter=_assets)
    ledger: contracts_package.Ledger = attrs.field(factory=_empty_ledger)
    cases: CountedCases[OpenCase] = attrs.field(repr=short_repr, default=(), converter=_cases)
    unknown: FrozenMap[AccountPart, str] = attrs.field(factory=FrozenMap, converter=_parts)

    def __attrs_post_init__(self) -> None:
        for kind, records in (
            ("contract", self.contracts),
            ("change", self.changes),
            ("delegation", self.delegations),
        ):
            check_records(kind, records)
        check_distinct("asset", self.assets)
        check_references(self.contracts, self.changes, self.delegations)
        foreign = any(contract.customer != self.customer for contract in self.contracts)
        contracts = records_as_known(self.contracts, None)
        changes = records_as_known(self.changes, None)
        if foreign and AccountPart.CHANGES not in self.unknown:
            check_holders(self.customer, contracts, changes)
        if self.changes or self.delegations:
            check_consistency(contracts, changes, records_as_known(self.delegations, None))

    def as_known(self, known_at: datetime) -> Account:
        """Return the account as it was known at `known_at`, without later records.

        Cases opened later are left out, and cases closed later are open. Nothing is checked again.
        """
        at = instant_of(known_at)
        cases = [each.as_known(at) for each in self.cases]
        return copy_with(
            self,
            contracts=tuple(each for each in self.contracts if _known(each, at)),
            changes=tuple(each for each in self.changes if _known(each, at)),
            delegations=tuple(each for each in self.delegations if _known(each, at)),
            cases=CountedCases(each for each in cases if each is not None),
            ledger=self.ledger.as_known(at),
        )

    def record(
        self,
        fact: Contract | Change | Delegation | OpenCase | contracts_package.Issue,
        at: datetime,
    ) -> Account:
        """Return the account with one more record, known from `at` on.

        A case replaces the one with its id; a grant is issued in the ledger. Records that are
        consistent only together, such as another customer's contract and its transfer, are added
        with `record_all`.

        Raises:
            InvalidValueError: The record has a `recorded` instant after `at`.
            DuplicateIdError: A different record with this id was recorded at the same instant.
            UnknownIdError: It names a contract or line that is not in the account.
            ConflictError: It contradicts another record; both are named.
            LimitExceededError: There are too many records, or it is outside the years 2 to 9997.
        """
        now = instant_of(at)
        if not isinstance(
            fact, Contract | Change | Delegation | OpenCase | contracts_package.Issue
        ):
            raise InvalidValueError(f"`{fact!r}` is not a record")
        if isinstance(fact, OpenCase):
            return self.with_case(fact)
        if isinstance(fact, contracts_package.Issue):
            return self.with_ledger(self.ledger.post(fact, now).ledger)
        return self.record_all([fact], now)

    def with_case(self, case: OpenCase) -> Account:
        """Return the account with a case, in place of the one with its id; nothing else changes.

        The dated records stay the same objects, so that what was compiled from them stays valid.
        """
        return copy_with(self, cases=self.cases.with_case(instance_of(OpenCase, case)))

    def with_ledger(self, ledger: contracts_package.Ledger) -> Account:
        """Return the account with another state of its ledger; nothing else changes.

        The dated records stay the same objects, so that what was compiled from them stays valid.
        """
        return copy_with(self, ledger=instance_of(contracts_package.Ledger, ledger))

    def record_all(self, facts: Iterable[Contract | Change | Delegation], at: datetime) -> Account:
        """Return the account with more records, known from `at` on; raises what `record` raises."""
        contracts, changes, delegations = [*self.contracts], [*self.changes], [*self.delegations]
        now = instant_of(at)
        for fact in as_tuple(facts):
            dated = dated_fact(fact, now)
            match dated:
                case Contract():
                    contracts.append(dated)
                case Delegation():
                    delegations.append(dated)
                case (
                    Renewal()
                    | NonRenewalNotice()
                    | Amendment()
                    | Cancellation()
                    | Transfer()
                    | Block()
                ):
                    changes.append(dated)
        return attrs.evolve(self, contracts=contracts, changes=changes, delegations=delegations)


def dated_fact(
    fact: Contract | Change | Delegation, at: datetime
) -> Contract | Change | Delegation:
    """Return a record with the instant at which it was recorded: its own, or `at`.

    Raises:
        InvalidValueError: Its own is after `at`.
    """
    now = instant_of(at)
    if not isinstance(fact, Contract | Change | Delegation):
        raise InvalidValueError(f"`{fact!r}` is not a record")
    if fact.recorded is not None and fact.recorded > now:
        raise InvalidValueError(
            f"`{fact.id}` was recorded at `{text_of(fact.recorded)}`, in the future",
            hint=f"now is `{text_of(now)}`",
        )
    return attrs.evolve(fact, recorded=fact.recorded or now)


def records_as_known(records: Iterable[FactT], known_at: datetime | None) -> tuple[FactT, ...]:
    """Return the records that were valid as known at an instant, ordered by id.

    Of the records with one id the one recorded last is valid, unless it is retracted.

    Args:
        records: All records, in any order.
        known_at: Leave out records from after this instant; None for no limit.
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


def has_same_records(one: Account, other: Account) -> bool:
    """Return whether two states of an account have the same objects as dated records and assets."""
    return (
        one.contracts is other.contracts
        and one.changes is other.changes
        and one.delegations is other.delegations
        and one.assets is other.assets
        and one.unknown is other.unknown
    )
