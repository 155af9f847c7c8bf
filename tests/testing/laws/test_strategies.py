"""A strategy of the user's own is held to the laws of routing, with a roster that can be pasted."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.effort import tries

from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.periods.spans import Span
from entitlements.routing import (
    DEFAULT_STRATEGY,
    LONGEST_IDLE,
    STRATEGIES,
    Agent,
    SortKeyPart,
    Strategy,
    custom_strategy,
    power_of_d,
)
from entitlements.routing.strategies.named import HashDraw
from entitlements.routing.strategies.strategy import KeyScope
from entitlements.testing.laws import check_strategy


def broken(strategy: Strategy) -> list[str]:
    with pytest.raises(AssertionError) as caught:
        check_strategy(strategy, examples=50)
    return str(caught.value).splitlines()


@pytest.mark.parametrize("name", sorted(STRATEGIES)[:: 6 // tries(2, deep=6)])
def test_named_strategies_keep_all_laws(name: str) -> None:
    check_strategy(STRATEGIES[name], examples=tries(4))


def test_chains_samples_and_keys_of_a_user_keep_them() -> None:
    check_strategy(DEFAULT_STRATEGY, groups=["dba", "front"], examples=tries(4))
    check_strategy(power_of_d(2, LONGEST_IDLE), examples=tries(4))
    check_strategy(custom_strategy("last", lambda state, _: -ord(state.id[-1])), examples=tries(4))


def test_a_key_that_reads_more_than_its_scope_is_found_with_two_agents() -> None:
    lines = broken(Strategy("draw", (SortKeyPart("draw", HashDraw(), KeyScope.PROFILE),)))
    assert lines[0] == "strategy `draw` breaks the law `a live router chooses as the rules do`"
    names = {"Agent": Agent, "FrozenMap": FrozenMap, "Span": Span, "datetime": dt}
    agents = [eval(each.split("agent ", 1)[1], names) for each in lines if "  agent " in each]  # noqa: S307 - our own text
    assert [each.id for each in agents] == ["a0", "a1"]
    assert all(isinstance(each, Agent) for each in agents)


def test_a_key_that_raises_is_told_with_its_error() -> None:
    lines = broken(custom_strategy("wrong", lambda state, _: state.agent.skills["spanish"]))
    assert lines[0].startswith("strategy `wrong` breaks the law")
    assert lines[-1].strip().startswith("KeyError: 'spanish'")


def test_what_is_no_strategy_is_refused() -> None:
    with pytest.raises(InvalidValueError):
        check_strategy("least_loaded")  # type: ignore[arg-type]
