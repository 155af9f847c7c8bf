"""Deadlines that change places, and those that never do."""

import pytest

from entitlements.access.compiled.crossings import first_crossing
from entitlements.kernel.instants import DAY, HOUR


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [(0, 99, 4), (0, 4, 4), (0, 3, None), (5, 99, None)],
)
def test_deadlines_change_places_where_the_slower_begins_to_wait(
    start: int, end: int, expected: int | None
) -> None:
    assert first_crossing(lambda at: at + 5, lambda at: max(at, 9), start, end) == expected


def test_equal_deadlines_stay_equal() -> None:
    assert first_crossing(lambda at: at + 5, lambda at: at + 5, 0, DAY) is None


def test_a_search_that_finds_nothing_in_time_says_how_far_it_came() -> None:
    found = first_crossing(lambda at: at, lambda at: at + 1, 0, HOUR)
    assert found is not None
    assert 0 < found < HOUR
