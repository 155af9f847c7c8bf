"""What is wrong with these documents? Everything, in one pass, with file, line and path."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from entitlements.cli.parser import Parser
from entitlements.cli.sources import FILES_HELP, facts_from
from entitlements.engine import Facts
from entitlements.kernel.errors import DocumentError

FINDINGS = 1


def run(words: Sequence[str]) -> int:
    """List the findings on standard output; 1 if there are any."""
    parser = Parser("check", "List everything that is wrong with documents of facts.")
    parser.add_argument("files", nargs="+", metavar="FILE", help=FILES_HELP)
    parser.add_argument(
        "--format", choices=["text", "json"], default="text", help="how to print findings"
    )
    parser.add_argument("--quiet", action="store_true", help="no message where all is well")
    asked = parser.read(words)
    try:
        facts = facts_from(asked.files)
    except DocumentError as error:
        _print(error.problems, asked.format)
        count = len(error.problems)
        sys.stderr.write(f"{count} {'finding' if count == 1 else 'findings'}\n")
        return FINDINGS
    if asked.format == "json":
        _print((), asked.format)
    if not asked.quiet:
        sys.stderr.write(f"no findings: {counted(facts)}\n")
    return 0


def counted(facts: Facts) -> str:
    """Say how much there is, such as `14 plans, 3 customers`."""
    catalog = facts.catalog
    parts = [
        (len(catalog.calendars), "calendar"),
        (len(catalog.products), "product"),
        (len(catalog.groups), "expert group"),
        (len(catalog.plans), "plan"),
        (len(facts.roster.agents), "agent"),
        (len(facts.accounts), "customer"),
    ]
    return ", ".join(f"{count} {name}{'' if count == 1 else 's'}" for count, name in parts)


def _print(problems: Sequence[str], format: str) -> None:
    if format == "json":
        sys.stdout.write(json.dumps({"findings": list(problems)}, indent=2) + "\n")
        return
    for each in problems:
        sys.stdout.write(f"{each}\n")
