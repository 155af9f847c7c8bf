"""Report as one HTML page that needs no other file, and prints well."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from entitlements.kernel.converters import instance_of
from entitlements.kernel.instants import text_of
from entitlements.outcomes.figures.shares import Share
from entitlements.outcomes.reports.figure import Figure
from entitlements.outcomes.reports.pages.pictures import draw_trends
from entitlements.outcomes.reports.pages.words import (
    SectionTable,
    TableRow,
    measure_text,
    percent_text,
    period_text,
    section_tables,
    value_text,
)
from entitlements.outcomes.reports.report import Report
from entitlements.outcomes.trends import Trend, summarize_trends

_HEAD: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Service report</title>
<style>
body { font: 14px/1.4 system-ui, sans-serif; color: #222 }
body { max-width: 75rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem }
th, td { border: 1px solid #cfd6de; padding: .3rem .5rem; text-align: right; vertical-align: top }
th[scope=row], td:first-child, thead th:first-child { text-align: left }
thead th { background: #eceff3 }
tr.total { font-weight: 600 }
svg { display: block; margin-left: auto }
summary { cursor: pointer }
details p { font-weight: 400; max-width: 20rem; margin: .2rem 0 0 auto; overflow-wrap: anywhere }
@page { size: landscape; margin: 1.2cm }
@media print {
  body { font-size: 10px; max-width: none; margin: 0; padding: 0 }
  thead { display: table-header-group }
  tr, h2 { break-inside: avoid; break-after: auto }
  h2 { break-after: avoid }
  summary { list-style: none }
}
</style>
</head>
<body>"""
_WIDTH: Final = 80


def report_to_html(report: Report) -> str:
    """Return a report as one HTML page; a click on a figure shows the ids that made it.

    >>> from entitlements.kernel import utc
    >>> from entitlements.outcomes import report
    >>> march = utc("2026-03-01T00:00Z"), utc("2026-04-01T00:00Z")
    >>> "Service report" in report_to_html(report([], *march))
    True
    """
    found = instance_of(Report, report)
    lines = [_HEAD, "<h1>Service report</h1>", f"<p>{escape(period_text(found))}</p>"]
    for table in section_tables(found):
        lines += _section(table, found.by)
    if found.trends:
        lines += ["<section>", "<h2>Week by week</h2>"]
        lines += [f"<p>{escape(summarize_trends(found.trends))}</p>", draw_trends(found.trends)]
        lines += map(_weeks, found.trends)
        lines += ["</section>"]
    if found.broken:
        lines += ["<section>", "<h2>Left out of some figures</h2>", "<ul>"]
        lines += [
            f"<li><b>{escape(id)}</b>: {escape(why)}</li>" for id, why in found.broken.items()
        ]
        lines += ["</ul>", "</section>"]
    return "\n".join([*lines, "</body>", "</html>", ""])


def _weeks(trend: Trend) -> str:
    """Return the points of a trend with the ids that made them."""
    if not trend.ids:
        return ""
    points = zip(trend.starts, trend.points, trend.ids, strict=True)
    rows = [
        f"<li>{text_of(start)[:10]}: {point}{': ' if ids else ''}{escape(', '.join(ids))}</li>"
        for start, point, ids in points
    ]
    return f"<details><summary>{escape(trend.name)}</summary><ul>{''.join(rows)}</ul></details>"


def _section(table: SectionTable, by: str) -> Iterator[str]:
    heads = ["", by, *map(measure_text, table.measures)]
    yield "<section>"
    yield f"<h2>{escape(table.title)}</h2>"
    yield "<table>"
    cells = "".join(f'<th scope="col">{escape(each)}</th>' for each in heads)
    yield f"<thead><tr>{cells}</tr></thead>"
    yield "<tbody>"
    yield from map(_row, table.rows)
    yield "</tbody>"
    yield "</table>"
    yield "</section>"


def _row(row: TableRow) -> str:
    cells = "".join(f"<td>{_cell(each)}</td>" for each in row.figures)
    labels = f'<th scope="row">{escape(row.name)}</th><td>{escape(row.group)}</td>'
    shown = ' class="total"' if row.is_total else ""
    return f"<tr{shown}>{labels}{cells}</tr>"


def _cell(figure: Figure | None) -> str:
    text = escape(value_text(figure))
    if figure is None or not figure.ids:
        return text
    ids = escape(", ".join(figure.ids))
    return f"{_bar(figure)}<details><summary>{text}</summary><p>{ids}</p></details>"


def _bar(figure: Figure) -> str:
    if not isinstance(figure.value, Share) or figure.value.value is None:
        return ""
    part = float(figure.value.value) * _WIDTH
    label = f"{percent_text(figure.value)} percent"
    return (
        f'<svg width="{_WIDTH}" height="8" role="img" aria-label="{label}">'
        f'<rect width="{_WIDTH}" height="8" fill="#e3a6a1"/>'
        f'<rect width="{part:.1f}" height="8" fill="#3b7a57"/></svg>'
    )
