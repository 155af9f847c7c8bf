from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from entitlements.outcomes import Wait, waiting_times
from entitlements.outcomes.figures.wait_counts import WaitCounts

waits = st.lists(st.tuples(st.integers(0, 12), st.booleans()), max_size=40)
shares = st.fractions(0, 1, max_denominator=60).filter(bool)
SECOND = timedelta(seconds=1)


def counts(given: list[tuple[int, bool]]) -> WaitCounts:
    found = WaitCounts()
    for seconds, is_over in given:
        found.add(seconds * SECOND, is_over=is_over)
    return found


# Shares with small denominators lie on the steps of the survival function, where it must be exact.
@given(waits, waits, shares)
def test_sums_of_parts_have_the_quantiles_of_all_waits(
    one: list[tuple[int, bool]], other: list[tuple[int, bool]], share: Fraction
) -> None:
    whole = counts(one)
    whole.include(counts(other))
    times = waiting_times(Wait(each * SECOND, is_over) for each, is_over in [*one, *other])
    for asked in (share, Fraction(1, 2), Fraction(9, 10)):
        assert whole.quantile(asked) == times.quantile(asked)
    assert len(whole) == len({*one, *other})


# 7/35 wait longer than a second, and 3/6 of those two more: a tenth, and as floats more than that.
def test_a_quantile_is_exact_where_floats_are_not() -> None:
    found = counts([*[(1, True)] * 28, (2, False), *[(3, True)] * 3, *[(4, True)] * 3])
    assert 7 / 35 * 3 / 6 > 1 / 10
    assert found.quantile(Fraction(9, 10)) == 3 * SECOND


# Of 7 lengths with two of three waits over, 19/21 wait longer than the first, then 16/18 of these,
# 13/15, 10/12 and 7/9: 0.58 after three seconds, and 0.45 after four.
def test_what_is_kept_grows_with_the_different_lengths_only() -> None:
    found = counts([(number % 7, number % 3 > 0) for number in range(20_000)])
    assert len(found) == 14
    assert found.quantile(Fraction(1, 2)) == 4 * SECOND
