"""Command `freeze`: documents as one, with all dates of public holidays and all inherited values.

Public holidays are looked up when a document is read. In a frozen document they are dates, so that
a later release of the `holidays` package changes no answer.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from entitlements.cli.arguments import Parser
from entitlements.cli.files.sources import FILES_HELP, documents_from
from entitlements.documents import write_facts


def run(words: Sequence[str]) -> int:
    """Print the facts of documents as one document."""
    parser = Parser("freeze", "Write documents as one: holidays as dates, every plan as a whole.")
    parser.add_argument("files", nargs="+", metavar="FILE", help=FILES_HELP)
    parser.add_argument("--format", choices=["yaml", "json"], default="yaml", help="how to write")
    asked = parser.read(words)
    found = documents_from(asked.files)
    sys.stdout.write(write_facts(found.facts, records=found.records, format=asked.format))
    return 0
