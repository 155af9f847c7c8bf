"""What may stand in a document? The same shapes as JSON Schema, for editors and other programs.

A schema sees one place at a time: names that lead nowhere and dates out of order are found by
reading only.
"""

from __future__ import annotations

import json
from typing import Final

from entitlements.documents.sections.document_parts import SHAPES, VERSION
from entitlements.documents.shapes.scalars import Definitions, JsonSchema

FILE: Final = "entitlements.schema.json"
"""Where the schema is kept, in the folder of this module."""

_SAID: Final = {
    "schema_version": "Version of this schema.",
    "calendars": "Business hours by name; `always` and `never` are there in every document.",
    "services": "What is sold: access to people, or work.",
    "products": "What customers need help with.",
    "groups": "Expert groups.",
    "policies": "SLA policies that several plans share.",
    "plans": "What is promised: severities, rights, channels, targets.",
    "agents": "Who takes the work.",
    "on_call": "Who is on call, in layers.",
    "accounts": "Customers: contracts, what happened to them, and included units.",
    "precedence": "By what to choose among several entitlements, most important first.",
    "roster": "What agents have in hand, and how it came about.",
}


def json_schema() -> JsonSchema:
    """Return the JSON Schema (draft 2020-12) of a document.

    >>> sorted(schema()["properties"])[:3]
    ['accounts', 'agents', 'calendars']
    """
    defs: Definitions = {}
    parts = {
        name: {**shape.schema(defs), "description": _SAID[name]} for name, shape in SHAPES.items()
    }
    parts["schema_version"] = {"const": VERSION, "description": _SAID["schema_version"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Facts for entitlements",
        "type": "object",
        "properties": parts,
        "additionalProperties": False,
        "$defs": {name: defs[name] for name in sorted(defs)},
    }


def json_schema_text() -> str:
    """Return the schema as it is kept in the package."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
