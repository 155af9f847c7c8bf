from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.kernel import InvalidValueError
from entitlements.outcomes import Share, SignalKind, c_chart, p_chart, xmr_chart

values = st.lists(st.integers(-1000, 1000), min_size=6, max_size=30)


# NIST's e-Handbook 6.3.2.2: ten flow rates, with moving ranges of 1.8778 on average
def test_the_limits_of_a_published_chart_of_single_values() -> None:
    flow = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
    chart = xmr_chart(flow, baseline=10)
    assert chart.centre == pytest.approx(50.81)
    # The handbook has 55.8041 and 45.8159, with 3/1.128 instead of 2.66
    assert chart.limits[0] == pytest.approx((45.8151, 55.8049), abs=2e-3)
    assert chart.signals == ()


# NIST's e-Handbook 6.3.3.1: 25 wafers with 400 defects in all
def test_the_limits_of_a_published_chart_of_counts() -> None:
    defects = [
        16,
        14,
        28,
        16,
        12,
        20,
        10,
        12,
        10,
        17,
        19,
        17,
        14,
        16,
        15,
        13,
        14,
        16,
        11,
        20,
        11,
        19,
        16,
        31,
        13,
    ]
    chart = c_chart(defects, baseline=25)
    assert chart.centre == 16
    assert chart.limits[0] == (4, 28)
    assert [(each.index, each.kind) for each in chart.signals] == [(23, SignalKind.OUTSIDE)]


# NIST's e-Handbook 6.3.3.2: 30 lots of 50 chips, of which 23 percent are defective
def test_the_limits_of_a_published_chart_of_shares() -> None:
    lots = [
        *(12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22),
        *(8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6),
    ]
    chart = p_chart([Share(each, 50) for each in lots], baseline=30)
    assert round(chart.centre, 4) == 0.2313
    assert tuple(round(each, 3) for each in chart.limits[0]) == (0.052, 0.41)
    assert [(each.index, each.is_high) for each in chart.signals] == [(14, True), (22, True)]


@given(values, st.integers(-50, 50), st.integers(1, 9))
def test_a_chart_of_values_shifts_and_scales_with_them(
    drawn: list[int], shift: int, scale: int
) -> None:
    one = xmr_chart(drawn, baseline=6)
    other = xmr_chart([each * scale + shift for each in drawn], baseline=6)
    assert other.centre == pytest.approx(one.centre * scale + shift)
    for (low, high), (low2, high2) in zip(one.limits, other.limits, strict=True):
        assert (low2, high2) == pytest.approx((low * scale + shift, high * scale + shift))


@given(st.integers(-1000, 1000), st.integers(6, 40))
def test_a_flat_series_never_signals(value: int, count: int) -> None:
    assert xmr_chart([value] * count, baseline=6).signals == ()
    assert c_chart([abs(value)] * count, baseline=6).signals == ()
    assert p_chart([Share(3, 10)] * count, baseline=6).signals == ()


def test_the_eighth_in_a_row_on_one_side_is_a_signal_and_one_on_the_centre_ends_the_run() -> None:
    base = [9, 11, 9, 11, 9, 11]
    run = xmr_chart([*base, *[10.5] * 8], baseline=6)
    assert [(each.kind, each.index) for each in run.signals] == [
        (SignalKind.RUN, 12),
        (SignalKind.RUN, 13),
    ]  # the last point of the baseline is the first of the run
    broken = xmr_chart([*base, *[10.5] * 6, 10, *[10.5] * 7], baseline=6)
    assert broken.signals == ()


def test_a_point_on_a_limit_is_inside() -> None:
    chart = c_chart([16] * 6 + [28, 4], baseline=6)
    assert chart.limits[6] == (4, 28)
    assert chart.signals == ()


def test_limits_do_not_come_from_the_point_that_they_judge() -> None:
    calm = xmr_chart([10, 12, 11, 9, 10, 11], baseline=6)
    after = xmr_chart([10, 12, 11, 9, 10, 11, 99], baseline=6)
    assert after.limits[0] == calm.limits[0]
    assert [each.index for each in after.signals] == [6]


def test_a_period_of_nothing_has_no_point_and_no_signal() -> None:
    chart = p_chart([*[Share(5, 10)] * 6, Share(0, 0), Share(5, 10)], baseline=6)
    assert chart.points[6] is None
    assert chart.limits[6] == (0.0, 1.0)
    assert chart.signals == ()


@pytest.mark.parametrize(
    "make",
    [
        lambda: xmr_chart([1] * 5, baseline=5),
        lambda: xmr_chart([1] * 5, baseline=6),
        lambda: xmr_chart([float("nan")] * 6, baseline=6),
        lambda: xmr_chart([float("inf")] * 6, baseline=6),
        lambda: xmr_chart(["1"] * 6, baseline=6),  # type: ignore[list-item]
        lambda: c_chart([-1] * 6, baseline=6),
        lambda: c_chart([1.5] * 6, baseline=6),  # type: ignore[list-item]
        lambda: p_chart([Share(0, 0)] * 6, baseline=6),
        lambda: p_chart([0.5] * 6, baseline=6),  # type: ignore[list-item]
        lambda: c_chart([1] * 6, baseline=True),
    ],
)
def test_bad_points_are_refused(make: Callable[[], object]) -> None:
    with pytest.raises(InvalidValueError):
        make()
