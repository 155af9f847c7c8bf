"""Documents: facts as YAML or JSON, with problems by line, lint and a JSON Schema.

Start with `read_facts` and `write_facts`; `parse_facts` reads text. `lint_facts` finds values that
are probably unintended, and `json_schema` describes documents for editors.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.on_demand.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.documents.changes.change import ChangeEffect, FactsChange
    from entitlements.documents.changes.facts_diff import facts_diff
    from entitlements.documents.lint.facts_lint import FactsFinding, FindingLevel, lint_facts
    from entitlements.documents.read import (
        DocumentContent,
        parse_documents,
        parse_facts,
        read_documents,
        read_facts,
    )
    from entitlements.documents.schema import json_schema
    from entitlements.documents.tables.plan_table import PlanTable, plan_tables
    from entitlements.documents.write import write_facts
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "changes.change": ("ChangeEffect", "FactsChange"),
            "changes.facts_diff": ("facts_diff",),
            "lint.facts_lint": ("FactsFinding", "FindingLevel", "lint_facts"),
            "read": (
                "DocumentContent",
                "parse_documents",
                "parse_facts",
                "read_documents",
                "read_facts",
            ),
            "schema": ("json_schema",),
            "tables.plan_table": ("PlanTable", "plan_tables"),
            "write": ("write_facts",),
        },
    )

__all__ = [
    "ChangeEffect",
    "DocumentContent",
    "FactsChange",
    "FactsFinding",
    "FindingLevel",
    "PlanTable",
    "facts_diff",
    "json_schema",
    "lint_facts",
    "parse_documents",
    "parse_facts",
    "plan_tables",
    "read_documents",
    "read_facts",
    "write_facts",
]
