"""Command `report`: how a period went, from facts and the histories of cases."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Final

import attrs

from entitlements.adapters.named_tenants import stored_tenant
from entitlements.billing import CreditSchedule
from entitlements.calendars.timeline.zones import day_number, load_zone
from entitlements.cli.arguments import Parser, check_known, parse_instant
from entitlements.cli.commands.periods.case_files import read_case_files
from entitlements.cli.commands.periods.options import (
    FORMATS,
    PERIOD_HELP,
    PICTURES,
    add_source,
    check_source,
    format_of,
    parse_period,
    parse_zone,
    write_output,
)
from entitlements.cli.databases import check_customer, store_at
from entitlements.cli.files.sources import documents_from
from entitlements.contracts import AvailabilityRules
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import from_micros
from entitlements.outcomes import (
    Report,
    ServiceObjective,
    draw_trends,
    report,
    report_to_csv,
    report_to_html,
    report_to_json,
    report_to_text,
    review_for_customer,
    review_for_owner,
    stored_report,
)
from entitlements.outcomes.cases import DIMENSIONS
from entitlements.ports import Store

_WRITERS: Final[Mapping[str, Callable[[Report], str]]] = {
    "text": report_to_text,
    "json": report_to_json,
    "csv": report_to_csv,
    "html": report_to_html,
    "svg": lambda made: draw_trends(made.trends) + "\n",
}
_WITH_IDS: Final = frozenset({"json", "csv", "html"})
_REVIEWS: Final[Mapping[str, Callable[[Report], str]]] = {
    "customer": review_for_customer,
    "owner": review_for_owner,
}


def run(words: Sequence[str]) -> int:
    """Print the report on standard output, or write it into a file."""
    asked = _parser().read(words)
    zone = parse_zone(asked.zone)
    start, end = (_midnight(each, zone) for each in parse_period(asked.period))
    format = _format(asked.review, asked.format, asked.output)
    check_source(asked, {"cases": "--cases"}, {"tenant": "--tenant", "known_at": "--known-at"})
    known_at = parse_instant(asked.known_at, "--known-at") if asked.known_at else None
    objectives = _objectives(asked.objectives)
    if asked.database is None:
        made = _from_files(asked, objectives, start, end, zone)
    else:
        with store_at(asked.database) as store:
            tenant = stored_tenant(store, asked.tenant)
            if asked.customer is not None:
                check_customer(store, tenant, asked.customer)
            made = stored_report(
                store,
                start,
                end,
                tenant=tenant,
                customer=asked.customer,
                by=asked.by,
                zone=zone,
                as_known_at=known_at,
                services=asked.service,
                availability=_rules(asked.exclusions, _stored_schedules(store, tenant, known_at)),
                objectives=objectives,
                keep_ids=asked.review is None and format in _WITH_IDS,
            )
    _write(made, asked.review, format, asked.output)
    return 0


def _objectives(files: Sequence[str]) -> tuple[ServiceObjective, ...]:
    """Return the objectives in files, and say what of them is left out."""
    if not files:
        return ()
    from entitlements.interchange import read_openslo_files  # noqa: PLC0415 - only with objectives

    found = read_openslo_files(files)
    for each in found.lost:
        sys.stderr.write(f"left out: {each}\n")
    return found.objectives


def _rules(name: str | None, known: Mapping[str, CreditSchedule]) -> AvailabilityRules:
    """Return the exclusions of the credit schedule that is named, or the usual ones."""
    if name is None:
        return AvailabilityRules()
    check_known("credit schedule", name, known, "--exclusions")
    return known[name].exclusions


def _stored_schedules(
    store: Store, tenant: str, known_at: datetime | None
) -> Mapping[str, CreditSchedule]:
    with store.begin(tenant) as work:
        number = work.catalog.number(known_at)
        return work.catalog.edition(number).prices.credit_schedules if number else {}


def _from_files(
    asked: Namespace,
    objectives: Sequence[ServiceObjective],
    start: datetime,
    end: datetime,
    zone: str,
) -> Report:
    if not asked.cases:
        raise InvalidValueError("name the cases", hint="`--cases FILE`", path="--cases")
    documents = documents_from(asked.files)
    facts, found = documents.facts, read_case_files(asked.cases, documents)
    customers = {*facts.accounts, *(each.customer for each in found.cases)}
    check_known("customer", asked.customer, customers, "--customer")
    services = dict.fromkeys([*found.records.services, *asked.service])
    rules = _rules(asked.exclusions, facts.prices.credit_schedules)
    records = attrs.evolve(
        found.records, services=services, objectives=objectives, availability=rules
    )
    if asked.customer is not None:
        records = records.of_customer(facts, asked.customer, (start, end))
    return report(
        found.cases,
        start,
        end,
        customer=asked.customer,
        by=asked.by,
        records=records,
        unread=found.unread,
        zone=zone,
    )


def _parser() -> Parser:
    parser = Parser("report", "Show how a period went: promises, waits, backlog and pauses.")
    add_source(parser)
    parser.add_argument(
        "--cases",
        action="append",
        default=[],
        metavar="FILE",
        help="cases with their histories, as JSON; may be repeated",
    )
    parser.add_argument("--period", required=True, help=PERIOD_HELP)
    parser.add_argument("--customer", help="only the cases of this customer")
    parser.add_argument(
        "--known-at", metavar="INSTANT", help="of a database: leave out what was recorded later"
    )
    parser.add_argument("--by", choices=DIMENSIONS, default="severity", help="how to divide cases")
    for option, name, help in (
        ("--service", "NAME", "report its availability also if it was never down"),
        ("--objectives", "FILE", "report the error budgets of these objectives, as OpenSLO"),
    ):
        text = f"{help}; may be repeated"
        parser.add_argument(option, action="append", default=[], metavar=name, help=text)
    parser.add_argument(
        "--exclusions", metavar="ID", help="count availability as this credit schedule does"
    )
    parser.add_argument("--zone", default="UTC", help="zone of the period's days; default: UTC")
    parser.add_argument(
        "--format",
        choices=[*FORMATS, *PICTURES],
        help="default: text, or what the ending of --output names; a picture shows the trends",
    )
    parser.add_argument(
        "--review",
        choices=_REVIEWS,
        help="a page that prints on two sheets for a customer, or on four for the service's owner",
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="write into this file")
    return parser


def _format(review: str | None, stated: str | None, output: str | None) -> str:
    """Return the format; that of a review is always a page."""
    if review is None:
        return format_of(stated, output, pictures=True)
    if format_of(stated or (None if output else "html"), output, pictures=True) != "html":
        raise InvalidValueError("a review is a page", hint="use `--format html`", path="--review")
    return "html"


def _write(made: Report, review: str | None, format: str, output: str | None) -> None:
    if format == "png":
        from entitlements.cli.files.png import png_of  # noqa: PLC0415 - an extra

        write_output(output, png_of(draw_trends(made.trends)))
        return
    write_output(output, (_WRITERS[format] if review is None else _REVIEWS[review])(made))


def _midnight(day: date, zone: str) -> datetime:
    return from_micros(load_zone(zone).instant(day_number(day)))
