from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.kernel import InvalidValueError, Span
from entitlements.kernel.instants import from_micros
from entitlements.kernel.periods.spans import (
    clip,
    contains,
    difference,
    intersection,
    merge_spans,
    total_length,
    union,
)

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def minutes(first: int, last: int) -> Span:
    return Span(START + timedelta(minutes=first), START + timedelta(minutes=last))


spans = st.builds(
    lambda first, length: minutes(first, first + length), st.integers(0, 50), st.integers(1, 20)
)


def covered(*many: Span) -> set[int]:
    """Return the minutes that lie in any of the spans, minute by minute."""
    inside = [START + timedelta(minutes=n) for n in range(-1, 80)]
    return {n - 1 for n, at in enumerate(inside) if any(s.start <= at < s.end for s in many)}


def test_the_start_is_inside_and_the_end_is_not() -> None:
    span = minutes(0, 60)
    assert START in span
    assert START + timedelta(minutes=59, microseconds=59_999_999) in span
    assert START + timedelta(minutes=60) not in span
    assert START - timedelta(microseconds=1) not in span


def test_text_and_other_zones_become_utc() -> None:
    span = Span("2026-03-02T10:00+01:00", "2026-03-02T11:00+01:00")
    assert span == minutes(0, 60)
    assert span.start.tzinfo is UTC


@pytest.mark.parametrize("length", [0, -1], ids=["empty", "backwards"])
def test_a_span_has_a_length(length: int) -> None:
    with pytest.raises(InvalidValueError, match="not after"):
        minutes(0, length)


def test_a_naive_end_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="no time zone"):
        Span(START, datetime(2026, 3, 2, 10, 0))  # noqa: DTZ001 - naive on purpose


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        pytest.param((0, 10), (5, 15), (5, 10), id="overlap"),
        pytest.param((0, 10), (2, 3), (2, 3), id="one inside the other"),
        pytest.param((0, 10), (0, 10), (0, 10), id="the same"),
        pytest.param((0, 10), (10, 20), None, id="neighbours share nothing"),
        pytest.param((0, 10), (11, 20), None, id="apart"),
    ],
)
def test_the_time_in_both(
    one: tuple[int, int], other: tuple[int, int], both: tuple[int, int] | None
) -> None:
    expected = minutes(*both) if both else None
    assert minutes(*one) & minutes(*other) == expected
    assert minutes(*other) & minutes(*one) == expected


@given(spans, spans)
def test_the_time_in_both_is_that_of_the_minutes_in_both(one: Span, other: Span) -> None:
    both = one & other
    assert (covered(both) if both else set()) == covered(one) & covered(other)


@given(spans)
def test_the_length_is_the_number_of_minutes(span: Span) -> None:
    assert span.length == timedelta(minutes=len(covered(span)))


@given(st.lists(spans, max_size=8))
def test_a_union_covers_the_same_minutes(many: list[Span]) -> None:
    assert covered(*merge_spans(many)) == covered(*many)


@given(st.lists(spans, max_size=8))
def test_a_union_is_sorted_and_nothing_in_it_touches(many: list[Span]) -> None:
    merged = merge_spans(many)
    assert all(a.end < b.start for a, b in pairwise(merged))


@given(st.lists(spans, max_size=8), st.randoms(use_true_random=False))
def test_a_union_does_not_depend_on_the_order(many: list[Span], random: object) -> None:
    shuffled = list(many)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert merge_spans(shuffled) == merge_spans(many) == merge_spans(merge_spans(many))


def test_a_union_of_nothing_is_nothing() -> None:
    assert merge_spans([]) == ()


def test_spans_are_ordered_by_start_then_end() -> None:
    assert sorted([minutes(5, 6), minutes(0, 9), minutes(0, 2)]) == [
        minutes(0, 2),
        minutes(0, 9),
        minutes(5, 6),
    ]


def test_a_span_can_be_a_single_microsecond() -> None:
    assert Span(from_micros(0), from_micros(1)).length == timedelta(microseconds=1)


# Intervals agree with sets of whole numbers.

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
