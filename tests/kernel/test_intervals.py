"""Interval arithmetic agrees with sets of whole numbers."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from entitlements.kernel.intervals import (
    clip,
    contains,
    difference,
    intersection,
    total_length,
    union,
)

pairs = st.tuples(st.integers(0, 15), st.integers(0, 16))
unordered = st.lists(pairs, max_size=8)
intervals = unordered.map(union)


def numbers(each: list[tuple[int, int]]) -> set[int]:
    return {number for start, end in each for number in range(start, end)}


def are_sorted_and_apart(each: list[tuple[int, int]]) -> bool:
    return all(a < b for a, b in each) and all(a[1] < b[0] for a, b in pairwise(each))


@given(unordered)
def test_a_union_is_the_same_time_sorted_and_apart(each: list[tuple[int, int]]) -> None:
    assert numbers(union(each)) == numbers(each)
    assert are_sorted_and_apart(union(each))


@given(intervals, intervals)
def test_an_intersection_is_in_both(one: list[tuple[int, int]], two: list[tuple[int, int]]) -> None:
    assert numbers(intersection(one, two)) == numbers(one) & numbers(two)
    assert are_sorted_and_apart(intersection(one, two))


@given(intervals, intervals)
def test_a_difference_is_in_the_first_only(
    one: list[tuple[int, int]], two: list[tuple[int, int]]
) -> None:
    assert numbers(difference(one, two)) == numbers(one) - numbers(two)
    assert are_sorted_and_apart(difference(one, two))


@given(intervals, st.integers(-2, 18), st.integers(-3, 12))
def test_clipped_time_is_within_the_limits(
    each: list[tuple[int, int]], low: int, size: int
) -> None:
    clipped = clip(each, low, low + size)
    assert numbers(clipped) == numbers(each) & set(range(low, low + size))
    assert are_sorted_and_apart(clipped)


@given(intervals)
def test_intervals_contain_their_starts_and_not_their_ends(each: list[tuple[int, int]]) -> None:
    assert {at for at in range(-1, 18) if contains(each, at)} == numbers(each)


@given(intervals)
def test_the_total_length_is_the_number_of_units(each: list[tuple[int, int]]) -> None:
    assert total_length(each) == len(numbers(each))
