"""Product oracle: reasons about the product of a request, its version, and coverage."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from entitlements.access.reasons import Reason
from entitlements.contracts.account import Account
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.products import Product
from entitlements.contracts.records.contract import ContractLine, Coverage, CoverageLevel
from entitlements.contracts.records.parties import Asset
from entitlements.kernel.requests import Request
from entitlements.testing.oracles.sold.terms import after, midnight


def about_product(
    catalog: Catalog,
    account: Account,
    zone: str,
    line: ContractLine,
    request: Request,
    at: datetime,
) -> Iterator[Reason]:
    """Yield the reasons against the product of a request, its version and the coverage."""
    product = next((p for p in catalog.products if p.id == request.product), None)
    if product is None:
        yield Reason.PRODUCT_UNKNOWN
        return
    asset = next((a for a in account.assets if a.id == request.asset), None)
    if _is_unclear(line.coverage, product, asset):
        yield Reason.ASSET_UNKNOWN
    elif not _covers(line.coverage, request, product, asset):
        yield Reason.NOT_COVERED
    life = product.life_cycle
    if life.general_availability and at < midnight(life.general_availability, zone):
        yield Reason.PRODUCT_NOT_RELEASED
    if any(last and at >= after(last, zone) for last in (life.end_of_support, life.end_of_life)):
        yield Reason.PRODUCT_OUT_OF_SUPPORT
    over = {
        each.id
        for each in product.versions
        if each.end_of_support and at >= after(each.end_of_support, zone)
    }
    if request.version is None and over:
        yield Reason.VERSION_NOT_STATED
    if request.version is not None and product.versions:
        if request.version in over:
            yield Reason.VERSION_OUT_OF_SUPPORT
        elif all(each.id != request.version for each in product.versions):
            yield Reason.VERSION_UNKNOWN


def _is_unclear(coverage: Coverage, product: Product, asset: Asset | None) -> bool:
    """Return whether an asset decides about coverage and is not known well enough."""
    if coverage.level not in {CoverageLevel.ASSET, CoverageLevel.ASSET_GROUP, CoverageLevel.SITE}:
        return False
    if asset is None:
        return True
    mine = asset.product == product.id
    return coverage.level is CoverageLevel.SITE and mine and asset.site is None


def _covers(coverage: Coverage, request: Request, product: Product, asset: Asset | None) -> bool:
    ids, fits = coverage.ids, asset is not None and asset.product == product.id
    site = asset.site if asset is not None else None
    groups = asset.groups if asset is not None else frozenset[str]()
    covered = {
        CoverageLevel.ACCOUNT: True,
        CoverageLevel.PRODUCT: product.id in ids,
        CoverageLevel.PRODUCT_GROUP: bool(ids & product.groups),
        CoverageLevel.ASSET: fits and request.asset in ids,
        CoverageLevel.ASSET_GROUP: fits and bool(ids & groups),
        CoverageLevel.SITE: fits and site in ids,
        CoverageLevel.PARTY: request.party in ids,
    }
    return covered[coverage.level]
