"""The largest matching of least cost, against trying everything."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.kernel import InvalidValueError
from entitlements.routing.batch_assignment import min_cost_matching, unmatched_penalty
from entitlements.testing.oracles.routing import cheapest

pairs = st.tuples(st.integers(0, 4), st.integers(0, 5))


@given(st.dictionaries(pairs, st.integers(0, 20), max_size=20))
def test_it_is_what_trying_everything_finds(costs: dict[tuple[int, int], int]) -> None:
    found = min_cost_matching(costs)
    assert all(pair in costs for pair in found.items())
    assert len(set(found.values())) == len(found)
    assert (len(found), sum(costs[pair] for pair in found.items())) == cheapest(costs, 5, 6)


def test_more_pairs_come_before_cheaper_pairs() -> None:
    assert min_cost_matching({(0, 0): 0, (1, 0): 0, (0, 1): 10**9}) == {0: 1, 1: 0}


def test_nothing_allowed_is_nothing_matched() -> None:
    assert min_cost_matching({}) == {}


def test_a_negative_cost_is_refused() -> None:
    with pytest.raises(InvalidValueError):
        unmatched_penalty({(0, 0): -1})
