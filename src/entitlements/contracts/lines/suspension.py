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


NO_SUSPENSION: Final = Suspension(frozenset(), pauses_clocks=False, blocks=())


@final
class ActiveBlocks:
    """The blocks that run at any instant, though ten thousand run at once.

    Their edges are sorted, and every so often the blocks that run from there on are listed; the
    rest is counted from the nearest list before.

    Attributes:
        starts: The instants at which a block begins or ends, ascending.
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
        running: dict[str, Block] = {}
        for first in range(0, len(edges), _BETWEEN_LISTS):
            self._lists.append(tuple(running.values()))
            _pass(running, edges[first : first + _BETWEEN_LISTS])

    def at(self, at: int) -> Suspension:
        """Return what the blocks prevent that run at an instant."""
        passed = bisect_right(self.starts, at)
        last = self._last
        if last[0] != passed:
            # Many lines are asked about one instant.
            last = self._last = (passed, self._after(passed))
        return last[1]

    def _after(self, passed: int) -> Suspension:
        if not passed:
            return NO_SUSPENSION
        number = (passed - 1) // _BETWEEN_LISTS
        running = {block.id: block for block in self._lists[number]}
        _pass(running, self._edges[number * _BETWEEN_LISTS : passed])
        return Suspension(
            blocked=frozenset[BlockEffect]().union(*{each.effects for each in running.values()}),
            pauses_clocks=any(block.pauses_clocks for block in running.values()),
            blocks=tuple(sorted(running)),
        )


def _pass(running: dict[str, Block], edges: Sequence[tuple[int, bool, Block]]) -> None:
    for _, starts, block in edges:
        if starts:
            running[block.id] = block
        else:
            del running[block.id]


def combined_suspension(parts: Iterable[ActiveBlocks], at: int) -> Suspension:
    """Return what the blocks of all parts prevent at an instant."""
    found = [each for each in (part.at(at) for part in parts) if each.blocks]
    if len(found) <= 1:
        return found[0] if found else NO_SUSPENSION
    return Suspension(
        blocked=frozenset[BlockEffect]().union(*(each.blocked for each in found)),
        pauses_clocks=any(each.pauses_clocks for each in found),
        blocks=tuple(sorted(id for each in found for id in each.blocks)),
    )
