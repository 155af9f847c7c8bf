"""Diagram of the work lifecycle, drawn from the table of transitions."""

from __future__ import annotations

from typing import Final

from entitlements.routing.offers.lifecycle import TRANSITIONS, TransitionKind, WorkStatus

_BOX: Final = (104, 34)
_POSITIONS: Final = {
    WorkStatus.NEW: (70, 60),
    WorkStatus.QUEUED: (250, 60),
    WorkStatus.PARKED: (250, 190),
    WorkStatus.OFFERED: (450, 60),
    WorkStatus.ACCEPTED: (650, 60),
    WorkStatus.IN_WORK: (650, 190),
    WorkStatus.PAUSED: (850, 120),
    WorkStatus.WRAPPING: (450, 190),
    WorkStatus.DONE: (450, 300),
    WorkStatus.CANCELLED: (70, 300),
}
_STYLE: Final = (
    "text { font: 12px sans-serif; fill: #222 } .event { fill: #555; font-size: 11px } "
    ".status { fill: #eef3fb; stroke: #33517f } .last { fill: #e4e4e4; stroke: #666 } "
    ".path { fill: none; stroke: #33517f }"
)
_HEAD: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 940 350" width="940" height="350" '
    'role="img">'
)
_TIP: Final = (
    '<defs><marker id="tip" markerWidth="9" markerHeight="9" refX="8" refY="4" orient="auto">'
    '<path d="M0,0 L9,4 L0,8 z" fill="#33517f"/></marker></defs>'
)


def draw_offers() -> str:
    """Return the statuses and transitions of work as SVG; cancellation is a note.

    >>> draw_offers().count('class="status"') + draw_offers().count('class="last"')
    10
    """
    paths: dict[tuple[WorkStatus, WorkStatus], list[str]] = {}
    for row in TRANSITIONS:
        if row.kind is not TransitionKind.CANCELLED and row.source is not row.target:
            paths.setdefault((row.source, row.target), []).append(row.kind)
    lines = [_path(source, target, ", ".join(kinds)) for (source, target), kinds in paths.items()]
    sources = {row.source for row in TRANSITIONS}
    boxes = [_box(status, "status" if status in sources else "last") for status in _POSITIONS]
    stays = sorted({row.kind for row in TRANSITIONS if row.source is row.target})
    note = (
        f'<text class="event" x="140" y="304">cancelled: from every status before the last; '
        f"{', '.join(stays)}: the status stays</text>"
    )
    return "\n".join(
        [
            _HEAD,
            "<title>the lifecycle of one piece of work</title>",
            f"<style>{_STYLE}</style>",
            _TIP,
            *lines,
            *boxes,
            note,
            "</svg>",
            "",
        ]
    )


def _box(status: WorkStatus, kind: str) -> str:
    x, y = _POSITIONS[status]
    width, height = _BOX
    name = status.replace("_", " ")
    return (
        f'<rect class="{kind}" x="{x - width // 2}" y="{y - height // 2}" width="{width}" '
        f'height="{height}" rx="6"/><text x="{x}" y="{y + 4}" text-anchor="middle">{name}</text>'
    )


def _path(source: WorkStatus, target: WorkStatus, label: str) -> str:
    """Return a curve that bends to the left, so that the opposite one is beside it."""
    (x1, y1), (x2, y2) = _edge(source, target), _edge(target, source)
    length = max(1, round(((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5))
    bend = 26 if length < 200 else 70  # noqa: PLR2004 - long curves pass around the boxes between
    mx = (x1 + x2) // 2 + (y2 - y1) * bend // length
    my = (y1 + y2) // 2 - (x2 - x1) * bend // length
    tx, ty = (x1 + x2 + 2 * mx) // 4, (y1 + y2 + 2 * my) // 4
    return (
        f'<path class="path" d="M{x1},{y1} Q{mx},{my} {x2},{y2}" marker-end="url(#tip)"/>'
        f'<text class="event" x="{tx}" y="{ty - 3}" text-anchor="middle">{label}</text>'
    )


def _edge(status: WorkStatus, towards: WorkStatus) -> tuple[int, int]:
    """Return the point of the box of `phase` that faces `towards`."""
    (x, y), (tx, ty) = _POSITIONS[status], _POSITIONS[towards]
    width, height = _BOX
    if abs(tx - x) >= abs(ty - y):
        return (x + (width // 2 if tx > x else -width // 2), y)
    return (x, y + (height // 2 if ty > y else -height // 2))
