"""A choice looks at agents who have changed and compares no others; counted, not timed."""

from __future__ import annotations

import pytest

from entitlements.calendars import Calendar
from entitlements.kernel.instants import from_micros, to_micros, utc
from entitlements.routing import Agent, Requirement, Roster, Strategy, Work, Workload
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.live.roster.roster_index import RosterIndex
from entitlements.routing.strategies.strategy import KeyScope, SelectionContext, SortKeyPart

NINE = to_micros(utc("2026-03-02T09:00Z"))
MINUTE = 60_000_000
PLAIN = Requirement()


def pick(index: RosterIndex, requires: Requirement, at: int) -> AgentState | None:
    """Return the choice for some work with this requirement."""
    return index.choose(Work(id="any", opened=from_micros(NINE), requires=requires), requires, at)


class Compared:
    """Counts the comparisons of the idle times that a strategy stores."""

    number = 0

    def __init__(self, value: int) -> None:
        self.value = value

    def __lt__(self, other: Compared) -> bool:
        Compared.number += 1
        return self.value < other.value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Compared) and self.value == other.value

    __hash__ = None  # type: ignore[assignment]


def counted(size: int) -> tuple[RosterIndex, list[str]]:
    """Return an index of distinct agents, and the ids of agents whose key was read."""
    read: list[str] = []

    def idle(state: AgentState, _: SelectionContext) -> Compared:
        read.append(state.id)
        return Compared(state.released)

    strategy = Strategy("idle", (SortKeyPart("idle", idle, KeyScope.WORKLOAD),))
    agents = [
        Agent(id=f"a{n:05}", skills={"x": n % 5, f"only {n}": 1}, capacity=2) for n in range(size)
    ]
    index = RosterIndex(Roster(agents=agents), strategy)
    pick(index, Requirement(skills={"x": 3}), NINE)
    return index, read


@pytest.mark.parametrize("size", [200, 3_000])
def test_choices_compare_each_agent_who_has_changed_once(size: int) -> None:
    index, read = counted(size)
    bound = 6 * (size.bit_length() + 4)
    read.clear()
    Compared.number = 0
    for n in range(40):
        state = pick(index, Requirement(skills={"x": n % 5}), NINE + n)
        assert len(read) <= n
        assert Compared.number <= n * bound
        index.assign(str(n), PLAIN, state.id, NINE + n)
        index.complete(str(n), NINE + n)


@pytest.mark.parametrize("size", [200, 3_000])
def test_no_agent_costs_no_more_than_an_agent(size: int) -> None:
    index, read = counted(size)
    read.clear()
    Compared.number = 0
    work = Work(id="w", opened=from_micros(NINE), requires=Requirement(skills="klingon"))
    assert index.choose(work, work.requires, NINE) is None
    assert not index.may_wait(work, work.requires, NINE)
    assert (read, Compared.number) == ([], 0)


@pytest.mark.parametrize("size", [200, 3_000])
def test_a_change_of_skills_reads_the_key_of_one_agent(size: int) -> None:
    index, read = counted(size)
    read.clear()
    Compared.number = 0
    index.replace(Agent(id="a00007", skills={"x": 9}))
    assert pick(index, Requirement(skills={"x": 9}), NINE).id == "a00007"
    assert read == []  # who is the only one is not compared
    pick(index, Requirement(skills={"x": 4}), NINE)
    assert read == ["a00007"]
    assert Compared.number <= 12 * (size.bit_length() + 4)


@pytest.mark.parametrize("size", [200, 3_000])
def test_a_break_and_the_edge_of_a_shift_move_no_agent(size: int) -> None:
    shift = Calendar(zone="UTC", week="Mo-Fr 09:00-17:00")
    index, read = counted(size)
    for n in range(20):
        index.add(Agent(id=f"s{n}", shift=shift), Workload())
    pick(index, PLAIN, NINE)
    read.clear()
    assert pick(index, PLAIN, NINE + 9 * 60 * MINUTE) is not None
    assert pick(index, PLAIN, NINE + 24 * 60 * MINUTE) is not None
    assert read == []
