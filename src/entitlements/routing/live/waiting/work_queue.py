"""Work queue: waiting work that the same agents can take, in the order of service for each rank."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import Final, TypeAlias, final

from entitlements.kernel.instants import END_OF_TIME
from entitlements.routing.live.masked_sequence import Entry
from entitlements.routing.work.queue_order import SortKey
from entitlements.routing.work.requirements import Requirement
from entitlements.routing.work.work import Work, requirements_over_time

MAX_STALE: Final = 16


@final
class WaitingWork:
    """One piece of waiting work.

    Attributes:
        work: The work.
        key: The key of the order within its rank.
        number: Number of the piece in order of arrival, which decides where two keys are equal.
        steps: The relaxed requirements, each with the microsecond of its start.
        timer: The microsecond of the next step; `END_OF_TIME` if there is none.
        queue: The queue in which the piece waits.
        entry: The entry in the queue; other entries of the piece are left over from before.
    """

    __slots__ = ("entry", "key", "number", "queue", "steps", "timer", "work")

    queue: WorkQueue
    entry: WorkEntry | None

    def __init__(self, work: Work, key: SortKey, number: int) -> None:
        self.work = work
        self.key = key
        self.number = number
        self.steps = () if work.relaxation is None else requirements_over_time(work)
        self.timer = END_OF_TIME
        self.entry = None

    def requirement(self, at: int) -> tuple[Requirement, int]:
        """Return the requirement at `at`, and the microsecond of the next step after it."""
        current = self.work.requires
        for start, requires in self.steps:
            if start > at:
                return current, start
            current = requires
        return current, END_OF_TIME


WorkEntry: TypeAlias = tuple[SortKey, int, WaitingWork]


@final
class WorkQueue:
    """Work of equal requirement and excluded agents, whatever its age, rank and deadline.

    Attributes:
        requires: What all of the work requires now.
        excluded: The agents who cannot take any of it.
        slot: Number of the bit in masks.
        bit: The bit itself.
        indexed: Whether the queue is in the index of blocked queues.
        heads: The entry of the first work of each rank, in the sequence of that rank.
        pieces: Number of pieces.
    """

    __slots__ = (
        "_heaps",
        "_stale",
        "bit",
        "excluded",
        "heads",
        "indexed",
        "pieces",
        "requires",
        "slot",
    )

    def __init__(self, requires: Requirement, excluded: frozenset[str], slot: int) -> None:
        self.requires = requires
        self.excluded = excluded
        self.slot = slot
        self.bit = 1 << slot
        self.indexed = False
        self.heads: dict[int, Entry] = {}
        self._heaps: dict[int, list[WorkEntry]] = {}
        self.pieces = 0
        self._stale = 0

    @property
    def entries(self) -> int:
        """Number of entries, with those that are left over."""
        return sum(map(len, self._heaps.values()))

    def push(self, piece: WaitingWork) -> None:
        """Add a piece: O(log n) comparisons. On an error of a comparison nothing changes."""
        entry = (piece.key, piece.number, piece)
        heap = self._heaps.setdefault(piece.work.rank, [])
        try:
            heappush(heap, entry)
        except Exception:
            heap[:] = [each for each in heap if each is not entry]
            heapify(heap)
            raise
        piece.queue, piece.entry = self, entry
        self.pieces += 1

    def drop(self, piece: WaitingWork) -> None:
        """Remove a piece; its entry is left over, but no more than 16 beside the live ones are."""
        piece.entry = None
        self.pieces -= 1
        self._stale += 1
        if self._stale > self.pieces + MAX_STALE:
            for rank, heap in list(self._heaps.items()):
                heap[:] = [entry for entry in heap if entry[2].entry is entry]
                heapify(heap)
                if not heap:
                    del self._heaps[rank]
            self._stale = 0

    def head(self, rank: int) -> WaitingWork | None:
        """Return the first piece of a rank, or None."""
        heap = self._heaps.get(rank)
        while heap:
            piece = heap[0][2]
            if piece.entry is heap[0]:
                return piece
            heappop(heap)
            self._stale -= 1
        if heap is not None:
            del self._heaps[rank]
        return None
