"""Who takes which, when much arrives at once? Assignment of a batch, layer by layer.

A layer is work of one rank whose deadlines fall into one stretch of time. Layers are served in
order and never wait for one another: cost decides within a layer only, so no saving ever displaces
rank or deadline. Within a layer as much work as possible is placed, at the least cost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import groupby
from typing import TypeAlias, final

import attrs

from entitlements.kernel.errors import DuplicateIdError, InvalidValueError
from entitlements.kernel.instants import MICROSECOND, micros_or_start, to_micros
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.agents.capacity import has_room
from entitlements.routing.eligibility.eligibility import obstacles
from entitlements.routing.roster import Roster
from entitlements.routing.strategies.strategy import SelectionContext
from entitlements.routing.work.work import Work, requirement_at

Costs: TypeAlias = Mapping[tuple[int, int], int]
MatchingSolver: TypeAlias = Callable[[Costs], dict[int, int]]


def min_cost_matching(costs: Costs) -> dict[int, int]:
    """Return column by row: as many pairs as possible, and of those the cheapest.

    Args:
        costs: Cost of each allowed pair (row, column), whole and not negative.

    >>> min_cost_matching({(0, 0): 1, (0, 1): 5, (1, 0): 2})
    {0: 1, 1: 0}

    Raises:
        InvalidValueError: a cost is negative.
    """
    alone = unmatched_penalty(costs)
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
        _augment(row, edges, holder, place, of_row, of_column)
    return {row: column for row, column in sorted(place.items()) if column >= 0}


def unmatched_penalty(costs: Costs) -> int:
    """Return a price above all real costs together.

    Raises:
        InvalidValueError: a cost is negative.
    """
    if costs and min(costs.values()) < 0:
        raise InvalidValueError("a cost is negative", hint="add the same amount to all costs")
    rows = len({row for row, _ in costs})
    return 1 + rows * max(costs.values(), default=0)


def _augment(
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


MatchCost: TypeAlias = Callable[[AgentState, SelectionContext], int]


def over_qualification(seat: AgentState, pick: SelectionContext) -> int:
    """Return how much the agent can do that the work does not need: skills, then levels."""
    needed = pick.requires.skills
    skills = seat.agent.skills
    unused = sum(1 for name in skills if name not in needed)
    above = sum(max(0, skills.get(name, 0) - level) for name, level in needed.items())
    return 100 * unused + above


@final
@attrs.frozen(kw_only=True)
class BatchAssignment:
    """A proposal for a batch; nothing has happened yet.

    Attributes:
        assigned: (work, agent) in the order of service.
        waiting: Work that nobody has room for now, in order.
        roster: The roster after all of it.
        cost: Sum of the costs of all pairs.
    """

    assigned: tuple[tuple[str, str], ...]
    waiting: tuple[str, ...]
    roster: Roster
    cost: int


def assign_batch(
    works: Iterable[Work],
    roster: Roster,
    at: datetime,
    *,
    cost: MatchCost = over_qualification,
    stretch: timedelta = timedelta(minutes=15),
    solve: MatchingSolver = min_cost_matching,
) -> BatchAssignment:
    """Return who should take which of `works` at `at`.

    Within a layer every agent is offered one piece a round until no more fits: exact for the first
    round, and for all where agents take one piece at a time.

    Args:
        works: In any order; the answer does not depend on it.
        roster: Who is there.
        at: The instant.
        cost: What a pair costs, whole and not negative.
        stretch: Deadlines within one stretch are one layer; no deadline is the last layer.
        solve: Finds the largest matching of least cost, such as `entitlements.batch.scipy_pairs`.

    Raises:
        DuplicateIdError: two pieces bear one id.
        InvalidValueError: `stretch` is no time at all, or `solve` pairs what it was not given.
        ConflictError: some work is in somebody's hands already.
    """
    if stretch <= timedelta():
        raise InvalidValueError(f"a stretch of `{stretch}` holds no deadline")
    ordered = sorted(works, key=lambda work: (*_batch_layer(work, stretch), work.opened, work.id))
    ids: set[str] = set()
    for work in ordered:
        if work.id in ids:
            raise DuplicateIdError("work", work.id)
        ids.add(work.id)
    assigned: list[tuple[str, str]] = []
    waiting: list[str] = []
    total = 0
    for _, layer in groupby(ordered, key=lambda work: _batch_layer(work, stretch)):
        left = list(layer)
        while left:
            pairs, spent = _match_layer(left, roster, at, cost, solve)
            if not pairs:
                break
            total += spent
            for work, agent in pairs:
                roster = roster.assign(work, agent, at)
                assigned.append((work.id, agent))
            placed = {work.id for work, _ in pairs}
            left = [work for work in left if work.id not in placed]
        waiting += [work.id for work in left]
    return BatchAssignment(
        assigned=tuple(assigned), waiting=tuple(waiting), roster=roster, cost=total
    )


def _batch_layer(work: Work, stretch: timedelta) -> tuple[int, bool, int]:
    if work.due is None:
        return (work.rank, True, 0)
    return (work.rank, False, to_micros(work.due) // (stretch // MICROSECOND))


def _match_layer(
    works: list[Work], roster: Roster, at: datetime, cost: MatchCost, solve: MatchingSolver
) -> tuple[list[tuple[Work, str]], int]:
    moment = to_micros(at)
    since = micros_or_start(roster.since)
    seats = [roster.agent_states[id] for id in sorted(roster.agents)]
    costs: dict[tuple[int, int], int] = {}
    for row, work in enumerate(works):
        requires = requirement_at(work, moment)
        pick = SelectionContext(requires, moment, work.id, to_micros(work.opened), since)
        for column, seat in enumerate(seats):
            if has_room(seat, requires) and not obstacles(
                seat,
                requires,
                moment,
                excluded=work.excluded_agents,
                schedules=roster.on_call,
            ):
                costs[row, column] = cost(seat, pick)
    found = solve(costs) if costs else {}
    if unknown := sorted(set(found.items()) - costs.keys()):
        raise InvalidValueError(
            f"the solver pairs `{unknown[0]}`, which has no cost",
            hint="only agents who are eligible for the work have one",
        )
    pairs = [(works[row], seats[column].id) for row, column in sorted(found.items())]
    return pairs, sum(costs[pair] for pair in found.items())
