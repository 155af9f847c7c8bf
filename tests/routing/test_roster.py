"""A roster is a value; every change gives a new one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from entitlements.kernel import ConflictError, DuplicateIdError, InvalidValueError, UnknownIdError
from entitlements.kernel.instants import utc
from entitlements.routing import (
    Agent,
    AssignedWork,
    AssignmentOverride,
    OnCall,
    Requirement,
    Roster,
    RoutingObligations,
    Work,
    Workload,
)

NINE = utc("2026-03-02T09:00Z")
HOUR = timedelta(hours=1)
TWO = Roster(agents=[Agent(id="ada", capacity=1), Agent(id="bob")])


def work(id: str) -> Work:
    """Return plain work."""
    return Work(id=id, opened=NINE)


def test_a_change_leaves_the_old_roster_alone() -> None:
    later = TWO.assign(work("R-1"), "ada", NINE)
    assert (TWO.holder("R-1"), later.holder("R-1")) == (None, "ada")
    assert later.complete("R-1", NINE + HOUR).workload("ada").busy == HOUR


def test_equal_rosters_compare_equal_after_different_changes() -> None:
    rested = Roster(agents=list(TWO.agents.values())[::-1], workloads={"ada": Workload()})
    assert rested == TWO
    assert hash(rested) == hash(TWO)


def test_a_hand_over_returns_capacity_without_counting() -> None:
    handed = TWO.assign(work("R-1"), "ada", NINE).complete("R-1", NINE + HOUR, done=False)
    assert (handed.workload("ada").handled, handed.workload("ada").released) == (0, None)


def test_a_lower_limit_keeps_assigned_work() -> None:
    roster = TWO.assign(work("R-1"), "ada", NINE).replace(Agent(id="ada", capacity=0))
    assert roster.holder("R-1") == "ada"


SUPERVISOR = AssignmentOverride(by="grace", reason="no other agent is left")


def test_a_person_may_overfill_an_agent_by_an_override() -> None:
    full = TWO.assign(work("R-1"), "ada", NINE)
    assert len(full.assign(work("R-2"), "ada", NINE, override=SUPERVISOR).workload("ada").held) == 2


def test_a_new_agent_is_last_in_the_rotation() -> None:
    roster = TWO.assign(work("R-1"), "bob", NINE).add(Agent(id="new"))
    assert roster.workload("new").assignment_number == 1


def test_a_new_period_counts_from_zero() -> None:
    roster = TWO.assign(work("R-1"), "ada", NINE).new_period(NINE + HOUR)
    after = roster.complete("R-1", NINE + 3 * HOUR).workload("ada")
    assert (after.busy, after.handled, roster.workload("ada").assigned) == (2 * HOUR, 1, 0)
    assert roster.since == NINE + HOUR


def test_what_cannot_be_is_refused() -> None:
    held = Workload(held={"R-1": AssignedWork(Requirement(), NINE)})
    with pytest.raises(DuplicateIdError):
        Roster(agents=[Agent(id="a"), Agent(id="a")])
    with pytest.raises(DuplicateIdError):
        Roster(on_call=[OnCall(id="x"), OnCall(id="x")])
    with pytest.raises(UnknownIdError, match="did you mean `ada`"):
        Roster(agents=TWO.agents, workloads={"adda": held})
    with pytest.raises(ConflictError):
        Roster(agents=TWO.agents, workloads={"ada": held, "bob": held})
    with pytest.raises(UnknownIdError):
        TWO.workload("eve")


@pytest.mark.parametrize(
    "demanded",
    [
        pytest.param(RoutingObligations(residency="eu"), id="a region"),
        pytest.param(RoutingObligations(clearances={"sc": 2}), id="a clearance"),
    ],
)
def test_an_override_sets_no_obligation_aside(demanded: RoutingObligations) -> None:
    work = Work(id="R-1", opened=NINE, requires=Requirement(obligations=demanded))
    override = AssignmentOverride(by="grace", reason="no other agent is left")
    roster = Roster(agents=[Agent(id="ada", region="us", clearances={"sc": 1})])
    with pytest.raises(ConflictError, match="cannot take work `R-1`") as caught:
        roster.assign(work, "ada", NINE, override=override)
    assert caught.value.hint is None


def test_a_workload_must_be_a_workload() -> None:
    with pytest.raises(InvalidValueError, match="is not a workload"):
        Roster(agents=[Agent(id="ada")], workloads={"ada": 5})  # type: ignore[dict-item]
