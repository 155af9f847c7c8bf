"""Lines about cases: assignments by override, and a language for customers."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest
from tests.engine.worlds import facts, request

from entitlements.engine import Engine, catalogue_of
from entitlements.engine.explanation.explained import explained_case
from entitlements.engine.explanation.for_cases import ExplainedCase
from entitlements.kernel.instants import utc
from entitlements.routing.agents.assignment_override import AssignmentOverride
from entitlements.routing.agents.workload import AssignedWork
from entitlements.routing.offers.selections import AgentSelection, RunnerUp
from entitlements.routing.offers.work_state import OfferRefusal, WorkState
from entitlements.routing.work.requirements import Requirement
from entitlements.sla import ClockOptions, Event, History, SlaPolicy, Target, measure

MONDAY = utc("2026-03-02T10:00+01:00")
ANSWER = Engine(facts()).assess(request(), MONDAY)


def test_an_override_and_every_refusal_are_said() -> None:
    refusals = (
        OfferRefusal("bob", MONDAY, "at lunch"),
        OfferRefusal("eve", MONDAY),
        OfferRefusal("cid", MONDAY, expired=True),
    )
    state = WorkState(work="R-1", status="in_work", assignee="ada", refusals=refusals)  # type: ignore[arg-type]
    override = AssignmentOverride(by="grace", reason="she knows it")
    case = ExplainedCase(
        answer=ANSWER,
        at=MONDAY,
        state=state,
        assigned=AssignedWork(Requirement(), MONDAY),
        selection=AgentSelection(agent="ada", fence=1, at=MONDAY, override=override),
    )
    lines = str(explained_case(case)).splitlines()
    assert lines[-6:] == [
        "Work: in work, by ada since 2026-03-02T09:00:00Z.",
        "  bob declined it at 2026-03-02T09:00:00Z: at lunch",
        "  eve declined it at 2026-03-02T09:00:00Z.",
        "  cid did not answer; the offer was found expired at 2026-03-02T09:00:00Z.",
        "  A command named ada at 2026-03-02T09:00:00Z.",
        "  Assigned by grace, who set the rules aside: she knows it",
    ]


@pytest.mark.parametrize(("runner_up", "said"), [
    (None, "no other agent could take it."),
    (RunnerUp(agent="bob", key="longest_idle", chosen="never", other="2026-03-02T09:00:00Z"),
     "bob came second, by longest idle: never before 2026-03-02T09:00:00Z."),
    (RunnerUp(agent="bob", key="demoted"), "bob came second, as one whom the work avoids."),
    (RunnerUp(agent="bob", key="preferred"), "bob came second, whom the work prefers less."),
    (RunnerUp(agent="bob", key="sample"), "bob was not in the sample."),
])  # fmt: skip
def test_of_a_large_group_the_runner_up_is_said_and_whom_the_work_preferred(
    runner_up: RunnerUp | None, said: str
) -> None:
    plain = AgentSelection(
        agent="ada", fence=1, at=MONDAY, strategy="longest_idle", agents=90, runner_up=runner_up
    )
    preferred = attrs.evolve(plain, preferred=True)
    cases = (ExplainedCase(answer=ANSWER, at=MONDAY, selection=it) for it in (plain, preferred))
    assert [str(explained_case(each)).splitlines()[-1] for each in cases] == [
        f"  ada was chosen of 90 at 2026-03-02T09:00:00Z, by longest idle; {said}",
        f"  ada was preferred of 90 at 2026-03-02T09:00:00Z, then by longest idle; {said}",
    ]


def test_agents_read_that_a_milestone_is_late_held_or_was_late() -> None:
    policy = SlaPolicy(
        id="hour",
        targets=[
            Target(milestone="first_response", within=timedelta(hours=1)),
            Target(milestone="parts", within=timedelta(hours=2)),
            Target(milestone="resolution", within=timedelta(hours=8)),
        ],
        options=ClockOptions(paused_by={"resolution": ["customer"], "parts": []},
                             while_paused="as_if_resumed"),
    )  # fmt: skip
    events = [
        Event.opened(MONDAY),
        Event.responded(MONDAY + timedelta(hours=3)),
        Event.paused(MONDAY + timedelta(hours=4), "customer"),
    ]
    at = MONDAY + timedelta(hours=9)
    readings = tuple(measure(policy, History(events), at))
    lines = explained_case(ExplainedCase(answer=ANSWER, at=at, readings=readings)).lines
    assert [each.text for each in lines[-3:]] == [
        "First response: missed, reached at 2026-03-02T12:00:00Z, due 2026-03-02T10:00:00Z.",
        "Parts: missed, due 2026-03-02T11:00:00Z, after 2h.",
        "Resolution: paused, due 2026-03-02T22:00:00Z, after 8h.",
    ]


def test_work_that_nobody_holds_any_more_names_its_last_agent() -> None:
    state = WorkState(work="R-1", status="done", assignee="ada")  # type: ignore[arg-type]
    case = ExplainedCase(answer=ANSWER, at=MONDAY, state=state)
    assert str(explained_case(case)).splitlines()[-1] == "Work: done, by ada."


def test_customers_read_it_in_their_language() -> None:
    state = WorkState(work="R-1", status="accepted", assignee="ada")  # type: ignore[arg-type]
    case = ExplainedCase(answer=ANSWER, at=MONDAY, state=state)
    found = explained_case(case, audience="customer", language="de")
    assert found.lines[-1].text == catalogue_of("de").text("customer.in_work")
