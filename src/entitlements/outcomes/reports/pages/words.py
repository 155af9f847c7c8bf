"""Words of a report: titles, figures as text, and the tables that text and pages show.

Percentages are made here, where people read them. What is not known is never shown as 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Final, NamedTuple

from entitlements.aftersales.surveys import SurveyKind
from entitlements.calendars.timeline.zones import load_zone
from entitlements.kernel.instants import text_of
from entitlements.kernel.periods.durations import format_duration
from entitlements.outcomes.figures.shares import Interval, Share
from entitlements.outcomes.reports.figure import Figure, ReportSection
from entitlements.outcomes.reports.report import Report

NOT_KNOWN: Final = "not known"
TITLES: Final = {
    ReportSection.ATTAINMENT: "Attainment: promises met, of those decided in the period",
    ReportSection.WAITING: "Waiting times of the clocks that started in the period",
    ReportSection.FLOW: "Flow: cases in and out",
    ReportSection.BACKLOG: "Backlog at the end, by age",
    ReportSection.PAUSES: "Pauses, and those at which a person should look",
    ReportSection.PAUSE_REASONS: "Pauses by reason",
    ReportSection.PAUSE_AGENTS: "Pauses by agent",
    ReportSection.AFTER_RESOLUTION: "After the resolution: reopened, followed, repeated",
    ReportSection.COMPLAINTS: "Complaints",
    ReportSection.COMPLAINT_CAUSES: "Complaints by cause",
    ReportSection.SATISFACTION: "Satisfaction",
    ReportSection.AVAILABILITY: "Availability",
    ReportSection.ERROR_BUDGETS: "Error budgets of the windows at the end of the period",
    ReportSection.NOTICES: "Notices sent in the period",
    ReportSection.WEEKDAYS: "Cases opened by weekday",
    ReportSection.HOURS: "Cases opened by hour",
}
_OF_TIME: Final = frozenset({ReportSection.PAUSES, ReportSection.AVAILABILITY})
_MIDNIGHT: Final = time()
_STEP: Final = Decimal("0.01")
_HUNDRED: Final = Decimal(100)


class TableRow(NamedTuple):
    """A row of a table: what it is about, its group, and a figure or nothing in each column."""

    name: str
    group: str
    is_total: bool
    figures: tuple[Figure | None, ...]


class SectionTable(NamedTuple):
    """A section as a table, with a column for each measure."""

    title: str
    measures: tuple[str, ...]
    rows: tuple[TableRow, ...]


def section_tables(report: Report) -> Iterator[SectionTable]:
    """Yield a table for each section that has figures."""
    for section, title in TITLES.items():
        own = [each for each in report.figures if each.section is section]
        measures = tuple(dict.fromkeys(each.measure for each in own))
        cells: dict[tuple[object, ...], dict[str, Figure]] = {}
        for each in own:
            key = each.name, each.is_total, each.group
            cells.setdefault(key, {})[each.measure] = each
        if own:
            rows = tuple(_row(found, measures) for found in cells.values())
            yield SectionTable(title, measures, rows)


def _row(figures: Mapping[str, Figure], measures: tuple[str, ...]) -> TableRow:
    one = next(iter(figures.values()))
    found = tuple(map(figures.get, measures))
    return TableRow(name_text(one), group_text(one), one.is_total, found)


def measure_text(measure: str) -> str:
    """Return a measure as words.

    >>> measure_text("open_before")
    'open before'
    """
    return measure.replace("_", " ")


def name_text(figure: Figure) -> str:
    """Return what a figure is about."""
    return NOT_KNOWN if figure.name is None else figure.name


def group_text(figure: Figure) -> str:
    """Return the group of a figure: in parentheses where it is not the name of one."""
    if figure.is_total:
        return "(all)"
    return "(none)" if figure.group is None else figure.group


def value_text(figure: Figure | None) -> str:
    """Return a figure as people read it; empty text where there is none."""
    if figure is None:
        return ""
    value = figure.value
    if value is None or not figure.is_known:
        return NOT_KNOWN
    if isinstance(value, Share):
        counts = "" if figure.section in _OF_TIME else f" ({value})"
        return f"{percent_text(value)} %{counts}"
    if isinstance(value, timedelta):
        return format_duration(value)
    if isinstance(value, Interval):
        unit = " %" if is_share_interval(figure) else ""
        return f"{interval_text(figure)}{unit}"
    return decimal_text(value) if isinstance(value, Fraction) else str(value)


def percent_text(share: Share) -> str:
    """Return a share in percent, with two decimals.

    It is 100 only of all and 0 only of none, however close the share comes.

    >>> percent_text(Share(2, 3)), percent_text(Share(99_999, 100_000)), percent_text(Share(0, 0))
    ('66.67', '99.99', 'not known')
    """
    if share.value is None:
        return NOT_KNOWN
    found = Decimal(decimal_text(100 * share.value))
    if 0 < share.n < share.of:
        found = min(max(found, _STEP), _HUNDRED - _STEP)
    return f"{found:f}"


def is_share_interval(figure: Figure) -> bool:
    """Return whether a figure is the interval of a share, which is shown in percent."""
    return isinstance(figure.value, Interval) and figure.name == SurveyKind.CSAT


def interval_text(figure: Figure) -> str:
    """Return both ends of an interval; those of a share in percent."""
    scale = 100 if is_share_interval(figure) else 1
    ends = figure.value if isinstance(figure.value, Interval) else ()
    return " to ".join(decimal_text(scale * Fraction(each)) for each in ends)


def decimal_text(value: Fraction) -> str:
    """Return a number with two decimals; half a step goes to the even one.

    >>> decimal_text(Fraction(-1, 8))
    '-0.12'
    """
    hundredths = round(value * 100)
    return f"{(Decimal(hundredths) / 100).quantize(_STEP, ROUND_HALF_EVEN):f}"


def period_text(report: Report) -> str:
    """Return the period, the customer and the basis of a report."""
    whose = "all customers" if report.customer is None else f"customer {report.customer}"
    return f"{_days(report)}, {whose}, by {report.by}; promises by when they were decided"


def _days(report: Report) -> str:
    """Return the days of a report, or its instants if it does not consist of whole days."""
    zone = load_zone(report.zone).tzinfo
    first, after = (each.astimezone(zone) for each in (report.start, report.end))
    if first.time() != _MIDNIGHT or after.time() != _MIDNIGHT:
        return f"{text_of(report.start)} to {text_of(report.end)}"
    last = after.date() - timedelta(days=1)
    days = f"{first.date()}" if first.date() == last else f"{first.date()} to {last}"
    return f"{days} ({report.zone})"
