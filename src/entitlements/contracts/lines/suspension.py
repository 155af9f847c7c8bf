"""Suspension: the blocks active at an instant, and what they prevent together."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Final, final

import attrs

from entitlements.contracts.records.changes import Block, BlockEffect
from entitlements.kernel.instants import to_micros

_BETWEEN_LISTS: Final = 128


@final
@attrs.frozen
class Suspension:
    """What blocks that are active at the same time prevent.

    Attributes:
        blocked: The effects of the blocks together.
        pauses_clocks: Whether one of them stops SLA clocks.
        blocks: Their ids, sorted.
    """

    blocked: frozenset[BlockEffect]
    pauses_clocks: bool
    blocks: tuple[str, ...]


NO_SUSPENSION: Final = Suspension(frozenset(), pauses_clocks=False, blocks=())


@final
class ActiveBlocks:
    """The blocks that are active at any instant, also where ten thousand overlap.

    Their starts and ends are sorted, and the active blocks are listed at every 128th of them; a
    query continues from the nearest list before its instant.

    Attributes:
        starts: The instants at which a block begins or ends, ascending, in microseconds.
    """

    __slots__ = ("_edges", "_last", "_lists", "starts")

    def __init__(self, blocks: Iterable[Block]) -> None:
        edges: list[tuple[int, bool, Block]] = []
        for block in blocks:
            edges.append((to_micros(block.start), True, block))
            if block.end is not None:
                edges.append((to_micros(block.end), False, block))
        edges.sort(key=lambda edge: (edge[0], edge[1], edge[2].id))
        self._edges = edges
        self.starts: tuple[int, ...] = tuple(edge[0] for edge in edges)
        self._lists: list[tuple[Block, ...]] = []
        self._last: tuple[int, Suspension] = (0, NO_SUSPENSION)
        active: dict[str, Block] = {}
        for first in range(0, len(edges), _BETWEEN_LISTS):
            self._lists.append(tuple(active.values()))
            _apply(active, edges[first : first + _BETWEEN_LISTS])

    def at(self, at: int) -> Suspension:
        """Return what the blocks that are active at an instant prevent."""
        passed = bisect_right(self.starts, at)
        last = self._last
        if last[0] != passed:
            # Many lines are evaluated at one instant.
            last = self._last = (passed, self._after(passed))
        return last[1]

    def _after(self, passed: int) -> Suspension:
        if not passed:
            return NO_SUSPENSION
        number = (passed - 1) // _BETWEEN_LISTS
        active = {block.id: block for block in self._lists[number]}
        _apply(active, self._edges[number * _BETWEEN_LISTS : passed])
        return Suspension(
            blocked=frozenset[BlockEffect]().union(*{each.effects for each in active.values()}),
            pauses_clocks=any(block.pauses_clocks for block in active.values()),
            blocks=tuple(sorted(active)),
        )


def _apply(active: dict[str, Block], edges: Sequence[tuple[int, bool, Block]]) -> None:
    for _, starts, block in edges:
        if starts:
            active[block.id] = block
        else:
            del active[block.id]


def combined_suspension(parts: Iterable[ActiveBlocks], at: int) -> Suspension:
    """Return what the blocks of all `parts` prevent at an instant."""
    found = [each for each in (part.at(at) for part in parts) if each.blocks]
    if len(found) <= 1:
        return found[0] if found else NO_SUSPENSION
    return Suspension(
        blocked=frozenset[BlockEffect]().union(*(each.blocked for each in found)),
        pauses_clocks=any(each.pauses_clocks for each in found),
        blocks=tuple(sorted(id for each in found for id in each.blocks)),
    )
