"""Batches: layers never trade rank for cost, and the matching is the largest and cheapest."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.kernel import DuplicateIdError, InvalidValueError
from entitlements.kernel.instants import utc
from entitlements.routing import Agent, Requirement, Roster, Work
from entitlements.routing.batch_assignment import assign_batch, min_cost_matching, unmatched_penalty
from entitlements.testing.oracles import routing as oracle
from entitlements.testing.strategies.routing import agents, instants, rosters, works

pairs = st.tuples(st.integers(0, 4), st.integers(0, 5))
NINE = utc("2026-03-02T09:00Z")


def work(id: str, skill: str = "", rank: int = 0, due: int | None = None) -> Work:
    """Return work due some minutes after nine."""
    return Work(
        id=id,
        opened=NINE,
        rank=rank,
        due=None if due is None else NINE + timedelta(minutes=due),
        requires=Requirement(skills={skill: 1} if skill else {}),
    )


def batches() -> st.SearchStrategy[list[Work]]:
    """Return lists of work without repeated ids."""
    return st.lists(works(), max_size=3, unique_by=lambda each: each.id)


def test_the_specialist_is_left_to_the_work_that_needs_them() -> None:
    roster = Roster(
        agents=[
            Agent(id="ada", skills={"db": 1, "net": 1}, capacity=1),
            Agent(id="bob", skills={"net": 1}, capacity=1),
        ]
    )
    plan = assign_batch([work("a", "net"), work("b", "db")], roster, NINE)
    assert plan.assigned == (("a", "bob"), ("b", "ada"))
    assert (plan.waiting, plan.cost) == ((), 100)


def test_a_lower_cost_never_outweighs_rank_or_deadline() -> None:
    roster = Roster(agents=[Agent(id="ada", skills={"net": 9}, capacity=1)])
    dear, cheap = work("dear", "net", rank=0), work("cheap", "net", rank=1)
    assert assign_batch([cheap, dear], roster, NINE).assigned == (("dear", "ada"),)
    soon, late = work("soon", "net", due=10), work("late", "net", due=60)
    assert assign_batch([late, soon], roster, NINE).assigned == (("soon", "ada"),)
    assert assign_batch([work("x", "net"), late], roster, NINE).waiting == ("x",)


def test_agents_take_several_pieces_in_rounds() -> None:
    roster = Roster(agents=[Agent(id="ada", capacity=2), Agent(id="bob", capacity=1)])
    plan = assign_batch([work(f"w{n}") for n in range(4)], roster, NINE)
    assert len(plan.assigned) == 3
    assert plan.waiting == ("w3",)
    assert len(plan.roster.workload("ada").held) == 2


@given(batches(), rosters(most=4), instants())
def test_only_eligible_agents_are_matched_and_no_possible_pair_is_left(
    batch: list[Work], roster: Roster, at: datetime
) -> None:
    plan = assign_batch(batch, roster, at)
    known = {each.id: each for each in batch}
    assert sorted([*(id for id, _ in plan.assigned), *plan.waiting]) == sorted(known)
    before = roster
    for id, agent in plan.assigned:
        assert agent in oracle.eligible(known[id], before, at)
        before = before.assign(known[id], agent, at)
    assert before == plan.roster
    for id in plan.waiting:
        assert not oracle.eligible(known[id], plan.roster, at)


@given(batches(), rosters(most=4), instants(), agents("new"))
def test_more_capacity_leaves_no_more_unassigned(
    batch: list[Work], roster: Roster, at: datetime, new: Agent
) -> None:
    alike = [Work(id=each.id, opened=each.opened, requires=batch[0].requires) for each in batch]
    fewer = assign_batch(alike, roster, at)
    more = assign_batch(alike, roster.add(new), at)
    assert len(more.waiting) <= len(fewer.waiting)


@given(batches(), rosters(most=4), instants())
def test_the_order_of_a_batch_is_irrelevant(
    batch: list[Work], roster: Roster, at: datetime
) -> None:
    assert assign_batch(batch, roster, at) == assign_batch(batch[::-1], roster, at)


def test_nonsense_is_refused() -> None:
    with pytest.raises(DuplicateIdError):
        assign_batch([work("a"), work("a")], Roster(), NINE)
    with pytest.raises(InvalidValueError):
        assign_batch([], Roster(), NINE, window=timedelta())


@given(st.dictionaries(pairs, st.integers(0, 20), max_size=20))
def test_the_matching_is_the_largest_and_cheapest_of_all(costs: dict[tuple[int, int], int]) -> None:
    found = min_cost_matching(costs)
    assert all(pair in costs for pair in found.items())
    assert len(set(found.values())) == len(found)
    assert (len(found), sum(costs[pair] for pair in found.items())) == oracle.cheapest(costs, 5, 6)


def test_more_pairs_come_before_cheaper_pairs() -> None:
    assert min_cost_matching({(0, 0): 0, (1, 0): 0, (0, 1): 10**9}) == {0: 1, 1: 0}


def test_without_allowed_pairs_nothing_is_matched() -> None:
    assert min_cost_matching({}) == {}


def test_a_negative_cost_is_refused() -> None:
    with pytest.raises(InvalidValueError):
        unmatched_penalty({(0, 0): -1})
