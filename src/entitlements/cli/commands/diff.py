"""Command `diff`: what changes for customers from one document to another."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from entitlements.cli.arguments import Parser, parse_instant
from entitlements.cli.files.sources import facts_from
from entitlements.documents import ChangeEffect, FactsChange, facts_diff

WORSE: Final = 1


def run(words: Sequence[str]) -> int:
    """Print the changes; return 1 if a customer may get less than before."""
    asked = _parser().read(words)
    at = parse_instant(asked.at, "--at") if asked.at else datetime.now(UTC)  # noqa: TID251 - the command line reads the clock
    changes = facts_diff(facts_from([asked.old]), facts_from([asked.new]), at)
    if asked.format == "json":
        data = [
            {
                "effect": each.effect.value,
                "place": each.place,
                "before": each.before,
                "after": each.after,
            }
            for each in changes
        ]
        sys.stdout.write(json.dumps(data, indent=2, ensure_ascii=False) + "\n")
    else:
        for each in changes:
            sys.stdout.write(f"{each}\n")
    sys.stderr.write(f"{_summary(changes)}\n")
    may_lose = {ChangeEffect.WORSE, ChangeEffect.UNCLEAR}
    return WORSE if any(each.effect in may_lose for each in changes) else 0


def _parser() -> Parser:
    parser = Parser("diff", "List what changes for customers from one document to another.")
    parser.add_argument("old", metavar="OLD", help="the document, or folder of documents, before")
    parser.add_argument("new", metavar="NEW", help="the document, or folder of documents, after")
    parser.add_argument("--at", help="calendars are compared for two years from it; default: now")
    parser.add_argument(
        "--format", choices=["text", "json"], default="text", help="how to print the changes"
    )
    return parser


def _summary(changes: Sequence[FactsChange]) -> str:
    if not changes:
        return "nothing changes for customers"
    counts = {effect: sum(each.effect is effect for each in changes) for effect in ChangeEffect}
    listed = ", ".join(f"{count} {effect}" for effect, count in counts.items() if count)
    noun = "change" if len(changes) == 1 else "changes"
    return f"{len(changes)} {noun}: {listed}"
