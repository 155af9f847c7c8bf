"""Custom strategies: keys as functions of an agent and the work."""

from __future__ import annotations

from functools import partial

import pytest

from entitlements.kernel import InvalidValueError
from entitlements.kernel.instants import utc
from entitlements.routing import (
    Agent,
    AgentState,
    Assigned,
    AssignedWork,
    KeyScope,
    Requirement,
    Roster,
    Router,
    SelectionContext,
    SortKeyPart,
    Strategy,
    Work,
    Workload,
    custom_strategy,
    route,
)
from entitlements.routing.agents.capacity import free_capacity
from entitlements.routing.strategies.named import load_in_pools

NINE = utc("2026-03-02T09:00Z")


def test_a_custom_strategy_is_written_with_public_names() -> None:
    def heaviest_first(state: AgentState, context: SelectionContext) -> int:
        return -load_in_pools(state, context) if free_capacity(state, context.requires) else 0

    nine = utc("2026-03-02T09:00Z")
    busy = Workload(held={"w": AssignedWork(Requirement(), nine)})
    roster = Roster(agents=[Agent(id="ada"), Agent(id="bob")], workloads={"bob": busy})
    part = SortKeyPart("heaviest", heaviest_first, KeyScope.WORKLOAD)
    for strategy in (custom_strategy("heaviest", heaviest_first), Strategy("heaviest", (part,))):
        answer = Router(roster, strategy).route(Work(id="R-1", opened=nine), nine)
        assert isinstance(answer, Assigned)
        assert answer.agent == "bob"


@pytest.mark.parametrize("wrong", [float("nan"), (1, float("nan"))])
def test_a_key_of_nan_is_refused_and_no_order_of_the_roster_decides(wrong: object) -> None:
    strategy = custom_strategy("nan", lambda state, _: wrong if state.id == "bob" else (0, 0.0))
    roster = Roster(agents=[Agent(id="ada"), Agent(id="bob")])
    work = Work(id="R-1", opened=NINE)
    for ask in (partial(route, roster=roster, strategy=strategy), Router(roster, strategy).route):
        with pytest.raises(InvalidValueError, match="gives agent `bob` a key that cannot be"):
            ask(work, at=NINE)


def test_a_key_must_be_a_function() -> None:
    with pytest.raises(InvalidValueError, match="is not a key function"):
        custom_strategy("wrong", 5)  # type: ignore[arg-type]
