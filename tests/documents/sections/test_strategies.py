from __future__ import annotations

import json
from datetime import timedelta

import attrs
import pytest
from hypothesis import given
from tests.documents.examples import problems, read

from entitlements.documents.sections.strategies import QueueOrderShape, StrategyShape
from entitlements.documents.shapes.scalars import WriteContext
from entitlements.kernel import InvalidValueError
from entitlements.routing import (
    LEAST_LOADED,
    LONGEST_IDLE,
    STRATEGIES,
    STRICT_RANK,
    GuardedDeadline,
    QueueOrder,
    RankPlusDelay,
    Strategy,
    affine_score,
    custom_strategy,
    first_match_order,
    least_opportunity_cost,
    power_of_d,
    seeded_random,
)
from entitlements.routing.strategies.named import longest_idle
from entitlements.routing.strategies.scored import AffineScore
from entitlements.routing.work.queue_order import KeyedOrder
from entitlements.testing.strategies.routing import written_orders, written_strategies

STRATEGY, ORDER, OUT = StrategyShape(), QueueOrderShape(), WriteContext()


@pytest.mark.parametrize("name", sorted(STRATEGIES))
def test_every_strategy_of_the_table_is_written_by_its_name(name: str) -> None:
    assert STRATEGY.write(STRATEGIES[name], OUT) == [name]
    assert read(STRATEGY, name) == STRATEGIES[name]


@pytest.mark.parametrize(
    ("text", "strategy"),
    [
        pytest.param("[least_loaded, longest_idle]", LEAST_LOADED.then(LONGEST_IDLE), id="a chain"),
        pytest.param(
            "{kind: longest_idle, since: last_assigned}",
            longest_idle("last_assigned"),
            id="idle since",
        ),
        pytest.param("{kind: seeded_random, epoch: '7'}", seeded_random("7"), id="an epoch"),
        pytest.param(
            "{kind: least_opportunity_cost, demand: {oracle: 5}}",
            least_opportunity_cost({"oracle": 5}),
            id="a demand",
        ),
        pytest.param(
            "{kind: affine_score, groups: {db: {per_wait: 2}}}",
            affine_score({"db": AffineScore(per_wait=2)}),
            id="scores",
        ),
        pytest.param(
            "[{kind: power_of_d, size: 2}, least_loaded, longest_idle]",
            power_of_d(2, LEAST_LOADED.then(LONGEST_IDLE)),
            id="a sample before a chain",
        ),
    ],
)
def test_a_strategy_is_read_from_names_and_coefficients(text: str, strategy: Strategy) -> None:
    assert read(STRATEGY, text) == strategy


@pytest.mark.parametrize(
    ("text", "order"),
    [
        pytest.param("strict_rank", STRICT_RANK, id="a name"),
        pytest.param(
            "{kind: guarded_deadline, relief: 4}", GuardedDeadline(relief=4), id="a relief"
        ),
        pytest.param(
            "{kind: rank_plus_delay, delays: {1: 5m}}",
            RankPlusDelay({1: timedelta(minutes=5)}),
            id="a delay",
        ),
    ],
)
def test_a_queue_order_is_read_from_a_name_or_a_kind(text: str, order: QueueOrder) -> None:
    assert read(ORDER, text) == order


@given(written_strategies())
def test_a_strategy_that_is_written_is_read_again(strategy: Strategy) -> None:
    assert read(STRATEGY, json.dumps(STRATEGY.write(strategy, OUT))) == strategy


@given(written_orders())
def test_a_queue_order_that_is_written_is_read_again(order: QueueOrder) -> None:
    assert read(ORDER, json.dumps(ORDER.write(order, OUT))) == order


@pytest.mark.parametrize(
    "strategy",
    [
        pytest.param(custom_strategy("own", lambda state, _: state.id), id="a key of a program"),
        pytest.param(attrs.evolve(LEAST_LOADED, name="mine"), id="another name"),
        pytest.param(Strategy("none", ()), id="no key"),
    ],
)
def test_a_strategy_of_a_program_has_no_form_in_a_document(strategy: Strategy) -> None:
    with pytest.raises(InvalidValueError, match="has no form in a document"):
        STRATEGY.write(strategy, OUT)


def test_an_order_of_a_program_has_no_form_in_a_document() -> None:
    for order in (first_match_order(lambda _: True), KeyedOrder("mine", lambda work: (work.id,))):
        with pytest.raises(InvalidValueError, match="has no form in a document"):
            ORDER.write(order, OUT)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("strategy: leastloaded", "no strategy has the name `leastloaded` (did you mean"),
        ("strategy: []", "a list is not a strategy"),
        ("strategy: [least_loaded, {kind: power_of_d, size: 2}]", "must be the first of the chain"),
        ("strategy: {kind: power_of_d, size: 2}", "is followed by no strategy"),
        ("strategy: {kind: longest_idle, since: lunch}", "`lunch` is not one of released"),
        ("strategy: {kind: affine_score, groups: {db: {base: much}}}", "is not a whole number"),
        ("order: fifo", "no queue order has the name `fifo`"),
        ("order: {kind: fixed_ratio, shares: {}}", "`shares` is empty"),
        ("order: {kind: rank_plus_delay, delays: {first: 1h}}", "`first` is not a whole number"),
        ("order: {kind: rank_plus_delay, delays: {-1: 1h}}", "must be at least 0"),
    ],
)
def test_a_slip_is_reported_at_its_place(text: str, problem: str) -> None:
    found = problems(f"routing:\n  {text}")
    assert len(found) == 1
    assert "routing." in found[0]
    assert problem in found[0]
