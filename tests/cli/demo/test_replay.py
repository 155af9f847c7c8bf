from __future__ import annotations

from datetime import timedelta

import attrs
from tests.engine.worlds import facts, request

from entitlements import Assigned, Denied, Granted
from entitlements.cli.demo.replay import answer_in_order
from entitlements.cli.demo.traffic import GeneratedRequest
from entitlements.kernel import utc
from entitlements.routing import Agent, Roster

MONDAY = utc("2026-03-02T09:00Z")


def question(number: int, minutes: int, **changes: object) -> GeneratedRequest:
    return GeneratedRequest(
        request=request(id=f"R-{number}", **changes),
        at=MONDAY + timedelta(minutes=minutes),
        effort=timedelta(minutes=30),
    )


def test_nothing_asked_is_nothing_answered() -> None:
    assert list(answer_in_order(facts(), [])) == []


def test_a_prepaid_case_is_used_by_the_first_request() -> None:
    prepaid = {"customer": "blox", "channel": "web"}
    first, second = answer_in_order(facts(), [question(1, 0, **prepaid), question(2, 5, **prepaid)])
    assert isinstance(first.decision, Granted)
    assert isinstance(second.decision, Denied)
    assert [each.value for each in second.decision.reasons] == ["allowance_spent"]


def test_an_agent_with_work_is_busy_until_it_is_done() -> None:
    alone = Roster(agents=[Agent(id="ada", groups=["dba"], capacity=1)])
    asked = [question(1, 0), question(2, 29), question(3, 31)]
    agents = [each.agent for each in answer_in_order(facts(roster=alone), asked)]
    assert agents == ["ada", None, "ada"]


def test_a_deferred_request_is_not_assigned_yet() -> None:
    alone = Roster(agents=[Agent(id="ada", groups=["dba"], capacity=1)])
    asked = [question(1, -120), question(2, 0)]
    early, later = answer_in_order(facts(roster=alone), asked)
    assert (early.agent, later.agent) == ("ada", "ada")
    assert isinstance(later.route, Assigned)


def test_the_facts_stay_as_they_were() -> None:
    world = facts()
    before = attrs.evolve(world)
    list(answer_in_order(world, [question(1, 0), question(2, 1, customer="blox", channel="web")]))
    assert world == before
