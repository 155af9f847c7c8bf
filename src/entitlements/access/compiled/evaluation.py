"""Evaluation of one right at one instant: failures as bits."""

from __future__ import annotations

from typing import final

from entitlements.access.compiled.lines import CompiledLine, CompiledRight, LinePeriod
from entitlements.access.precedence import (
    PrecedenceKey,
)


@final
class Evaluation:
    """A right of a line, tried for one request at one instant: all its bits, and its place."""

    __slots__ = ("bits", "cell", "line", "order", "stretch")

    def __init__(
        self,
        line: CompiledLine,
        stretch: LinePeriod,
        cell: CompiledRight | None,
        bits: int,
        order: PrecedenceKey,
    ) -> None:
        self.line = line
        self.stretch = stretch
        self.cell = cell
        self.bits = bits
        self.order = order
