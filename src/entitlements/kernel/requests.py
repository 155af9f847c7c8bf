"""What a customer asks for.

A request says who asks, about what, how badly and through which channel; it says nothing about
what was promised. All names are those of the caller's own systems.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

import attrs

from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.ids import identifier, identifier_set, optional_identifier


def skill_levels(levels: Mapping[str, int]) -> FrozenMap[str, int]:
    """Return `levels`, a level for each skill, as a mapping that never changes."""
    return FrozenMap(levels)


@final
@attrs.frozen(kw_only=True)
class Request:
    """One request for help, as it arrived.

    Attributes:
        id: Names the request; chosen by the caller, the same on every retry.
        customer: The account that asks.
        contact: The person who asks on the account's behalf.
        product: The product that needs help.
        severity: How bad it is, in the words of the plan's severity scale.
        channel: How the request arrived: phone, web, chat.
        group: The expert group asked for; None for the best one the contract gives.
        contract: The contract the caller insists on; None for any.
        version: Version of the product, where support depends on it.
        asset: The installed asset, where cover depends on it.
        site: The place, where cover depends on it.
        party: The part of the customer, such as a subsidiary, where cover depends on it.
        skills: Skills the work needs, each with the lowest level that will do.
        follows: The resolved case that this one continues, where a warranty may cover it.
        conditions: What the customer has declared, in the words of the plan, such as
            `contact-reachable` for a promise that holds only while somebody can be reached.

    >>> Request(id="R-1", customer="acme", contact="dana", product="db", severity="S1",
    ...         channel="phone").group is None
    True
    """

    id: str = attrs.field(converter=identifier)
    customer: str = attrs.field(converter=identifier)
    contact: str = attrs.field(converter=identifier)
    product: str = attrs.field(converter=identifier)
    severity: str = attrs.field(converter=identifier)
    channel: str = attrs.field(converter=identifier)
    group: str | None = attrs.field(default=None, converter=optional_identifier)
    contract: str | None = attrs.field(default=None, converter=optional_identifier)
    version: str | None = attrs.field(default=None, converter=optional_identifier)
    asset: str | None = attrs.field(default=None, converter=optional_identifier)
    site: str | None = attrs.field(default=None, converter=optional_identifier)
    party: str | None = attrs.field(default=None, converter=optional_identifier)
    skills: FrozenMap[str, int] = attrs.field(factory=FrozenMap, converter=skill_levels)
    follows: str | None = attrs.field(default=None, converter=optional_identifier)
    conditions: frozenset[str] = attrs.field(default=(), converter=identifier_set)
