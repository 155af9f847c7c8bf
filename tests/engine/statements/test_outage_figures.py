from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction
from typing import Any

from entitlements.aftersales import AvailabilityRules, MaintenanceWindow, Outage
from entitlements.contracts import line_histories
from entitlements.documents import parse_facts
from entitlements.engine.statements.outage_figures import outage_figures
from entitlements.engine.statements.sold_lines import sold_lines
from entitlements.kernel import utc

FACTS = parse_facts(
    """
    groups: desk
    plans:
      - id: gold
        severities: high
        channels: web
        group: desk
        first_response: 1h
        commercial:
          price: 310 EUR/month
          credits:
            availability: {bands: {below 99.9%: 10%}, service: portal}
            downtime: {bands: [{credit: 5, above: 60}], service: mail}
            missed: {1+: 5%}
    accounts:
      - customer: acme
        contracts:
          - {id: C-1, zone: Asia/Tokyo, start: 2026-02-01, end: 2026-04-30, any_contact: true,
             lines: [{id: main, plan: gold}]}
    """
)
APRIL = utc("2026-04-01T00:00+09:00")
FEBRUARY = utc("2026-03-01T00:00+09:00")


def outage(id: str, service: str, start: str, end: str) -> Outage:
    return Outage(id=id, service=service, start=start, end=end)


def figures(
    *outages: Outage, by: datetime = APRIL, **more: Any
) -> dict[tuple[str, date], Fraction]:
    lines = sold_lines(FACTS, line_histories(FACTS.accounts["acme"], FACTS.catalog))
    found = outage_figures(lines, outages, by, **more)
    return {(each.schedule, each.start): each.figure for each in found}


def test_outages_are_counted_in_the_months_of_the_contract() -> None:
    # The outage begins in February by UTC, and lies in March in Tokyo, but for its first hour.
    outages = [
        outage("1", "portal", "2026-02-28T14:00Z", "2026-02-28T16:00Z"),
        outage("2", "mail", "2026-03-05T00:00Z", "2026-03-05T01:30Z"),
    ]
    assert figures(*outages) == {
        ("gold availability", date(2026, 2, 1)): Fraction(671 * 100, 672),
        ("gold availability", date(2026, 3, 1)): Fraction(743 * 100, 744),
        ("gold downtime", date(2026, 2, 1)): 0,
        ("gold downtime", date(2026, 3, 1)): 90,
    }
    # March ends in Tokyo before it does by UTC, and an instant before that it is not over.
    early = figures(*outages, by=APRIL - date.resolution / 86_400)
    assert {day for _, day in early} == {date(2026, 2, 1)}


def test_a_service_of_which_nothing_is_known_has_no_figure() -> None:
    assert figures() == {}
    named = figures(services=["portal"], by=FEBRUARY)
    assert named == {("gold availability", date(2026, 2, 1)): 100}
    whole = MaintenanceWindow(
        id="M", service="portal", start="2026-01-31T15:00Z", end="2026-02-28T15:00Z"
    )
    watched: dict[str, Any] = {"services": ["portal"], "maintenance": [whole], "by": FEBRUARY}
    assert figures(**watched) == {}
    up = AvailabilityRules(maintenance="counts_as_up")  # type: ignore[arg-type]
    assert figures(**watched, rules=up) == named
