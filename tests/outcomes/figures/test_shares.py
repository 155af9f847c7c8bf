from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from entitlements.kernel import InvalidValueError
from entitlements.outcomes import Share

confidences = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99])


@st.composite
def shares(draw: st.DrawFn, least: int = 0) -> Share:
    of = draw(st.integers(least, 400))
    return Share(draw(st.integers(0, of)), of)


@given(shares(1), confidences)
def test_the_interval_is_that_of_another_library(share: Share, confidence: float) -> None:
    expected = binomtest(share.n, share.of).proportion_ci(confidence, method="wilson")
    found = share.interval(confidence)
    assert found is not None
    assert found.low == pytest.approx(expected.low, abs=1e-12)
    assert found.high == pytest.approx(expected.high, abs=1e-12)


@given(shares(1), confidences)
def test_the_interval_contains_the_share_and_lies_in_the_unit(
    share: Share, confidence: float
) -> None:
    found = share.interval(confidence)
    assert found is not None
    assert share.value is not None
    assert 0 <= found.low <= share.value <= found.high <= 1


@given(shares(1), confidences)
def test_the_interval_of_the_rest_is_the_mirror(share: Share, confidence: float) -> None:
    found, mirror = share.interval(confidence), share.rest.interval(confidence)
    assert found is not None
    assert mirror is not None
    assert found.low == pytest.approx(1 - mirror.high, abs=1e-12)
    assert found.high == pytest.approx(1 - mirror.low, abs=1e-12)


@given(shares(1), st.integers(2, 9), confidences)
def test_the_interval_narrows_as_more_is_counted(
    share: Share, times: int, confidence: float
) -> None:
    one = share.interval(confidence)
    more = Share(share.n * times, share.of * times).interval(confidence)
    assert one is not None
    assert more is not None
    assert more.high - more.low < one.high - one.low


def test_the_interval_of_none_and_of_all_ends_exactly_at_0_and_1() -> None:
    none, every = Share(0, 20).interval(), Share(20, 20).interval()
    assert none is not None
    assert every is not None
    assert none.low == 0
    assert every.high == 1


def test_nothing_has_no_share() -> None:
    assert Share(0, 0).value is None
    assert Share(0, 0).interval() is None


@given(shares(), shares())
def test_shares_are_added_by_their_counts(one: Share, other: Share) -> None:
    both = one + other
    assert (both.n, both.of) == (one.n + other.n, one.of + other.of)
    assert both.rest == one.rest + other.rest


def test_a_share_of_few_things_says_nothing() -> None:
    assert not Share(19, 19).is_enough(20)
    assert Share(19, 20).is_enough(20)
    assert Share(1, 2).value == Fraction(1, 2)


@pytest.mark.parametrize(("n", "of"), [(2, 1), (-1, 5), (0, -1), (0.5, 1), (True, 1)])
def test_impossible_counts_are_refused(n: int, of: int) -> None:
    with pytest.raises(InvalidValueError):
        Share(n, of)


@pytest.mark.parametrize("confidence", [0, 1, 1.5, float("nan"), "95%"])
def test_an_impossible_confidence_is_refused(confidence: float) -> None:
    with pytest.raises(InvalidValueError):
        Share(1, 2).interval(confidence)
