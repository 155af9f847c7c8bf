"""Command `report`: how a period went, from facts and the histories of cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Final

from entitlements.calendars.timeline.zones import day_number, load_zone
from entitlements.cli.arguments import Parser, check_known
from entitlements.cli.commands.periods.case_files import read_case_files
from entitlements.cli.commands.periods.options import (
    FORMATS,
    PERIOD_HELP,
    format_of,
    parse_period,
    parse_zone,
    write_output,
)
from entitlements.cli.sources import FILES_HELP, facts_from
from entitlements.kernel.instants import from_micros
from entitlements.outcomes import (
    Report,
    report,
    report_to_csv,
    report_to_html,
    report_to_json,
    report_to_text,
)
from entitlements.outcomes.cases import DIMENSIONS

_WRITERS: Final[Mapping[str, Callable[[Report], str]]] = {
    "text": report_to_text,
    "json": report_to_json,
    "csv": report_to_csv,
    "html": report_to_html,
}


def run(words: Sequence[str]) -> int:
    """Print the report on standard output, or write it into a file."""
    parser = Parser("report", "Show how a period went: promises, waits, backlog and pauses.")
    parser.add_argument("files", nargs="+", metavar="FILE", help=FILES_HELP)
    parser.add_argument(
        "--cases",
        action="append",
        required=True,
        metavar="FILE",
        help="cases with their histories, as JSON; may be repeated",
    )
    parser.add_argument("--period", required=True, help=PERIOD_HELP)
    parser.add_argument("--customer", help="only the cases of this customer")
    parser.add_argument("--by", choices=DIMENSIONS, default="severity", help="how to divide cases")
    parser.add_argument("--zone", default="UTC", help="zone of the period's days; default: UTC")
    parser.add_argument(
        "--format", choices=FORMATS, help="default: text, or what the ending of --output names"
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="write into this file")
    asked = parser.read(words)
    zone = parse_zone(asked.zone)
    start, end = (_midnight(each, zone) for each in parse_period(asked.period))
    format = format_of(asked.format, asked.output)
    facts = facts_from(asked.files)
    found = read_case_files(asked.cases, facts)
    customers = {*facts.accounts, *(each.customer for each in found.cases)}
    check_known("customer", asked.customer, customers, "--customer")
    made = report(
        found.cases,
        start,
        end,
        customer=asked.customer,
        by=asked.by,
        records=found.records,
        unread=found.unread,
        zone=zone,
    )
    write_output(asked.output, _WRITERS[format](made))
    return 0


def _midnight(day: date, zone: str) -> datetime:
    return from_micros(load_zone(zone).instant(day_number(day)))
