"""Commands and the table of transitions."""

from __future__ import annotations

import pytest

from entitlements.kernel import InvalidValueError
from entitlements.routing.offers.lifecycle import (
    TRANSITIONS,
    AssigneeAction,
    AssigneeActionKind,
    Offer,
    TransitionKind,
    WorkStatus,
)


def test_every_kind_of_event_and_every_status_has_a_transition() -> None:
    assert {row.kind for row in TRANSITIONS} == set(TransitionKind)
    assert {row.source for row in TRANSITIONS} | {row.target for row in TRANSITIONS} == set(
        WorkStatus
    )


def test_a_fence_is_a_number_from_one_on() -> None:
    assert AssigneeAction("x", "start", 1).action is AssigneeActionKind.START
    with pytest.raises(InvalidValueError):
        AssigneeAction("x", AssigneeActionKind.START, 0)


def test_an_offer_needs_one_to_fifty_different_agents() -> None:
    for agents in ([], ["ada", "ada"], [f"a{n}" for n in range(51)]):
        with pytest.raises(ValueError, match="an offer to"):
            Offer("o", agents)
    assert len(Offer("o", [f"a{n}" for n in range(50)]).agents) == 50


def test_every_status_can_be_left_except_the_last() -> None:
    sources = {row.source for row in TRANSITIONS}
    assert set(WorkStatus) - sources == {WorkStatus.DONE, WorkStatus.CANCELLED}
    reachable = {WorkStatus.NEW}
    for _ in WorkStatus:
        reachable |= {row.target for row in TRANSITIONS if row.source in reachable}
    assert reachable == set(WorkStatus)
    assert len({(row.source, row.kind) for row in TRANSITIONS}) == len(TRANSITIONS)
