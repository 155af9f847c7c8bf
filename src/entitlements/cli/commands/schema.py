"""Command `schema`: the JSON Schema of documents, requests, answers and messages; OpenAPI."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Final

from entitlements.cli.arguments import Parser
from entitlements.documents.schema import json_schema_text
from entitlements.interchange.answers.openapi import openapi
from entitlements.interchange.answers.schemas import SCHEMA_NAMES, schema_text

_DOCUMENTS: Final = "documents"
_OPENAPI: Final = "openapi"


def run(words: Sequence[str]) -> int:
    """Print the schema on standard output."""
    parser = Parser(
        "schema", "Print a JSON Schema: `entitlements schema > entitlements.schema.json`."
    )
    parser.add_argument(
        "name",
        nargs="?",
        choices=[_DOCUMENTS, *SCHEMA_NAMES, _OPENAPI],
        default=_DOCUMENTS,
        help="what the schema is of; documents by default",
    )
    name = parser.read(words).name
    if name == _OPENAPI:
        sys.stdout.write(json.dumps(openapi(), indent=2, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(json_schema_text() if name == _DOCUMENTS else schema_text(name))
    return 0
