"""What a contract line covers: seven levels, from one asset to the whole account.

A line names one level and the ids it covers there. A narrower level is the more specific promise
and wins where the catalog's precedence says `most_specific`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, final

import attrs

from entitlements.contracts.parties import Asset
from entitlements.contracts.products import Product
from entitlements.kernel.converters import enum_member
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.ids import identifier_set
from entitlements.kernel.requests import Request


class CoveredLevel(StrEnum):
    """What kind of thing a line covers, from the most specific to the least."""

    ASSET = "asset"
    ASSET_GROUP = "asset_group"
    PRODUCT = "product"
    PRODUCT_GROUP = "product_group"
    SITE = "site"
    PARTY = "party"
    ACCOUNT = "account"


def _covered_level(value: CoveredLevel | str) -> CoveredLevel:
    return enum_member(CoveredLevel, value)


OF_ASSETS: Final = frozenset({CoveredLevel.ASSET, CoveredLevel.ASSET_GROUP, CoveredLevel.SITE})
"""The levels on which the customer's assets decide."""

SPECIFICITY: Final = {level: rank for rank, level in enumerate(CoveredLevel)}


@final
@attrs.frozen(kw_only=True)
class Coverage:
    """One covered level and the ids covered on it.

    Attributes:
        level: What kind of thing is covered.
        ids: Which of them; empty exactly for the whole account.

    >>> Coverage(level="product", ids=["db"]).level
    <CoveredLevel.PRODUCT: 'product'>
    """

    level: CoveredLevel = attrs.field(default=CoveredLevel.ACCOUNT, converter=_covered_level)
    ids: frozenset[str] = attrs.field(default=(), converter=identifier_set)

    def __attrs_post_init__(self) -> None:
        if (self.level is CoveredLevel.ACCOUNT) == bool(self.ids):
            raise InvalidValueError(
                f"coverage of level `{self.level}` has {len(self.ids)} ids",
                hint="name what is covered, or cover the account and name nothing",
            )

    def covers(  # noqa: PLR0911 - one line for each level
        self, request: Request, product: Product, asset: Asset | None
    ) -> bool:
        """Return whether the request is about something covered here.

        An asset of another product than the one asked about is never covered. A site is where the
        customer's records say that the asset is, not where the request says it is.

        Args:
            request: What is asked.
            product: The product asked about.
            asset: The asset asked about, if the request names a known one.
        """
        if asset is not None and asset.product != product.id and self.level in OF_ASSETS:
            return False
        match self.level:
            case CoveredLevel.ACCOUNT:
                return True
            case CoveredLevel.PRODUCT:
                return product.id in self.ids
            case CoveredLevel.PRODUCT_GROUP:
                return not self.ids.isdisjoint(product.groups)
            case CoveredLevel.ASSET:
                return asset is not None and asset.id in self.ids
            case CoveredLevel.ASSET_GROUP:
                return asset is not None and not self.ids.isdisjoint(asset.groups)
            case CoveredLevel.SITE:
                return asset is not None and asset.site in self.ids
            case CoveredLevel.PARTY:
                return request.party in self.ids
