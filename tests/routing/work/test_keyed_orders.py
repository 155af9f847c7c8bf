"""Orders by one key: head starts, preferred groups, first match, and the start of the wait."""

from __future__ import annotations

import pickle
from datetime import timedelta

import pytest

from entitlements.kernel import InvalidValueError
from entitlements.routing import STRICT_RANK, Requirement, Work
from entitlements.routing.work.keyed_orders import (
    first_match_order,
    linear_ageing,
    preference_order,
    strict_rank,
)

HOUR = timedelta(hours=1)


def work(id: str, hour: int, rank: int = 0, group: str = "") -> Work:
    requires = Requirement(groups=[group] if group else [])
    return Work(id=id, opened=f"2026-03-02T{hour:02}:00Z", rank=rank, requires=requires)


def test_a_head_start_counts_like_an_earlier_opening() -> None:
    order = linear_ageing({0: 2 * HOUR})
    gold, iron = work("gold", 11), work("iron", 9, rank=1)
    assert order.within(gold)[0] == order.within(iron)[0]
    assert order.within(work("gold", 10)) < order.within(iron)


def test_work_without_a_preferred_group_comes_last() -> None:
    order = preference_order({"db": 1, "net": 2})
    batch = [work("a", 9), work("b", 9, group="app"), work("c", 11, group="net")]
    assert [each.id for each in sorted(batch, key=order.within)] == ["c", "a", "b"]


def test_orders_of_equal_coefficients_are_equal_and_can_be_pickled() -> None:
    for order, same, other in (
        (linear_ageing({0: HOUR}), linear_ageing({0: HOUR}), linear_ageing({1: HOUR})),
        (preference_order({"a": 1}), preference_order({"a": 1}), preference_order({"a": 2})),
    ):
        assert order == same
        assert order != other
        assert pickle.loads(pickle.dumps(order)) == order  # noqa: S301 - our own


@pytest.mark.parametrize(
    "made",
    [
        lambda: linear_ageing({0: 5}),
        lambda: linear_ageing({"gold": HOUR}),
        lambda: linear_ageing({-1: HOUR}),
        lambda: preference_order({"db": -1}),
        lambda: preference_order({"": 1}),
    ],
)
def test_a_coefficient_of_another_type_is_refused(made: object) -> None:
    with pytest.raises(InvalidValueError):
        made()  # type: ignore[operator]


def test_the_first_test_that_work_passes_decides() -> None:
    order = first_match_order(lambda each: each.rank == 2, lambda each: each.rank == 1)
    batch = [work("a", 9), work("b", 10, rank=1), work("c", 11, rank=2)]
    assert [each.id for each in sorted(batch, key=order.within)] == ["c", "b", "a"]


def test_the_wait_of_an_order_begins_at_the_instant_that_is_chosen() -> None:
    ready = Work(id="a", opened="2026-03-02T08:00Z", routable="2026-03-02T10:00Z")
    plain = work("b", 9)
    for order in (strict_rank, lambda since: linear_ageing(since=since)):
        assert order("opened").within(ready) < order("opened").within(plain)
        assert order("routable").within(ready) > order("routable").within(plain)
    assert strict_rank() == STRICT_RANK


def test_a_time_per_rank_is_a_head_start_of_each_rank_over_the_next() -> None:
    order = linear_ageing(per_rank=HOUR)
    assert order.within(work("a", 11))[0] == order.within(work("b", 10, rank=1))[0]
    assert order.within(work("a", 11))[0] == order.within(work("c", 8, rank=3))[0]
    for wrong in ({"per_rank": -HOUR}, {"per_rank": 5}, {"since": "lunch"}):
        with pytest.raises(InvalidValueError):
            linear_ageing(**wrong)  # type: ignore[arg-type]
