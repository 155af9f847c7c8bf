"""Quantities: whole numbers of units within 64 bits, and rounding to increments.

Quantities are integers. Floats are refused because they round, and bools because they are not
numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, final

from entitlements.kernel.converters import MAX_INT64, whole_number
from entitlements.kernel.errors import LimitExceededError

MAX_QUANTITY: Final = MAX_INT64


@final
class IssuedTotals:
    """The sums of all units granted by hand, by unit; each fits into 64 bits."""

    __slots__ = ("_by_unit",)

    def __init__(self, by_unit: Mapping[str, int] | None = None) -> None:
        self._by_unit = by_unit or {}

    def adding(self, unit: str, amount: int) -> IssuedTotals:
        """Return the sums with `amount` added to a unit."""
        if not amount:
            return self
        return IssuedTotals({**self._by_unit, unit: self._by_unit.get(unit, 0) + amount})

    def check(self, unit: str, amount: int) -> None:
        """Raise `LimitExceededError` if `amount` more of a unit does not fit into 64 bits."""
        if amount and self._by_unit.get(unit, 0) + amount > MAX_QUANTITY:
            raise LimitExceededError(f"all `{unit}` granted do not fit into 64 bits")


def round_up_to_increment(actual: int, increment: int, *, minimum: int = 0) -> int:
    """Return the units to take for `actual` units of work, rounded up to whole increments.

    No work takes no units. Otherwise the result is at least `minimum` and `actual`, and rounding it
    again does not change it.

    >>> [round_up_to_increment(used, 15, minimum=30) for used in (0, 1, 31)]
    [0, 30, 45]

    Raises:
        InvalidValueError: A number is negative, or the increment is less than 1.
        LimitExceededError: The result does not fit into 64 bits.
    """
    actual, minimum = whole_number(actual, "amount"), whole_number(minimum, "minimum")
    increment = whole_number(increment, "increment", least=1)
    if not actual:
        return 0
    return whole_number(-(-max(actual, minimum) // increment) * increment, "amount")
