"""Command `check`: all findings in documents, in one pass, with file, line and path.

Warnings are legal but probably not meant; they count as findings with `--strict` only.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from entitlements.cli.arguments import Parser, parse_instant
from entitlements.cli.files.sources import FILES_HELP, facts_from
from entitlements.documents import FactsFinding, lint_facts
from entitlements.engine import Facts
from entitlements.kernel.errors import DocumentError

FINDINGS: Final = 1


def run(words: Sequence[str]) -> int:
    """List findings and warnings on standard output; return 1 if there are findings."""
    asked = _parser().read(words)
    at = parse_instant(asked.at, "--at") if asked.at else datetime.now(UTC)  # noqa: TID251 - the command line reads the clock
    try:
        facts = facts_from(asked.files)
    except DocumentError as error:
        _print(error.problems, (), asked.format)
        sys.stderr.write(f"{_many(len(error.problems), 'finding')}\n")
        return FINDINGS
    warnings = lint_facts(facts, at)
    _print((), warnings, asked.format)
    if not asked.quiet:
        outcome = f"no findings, {_many(len(warnings), 'warning')}" if warnings else "no findings"
        sys.stderr.write(f"{outcome}: {count_facts(facts)}\n")
    return FINDINGS if asked.strict and warnings else 0


def _parser() -> Parser:
    parser = Parser("check", "List everything that is wrong with documents of facts.")
    parser.add_argument("files", nargs="+", metavar="FILE", help=FILES_HELP)
    parser.add_argument(
        "--format", choices=["text", "json"], default="text", help="how to print findings"
    )
    parser.add_argument("--at", help="instant from which the facts are used; default: now")
    parser.add_argument("--strict", action="store_true", help="exit with 1 for warnings too")
    parser.add_argument("--quiet", action="store_true", help="no message if there are no findings")
    return parser


def count_facts(facts: Facts) -> str:
    """Return the number of facts of each kind, such as `14 plans, 3 customers`."""
    catalog = facts.catalog
    parts = [
        (len(catalog.calendars), "calendar"),
        (len(catalog.products), "product"),
        (len(catalog.groups), "expert group"),
        (len(catalog.plans), "plan"),
        (len(facts.roster.agents), "agent"),
        (len(facts.accounts), "customer"),
    ]
    return ", ".join(_many(count, name) for count, name in parts)


def _many(count: int, name: str) -> str:
    return f"{count} {name}{'' if count == 1 else 's'}"


def _print(problems: Sequence[str], warnings: Sequence[FactsFinding], format: str) -> None:
    if format == "json":
        listed = [
            {"level": each.level.value, "path": each.path, "message": each.message}
            for each in warnings
        ]
        data = {"findings": list(problems), "warnings": listed}
        sys.stdout.write(json.dumps(data, indent=2, ensure_ascii=False) + "\n")
        return
    for each in (*problems, *warnings):
        sys.stdout.write(f"{each}\n")
