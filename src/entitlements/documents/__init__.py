"""How are facts written down? As YAML or JSON that people can write and programs can check.

Start reading at `nodes` and `shapes`, go on to `records`, then to the parts (`calendars` and
`hours`, `catalog`, `policies`, `roster`, `accounts`); end at `read`, `write`, `schema` and `lint`.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.documents.lint import FactsFinding, FindingLevel, lint_facts
    from entitlements.documents.read import parse_facts, read_facts
    from entitlements.documents.schema import json_schema, json_schema_text
    from entitlements.documents.write import write_facts
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "lint": ("FactsFinding", "FindingLevel", "lint_facts"),
            "read": ("parse_facts", "read_facts"),
            "schema": ("json_schema", "json_schema_text"),
            "write": ("write_facts",),
        },
    )

__all__ = [
    "FactsFinding",
    "FindingLevel",
    "json_schema",
    "json_schema_text",
    "lint_facts",
    "parse_facts",
    "read_facts",
    "write_facts",
]
