"""Command `bill`: what a customer owes for a period, line by line."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Final

import attrs

from entitlements.adapters.named_tenants import stored_tenant
from entitlements.billing.explanation import credit_sentence
from entitlements.billing.sheet import SHEET_DATA, Sheet
from entitlements.billing.work.work_logs import WorkLog
from entitlements.cli.arguments import Parser, check_known, parse_instant
from entitlements.cli.commands.periods.known_promises import known_promises
from entitlements.cli.commands.periods.options import (
    FORMATS,
    PERIOD_HELP,
    add_source,
    check_source,
    format_of,
    parse_period,
    parse_zone,
    write_output,
)
from entitlements.cli.databases import check_customer, store_at
from entitlements.cli.files.sources import documents_from
from entitlements.documents.formats.files import load_document
from entitlements.documents.sections.records.work_logs import read_work_logs
from entitlements.engine import Statement, statement
from entitlements.interchange import (
    sheet_to_csv,
    sheet_to_html,
    sheet_to_invoice_ninja,
    sheet_to_kill_bill,
    sheet_to_lago,
)
from entitlements.interchange.sheets import credits_to_data
from entitlements.kernel.errors import (
    DocumentError,
    EntitlementsError,
    InvalidValueError,
)
from entitlements.ports import Store
from entitlements.service import Desk, IssueStatement

_CREDITS: Final = "credits"
"""The key of service credits, beside those of a sheet."""

_FILES: Final = {
    "--work": "all records of work, as CSV, YAML or JSON; may be repeated",
    "--issued": "an earlier statement that was written as JSON; may be repeated",
    "--promises": "verdicts, measured figures and claims, as YAML or JSON; may be repeated",
    "--cases": "cases with their histories and outages, as JSON; may be repeated",
}
_SHOWN: Final = 3
_OF_DATABASES: Final = {"tenant": "--tenant", "issue": "--issue"}
_SHAPES: Final = ("native", "lago", "kill-bill", "invoice-ninja")


def run(words: Sequence[str]) -> int:
    """Print the statement on standard output, or write it into a file."""
    asked = _parser().read(words)
    start, end = parse_period(asked.period)
    format = _format(asked)
    known_at = parse_instant(asked.known_at, "--known-at") if asked.known_at else None
    check_source(asked, {name.strip("-"): name for name in _FILES}, _OF_DATABASES)
    if asked.database is None:
        made = _from_files(asked, start, end, known_at)
    else:
        with store_at(asked.database) as store:
            made = _from_store(store, asked, (start, end), known_at)
    at = parse_instant(asked.at, "--at") if asked.at else made.sheet.end
    write_output(asked.output, _rendered(made, at, format, asked))
    return 0


def _from_store(
    store: Store, asked: Namespace, period: tuple[date, date], known_at: datetime | None
) -> Statement:
    """Return the statement that was issued for a period, else as it would be."""
    desk = Desk(store, stored_tenant(store, asked.tenant))
    check_customer(store, desk.tenant, asked.customer)
    start, end = period
    zone = None if asked.zone is None else parse_zone(asked.zone)
    if asked.issue:
        name = asked.id or f"{asked.customer} {start}"
        command = IssueStatement(
            id=f"issue {name}",
            customer=asked.customer,
            start=start,
            end=end,
            statement=asked.id,
            zone=zone,
        )
        desk.execute(command)
    made = desk.statement(asked.customer, start, end, id=asked.id, zone=zone, known_at=known_at)
    for each in desk.issued_statements(asked.customer):
        if known_at is None and (each.start, each.end) == (made.sheet.start, made.sheet.end):
            return attrs.evolve(made, sheet=each)
    return made


def _from_files(asked: Namespace, start: date, end: date, known_at: datetime | None) -> Statement:
    documents = documents_from(asked.files)
    facts = documents.facts
    check_known("customer", asked.customer, facts.accounts, "--customer")
    zone = None if asked.zone is None else parse_zone(asked.zone)
    work = read_work_logs(asked.work, facts.prices.work_kinds)
    issued = [_issued(each) for each in asked.issued]
    warnings: list[str] = []
    known = known_promises(asked.promises, asked.cases, documents, asked.customer, end, warnings)
    try:
        made = statement(
            facts,
            asked.customer,
            start,
            end,
            work.logs,
            issued=issued,
            promises=known.promises,
            id=asked.id,
            zone=zone,
            known_at=known_at,
        )
    except EntitlementsError as error:
        raise known.located(work.located(error, known_at)) from None
    warnings += _paid_back(issued, work.logs)
    for each in (*work.warnings(known_at), *warnings):
        sys.stderr.write(f"warning: {each}\n")
    return made


def _parser() -> Parser:
    parser = Parser("bill", "What a customer owes for a period, line by line.")
    add_source(parser)
    parser.add_argument("--customer", required=True, help="who pays")
    parser.add_argument("--period", required=True, help=PERIOD_HELP)
    for name, text in _FILES.items():
        parser.add_argument(name, action="append", default=[], metavar="FILE", help=text)
    parser.add_argument(
        "--at", metavar="INSTANT", help="when credits are looked at; default: the end of the period"
    )
    parser.add_argument(
        "--issue", action="store_true", help="keep the statement of a database; it never changes"
    )
    parser.add_argument("--known-at", metavar="INSTANT", help="leave out what was recorded later")
    parser.add_argument("--zone", help="zone of days and times; default: the first contract's")
    parser.add_argument("--id", help="id of the statement; default: customer and first day")
    parser.add_argument(
        "--format",
        choices=FORMATS,
        help="default: text, or what the ending of --output names",
    )
    parser.add_argument("--shape", choices=_SHAPES, help="whose JSON it is; default: native")
    parser.add_argument(
        "--account", metavar="ID", help="the customer's id there; default: as in the documents"
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="write into this file")
    return parser


def _format(asked: Namespace) -> str:
    """Return the format that is asked for, by name, by a shape, or by the ending of the file."""
    stated: str | None = asked.format or ("json" if asked.shape else None)
    if asked.shape and stated != "json":
        raise InvalidValueError(f"shapes are JSON, not {stated}", path="--shape")
    return format_of(stated, asked.output)


def _paid_back(issued: Sequence[Sheet], logs: Iterable[WorkLog]) -> Iterator[str]:
    """Yield a warning if work that was charged is not among the records of work any longer."""
    known = {each.id for each in logs}
    lines = (line for sheet in issued for line in sheet.lines)
    gone = sorted({each.source for each in lines if each.worked and each.source not in known})
    if gone:
        shown = ", ".join(f"`{each}`" for each in gone[:_SHOWN])
        more = f" and {len(gone) - _SHOWN} more" if len(gone) > _SHOWN else ""
        yield (
            f"--work: {shown}{more} on issued statements, and not among the records of work: "
            "what was charged is paid back (pass all records, also of earlier periods)"
        )


def _issued(file: str) -> Sheet:
    """Return an earlier statement."""
    source = load_document(Path(file))
    try:
        data = json.loads(source.text)
        if isinstance(data, dict):
            data.pop(_CREDITS, None)
        return SHEET_DATA.read(data)
    except json.JSONDecodeError as error:
        raise DocumentError([f"{file}:{error.lineno}: the statement is not JSON"]) from None
    except RecursionError:
        raise DocumentError([f"{file}: the statement is nested too deeply"]) from None
    except EntitlementsError as error:
        raise DocumentError([f"{file}: {error}"]) from None


def _rendered(made: Statement, at: datetime, format: str, asked: Namespace) -> str:
    sheet = made.sheet
    if format == "json":
        data = _data(made, at, asked.shape, asked.account or sheet.customer)
        return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    if format == "csv":
        return sheet_to_csv(sheet)
    if format == "html":
        return sheet_to_html(sheet, credits=made.credits, at=at)
    credits = [credit_sentence(each, at, sheet.zone) for each in made.credits]
    title = ["Service credits:"] if credits else []
    return "\n".join([_head(sheet), sheet.explain(), *title, *credits, ""])


def _data(made: Statement, at: datetime, shape: str | None, account: str) -> object:
    sheet = made.sheet
    match shape:
        case "lago":
            return sheet_to_lago(sheet)
        case "kill-bill":
            return sheet_to_kill_bill(sheet, account)
        case "invoice-ninja":
            return sheet_to_invoice_ninja(sheet, account)
        case _:
            found = credits_to_data(made.credits, at)
            return {**SHEET_DATA.write(sheet), **({_CREDITS: found} if found else {})}


def _head(sheet: Sheet) -> str:
    first, last = sheet.days
    return (
        f"Statement `{sheet.id}` of {sheet.customer}, from {first} to {last} in {sheet.zone}, in "
        f"{sheet.currency}."
    )
