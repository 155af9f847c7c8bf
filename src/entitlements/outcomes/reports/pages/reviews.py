"""Service reviews: a report on two pages for a customer, and on four for a service owner.

A review is made to be read on paper. A table shows so many rows that the pages hold them, those
that matter first, and says how many more there are; the report itself has all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from fractions import Fraction
from html import escape
from typing import Final

from entitlements.kernel.converters import instance_of
from entitlements.kernel.instants import MICROSECOND
from entitlements.outcomes.figures.shares import Interval, Share
from entitlements.outcomes.reports.figure import Figure, ReportSection
from entitlements.outcomes.reports.pages.pictures import draw_counts, draw_trends
from entitlements.outcomes.reports.pages.words import (
    TITLES,
    group_text,
    measure_text,
    name_text,
    period_text,
    value_text,
)
from entitlements.outcomes.reports.report import Report
from entitlements.outcomes.trends import Trend, summarize_trends

_HEAD: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Service review</title>
<style>
body { font: 13px/1.35 system-ui, sans-serif; color: #222; max-width: 52rem; margin: 1rem auto }
h1 { font-size: 20px; margin: 0 0 .3rem } h2 { font-size: 14px; margin: .9rem 0 .2rem }
p { margin: .2rem 0 }
table { border-collapse: collapse; width: 100% }
th, td { border-bottom: 1px solid #cfd6de; padding: .15rem .4rem; text-align: right }
th[scope=row] { text-align: left }
th, td { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; max-width: 14rem }
small { color: #555 }
svg { display: block; width: 100%; height: auto; margin: .3rem 0 }
@page { size: A4; margin: 14mm }
@media print { body { margin: 0; max-width: none; font-size: 11px } }
.page + .page { break-before: page }
</style>
</head>
<body>"""
_FEW: Final = 3
_LESS: Final = 5
_MORE: Final = 12
_LONG: Final = 300
_LINE: Final = 100
_NAME: Final = 60

_Columns = Mapping[str, str]
_Row = Mapping[str, Figure]
_ATTAINMENT: Final[_Columns] = {
    each: measure_text(each) for each in ("share", "met", "missed", "running", "paused")
}
_AVAILABILITY: Final[_Columns] = {
    each: measure_text(each) for each in ("share", "down", "unknown", "excluded")
}
_BUDGETS: Final[_Columns] = {
    each: measure_text(each) for each in ("allowed", "down", "remaining", "burn_rate")
}
_SATISFACTION: Final[_Columns] = {
    each: measure_text(each) for each in ("score", "interval", "answers", "response_rate")
}
_LEAST_FIRST: Final = {
    ReportSection.ATTAINMENT: "share",
    ReportSection.AVAILABILITY: "share",
    ReportSection.ERROR_BUDGETS: "remaining",
}
_MOST_FIRST: Final = {
    ReportSection.PAUSE_REASONS: "held_time",
    ReportSection.PAUSE_AGENTS: "held_time",
    ReportSection.COMPLAINT_CAUSES: "received",
}
_WAITING: Final[_Columns] = {
    "started": "started",
    "median_elapsed": "median",
    "p90_elapsed": "90 %",
    "median_counted": "median, counted",
    "p90_counted": "90 %, counted",
}


def review_for_customer(report: Report) -> str:
    """Return a report as a review for a customer: an HTML page that prints on two sheets of A4.

    >>> from entitlements.kernel import utc
    >>> from entitlements.outcomes import report
    >>> march = utc("2026-03-01T00:00Z"), utc("2026-04-01T00:00Z")
    >>> review_for_customer(report([], *march)).count('class="page"')
    2
    """
    found = instance_of(Report, report)
    first = [
        *_opening(found),
        *_table(found, ReportSection.ATTAINMENT, _ATTAINMENT, _LESS),
        *_table(found, ReportSection.WAITING, _WAITING, _LESS),
        "<h2>Week by week</h2>",
        draw_trends(_trends(found, 3)),
    ]
    second = [
        *_table(found, ReportSection.AVAILABILITY, _columns("share", "down", "excluded"), _LESS),
        *_table(found, ReportSection.ERROR_BUDGETS, _BUDGETS, _FEW),
        *_table(found, ReportSection.SATISFACTION, _SATISFACTION),
        *_lines(found, ReportSection.COMPLAINTS),
        *_lines(found, ReportSection.AFTER_RESOLUTION),
        *_lines(found, ReportSection.FLOW),
        *_lines(found, ReportSection.BACKLOG),
        *_table(found, ReportSection.NOTICES, _columns("sent", "in_time", "acknowledged"), 8),
        *_closing(found),
    ]
    return _pages([first, second])


