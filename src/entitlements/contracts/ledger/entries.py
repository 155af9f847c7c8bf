"""What happened to the units? Commands to a ledger, and the entries they leave behind.

A command says what is wanted, an entry what was done about it. Entries are only ever added: a
correction is one more entry. Each command carries an idempotency key; the instant at which it is
given is no part of its content, because a retry comes later than its first try.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, TypeAlias, final

import attrs

from entitlements.contracts.allowances.allowance import Unit, unit_of
from entitlements.contracts.allowances.grants import Grant, plan_pool
from entitlements.kernel.converters import (
    MAX_INT64,
    enum_member,
    instance_of,
    tuple_of,
    whole_number,
)
from entitlements.kernel.errors import ConflictError, InvalidValueError
from entitlements.kernel.ids import identifier, identifier_or_key, identifiers_or_keys, key
from entitlements.kernel.instants import utc


class EntryKind(StrEnum):
    """The kinds of entries."""

    ISSUE = "issue"
    RESERVE = "reserve"
    COMMIT = "commit"
    VOID = "void"
    EXPIRE = "expire"
    GIVE_BACK = "give_back"
    ADJUST = "adjust"
    WITHDRAW = "withdraw"
    TRANSFER = "transfer"


class RefusalReason(StrEnum):
    """Why a ledger said no. Codes are stable; sentences are not."""

    NOTHING_GRANTED = "nothing_granted"
    SPENT = "spent"
    CONSENT_NEEDED = "consent_needed"
    CAP_REACHED = "cap_reached"


def as_refusal(value: RefusalReason | str) -> RefusalReason:
    """Return the member that `value` is or names; used as a converter."""
    return enum_member(RefusalReason, value)


def _issue_key(issue: Issue) -> str:
    return key("issue", instance_of(Grant, issue.grant).id)


def _pools(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(identifiers_or_keys(values))))


def _shares(values: Iterable[GrantShare]) -> tuple[GrantShare, ...]:
    return tuple_of(GrantShare, values)


@final
@attrs.frozen(kw_only=True)
class Issue:
    """Put a grant into the ledger; its own dates say from when it counts.

    By default its idempotency key is made of the grant's id, so that no request can have it.
    Grants of plans are never put there: they follow from the contract.
    """

    kind: ClassVar[EntryKind] = EntryKind.ISSUE
    grant: Grant
    key: str = attrs.field(
        default=attrs.Factory(_issue_key, takes_self=True), converter=identifier_or_key
    )

    def __attrs_post_init__(self) -> None:
        if plan_pool(self.grant.id) is not None:
            raise InvalidValueError(
                f"grant `{self.grant.id}` is named like those that follow from plans",
                hint="plans give their grants by themselves; choose another id",
            )


@final
@attrs.frozen(kw_only=True)
class Reserve:
    """Hold units for a request, all or none; the key names the hold.

    Attributes:
        key: Idempotency key, and the name of the hold.
        unit: What is counted.
        amount: Units to hold, at least one.
        lasts: How long the hold lasts unless it is resolved before; None for ever.
        pools: Pools the units may come from; none listed is any.
        consent: Whether the customer agreed to overage.
    """

    kind: ClassVar[EntryKind] = EntryKind.RESERVE
    key: str = attrs.field(converter=identifier_or_key)
    unit: Unit = attrs.field(converter=unit_of)
    amount: int
    lasts: timedelta | None = None
    pools: tuple[str, ...] = attrs.field(default=(), converter=_pools)
    consent: bool = False

    def __attrs_post_init__(self) -> None:
        whole_number(self.amount, f"amount of `{self.key}`", least=1)
        if self.lasts is not None and instance_of(timedelta, self.lasts) <= timedelta():
            raise InvalidValueError(f"hold `{self.key}` lasts `{self.lasts}`", hint="or give None")


@final
@attrs.frozen(kw_only=True)
class Commit:
    """Use units of a hold, all of them by default; the rest comes back."""

    kind: ClassVar[EntryKind] = EntryKind.COMMIT
    key: str = attrs.field(converter=identifier_or_key)
    hold: str = attrs.field(converter=identifier_or_key)
    amount: int | None = None

    def __attrs_post_init__(self) -> None:
        _optional(self.amount, self.key, least=0)


@final
@attrs.frozen(kw_only=True)
class Void:
    """Give up a hold: all of its units come back."""

    kind: ClassVar[EntryKind] = EntryKind.VOID
    key: str = attrs.field(converter=identifier_or_key)
    hold: str = attrs.field(converter=identifier_or_key)


@final
@attrs.frozen(kw_only=True)
class Expire:
    """Write down that a hold has ended; it ended at its instant whether this is written or not."""

    kind: ClassVar[EntryKind] = EntryKind.EXPIRE
    key: str = attrs.field(converter=identifier_or_key)
    hold: str = attrs.field(converter=identifier_or_key)


@final
@attrs.frozen(kw_only=True)
class GiveBack:
    """Return used units: the request was cancelled, or was a follow-up under warranty.

    Attributes:
        key: Idempotency key.
        commit: Key of the commit that used them.
        amount: How many; None for all that were not given back before.
    """

    kind: ClassVar[EntryKind] = EntryKind.GIVE_BACK
    key: str = attrs.field(converter=identifier_or_key)
    commit: str = attrs.field(converter=identifier_or_key)
    amount: int | None = None

    def __attrs_post_init__(self) -> None:
        _optional(self.amount, self.key, least=1)


@final
@attrs.frozen(kw_only=True)
class Adjust:
    """Correct a grant: more units are granted, or some of those left are voided."""

    kind: ClassVar[EntryKind] = EntryKind.ADJUST
    key: str = attrs.field(converter=identifier_or_key)
    grant: str = attrs.field(converter=identifier_or_key)
    amount: int

    def __attrs_post_init__(self) -> None:
        if whole_number(self.amount, "amount", least=-MAX_INT64) == 0:
            raise InvalidValueError(f"adjustment `{self.key}` is of nothing")


@final
@attrs.frozen(kw_only=True)
class Withdraw:
    """Take a grant back: whatever is left of it, or comes back to it, is voided."""

    kind: ClassVar[EntryKind] = EntryKind.WITHDRAW
    key: str = attrs.field(converter=identifier_or_key)
    grant: str = attrs.field(converter=identifier_or_key)


@final
@attrs.frozen(kw_only=True)
class TransferUnits:
    """Move units that are left in a grant to another ledger.

    Attributes:
        key: Idempotency key here, and the key and the grant's id over there.
        grant: The grant that gives.
        to: The ledger that takes, in the caller's words.
        amount: How many; None for all that are left.
    """

    kind: ClassVar[EntryKind] = EntryKind.TRANSFER
    key: str = attrs.field(converter=identifier_or_key)
    grant: str = attrs.field(converter=identifier_or_key)
    to: str = attrs.field(converter=identifier)
    amount: int | None = None

    def __attrs_post_init__(self) -> None:
        _optional(self.amount, self.key, least=1)


LedgerCommand: TypeAlias = (
    Issue | Reserve | Commit | Void | Expire | GiveBack | Adjust | Withdraw | TransferUnits
)


@final
@attrs.frozen
class GrantShare:
    """The units of an entry that one grant bears; overage is booked apart."""

    grant: str
    amount: int
    overage: int = 0


@final
@attrs.frozen(kw_only=True)
class Entry:
    """What was done about one command; never changed again.

    Attributes:
        number: Position in the ledger, from 1.
        command: What was asked.
        at: The instant at which it counts.
        recorded: The instant at which it became known; never before that of an earlier entry.
        shares: Units by grant, in the order in which they were taken.
        until: End of the hold, for a reservation that has one.
        refusal: Why nothing was done, or None.
    """

    number: int
    command: LedgerCommand
    at: datetime = attrs.field(converter=utc)
    recorded: datetime = attrs.field(converter=utc)
    shares: tuple[GrantShare, ...] = attrs.field(default=(), converter=_shares)
    until: datetime | None = attrs.field(default=None, converter=attrs.converters.optional(utc))
    refusal: RefusalReason | None = attrs.field(
        default=None, converter=attrs.converters.optional(as_refusal)
    )

    @property
    def key(self) -> str:
        """The idempotency key."""
        return self.command.key

    @property
    def kind(self) -> EntryKind:
        """The kind of the command."""
        return self.command.kind

    @property
    def total(self) -> int:
        """All units of the entry, overage included."""
        return sum(each.amount + each.overage for each in self.shares)


def _optional(amount: int | None, key: str, *, least: int) -> None:
    if amount is not None:
        whole_number(amount, f"amount of `{key}`", least=least)


def units_between(shares: tuple[GrantShare, ...], start: int, end: int) -> tuple[GrantShare, ...]:
    """Return the units from position `start` to `end`: included units first, overage last."""
    amounts: dict[str, int] = {}
    overages: dict[str, int] = {}
    position = 0
    for counts, part in ((amounts, "amount"), (overages, "overage")):
        for share in shares:
            size = getattr(share, part)
            counts[share.grant] = max(0, min(end, position + size) - max(start, position))
            position += size
    chosen = (GrantShare(each.grant, amounts[each.grant], overages[each.grant]) for each in shares)
    return tuple(each for each in chosen if each.amount or each.overage)


def check_same_command(before: LedgerCommand, now: LedgerCommand) -> None:
    """Raise `ConflictError` if a key that was used for one command is used for another."""
    if before != now:
        field = first_different_field(before, now)
        raise ConflictError(
            f"key `{now.key}` was used before with another `{field}`",
            field=field,
            hint="use another key for another command",
        )


def first_different_field(before: LedgerCommand, now: LedgerCommand) -> str:
    """Return the name of the first field in which two commands differ; "" if they are equal.

    >>> difference(Void(key="k", hold="a"), Void(key="k", hold="b"))
    'hold'
    """
    if type(before) is not type(now):
        return "kind"
    for name in _names(before):
        old, new = getattr(before, name), getattr(now, name)
        if isinstance(old, Grant) and old != new:
            return next(f"{name}.{p}" for p in _names(old) if getattr(old, p) != getattr(new, p))
        if old != new:
            return name
    return ""


def _names(value: attrs.AttrsInstance) -> list[str]:
    return [each.name for each in attrs.fields(type(value))]
