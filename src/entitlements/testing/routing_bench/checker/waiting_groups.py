"""Waiting pieces as the rule checker keeps them: in groups of equal needs, each in order."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from typing import Any, Final, TypeAlias, final

from entitlements.testing.routing_bench.checker.rules import SortKey, deadline_key, due_of, rank_key
from entitlements.testing.routing_bench.worlds.events import Needs, Piece
from entitlements.testing.routing_bench.worlds.world import ServiceOrder

GroupName: TypeAlias = tuple[Needs, frozenset[str]]
_SPARE: Final = 64


@final
class WaitingPiece:
    """One waiting piece: its rank of now, who must not get it again, and its group."""

    __slots__ = ("excluded", "group", "piece", "rank", "stamp")

    def __init__(self, piece: Piece, rank: int, excluded: frozenset[str]) -> None:
        self.piece, self.rank, self.excluded = piece, rank, excluded
        self.group: WaitingGroup | None = None
        self.stamp = 0


@final
class WaitingGroup:
    """Waiting pieces of equal needs, in the two orders that a service order compares."""

    __slots__ = ("by_deadline", "by_rank", "excluded", "needs", "size")

    def __init__(self, needs: Needs, excluded: frozenset[str]) -> None:
        self.needs, self.excluded = needs, excluded
        self.by_rank: list[tuple[SortKey, int, WaitingPiece]] = []
        self.by_deadline: list[tuple[SortKey, int, WaitingPiece]] = []
        self.size = 0


@final
class WaitingGroups:
    """All waiting pieces. Removed ones are dropped from the heaps when they come to the front."""

    def __init__(self, order: ServiceOrder) -> None:
        self.order = order
        self.groups: dict[GroupName, WaitingGroup] = {}
        self.pieces: dict[str, WaitingPiece] = {}
        self._stamps = 0
        self._timers: list[tuple[int, int, str]] = []

    def add(self, waiting: WaitingPiece, at: int) -> WaitingGroup | None:
        """Add a piece; return its group if it is the only piece there."""
        self.pieces[waiting.piece.id] = waiting
        for step in waiting.piece.relaxation:
            if waiting.piece.at + step.after > at:
                self._stamps += 1
                heappush(
                    self._timers, (waiting.piece.at + step.after, self._stamps, waiting.piece.id)
                )
        return self._enter(waiting, at)

    def remove(self, work: str) -> WaitingPiece | None:
        """Remove a piece and return it, or None if it does not wait."""
        waiting = self.pieces.pop(work, None)
        if waiting is not None:
            self._leave(waiting)
        return waiting

    def change_rank(self, work: str, rank: int, at: int) -> None:
        """Change the rank of a waiting piece."""
        waiting = self.pieces[work]
        self._leave(waiting)
        waiting.rank = rank
        self._enter(waiting, at)

    def relax(self, at: int) -> list[WaitingGroup]:
        """Move all pieces that have relaxed up to `at`; return the groups that were empty."""
        fresh = []
        while self._timers and self._timers[0][0] <= at:
            waiting = self.pieces.get(heappop(self._timers)[2])
            if waiting is not None:
                self._leave(waiting)
                if (group := self._enter(waiting, at)) is not None:
                    fresh.append(group)
        return fresh

    def heads(self, *, by_rank: bool) -> Iterator[tuple[WaitingGroup, SortKey, WaitingPiece]]:
        """Yield each group with its first piece in one of the two orders."""
        for group in self.groups.values():
            heap = group.by_rank if by_rank else group.by_deadline
            while heap[0][1] != heap[0][2].stamp or heap[0][2].group is not group:
                heappop(heap)
            yield group, heap[0][0], heap[0][2]

    def any_late(self, at: int) -> bool:
        """Return whether any waiting piece is late."""
        return any(due_of(head.piece) < at for _, _, head in self.heads(by_rank=False))

    def _enter(self, waiting: WaitingPiece, at: int) -> WaitingGroup | None:
        piece = waiting.piece
        needs = piece.needs_at(at)
        name = (needs, waiting.excluded)
        group = self.groups.get(name)
        if group is None:
            group = self.groups[name] = WaitingGroup(needs, waiting.excluded)
        self._stamps += 1
        waiting.group, waiting.stamp = group, self._stamps
        by_rank: Any = (rank_key(piece, waiting.rank, self.order), self._stamps, waiting)
        by_deadline: Any = (deadline_key(piece, self.order), self._stamps, waiting)
        if self.order is not ServiceOrder.DEADLINE:
            heappush(group.by_rank, by_rank)
        if self.order is not ServiceOrder.RANK:
            heappush(group.by_deadline, by_deadline)
        group.size += 1
        return group if group.size == 1 else None

    def _leave(self, waiting: WaitingPiece) -> None:
        group = waiting.group
        if group is None:
            return
        waiting.group = None
        group.size -= 1
        if not group.size:
            del self.groups[group.needs, group.excluded]
        for heap in (group.by_rank, group.by_deadline):
            if len(heap) > 2 * group.size + _SPARE:
                heap[:] = sorted(
                    entry for entry in heap
                    if entry[2].group is group and entry[2].stamp == entry[1]
                )  # fmt: skip