def review_for_owner(report: Report) -> str:
    """Return a report as a review for a service owner, on four sheets of A4.

    In place of a customer's summary it compares the groups, and shows pauses and seasons.

    >>> from entitlements.kernel import utc
    >>> from entitlements.outcomes import report
    >>> march = utc("2026-03-01T00:00Z"), utc("2026-04-01T00:00Z")
    >>> review_for_owner(report([], *march)).count('class="page"')
    4
    """
    found = instance_of(Report, report)
    first = [
        *_opening(found),
        *_table(found, ReportSection.ATTAINMENT, _ATTAINMENT, _LESS),
        *_groups(found),
        *_table(found, ReportSection.WAITING, _WAITING, _LESS),
    ]
    second = ["<h2>Week by week</h2>", draw_trends(_trends(found, 6))]
    third = [
        *_lines(found, ReportSection.FLOW),
        *_lines(found, ReportSection.BACKLOG),
        *_lines(found, ReportSection.PAUSES),
        *_table(found, ReportSection.PAUSE_REASONS, _columns("pauses", "held_time"), _LESS),
        *_table(found, ReportSection.PAUSE_AGENTS, _columns("pauses", "held_time"), _LESS),
        *_season(found, ReportSection.WEEKDAYS),
        *_season(found, ReportSection.HOURS),
    ]
    fourth = [
        *_table(found, ReportSection.AVAILABILITY, _AVAILABILITY, _LESS),
        *_table(found, ReportSection.ERROR_BUDGETS, _BUDGETS, _FEW),
        *_table(found, ReportSection.SATISFACTION, _SATISFACTION),
        *_lines(found, ReportSection.COMPLAINTS),
        *_table(found, ReportSection.COMPLAINT_CAUSES, _columns("received"), _LESS),
        *_lines(found, ReportSection.AFTER_RESOLUTION),
        *_table(found, ReportSection.NOTICES, _columns("sent", "in_time", "acknowledged"), 8),
        *_closing(found),
    ]
    return _pages([first, second, third, fourth])


def _pages(pages: Iterable[Iterable[str]]) -> str:
    bodies = [f'<section class="page">\n{chr(10).join(each)}\n</section>' for each in pages]
    return "\n".join([_HEAD, *bodies, "</body>", "</html>", ""])


def _columns(*measures: str) -> _Columns:
    return {each: measure_text(each) for each in measures}


def _opening(report: Report) -> Iterator[str]:
    yield "<h1>Service review</h1>"
    yield f"<p>{escape(_short(period_text(report)))}</p>"
    kept = []
    for each in _totals(report, ReportSection.ATTAINMENT):
        if each.measure == "share" and isinstance(each.value, Share):
            interval = each.value.interval()
            between = (
                ""
                if interval is None
                else f" (95 % interval {100 * interval.low:.1f} to {100 * interval.high:.1f})"
            )
            kept.append(f"{_short(name_text(each), _NAME)}: {each.value} kept{between}")
    budgets = [_short(each, _LINE) for each in _budgets(report)]
    shown = [*kept[: _LESS - 1 - len(budgets)], *budgets]
    summary = [summarize_trends(_trends(report, _LESS)), *shown]
    yield "<h2>In short</h2>"
    yield from (f"<p>{escape(_short(each))}</p>" for each in summary)


def _budgets(report: Report) -> Iterator[str]:
    """Yield a sentence about the error budgets, if there are any."""
    left = {
        name_text(each): each.value
        for each in _totals(report, ReportSection.ERROR_BUDGETS)
        if each.measure == "remaining" and isinstance(each.value, timedelta)
    }
    used = ", ".join(name for name, each in left.items() if each < timedelta())
    if left:
        yield f"Error budgets: used up by {used}" if used else "Error budgets: none is used up"


