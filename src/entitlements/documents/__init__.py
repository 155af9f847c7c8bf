"""How are facts written down? As YAML or JSON that people can write and programs can check.

Start reading at `nodes` and `shapes`, go on to `records`, then to the parts (`calendars` and
`hours`, `catalog`, `policies`, `roster`, `accounts`); end at `read`, `write`, `schema` and `lint`.
"""

from entitlements.documents.lint import Finding, Level, lint
from entitlements.documents.read import parse_facts, read_facts
from entitlements.documents.schema import schema, schema_text
from entitlements.documents.write import write_facts

__all__ = [
    "Finding",
    "Level",
    "lint",
    "parse_facts",
    "read_facts",
    "schema",
    "schema_text",
    "write_facts",
]
