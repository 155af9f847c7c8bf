"""Routing policies."""

from __future__ import annotations

import pytest

from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import utc
from entitlements.routing import ROUND_ROBIN, Agent, Roster, Router, Work
from entitlements.routing.policies.policy import RoutingPolicy
from entitlements.routing.strategies.named import DEFAULT_STRATEGY
from entitlements.routing.work.queue_order import GuardedDeadline

NINE = utc("2026-03-02T09:00Z")


def test_a_policy_without_arguments_has_the_defaults() -> None:
    policy = RoutingPolicy()
    assert (policy.strategy, policy.order) == (DEFAULT_STRATEGY, GuardedDeadline())


def test_a_router_takes_a_policy_or_a_strategy() -> None:
    roster = Roster(agents=[Agent(id="b", position=0), Agent(id="a", position=1)])
    for given in (ROUND_ROBIN, RoutingPolicy(strategy=ROUND_ROBIN)):
        assert Router(roster, given).route(Work(id="w", opened=NINE), NINE).agent == "b"


def test_a_router_refuses_what_is_neither() -> None:
    with pytest.raises(InvalidValueError, match="policy"):
        Router(Roster(), "round_robin")  # type: ignore[arg-type]
