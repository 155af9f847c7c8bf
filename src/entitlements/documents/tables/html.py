"""Plan tables as one HTML page that needs no other file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from html import escape
from typing import Final

from entitlements.calendars.pictures import draw_week
from entitlements.documents.tables.plan_table import PlanTable, SeverityRow
from entitlements.documents.tables.week_text import in_one_zone, monday_of
from entitlements.kernel.errors import NotCoveredError

_HEAD: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Support plans</title>
<style>
body { font: 15px/1.45 system-ui, sans-serif; color: #222 }
body { max-width: 70rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem }
th, td { border: 1px solid #cfd6de; padding: .4rem .6rem; text-align: left; vertical-align: top }
thead th { background: #eceff3 }
dt { font-weight: 600; float: left; clear: left; margin-right: .5rem }
dd { margin: 0 0 .2rem 0; overflow: hidden }
svg { max-width: 100%; height: auto }
</style>
</head>
<body>"""


def tables_as_html(tables: Iterable[PlanTable], week: date) -> str:
    """Return plan tables as one HTML page, with a picture of a week for each calendar.

    Args:
        tables: The tables, in order; each becomes a section.
        week: Any date of the week that is drawn.
    """
    sections = (line for table in tables for line in _section(table, week))
    return "\n".join([_HEAD, *sections, "</body>", "</html>", ""])


def _section(table: PlanTable, week: date) -> Iterator[str]:
    yield "<section>"
    yield f"<h2>{escape(table.title)}</h2>"
    yield "<table>"
    heads = ["severity", *table.milestones, "reached"]
    cells = "".join(f'<th scope="col">{escape(each)}</th>' for each in heads)
    yield f"<thead><tr>{cells}</tr></thead>"
    yield "<tbody>"
    for row in table.rows:
        yield _row(row)
    yield "</tbody>"
    yield "</table>"
    yield "<dl>"
    for name, value in table.terms:
        yield _term(name, value)
    for calendar in table.calendars:
        yield _term(f"hours {calendar.name}", calendar.hours)
    if table.source:
        yield _term("source", table.source)
    yield "</dl>"
    for calendar in table.calendars:
        if calendar.calendar is not None:
            try:
                yield draw_week(in_one_zone(calendar.calendar), monday_of(week)).strip()
            except NotCoveredError:
                continue  # the holidays of that week are unknown; the text of the hours is there
    yield "</section>"


def _row(row: SeverityRow) -> str:
    targets = "".join(f"<td>{escape(each)}</td>" for each in row.targets)
    reached = "<br>".join(map(escape, row.reached))
    return f'<tr><th scope="row">{escape(row.severity)}</th>{targets}<td>{reached}</td></tr>'


def _term(name: str, value: str) -> str:
    return f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>"
