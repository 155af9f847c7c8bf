"""Plan tables on a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final, TextIO

from rich import box
from rich.table import Table

from entitlements.cli.screens.tables import Screen
from entitlements.documents import PlanTable
from entitlements.documents.tables.week_text import CLOSED, OPEN, PARTLY_OPEN, monday_of, week_text
from entitlements.kernel.errors import NotCoveredError

_ASCII: Final = str.maketrans({OPEN: "#", PARTLY_OPEN: "+", CLOSED: "."})


def show_tables(tables: Iterable[PlanTable], week: date, file: TextIO | None = None) -> None:
    """Print plan tables on standard output, or into `file`, with a week of each calendar."""
    console = Screen(file=file, highlight=False)
    plain = console.options.ascii_only
    for table in tables:
        console.print()
        console.print(table.title, style="bold", markup=False)
        console.print(_grid(table, plain=plain))
        for name, value in table.terms:
            console.print(f"{name}: {value}", markup=False)
        for calendar in table.calendars:
            console.print(f"hours {calendar.name}: {calendar.hours}", markup=False)
            if calendar.calendar is not None:
                try:
                    lines = week_text(calendar.calendar, monday_of(week))
                except NotCoveredError as error:
                    lines = (error.message,)
                for line in lines:
                    text = line.translate(_ASCII) if plain else line
                    console.print(f"  {text}", markup=False, soft_wrap=True)


def _grid(table: PlanTable, *, plain: bool) -> Table:
    grid = Table(box=box.ASCII2 if plain else box.SIMPLE_HEAD, pad_edge=False)
    for column in ("severity", *table.milestones, "reached"):
        grid.add_column(column, overflow="fold")
    for row in table.rows:
        cells = [row.severity, *row.targets, "\n".join(row.reached)]
        grid.add_row(*map(_literal, cells))
    return grid


def _literal(text: str) -> str:
    return text.replace("[", "\\[")
