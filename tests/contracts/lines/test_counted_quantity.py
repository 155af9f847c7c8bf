"""Counted quantity: units that an amendment adds count when their lead time is over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.contracts.lines.counted_quantity import CountedQuantity
from entitlements.kernel.instants import END_OF_TIME


def counted(quantity: int, *changes: tuple[int, int]) -> list[tuple[int, int]]:
    sold = CountedQuantity(quantity)
    for units, since in changes:
        sold.change(units, since)
    steps = sold.over_time()
    return list(zip(steps.starts[1:], steps.values[1:], strict=True)) or [(0, steps.values[0])]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param([(8, 100)], [(100, 8)], id="three more count from the end of the lead time"),
        pytest.param([(8, 100), (8, 200)], [(100, 8)], id="the same quantity again adds nothing"),
        pytest.param(
            [(8, 100), (9, 200)], [(100, 8), (200, 9)], id="each addition waits for itself"
        ),
        pytest.param(
            [(8, 200), (9, 100)], [(100, 6), (200, 9)], id="a shorter lead time is over first"
        ),
        pytest.param([(2, 100)], [(0, 2)], id="what is taken away is gone at once"),
        pytest.param([(2, 100), (5, 200)], [(200, 5)], id="what is bought back waits again"),
        pytest.param([(20, 100), (7, 150)], [(100, 7)], id="the units sold last go first"),
        pytest.param([(8, END_OF_TIME)], [(0, 5)], id="a lead time that never ends"),
    ],
)
def test_units_count_when_their_lead_time_is_over(
    changes: list[tuple[int, int]], expected: list[tuple[int, int]]
) -> None:
    assert counted(5, *changes) == expected


@given(
    st.integers(1, 9),
    st.lists(st.tuples(st.integers(1, 9), st.integers(1, 30)), max_size=6),
    st.integers(0, 40),
)
def test_each_unit_counts_from_the_change_that_added_it(
    first: int, changes: list[tuple[int, int]], at: int
) -> None:
    sold, units = CountedQuantity(first), [0] * first
    for quantity, since in changes:
        sold.change(quantity, since)
        units = (units + [since] * quantity)[:quantity]
    assert sold.over_time().at(at) == sum(since <= at for since in units)