def _closing(report: Report) -> Iterator[str]:
    yield "<p><small>A share is of what was decided in the period; what is open stands beside it."
    yield "What is not known is not shown as 0."
    if report.broken:
        yield f"{len(report.broken)} cases or records are left out of some figures."
    yield "</small></p>"


def _short(text: str, most: int = _LONG) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _trends(report: Report, most: int) -> list[Trend]:
    """Return the trends that have changed, then the others, as many as there is room for."""
    return sorted(report.trends, key=lambda each: each.change is None)[:most]


def _totals(report: Report, section: ReportSection) -> list[Figure]:
    return [each for each in report.figures if each.section is section and each.is_total]


def _table(
    report: Report, section: ReportSection, columns: _Columns, most: int = _LESS
) -> Iterator[str]:
    rows: dict[str, dict[str, Figure]] = {}
    for each in _totals(report, section):
        rows.setdefault(name_text(each), {})[each.measure] = each
    if not rows:
        return
    yield f"<h2>{escape(TITLES[section])}</h2>"
    yield from _grid(dict(_ordered(rows, section)), columns, most)


def _ordered(rows: Mapping[str, _Row], section: ReportSection) -> list[tuple[str, _Row]]:
    """Return the rows of a section, those first that matter most; what is not known comes last."""
    if section in _LEAST_FIRST:
        return sorted(rows.items(), key=lambda row: _least(row, _LEAST_FIRST[section], 1))
    if section in _MOST_FIRST:
        return sorted(rows.items(), key=lambda row: _least(row, _MOST_FIRST[section], -1))
    return list(rows.items())


def _grid(rows: Mapping[str, _Row], columns: _Columns, most: int) -> Iterator[str]:
    heads = "".join(f'<th scope="col">{escape(each)}</th>' for each in ["", *columns.values()])
    yield f"<table><thead><tr>{heads}</tr></thead><tbody>"
    for name, figures in list(rows.items())[:most]:
        cells = "".join(f"<td>{escape(value_text(figures.get(each)))}</td>" for each in columns)
        yield f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>'
    yield "</tbody></table>"
    if len(rows) > most:
        yield f"<p><small>and {len(rows) - most} more in the report</small></p>"


def _groups(report: Report) -> Iterator[str]:
    """Yield the shares of each group, the least of them first; those of nothing last."""
    rows: dict[str, dict[str, Figure]] = {}
    for each in report.figures:
        if each.section is ReportSection.ATTAINMENT and not each.is_total:
            rows.setdefault(f"{group_text(each)}: {name_text(each)}", {})[each.measure] = each
    if not rows:
        return

    yield f"<h2>By {escape(report.by)}, the least first</h2>"
    yield from _grid(dict(sorted(rows.items(), key=_least)), _ATTAINMENT, _MORE)


def _least(
    row: tuple[str, _Row], measure: str = "share", sign: int = 1
) -> tuple[bool, Fraction, str]:
    """Return what orders rows by a measure, the least first, or with -1 the most."""
    value = row[1][measure].value
    amount: Fraction | None = None
    match value:
        case Share():
            amount = value.value
        case timedelta():
            amount = Fraction(value // MICROSECOND)
        case int() | Fraction():
            amount = Fraction(value)
        case Interval() | None:
            pass
    return amount is None, sign * (amount or Fraction(0)), row[0]


def _lines(report: Report, section: ReportSection) -> Iterator[str]:
    """Yield the figures of a section with one name as one row."""
    figures = {each.measure: each for each in _totals(report, section)}
    if not figures:
        return
    yield f"<h2>{escape(TITLES[section])}</h2>"
    heads = "".join(f'<th scope="col">{escape(measure_text(each))}</th>' for each in figures)
    cells = "".join(f"<td>{escape(value_text(each))}</td>" for each in figures.values())
    yield f"<table><thead><tr>{heads}</tr></thead><tbody><tr>{cells}</tr></tbody></table>"


def _season(report: Report, section: ReportSection) -> Iterator[str]:
    counts = {
        each.name: each.value
        for each in _totals(report, section)
        if each.measure == "opened" and each.name is not None and isinstance(each.value, int)
    }
    yield draw_counts(TITLES[section], counts)
