"""A document with one plan, one customer and two groups, from which the tests change a word."""

from __future__ import annotations

from datetime import UTC, datetime

from entitlements.documents import FactsChange, facts_diff, parse_facts

AT = datetime(2026, 1, 1, tzinfo=UTC)
TEXT = """
calendars:
  - {name: business, zone: UTC, week: "Mo-Fr 09:00-17:00"}
  - {name: long, zone: UTC, week: "Mo-Sa 07:00-19:00"}
  - {name: night, zone: UTC, week: "Mo-Su 20:00-24:00"}
products: [db]
groups: [desk, experts]
plans:
  - id: gold
    severities: [high, low]
    channels: [web, phone]
    contact_limit: 4
    allowances: [{id: cases, unit: incidents, amount: 5}]
    rights:
      - {id: hotline, group: experts, severities: [high], channels: [phone], hours: business}
      - {id: queue, group: desk, hours: business}
    targets:
      - {milestone: first_response, severities: [high], within: 1h, calendar: business}
      - {milestone: first_response, within: 8h, calendar: business, warn: [0.5]}
      - {milestone: resolution, severities: [high], within: {business_days: 2, anchor: end},
         calendar: business}
accounts:
  - customer: acme
    contracts:
      - id: C-1
        zone: UTC
        start: 2026-01-01
        months: 12
        any_contact: true
        lines: [{id: "1", plan: gold, coverage: {product: [db]}}]
"""


def changes(*replaced: tuple[str, str]) -> tuple[FactsChange, ...]:
    """Return what changes if texts of the document are replaced, each of them once."""
    text = TEXT
    for old, new in replaced:
        assert old in text
        text = text.replace(old, new, 1)
    return facts_diff(parse_facts(TEXT), parse_facts(text), AT)


def sentences(*replaced: tuple[str, str]) -> list[str]:
    """Return the same changes as sentences."""
    return [str(each) for each in changes(*replaced)]
