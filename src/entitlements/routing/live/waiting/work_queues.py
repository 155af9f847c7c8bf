"""Work queues: all waiting work, by what it requires now, and by rank in the order of service.

For each rank, a sequence holds the first work of every queue, so that the first work that some
agents can take is found by the mask of the queues they can serve. Relaxation is a timer: at its
instant the work moves to another queue, and keeps its place in the order. Instants are
microseconds since 1970 UTC.
"""

from __future__ import annotations

from collections.abc import Collection
from heapq import heapify, heappop, heappush
from typing import Final, final

from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import END_OF_TIME, START_OF_TIME
from entitlements.routing.live.agents.signatures import Signature
from entitlements.routing.live.masked_sequence import slots_of
from entitlements.routing.live.waiting.queue_index import QueueIndex
from entitlements.routing.live.waiting.work_queue import WaitingRank, WaitingWork, WorkQueue
from entitlements.routing.work.requirements import Requirement

_MIN_TIMERS: Final = 64
_MIN_EMPTY: Final = 64
_MAX_RANKS_KEPT: Final = 8


@final
class WorkQueues:
    """All waiting work.

    Attributes:
        pieces: The waiting work by id, in order of arrival.
        next_timer: The first instant at which work may relax.
        ranks: The waiting work by rank, best first; a few ranks without work are kept.
        index: The queues that were found blocked.
        fresh: The mask of the queues with work of which it is not known whether an agent can take
            it.
        occupied: The mask of the queues with work.
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
        "_slots",
        "_timers",
        "at",
        "fresh",
        "index",
        "next_timer",
        "occupied",
        "on_call",
        "pieces",
        "ranks",
    )

    def __init__(self) -> None:
        self.pieces: dict[str, WaitingWork] = {}
        self.ranks: dict[int, WaitingRank] = {}
        self.index = QueueIndex()
        self.fresh = self.occupied = 0
        self.next_timer = END_OF_TIME
        self.on_call: dict[int, WorkQueue] = {}
        self.at = START_OF_TIME
        # Queues with excluded agents by both, others by the requirement alone.
        self._queues: dict[Requirement | tuple[Requirement, frozenset[str]], WorkQueue] = {}
        self._by_identity: dict[int, WorkQueue] = {}
        # The queue of each bit; that of a free bit is a queue that was dropped.
        self._slots: list[WorkQueue] = []
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
    def waiting(self) -> dict[int, int]:
        """Number of waiting pieces by rank."""
        return {rank: each.pieces for rank, each in self.ranks.items() if each.pieces}

    @property
    def timers(self) -> int:
        """Number of pieces that wait for an instant, such as the next step of their relaxation."""
        return len(self._timers)

    def add(self, piece: WaitingWork, refused: Signature | None = None) -> None:
        """Add a piece; O(log n) comparisons. No agent can take what `refused` requires."""
        work, requires, step = piece.work, piece.work.requires, END_OF_TIME
        if piece.steps:
            requires, step = piece.requirement(self.at)
        self._place(piece, requires)
        if refused is not None and requires is refused.requires and requires.on_call is None:
            queue = piece.queue
            if self.fresh & queue.bit or not queue.indexed:
                self.block((queue,), None if queue.excluded else refused.fit)
        self.pieces[work.id] = piece
        if piece.steps:
            self._relaxing += 1
            self._set_timer(piece, step)

    def remove(self, piece: WaitingWork) -> None:
        """Remove a piece; O(log n) comparisons."""
        id = piece.work.id
        if self.pieces[id] is piece:
            del self.pieces[id]
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
        return [self._slots[slot] for slot in slots_of(self.fresh)]

    def heads_of(self, bit: int) -> list[WaitingWork]:
        """Return the first piece of each rank in the queue of a bit; none for 0."""
        if not bit:
            return []
        return [heap[0][2] for heap in self._slots[bit.bit_length() - 1].heaps.values()]

    def block(self, queues: Collection[WorkQueue], qualified: int | None = None) -> int:
        """Record that no agent can take the work of these queues, and return their mask.

        `qualified` is the mask of the agents who are qualified for all of it, if it is known.
        """
        blocked = 0
        for queue in queues:
            blocked |= queue.bit
        self.fresh &= ~blocked
        self.index.add(queues, qualified)
        return blocked

    def renew(self) -> None:
        """Record that nothing is known about any queue."""
        for queue in self._queues.values():
            if queue.pieces:
                self.fresh |= queue.bit

    def _relax(self, piece: WaitingWork) -> None:
        requires, step = piece.requirement(self.at)
        old = piece.queue.requires
        if requires is not old and requires != old:
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
        work = piece.work
        excluded, rank = work.excluded_agents, work.rank
        queue = None if excluded else self._by_identity.get(id(requires))
        if queue is None or queue.requires is not requires:
            queue = self._queue(requires, excluded)
        if not queue.pieces:
            self._empty -= 1
            self.fresh |= queue.bit
            self.occupied |= queue.bit
        try:
            before = queue.push(piece)
            entry = queue.heaps[rank][0]
            ranked = self.ranks.get(rank) or self._new_rank(rank)
            if before is None:
                ranked.heads.add(entry)
            elif before is not entry:
                ranked.heads.swap(before, entry)
            ranked.pieces += 1
        except Exception as error:
            if piece.entry is not None:
                queue.drop(piece)
            if not queue.pieces:
                self._empty += 1
                self.fresh &= ~queue.bit
                self.occupied ^= queue.bit
            if isinstance(error, TypeError):
                raise InvalidValueError(
                    f"the order gives work `{work.id}` a key that cannot be compared: {error}",
                    hint="use keys of one type",
                ) from error
            raise

    def _new_rank(self, rank: int) -> WaitingRank:
        found = self.ranks[rank] = WaitingRank()
        if len(self.ranks) > 1:
            self.ranks = dict(sorted(self.ranks.items()))
        return found

    def _displace(self, piece: WaitingWork) -> None:
        """Take a piece out of its queue."""
        queue, rank, entry = piece.queue, piece.work.rank, piece.entry
        ranked = self.ranks[rank]
        ranked.pieces -= 1
        if queue.drop(piece):
            assert entry is not None  # noqa: S101 - the piece was in the queue
            heap = queue.heaps.get(rank)
            if heap is not None:
                ranked.heads.swap(entry, heap[0])
            else:
                ranked.heads.discard(entry)
        if not ranked.pieces and len(self.ranks) > _MAX_RANKS_KEPT:
            del self.ranks[rank]
        if not queue.pieces:
            if self.fresh:
                self.fresh &= ~queue.bit
            self.occupied ^= queue.bit
            self._empty += 1
            if self._empty > len(self._queues) - self._empty + _MIN_EMPTY:
                self._sweep()

    def _queue(self, requires: Requirement, excluded: frozenset[str]) -> WorkQueue:
        """Return the queue of equal work, which may be new."""
        name = (requires, excluded) if excluded else requires
        queue = self._queues.get(name)
        if queue is None:
            slot = self._free.pop() if self._free else len(self._slots)
            queue = self._queues[name] = WorkQueue(requires, excluded, slot)
            self._slots[slot : slot + 1] = [queue]
            self._empty += 1
            if requires.on_call is not None:
                self.on_call[queue.bit] = queue
            if not excluded:
                # The queue holds the requirement, so that no other one gets its identity.
                self._by_identity[id(requires)] = queue
        return queue

    def _sweep(self) -> None:
        """Drop all queues without work, so that masks stay narrow."""
        empty = [(name, queue) for name, queue in self._queues.items() if not queue.pieces]
        self.index.remove(queue for _, queue in empty)
        for name, queue in empty:
            if queue.requires.on_call is not None:
                del self.on_call[queue.bit]
            self._free.append(queue.slot)
            del self._queues[name]
            if not queue.excluded:
                del self._by_identity[id(queue.requires)]
        self._free.sort(reverse=True)
        self._empty = 0
