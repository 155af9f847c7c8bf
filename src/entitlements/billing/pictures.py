"""Pictures of a bill as SVG: how prepaid time ran down, and what each case cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape

from entitlements.billing.lines import ChargeLine, LineKind
from entitlements.contracts.allowances.grants import Grant
from entitlements.kernel.converters import tuple_of
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.money.money import Money
from entitlements.kernel.periods.durations import format_duration

_WIDTH: Final = 760
_LEFT: Final = 110
_RIGHT: Final = 40
_ROW: Final = 34
_HEIGHT: Final = 120
_STYLE: Final = (
    "text { font: 12px sans-serif; fill: #222 } .quiet { fill: #666; font-size: 10px } "
    ".left { fill: none; stroke: #4a86c8; stroke-width: 2 } .axis { stroke: #999 } "
    ".included { fill: #b8c4d0 } .prepaid { fill: #4a86c8 } .overage { fill: #e08a2c } "
    ".time_and_materials { fill: #c62828 } .adjustment { fill: #8a6fb0 }"
)


def draw_prepaid(grant: Grant, lines: Iterable[ChargeLine]) -> str:
    """Return a picture of what was left of a grant, from its beginning to its end or last use.

    Args:
        grant: The grant.
        lines: Charge lines; those that were paid by the grant count.

    Raises:
        InvalidValueError: The grant has no units.
    """
    if not grant.amount:
        raise InvalidValueError(f"grant `{grant.id}` has no units to draw")
    used = [
        each
        for each in tuple_of(ChargeLine, lines)
        if each.grant == grant.id and each.kind is LineKind.PREPAID and each.units
    ]
    used.sort(key=lambda each: each.start)
    ends = [each.end for each in used] + ([grant.expires] if grant.expires is not None else [])
    last = max(ends, default=grant.effective)
    whole = max((last - grant.effective).total_seconds(), 1)
    width = _WIDTH - _LEFT - _RIGHT

    def place(line: ChargeLine) -> int:
        return _LEFT + round(width * (line.start - grant.effective).total_seconds() / whole)

    left, points, labels = grant.amount, [(_LEFT, 30)], list[str]()
    for each in used:
        x = place(each)
        points.append((x, _depth(left, grant.amount)))
        left -= each.units
        points.append((x, _depth(left, grant.amount)))
        labels.append(_text(x + 4, points[-1][1] - 4, f"{each.case} -{each.units}", quiet=True))
    points.append((_WIDTH - _RIGHT, _depth(left, grant.amount)))
    path = " ".join(f"{x},{y}" for x, y in points)
    floor = 30 + _HEIGHT
    return _picture(
        floor + 34,
        [
            _text(10, 20, f"{grant.unit} left of {grant.allowance or grant.id}"),
            _text(10, 34, str(grant.amount), quiet=True),
            _text(10, floor, "0", quiet=True),
            f'<line class="axis" x1="{_LEFT}" y1="{floor}" x2="{_WIDTH - _RIGHT}" y2="{floor}"/>',
            f'<polyline class="left" points="{path}"/>',
            *labels,
            _text(_LEFT, floor + 16, f"{grant.effective:%Y-%m-%d}", quiet=True),
            _text(_WIDTH - _RIGHT - 60, floor + 16, f"{last:%Y-%m-%d}", quiet=True),
        ],
    )


def _depth(left: int, of: int) -> int:
    return 30 + _HEIGHT - _HEIGHT * left // of


def draw_cases(lines: Iterable[ChargeLine]) -> str:
    """Return a picture of the time billed for each case, by what paid for it, and what it cost.

    Args:
        lines: Charge lines; those of cases count.

    Raises:
        InvalidValueError: No line is for a case.
    """
    by_case: dict[str, list[ChargeLine]] = {}
    for each in tuple_of(ChargeLine, lines):
        if each.case is not None:
            by_case.setdefault(each.case, []).append(each)
    if not by_case:
        raise InvalidValueError("no line is for a case", hint="pass the lines of a sheet with work")
    longest = max(sum(_seconds(own)) for own in by_case.values()) or 1
    parts = [_text(10, 20, "time billed by case")]
    for row, (case, own) in enumerate(by_case.items()):
        parts += _case_row(case, own, 34 + row * _ROW, longest)
    return _picture(40 + _ROW * len(by_case), parts)


def _seconds(lines: Iterable[ChargeLine]) -> list[int]:
    return [max(int(each.billed.total_seconds()), 0) for each in lines]


def _case_row(case: str, own: Sequence[ChargeLine], y: int, longest: int) -> Iterator[str]:
    yield _text(10, y + 13, case)
    x = _LEFT
    for each, seconds in zip(own, _seconds(own), strict=True):
        wide = (_WIDTH - _LEFT - _RIGHT - 60) * seconds // longest
        if wide:
            kind = each.kind.value
            title = f"<title>{kind.replace('_', ' ')}, {format_duration(each.billed)}</title>"
            yield f'<rect class="{kind}" x="{x}" y="{y}" width="{wide}" height="16">{title}</rect>'
        x += wide
    total = sum((each.amount for each in own[1:]), own[0].amount)
    yield _text(x + 6, y + 13, _cost(total), quiet=True)


def _cost(total: Money) -> str:
    return str(total) if total.amount else "nothing"


def _text(x: int, y: int, text: str, *, quiet: bool = False) -> str:
    style = ' class="quiet"' if quiet else ""
    return f'<text{style} x="{x}" y="{y}">{escape(text)}</text>'


def _picture(height: int, parts: Iterable[str]) -> str:
    size = f'width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>'
    return "\n".join([head, f"<style>{_STYLE}</style>", *parts, "</svg>", ""])
