"""Checks of the life cycle of service, product and version."""

from __future__ import annotations

from collections.abc import Iterable

from entitlements.access.reasons import REASON_BIT, Reason
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.dates.day_boundaries import day_end, day_start
from entitlements.contracts.plans import Plan
from entitlements.contracts.products import LifeCycle, Product
from entitlements.kernel.requests import Request


def service_failures(plan: Plan, catalog: Catalog, zone: str, at: int) -> int:
    """Return whether the service product's life cycle has ended, or not begun."""
    if plan.service is None:
        return 0
    service = next(each for each in catalog.services if each.id == plan.service)
    start, end = support_span(service.life_cycle, zone)
    ended = (start is not None and at < start) or (end is not None and at >= end)
    return REASON_BIT[Reason.SERVICE_ENDED] if ended else 0


def support_failures(product: Product | None, request: Request, zone: str, at: int) -> int:
    """Return whether the product and its version are supported at `at`."""
    if product is None:
        return 0
    failures = 0
    start, end = support_span(product.life_cycle, zone)
    if start is not None and at < start:
        failures |= REASON_BIT[Reason.PRODUCT_NOT_RELEASED]
    if end is not None and at >= end:
        failures |= REASON_BIT[Reason.PRODUCT_OUT_OF_SUPPORT]
    if not product.versions:
        return failures
    if request.version is None:
        over = any(at >= end for end in _version_ends(product, None, zone))
        return failures | (REASON_BIT[Reason.VERSION_NOT_STATED] if over else 0)
    if product.version(request.version) is None:
        return failures | REASON_BIT[Reason.VERSION_UNKNOWN]
    over = any(at >= end for end in _version_ends(product, request.version, zone))
    return failures | (REASON_BIT[Reason.VERSION_OUT_OF_SUPPORT] if over else 0)


def _version_ends(product: Product, version: str | None, zone: str) -> set[int]:
    """Return when support of a version ends; of every version, if none is stated."""
    named = (each for each in product.versions if version in {None, each.id})
    days = (each.end_of_support for each in named)
    return {day_end(day, zone) for day in days if day is not None}


def support_span(cycle: LifeCycle, zone: str) -> tuple[int | None, int | None]:
    """Return the first instant of support and the first after it; None where there is none."""
    first, last = cycle.general_availability, cycle.last_supported
    return (
        None if first is None else day_start(first, zone),
        None if last is None else day_end(last, zone),
    )


def support_edges(
    product: Product | None, plans: Iterable[Plan], request: Request, catalog: Catalog, zone: str
) -> set[int]:
    """Return the instants at which `service_failures` or `support_failures` can change."""
    cycles = [product.life_cycle] if product is not None else []
    wanted = {plan.service for plan in plans}
    cycles += [service.life_cycle for service in catalog.services if service.id in wanted]
    edges = {edge for cycle in cycles for edge in support_span(cycle, zone) if edge is not None}
    if product is not None:
        edges |= _version_ends(product, request.version, zone)
    return edges
