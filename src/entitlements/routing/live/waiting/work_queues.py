"""Work queues: all waiting work, by what it requires now, and by rank in the order of service.

For each rank, a sequence holds the first work of every queue, so that the first work that some
agents can take is found by the mask of the queues they can serve. Relaxation is a timer: at its
instant the work moves to another queue, and keeps its place in the order. Instants are
microseconds since 1970 UTC.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import Final, final

from entitlements.kernel.instants import END_OF_TIME, START_OF_TIME
from entitlements.routing.live.masked_sequence import MaskedSequence
from entitlements.routing.live.waiting.queue_index import QueueIndex
from entitlements.routing.live.waiting.work_queue import WaitingWork, WorkQueue
from entitlements.routing.work.requirements import Requirement

_MIN_TIMERS: Final = 64
_MIN_EMPTY: Final = 64
_MAX_KNOWN: Final = 4_096


@final
class WorkQueues:
    """All waiting work.

    Attributes:
        pieces: The waiting work by id, in order of arrival.
        next_timer: The first instant at which work may relax.
        ranks: The first work of every queue, by rank.
        waiting: Number of waiting pieces by rank.
        index: The queues that were found blocked.
        fresh: The mask of the queues with work of which it is not known whether an agent can take
            it.
        on_call: The queues whose work needs an agent on call, by bit.
        at: The instant up to which work has relaxed.
    """

    __slots__ = (
        "_by_identity",
        "_empty",
        "_free",
        "_queues",
        "_relaxing",
        "_sequence",
        "_timers",
        "at",
        "fresh",
        "index",
        "next_timer",
        "on_call",
        "pieces",
        "ranks",
        "waiting",
    )

    def __init__(self) -> None:
        self.pieces: dict[str, WaitingWork] = {}
        self.ranks: dict[int, MaskedSequence] = {}
        self.waiting: dict[int, int] = {}
        self.index = QueueIndex()
        self.fresh = 0
        self.next_timer = END_OF_TIME
        self.on_call: dict[int, WorkQueue] = {}
        self.at = START_OF_TIME
        self._queues: dict[tuple[Requirement, frozenset[str]], WorkQueue] = {}
        self._by_identity: dict[int, tuple[Requirement, WorkQueue]] = {}
        self._free: list[int] = []
        self._empty = 0
        self._relaxing = 0
        self._sequence = 0
        self._timers: list[tuple[int, int, WaitingWork]] = []

    @property
    def queues(self) -> tuple[WorkQueue, ...]:
        """All queues, also those without work."""
        return tuple(self._queues.values())

    @property
    def timers(self) -> int:
        """Number of timers."""
        return len(self._timers)

    def add(self, piece: WaitingWork, refused: Requirement | None = None) -> None:
        """Add a piece; O(log n) comparisons. No agent can take what `refused` requires."""
        work, requires, step = piece.work, piece.work.requires, END_OF_TIME
        if piece.steps:
            requires, step = piece.requirement(self.at)
        self._place(piece, requires)
        if requires is refused and requires.on_call is None:
            self.block(piece.queue)
        self.pieces[work.id] = piece
        self.waiting[work.rank] = self.waiting.get(work.rank, 0) + 1
        if piece.steps:
            self._relaxing += 1
            self._set_timer(piece, step)

    def remove(self, piece: WaitingWork) -> None:
        """Remove a piece; O(log n) comparisons."""
        id, rank = piece.work.id, piece.work.rank
        if self.pieces[id] is piece:
            del self.pieces[id]
        left = self.waiting[rank] - 1
        if left:
            self.waiting[rank] = left
        else:
            del self.waiting[rank]
        self._displace(piece)
        if piece.steps:
            self._relaxing -= 1
            piece.timer = END_OF_TIME

    def replace(self, old: WaitingWork, new: WaitingWork) -> None:
        """Put a piece in the place of another one with the same id; O(log n) comparisons."""
        self.add(new)
        self.remove(old)  # the new piece has the id now

    def advance(self, at: int) -> None:
        """Relax work up to `at`, or back to it; O(log n) for each step, back O(relaxing work)."""
        if at < self.at:
            self.at = at
            self._timers.clear()
            self.next_timer = END_OF_TIME
            for piece in [each for each in self.pieces.values() if each.steps]:
                self._relax(piece)
            return
        self.at = at
        while self._timers and self._timers[0][0] <= at:
            start, _, piece = heappop(self._timers)
            if piece.timer == start:
                self._relax(piece)
        self.next_timer = self._timers[0][0] if self._timers else END_OF_TIME

    def next_step(self, at: int) -> int | None:
        """Return the first microsecond after `at` at which waiting work relaxes, or None."""
        if at >= self.at:
            self.advance(at)
            timers = self._timers
            while timers and timers[0][2].timer != timers[0][0]:
                heappop(timers)
            self.next_timer = timers[0][0] if timers else END_OF_TIME
            return timers[0][0] if timers else None
        steps = (each.requirement(at)[1] for each in self.pieces.values() if each.steps)
        return min((step for step in steps if step != END_OF_TIME), default=None)

    def fresh_queues(self) -> list[WorkQueue]:
        """Return the queues of which it is not known whether an agent can take their work."""
        return [queue for queue in self._queues.values() if queue.bit & self.fresh]

    def block(self, queue: WorkQueue) -> None:
        """Record that no agent can take the work of a queue."""
        self.fresh &= ~queue.bit
        if not queue.indexed and queue.requires.on_call is None:
            self.index.add(queue)

    def renew(self) -> None:
        """Record that nothing is known about any queue."""
        for queue in self._queues.values():
            if queue.pieces:
                self.fresh |= queue.bit

    def _relax(self, piece: WaitingWork) -> None:
        requires, step = piece.requirement(self.at)
        if requires != piece.queue.requires:
            self._displace(piece)
            self._place(piece, requires)
        self._set_timer(piece, step)

    def _set_timer(self, piece: WaitingWork, step: int) -> None:
        piece.timer = step
        if step == END_OF_TIME:
            return
        self._sequence += 1
        heappush(self._timers, (step, self._sequence, piece))
        self.next_timer = min(self.next_timer, step)
        if len(self._timers) > 2 * self._relaxing + _MIN_TIMERS:
            self._timers = [timer for timer in self._timers if timer[2].timer == timer[0]]
            heapify(self._timers)

    def _place(self, piece: WaitingWork, requires: Requirement) -> None:
        """Put a piece into the queue of its requirement."""
        queue, rank = self._queue(requires, piece.work.excluded_agents), piece.work.rank
        was_empty = not queue.pieces
        queue.push(piece)
        if was_empty:
            self._empty -= 1
            self.fresh |= queue.bit
        head = queue.heads.get(rank)
        entry = (piece.key, piece.number, queue)
        try:
            if head is None:
                if rank not in self.ranks:
                    self.ranks[rank] = MaskedSequence()
                self.ranks[rank].add(entry)
            elif entry < head:
                self.ranks[rank].swap(head, entry)
            else:
                return
        except Exception:
            queue.drop(piece)
            if was_empty:
                self._empty += 1
                self.fresh &= ~queue.bit
            raise
        queue.heads[rank] = entry

    def _displace(self, piece: WaitingWork) -> None:
        """Take a piece out of its queue."""
        queue, rank = piece.queue, piece.work.rank
        queue.drop(piece)
        old = queue.heads[rank]
        if old[1] == piece.number:
            head = queue.head(rank)
            if head is None:
                sequence = self.ranks[rank]
                sequence.discard(old)
                if not sequence.mask:
                    del self.ranks[rank]
                del queue.heads[rank]
            else:
                entry = (head.key, head.number, queue)
                self.ranks[rank].swap(old, entry)
                queue.heads[rank] = entry
        if not queue.pieces:
            self.fresh &= ~queue.bit
            self._empty += 1
            if self._empty > len(self._queues) - self._empty + _MIN_EMPTY:
                self._sweep()

    def _queue(self, requires: Requirement, excluded: frozenset[str]) -> WorkQueue:
        if not excluded:
            known = self._by_identity.get(id(requires))
            if known is not None and known[0] is requires:
                return known[1]
        queue = self._queues.get((requires, excluded))
        if queue is None:
            slot = self._free.pop() if self._free else len(self._queues)
            queue = self._queues[requires, excluded] = WorkQueue(requires, excluded, slot)
            self._empty += 1
            if requires.on_call is not None:
                self.on_call[queue.bit] = queue
        if not excluded:
            if len(self._by_identity) >= _MAX_KNOWN:
                self._by_identity.clear()
            self._by_identity[id(requires)] = (requires, queue)
        return queue

    def _sweep(self) -> None:
        """Drop all queues without work, so that masks stay narrow."""
        for name, queue in list(self._queues.items()):
            if not queue.pieces:
                if queue.indexed:
                    self.index.remove(queue)
                self.on_call.pop(queue.bit, None)
                self._free.append(queue.slot)
                del self._queues[name]
        self._free.sort(reverse=True)
        self._empty = 0
        self._by_identity.clear()
