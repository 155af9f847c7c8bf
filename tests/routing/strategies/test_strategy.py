"""Chains of keys are total orders, and hashes replace random numbers."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given

from entitlements.kernel import InvalidValueError
from entitlements.kernel.instants import to_micros, utc
from entitlements.routing import (
    LONGEST_IDLE,
    STRATEGIES,
    Agent,
    Roster,
    Strategy,
    Work,
    Workload,
    power_of_d,
    route,
)
from entitlements.routing.strategies.strategy import SelectionContext
from entitlements.testing.strategies.routing import chains, instants, rosters, works

NINE = utc("2026-03-02T09:00Z")
MINUTE = timedelta(minutes=1)


@given(works(), rosters(), instants(), chains())
def test_no_two_agents_tie(work: Work, roster: Roster, at: datetime, strategy: Strategy) -> None:
    context = SelectionContext(work.requires, to_micros(at), work.id)
    keys = [strategy.key(state, context) for state in roster.agent_states.values()]
    assert len({repr(key) for key in keys}) == len(keys)


def test_a_chain_compares_the_next_key_only_on_ties() -> None:
    roster = Roster(
        agents=[Agent(id="ada", tier=1), Agent(id="bob"), Agent(id="eve")],
        workloads={"bob": Workload(released=NINE), "eve": Workload(released=NINE - MINUTE)},
    )
    strategy = STRATEGIES["tiers"].then(LONGEST_IDLE)
    assert strategy.name == "tiers, longest_idle"
    assert route(Work(id="w", opened=NINE), roster, NINE, strategy=strategy).agent == "eve"


def test_only_the_first_of_a_chain_can_draw_a_sample() -> None:
    assert power_of_d(2).then(LONGEST_IDLE).sample is not None
    with pytest.raises(InvalidValueError):
        LONGEST_IDLE.then(power_of_d(2))
    with pytest.raises(InvalidValueError):
        power_of_d(0)
