"""Command `load`: documents into a database, with the changes shown first."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Final

from entitlements.adapters.named_tenants import loaded_tenant
from entitlements.cli.arguments import Parser, parse_instant
from entitlements.cli.databases import DATABASE_HELP, store_at
from entitlements.cli.files.sources import FILES_HELP, documents_from, place_in
from entitlements.kernel.errors import EntitlementsError, InvalidValueError
from entitlements.loading import LoadPlan, LoadStep, apply, plan_load

CHANGES: Final = 1


def run(words: Sequence[str]) -> int:
    """Show what changes, and load it; with `--plan` only show it, and return 1 if anything does."""
    asked = _parser().read(words)
    at = _past_instant(asked.at)
    with store_at(asked.database) as store:
        tenant = loaded_tenant(store, asked.tenant, new=asked.new_tenant)
        found = documents_from(asked.files, tenant)
        load = partial(
            plan_load,
            tenant=tenant,
            prune=asked.prune,
            correct=asked.correct,
            records=found.records,
        )
        try:
            plan = load(store, found.facts, at)
            with suppress(BrokenPipeError):  # what a reader has seen enough of is still loaded
                _show(plan, asked.format)
            if asked.plan:
                return CHANGES if plan.changes_anything else 0
            done = apply(store, found.facts, at, **load.keywords)
        except EntitlementsError as error:
            where = place_in(asked.files, error.path)
            error.path = error.path if where is None else f"{where}: {error.path}"
            raise
    if [_place(each) for each in done.steps] != [_place(each) for each in plan.steps]:
        sys.stderr.write("the database has changed in the meantime; this was loaded:\n")
        _show(done, asked.format)
    sys.stderr.write("loaded\n" if done.changes_anything else "nothing to load\n")
    return 0


def _place(step: LoadStep) -> tuple[str, str]:
    """Return what is done to which record, without instants."""
    return step.action, step.place


def _show(plan: LoadPlan, format: str) -> None:
    if format == "json":
        effects = [str(each) for each in plan.effects()]
        data = {**plan.to_dict(), "effects": effects}
        sys.stdout.write(json.dumps(data, indent=2, ensure_ascii=False) + "\n")
    else:
        for each in (*plan.steps, *plan.effects()):
            sys.stdout.write(f"{each}\n")
    sys.stdout.flush()
    sys.stderr.write(f"{plan.summary()}\n")


def _past_instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    at = parse_instant(text, "--at")
    if at > datetime.now(UTC):  # noqa: TID251 - the command line reads the clock
        raise InvalidValueError(
            f"`{text}` is in the future",
            hint="write the day from which a change holds into the document",
            path="--at",
        )
    return at


def _parser() -> Parser:
    parser = Parser("load", "Bring documents into a database; what changes is shown first.")
    parser.add_argument("files", nargs="+", metavar="FILE", help=FILES_HELP)
    parser.add_argument("--database", required=True, metavar="URL", help=DATABASE_HELP)
    parser.add_argument("--tenant", metavar="ID", help="default: the only one in the database")
    parser.add_argument(
        "--new-tenant", action="store_true", help="allow a tenant that is new beside others"
    )
    parser.add_argument(
        "--plan", action="store_true", help="only show what changes; exit code 1 if anything does"
    )
    parser.add_argument("--at", metavar="INSTANT", help="when it becomes known; default: now")
    parser.add_argument(
        "--prune", action="store_true", help="also end what the documents do not name"
    )
    parser.add_argument(
        "--correct", action="store_true", help="allow corrections of the time before"
    )
    parser.add_argument("--format", choices=["text", "json"], default="text", help="how to print")
    return parser
