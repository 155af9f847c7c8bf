"""The checks: one pure function each, from facts to the reasons they give, as bits.

None of them knows another, and none knows what is done with its bits: zero is a pass. The window,
the balance and the number of open cases change from instant to instant: `index` looks at them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from entitlements.access.reasons import BIT, Reason
from entitlements.contracts.account import Account, Part
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.changes import BlockEffect
from entitlements.contracts.coverage import OF_ASSETS, CoveredLevel
from entitlements.contracts.dates import day_end, day_start
from entitlements.contracts.parties import Asset
from entitlements.contracts.plans import AccessRight, Plan
from entitlements.contracts.products import LifeCycle, Product
from entitlements.contracts.standing import Standing, Status
from entitlements.kernel.requests import Request

_OF_STATUS: Final = {
    Status.SUPERSEDED: BIT[Reason.CONTRACT_SUPERSEDED],
    Status.CANCELLED: BIT[Reason.CONTRACT_CANCELLED],
    Status.EXPIRED: BIT[Reason.CONTRACT_EXPIRED],
    Status.GRACE: 0,
    Status.PENDING: BIT[Reason.CONTRACT_PENDING],
    Status.SUSPENDED: 0,
    Status.ACTIVE: 0,
}


def known_bits(account: Account, needed: Iterable[Part]) -> int:
    """Return whether a part of the account that is needed could not be loaded."""
    return BIT[Reason.FACTS_MISSING] if any(part in account.unknown for part in needed) else 0


def status_bits(standing: Standing) -> int:
    """Return whether the line is out of force, or access to it blocked."""
    blocked = BIT[Reason.ACCESS_BLOCKED] if BlockEffect.ACCESS in standing.blocked else 0
    return _OF_STATUS[standing.status] | blocked


def contract_bits(contract: str, request: Request) -> int:
    """Return whether the request insists on another contract."""
    if request.contract is None or request.contract == contract:
        return 0
    return BIT[Reason.OTHER_CONTRACT]


def service_bits(plan: Plan, catalog: Catalog, zone: str, at: int) -> int:
    """Return whether the service product's life cycle has ended, or not begun."""
    if plan.service is None:
        return 0
    service = next(each for each in catalog.services if each.id == plan.service)
    start, end = support_span(service.life_cycle, zone)
    ended = (start is not None and at < start) or (end is not None and at >= end)
    return BIT[Reason.SERVICE_ENDED] if ended else 0


def coverage_bits(
    standing: Standing, product: Product | None, asset: Asset | None, request: Request
) -> int:
    """Return whether the line covers what the request is about.

    Cover that depends on an asset needs one that the account has, and for a site one whose place
    the account has: what a request only declares proves nothing.
    """
    if product is None:
        return BIT[Reason.PRODUCT_UNKNOWN]
    coverage = standing.line.coverage
    if coverage.level in OF_ASSETS:
        if asset is None:
            return BIT[Reason.ASSET_UNKNOWN]
        nowhere = coverage.level is CoveredLevel.SITE and asset.site is None
        if nowhere and asset.product == product.id:
            return BIT[Reason.ASSET_UNKNOWN]
    if not coverage.covers(request, product, asset):
        return BIT[Reason.NOT_COVERED]
    return 0


def needs_assets(standing: Standing, request: Request) -> bool:
    """Return whether coverage here depends on what is known of the customer's assets."""
    return request.asset is not None and standing.line.coverage.level in OF_ASSETS


def support_bits(product: Product | None, request: Request, zone: str, at: int) -> int:
    """Return whether the product and its version are supported at `at`."""
    if product is None:
        return 0
    bits = 0
    start, end = support_span(product.life_cycle, zone)
    if start is not None and at < start:
        bits |= BIT[Reason.PRODUCT_NOT_RELEASED]
    if end is not None and at >= end:
        bits |= BIT[Reason.PRODUCT_OUT_OF_SUPPORT]
    if not product.versions:
        return bits
    if request.version is None:
        over = any(at >= end for end in _version_ends(product, None, zone))
        return bits | (BIT[Reason.VERSION_NOT_STATED] if over else 0)
    if product.version(request.version) is None:
        return bits | BIT[Reason.VERSION_UNKNOWN]
    over = any(at >= end for end in _version_ends(product, request.version, zone))
    return bits | (BIT[Reason.VERSION_OUT_OF_SUPPORT] if over else 0)


def _version_ends(product: Product, version: str | None, zone: str) -> set[int]:
    """Return when support of a version ends; of every version, if none is stated."""
    named = (each for each in product.versions if version in {None, each.id})
    days = (each.end_of_support for each in named)
    return {day_end(day, zone) for day in days if day is not None}


def support_span(cycle: LifeCycle, zone: str) -> tuple[int | None, int | None]:
    """Return the half-open support of a life cycle; None where it has no such edge."""
    first, last = cycle.general_availability, cycle.last_supported
    return (
        None if first is None else day_start(first, zone),
        None if last is None else day_end(last, zone),
    )


def support_edges(
    product: Product | None, plans: Iterable[Plan], request: Request, catalog: Catalog, zone: str
) -> set[int]:
    """Return the instants at which `service_bits` or `support_bits` can change."""
    cycles = [product.life_cycle] if product is not None else []
    wanted = {plan.service for plan in plans}
    cycles += [service.life_cycle for service in catalog.services if service.id in wanted]
    edges = {edge for cycle in cycles for edge in support_span(cycle, zone) if edge is not None}
    if product is not None:
        edges |= _version_ends(product, request.version, zone)
    return edges


def plan_bits(plan: Plan, request: Request) -> int:
    """Return whether the plan takes such a request at all."""
    bits = 0
    if request.channel not in plan.channels:
        bits |= BIT[Reason.CHANNEL_NOT_IN_PLAN]
    if request.severity not in plan.severities:
        bits |= BIT[Reason.SEVERITY_UNKNOWN]
    elif request.severity in plan.may_not_open:
        bits |= BIT[Reason.SEVERITY_NOT_OPENABLE]
    return bits


def right_bits(right: AccessRight, standing: Standing, request: Request, *, counted: bool) -> int:
    """Return whether the right is to the group asked for, and holds for such a request.

    `counted` says whether the request draws on an allowance under it.
    """
    bits = 0
    if request.group is not None and request.group != right.group:
        bits |= BIT[Reason.GROUP_NOT_IN_PLAN]
    if right.products and request.product not in right.products:
        bits |= BIT[Reason.PRODUCT_NOT_IN_RIGHT]
    if right.channels and request.channel not in right.channels:
        bits |= BIT[Reason.CHANNEL_NOT_IN_RIGHT]
    if right.severities and request.severity not in right.severities:
        bits |= BIT[Reason.SEVERITY_NOT_IN_RIGHT]
    if not right.conditions <= request.conditions:
        bits |= BIT[Reason.CONDITION_NOT_MET]
    grace = standing.plan.grace
    if standing.status is Status.GRACE and grace and grace.rights and right.id not in grace.rights:
        bits |= BIT[Reason.NOT_IN_GRACE]
    if counted and BlockEffect.CONSUMPTION in standing.blocked:
        bits |= BIT[Reason.CONSUMPTION_BLOCKED]
    return bits
