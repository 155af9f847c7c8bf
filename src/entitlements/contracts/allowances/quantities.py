"""Whole numbers of units, within what a database column can hold.

Quantities are integers: a float would round, and a bool is an answer, not a number.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, final

from entitlements.kernel.converters import MAX_INT64, whole_number
from entitlements.kernel.errors import LimitExceededError

MAX_QUANTITY: Final = MAX_INT64


@final
class Promised:
    """All that was ever granted by hand, by unit: each sum fits into 64 bits."""

    __slots__ = ("_by_unit",)

    def __init__(self, by_unit: Mapping[str, int] | None = None) -> None:
        self._by_unit = by_unit or {}

    def adding(self, unit: str, amount: int) -> Promised:
        """Return the sums with `amount` more of a unit."""
        if not amount:
            return self
        return Promised({**self._by_unit, unit: self._by_unit.get(unit, 0) + amount})

    def check(self, unit: str, amount: int) -> None:
        """Raise `LimitExceededError` if `amount` more of a unit would not fit into 64 bits."""
        if amount and self._by_unit.get(unit, 0) + amount > MAX_QUANTITY:
            raise LimitExceededError(f"all `{unit}` granted would not fit into 64 bits")


def round_up_to_increment(actual: int, increment: int, *, minimum: int = 0) -> int:
    """Return what is taken for `actual` units of work, in whole increments.

    Nothing is taken for nothing; otherwise at least `minimum`, rounded up to the increment. The
    result is never below `actual`, and rounding it again changes nothing.

    >>> rounded(16, 15), rounded(1, 15, minimum=60), rounded(0, 15, minimum=60)
    (30, 60, 0)

    Raises:
        InvalidValueError: a negative number, or an increment below one.
        LimitExceededError: the result does not fit into 64 bits.
    """
    actual, minimum = whole_number(actual, "amount"), whole_number(minimum, "minimum")
    increment = whole_number(increment, "increment", least=1)
    if not actual:
        return 0
    return whole_number(-(-max(actual, minimum) // increment) * increment, "amount")
