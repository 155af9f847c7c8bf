"""Orders that compare ranks at the instant: delays, ratios and costs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from entitlements.kernel import InvalidValueError
from entitlements.kernel.instants import utc
from entitlements.routing import Work
from entitlements.routing.work.rank_orders import (
    DelayRatio,
    FixedRatio,
    MarginalCost,
    RankPlusDelay,
)

NINE = utc("2026-03-02T09:00Z")
MINUTE = timedelta(minutes=1)


def work(id: str, minute: int = 0, rank: int = 0) -> Work:
    return Work(id=id, opened=NINE + minute * MINUTE, rank=rank)


def test_a_rank_is_served_from_the_end_of_its_delay_on() -> None:
    order, waiting = RankPlusDelay({1: 5 * MINUTE}), [work("a", rank=1)]
    assert order.first(waiting, NINE + 5 * MINUTE - timedelta(microseconds=1), 0, {}) is None
    assert order.first(waiting, NINE + 5 * MINUTE, 0, {}) is waiting[0]


def test_a_ratio_needs_a_share() -> None:
    with pytest.raises(InvalidValueError, match="`shares` is empty"):
        FixedRatio({})


def test_without_any_cost_the_oldest_is_served_first() -> None:
    batch = [work("b", 1), work("a", 0)]
    assert MarginalCost({}).first(batch, NINE + MINUTE, 0, {}) is batch[1]
    assert DelayRatio().first(batch, NINE + MINUTE, 0, {}) is batch[1]


@pytest.mark.parametrize(
    "made",
    [
        lambda: RankPlusDelay({0: 5}),
        lambda: RankPlusDelay([0]),
        lambda: FixedRatio({0: 0.5}),
        lambda: FixedRatio({0: -1}),
        lambda: MarginalCost({0: float("nan")}),
        lambda: MarginalCost({0: 1}, {0: True}),
    ],
)
def test_a_coefficient_of_another_type_is_refused(made: object) -> None:
    with pytest.raises(InvalidValueError):
        made()  # type: ignore[operator]
