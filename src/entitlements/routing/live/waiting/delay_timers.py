"""Delay timers: when waiting work may be served at last, for an order that keeps it back."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import Final, final

from entitlements.kernel.instants import START_OF_TIME, to_micros
from entitlements.routing.live.waiting.work_queue import WaitingWork
from entitlements.routing.work.rank_orders import RankPlusDelay

_SPARE_ENTRIES: Final = 64
"""Entries beyond two for each waiting piece, before the heap is built again."""


@final
class DelayTimers:
    """The ends of the delays of waiting work.

    Args:
        order: The order that keeps work back.
        pieces: The waiting work by id, which changes from outside.
    """

    __slots__ = ("_at", "_ends", "_order", "_pieces")

    def __init__(self, order: RankPlusDelay, pieces: dict[str, WaitingWork]) -> None:
        self._order = order
        self._pieces = pieces
        self._ends: list[tuple[int, int, WaitingWork]] = []
        self._at = START_OF_TIME

    def add(self, piece: WaitingWork) -> None:
        """Add a piece that waits from now on: O(log n)."""
        if len(self._ends) > 2 * len(self._pieces) + _SPARE_ENTRIES:
            self._ends = [entry for entry in self._ends if self._waits(entry[2])]
            heapify(self._ends)
        heappush(self._ends, (self._end(piece), piece.number, piece))

    def next_after(self, at: int) -> int | None:
        """Return the first microsecond after `at` at which a delay ends, or None.

        O(log n) for each delay that has ended; O(n) before the last instant that was asked.
        """
        if at < self._at:
            later = (self._end(each) for each in self._pieces.values())
            return min((end for end in later if end > at), default=None)
        self._at, ends = at, self._ends
        while ends and (ends[0][0] <= at or not self._waits(ends[0][2])):
            heappop(ends)
        return ends[0][0] if ends else None

    @property
    def entries(self) -> int:
        """Number of entries, which tests count."""
        return len(self._ends)

    def _waits(self, piece: WaitingWork) -> bool:
        return self._pieces.get(piece.work.id) is piece

    def _end(self, piece: WaitingWork) -> int:
        return to_micros(self._order.served_from(piece.work))
