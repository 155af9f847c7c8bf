"""Cases and rosters hold fixed what a user states, and are otherwise any."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st
from tests.effort import tries

from entitlements.kernel.errors import InvalidValueError
from entitlements.routing import Agent, Roster
from entitlements.sla import Event, History, SlaPolicy, Target, measure
from entitlements.testing.strategies.by_type import histories, rosters

HOUR = timedelta(hours=1)
POLICY = SlaPolicy(
    id="gold",
    targets=[
        Target(milestone="first_response", within=HOUR, severities=["P1"], channels=["pager"]),
        Target(milestone="first_response", within=4 * HOUR, severities=["P2"]),
    ],
)
NO_DATABASE = settings(database=None, deadline=None, max_examples=tries(15))


@NO_DATABASE
@given(histories(severities=["P1", "P2"]))
def test_a_case_has_the_severities_that_are_given(history: History) -> None:
    assert {each.severity for each in history.events if each.severity} <= {"P1", "P2"}


@NO_DATABASE
@given(histories(policy=POLICY))
def test_a_case_of_a_policy_can_be_measured_by_it(history: History) -> None:
    opened = next(each for each in history.events if each.kind == "opened")
    assert opened.severity == "P2" or (opened.severity, opened.channel) == ("P1", "pager")
    assert measure(POLICY, history, history.events[-1].at)["first_response"].target is not None


def test_a_severity_without_a_target_is_a_mistake() -> None:
    with pytest.raises(InvalidValueError, match="no target for any of these severities"):
        histories(policy=POLICY, severities=["P9"])


def test_a_failure_shrinks_to_the_opening_and_one_event() -> None:
    found = find(
        histories(policy=POLICY, severities=["P2"]),
        lambda each: any(event.kind == "resolved" for event in each.events),
        settings=settings(database=None, max_examples=500),
    )
    opened, resolved = found.events
    at = "2026-03-26T06:00:00Z"
    assert opened == Event.opened(at, severity="P2", channel="pager")
    assert resolved == Event.resolved(at)


@NO_DATABASE
@given(st.data())
def test_a_roster_has_the_groups_and_agents_that_are_given(data: st.DataObject) -> None:
    some = data.draw(rosters(groups=["dba", "front"], agents=["ada", "bob"]))
    assert list(some.agents) == ["ada", "bob"]
    assert all(each.groups and each.groups <= {"dba", "front"} for each in some.agents.values())
    assert len(data.draw(rosters(most=2)).agents) <= 2


def test_a_roster_shrinks_to_one_agent_in_the_first_group() -> None:
    found = find(rosters(groups=["dba"], agents=["ada"]), lambda _: True)
    assert isinstance(found, Roster)
    assert found.agent("ada") == Agent(id="ada", groups=["dba"], capacity={"work": None})
