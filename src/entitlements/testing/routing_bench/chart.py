"""A chart of results: bars of operations a second, and lines of the scaling table, as SVG."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from math import ceil, floor, log10
from typing import Final

from entitlements.testing.routing_bench.bench import BenchResult
from entitlements.testing.routing_bench.scaling import Dimension, ScalingRow

WIDTH: Final = 760
_LEFT, _RIGHT, _BAR, _HEAD = 130, 80, 20, 34
_PANEL_WIDTH, _PANEL_HEIGHT, _MARGIN = 340, 220, 46
_COLOURS: Final = (
    "#1f6f8b", "#c8553d", "#588157", "#7b5ea7", "#d4a017", "#6c757d", "#2a9d8f", "#b5179e",
)  # fmt: skip
_STYLE: Final = "font-family:sans-serif;font-size:12px;fill:#222"


def bench_chart(results: Iterable[BenchResult], scaling: Sequence[ScalingRow] = ()) -> str:
    """Return an SVG document; axes are logarithmic.

    A world has one bar for each contender, and a dimension of the scaling table one panel.

    >>> from entitlements.testing.routing_bench import contender_maker, make_world, run_bench
    >>> world = make_world("uniform", agents=2, pieces=3)
    >>> makers = {"live": contender_maker("live")}
    >>> result = run_bench(world, makers, rounds=1, memory=False)
    >>> bench_chart([result])[:4]
    '<svg'
    """
    results = tuple(results)
    names = _names(results, scaling)
    colours = {name: _COLOURS[n % len(_COLOURS)] for n, name in enumerate(names)}
    top, parts = 10, []
    for result in results:
        drawn, height = _bars(result, colours, top)
        parts += drawn
        top += height
    if scaling:
        drawn, height = _panels(scaling, colours, top)
        parts += drawn
        top += height
    size = f'width="{WIDTH}" height="{top + 10}"'
    view = f'viewBox="0 0 {WIDTH} {top + 10}" style="{_STYLE}"'
    start = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {view}>'
    return "\n".join([start, f'<rect {size} fill="#fff"/>', *parts, "</svg>", ""])


def _names(results: Sequence[BenchResult], scaling: Sequence[ScalingRow]) -> list[str]:
    of_results = [each.name for result in results for each in result.results]
    of_scaling = [name for row in scaling for name in row.costs]
    return list(dict.fromkeys([*of_results, *of_scaling]))


def _text(x: float, y: float, text: str, *, anchor: str = "start", bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{weight}>{escape(text)}</text>'


def _box(x: int, y: int, width: str, height: int, colour: str) -> str:
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{colour}"/>'


def _bars(result: BenchResult, colours: dict[str, str], top: int) -> tuple[list[str], int]:
    rates = {each.name: each.per_second for each in result.results if each.per_second > 0}
    world = result.world
    title = f"{world.name}: {len(world.agents)} agents, {world.pieces} pieces; operations a second"
    parts = [_text(10, top + 16, title, bold=True)]
    low = floor(log10(min(rates.values()))) if rates else 0
    high = max(low + 1, ceil(log10(max(rates.values())))) if rates else 1
    room = WIDTH - _LEFT - _RIGHT
    for row, (name, rate) in enumerate(rates.items()):
        y = top + _HEAD + row * _BAR
        length = max(2.0, room * (log10(rate) - low) / (high - low))
        parts += [
            _text(_LEFT - 8, y + 11, name, anchor="end"),
            _box(_LEFT, y, f"{length:.1f}", _BAR - 6, colours[name]),
            _text(_LEFT + length + 6, y + 11, f"{rate:,.0f}"),
        ]
    return parts, _HEAD + len(rates) * _BAR + 12


def _panels(rows: Sequence[ScalingRow], colours: dict[str, str], top: int) -> tuple[list[str], int]:
    parts = [_text(10, top + 16, "Microseconds of an operation, by size", bold=True)]
    for place, name in enumerate(colours):
        x = 10 + place % 5 * 150
        y = top + 26 + place // 5 * 18
        parts.append(_box(x, y, "12", 12, colours[name]))
        parts.append(_text(x + 18, y + 11, name))
    begin = top + 34 + (len(colours) + 4) // 5 * 18
    dimensions = list(dict.fromkeys(row.dimension for row in rows))
    for place, dimension in enumerate(dimensions):
        x = 10 + place % 2 * (_PANEL_WIDTH + 30)
        y = begin + place // 2 * (_PANEL_HEIGHT + 10)
        parts += _panel(
            dimension, [row for row in rows if row.dimension is dimension], colours, x, y
        )
    height = (len(dimensions) + 1) // 2 * (_PANEL_HEIGHT + 10)
    return parts, begin - top + height


def _panel(
    dimension: Dimension, rows: list[ScalingRow], colours: dict[str, str], left: int, top: int
) -> list[str]:
    costs = [cost / 1e3 for row in rows for cost in row.costs.values() if cost > 0]
    if not costs:
        return []
    low, high = floor(log10(min(costs))), max(ceil(log10(max(costs))), floor(log10(min(costs))) + 1)
    room = _PANEL_HEIGHT - _MARGIN
    wide = _PANEL_WIDTH - _MARGIN

    def y_of(cost: float) -> float:
        return top + 16 + room * (high - log10(cost)) / (high - low)

    def x_of(place: int) -> float:
        return left + _MARGIN + wide * place / max(1, len(rows) - 1)

    parts = [_text(left, top + 8, dimension.value, bold=True)]
    for exponent in range(low, high + 1):
        y = y_of(10.0**exponent)
        parts.append(
            f'<line x1="{left + _MARGIN}" y1="{y:.1f}" x2="{left + _PANEL_WIDTH}" y2="{y:.1f}" '
            'stroke="#ddd"/>'
        )
        parts.append(_text(left + _MARGIN - 6, y + 4, f"{10.0**exponent:g}", anchor="end"))
    for place, row in enumerate(rows):
        parts.append(_text(x_of(place), top + 16 + room + 16, f"{row.size}", anchor="middle"))
    for name, colour in colours.items():
        points = [
            f"{x_of(place):.1f},{y_of(row.costs[name] / 1e3):.1f}"
            for place, row in enumerate(rows)
            if row.costs.get(name)
        ]
        if points:
            parts.append(
                f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" '
                'stroke-width="2"/>'
            )
    return parts
