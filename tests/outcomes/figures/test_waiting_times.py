from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import CensoredData, ecdf

from entitlements.kernel import InvalidValueError
from entitlements.outcomes import Wait, waiting_times

HOUR = timedelta(hours=1)
waits = st.lists(
    st.builds(Wait, st.integers(0, 30).map(lambda n: n * HOUR), st.booleans()), max_size=40
)
over = st.lists(
    st.builds(Wait, st.integers(0, 30).map(lambda n: n * HOUR)), min_size=1, max_size=40
)


@given(waits)
def test_the_distribution_is_that_of_another_library(drawn: list[Wait]) -> None:
    if not any(each.is_over for each in drawn):
        return
    ended = [each.time / HOUR for each in drawn if each.is_over]
    still = [each.time / HOUR for each in drawn if not each.is_over]
    expected = ecdf(CensoredData(uncensored=ended, right=still)).sf
    found = waiting_times(drawn)
    for hours in range(32):
        assert float(found.longer_than(hours * HOUR) or 0) == pytest.approx(
            float(expected.evaluate(hours)), abs=1e-12
        )


def test_an_example_that_is_counted_by_hand() -> None:
    known = [(1, 1), (1, 1), (1, 1), (1, 1), (2, 1), (3, 1), (4, 0), (5, 1)]
    found = waiting_times(Wait(time * HOUR, bool(ended)) for time, ended in known)
    assert [(step // HOUR, share) for step, share in found.steps] == [
        (1, Fraction(1, 2)),
        (2, Fraction(3, 8)),
        (3, Fraction(1, 4)),
        (5, Fraction(0)),
    ]
    assert found.median == HOUR


@given(waits)
def test_the_share_that_waits_longer_falls(drawn: list[Wait]) -> None:
    shares = [share for _, share in waiting_times(drawn).steps]
    assert shares == sorted(shares, reverse=True)
    assert all(0 <= each < 1 for each in shares)


@given(over)
def test_without_open_waits_it_is_what_is_counted(drawn: list[Wait]) -> None:
    found = waiting_times(drawn)
    for hours in range(32):
        longer = sum(each.time > hours * HOUR for each in drawn)
        assert found.longer_than(hours * HOUR) == Fraction(longer, len(drawn))


@given(waits, st.integers(0, 30))
def test_a_wait_that_is_censored_later_changes_nothing_before(
    drawn: list[Wait], hours: int
) -> None:
    at = hours * HOUR
    early = waiting_times([*drawn, Wait(at, is_over=False)])
    late = waiting_times([*drawn, Wait(at + 50 * HOUR, is_over=False)])
    for each in range(hours):
        assert early.longer_than(each * HOUR) == late.longer_than(each * HOUR)


def test_what_ends_when_another_is_censored_ended_first() -> None:
    found = waiting_times([Wait(HOUR), Wait(HOUR, is_over=False)])
    assert found.longer_than(HOUR) == Fraction(1, 2)


def test_a_quantile_may_be_unknown() -> None:
    found = waiting_times(
        [Wait(HOUR), Wait(2 * HOUR, is_over=False), Wait(2 * HOUR, is_over=False)]
    )
    assert found.quantile(Fraction(1, 3)) == HOUR
    assert found.median is None
    assert waiting_times([]).median is None
    assert waiting_times([]).longer_than(HOUR) is None


def test_the_mean_of_what_is_over_would_fall_while_the_backlog_grows() -> None:
    few = waiting_times([Wait(n * HOUR) for n in (1, 2, 3)])
    many = waiting_times(
        [*(Wait(n * HOUR) for n in (1, 2, 3)), *([Wait(3 * HOUR, is_over=False)] * 6)]
    )
    assert few.median == 2 * HOUR
    assert many.median is None


@pytest.mark.parametrize("share", [0, 2, -1, 0.5, Fraction(11, 10)])
def test_an_impossible_quantile_is_refused(share: int) -> None:
    with pytest.raises(InvalidValueError):
        waiting_times([]).quantile(share)


def test_a_negative_wait_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="is negative"):
        Wait(-HOUR)
