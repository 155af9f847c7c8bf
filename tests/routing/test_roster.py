"""A roster is a value; every change gives a new one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from entitlements.kernel import ConflictError, DuplicateIdError, UnknownIdError
from entitlements.kernel.instants import utc
from entitlements.routing import (
    Agent,
    AssignedWork,
    AssignmentOverride,
    OnCall,
    Requirement,
    Roster,
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


def test_rosters_are_equal_however_they_came_about() -> None:
    rested = Roster(agents=list(TWO.agents.values())[::-1], standings={"ada": Workload()})
    assert rested == TWO
    assert hash(rested) == hash(TWO)


def test_a_hand_over_returns_capacity_without_counting() -> None:
    handed = TWO.assign(work("R-1"), "ada", NINE).complete("R-1", NINE + HOUR, done=False)
    assert (handed.workload("ada").handled, handed.workload("ada").released) == (0, None)


def test_lowering_a_limit_takes_nothing_away() -> None:
    roster = TWO.assign(work("R-1"), "ada", NINE).replace(Agent(id="ada", capacity=0))
    assert roster.holder("R-1") == "ada"


SUPERVISOR = AssignmentOverride(by="grace", reason="nobody else is left")


def test_a_person_may_overfill_an_agent_by_an_override() -> None:
    full = TWO.assign(work("R-1"), "ada", NINE)
    assert len(full.assign(work("R-2"), "ada", NINE, override=SUPERVISOR).workload("ada").held) == 2


def test_whoever_joins_is_last_in_the_rotation() -> None:
    roster = TWO.assign(work("R-1"), "bob", NINE).add(Agent(id="new"))
    assert roster.workload("new").turn == 1


def test_a_new_period_counts_from_nothing() -> None:
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
        Roster(agents=TWO.agents, standings={"adda": held})
    with pytest.raises(ConflictError):
        Roster(agents=TWO.agents, standings={"ada": held, "bob": held})
    with pytest.raises(UnknownIdError):
        TWO.workload("eve")
