"""Documents: facts as YAML or JSON, with problems by line, lint and a JSON Schema.

Start with `read_facts` and `write_facts`; `parse_facts` reads text. `lint_facts` finds values that
are probably unintended, and `json_schema` describes documents for editors.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.documents.lint import FactsFinding, FindingLevel, lint_facts
    from entitlements.documents.read import parse_facts, read_facts
    from entitlements.documents.schema import json_schema
    from entitlements.documents.write import write_facts
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "lint": ("FactsFinding", "FindingLevel", "lint_facts"),
            "read": ("parse_facts", "read_facts"),
            "schema": ("json_schema",),
            "write": ("write_facts",),
        },
    )

__all__ = [
    "FactsFinding",
    "FindingLevel",
    "json_schema",
    "lint_facts",
    "parse_facts",
    "read_facts",
    "write_facts",
]
