"""Command `fuzz`: a search in documents for answers that were not intended."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from entitlements.cli.arguments import Parser, parse_instant
from entitlements.cli.files.sources import FILES_HELP, facts_from
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import text_of
from entitlements.testing.surprises import Surprise, find_surprises

FINDINGS: Final = 1
MAX_DAYS: Final = 3_660
MAX_INSTANTS: Final = 100_000


def run(words: Sequence[str]) -> int:
    """Print the surprises; return 1 if there are any."""
    asked = _parser().read(words)
    start = parse_instant(getattr(asked, "from"), "--from") if getattr(asked, "from") else _now()
    for name, most in (("days", MAX_DAYS), ("instants", MAX_INSTANTS)):
        if not 1 <= getattr(asked, name) <= most:
            raise InvalidValueError(
                f"`{getattr(asked, name)}` {name}", hint=f"from 1 to {most}", path=f"--{name}"
            )
    facts = facts_from(asked.files)
    length = timedelta(days=asked.days)
    found = find_surprises(facts, start, length=length, limit=asked.instants)
    if asked.format == "json":
        data = [_data(each) for each in found]
        sys.stdout.write(json.dumps(data, indent=2, ensure_ascii=False) + "\n")
    else:
        sys.stdout.writelines(f"{each.explain()}\n" for each in found)
        sys.stderr.write(f"{len(found) or 'no'} {'surprise' if len(found) == 1 else 'surprises'}\n")
    return FINDINGS if found else 0


def _parser() -> Parser:
    parser = Parser("fuzz", "Search documents for answers that were not intended.")
    parser.add_argument("files", nargs="+", metavar="FILE", help=FILES_HELP)
    parser.add_argument("--from", metavar="INSTANT", help="when questions begin; default: now")
    parser.add_argument("--days", type=int, default=365, help="for how long; default: a year")
    parser.add_argument(
        "--instants", type=int, default=120, help="how many instants are tried; default: 120"
    )
    parser.add_argument(
        "--format", choices=["text", "json"], default="text", help="how to print surprises"
    )
    return parser


def _now() -> datetime:
    """Return the present minute, so that the commands to repeat have short instants."""
    now = datetime.now(UTC)  # noqa: TID251 - the command line reads the clock
    return now.replace(second=0, microsecond=0)


def _data(surprise: Surprise) -> dict[str, object]:
    return {
        "kind": surprise.kind.value,
        "plan": surprise.plan,
        "says": surprise.says,
        "severities": list(surprise.severities),
        "at": text_of(surprise.at),
        "customer": surprise.request.customer,
        "product": surprise.request.product,
        "severity": surprise.request.severity,
        "channel": surprise.request.channel,
    }
