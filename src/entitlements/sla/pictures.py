"""Pictures as SVG: the statuses of a case with their transitions, and the days of a clock.

They are drawn from the table of transitions and from the trace of a reading.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final
from xml.sax.saxutils import escape

from entitlements.calendars.business_hours import BusinessHours
from entitlements.sla.case_history.lifecycle import CASE_TRANSITIONS, CaseStatus
from entitlements.sla.clock.trace import TimeUse, TraceSegment
from entitlements.sla.readings.reading import Reading

_POSITIONS: Final = {
    CaseStatus.UNOPENED: (70, 90),
    CaseStatus.OPEN: (270, 90),
    CaseStatus.PAUSED: (270, 330),
    CaseStatus.RESOLVED: (530, 90),
    CaseStatus.CLOSED: (770, 210),
    CaseStatus.CANCELLED: (530, 450),
}
_BENDS: Final = {
    (CaseStatus.OPEN, CaseStatus.RESOLVED): 26,
    (CaseStatus.RESOLVED, CaseStatus.OPEN): 26,
    (CaseStatus.OPEN, CaseStatus.PAUSED): 26,
    (CaseStatus.PAUSED, CaseStatus.OPEN): 26,
    (CaseStatus.PAUSED, CaseStatus.RESOLVED): 0,
    (CaseStatus.OPEN, CaseStatus.CLOSED): -70,
    (CaseStatus.PAUSED, CaseStatus.CLOSED): 30,
    (CaseStatus.OPEN, CaseStatus.CANCELLED): 60,
}
_LABEL_OFFSETS: Final = {
    CaseStatus.OPEN: (0, -68),
    CaseStatus.RESOLVED: (0, -68),
    CaseStatus.PAUSED: (-165, -16),
}
_HALF_WIDTH, _HALF_HEIGHT = 58, 20
_LABEL_GAP: Final = 26

_STYLE: Final = """<style>
text { font: 12px sans-serif; fill: #222 } .quiet { fill: #666; font-size: 11px }
.state { fill: #eef3fb; stroke: #33517f } .way { fill: none; stroke: #33517f }
.counted { fill: #4a86c8 } .closed { fill: #e4e4e4 } .paused { fill: #f1c04e }
.resolved { fill: #b9b9b9 } .due { stroke: #c62828; stroke-width: 2 }
.warning { stroke: #e07b00; stroke-width: 2; stroke-dasharray: 3 2 }
</style>"""


def draw_states() -> str:
    """Return the status diagram of a case as SVG.

    >>> draw_states().count('class="state"') == len(CaseStatus)
    True
    """
    transitions: dict[tuple[CaseStatus, CaseStatus], list[str]] = {}
    for (source, kind), target in CASE_TRANSITIONS.items():
        transitions.setdefault((source, target), []).append(kind.value)
    parts = [
        _transition(*pair, kinds) for pair, kinds in transitions.items() if pair[0] is not pair[1]
    ]
    parts += [_state(status, transitions.get((status, status), [])) for status in CaseStatus]
    head = '<marker id="tip" markerWidth="9" markerHeight="9" refX="8" refY="4" orient="auto">'
    tip = f'<defs>{head}<path d="M0,0 L9,4 L0,8 z" fill="#33517f"/></marker></defs>'
    return _svg(860, 520, [tip, *parts], "the states of a case")


def _state(status: CaseStatus, unchanged: list[str]) -> str:
    x, y = _POSITIONS[status]
    box = (
        f'<rect class="state" x="{x - _HALF_WIDTH}" y="{y - _HALF_HEIGHT}" '
        f'width="{2 * _HALF_WIDTH}" height="{2 * _HALF_HEIGHT}" rx="8"/>'
    )
    left, top = _LABEL_OFFSETS.get(status, (0, 0))
    rows = [
        _text(x + left, y + top + 13 * row, each, "quiet")
        for row, each in enumerate(_rows(unchanged))
    ]
    return "".join([box, _text(x, y + 4, status.value), *rows])


def _rows(kinds: list[str]) -> list[str]:
    """Return the kinds of events that do not change the status, two a line."""
    return [", ".join(kinds[start : start + 2]) for start in range(0, len(kinds), 2)]


def _transition(source: CaseStatus, target: CaseStatus, kinds: list[str]) -> str:
    (x1, y1), (x2, y2) = _POSITIONS[source], _POSITIONS[target]
    length = max(1.0, ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5)
    along = ((x2 - x1) / length, (y2 - y1) / length)
    bend = _BENDS.get((source, target), 0)
    middle = ((x1 + x2) / 2 + along[1] * bend, (y1 + y2) / 2 - along[0] * bend)
    start, end = _border((x1, y1), middle), _border((x2, y2), middle)
    curve = (
        f"M{start[0]:.0f},{start[1]:.0f} Q{middle[0]:.0f},{middle[1]:.0f} {end[0]:.0f},{end[1]:.0f}"
    )
    beside = 0.8 * max(-_LABEL_GAP, min(bend, _LABEL_GAP))
    label_x = (start[0] + 2 * middle[0] + end[0]) / 4 + along[1] * beside
    label_y = (start[1] + 2 * middle[1] + end[1]) / 4 - along[0] * beside
    label = _text(label_x, label_y - 4, ", ".join(kinds))
    return f'<path class="way" d="{curve}" marker-end="url(#tip)"/>{label}'


def _border(centre: tuple[float, float], towards: tuple[float, float]) -> tuple[float, float]:
    """Return where the line from the centre of a box leaves it."""
    dx, dy = towards[0] - centre[0], towards[1] - centre[1]
    scale = max(abs(dx) / (_HALF_WIDTH + 2), abs(dy) / (_HALF_HEIGHT + 2)) or 1
    return centre[0] + dx / scale, centre[1] + dy / scale


_LEFT, _HOUR, _ROW = 110, 28, 26


def draw_clock(reading: Reading, hours: BusinessHours) -> str:
    """Return the days of a clock as SVG: one row for each day, in the local time of `hours`.

    The rows end at the deadline if there is one, as if no further event came.
    """
    segments = list(reading.trace(reading.due))
    if not segments:
        (label,) = reading.explain()
        return _svg(4 * _LEFT, _ROW, [_text(2 * _LEFT, 16, label)], reading.name)
    day: date = hours.local(segments[0].start).date()
    last: date = hours.local(segments[-1].end).date()
    days = [day + timedelta(days=number) for number in range((last - day).days + 1)]
    tops: dict[date, int] = {each: 40 + _ROW * row for row, each in enumerate(days)}
    parts = [_text(_LEFT + _HOUR * hour, 28, f"{hour:02}", "quiet") for hour in range(0, 25, 3)]
    parts += [_text(60, tops[each] + 15, f"{each:%a %d %b}") for each in days]
    for segment in segments:
        parts += [
            f'<rect class="{segment.use}" x="{left:.1f}" y="{tops[on]}" '
            f'width="{right - left:.1f}" height="{_ROW - 6}"><title>{escape(str(segment))}</title>'
            "</rect>"
            for on, left, right in _pieces(segment, hours)
        ]
    parts += [_mark(each.at, hours, tops, "warning") for each in reading.warnings]
    parts += [] if reading.due is None else [_mark(reading.due, hours, tops, "due")]
    parts += _legend(60 + _ROW * len(days))
    return _svg(_LEFT + 24 * _HOUR + 40, 90 + _ROW * len(days), parts, reading.name)


def _pieces(segment: TraceSegment, hours: BusinessHours) -> Iterator[tuple[date, float, float]]:
    start, end = hours.local(segment.start), hours.local(segment.end)
    on = start.date()
    while on <= end.date():
        left = _hour(start) if on == start.date() else 0.0
        right = _hour(end) if on == end.date() else 24.0
        if left < right:
            yield on, _LEFT + _HOUR * left, _LEFT + _HOUR * right
        on += timedelta(days=1)


def _hour(at: datetime) -> float:
    return at.hour + at.minute / 60 + at.second / 3600


def _mark(at: datetime, hours: BusinessHours, tops: dict[date, int], kind: str) -> str:
    local = hours.local(at)
    top = tops.get(local.date())
    if top is None:
        return ""
    x = _LEFT + _HOUR * _hour(local)
    line = f'<line class="{kind}" x1="{x:.1f}" x2="{x:.1f}" y1="{top - 3}" y2="{top + _ROW - 3}">'
    return f"{line}<title>{kind} {local:%a %d %b %H:%M}</title></line>"


def _legend(top: int) -> list[str]:
    parts = []
    for number, kind in enumerate([*TimeUse, "warning", "due"]):
        x = _LEFT + 100 * number
        if kind in set(TimeUse):
            parts.append(f'<rect class="{kind}" x="{x}" y="{top}" width="16" height="12"/>')
        else:
            y = top + 12
            parts.append(f'<line class="{kind}" x1="{x + 8}" x2="{x + 8}" y1="{top}" y2="{y}"/>')
        parts.append(f'<text x="{x + 22}" y="{top + 10}">{kind}</text>')
    return parts


def _text(x: float, y: float, label: str, kind: str = "") -> str:
    of_kind = f' class="{kind}"' if kind else ""
    return f'<text{of_kind} x="{x:.0f}" y="{y:.0f}" text-anchor="middle">{escape(label)}</text>'


def _svg(width: float, height: float, parts: list[str], title: str) -> str:
    frame = f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {frame} role="img">'
    return "\n".join([head, f"<title>{escape(title)}</title>", _STYLE, *parts, "</svg>"]) + "\n"
