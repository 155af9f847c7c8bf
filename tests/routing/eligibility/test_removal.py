"""Removal takes a policy for assigned work, and changes nothing if it is refused."""

from __future__ import annotations

from typing import Any

import pytest

from entitlements.kernel import ConflictError, InvalidValueError, UnknownIdError
from entitlements.kernel.instants import utc
from entitlements.routing import Agent, Requirement, Roster, Router, RoutingObligations, Work
from entitlements.routing.eligibility.removal import Removal

NINE = utc("2026-03-02T09:00Z")
TEN = utc("2026-03-02T10:00Z")
NEEDS = Requirement(obligations=RoutingObligations(residency="eu"))


def busy() -> Roster:
    """Return a roster in which one agent has two pieces of work, and others could have them."""
    roster = Roster(
        agents=[
            Agent(id="ada", region="eu"),
            Agent(id="bob", region="eu", capacity=2),
            Agent(id="cy", region="eu", capacity=1),
            Agent(id="eve", region="us"),
        ]
    )
    for id in ("R-1", "R-2"):
        roster = roster.assign(Work(id=id, opened=NINE, requires=NEEDS), "ada", NINE)
    return roster


def test_an_agent_with_assigned_work_cannot_be_removed_by_default() -> None:
    with pytest.raises(ConflictError, match="has assigned work"):
        busy().remove("ada", TEN)
    assert "bob" not in busy().remove("bob").agents


def test_work_of_a_removed_agent_is_unassigned_or_goes_to_the_successor() -> None:
    freed = busy().remove("ada", policy="requeue")
    assert (freed.holder("R-1"), freed.assignment_count, "ada" in freed.workloads) == (
        None,
        2,
        False,
    )
    handed = busy().remove("ada", TEN, policy="hand_to", to="bob")
    assert sorted(handed.workload("bob").held) == ["R-1", "R-2"]
    after = handed.workload("bob")
    assert (
        after.assigned,
        after.assignment_number,
        after.last_assigned,
        handed.assignment_count,
    ) == (2, 4, TEN, 4)
    router = Router(busy())
    assert router.remove("ada", TEN, policy="hand_to", to="bob") == ()
    assert router.roster == handed
    router = Router(busy())
    assert router.remove("ada", policy=Removal.REQUEUE) == ("R-1", "R-2")
    assert router.roster == freed


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        pytest.param({"policy": "hand_to", "to": "cy"}, ConflictError, id="room for one of two"),
        pytest.param({"policy": "hand_to", "to": "eve"}, ConflictError, id="abroad"),
        pytest.param({"policy": "hand_to", "to": "zoe"}, UnknownIdError, id="hand to whom?"),
        pytest.param({"policy": "hand_to", "to": "ada"}, InvalidValueError, id="to herself"),
        pytest.param({"policy": "hand_to"}, InvalidValueError, id="to nobody"),
        pytest.param({"policy": "requeue", "to": "bob"}, InvalidValueError, id="one too many"),
        pytest.param({"policy": "fire"}, InvalidValueError, id="no such policy"),
        pytest.param({}, ConflictError, id="refused"),
    ],
)
def test_a_removal_that_is_refused_changes_nothing(
    asked: dict[str, Any], error: type[Exception]
) -> None:
    router = Router(busy())
    with pytest.raises(error):
        busy().remove("ada", TEN, **asked)
    with pytest.raises(error):
        router.remove("ada", TEN, **asked)
    assert router.roster == busy()


def test_a_hand_over_needs_an_instant() -> None:
    for each in (busy(), Router(busy())):
        with pytest.raises(InvalidValueError, match="needs the instant"):
            each.remove("ada", policy="hand_to", to="bob")
        with pytest.raises(InvalidValueError):
            each.remove("ada", TEN.replace(tzinfo=None), policy="hand_to", to="bob")
