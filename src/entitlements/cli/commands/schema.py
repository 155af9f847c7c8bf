"""Command `schema`: the JSON Schema of documents, for editors."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from entitlements.cli.arguments import Parser
from entitlements.documents.schema import json_schema_text


def run(words: Sequence[str]) -> int:
    """Print the schema on standard output."""
    about = "Print the JSON Schema of documents: `entitlements schema > entitlements.schema.json`."
    Parser("schema", about).read(words)
    sys.stdout.write(json_schema_text())
    return 0
