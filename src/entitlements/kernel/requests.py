"""The request of a customer.

A request says who asks, about which product, how severe it is and through which channel; it says
nothing about what the contract promises. All ids are those of the caller's systems.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, final

import attrs

from entitlements.kernel.data.schema import OMIT_NONE
from entitlements.kernel.data.versioned import VersionedData
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.ids import identifier, identifier_set, optional_identifier
from entitlements.kernel.mixins.repr_without_defaults import ReprWithoutDefaults


def skill_levels(levels: Mapping[str, int]) -> FrozenMap[str, int]:
    """Return `levels`, a level for each skill, as an immutable mapping."""
    return FrozenMap(levels)


@final
@attrs.frozen(repr=False, kw_only=True)
class Request(ReprWithoutDefaults):
    """One request for help, as it arrived.

    Attributes:
        id: The id of the request; chosen by the caller, the same on every retry.
        customer: The account that asks.
        contact: The person who asks on the account's behalf.
        product: The product that needs help.
        severity: One of the severities of the plan; None where the plan has none, or where it
            follows from `impact` and `urgency`.
        channel: How the request arrived, such as phone, web or chat.
        group: The expert group asked for; None for the best one that the contract allows.
        contract: The contract to use; None for any.
        version: Version of the product, where support depends on it.
        asset: The installed asset, where coverage depends on it.
        site: The site, where coverage depends on it.
        party: The part of the customer, such as a subsidiary, where coverage depends on it.
        skills: Skills the work needs, each with the lowest level that is enough.
        follows: The resolved case that this one continues, where a warranty may cover it.
        conditions: Conditions of the plan that the customer has declared to be met, such as
            `contact-reachable` for a promise that holds only while somebody can be reached.
        language: The language in which help is asked for, such as `en` or `ja`; None if it is not
            stated, which denies where a right is for languages.
        kind: What is asked for, such as an incident, a question, a service request, a billing or a
            security matter; None if it is not stated, which denies where the promise depends on it.
        impact: How much is affected, as the priority matrix of the plan names it.
        urgency: How soon it matters, as the priority matrix of the plan names it. The severity
            follows from both, so they are stated together.

    >>> Request(id="R-1", customer="acme", contact="dana", product="db", severity="S1",
    ...         channel="phone").group is None
    True

    Raises:
        InvalidValueError: Something is no id, or only one of impact and urgency is stated.
    """

    id: str = attrs.field(converter=identifier)
    customer: str = attrs.field(converter=identifier)
    contact: str = attrs.field(converter=identifier)
    product: str = attrs.field(converter=identifier)
    severity: str | None = attrs.field(default=None, converter=optional_identifier)
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
    language: str | None = attrs.field(default=None, converter=optional_identifier)
    kind: str | None = attrs.field(default=None, converter=optional_identifier)
    impact: str | None = attrs.field(
        default=None, converter=optional_identifier, metadata=OMIT_NONE
    )
    urgency: str | None = attrs.field(
        default=None, converter=optional_identifier, metadata=OMIT_NONE
    )

    @urgency.validator
    def _is_stated_with_impact(self, _: attrs.Attribute[str | None], urgency: str | None) -> None:
        if (urgency is None) != (self.impact is None):
            missing = "urgency" if urgency is None else "impact"
            raise InvalidValueError(
                "impact and urgency are stated together, or neither of them",
                hint=f"state the {missing} too",
                path=missing,
            )

    def to_dict(self) -> dict[str, Any]:
        """Return the request as data that JSON can hold; `entitlements schema request` shows it."""
        return REQUEST_DATA.write(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Request:
        """Return the request in data; the inverse of `to_dict`.

        >>> request = Request(id="R-1", customer="acme", contact="dana", product="db",
        ...                   channel="phone")
        >>> Request.from_dict(request.to_dict()) == request
        True

        Raises:
            InvalidValueError: Something in the data is not what belongs there; `path` names it.
        """
        return REQUEST_DATA.read(data)


REQUEST_DATA: Final = VersionedData("request", "A request for help", Request)
"""The data of a request, with the version of its schema."""
