"""Presence is valid between two timers, and updated at each."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.calendars import Calendar
from entitlements.kernel.errors import NotCoveredError
from entitlements.kernel.instants import to_micros, utc
from entitlements.kernel.periods.spans import Span
from entitlements.routing import Agent, Requirement, Roster, Workload
from entitlements.routing.eligibility.eligibility import is_available, obstacles
from entitlements.routing.eligibility.obstacles import ObstacleKind
from entitlements.routing.live.agents.attendance import Attendance
from entitlements.routing.live.agents.indexed_agent import IndexedAgent
from entitlements.testing.strategies.routing import instants, rosters


@given(rosters(), st.lists(instants(), min_size=1, max_size=12), st.sampled_from([True, False]))
def test_presence_is_what_the_rules_say_at_any_instant(
    roster: Roster,
    moments: list[datetime],
    rising: bool,  # noqa: FBT001 - drawn
) -> None:
    moments = sorted(moments) if rising else moments
    touched: set[str] = set()
    agents = {
        id: IndexedAgent(agent, roster.workload(id), slot)
        for slot, (id, agent) in enumerate(roster.agents.items())
    }
    attendance = Attendance(agents, lambda agent, _: touched.add(agent.id))
    for agent in agents.values():
        attendance.enter(agent)
    for at in map(to_micros, moments):
        if not attendance.start <= at < attendance.end:
            before = {id: agent.present for id, agent in agents.items()}
            attendance.advance(at)
            assert {id for id in agents if agents[id].present is not before[id]} <= touched
        for agent in agents.values():
            assert agent.present == is_available(agent, Requirement(), at)
            kinds = {each.kind for each in obstacles(agent, Requirement(), at)}
            assert agent.retired == (ObstacleKind.NEVER_ON_DUTY in kinds)
        assert attendance.present == sum(each.bit for each in agents.values() if each.present)
        assert attendance.retired == sum(each.bit for each in agents.values() if each.retired)
        assert attendance.start <= at < attendance.end


def test_timers_of_removed_agents_are_dropped() -> None:
    agents: dict[str, IndexedAgent] = {}
    attendance = Attendance(agents, lambda *_: None)
    attendance.advance(to_micros(utc("2026-03-02T08:00Z")))
    absence = Span("2026-03-03T00:00Z", "2027-03-03T00:00Z")
    for n in range(2_000):
        desk = Calendar(zone="UTC", week="Mo-Fr 09:00-17:00", name=f"{n}")
        changed = (Agent(id="ada", shift=desk), Agent(id="bob", shift=desk, absences=[absence]))
        for agent in changed:
            if agent.id in agents:
                attendance.leave(agents.pop(agent.id))
            agents[agent.id] = IndexedAgent(agent, Workload())
            attendance.enter(agents[agent.id])
    assert len(attendance) < 200
    present = []
    for at in ("2026-03-02T10:00Z", "2026-03-02T17:00Z", "2026-03-03T09:00Z"):
        attendance.advance(to_micros(utc(at)))
        present.append((agents["ada"].present, agents["bob"].present))
    assert present == [(True, True), (False, False), (True, False)]


def test_the_next_change_is_the_next_edge_of_a_shift_an_absence_or_a_return() -> None:
    nine = to_micros(utc("2026-03-02T09:00Z"))
    hour = 3_600_000_000
    desk = Calendar(zone="UTC", week="Mo-Fr 08:00-17:00")
    absence = Span("2026-03-02T11:00Z", "2026-03-02T12:00Z")
    away = Workload(away=True, back="2026-03-02T10:00Z")
    agents = {
        "ada": IndexedAgent(Agent(id="ada", shift=desk), Workload(), 0),
        "bob": IndexedAgent(Agent(id="bob", absences=[absence]), Workload(), 1),
        "eve": IndexedAgent(Agent(id="eve"), away, 2),
    }
    attendance = Attendance(agents, lambda *_: None)
    for agent in agents.values():
        attendance.enter(agent)
    found, at = [], nine
    for _ in range(4):
        at = attendance.next_change(at)
        found.append((at - nine) // hour)
    assert found == [1, 2, 3, 8]
    attendance.leave(agents.pop("bob"))
    assert attendance.next_change(nine + hour) == nine + 8 * hour


class Uncovered:
    """A shift whose calendar ends at an instant."""

    def __init__(self, end: int) -> None:
        self.end = end

    def is_open(self, at: int) -> bool:
        if at >= self.end:
            raise NotCoveredError("no holidays")
        return True

    def next_open(self, _: int) -> int | None:
        return None

    def next_close(self, at: int) -> int | None:
        return self.end if at < self.end else None


def test_after_a_calendar_that_does_not_cover_an_instant_earlier_ones_are_still_right() -> None:
    agent = IndexedAgent(Agent(id="ada"), Workload())
    agent.duty.timeline = Uncovered(100)
    attendance = Attendance({"ada": agent}, lambda *_: None)
    attendance.enter(agent)
    attendance.advance(5)
    assert agent.present
    for _ in range(2):
        with pytest.raises(NotCoveredError):
            attendance.advance(200)
        attendance.advance(7)
        assert agent.present
