"""Counted quantity: what counts of the quantity of a line while the lead time of a raise runs."""

from __future__ import annotations

from typing import final

from entitlements.contracts.dates.step_function import StepFunction
from entitlements.kernel.instants import START_OF_TIME


@final
class CountedQuantity:
    """The units of a line in the order in which they were sold, with when each counts.

    Units that an amendment adds count when their lead time is over. What an amendment takes away
    is gone at once, the units sold last first.

    >>> sold = CountedQuantity(5)
    >>> sold.change(8, 100)
    >>> sold.change(7, 120)
    >>> sold.over_time().at(99), sold.over_time().at(100)
    (5, 7)
    """

    __slots__ = ("_parts",)

    def __init__(self, quantity: int) -> None:
        self._parts = [(quantity, START_OF_TIME)]

    def change(self, quantity: int, counts_from: int) -> None:
        """Give the line another quantity; units that it adds count from an instant on.

        Args:
            quantity: The quantity from now on.
            counts_from: When the lead time is over, in microseconds.
        """
        more = quantity - sum(units for units, _ in self._parts)
        while more < 0:
            units, since = self._parts.pop()
            more += units
            if more > 0:
                self._parts.append((more, since))
                return
        if more > 0:
            self._parts.append((more, counts_from))

    def over_time(self) -> StepFunction[int]:
        """Return how many units count, as it changes with time."""
        count = sum(units for units, since in self._parts if since <= START_OF_TIME)
        first, changes = count, []
        for units, since in sorted(self._parts, key=lambda part: part[1]):
            if since > START_OF_TIME:
                count += units
                changes.append((since, count))
        return StepFunction.of(first, changes)
