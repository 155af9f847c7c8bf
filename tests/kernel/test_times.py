"""Sets of instants, judged instant by instant."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from entitlements.kernel.intervals import contains, intersection_by_search, union

STRETCHES = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=8)
INSTANTS = range(-1, 22)


def inside(stretches: list[tuple[int, int]]) -> set[int]:
    """Return every instant that is in one of the stretches."""
    return {at for start, end in stretches for at in range(start, end)}


@given(STRETCHES)
def test_a_union_has_every_instant_once_in_order(stretches: list[tuple[int, int]]) -> None:
    found = list(union(stretches))
    assert inside(found) == inside(stretches)
    assert all(one[1] < other[0] for one, other in pairwise(found))
    assert {at for at in INSTANTS if contains(found, at)} == inside(stretches)


@given(STRETCHES, STRETCHES)
def test_common_instants_are_in_both(
    one: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    both = list(intersection_by_search(union(one), union(other)))
    assert inside(both) == inside(one) & inside(other)
    assert both == sorted(both)
