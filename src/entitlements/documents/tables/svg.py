"""Plan tables as one SVG picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from textwrap import wrap
from typing import Final
from xml.sax.saxutils import escape

from entitlements.calendars.pictures import draw_week
from entitlements.documents.tables.plan_table import PlanTable
from entitlements.documents.tables.week_text import in_one_zone, monday_of
from entitlements.kernel.errors import NotCoveredError

_MARGIN, _LINE, _PAD, _CHARACTER = 16, 18, 8, 7.2
_MOST_CHARACTERS: Final = 44
_STYLE: Final = """<style>
.plan { font: 600 16px sans-serif; fill: #222 } .cell { font: 12px sans-serif; fill: #222 }
.head { font: 600 12px sans-serif; fill: #222 } .rule { stroke: #cfd6de } .band { fill: #eceff3 }
</style>"""


def tables_as_svg(tables: Iterable[PlanTable], week: date) -> str:
    """Return plan tables as one SVG picture, one below the other, with a week of each calendar.

    Args:
        tables: The tables, in order.
        week: Any date of the week that is drawn.
    """
    parts: list[str] = []
    top, width = float(_MARGIN), 0.0
    for table in tables:
        for block, height, wide in _blocks(table, week):
            parts.append(f'<g transform="translate({_MARGIN},{top:g})">{block}</g>')
            top += height + _PAD
            width = max(width, wide)
        top += _MARGIN
    size = (width + 2 * _MARGIN, top)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]:g}" height="{size[1]:g}" '
        f'viewBox="0 0 {size[0]:g} {size[1]:g}">'
    )
    ground = f'<rect width="{size[0]:g}" height="{size[1]:g}" fill="#ffffff"/>'
    return "\n".join([head, _STYLE, ground, *parts, "</svg>", ""])


def _blocks(table: PlanTable, week: date) -> Iterator[tuple[str, float, float]]:
    """Yield the title, the table, its terms and its calendars, each with height and width."""
    yield _text("plan", 0, _LINE, table.title), _LINE + _PAD, len(table.title) * 9.6
    yield _grid(table)
    terms = [*table.terms, *((f"hours {each.name}", each.hours) for each in table.calendars)]
    lines = [f"{name}: {value}" for name, value in terms]
    texts = "".join(
        _text("cell", 0, _LINE * (number + 1), line) for number, line in enumerate(lines)
    )
    yield texts, _LINE * len(lines) + _PAD, max(map(len, lines), default=0) * _CHARACTER
    for calendar in table.calendars:
        if calendar.calendar is not None:
            try:
                picture = draw_week(in_one_zone(calendar.calendar), monday_of(week))
            except NotCoveredError:
                continue  # the holidays of that week are unknown; the text of the hours is there
            yield picture.strip(), 290.0, 734.0


def _grid(table: PlanTable) -> tuple[str, float, float]:
    heads = [("severity",), *((each,) for each in table.milestones), ("reached",)]
    rows: list[Sequence[Sequence[str]]] = [heads]
    for row in table.rows:
        cells = [row.severity, *row.targets]
        rows.append([*map(_lines, cells), [part for each in row.reached for part in _lines(each)]])
    widths = [
        max(len(line) for row in rows for line in (row[column] or ("",))) * _CHARACTER + 2 * _PAD
        for column in range(len(heads))
    ]
    parts, top, full = [], 0.0, sum(widths)
    for number, cells_of_row in enumerate(rows):
        height = max(1, *map(len, cells_of_row)) * _LINE + _PAD
        if not number:
            parts.append(f'<rect class="band" width="{full:g}" height="{height:g}"/>')
        left = 0.0
        for width, lines in zip(widths, cells_of_row, strict=True):
            parts += [
                _text("cell" if number else "head", left + _PAD, top + _LINE * (index + 1), line)
                for index, line in enumerate(lines)
            ]
            left += width
        top += height
        parts.append(f'<line class="rule" x2="{full:g}" y1="{top:g}" y2="{top:g}"/>')
    return "".join(parts), top, full


def _lines(text: str) -> list[str]:
    return wrap(text, _MOST_CHARACTERS)


def _text(kind: str, x: float, y: float, text: str) -> str:
    return f'<text class="{kind}" x="{x:g}" y="{y:g}">{escape(text)}</text>'
