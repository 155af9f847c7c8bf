from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.kernel import InvalidValueError, utc
from entitlements.outcomes import Share, Trend, TrendKind, summarize_trends

START = utc("2026-01-05T00:00Z")


def trend(kind: str, points: Sequence[int | Share], baseline: int = 6, name: str = "x") -> Trend:
    weeks = [START + timedelta(weeks=each) for each in range(len(points))]
    return Trend(name=name, kind=kind, starts=weeks, points=points, baseline=baseline)  # type: ignore[arg-type]


def test_a_sentence_says_what_changed_and_what_did_not() -> None:
    kept, fewer = [Share(19, 20)] * 6, Share(9, 20)
    found = summarize_trends(
        [
            trend("shares", [*kept, fewer], name="first_response attainment"),
            trend("values", [10, 12, 11, 9, 10, 11, 12], name="cases opened"),
            trend("events", [1, 2, 3], baseline=3, name="complaints"),
        ]
    )
    assert found == (
        "Changed: first_response attainment below the usual range "
        "(9 of 20 in the week of 2026-02-16). Within the usual variation: cases opened. "
        "Too few weeks to judge: complaints."
    )


def test_eight_on_one_side_are_a_change_without_any_outlier() -> None:
    shifted = trend("values", [10, 12, 10, 12, 10, 12, *[12] * 8])
    assert shifted.change == (
        "x above the usual centre for eight weeks or more (12 in the week of 2026-04-06)"
    )


def test_what_was_odd_in_the_baseline_is_no_change_now() -> None:
    assert trend("events", [0, 0, 0, 0, 0, 9, 1]).change is None


@given(st.integers(0, 50), st.integers(6, 12), st.integers(0, 20), st.sampled_from(TrendKind))
def test_flat_series_never_signals(level: int, weeks: int, more: int, kind: TrendKind) -> None:
    point = Share(level, 50) if kind is TrendKind.SHARES else level
    assert trend(kind.value, [point] * (weeks + more), weeks).change is None


def test_a_baseline_that_counts_nothing_judges_nothing() -> None:
    empty = trend("shares", [*[Share(0, 0)] * 6, Share(1, 2)])
    assert empty.chart is None
    assert summarize_trends([empty]) == "Too few weeks to judge: x."


@pytest.mark.parametrize(
    "make",
    [
        lambda: trend("shares", [1, 2]),
        lambda: trend("values", [Share(1, 2)], 0),
        lambda: trend("events", [-1], 0),
        lambda: trend("values", [1], 2),
        lambda: trend("moods", [1], 0),
        lambda: Trend(name="x", kind="values", starts=[START], points=[], baseline=0),  # type: ignore[arg-type]
        lambda: Trend(
            name="x", kind="values", starts=[START], points=[1], baseline=0, ids=[[]] * 2
        ),  # type: ignore[arg-type, list-item]
        lambda: Trend(name="x", kind="values", starts=[START] * 2, points=[1, 2], baseline=0),  # type: ignore[arg-type]
    ],
)
def test_a_trend_of_nonsense_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises((InvalidValueError, ValueError)):
        make()
