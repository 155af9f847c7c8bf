"""Editions of the catalog: all that is known beside the records of each customer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import final

import attrs

from entitlements.aftersales.notice_clauses import NoticeClause
from entitlements.billing.billing_accounts import BillingAccount
from entitlements.billing.price_book import PriceBook
from entitlements.contracts.catalog import Catalog
from entitlements.kernel.converters import instance_of, tuple_of
from entitlements.kernel.instants import utc
from entitlements.routing.policies.policy import RoutingPolicy
from entitlements.sla.policy import SlaPolicy


def _policies(policies: Iterable[SlaPolicy]) -> tuple[SlaPolicy, ...]:
    return tuple(sorted(tuple_of(SlaPolicy, policies), key=lambda each: each.id))


def _catalog(value: Catalog) -> Catalog:
    return instance_of(Catalog, value)


def _prices(value: PriceBook) -> PriceBook:
    return instance_of(PriceBook, value)


def _billing_accounts(values: Iterable[BillingAccount]) -> tuple[BillingAccount, ...]:
    return tuple(sorted(tuple_of(BillingAccount, values), key=lambda each: each.customer))


def _clauses(values: Iterable[NoticeClause]) -> tuple[NoticeClause, ...]:
    return tuple_of(NoticeClause, values)


def _routing(policy: RoutingPolicy) -> RoutingPolicy:
    return instance_of(RoutingPolicy, policy)


@final
@attrs.frozen(kw_only=True)
class CatalogEdition:
    """One edition of all that is known beside the records of each customer; it never changes.

    Attributes:
        number: Number of the edition, from 1.
        recorded: Instant from which it was known.
        catalog: Calendars, products, groups and plans.
        policies: SLA policies, ordered by id.
        routing: How work is routed.
        prices: What plans and contracts name in their commercial terms.
        billing_accounts: What customers agreed to pay beside that, ordered by customer.
        notice_clauses: Of what customers have to be informed, and how long before.
    """

    number: int
    recorded: datetime = attrs.field(converter=utc)
    catalog: Catalog = attrs.field(factory=Catalog, converter=_catalog)
    policies: tuple[SlaPolicy, ...] = attrs.field(default=(), converter=_policies)
    routing: RoutingPolicy = attrs.field(factory=RoutingPolicy, converter=_routing)
    prices: PriceBook = attrs.field(factory=PriceBook, converter=_prices)
    billing_accounts: tuple[BillingAccount, ...] = attrs.field(
        default=(), converter=_billing_accounts
    )
    notice_clauses: tuple[NoticeClause, ...] = attrs.field(default=(), converter=_clauses)
