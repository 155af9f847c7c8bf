"""JSON Schema of documents, for editors and other programs.

A schema checks one place at a time: unknown names and dates in the wrong order are found by reading
only.
"""

from __future__ import annotations

import json
from typing import Final

from entitlements.documents.sections.document_parts import SHAPES, VERSION
from entitlements.documents.shapes.scalars import Definitions, JsonSchema

FILE: Final = "entitlements.schema.json"
"""The name of the file with the schema, in the folder of this module."""

_DESCRIPTIONS: Final = {
    "schema_version": "Version of this schema.",
    "tenant": "Id of the tenant whose facts they are; a store refuses those of another one.",
    "holidays": "Holiday sets by name, which several calendars may share.",
    "calendars": "Business hours by name; `always` and `never` are defined in every document.",
    "milestones": "Milestones beside first response, next response, update and resolution.",
    "services": "Services that are sold: access to experts, or work.",
    "products": "Products that customers need help with.",
    "groups": "Expert groups.",
    "policies": "SLA policies that several plans use.",
    "plans": "Plans: severities, rights, channels, targets.",
    "agents": "Agents who are assigned work.",
    "on_call": "On-call schedules, in layers.",
    "accounts": "Accounts of customers: contracts, their changes, and included units.",
    "rate_cards": "What an hour of work costs.",
    "price_lists": "What plans and contracts cost every period.",
    "work_rules": "How worked time is charged: rounding, prepaid minutes by kind of work, overage.",
    "credit_schedules": "What missed promises give back.",
    "billing_accounts": "Blocks, discounts and commitments of customers.",
    "notice_clauses": "Of what customers have to be informed, and how long before.",
    "outages": "Outages of services; of records of service, what is known last.",
    "maintenance": "Planned maintenance of services.",
    "surveys": "Surveys of cases, with their answers.",
    "complaints": "Complaints, and what became of them.",
    "notices": "Notices that were sent.",
    "precedence": "How to choose among several entitlements, most important first.",
    "roster": "The workload of agents and its history.",
    "routing": "How work is routed: strategy, queue order, offers; or the name of a preset.",
}


def json_schema() -> JsonSchema:
    """Return the JSON Schema (draft 2020-12) of a document.

    >>> sorted(json_schema()["properties"])[:3]
    ['accounts', 'agents', 'billing_accounts']
    """
    defs: Definitions = {}
    parts = {
        name: {**shape.schema(defs), "description": _DESCRIPTIONS[name]}
        for name, shape in SHAPES.items()
    }
    parts["schema_version"] = {"const": VERSION, "description": _DESCRIPTIONS["schema_version"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Facts for entitlements",
        "type": "object",
        "properties": parts,
        "additionalProperties": False,
        "$defs": {name: defs[name] for name in sorted(defs)},
    }


def json_schema_text() -> str:
    """Return the schema as the text of the file in the package."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
