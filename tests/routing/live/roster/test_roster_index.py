"""The live index in integers; that it equals the plain choice is tested with the router."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.routing.live.invariants import check_index

from entitlements.kernel.instants import from_micros, to_micros, utc
from entitlements.routing import (
    DEFAULT_STRATEGY,
    LEAST_LOADED,
    LONGEST_IDLE,
    Agent,
    RateLimit,
    Requirement,
    Roster,
    Strategy,
    Work,
    Workload,
)
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.live.roster.roster_index import RosterIndex

NINE = to_micros(utc("2026-03-02T09:00Z"))
MINUTE = 60_000_000
PLAIN = Requirement()


def pick(index: RosterIndex, requires: Requirement, at: int) -> AgentState | None:
    """Return the choice for some work with this requirement."""
    return index.choose(Work(id="any", opened=from_micros(NINE), requires=requires), requires, at)


def test_an_agent_at_the_rate_limit_is_present_again_after_it() -> None:
    pace = RateLimit(2, timedelta(minutes=10))
    index = RosterIndex(Roster(agents=[Agent(id="ada", rate_limit=pace)]), LEAST_LOADED)
    index.assign("1", PLAIN, "ada", NINE)
    index.assign("2", PLAIN, "ada", NINE + MINUTE)
    found = [pick(index, PLAIN, NINE + n * MINUTE) is not None for n in (1, 9, 10, 11)]
    assert found == [False, False, True, True]


def test_a_break_ends_by_time_alone() -> None:
    index = RosterIndex(Roster(agents=[Agent(id="ada")]), LEAST_LOADED)
    index.set_status("ada", NINE, away=True, back=NINE + MINUTE, idle=None)
    assert pick(index, PLAIN, NINE) is None
    assert pick(index, PLAIN, NINE + MINUTE) is not None
    assert pick(index, PLAIN, NINE) is None


@given(st.lists(st.integers(0, 2), max_size=60))
def test_masks_and_lines_are_right_after_anything(steps: list[int]) -> None:
    index = RosterIndex(Roster(agents=[Agent(id=id, capacity=3) for id in "abc"]), LEAST_LOADED)
    held: list[str] = []
    for n, step in enumerate(steps):
        state = pick(index, PLAIN, NINE + n)
        if step and state is not None:
            index.assign(str(n), PLAIN, state.id, NINE + n)
            held.append(str(n))
        elif held:
            index.complete(held.pop(0), NINE + n)
    check_index(index)


def test_more_requirements_and_loads_than_are_kept_are_still_answered() -> None:
    index = RosterIndex(Roster(agents=[Agent(id="ada", capacity=900)]), LEAST_LOADED)
    for weight in [*range(1, 200), *range(1, 200)]:
        assert pick(index, Requirement(weights=weight), NINE) is not None
        index.assign(f"x{weight}", PLAIN, "ada", NINE)
        index.complete(f"x{weight}", NINE)
    check_index(index)


def test_work_assigned_at_the_start_can_be_completed() -> None:
    roster = Roster(agents=[Agent(id="ada", capacity=1)])
    index = RosterIndex(roster, LEAST_LOADED)
    index.assign("1", PLAIN, "ada", NINE)
    again = RosterIndex(index.roster(), LEAST_LOADED)
    assert again.holder("1") == "ada"
    assert pick(again, PLAIN, NINE) is None
    again.complete("1", NINE)
    assert pick(again, PLAIN, NINE) is not None


def test_changes_are_recorded_only_after_the_first_read_of_the_log() -> None:
    index = RosterIndex(Roster(agents=[Agent(id="ada", capacity=9)]), LEAST_LOADED)
    index.assign("1", PLAIN, "ada", NINE)
    before, base = index.log, index.roster()
    assert not before.changes
    index.assign("2", PLAIN, "ada", NINE)
    assert index.log is before
    assert before.roster(0) == base
    assert before.roster(len(before.changes)) == index.roster()


def test_a_new_agent_with_the_id_of_a_removed_one_is_another() -> None:
    index = RosterIndex(Roster(agents=[Agent(id="ada", capacity=1), Agent(id="bob")]), LEAST_LOADED)
    assert pick(index, PLAIN, NINE).id == "ada"
    for _ in range(3):
        index.remove("ada")
        index.add(Agent(id="ada", capacity=1), Workload(last_assigned=from_micros(NINE)))
        assert pick(index, PLAIN, NINE).id == "bob"
        index.replace(Agent(id="ada", capacity=1))
        index.set_status("bob", NINE, away=True, back=None, idle=None)
        assert pick(index, PLAIN, NINE).id == "ada"
        index.set_status("bob", NINE, away=False, back=None, idle=None)


def test_an_agent_who_returns_behind_their_old_position_is_in_the_queue() -> None:
    index = RosterIndex(Roster(agents=[Agent(id="ada"), Agent(id="bob")]), LEAST_LOADED)
    assert pick(index, PLAIN, NINE).id == "ada"
    for _ in range(5):
        index.remove("ada")
        index.add(Agent(id="ada"), Workload(last_assigned=from_micros(NINE)))
    assert pick(index, PLAIN, NINE).id == "bob"
    index.set_status("bob", NINE, away=True, back=None, idle=None)
    assert pick(index, PLAIN, NINE).id == "ada"


@pytest.mark.parametrize("strategy", [DEFAULT_STRATEGY, LEAST_LOADED])
def test_an_earlier_assignment_may_move_an_agent_ahead(strategy: Strategy) -> None:
    index = RosterIndex(Roster(agents=[Agent(id="ada"), Agent(id="bob")]), strategy)
    weightless = Requirement(weights=0)
    index.assign("1", weightless, "ada", NINE + 20)
    index.assign("2", weightless, "bob", NINE + 10)
    assert pick(index, PLAIN, NINE + 30).id == "bob"
    index.assign("3", weightless, "ada", NINE)
    assert pick(index, PLAIN, NINE + 30).id == "ada"


@pytest.mark.parametrize("strategy", [DEFAULT_STRATEGY, LONGEST_IDLE])
def test_an_earlier_completion_may_move_an_agent_ahead(strategy: Strategy) -> None:
    index = RosterIndex(Roster(agents=[Agent(id="ada"), Agent(id="bob")]), strategy)
    for agent, released in (("ada", 20), ("bob", 10)):
        index.assign("1", PLAIN, agent, NINE)
        index.complete("1", NINE + released)
    assert pick(index, PLAIN, NINE + 30).id == "bob"
    index.assign("2", PLAIN, "ada", NINE + 5)
    index.complete("2", NINE + 5)
    assert pick(index, PLAIN, NINE + 30).id == "ada"


def test_an_agent_who_left_the_top_before_a_choice_is_not_chosen() -> None:
    index = RosterIndex(Roster(agents=[Agent(id=id, capacity=1) for id in "ab"]), LEAST_LOADED)
    assert pick(index, PLAIN, NINE).id == "a"
    index.set_status("a", NINE, away=True, back=None, idle=None)
    index.set_status("a", NINE, away=False, back=None, idle=None)
    index.assign("1", PLAIN, "a", NINE)
    assert pick(index, PLAIN, NINE).id == "b"
    index.complete("1", NINE, done=False)
    index.assign("2", PLAIN, "b", NINE)
    assert pick(index, PLAIN, NINE).id == "a"
