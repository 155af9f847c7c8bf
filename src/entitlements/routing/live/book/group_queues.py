"""Group queues: length and age of the queue of each group, for queue limits."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from heapq import heapify, heappop, heappush
from typing import final

from entitlements.routing.work.queue_limits import QueueState


@final
class GroupQueues:
    """The waiting work of each group, as far as limits ask for it.

    Work enters and leaves in O(log n) comparisons; n enters and leaves keep at most 2 n + 16
    entries, where n pieces wait.
    """

    __slots__ = ("_group", "_heaps", "_lengths", "_opened")

    def __init__(self) -> None:
        self._group: dict[str, str] = {}
        self._opened: dict[str, datetime] = {}
        self._lengths: Counter[str] = Counter()
        self._heaps: dict[str, list[tuple[datetime, str]]] = {}

    def enter(self, work: str, group: str, opened: datetime) -> None:
        """Add waiting work to the queue of a group, or move it there."""
        if self._group.get(work) == group and self._opened[work] == opened:
            return
        self.leave(work)
        self._group[work], self._opened[work] = group, opened
        self._lengths[group] += 1
        heappush(self._heaps.setdefault(group, []), (opened, work))

    def leave(self, work: str) -> None:
        """Remove work from its queue, if it is in one."""
        group = self._group.pop(work, None)
        if group is None:
            return
        del self._opened[work]
        self._lengths[group] -= 1
        heap = self._heaps[group]
        if not self._lengths[group]:
            del self._lengths[group], self._heaps[group]
        elif len(heap) > 2 * self._lengths[group] + 16:
            heap[:] = {entry for entry in heap if self._waits(group, entry)}
            heapify(heap)

    def state(self, group: str, signed_in: int) -> QueueState:
        """Return the queue of a group, of whose agents `signed_in` are signed in."""
        heap = self._heaps.get(group, [])
        while heap and not self._waits(group, heap[0]):
            heappop(heap)
        oldest = heap[0][0] if heap else None
        return QueueState(waiting=self._lengths[group], oldest=oldest, signed_in=signed_in)

    @property
    def entries(self) -> int:
        """Number of entries in all heaps, which tests count."""
        return sum(map(len, self._heaps.values()))

    def _waits(self, group: str, entry: tuple[datetime, str]) -> bool:
        opened, work = entry
        return self._group.get(work) == group and self._opened[work] == opened
