"""Contract changes: renewal, notice, amendment, cancellation, transfer, block.

Each change is a separate dated record; nothing is overwritten. A record with the id of an earlier
one corrects it from the instant at which it was recorded; `retracted` takes it back.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TypeAlias, final

import attrs

from entitlements.contracts.dates.day_boundaries import (
    check_date_range,
    check_day,
    check_months,
)
from entitlements.contracts.records.contract import ContractLine, contact_tuple, contract_lines
from entitlements.contracts.records.parties import NamedContact
from entitlements.kernel.converters import (
    as_tuple,
    enum_member,
    remark,
    utc_or_none,
)
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.ids import identifier, identifier_set, optional_identifier
from entitlements.kernel.instants import utc
from entitlements.kernel.mixins.repr_without_defaults import ReprWithoutDefaults
from entitlements.kernel.mixins.text_enum import TextEnum


class RenewalKind(TextEnum):
    """How a renewed term joins the one before.

    `CONTIGUOUS` and `BACK_DATED` begin where the old term ended. The first is signed in time, the
    second later, so that the gap is closed only in what is known after it was recorded. `FRESH`
    begins on its own first day. So does `REINSTATED`, but its months are counted from the old end:
    a lapsed contract continues without ending later.
    """

    CONTIGUOUS = "contiguous"
    BACK_DATED = "back_dated"
    FRESH = "fresh"
    REINSTATED = "reinstated"


def _renewal_kind(value: RenewalKind | str) -> RenewalKind:
    return enum_member(RenewalKind, value)


@final
@attrs.frozen(repr=False, kw_only=True)
class Renewal(ReprWithoutDefaults):
    """A further term of a contract.

    Attributes:
        id: Names the renewal.
        contract: Id of the contract.
        kind: How the term joins the one before.
        start: First day; given exactly for a fresh or reinstated term.
        end: Last day; give this, or `months`, or neither for an open end.
        months: Length in calendar months.
        recorded: When it became known; None for always.
        retracted: Whether this record takes the renewal back.

    >>> Renewal(id="N-1", contract="C-1", months=12).kind
    RenewalKind.CONTIGUOUS
    """

    id: str = attrs.field(converter=identifier)
    contract: str = attrs.field(converter=identifier)
    kind: RenewalKind = attrs.field(default=RenewalKind.CONTIGUOUS, converter=_renewal_kind)
    start: date | None = None
    end: date | None = None
    months: int | None = None
    recorded: datetime | None = attrs.field(default=None, converter=utc_or_none)
    retracted: bool = False

    def __attrs_post_init__(self) -> None:
        what = f"renewal `{self.id}`"
        check_date_range(self.start, self.end, what)
        fresh = self.kind in {RenewalKind.FRESH, RenewalKind.REINSTATED}
        if fresh != (self.start is not None):
            raise InvalidValueError(
                f"{what} is `{self.kind}`",
                hint="give a `start` exactly for a fresh or reinstated term",
            )
        check_months(self.months, self.end, what)


@final
@attrs.frozen(kw_only=True)
class NonRenewalNotice:
    """Notice that a contract is not to renew by itself.

    It ends the contract with the first term, of those that nobody signed or the last signed one,
    for which it is in time. One that is too late for a term ends the next one.

    Attributes:
        id: Names the notice; a retracted record with this id withdraws it.
        contract: Id of the contract, which has a `renewal`.
        given: The day on which it was given.
        recorded: When it became known; None for always.
        retracted: Whether this record withdraws the notice.

    >>> NonRenewalNotice(id="N-1", contract="C-1", given=date(2026, 9, 30)).retracted
    False
    """

    id: str = attrs.field(converter=identifier)
    contract: str = attrs.field(converter=identifier)
    given: date
    recorded: datetime | None = attrs.field(default=None, converter=utc_or_none)
    retracted: bool = False

    def __attrs_post_init__(self) -> None:
        check_day(self.given, f"notice `{self.id}`")


@final
@attrs.frozen(kw_only=True)
class Amendment:
    """A change of lines or named contacts, from a day on.

    Attributes:
        id: Names the amendment.
        contract: Id of the contract.
        effective: First day on which it holds.
        lines: Lines to add, or to put in place of the line with the same id.
        removed: Ids of lines to remove.
        contacts: The named contacts from that day on; None to leave them unchanged.
        recorded: When it became known; None for always.
        retracted: Whether this record takes the amendment back.

    >>> Amendment(id="A-1", contract="C-1", effective=date(2026, 5, 1), removed=["2"]).removed
    frozenset({'2'})
    """

    id: str = attrs.field(converter=identifier)
    contract: str = attrs.field(converter=identifier)
    effective: date
    lines: tuple[ContractLine, ...] = attrs.field(default=(), converter=contract_lines)
    removed: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    contacts: tuple[NamedContact, ...] | None = attrs.field(
        default=None, converter=attrs.converters.optional(contact_tuple)
    )
    recorded: datetime | None = attrs.field(default=None, converter=utc_or_none)
    retracted: bool = False

    def __attrs_post_init__(self) -> None:
        check_day(self.effective, f"amendment `{self.id}`")


@final
@attrs.frozen(kw_only=True)
class Cancellation:
    """The end of a contract, at the end of its term or before.

    Attributes:
        id: Names the cancellation; a retracted record with this id withdraws it.
        contract: Id of the contract.
        effective: The instant from which it is cancelled, or its last day in force.
        recorded: When it became known; None for always.
        retracted: Whether this record withdraws the cancellation.

    >>> Cancellation(id="X-1", contract="C-1", effective=date(2026, 6, 30)).retracted
    False
    """

    id: str = attrs.field(converter=identifier)
    contract: str = attrs.field(converter=identifier)
    effective: date | datetime = attrs.field()
    recorded: datetime | None = attrs.field(default=None, converter=utc_or_none)
    retracted: bool = False

    @effective.validator
    def _is_aware(self, _: attrs.Attribute[date], effective: date) -> None:
        if isinstance(effective, datetime):
            utc(effective)


@final
@attrs.frozen(kw_only=True)
class Transfer:
    """A transfer of a contract to another customer.

    Attributes:
        id: Names the transfer.
        contract: Id of the contract.
        to: The customer who is the holder from `at` on.
        at: The instant of the transfer.
        recorded: When it became known; None for always.
        retracted: Whether this record takes the transfer back.

    >>> Transfer(id="T-1", contract="C-1", to="blox", at="2026-05-01T00:00Z").to
    'blox'
    """

    id: str = attrs.field(converter=identifier)
    contract: str = attrs.field(converter=identifier)
    to: str = attrs.field(converter=identifier)
    at: datetime = attrs.field(converter=utc)
    recorded: datetime | None = attrs.field(default=None, converter=utc_or_none)
    retracted: bool = False


class BlockScope(TextEnum):
    """What a block applies to: the account, one contract, or one line."""

    ACCOUNT = "account"
    CONTRACT = "contract"
    LINE = "line"


def _block_scope(value: BlockScope | str) -> BlockScope:
    return enum_member(BlockScope, value)


class BlockEffect(TextEnum):
    """What a block prevents: access, changes of the contract, or the use of allowances."""

    ACCESS = "access"
    CHANGE = "change"
    CONSUMPTION = "consumption"


def _effects(effects: Iterable[str]) -> frozenset[BlockEffect]:
    return frozenset(enum_member(BlockEffect, each) for each in as_tuple(effects))


@final
@attrs.frozen(repr=False, kw_only=True)
class Block(ReprWithoutDefaults):
    """A suspension of the account, a contract or a line.

    Attributes:
        id: Names the block.
        level: What it applies to.
        contract: Id of the contract; None if the whole account is blocked.
        line: Id of the line, if one line is blocked.
        start: First instant.
        end: First instant after it; None for no end yet.
        effects: What it prevents.
        extends_term: Whether the time of a term that was blocked is added to it, once the block has
            an end. Refused for a line, because the term is that of the contract.
        pauses_clocks: Whether it stops SLA clocks.
        reason: The reason, as free text.
        recorded: When it became known; None for always.
        retracted: Whether this record takes the block back.

    >>> Block(id="B-1", start="2026-02-01T00:00Z", reason="unpaid").effects
    frozenset({BlockEffect.ACCESS})
    """

    id: str = attrs.field(converter=identifier)
    level: BlockScope = attrs.field(default=BlockScope.ACCOUNT, converter=_block_scope)
    contract: str | None = attrs.field(default=None, converter=optional_identifier)
    line: str | None = attrs.field(default=None, converter=optional_identifier)
    start: datetime = attrs.field(converter=utc)
    end: datetime | None = attrs.field(default=None, converter=utc_or_none)
    effects: frozenset[BlockEffect] = attrs.field(
        default=frozenset({BlockEffect.ACCESS}), converter=_effects
    )
    extends_term: bool = False
    pauses_clocks: bool = False
    reason: str = attrs.field(default="", converter=remark)
    recorded: datetime | None = attrs.field(default=None, converter=utc_or_none)
    retracted: bool = False

    def __attrs_post_init__(self) -> None:
        what = f"block `{self.id}`"
        if self.end is not None and self.end <= self.start:
            raise InvalidValueError(f"{what} ends before it starts")
        named = (self.contract is not None, self.line is not None)
        wanted = {
            BlockScope.ACCOUNT: (False, False),
            BlockScope.CONTRACT: (True, False),
            BlockScope.LINE: (True, True),
        }
        if named != wanted[self.level]:
            raise InvalidValueError(
                f"`contract` and `line` of {what} do not match level `{self.level}`",
                hint="give neither for an account, `contract` for a contract, both for a line",
            )
        if self.level is BlockScope.LINE and self.extends_term:
            raise InvalidValueError(
                f"{what} of a line extends the term, which is the contract's",
                hint="block the contract, or let the line end later by an amendment",
            )
        if not self.effects:
            raise InvalidValueError(
                f"{what} has no effects", hint="give at least one, such as `access`"
            )


Change: TypeAlias = Renewal | NonRenewalNotice | Amendment | Cancellation | Transfer | Block
