"""Ledger commands, and the entries that record their outcome.

A command is a request, an entry is what was done about it. Entries are only added; a correction is
one more entry. Each command has an idempotency key. The instant of a command is not part of its
content, because a retry has a later one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
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
from entitlements.kernel.mixins.no_truth_value import NoTruthValue
from entitlements.kernel.mixins.text_enum import TextEnum


class EntryKind(TextEnum):
    """The kind of an entry, one for each command."""

    ISSUE = "issue"
    RESERVE = "reserve"
    COMMIT = "commit"
    VOID = "void"
    EXPIRE = "expire"
    GIVE_BACK = "give_back"
    ADJUST = "adjust"
    WITHDRAW = "withdraw"
    TRANSFER = "transfer"


class RefusalReason(TextEnum):
    """Why a ledger refused a command. Codes are stable; sentences are not."""

    NOTHING_GRANTED = "nothing_granted"
    SPENT = "spent"
    CONSENT_NEEDED = "consent_needed"
    CAP_REACHED = "cap_reached"


def as_refusal(value: RefusalReason | str) -> RefusalReason:
    """Return the member that `value` is or names; used as a converter."""
    return enum_member(RefusalReason, value)


def _issue_key(issue: Issue) -> str:
    return key("issue", instance_of(Grant, issue.grant).id)


def _names(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(identifiers_or_keys(values))))


def _shares(values: Iterable[GrantShare]) -> tuple[GrantShare, ...]:
    return tuple_of(GrantShare, values)


@final
@attrs.frozen(kw_only=True)
class Issue:
    """Add a grant to the ledger; the dates of the grant say when it can be used.

    Grants of plans are not issued: they are derived from the contract.

    Attributes:
        grant: The grant.
        key: Idempotency key; by default made of the grant's id, so that no request can have it.

    >>> Issue(grant=Grant(id="g", unit="minutes", amount=60, effective="2026-01-01T00:00Z")).key
    'issue^g'
    """

    kind: ClassVar[EntryKind] = EntryKind.ISSUE
    grant: Grant
    key: str = attrs.field(
        default=attrs.Factory(_issue_key, takes_self=True), converter=identifier_or_key
    )

    def __attrs_post_init__(self) -> None:
        if plan_pool(self.grant.id) is not None:
            raise InvalidValueError(
                f"grant `{self.grant.id}` has an id that is reserved for grants of plans",
                hint="grants of plans are derived; choose another id",
            )


@final
@attrs.frozen(kw_only=True)
class Reserve:
    """Hold units for a request, all of them or none.

    Attributes:
        key: Idempotency key, and the name of the hold.
        unit: What is counted.
        amount: Units to hold, at least 1.
        duration: How long the hold lasts unless it is resolved before; None for no end.
        pools: Pools from which the units may come; empty for any.
        consent: Whether the customer agreed to overage.
        grants: Grants from which the units may come; empty for any.

    >>> Reserve(key="R-1", unit="minutes", amount=30).unit
    Unit.MINUTES
    """

    kind: ClassVar[EntryKind] = EntryKind.RESERVE
    key: str = attrs.field(converter=identifier_or_key)
    unit: Unit = attrs.field(converter=unit_of)
    amount: int
    duration: timedelta | None = None
    pools: tuple[str, ...] = attrs.field(default=(), converter=_names)
    consent: bool = False
    grants: tuple[str, ...] = attrs.field(default=(), converter=_names)

    def __attrs_post_init__(self) -> None:
        whole_number(self.amount, f"amount of `{self.key}`", least=1)
        if self.duration is not None and instance_of(timedelta, self.duration) <= timedelta():
            raise InvalidValueError(
                f"hold `{self.key}` lasts `{self.duration}`, which is not greater than 0",
                hint="leave out `duration` for no end",
            )


@final
@attrs.frozen(kw_only=True)
class Commit:
    """Use units of a hold; the rest is returned.

    Attributes:
        key: Idempotency key.
        hold: Key of the reservation.
        amount: How many units; None for all that are held.
    """

    kind: ClassVar[EntryKind] = EntryKind.COMMIT
    key: str = attrs.field(converter=identifier_or_key)
    hold: str = attrs.field(converter=identifier_or_key)
    amount: int | None = None

    def __attrs_post_init__(self) -> None:
        _optional(self.amount, self.key, least=0)


@final
@attrs.frozen(kw_only=True)
class Void:
    """Cancel a hold: all of its units are returned.

    Attributes:
        key: Idempotency key.
        hold: Key of the reservation.
    """

    kind: ClassVar[EntryKind] = EntryKind.VOID
    key: str = attrs.field(converter=identifier_or_key)
    hold: str = attrs.field(converter=identifier_or_key)


@final
@attrs.frozen(kw_only=True)
class Expire:
    """Record that a hold has ended; it ended at its instant whether this is recorded or not.

    Attributes:
        key: Idempotency key.
        hold: Key of the reservation.
    """

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
        amount: How many; None for all that were not returned before.
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
    """Correct a grant: grant more units, or void some that are left.

    Attributes:
        key: Idempotency key.
        grant: Id of the grant.
        amount: Units to add, or to void if negative; not 0.
    """

    kind: ClassVar[EntryKind] = EntryKind.ADJUST
    key: str = attrs.field(converter=identifier_or_key)
    grant: str = attrs.field(converter=identifier_or_key)
    amount: int

    def __attrs_post_init__(self) -> None:
        if whole_number(self.amount, "amount", least=-MAX_INT64) == 0:
            raise InvalidValueError(f"amount of adjustment `{self.key}` is 0")


@final
@attrs.frozen(kw_only=True)
class Withdraw:
    """Withdraw a grant: units that are left, or that are returned later, are voided.

    Attributes:
        key: Idempotency key.
        grant: Id of the grant.
    """

    kind: ClassVar[EntryKind] = EntryKind.WITHDRAW
    key: str = attrs.field(converter=identifier_or_key)
    grant: str = attrs.field(converter=identifier_or_key)


@final
@attrs.frozen(kw_only=True)
class TransferUnits:
    """Move units that are left in a grant to another ledger; see `transfer_units`.

    Attributes:
        key: Idempotency key in both ledgers, and the id of the new grant.
        grant: The grant from which units are moved.
        to: The destination ledger, as the caller names it.
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
    """The units of an entry that count against one grant.

    Attributes:
        grant: Id of the grant.
        amount: Units of the grant.
        overage: Units beyond it.
    """

    grant: str
    amount: int
    overage: int = 0


