"""Covered services: the services whose outages are of interest to a customer."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Final

from entitlements.contracts.account import Account
from entitlements.contracts.lines.line_history import LineHistory, LineStatus
from entitlements.contracts.lines.line_status import line_histories
from entitlements.contracts.products import Product
from entitlements.contracts.records.contract import Coverage, CoverageLevel
from entitlements.engine.facts import Facts
from entitlements.engine.statements.sold_lines import sold_lines
from entitlements.kernel.converters import instance_of
from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.ids import identifier_set
from entitlements.kernel.instants import END_OF_TIME, to_micros

IN_FORCE: Final = frozenset({LineStatus.ACTIVE, LineStatus.SUSPENDED, LineStatus.GRACE})
"""A line covers something in these states."""


def covered_services(
    services: Iterable[str], facts: Facts, account: Account | None, start: datetime, end: datetime
) -> frozenset[str]:
    """Return those services that a customer's contracts cover at some time between two instants.

    An outage names a service. It is covered if it is a product that a line covers, the service
    product of a plan, or the service of a credit schedule that was agreed for a line. What the
    facts do not know is covered by a line for the whole account, as a request about it is.

    >>> from entitlements.kernel import utc
    >>> march = utc("2026-03-01T00:00Z"), utc("2026-04-01T00:00Z")
    >>> covered_services(["db"], Facts(), None, *march)
    frozenset()

    Args:
        services: The services that are asked about.
        facts: The catalog and the prices.
        account: The account of the customer; None covers nothing.
        start: First instant of the time.
        end: First instant after it.
    """
    asked, catalog = identifier_set(services), instance_of(Facts, facts).catalog
    first, after = to_micros(start), to_micros(end)
    if account is None:
        return frozenset()
    lines = [each for each in line_histories(account, catalog) if _is_in_force(each, first, after)]
    terms = [each for line in lines for each in line.line_terms.values]
    products = {each.id: each for each in catalog.products}
    schedules = facts.prices.credit_schedules.values()
    known = {each.id for each in catalog.services} | {each.service for each in schedules}
    found = {each.plan.service for each in terms}
    for line in lines:
        with suppress(EntitlementsError):  # prices that are not known promise nothing
            found |= _promised(facts, line)
    for name in asked - found - known - products.keys():
        products[name] = Product(id=name)
    for name in asked & products.keys():
        if any(covers_product(each.line.coverage, products[name], account) for each in terms):
            found.add(name)
    return asked.intersection(each for each in found if each is not None)


def _promised(facts: Facts, line: LineHistory) -> set[str | None]:
    agreed = [time.agreed for sold in sold_lines(facts, [line]) for time in sold.times]
    schedules = [each for prices in agreed if prices is not None for each in prices.credits]
    return {each.service for each in schedules}


def _is_in_force(line: LineHistory, start: int, end: int) -> bool:
    known = line.statuses
    ends = [*known.starts[1:], END_OF_TIME]
    return any(
        status in IN_FORCE and since < end and until > start
        for since, until, status in zip(known.starts, ends, known.values, strict=True)
    )


def covers_product(coverage: Coverage, product: Product, account: Account) -> bool:
    """Return whether a coverage has something to do with a product."""
    mine = [each for each in account.assets if each.product == product.id]
    match coverage.level:
        case CoverageLevel.ACCOUNT | CoverageLevel.PARTY:
            return True
        case CoverageLevel.PRODUCT:
            return product.id in coverage.ids
        case CoverageLevel.PRODUCT_GROUP:
            return not coverage.ids.isdisjoint(product.groups)
        case CoverageLevel.ASSET:
            return any(each.id in coverage.ids for each in mine)
        case CoverageLevel.ASSET_GROUP:
            return any(not coverage.ids.isdisjoint(each.groups) for each in mine)
        case CoverageLevel.SITE:
            return any(each.site in coverage.ids for each in mine)
