"""The explanation of a stored case, for a customer and for agents, while work goes on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.service.desks import MONDAY, accepted_case, admitted, desk, request, settle

from entitlements.adapters.memory import MemoryStore
from entitlements.kernel.errors import UnknownIdError
from entitlements.service import AdmitRequest, DeclineOffer, Desk, OfferCase, RecordEvent
from entitlements.service.cases.case_explanation import case_to_explain
from entitlements.sla import Event

STEP = timedelta(seconds=10)


def a_desk() -> Desk:
    store = MemoryStore()
    settle(store)
    return desk(store)


def told(at_desk: Desk, steps: int, audience: str) -> list[str]:
    at = MONDAY + steps * STEP
    text = at_desk.explain_case("R-1", at, audience=audience, zone="Europe/Berlin")
    return [line.partition(" Monday,")[0] for line in str(text).splitlines()]


def test_agents_read_who_has_the_work_since_when_and_who_else_could_take_it() -> None:
    at_desk = a_desk()
    agent, _ = accepted_case(at_desk, request())
    assert agent == "ada"
    text = str(at_desk.explain_case("R-1", MONDAY + STEP)).splitlines()
    since = MONDAY.strftime("%Y-%m-%dT%H:%M:00Z")
    assert f"Work: accepted, by ada since {since}." in text
    # Ada had work later than Bob, so that by the present roster it would be his turn.
    assert text[-1].endswith("`R-1` goes to `bob`; ada: eligible, rank 2; bob: chosen.")


def test_agents_read_who_declined_and_to_whom_the_work_is_offered() -> None:
    at_desk = a_desk()
    admitted(at_desk, request())
    fences = at_desk.execute(OfferCase(id="o", case="R-1", agents=["ada"]), MONDAY).fences
    busy = DeclineOffer(id="d", case="R-1", agent="ada", fence=fences["ada"], reason="busy")
    at_desk.execute(busy, MONDAY + STEP)
    at_desk.execute(OfferCase(id="o2", case="R-1", agents=["bob"]), MONDAY + 2 * STEP)
    lines = told(at_desk, 3, "agent")
    assert "Work: offered." in lines
    assert "  Offered to bob at" in lines
    assert "  ada declined it at" in lines
    assert any(": busy" in each.text for each in at_desk.explain_case("R-1", MONDAY).lines)


def test_customers_read_where_their_case_is_and_no_names() -> None:
    at_desk = a_desk()
    admitted(at_desk, request())
    assert told(at_desk, 0, "customer")[-1] == "Your case waits for the next free expert."
    accept = OfferCase(id="o", case="R-1"), MONDAY
    fences = at_desk.execute(*accept).fences
    assert set(fences) == {"ada"}
    answered = Event.responded(MONDAY + STEP)
    at_desk.execute(RecordEvent(id="k", case="R-1", event=answered), MONDAY + STEP)
    lines = told(at_desk, 2, "customer")
    assert "First response: done in time, on" in lines
    assert "ada" not in " ".join(lines)


def test_auditors_read_how_the_time_was_used() -> None:
    at_desk = a_desk()
    admitted(at_desk, request())
    agents, auditors = (at_desk.explain_case("R-1", MONDAY, audience=each) for each in
                        ("agent", "auditor"))  # fmt: skip
    assert auditors.lines[: len(agents.lines)] == agents.lines
    assert {each.key for each in auditors.lines[len(agents.lines) :]} == {"auditor.time_use"}


def test_a_denied_request_has_its_decision_and_no_work() -> None:
    at_desk = a_desk()
    at_desk.execute(AdmitRequest(id="k", request=request(contact="mallory")), MONDAY)
    found = case_to_explain(at_desk.context, at_desk.explain("R-1"), None)
    assert (found.readings, found.state, found.route) == ((), None, None)
    assert "We cannot accept your request as it is:" in told(at_desk, 0, "customer")
    with pytest.raises(UnknownIdError):
        at_desk.explain_case("R-9")
