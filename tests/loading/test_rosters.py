from __future__ import annotations

import attrs
import pytest

from entitlements.kernel.errors import ConflictError
from entitlements.kernel.instants import utc
from entitlements.loading.changes import FoundSteps
from entitlements.loading.rosters import loaded_roster, without_work
from entitlements.routing import Agent, Roster, Work, Workload

NINE = utc("2026-03-02T09:00Z")
ADA, BOB, CARL = (Agent(id=id, groups=["desk"], capacity=2) for id in ("ada", "bob", "carl"))
BUSY = Roster(agents=[ADA, BOB]).assign(Work(id="R-1", opened=NINE), "ada", NINE)


def load(stored: Roster, given: Roster, *, prune: bool = False) -> tuple[Roster, list[str]]:
    found = FoundSteps()
    roster = loaded_roster(stored, given, found, prune=prune)
    return roster, [str(each) for each in found.steps]


def test_an_agent_who_changes_keeps_work_and_place_in_the_rotation() -> None:
    skilled = attrs.evolve(ADA, skills={"oracle": 3})
    roster, steps = load(BUSY, Roster(agents=[skilled], workloads={"ada": Workload(away=True)}))
    assert steps == ["~ agent ada"]
    assert roster.agents["ada"] == skilled
    assert roster.workload("ada") == BUSY.workload("ada")
    assert roster.assignment_count == BUSY.assignment_count


def test_a_new_agent_joins_the_rotation_behind_the_others() -> None:
    roster, steps = load(BUSY, Roster(agents=[CARL]))
    assert steps == ["+ agent carl"]
    assert roster == BUSY.add(CARL)


def test_a_new_agent_has_the_status_that_the_document_says() -> None:
    roster, _ = load(BUSY, Roster(agents=[CARL], workloads={"carl": Workload(away=True)}))
    assert roster.workload("carl") == Workload(away=True)


def test_a_first_roster_is_that_of_the_document() -> None:
    given = Roster(
        agents=[ADA],
        workloads={"ada": Workload(assignment_number=3)},
        assignment_count=4,
        since=NINE,
    )
    assert load(Roster(), given)[0] == given


@pytest.mark.parametrize("stored", [Roster(), Roster(agents=[BOB])], ids=["first", "later"])
def test_a_new_agent_cannot_have_work(stored: Roster) -> None:
    with pytest.raises(ConflictError, match="`R-1`, which is not in the store"):
        load(stored, BUSY)


def test_agents_who_are_not_named_stay_or_are_removed() -> None:
    assert load(BUSY, Roster(agents=[ADA]))[0] == BUSY
    roster, steps = load(BUSY, Roster(agents=[ADA]), prune=True)
    assert (steps, {*roster.agents}) == (["- agent bob"], {"ada"})


def test_an_agent_with_work_is_not_removed() -> None:
    with pytest.raises(ConflictError, match="agent `ada` has assigned work") as caught:
        load(BUSY, Roster(agents=[BOB]), prune=True)
    assert "remove_agent" in (caught.value.hint or "")


def test_a_dump_has_no_work() -> None:
    bare = without_work(BUSY)
    assert not bare.workload("ada").held
    assert bare.workload("ada").assignment_number == 1
    assert load(BUSY, bare)[1] == []
