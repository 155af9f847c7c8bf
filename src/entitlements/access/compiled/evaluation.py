"""Evaluation of one right of one contract line for one request: failures as bits."""

from __future__ import annotations

from typing import final

from entitlements.access.compiled.lines import CompiledLine, CompiledRight, LinePeriod
from entitlements.access.precedence import PrecedenceKey


@final
class Evaluation:
    """One right of one line, or a line without rights, evaluated for one request at one instant.

    Attributes:
        line: The contract line.
        period: The line around the instant.
        right: The right; None where the line has none.
        failures: Every reason against it, as bits; 0 for none.
        precedence: Where it comes among the others; the smallest comes first.
    """

    __slots__ = ("failures", "line", "period", "precedence", "right")

    def __init__(
        self,
        line: CompiledLine,
        period: LinePeriod,
        right: CompiledRight | None,
        failures: int,
        precedence: PrecedenceKey,
    ) -> None:
        self.line = line
        self.period = period
        self.right = right
        self.failures = failures
        self.precedence = precedence
