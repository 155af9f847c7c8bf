from __future__ import annotations

from datetime import timedelta

from tests.documents.examples import problems, read

from entitlements.calendars import Calendar
from entitlements.documents import parse_facts, write_facts
from entitlements.documents.sections.roster import AGENT

AGENTS = """
agents: [{id: ada}, {id: bob}]
on_call:
  - id: nights
    layers:
      - {members: [ada, bob], start: 2026-03-02T09:00Z, every: 168h, zone: Europe/Berlin}
    overrides: [{span: {start: 2026-03-03T00:00Z, end: 2026-03-04T00:00Z}, agents: bob}]
roster:
  assignment_count: 4
  workloads:
    ada: {held: {R-1: {requires: {skills: oracle}, since: 2026-03-02T10:00Z}}, assignment_number: 4}
"""


def test_an_agent_has_short_forms() -> None:
    agent = read(AGENT, "{id: ada, groups: db, skills: [oracle], capacity: 3, channels: phone, rate_limit: 2, shift: always}")  # fmt: skip # noqa: E501 - one value
    assert agent.groups == {"db"}
    assert agent.skills == {"oracle": 1}
    assert agent.capacity == {"work": 3}
    assert agent.channels == {"phone": None}
    assert agent.rate_limit.count == 2
    assert agent.shift == Calendar.always()


def test_workloads_and_on_call_schedules_are_kept() -> None:
    facts = parse_facts(AGENTS)
    assert facts.roster.holder("R-1") == "ada"
    assert facts.roster.on_call["nights"].layers[0].every == timedelta(days=7)
    assert parse_facts(write_facts(facts)) == facts


def test_agents_on_call_together_are_a_list_in_the_list() -> None:
    text = AGENTS.replace("members: [ada, bob]", "members: [[ada, bob], bob]")
    facts = parse_facts(text)
    assert facts.roster.on_call["nights"].layers[0].members == (("ada", "bob"), ("bob",))
    assert parse_facts(write_facts(facts)) == facts
    assert parse_facts(write_facts(parse_facts(AGENTS))) == parse_facts(AGENTS)


def test_agents_that_are_referred_to_must_be_defined() -> None:
    assert "no agent has the name `bbo`" in problems(AGENTS.replace("[ada, bob]", "[ada, bbo]"))[0]
    assert "no agent has the name `eve`" in problems(AGENTS.replace("    ada: {held", "    eve: {held"))[0]  # fmt: skip # noqa: E501 - one value
