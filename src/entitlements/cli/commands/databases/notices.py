"""Command `notices`: sends every notice that is due from a database, each of them once."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from entitlements.adapters.named_tenants import chosen_tenants
from entitlements.cli.arguments import Parser, parse_instant
from entitlements.cli.databases import DATABASE_HELP, store_at
from entitlements.kernel.errors import InvalidValueError
from entitlements.outcomes import NoticeSweep, sweep_notices
from entitlements.service import Desk

BROKEN: Final = 1
_MOST_DAYS: Final = 3_650


def run(words: Sequence[str]) -> int:
    """Send what is due, and print it; return 1 if the facts of a customer could not be read."""
    asked = _parser().read(words)
    if not 0 <= asked.ahead <= _MOST_DAYS:
        hint = f"from 0 to {_MOST_DAYS}"
        raise InvalidValueError(f"`{asked.ahead}` days", hint=hint, path="--ahead")
    at = parse_instant(asked.at, "--at") if asked.at else None
    code = 0
    with store_at(asked.database) as store:
        for tenant in chosen_tenants(store, asked.tenant):
            done = sweep_notices(Desk(store, tenant), at, ahead=timedelta(days=asked.ahead))
            _show(done)
            code = BROKEN if done.broken else code
    return code


def _show(done: NoticeSweep) -> None:
    for each in done.sent:
        clause = f", clause {each.clause}" if each.clause else ""
        what = each.kind.value.replace("_", " ")
        sys.stdout.write(
            f"{each.customer}: {what} of {each.subject}, {each.effective}; to be sent by "
            f"{each.send_by}{clause}\n"
        )
    for customer, why in done.broken.items():
        sys.stderr.write(f"{customer}: {why}\n")


def _parser() -> Parser:
    parser = Parser(
        "notices", "Send every notice that is due, each of them once; run it once a day."
    )
    parser.add_argument("--database", required=True, metavar="URL", help=DATABASE_HELP)
    parser.add_argument("--tenant", action="append", metavar="ID", help="only this, repeatable")
    parser.add_argument("--at", metavar="INSTANT", help="what is due then; default: now")
    parser.add_argument(
        "--ahead", type=int, default=30, metavar="DAYS", help="how long before its latest day"
    )
    return parser
