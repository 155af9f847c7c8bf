"""Pictures of outcomes as SVG: trends with their limits, and counts as bars."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final
from xml.sax.saxutils import escape

from entitlements.kernel.converters import instance_of, tuple_of
from entitlements.kernel.instants import text_of
from entitlements.outcomes.figures.shares import Share
from entitlements.outcomes.trends import Trend, TrendKind

_WIDTH: Final = 700
_HEIGHT: Final = 130
_LEFT: Final = 46
_RIGHT: Final = 12
_TOP: Final = 26
_BOTTOM: Final = 22
_STYLE: Final = (
    "text { font: 11px sans-serif; fill: #222 } .quiet { fill: #666; font-size: 9px } "
    ".band { fill: #e4ebf2 } .centre { stroke: #4a86c8; stroke-dasharray: 4 3 } "
    ".line { fill: none; stroke: #33475b; stroke-width: 1.5 } .point { fill: #33475b } "
    ".odd { fill: #c62828 } .base { stroke: #999; stroke-dasharray: 2 3 } .bar { fill: #4a86c8 }"
)


def draw_trends(trends: Iterable[Trend]) -> str:
    """Return a picture of trends, one below the other.

    The band is what is usual since the baseline, which ends at the dotted line; a red point is
    outside of it, or the eighth or a later one on one side of the centre.

    >>> draw_trends([])[:4]
    '<svg'
    """
    known = tuple_of(Trend, trends)
    height = max(1, len(known)) * _HEIGHT
    parts = [
        f'<g transform="translate(0 {number * _HEIGHT})">{"".join(_trend(each))}</g>'
        for number, each in enumerate(known)
    ]
    if not known:
        parts = [f'<text x="{_LEFT}" y="{_TOP}">There are no trends.</text>']
    return _picture(height, parts)


def draw_counts(title: str, counts: Mapping[str, int]) -> str:
    """Return a picture of counts by name, one bar for each.

    >>> draw_counts("opened", {"Monday": 2}).count("<rect")
    1
    """
    most = max(counts.values(), default=0)
    wide = (_WIDTH - _LEFT - _RIGHT) / max(1, len(counts))
    parts = [f'<text x="{_LEFT}" y="14">{escape(title)}</text>']
    for number, (name, count) in enumerate(counts.items()):
        x, deep = _LEFT + number * wide, _HEIGHT - _TOP - _BOTTOM
        tall = deep * count / most if most else 0.0
        y = _HEIGHT - _BOTTOM - tall
        parts.append(
            f'<rect class="bar" x="{x + 1:.1f}" y="{y:.1f}" width="{max(1.0, wide - 2):.1f}" '
            f'height="{tall:.1f}"><title>{escape(name)}: {count}</title></rect>'
        )
        middle = x + wide / 2
        short = escape(name[:3] if len(counts) < _MANY else name[:2])
        parts.append(
            f'<text class="quiet" x="{middle:.1f}" y="{_HEIGHT - 10}" text-anchor="middle">'
            f"{short}</text>"
        )
        parts.append(
            f'<text class="quiet" x="{middle:.1f}" y="{y - 2:.1f}" text-anchor="middle">'
            f"{count}</text>"
        )
    return _picture(_HEIGHT, parts)


_MANY: Final = 12
_LONGEST: Final = 100


def _picture(height: int, parts: Iterable[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" '
        f'viewBox="0 0 {_WIDTH} {height}" role="img"><style>{_STYLE}</style>{"".join(parts)}</svg>'
    )


def _trend(trend: Trend) -> Iterator[str]:
    values = [_value(each) for each in instance_of(Trend, trend).points]
    chart = trend.chart
    limits = [] if chart is None else [(max(0.0, low), high) for low, high in chart.limits]
    tops = [each for each in values if each is not None] + [high for _, high in limits]
    most = 1.0 if trend.kind is TrendKind.SHARES else max([*tops, 1.0])
    step = (_WIDTH - _LEFT - _RIGHT) / max(1, len(values) - 1)

    def x(index: float) -> str:
        return f"{_LEFT + index * step:.1f}"

    def y(value: float) -> str:
        part = min(value, most) / most
        return f"{_HEIGHT - _BOTTOM - part * (_HEIGHT - _TOP - _BOTTOM):.1f}"

    yield f'<text x="{_LEFT}" y="14">{escape(_title(trend))}</text>'
    if chart is not None and values:
        upper = [f"{x(n)},{y(high)}" for n, (_, high) in enumerate(limits)]
        lower = [f"{x(n)},{y(low)}" for n, (low, _) in enumerate(limits)]
        yield f'<polygon class="band" points="{" ".join([*upper, *reversed(lower)])}"/>'
        centre = y(chart.centre)
        yield f'<path class="centre" d="M {x(0)} {centre} H {x(len(values) - 1)}"/>'
    if 0 < trend.baseline < len(values):
        edge = x(trend.baseline - 0.5)
        yield f'<path class="base" d="M {edge} {_TOP} V {_HEIGHT - _BOTTOM}"/>'
    known = [(n, value) for n, value in enumerate(values) if value is not None]
    line = " ".join(f"{x(n)},{y(value)}" for n, value in known)
    yield f'<polyline class="line" points="{line}"/>'
    odd = set() if chart is None else {each.index for each in chart.signals}
    for n, value in known:
        shown = "odd" if n in odd else "point"
        label = f"{text_of(trend.starts[n])[:10]}: {trend.points[n]}"
        yield (
            f'<circle class="{shown}" cx="{x(n)}" cy="{y(value)}" r="2.5">'
            f"<title>{label}</title></circle>"
        )
    yield from _axes(trend, (0.0, most), (y(0), y(most)))


def _title(trend: Trend) -> str:
    text = trend.change or trend.name
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _axes(trend: Trend, ends: tuple[float, float], places: tuple[str, str]) -> Iterator[str]:
    for value, place in zip(ends, places, strict=True):
        text = f"{value:.0%}" if trend.kind is TrendKind.SHARES else f"{value:.0f}"
        yield f'<text class="quiet" x="{_LEFT - 4}" y="{place}" text-anchor="end">{text}</text>'
    if trend.starts:
        first, last = (text_of(each)[:10] for each in (trend.starts[0], trend.starts[-1]))
        yield f'<text class="quiet" x="{_LEFT}" y="{_HEIGHT - 8}">week of {first}</text>'
        yield (
            f'<text class="quiet" x="{_WIDTH - _RIGHT}" y="{_HEIGHT - 8}" text-anchor="end">'
            f"week of {last}</text>"
        )


def _value(point: int | Share) -> float | None:
    if isinstance(point, Share):
        return None if point.value is None else float(point.value)
    return float(point)
