from __future__ import annotations

import pytest

from entitlements.adapters.memory import MemoryStore
from entitlements.kernel.errors import StaleReadError
from entitlements.routing import Agent, OnCall, OnCallLayer, Roster

ADA, BOB = Agent(id="ada", groups=["db"]), Agent(id="bob", groups=["net"])
CALLS = OnCall(id="night", layers=[OnCallLayer(members=["ada"], start="2026-03-02T09:00Z")])


@pytest.fixture
def store() -> MemoryStore:
    made = MemoryStore()
    with made.begin("t") as work:
        work.roster.change(Roster(), Roster(agents=[ADA, BOB], on_call=[CALLS], assignment_count=3))
        work.commit()
    return made


def test_agents_of_a_group_are_read_with_all_schedules(store: MemoryStore) -> None:
    with store.begin("t") as work:
        found = work.roster.roster(["db"])
        assert (list(found.agents), list(found.on_call), found.assignment_count) == (
            ["ada"],
            ["night"],
            3,
        )
        assert list(work.roster.roster(agents=["bob"]).agents) == ["bob"]


def test_an_agent_in_neither_roster_is_not_removed(store: MemoryStore) -> None:
    with store.begin("t") as work:
        written = work.roster.change(Roster(agents=[ADA]), Roster())
        assert (dict(written), list(work.roster.roster().agents)) == ({}, ["bob"])


def test_a_schedule_that_has_changed_is_a_stale_read(store: MemoryStore) -> None:
    other = OnCall(id="night", layers=[OnCallLayer(members=["bob"], start="2026-03-02T09:00Z")])
    with store.begin("t") as work:
        with pytest.raises(StaleReadError) as caught:
            work.roster.change(Roster(on_call=[other]), Roster())
        assert caught.value.field == "on_call.night"
        work.roster.change(Roster(on_call=[CALLS]), Roster(on_call=[other]))
        assert work.roster.roster().on_call == {"night": other}


def test_the_rotation_counter_never_decreases(store: MemoryStore) -> None:
    with store.begin("t") as work:
        work.roster.change(Roster(assignment_count=1), Roster(assignment_count=2))
        assert work.roster.roster().assignment_count == 3
