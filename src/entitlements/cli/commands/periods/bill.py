"""Command `bill`: what a customer owes for a period, line by line."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from entitlements.billing.sheet import SHEET_DATA, Sheet
from entitlements.cli.arguments import Parser, check_known, parse_instant
from entitlements.cli.commands.periods.options import (
    FORMATS,
    PERIOD_HELP,
    format_of,
    parse_period,
    parse_zone,
    write_output,
)
from entitlements.cli.sources import FILES_HELP, facts_from
from entitlements.contracts.dates.day_boundaries import add_days
from entitlements.documents.formats.files import load_document
from entitlements.documents.sections.work_logs import read_work_logs
from entitlements.engine import Facts, statement
from entitlements.interchange import (
    sheet_to_csv,
    sheet_to_html,
    sheet_to_invoice_ninja,
    sheet_to_kill_bill,
    sheet_to_lago,
)
from entitlements.kernel.errors import DocumentError, EntitlementsError, InvalidValueError

_SHAPES: Final = ("native", "lago", "kill-bill", "invoice-ninja")


def run(words: Sequence[str]) -> int:
    """Print the statement on standard output, or write it into a file."""
    asked = _parser().read(words)
    start, end = parse_period(asked.period)
    format = _format(asked)
    known_at = parse_instant(asked.known_at, "--known-at") if asked.known_at else None
    facts = facts_from(asked.files)
    check_known("customer", asked.customer, facts.accounts, "--customer")
    zone = _zone(asked.zone, asked.customer, facts)
    work = read_work_logs(asked.work, facts.prices.work_kinds)
    issued = [_issued(each) for each in asked.issued]
    try:
        made = statement(
            facts,
            asked.customer,
            start,
            end,
            work.logs,
            issued=issued,
            id=asked.id,
            zone=zone,
            known_at=known_at,
        )
    except EntitlementsError as error:
        raise work.located(error, known_at) from None
    for each in work.warnings(known_at):
        sys.stderr.write(f"warning: {each}\n")
    write_output(asked.output, _rendered(made.sheet, format, asked, zone))
    return 0


def _parser() -> Parser:
    parser = Parser("bill", "What a customer owes for a period, line by line.")
    parser.add_argument("files", nargs="+", metavar="FILE", help=FILES_HELP)
    parser.add_argument("--customer", required=True, help="who pays")
    parser.add_argument("--period", required=True, help=PERIOD_HELP)
    parser.add_argument(
        "--work",
        action="append",
        default=[],
        metavar="FILE",
        help="all records of work, as CSV, YAML or JSON; may be repeated",
    )
    parser.add_argument(
        "--issued",
        action="append",
        default=[],
        metavar="FILE",
        help="an earlier statement that was written as JSON; may be repeated",
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


def _zone(text: str | None, customer: str, facts: Facts) -> str:
    """Return the zone that is asked for, else that of the first contract."""
    if text is None:
        return next((each.zone for each in facts.accounts[customer].contracts), "UTC")
    return parse_zone(text)


def _issued(file: str) -> Sheet:
    """Return an earlier statement."""
    source = load_document(Path(file))
    try:
        return SHEET_DATA.read(json.loads(source.text))
    except json.JSONDecodeError as error:
        raise DocumentError([f"{file}:{error.lineno}: the statement is not JSON"]) from None
    except RecursionError:
        raise DocumentError([f"{file}: the statement is nested too deeply"]) from None
    except EntitlementsError as error:
        raise DocumentError([f"{file}: {error}"]) from None


def _rendered(sheet: Sheet, format: str, asked: Namespace, zone: str) -> str:
    if format == "json":
        data = _data(sheet, asked.shape, asked.account or sheet.customer, zone)
        return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    if format == "csv":
        return sheet_to_csv(sheet)
    if format == "html":
        return sheet_to_html(sheet, zone)
    return "\n".join([*_head(sheet, asked, zone), sheet.explain(zone), ""])


def _data(sheet: Sheet, shape: str | None, account: str, zone: str) -> object:
    match shape:
        case "lago":
            return sheet_to_lago(sheet)
        case "kill-bill":
            return sheet_to_kill_bill(sheet, account, zone)
        case "invoice-ninja":
            return sheet_to_invoice_ninja(sheet, account)
        case _:
            return SHEET_DATA.write(sheet)


def _head(sheet: Sheet, asked: Namespace, zone: str) -> Iterator[str]:
    start, end = parse_period(asked.period)
    yield (
        f"Statement `{sheet.id}` of {sheet.customer}, from {start} to {add_days(end, -1)} in "
        f"{zone}, in {sheet.currency}."
    )
