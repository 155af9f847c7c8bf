"""A document whose names need escaping in every format."""

from __future__ import annotations

from entitlements.documents import PlanTable, parse_facts, plan_tables

TEXT = """
calendars:
  - {name: "a<b", zone: UTC, week: "Mo-Fr 09:00-17:00"}
  - name: unknown
    zone: UTC
    week: "Mo-Fr 09:00-17:00"
    holidays: {covered: [2020-01-01, 2020-12-31], holidays: [2020-12-25]}
groups: ["<desk>|1"]
plans:
  - id: gold
    name: "Gold & <b>*more*</b>"
    source: "page 3 | 4"
    severities: [high]
    channels: [web]
    rights:
      - {id: one, group: "<desk>|1", hours: "a<b"}
      - {id: two, group: "<desk>|1", hours: unknown}
    targets: [{milestone: first_response, within: 4h}]
"""


def tables() -> tuple[PlanTable, ...]:
    """Return its one table."""
    return plan_tables(parse_facts(TEXT))
