"""Parties of a customer: named contacts, delegations of their rights, and assets.

Named contacts may open cases. A contact may delegate this right for a time; the right of the
delegate ends with that of the giver.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final, final

import attrs

from entitlements.contracts.dates.day_boundaries import check_date_range
from entitlements.kernel.converters import (
    instance_of,
    utc_or_none,
)
from entitlements.kernel.errors import InvalidValueError, LimitExceededError
from entitlements.kernel.ids import identifier, identifier_set, optional_identifier
from entitlements.kernel.instants import utc

MAX_DELEGATION_LINKS: Final = 3


@final
@attrs.frozen(kw_only=True)
class NamedContact:
    """A person who may open cases under a contract.

    Attributes:
        contact: The person's id.
        start: First day as a contact; None for the first day of the contract.
        end: Last day as a contact; None for the last day of the contract.
        may_delegate: Whether the person may delegate the right.
        roles: Roles of the person, such as `admin`, `security` or `billing`, in the words of the
            plan.

    >>> NamedContact(contact="dana", roles=["admin"]).may_delegate
    True
    """

    contact: str = attrs.field(converter=identifier)
    start: date | None = None
    end: date | None = None
    may_delegate: bool = True
    roles: frozenset[str] = attrs.field(default=(), converter=identifier_set)

    def __attrs_post_init__(self) -> None:
        check_date_range(self.start, self.end, f"contact `{self.contact}`")


@final
@attrs.frozen(kw_only=True)
class Delegation:
    """A contact delegates the right to open cases under a contract, for a time.

    Attributes:
        id: Names the delegation.
        contract: Id of the contract.
        giver: The person who delegates: a named contact, or a delegate who may.
        receiver: The delegate.
        start: First instant.
        end: First instant after it; None for no end.
        depth: How many further times it may be delegated, at most 2 (three links in all).
        recorded: When it became known; None for always.
        retracted: Whether this record takes the delegation back.

    >>> Delegation(id="D-1", contract="C-1", giver="dana", receiver="emil",
    ...            start="2026-03-02T09:00Z").end is None
    True
    """

    id: str = attrs.field(converter=identifier)
    contract: str = attrs.field(converter=identifier)
    giver: str = attrs.field(converter=identifier)
    receiver: str = attrs.field(converter=identifier)
    start: datetime = attrs.field(converter=utc)
    end: datetime | None = attrs.field(default=None, converter=utc_or_none)
    depth: int = 0
    recorded: datetime | None = attrs.field(default=None, converter=utc_or_none)
    retracted: bool = False

    def __attrs_post_init__(self) -> None:
        if self.giver == self.receiver:
            raise InvalidValueError(f"giver and receiver of delegation `{self.id}` are the same")
        if self.end is not None and self.end <= self.start:
            raise InvalidValueError(f"delegation `{self.id}` ends before it starts")
        if not 0 <= instance_of(int, self.depth) < MAX_DELEGATION_LINKS:
            raise LimitExceededError(
                f"delegation `{self.id}` has depth `{self.depth}`",
                hint=f"a right can be delegated over at most {MAX_DELEGATION_LINKS} links",
            )


@final
@attrs.frozen(kw_only=True)
class Asset:
    """An installed thing that a contract line may cover.

    Attributes:
        id: Names the asset, such as a serial number.
        product: Id of its product.
        site: The site at which it is installed; None if not known.
        groups: Asset groups to which it belongs.

    >>> Asset(id="SN-1", product="db", site="bonn").groups
    frozenset()
    """

    id: str = attrs.field(converter=identifier)
    product: str = attrs.field(converter=identifier)
    site: str | None = attrs.field(default=None, converter=optional_identifier)
    groups: frozenset[str] = attrs.field(default=(), converter=identifier_set)
