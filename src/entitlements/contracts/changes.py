"""What can happen to a contract: renewal, amendment, cancellation, transfer, block.

Every change is a dated fact of its own, and nothing is ever overwritten. A record with the id of
an earlier one corrects it from the moment it was recorded; `retracted` takes it back.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias, final

import attrs

from entitlements.contracts.contract import ContractLine
from entitlements.contracts.dates.day_boundaries import check_date_range, check_day
from entitlements.contracts.parties import NamedContact
from entitlements.kernel.converters import (
    as_tuple,
    enum_member,
    instance_of,
    optional_tuple,
    remark,
    utc_or_none,
)
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.ids import identifier, identifier_set, optional_identifier
from entitlements.kernel.instants import utc


class RenewalKind(StrEnum):
    """How a renewed term joins the one before.

    `CONTIGUOUS` and `BACK_DATED` begin where the old term ended; the first is signed in time, the
    second later, so that the gap closes only for whoever asks after it was recorded. `FRESH` begins
    on its own first day. `REINSTATED` does too, but its months count from the old end: a lapsed
    contract revived without a longer run.
    """

    CONTIGUOUS = "contiguous"
    BACK_DATED = "back_dated"
    FRESH = "fresh"
    REINSTATED = "reinstated"


def _renewal_kind(value: RenewalKind | str) -> RenewalKind:
    return enum_member(RenewalKind, value)


@final
@attrs.frozen(kw_only=True)
class Renewal:
    """A further term of a contract.

    Attributes:
        id: Names the renewal.
        contract: The contract renewed.
        kind: How the term joins the one before.
        start: First day; given exactly for a fresh or reinstated term.
        end: Last day; or `months`, or neither for an open end.
        months: Length in calendar months.
        recorded: When it became known; None for always.
        retracted: Whether this record takes the renewal back.
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
                hint="a fresh or reinstated term has a start, others not",
            )
        if self.months is not None and (instance_of(int, self.months) < 1 or self.end is not None):
            raise InvalidValueError(f"{what} has `{self.months}` months", hint="give months or end")


@final
@attrs.frozen(kw_only=True)
class Amendment:
    """A change of what was sold, from a day on.

    Attributes:
        id: Names the amendment.
        contract: The contract amended.
        effective: First day on which it holds.
        lines: Lines added, or replacing the line of the same id.
        removed: Ids of lines taken out.
        contacts: The contacts from then on; None to leave them as they are.
        recorded: When it became known; None for always.
        retracted: Whether this record takes the amendment back.
    """

    id: str = attrs.field(converter=identifier)
    contract: str = attrs.field(converter=identifier)
    effective: date
    lines: tuple[ContractLine, ...] = attrs.field(default=(), converter=as_tuple)
    removed: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    contacts: tuple[NamedContact, ...] | None = attrs.field(default=None, converter=optional_tuple)
    recorded: datetime | None = attrs.field(default=None, converter=utc_or_none)
    retracted: bool = False

    def __attrs_post_init__(self) -> None:
        check_day(self.effective, f"amendment `{self.id}`")


@final
@attrs.frozen(kw_only=True)
class Cancellation:
    """The end of a contract before, or at the end of, its term.

    Attributes:
        id: Names the cancellation; withdrawing it is a record with the same id, retracted.
        contract: The contract cancelled.
        effective: An instant from which it is cancelled, or its last day in force.
        recorded: When it became known; None for always.
        retracted: Whether this record withdraws the cancellation.
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
    """A contract passes to another customer at one instant.

    Attributes:
        id: Names the transfer.
        contract: The contract transferred.
        to: The customer who holds it from `at` on.
        at: The instant; before it the old holder, from it the new one.
        recorded: When it became known; None for always.
        retracted: Whether this record takes the transfer back.
    """

    id: str = attrs.field(converter=identifier)
    contract: str = attrs.field(converter=identifier)
    to: str = attrs.field(converter=identifier)
    at: datetime = attrs.field(converter=utc)
    recorded: datetime | None = attrs.field(default=None, converter=utc_or_none)
    retracted: bool = False


class BlockScope(StrEnum):
    """What a block hangs on; a block on any level holds."""

    ACCOUNT = "account"
    CONTRACT = "contract"
    LINE = "line"


def _block_level(value: BlockScope | str) -> BlockScope:
    return enum_member(BlockScope, value)


class BlockEffect(StrEnum):
    """What a block prevents."""

    ACCESS = "access"
    CHANGE = "change"
    CONSUMPTION = "consumption"


def _effects(effects: Iterable[str]) -> frozenset[BlockEffect]:
    return frozenset(enum_member(BlockEffect, each) for each in as_tuple(effects))


@final
@attrs.frozen(kw_only=True)
class Block:
    """A suspension of the account, a contract or a line.

    Attributes:
        id: Names the block.
        level: What it hangs on.
        contract: The contract, unless the whole account is blocked.
        line: The line, if one line is blocked.
        start: First instant.
        end: First instant after it; None until it is lifted.
        effects: What it prevents.
        extends_term: Whether the term is longer by the blocked time, once that is known.
        pauses_clocks: Whether SLA clocks stop meanwhile.
        reason: Why, in the words of whoever blocked.
        recorded: When it became known; None for always.
        retracted: Whether this record takes the block back as if it had never been.
    """

    id: str = attrs.field(converter=identifier)
    level: BlockScope = attrs.field(default=BlockScope.ACCOUNT, converter=_block_level)
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
                f"{what} of level `{self.level}` names the wrong things",
                hint="an account names nothing, a contract itself, a line its contract too",
            )
        if not self.effects:
            raise InvalidValueError(f"{what} has no effect", hint="name one, such as access")


Change: TypeAlias = Renewal | Amendment | Cancellation | Transfer | Block
