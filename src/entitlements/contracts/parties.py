"""Who belongs to a customer: named contacts, delegations, assets.

A right to open cases is given to people by name. A contact may pass it on for a time; the right
of the delegate ends with that of the giver.
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

MAX_DELEGATION_DEPTH: Final = 3


@final
@attrs.frozen(kw_only=True)
class NamedContact:
    """A person who may open cases under a contract.

    Attributes:
        contact: The person's id.
        start: First day of the naming; None for as long as the contract runs.
        end: Last day of it; None for as long as the contract runs.
        may_delegate: Whether the person may pass the right on.
    """

    contact: str = attrs.field(converter=identifier)
    start: date | None = None
    end: date | None = None
    may_delegate: bool = True

    def __attrs_post_init__(self) -> None:
        check_date_range(self.start, self.end, f"contact `{self.contact}`")


@final
@attrs.frozen(kw_only=True)
class Delegation:
    """One contact lets another act under a contract, for a time.

    Attributes:
        id: Names the delegation.
        contract: The contract it is about.
        giver: Who passes the right on: a named contact, or a delegate who may.
        receiver: Who gets it.
        start: First instant.
        end: First instant after it; None until it is taken back.
        depth: How many further times it may be passed on, at most 2 (three links in all).
        recorded: When it became known; None for always.
        retracted: Whether this record takes the fact back.
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
            raise InvalidValueError(f"delegation `{self.id}` gives a right to its own giver")
        if self.end is not None and self.end <= self.start:
            raise InvalidValueError(f"delegation `{self.id}` ends before it starts")
        if not 0 <= instance_of(int, self.depth) < MAX_DELEGATION_DEPTH:
            raise LimitExceededError(
                f"delegation `{self.id}` has depth `{self.depth}`",
                hint=f"a right passes through at most {MAX_DELEGATION_DEPTH} links",
            )


@final
@attrs.frozen(kw_only=True)
class Asset:
    """An installed thing that a contract line may cover.

    Attributes:
        id: Names the asset, such as a serial number.
        product: What product it is.
        site: Where it stands.
        groups: Asset groups it belongs to.
    """

    id: str = attrs.field(converter=identifier)
    product: str = attrs.field(converter=identifier)
    site: str | None = attrs.field(default=None, converter=optional_identifier)
    groups: frozenset[str] = attrs.field(default=(), converter=identifier_set)
