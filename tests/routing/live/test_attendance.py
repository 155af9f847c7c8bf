"""Presence is valid between two timers, and updated at each."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from entitlements.calendars import Calendar
from entitlements.kernel.instants import to_micros, utc
from entitlements.kernel.spans import Span
from entitlements.routing import Agent, Requirement, Roster, Workload
from entitlements.routing.eligibility.eligibility import is_available
from entitlements.routing.live.agent_queues import IndexedAgent
from entitlements.routing.live.attendance import Attendance
from entitlements.testing.strategies.routing import instants, rosters


@given(rosters(), st.lists(instants(), min_size=1, max_size=12), st.sampled_from([True, False]))
def test_presence_is_what_the_rules_say_at_any_instant(
    roster: Roster,
    moments: list[datetime],
    rising: bool,  # noqa: FBT001 - drawn
) -> None:
    moments = sorted(moments) if rising else moments
    touched: set[str] = set()
    agents = {id: IndexedAgent(agent, roster.workload(id)) for id, agent in roster.agents.items()}
    attendance = Attendance(agents, lambda agent: touched.add(agent.id))
    for agent in agents.values():
        attendance.enter(agent)
    for at in map(to_micros, moments):
        if not attendance.start <= at < attendance.end:
            before = {id: agent.present for id, agent in agents.items()}
            attendance.advance(at)
            assert {id for id in agents if agents[id].present is not before[id]} <= touched
        for agent in agents.values():
            assert agent.present == is_available(agent, Requirement(), at)
        assert attendance.start <= at < attendance.end


def test_timers_of_removed_agents_are_dropped() -> None:
    agents: dict[str, IndexedAgent] = {}
    attendance = Attendance(agents, lambda _: None)
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
