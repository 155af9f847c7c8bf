"""Work queue: waiting work that the same agents can take, in the order of service for each rank."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import Final, TypeAlias, final

from entitlements.kernel.instants import END_OF_TIME
from entitlements.routing.live.masked_sequence import MaskedSequence
from entitlements.routing.work.queue_order import SortKey
from entitlements.routing.work.requirements import Requirement
from entitlements.routing.work.work import Work, relaxed_requirement, step_starts

MAX_STALE: Final = 16


@final
class WaitingWork:
    """One piece of waiting work.

    Attributes:
        work: The work.
        key: The key of the order within its rank.
        number: Number of the piece in order of arrival, which decides where two keys are equal.
        steps: The microsecond from which each step of the relaxation applies.
        timer: The microsecond of the next step; `END_OF_TIME` if there is none.
        queue: The queue in which the piece waits.
        bit: The bit of the queue.
        entry: The entry in the queue; None while the piece is in no queue.
    """

    __slots__ = ("bit", "entry", "key", "number", "queue", "steps", "timer", "work")

    work: Work
    key: SortKey
    number: int
    steps: tuple[int, ...]
    timer: int
    queue: WorkQueue
    bit: int
    entry: WorkEntry | None

    def requirement(self, at: int) -> tuple[Requirement, int]:
        """Return the requirement at `at`, and the microsecond of the next step after it."""
        for number, start in enumerate(self.steps):
            if start > at:
                return relaxed_requirement(self.work, number), start
        return relaxed_requirement(self.work, len(self.steps)), END_OF_TIME


def waiting_work(work: Work, key: SortKey, number: int) -> WaitingWork:
    """Return a piece that is in no queue; a function fills it in half the time of a constructor."""
    new = WaitingWork()
    new.work, new.key, new.number = work, key, number
    new.steps = () if work.relaxation is None else step_starts(work)
    new.timer, new.entry = END_OF_TIME, None
    return new


@final
class WaitingRank:
    """The waiting work of one rank.

    Attributes:
        heads: The entries of the first piece of every queue, in the order of service.
        pieces: Number of pieces.
    """

    __slots__ = ("heads", "pieces")

    def __init__(self) -> None:
        self.heads = MaskedSequence()
        self.pieces = 0


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
        heaps: For each rank, the entries of the work; the first one is that of the head.
        pieces: Number of pieces.
    """

    __slots__ = ("_stale", "bit", "excluded", "heaps", "indexed", "pieces", "requires", "slot")

    def __init__(self, requires: Requirement, excluded: frozenset[str], slot: int) -> None:
        self.requires = requires
        self.excluded = excluded
        self.slot = slot
        self.bit = 1 << slot
        self.indexed = False
        self.heaps: dict[int, list[WorkEntry]] = {}
        self.pieces = 0
        self._stale = 0

    @property
    def entries(self) -> int:
        """Number of entries, with those that are left over."""
        return sum(map(len, self.heaps.values()))

    def head(self, rank: int) -> WaitingWork | None:
        """Return the first piece of a rank, or None."""
        heap = self.heaps.get(rank)
        return heap[0][2] if heap else None

    def push(self, piece: WaitingWork) -> WorkEntry | None:
        """Add a piece, and return the entry of the head of its rank before: O(log n) comparisons.

        On an error of a comparison nothing changes.
        """
        entry, rank = (piece.key, piece.number, piece), piece.work.rank
        heap, before = self.heaps.get(rank), None
        if heap is None:
            self.heaps[rank] = [entry]
        else:
            before = heap[0]
            try:
                heappush(heap, entry)
            except Exception:
                heap[:] = [each for each in heap if each is not entry]
                heapify(heap)
                raise
        piece.queue, piece.bit, piece.entry = self, self.bit, entry
        self.pieces += 1
        return before

    def drop(self, piece: WaitingWork) -> bool:
        """Remove a piece, and return whether it was the head of its rank.

        O(log n) comparisons. The entry of another piece is left over, but no more than 16 of them
        beside those of the pieces are.
        """
        rank, entry = piece.work.rank, piece.entry
        heap = self.heaps[rank]
        piece.entry = None
        self.pieces -= 1
        if heap[0] is not entry:
            self._stale += 1
            if self._stale > self.pieces + MAX_STALE:
                self._clean()
            return False
        heappop(heap)
        while heap and heap[0][2].entry is not heap[0]:
            heappop(heap)
            self._stale -= 1
        if not heap:
            del self.heaps[rank]
        return True

    def _clean(self) -> None:
        for heap in self.heaps.values():
            heap[:] = [entry for entry in heap if entry[2].entry is entry]
            heapify(heap)
        self._stale = 0
