"""Plan tables as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from entitlements.documents.tables.plan_table import PlanTable, SeverityRow
from entitlements.documents.tables.week_text import monday_of, week_text
from entitlements.kernel.errors import NotCoveredError


def tables_as_markdown(tables: Iterable[PlanTable], week: date) -> str:
    """Return plan tables as Markdown, with a picture of a week for each calendar.

    Args:
        tables: The tables, in order; each becomes a section.
        week: Any date of the week that is drawn.
    """
    return "\n".join(line for table in tables for line in _section(table, week))


def _section(table: PlanTable, week: date) -> Iterator[str]:
    yield f"## {_escape(table.title)}"
    yield ""
    yield _row(["severity", *table.milestones, "reached"])
    yield _row(["---"] * (len(table.milestones) + 2))
    for row in table.rows:
        yield _row(map(_escape, _cells(row)))
    yield ""
    for name, value in table.terms:
        yield f"* {_escape(name)}: {_escape(value)}"
    for calendar in table.calendars:
        yield f"* hours `{calendar.name}`: {_escape(calendar.hours)}"
    if table.source:
        yield f"* source: {_escape(table.source)}"
    yield ""
    for calendar in table.calendars:
        if calendar.calendar is not None:
            try:
                lines = week_text(calendar.calendar, monday_of(week))
            except NotCoveredError:
                continue  # the holidays of that week are unknown; the text of the hours is there
            yield from ("```text", f"{calendar.name}", *lines, "```", "")


def _cells(row: SeverityRow) -> Iterator[str]:
    yield row.severity
    yield from row.targets
    yield "; ".join(row.reached)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escape(text: str) -> str:
    special = "\\`*_{}[]<>|#"
    return "".join(f"\\{each}" if each in special else each for each in " ".join(text.split()))
