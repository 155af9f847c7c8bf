"""Evaluation of one right at one instant: failures as bits."""

from __future__ import annotations

from typing import final

from entitlements.access.compiled.lines import LineCell, RightCell, Stretch
from entitlements.access.precedence import (
    OrderKey,
)


@final
class Tried:
    """A right of a line, tried for one request at one instant: all its bits, and its place."""

    __slots__ = ("bits", "cell", "line", "order", "stretch")

    def __init__(
        self,
        line: LineCell,
        stretch: Stretch,
        cell: RightCell | None,
        bits: int,
        order: OrderKey,
    ) -> None:
        self.line = line
        self.stretch = stretch
        self.cell = cell
        self.bits = bits
        self.order = order
