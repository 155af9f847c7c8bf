"""One customer with prices, for statements."""

from __future__ import annotations

from entitlements.documents import parse_facts
from entitlements.engine.facts import Facts

TEXT = """
calendars: [{name: berlin, zone: Europe/Berlin, week: "Mo-Fr 09:00-17:00"}]
groups: desk
plans:
  - id: gold
    severities: high
    channels: web
    group: desk
    first_response: 1h
    charge: time_and_materials
    allowance: hours
    allowances: {id: hours, unit: minutes, amount: 60, recurrence: month, warranty: 48h}
    line_calendars: [business]
    commercial:
      price: 310 EUR/month in advance
      rates: {default: 100 EUR/h, after hours: x1.5 outside business}
      work: 15m per case
      credits:
        availability: {below 99.9%: 10%, below 99%: 25%}
        missed: {bands: {1-2: 5%, 3+: 10%}, window: {days: 30, after: month}}
  - {id: silver, based_on: gold, commercial: {price: 155 EUR/month, rates: {default: 80 EUR/h}}}
accounts:
  - customer: acme
    contracts:
      - {id: C-1, zone: Europe/Berlin, start: 2026-01-01, end: 2026-12-31, any_contact: true,
         lines: [{id: main, plan: gold, calendars: {business: berlin}}] AGREED}
    changes: [CHANGES]
    cases: [CASES]
BILLING
"""


def acme(agreed: str = "", changes: str = "", cases: str = "", billing: str = "") -> Facts:
    """Return the facts, with more terms of the contract, changes, cases or a billing account."""
    parts = {"AGREED": agreed, "CHANGES": changes, "CASES": cases, "BILLING": billing}
    text = TEXT
    for name, part in parts.items():
        text = text.replace(name, part)
    return parse_facts(text)