@final
@attrs.frozen(kw_only=True)
class Entry(NoTruthValue):
    """The outcome of one command; immutable, and neither true nor false, since it may be a refusal.

    Attributes:
        number: Position in the ledger, from 1.
        command: The command.
        at: The instant at which it takes effect.
        recorded: The instant at which it became known; never before that of an earlier entry.
        shares: Units by grant, in the order in which they were taken.
        until: End of the hold, for a reservation that has one.
        refusal: Why the command was refused, or None.
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
        """The idempotency key of the command."""
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
    """Raise `ConflictError` if two commands with one key are different."""
    from entitlements.kernel.data.digests import first_different_field  # noqa: PLC0415 - on first use

    field = first_different_field(_content(before), _content(now))
    if field is not None:
        raise ConflictError(
            f"key `{now.key}` was used before with another `{field}`",
            field=field,
            hint="use another key for another command",
        )


def _content(command: LedgerCommand) -> dict[str, object]:
    """Return the fields of a command, with those of its grant as `grant.amount` and so on."""
    found: dict[str, object] = {"kind": type(command)}
    for name, value in _values(command):
        if isinstance(value, Grant):
            found |= {f"{name}.{part}": each for part, each in _values(value)}
        else:
            found[name] = value
    return found


def _values(value: attrs.AttrsInstance) -> list[tuple[str, object]]:
    return [(each.name, getattr(value, each.name)) for each in attrs.fields(type(value))]
