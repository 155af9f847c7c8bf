"""Which pairs, all at once? The largest matching of least cost, in pure Python.

Each row is joined in turn by the cheapest chain of swaps (successive shortest paths with
potentials). A row may stay alone at a price above all real costs together, so that more pairs
always come before cheaper pairs, in integers and without guessed weights. A pair that is not
allowed is absent, not dear.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from heapq import heappop, heappush
from typing import TypeAlias

from entitlements.kernel.errors import InvalidValueError

Costs: TypeAlias = Mapping[tuple[int, int], int]
Solver: TypeAlias = Callable[[Costs], dict[int, int]]


def cheapest_pairs(costs: Costs) -> dict[int, int]:
    """Return column by row: as many pairs as possible, and of those the cheapest.

    Args:
        costs: Cost of each allowed pair (row, column), whole and not negative.

    >>> cheapest_pairs({(0, 0): 1, (0, 1): 5, (1, 0): 2})
    {0: 1, 1: 0}

    Raises:
        InvalidValueError: a cost is negative.
    """
    alone = price_of_being_alone(costs)
    edges: dict[int, list[tuple[int, int]]] = {row: [] for row in sorted({r for r, _ in costs})}
    for row, column in sorted(costs):
        edges[row].append((column, costs[row, column]))
    for row, reachable in edges.items():
        reachable.append((-1 - row, alone))  # a column of its own
    of_row: dict[int, int] = defaultdict(int)
    of_column: dict[int, int] = defaultdict(int)
    holder: dict[int, int] = {}
    place: dict[int, int] = {}
    for row in edges:
        _join(row, edges, holder, place, of_row, of_column)
    return {row: column for row, column in sorted(place.items()) if column >= 0}


def price_of_being_alone(costs: Costs) -> int:
    """Return a price above all real costs together.

    Raises:
        InvalidValueError: a cost is negative.
    """
    if costs and min(costs.values()) < 0:
        raise InvalidValueError("a cost is negative", hint="add the same amount to all costs")
    rows = len({row for row, _ in costs})
    return 1 + rows * max(costs.values(), default=0)


def _join(
    row: int,
    edges: Mapping[int, list[tuple[int, int]]],
    holder: dict[int, int],
    place: dict[int, int],
    of_row: dict[int, int],
    of_column: dict[int, int],
) -> None:
    """Give `row` a column, moving others along the cheapest chain."""
    distance: dict[int, int] = {}
    came_from: dict[int, int] = {}
    done: dict[int, int] = {}
    heap: list[tuple[int, int]] = []
    at, travelled = row, 0
    while True:
        for column, cost in edges[at]:
            reach = travelled + cost - of_row[at] - of_column[column]
            if column not in done and reach < distance.get(column, reach + 1):
                distance[column] = reach
                came_from[column] = at
                heappush(heap, (reach, column))
        travelled, end = heappop(heap)
        while end in done:
            travelled, end = heappop(heap)
        done[end] = travelled
        if end not in holder:
            break
        at = holder[end]
    of_row[row] += travelled
    for column, reach in done.items():
        if column != end:
            of_row[holder[column]] += travelled - reach
            of_column[column] -= travelled - reach
    column = end
    while True:
        mover = came_from[column]
        left = place.get(mover)
        holder[column], place[mover] = mover, column
        if left is None:
            return
        column = left
