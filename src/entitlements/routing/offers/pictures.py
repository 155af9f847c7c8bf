"""What does it look like? The life of an offer, drawn from the table of its transitions."""

from __future__ import annotations

from typing import Final

from entitlements.routing.offers.lifecycle import TRANSITIONS, TransitionKind, WorkStatus

_BOX: Final = (104, 34)
_PLACES: Final = {
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
    "text { font: 12px sans-serif; fill: #222 } .deed { fill: #555; font-size: 11px } "
    ".phase { fill: #eef3fb; stroke: #33517f } .last { fill: #e4e4e4; stroke: #666 } "
    ".way { fill: none; stroke: #33517f }"
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
    """Return the states of one piece of work as a picture; cancelling is drawn once.

    >>> draw_offers().count('class="phase"') + draw_offers().count('class="last"')
    10
    """
    ways: dict[tuple[WorkStatus, WorkStatus], list[str]] = {}
    for row in TRANSITIONS:
        if row.deed is not TransitionKind.CANCELLED and row.source is not row.target:
            ways.setdefault((row.source, row.target), []).append(row.deed)
    lines = [_way(source, target, ", ".join(deeds)) for (source, target), deeds in ways.items()]
    sources = {row.source for row in TRANSITIONS}
    boxes = [_box(phase, "phase" if phase in sources else "last") for phase in _PLACES]
    stays = sorted({row.deed for row in TRANSITIONS if row.source is row.target})
    note = (
        f'<text class="deed" x="140" y="304">cancelled: from every phase before the last; '
        f"{', '.join(stays)}: the phase stays</text>"
    )
    return "\n".join(
        [
            _HEAD,
            "<title>the life of one piece of work</title>",
            f"<style>{_STYLE}</style>",
            _TIP,
            *lines,
            *boxes,
            note,
            "</svg>",
            "",
        ]
    )


def _box(phase: WorkStatus, kind: str) -> str:
    x, y = _PLACES[phase]
    width, height = _BOX
    name = phase.replace("_", " ")
    return (
        f'<rect class="{kind}" x="{x - width // 2}" y="{y - height // 2}" width="{width}" '
        f'height="{height}" rx="6"/><text x="{x}" y="{y + 4}" text-anchor="middle">{name}</text>'
    )


def _way(source: WorkStatus, target: WorkStatus, label: str) -> str:
    """Return a curve that bends to the left of its direction, so that a way back is beside it."""
    (x1, y1), (x2, y2) = _edge(source, target), _edge(target, source)
    length = max(1, round(((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5))
    bend = 26 if length < 200 else 70  # noqa: PLR2004 - long ways pass around the boxes between
    mx = (x1 + x2) // 2 + (y2 - y1) * bend // length
    my = (y1 + y2) // 2 - (x2 - x1) * bend // length
    tx, ty = (x1 + x2 + 2 * mx) // 4, (y1 + y2 + 2 * my) // 4
    return (
        f'<path class="way" d="M{x1},{y1} Q{mx},{my} {x2},{y2}" marker-end="url(#tip)"/>'
        f'<text class="deed" x="{tx}" y="{ty - 3}" text-anchor="middle">{label}</text>'
    )


def _edge(phase: WorkStatus, towards: WorkStatus) -> tuple[int, int]:
    """Return the point of the box of `phase` that faces `towards`."""
    (x, y), (tx, ty) = _PLACES[phase], _PLACES[towards]
    width, height = _BOX
    if abs(tx - x) >= abs(ty - y):
        return (x + (width // 2 if tx > x else -width // 2), y)
    return (x, y + (height // 2 if ty > y else -height // 2))
