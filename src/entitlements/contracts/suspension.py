"""Which blocks run when, and what do they prevent? Told without listing them for every instant."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Final, final

import attrs

from entitlements.contracts.changes import Block, BlockEffect
from entitlements.kernel.instants import to_micros

_BETWEEN_LISTS: Final = 128


@final
@attrs.frozen
class Suspension:
    """What the blocks that run together prevent."""

    blocked: frozenset[BlockEffect]
    pauses_clocks: bool
    blocks: tuple[str, ...]


@final
class Running:
    """The blocks that run at any instant, though ten thousand run at once.

    Their edges are sorted, and every so often the blocks that run from there on are listed; the
    rest is counted from the nearest list before.

    Attributes:
        starts: The instants at which a block begins or ends, ascending.
    """

    __slots__ = ("_edges", "_lists", "starts")

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
        running: dict[str, Block] = {}
        for first in range(0, len(edges), _BETWEEN_LISTS):
            self._lists.append(tuple(running.values()))
            _pass(running, edges[first : first + _BETWEEN_LISTS])

    def at(self, at: int) -> Iterable[Block]:
        """Return the blocks that run at an instant, in any order."""
        passed = bisect_right(self.starts, at)
        if not passed:
            return ()
        number = (passed - 1) // _BETWEEN_LISTS
        running = {block.id: block for block in self._lists[number]}
        _pass(running, self._edges[number * _BETWEEN_LISTS : passed])
        return running.values()


def _pass(running: dict[str, Block], edges: Sequence[tuple[int, bool, Block]]) -> None:
    for _, starts, block in edges:
        if starts:
            running[block.id] = block
        else:
            del running[block.id]


NOTHING: Final = Suspension(frozenset(), pauses_clocks=False, blocks=())


def suspension(parts: Iterable[Running], at: int) -> Suspension:
    """Return what the blocks of all parts prevent at an instant."""
    running = [block for part in parts for block in part.at(at)]
    if not running:
        return NOTHING
    return Suspension(
        blocked=frozenset[BlockEffect]().union(*{block.effects for block in running}),
        pauses_clocks=any(block.pauses_clocks for block in running),
        blocks=tuple(sorted(block.id for block in running)),
    )
