"""scipy finds as many pairs as the pure solver, at the same cost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.batch import scipy_pairs
from entitlements.kernel import InvalidValueError, LimitExceededError
from entitlements.routing.batch_assignment import min_cost_matching
from entitlements.testing.oracles.routing import cheapest

costs = st.dictionaries(
    st.tuples(st.integers(0, 4), st.integers(0, 4)), st.integers(0, 30), max_size=16
)


@given(costs)
def test_both_solvers_agree_with_brute_force(costs: dict[tuple[int, int], int]) -> None:
    expected = cheapest(costs, 5, 5)
    for solve in (min_cost_matching, scipy_pairs):
        pairs = solve(costs)
        assert all(pair in costs for pair in pairs.items())
        assert len(set(pairs.values())) == len(pairs)
        assert (len(pairs), sum(costs[pair] for pair in pairs.items())) == expected


def test_costs_that_cannot_be_added_exactly_are_refused() -> None:
    with pytest.raises(LimitExceededError):
        scipy_pairs({(0, 0): 2**60})
    with pytest.raises(InvalidValueError):
        scipy_pairs({(0, 0): -1})
    assert min_cost_matching({(0, 0): 2**60}) == {0: 0}
