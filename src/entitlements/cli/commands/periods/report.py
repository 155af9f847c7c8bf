"""Command `report`: how a period went, from facts and the histories of cases."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from entitlements.calendars.timeline.zones import day_number, load_zone
from entitlements.cli.arguments import Parser, check_known
from entitlements.cli.commands.periods.options import (
    FORMATS,
    PERIOD_HELP,
    format_of,
    parse_period,
    parse_zone,
    write_output,
)
from entitlements.cli.sources import FILES_HELP, facts_from
from entitlements.engine import Facts
from entitlements.kernel.errors import DocumentError, EntitlementsError
from entitlements.kernel.instants import from_micros
from entitlements.outcomes import (
    CaseFile,
    Report,
    ReportRecords,
    read_case_file,
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
    found = _together([_case_file(each, facts) for each in asked.cases])
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


def _case_file(file: str, facts: Facts) -> CaseFile:
    """Return what a case file holds; it may be larger than a document."""
    try:
        data: Any = json.loads(Path(file).read_bytes())
        return read_case_file(data, facts.policies, facts.catalog.calendars)
    except json.JSONDecodeError as error:
        raise DocumentError([f"{file}:{error.lineno}: the cases are not JSON"]) from None
    except UnicodeDecodeError:
        raise DocumentError([f"{file}: the cases are not UTF-8"]) from None
    except RecursionError:
        raise DocumentError([f"{file}: the cases are nested too deeply"]) from None
    except EntitlementsError as error:
        raise DocumentError([f"{file}: {error}"]) from None
    except (OSError, ValueError) as error:
        why = (getattr(error, "strerror", None) or "not a file name").lower()
        raise DocumentError([f"{file}: cannot be read: {why}"]) from None


def _together(files: Sequence[CaseFile]) -> CaseFile:
    """Return several case files as one."""
    records = [each.records for each in files]
    return CaseFile(
        cases=[case for each in files for case in each.cases],
        records=ReportRecords(
            surveys=[survey for each in records for survey in each.surveys],
            services=[service for each in records for service in each.services],
            outages=[outage for each in records for outage in each.outages],
            maintenance=[span for each in records for span in each.maintenance],
            complaints=[complaint for each in records for complaint in each.complaints],
            notices=[notice for each in records for notice in each.notices],
        ),
        unread={id: why for each in files for id, why in each.unread.items()},
    )
