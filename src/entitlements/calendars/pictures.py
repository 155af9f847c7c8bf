"""A week of open time as SVG.

Each date is a row as long as the date: 23, 24 or 25 hours. Everything day_date is computed by the
hours.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Final
from xml.sax.saxutils import escape

from entitlements.calendars.business_hours import BusinessHours, open_intervals
from entitlements.calendars.exceptions import calendar_date
from entitlements.calendars.timeline.zones import Zone, date_of_day_number, day_number, load_zone
from entitlements.kernel.instants import DAY, HOUR, SECOND

_LEFT, _TOP, _ROW, _HOUR_WIDTH = 110, 40, 34, 26
_STYLE: Final = """<style>
text { font: 12px sans-serif; fill: #222 } .quiet { fill: #666; font-size: 10px }
.date { fill: #eceff3 } .open { fill: #4a86c8 } .change { stroke: #c62828; stroke-width: 2 }
.clock-change { fill: #c62828; font-size: 10px }
</style>"""


def draw_week(hours: BusinessHours, first: date | str) -> str:
    """Return seven dates of open time as SVG, with wall-clock times and clock changes.

    Args:
        hours: The hours to draw; dates are those of their zone.
        first: The first date, usually a Monday.

    >>> from entitlements.calendars import Calendar
    >>> draw_week(Calendar(zone="UTC", week="Mo-Fr 09:00-17:00"), "2026-03-23").count('"open"')
    5
    """
    zone, start = load_zone(hours.zone), day_number(calendar_date(first))
    rows = [_row(hours, zone, start + number, number) for number in range(7)]
    width, height = _LEFT + 26 * _HOUR_WIDTH, _TOP + 7 * _ROW + 12
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}>',
        _STYLE,
        f'<text x="10" y="20">{escape(hours.name or zone.name)}: hours since midnight</text>',
    ]
    return "\n".join([*parts, *(part for row in rows for part in row), "</svg>\n"])


def _row(hours: BusinessHours, zone: Zone, day: int, number: int) -> Iterator[str]:
    start, end, y = zone.instant(day), zone.instant(day + 1), _TOP + number * _ROW
    day_date = date_of_day_number(day)
    yield f'<text x="10" y="{y + 14}">{day_date:%a} {day_date.day} {day_date:%b}</text>'
    yield f'<text class="quiet" x="10" y="{y + 26}">{(end - start) / HOUR:g} hours</text>'
    yield _box("date", start, start, end, y)
    for opening, closing in open_intervals(hours.timeline, start, end):
        yield _box("open", start, opening, closing, y)
        yield _text("quiet", start, opening, y + 27, _clock(zone, opening))
        yield _text("quiet", start, closing, y + 27, _clock(zone, closing), "end")
    for (_, change, before), (_, _, after) in _changes(zone, start, end):
        x = _x(start, change)
        yield f'<line class="change" x1="{x}" x2="{x}" y1="{y - 6}" y2="{y + 18}"/>'
        text = f"{_time(change + before)} becomes {_time(change + after)}"
        yield _text("clock-change", start, change, y - 2, f" {text}")


def _changes(
    zone: Zone, start: int, end: int
) -> Iterator[tuple[tuple[int, int, int], tuple[int, int, int]]]:
    return pairwise(zone.offset_periods(start, end))


def _x(midnight: int, at: int) -> str:
    return f"{_LEFT + (at - midnight) * _HOUR_WIDTH / HOUR:g}"


def _box(kind: str, midnight: int, start: int, end: int, y: int) -> str:
    width = f"{(end - start) * _HOUR_WIDTH / HOUR:g}"
    return f'<rect class="{kind}" x="{_x(midnight, start)}" y="{y}" width="{width}" height="16"/>'


def _text(kind: str, midnight: int, at: int, y: int, text: str, anchor: str = "start") -> str:
    x = _x(midnight, at)
    return f'<text class="{kind}" x="{x}" y="{y}" text-anchor="{anchor}">{text}</text>'


def _clock(zone: Zone, at: int) -> str:
    return _time(zone.wall(at))


def _time(wall: int) -> str:
    minutes = wall % DAY // (60 * SECOND)
    return f"{minutes // 60:02}:{minutes % 60:02}"
