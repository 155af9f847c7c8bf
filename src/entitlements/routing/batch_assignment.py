"""Batch assignment: agents for many pieces of work at once, by minimum-cost matching.

A batch is served in layers: work of one rank with deadlines in one time window. Layers are matched
in order, so a lower cost never outweighs rank or deadline. Within a layer, as much work as possible
is assigned, at the lowest total cost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import groupby
from typing import TypeAlias, final

import attrs

from entitlements.kernel.converters import instance_of, tuple_of
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.ids import check_unique_ids
from entitlements.kernel.instants import MICROSECOND, instant_of, micros_or_start, to_micros
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.agents.capacity import has_room
from entitlements.routing.eligibility.eligibility import obstacles
from entitlements.routing.roster import Roster
from entitlements.routing.strategies.strategy import SelectionContext
from entitlements.routing.work.work import Work, requirement_at

Costs: TypeAlias = Mapping[tuple[int, int], int]
"""Cost of each allowed pair (row, column)."""
MatchingSolver: TypeAlias = Callable[[Costs], dict[int, int]]
"""Function from costs to column by row."""
MatchCost: TypeAlias = Callable[[AgentState, SelectionContext], int]
"""Function from an agent and a piece of work to the cost of the pair."""


@final
@attrs.frozen(kw_only=True)
class BatchAssignment:
    """A proposal for a batch; the original roster is unchanged.

    Attributes:
        assigned: Pairs of ids (work, agent) in the order of service.
        waiting: Ids of the work that no agent can take now, in the order of service.
        roster: The roster after all assignments.
        cost: Sum of the costs of all pairs.

    >>> BatchAssignment(assigned=(), waiting=("R-1",), roster=Roster(), cost=0).waiting
    ('R-1',)
    """

    assigned: tuple[tuple[str, str], ...]
    waiting: tuple[str, ...]
    roster: Roster
    cost: int


def over_qualification(state: AgentState, context: SelectionContext) -> int:
    """Return how far the agent exceeds the requirement: 100 for each unused skill, 1 a level."""
    needed = context.requires.skills
    skills = state.agent.skills
    unused = sum(1 for name in skills if name not in needed)
    above = sum(max(0, skills.get(name, 0) - level) for name, level in needed.items())
    return 100 * unused + above


def min_cost_matching(costs: Costs) -> dict[int, int]:
    """Return column by row: the largest matching, and of those the cheapest.

    Args:
        costs: Cost of each allowed pair (row, column), a whole number of 0 or more.

    >>> min_cost_matching({(0, 0): 1, (0, 1): 5, (1, 0): 2})
    {0: 1, 1: 0}

    Raises:
        InvalidValueError: a cost is negative.
    """
    penalty = unmatched_penalty(costs)
    edges: dict[int, list[tuple[int, int]]] = {row: [] for row in sorted({r for r, _ in costs})}
    for row, column in sorted(costs):
        edges[row].append((column, costs[row, column]))
    for row, reachable in edges.items():
        reachable.append((-1 - row, penalty))  # a column for the row alone: unmatched
    matching = _Matching(edges)
    for row in edges:
        matching.add(row)
    return {row: column for row, column in sorted(matching.column_of.items()) if column >= 0}


def unmatched_penalty(costs: Costs) -> int:
    """Return a cost above the total of any matching.

    Raises:
        InvalidValueError: a cost is negative.
    """
    if costs and min(costs.values()) < 0:
        raise InvalidValueError("a cost is negative", hint="add the same amount to all costs")
    rows = len({row for row, _ in costs})
    return 1 + rows * max(costs.values(), default=0)


def assign_batch(
    works: Iterable[Work],
    roster: Roster,
    at: datetime,
    *,
    cost: MatchCost = over_qualification,
    window: timedelta = timedelta(minutes=15),
    solve: MatchingSolver = min_cost_matching,
) -> BatchAssignment:
    """Return the assignment of `works` to the agents of `roster` at `at`.

    Within a layer, every round matches at most one piece to each agent, until no more can be
    assigned. The cost is minimal in each round, and over all if agents take one piece at a time.

    Args:
        works: Work in any order, which does not affect the answer.
        roster: The agents and their assigned work.
        at: Instant of the assignments.
        cost: Cost of a pair, a whole number of 0 or more.
        window: Deadlines in one window of this length form a layer; work without a deadline forms
            the last layer of its rank.
        solve: The solver, such as `entitlements.batch.scipy_pairs` for large batches.

    >>> from entitlements.routing.agents.agent import Agent
    >>> work = Work(id="R-1", opened="2026-03-02T09:00Z")
    >>> assign_batch([work], Roster(agents=[Agent(id="ada")]), work.opened).assigned
    (('R-1', 'ada'),)

    Raises:
        DuplicateIdError: two pieces have the same id.
        InvalidValueError: `window` is not greater than 0, or `solve` returns a pair without a cost.
        ConflictError: some work is assigned already.
    """
    if instance_of(timedelta, window) <= timedelta():
        raise InvalidValueError(f"`window` must be greater than 0, got `{window}`")
    works, at = tuple_of(Work, works), instant_of(at)
    ordered = sorted(works, key=lambda work: (*_batch_layer(work, window), work.opened, work.id))
    check_unique_ids("work", (work.id for work in ordered))
    instance_of(Roster, roster)
    assigned: list[tuple[str, str]] = []
    waiting: list[str] = []
    total = 0
    for _, layer in groupby(ordered, key=lambda work: _batch_layer(work, window)):
        left = list(layer)
        while left:
            pairs, spent = _match_layer(left, roster, at, cost, solve)
            if not pairs:
                break
            total += spent
            for work, agent in pairs:
                roster = roster.assign(work, agent, at)
                assigned.append((work.id, agent))
            done = {work.id for work, _ in pairs}
            left = [work for work in left if work.id not in done]
        waiting += [work.id for work in left]
    return BatchAssignment(
        assigned=tuple(assigned), waiting=tuple(waiting), roster=roster, cost=total
    )


def _batch_layer(work: Work, window: timedelta) -> tuple[int, bool, int]:
    if work.due is None:
        return (work.rank, True, 0)
    return (work.rank, False, to_micros(work.due) // (window // MICROSECOND))


def _match_layer(
    works: list[Work], roster: Roster, at: datetime, cost: MatchCost, solve: MatchingSolver
) -> tuple[list[tuple[Work, str]], int]:
    """Return the pairs of one round, and their cost."""
    moment = to_micros(at)
    since = micros_or_start(roster.since)
    states = [roster.agent_states[id] for id in sorted(roster.agents)]
    costs: dict[tuple[int, int], int] = {}
    for row, work in enumerate(works):
        requires = requirement_at(work, moment)
        context = SelectionContext(requires, moment, work.id, to_micros(work.opened), since)
        for column, state in enumerate(states):
            if has_room(state, requires) and not obstacles(
                state,
                requires,
                moment,
                excluded=work.excluded_agents,
                schedules=roster.on_call,
            ):
                costs[row, column] = cost(state, context)
    found = solve(costs) if costs else {}
    if unknown := sorted(set(found.items()) - costs.keys()):
        raise InvalidValueError(
            f"the solver returns the pair `{unknown[0]}`, which has no cost",
            hint="a solver may only return pairs of `costs`",
        )
    pairs = [(works[row], states[column].id) for row, column in sorted(found.items())]
    return pairs, sum(costs[pair] for pair in found.items())


@final
class _Matching:
    """A matching of minimum cost that grows by one row at a time, along shortest paths.

    Attributes:
        column_of: The column of each matched row.
        row_of: The row of each matched column.
    """

    __slots__ = ("_column_price", "_edges", "_row_price", "column_of", "row_of")

    def __init__(self, edges: Mapping[int, list[tuple[int, int]]]) -> None:
        self._edges = edges
        self._row_price: dict[int, int] = defaultdict(int)
        self._column_price: dict[int, int] = defaultdict(int)
        self.column_of: dict[int, int] = {}
        self.row_of: dict[int, int] = {}

    def add(self, row: int) -> None:
        """Match `row`, with other rows moved along the cheapest path."""
        came_from, done, end = self._shortest_path(row)
        travelled = done[end]
        self._row_price[row] += travelled
        for column, reach in done.items():
            if column != end:
                self._row_price[self.row_of[column]] += travelled - reach
                self._column_price[column] -= travelled - reach
        free: int | None = end
        while free is not None:
            mover = came_from[free]
            left = self.column_of.get(mover)
            self.row_of[free], self.column_of[mover] = mover, free
            free = left

    def _shortest_path(self, row: int) -> tuple[dict[int, int], dict[int, int], int]:
        """Return the row before each column, the distance of each column done, and the end."""
        distance: dict[int, int] = {}
        came_from: dict[int, int] = {}
        done: dict[int, int] = {}
        heap: list[tuple[int, int]] = []
        at, travelled = row, 0
        while True:
            for column, cost in self._edges[at]:
                reach = travelled + cost - self._row_price[at] - self._column_price[column]
                if column not in done and reach < distance.get(column, reach + 1):
                    distance[column] = reach
                    came_from[column] = at
                    heappush(heap, (reach, column))
            travelled, end = heappop(heap)
            while end in done:
                travelled, end = heappop(heap)
            done[end] = travelled
            if end not in self.row_of:
                return came_from, done, end
            at = self.row_of[end]
