"""A small document with every part, and functions that read one part of a document."""

from __future__ import annotations

from typing import Any

from entitlements.documents import parse_facts
from entitlements.documents.formats.files import Source, parse_document
from entitlements.documents.formats.nodes import Node
from entitlements.documents.hours.business_hours import PREDEFINED
from entitlements.documents.shapes.read_context import UNREADABLE, ReadContext
from entitlements.documents.shapes.scalars import Shape
from entitlements.engine.facts import Facts
from entitlements.kernel.errors import DocumentError

DOCUMENT = """\
schema_version: 1
calendars:
  - {name: business, zone: Europe/Berlin, week: "Mo-Fr 09:00-17:00", holidays: [2026-12-25]}
  - name: emea
    zone: Europe/London
    week: {mon-fri: ["09:00-17:00"], sat: off}
  - {name: anybody, any_of: [business, emea], zone: UTC}
services: [{id: expert-access}]
products: [db, {id: web, groups: apps, versions: [1.10, 2]}]
groups: [dba, {id: front, name: Front line}]
plans:
  - id: gold
    service: expert-access
    severities: [S1, S2]
    channels: [phone, web]
    line_calendars: [desk]
    rights:
      - {id: db, group: dba, hours: business, products: db}
      - {id: q, group: front, immediate: false, allowance: cases}
    targets:
      - {milestone: first_response, severities: S1, within: 1h, warn: [75%, 15m]}
      - {milestone: first_response, severities: S2, within: 4h, calendar: desk}
      - {milestone: resolution, within: {business_days: 2, anchor: end}, calendar: business}
    clock: {reopen: continue}
    allowances: [{id: cases, unit: incidents, amount: 10, recurrence: month}]
agents:
  - {id: ada, groups: dba, skills: [oracle], capacity: 3, shift: business}
  - {id: bob, groups: [front], channels: {phone: 1, web: null}, shift: always}
accounts:
  - customer: acme
    contracts:
      - id: C-1
        zone: Europe/Berlin
        start: 2026-01-01
        months: 12
        lines: [{id: L1, plan: gold, coverage: {product: db}, calendars: {desk: emea}}]
        contacts: [dana, {contact: bob, start: 2026-02-01}]
    changes:
      - {kind: renewal, id: R-1, contract: C-1, months: 12}
    grants: [{id: g1, unit: incidents, amount: 5, effective: 2026-01-01T00:00Z}]
"""


def problems(text: str, **options: Any) -> list[str]:
    """Return the problems of a document, without its name; an empty list if there are none."""
    try:
        parse_facts(text, **options)
    except DocumentError as error:
        return [each.removeprefix("<text>:").lstrip() for each in error.problems]
    return []


def tree(text: str) -> Node:
    """Return the node of a value that is written as YAML."""
    return parse_document(Source("t", f"it: {text}", "yaml"), []).entries["it"]


def read(shape: Shape, text: str) -> Any:
    """Return the value of `text`, or the messages of its problems."""
    into = ReadContext()
    into.resolve = lambda name: PREDEFINED.get(name, UNREADABLE)
    value = shape.read(tree(text), into)
    return [each.message for each in into.problems] if value is UNREADABLE else value


HEAD = """\
calendars:
  - {name: business, zone: Europe/Berlin, week: "Mo-Fr 09:00-17:00"}
  - {name: emea, zone: Europe/London, week: "Mo-Fr 08:00-18:00"}
milestones: [workaround]
groups: [desk, seniors]
plans:
"""
"""What plans of a short price list need; plans follow, indented by two blanks."""

GOLD = """\
  - id: gold
    hours: business
    group: desk
    severities: [S1, S2, S3]
    channels: [phone, web]
    anchor: end
    first_response: {S1: 1h always, S2: 4h, S3: 1 business day}
"""
"""A plan after `HEAD`."""


def facts_of(*plans: str) -> Facts:
    """Return the facts of these plans."""
    return parse_facts(HEAD + "".join(plans))


def slips_of(*plans: str) -> list[str]:
    """Return the problems of these plans, each with its line in them."""
    before = HEAD.count("\n")
    found = problems(HEAD + "".join(plans))
    split = (each.partition(":") for each in found)
    return [f"{int(line) - before}:{rest}" for line, _, rest in split]
