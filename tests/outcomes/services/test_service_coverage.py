from __future__ import annotations

import pytest

from entitlements.aftersales import Outage
from entitlements.documents import parse_facts
from entitlements.kernel import utc
from entitlements.outcomes import ObjectiveWindow, ReportRecords, ServiceObjective, covered_services

FACTS = parse_facts(
    """
    groups: desk
    products: [{id: db, groups: [data]}, {id: queue, groups: [data]}, {id: web}]
    services: [{id: hotline}, {id: course}]
    plans:
      - id: gold
        severities: high
        channels: web
        group: desk
        first_response: 1h
        service: hotline
        commercial:
          price: 310 EUR/month
          credits: {availability: {bands: {below 99.9%: 10%}, service: portal}}
      - {id: bronze, severities: high, channels: web, group: desk, first_response: 1h}
    accounts:
      - customer: acme
        contracts:
          - {id: C-1, zone: UTC, start: 2026-02-01, end: 2026-03-31, any_contact: true,
             lines: [{id: main, plan: gold, coverage: {product_group: data}}]}
      - customer: whole
        contracts:
          - {id: C-2, zone: UTC, start: 2026-02-01, end: 2026-03-31, any_contact: true,
             lines: [{id: main, plan: bronze}]}
    """
)
NAMES = ["db", "queue", "web", "hotline", "course", "portal", "network"]


@pytest.mark.parametrize(
    ("customer", "month", "covered"),
    [
        ("acme", 3, {"db", "queue", "hotline", "portal"}),
        ("acme", 4, set()),
        ("whole", 3, {"db", "queue", "web", "network"}),
        ("nobody", 3, set()),
    ],
)
def test_what_a_contract_covers_in_a_month_is_of_interest(
    customer: str, month: int, covered: set[str]
) -> None:
    period = utc(f"2026-0{month}-01T00:00Z"), utc(f"2026-0{month + 1}-01T00:00Z")
    account = FACTS.accounts.get(customer)
    assert covered_services(NAMES, FACTS, account, *period) == covered


def test_a_customers_records_have_outages_of_what_is_covered_or_asked_for() -> None:
    start, end = utc("2026-03-01T00:00Z"), utc("2026-04-01T00:00Z")
    window = ObjectiveWindow(unit="days", count=31)
    records = ReportRecords(
        services=["course"],
        outages=[Outage(id=name, service=name, start=start, end=end) for name in NAMES],
        objectives=[ServiceObjective(id="net", service="network", percent=99, window=window)],
    )
    found = records.of_customer(FACTS, "acme", (start, end))
    assert {each.service for each in records.outages} - {
        each.service for each in found.outages
    } == {"web"}
