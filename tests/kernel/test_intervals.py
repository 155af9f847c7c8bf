"""Periods are joined, shared, cut and clipped as sets of whole numbers are."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from entitlements.kernel.intervals import clip, difference, intersection, total_length, union

pairs = st.tuples(st.integers(0, 40), st.integers(1, 9)).map(lambda each: (each[0], sum(each)))
loose = st.lists(pairs, max_size=6)
periods = loose.map(union)


def painted(each: list[tuple[int, int]]) -> set[int]:
    return {number for start, end in each for number in range(start, end)}


def is_apart(each: list[tuple[int, int]]) -> bool:
    return all(a[1] < b[0] for a, b in pairwise(each))


@given(loose)
def test_joined_periods_are_the_same_time_apart(each: list[tuple[int, int]]) -> None:
    assert painted(union(each)) == painted(each)
    assert is_apart(union(each))


@given(periods, periods)
def test_shared_time_is_in_both(one: list[tuple[int, int]], two: list[tuple[int, int]]) -> None:
    assert painted(intersection(one, two)) == painted(one) & painted(two)
    assert is_apart(intersection(one, two))


@given(periods, periods)
def test_cut_time_is_in_the_first_only(
    one: list[tuple[int, int]], two: list[tuple[int, int]]
) -> None:
    assert painted(difference(one, two)) == painted(one) - painted(two)
    assert is_apart(difference(one, two))


@given(periods, st.integers(-5, 50), st.integers(0, 30))
def test_clipped_time_is_within(each: list[tuple[int, int]], low: int, size: int) -> None:
    inside = set(range(low, low + size))
    assert painted(clip(each, low, low + size)) == painted(each) & inside


@given(periods)
def test_length_counts(each: list[tuple[int, int]]) -> None:
    assert total_length(each) == len(painted(each))
