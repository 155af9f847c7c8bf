from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from statistics import NormalDist, fmean, pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm, sem

from entitlements.kernel import InvalidValueError
from entitlements.outcomes import Ces, Csat, Nps, Share

answers = st.lists(st.integers(0, 10), max_size=60)


@pytest.mark.parametrize(("scale", "boxes"), [(3, 1), (4, 2), (5, 2), (6, 2), (7, 2), (10, 3)])
def test_the_top_boxes_of_each_scale(scale: int, boxes: int) -> None:
    found = Csat(scores=range(1, scale + 1), scale=scale, asked=scale)  # type: ignore[arg-type]
    assert found.satisfied == Share(boxes, scale)


@given(answers)
def test_nps_is_the_mean_of_a_point_for_each_promoter_and_one_off_for_each_detractor(
    drawn: list[int],
) -> None:
    tickets = [(score >= 9) - (score <= 6) for score in drawn]
    found = Nps(scores=drawn, asked=len(drawn))  # type: ignore[arg-type]
    assert found.value == (Fraction(sum(tickets), len(tickets)) if tickets else None)
    if tickets:
        assert found.value is not None
        assert -1 <= found.value <= 1
        interval = found.interval()
        assert interval is not None
        error = NormalDist().inv_cdf(0.975) * pstdev(tickets) / len(tickets) ** 0.5
        assert interval.low == pytest.approx(max(-1, fmean(tickets) - error), abs=1e-9)
        assert interval.high == pytest.approx(min(1, fmean(tickets) + error), abs=1e-9)


# MeasuringUsability: 100 promoters, 30 passives and 80 detractors make 9.5 percent, and one answer
# of each kind -45.45; the example of R's `calc_nps` has 0.
@pytest.mark.parametrize(
    ("scores", "percent"),
    [
        ([9] * 60 + [10] * 40 + [7] * 30 + [6] * 50 + [0] * 30, 9.5),
        (range(11), -45.5),
        ([1, 8, 8, 10, 5, 9], 0),
    ],
)
def test_published_scores(scores: Sequence[int], percent: float) -> None:
    found = Nps(scores=scores, asked=300).value
    assert found is not None
    assert round(float(100 * found), 1) == percent


def test_an_eight_is_no_promoter_and_a_six_is_a_detractor() -> None:
    found = Nps(scores=[8, 7, 6, 9], asked=4)
    assert (found.promoters, found.detractors) == (Share(1, 4), Share(1, 4))


@given(st.lists(st.integers(1, 5), max_size=20), st.integers(0, 30))
def test_who_did_not_answer_counts_only_in_the_response_rate(drawn: list[int], silent: int) -> None:
    one = Csat(scores=drawn, asked=len(drawn))  # type: ignore[arg-type]
    other = Csat(scores=drawn, asked=len(drawn) + silent)  # type: ignore[arg-type]
    assert one.satisfied == other.satisfied
    assert other.response_rate == Share(len(drawn), len(drawn) + silent)


def test_nobody_is_unknown_and_not_0() -> None:
    assert Csat(scores=[], asked=0).satisfied.value is None
    assert Nps(scores=[], asked=5).value is None
    assert Nps(scores=[], asked=5).interval() is None
    assert Ces(scores=[], asked=5).mean is None
    assert Ces(scores=[], asked=5).interval() is None
    assert Ces(scores=[4], asked=5).interval() is None


def test_effort_is_a_mean() -> None:
    assert Ces(scores=[1, 2, 7], asked=3).mean == Fraction(10, 3)


@given(st.lists(st.integers(1, 7), min_size=2, max_size=60), st.sampled_from([0.8, 0.95, 0.99]))
def test_the_interval_of_a_mean_is_that_of_scipy_on_the_scale(
    drawn: list[int], confidence: float
) -> None:
    found = Ces(scores=drawn, asked=len(drawn)).interval(confidence)  # type: ignore[arg-type]
    mean, error = fmean(drawn), sem(drawn)
    low, high = norm.interval(confidence, loc=mean, scale=error) if error else (mean, mean)
    assert found == pytest.approx((max(1, low), min(7, high)))


@pytest.mark.parametrize(
    "make",
    [
        lambda: Csat(scores=[0], asked=1),
        lambda: Csat(scores=[6], asked=1),
        lambda: Csat(scores=[1], scale=8, asked=1),
        lambda: Csat(scores=[1, 2], asked=1),
        lambda: Nps(scores=[11], asked=1),
        lambda: Nps(scores=[6.5], asked=1),  # type: ignore[list-item]
        lambda: Nps(scores=[1], asked=1).interval(1),
        lambda: Ces(scores=[8], asked=1),
        lambda: Ces(scores=[1, 2], asked=2).interval(0),
        lambda: Ces(scores=[1], scale=1, asked=1),
        lambda: Ces(scores="7", asked=1),  # type: ignore[arg-type]
    ],
)
def test_answers_outside_of_the_scale_are_refused(make: Callable[[], object]) -> None:
    with pytest.raises(InvalidValueError):
        make()
