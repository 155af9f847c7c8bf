"""The explanation of a stored case, for a customer and for agents, while work goes on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.service.desks import MONDAY, TENANT, accepted_case, admitted, desk, request, settle

from entitlements.adapters.memory import MemoryStore
from entitlements.kernel.errors import UnknownIdError
from entitlements.routing import Agent, AssignmentOverride, Roster
from entitlements.service import (
    AdmitRequest,
    AssignCase,
    DeclineOffer,
    Desk,
    OfferCase,
    RecordEvent,
    ResolveCase,
    Worker,
)
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


def test_agents_read_who_has_the_work_and_why_it_was_that_agent_whatever_happened_since() -> None:
    store = MemoryStore()
    settle(store)
    at_desk = desk(store)
    agent, _ = accepted_case(at_desk, request())
    assert agent == "ada"
    since = MONDAY.strftime("%Y-%m-%dT%H:%M:00Z")
    before = str(at_desk.explain_case("R-1", MONDAY + STEP)).splitlines()
    assert f"Work: accepted, by ada since {since}." in before
    # Ada had work later than Bob, so that by the present roster it would be his turn.
    how = "by least loaded, longest idle: ada: chosen; bob: eligible, rank 2."
    assert before[-1] == f"  ada was chosen of 2 at {since}, {how}"
    with store.begin(TENANT) as work:
        present = work.roster.roster()
        work.roster.change(present, present.set_status("bob", MONDAY, away=True))
        work.commit()
    at_desk.execute(ResolveCase(id="end", case="R-1", by="ada"), MONDAY + 2 * STEP)
    after = str(at_desk.explain_case("R-1", MONDAY + 3 * STEP)).splitlines()
    assert before[-1] in after


def test_in_a_large_group_agents_read_who_came_second_and_why() -> None:
    store = MemoryStore(lambda: MONDAY)
    settle(store, Roster(agents=[Agent(id=f"a{n:02}", groups=["experts"]) for n in range(20)]))
    at_desk = desk(store)
    for number in range(2):
        admitted(at_desk, request(f"R-{number}"))
    at_desk.execute(OfferCase(id="o", case="R-0"), MONDAY)
    Worker(store, "w").round()
    lines = [str(at_desk.explain_case(f"R-{n}", MONDAY + STEP)).splitlines()[-1] for n in range(2)]
    assert [each.partition(", by least loaded, longest idle; ")[2] for each in lines] == [
        "a01 came second, by id: a00 before a01.",
        "a02 came second, by id: a01 before a02.",
    ]


def test_agents_read_which_agent_was_named_and_who_allowed_it() -> None:
    at_desk = a_desk()
    admitted(at_desk, request())
    allowed = AssignmentOverride(by="lee", reason="knows the customer")
    at_desk.execute(AssignCase(id="a", case="R-1", agent="bob", override=allowed), MONDAY)
    lines = str(at_desk.explain_case("R-1", MONDAY)).splitlines()
    assert lines[-2].startswith("  A command named bob at ")
    assert lines[-1] == "  Assigned by lee, who set the rules aside: knows the customer"


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


@pytest.mark.parametrize(
    ("audience", "language", "text"),
    [
        (
            "agent",
            "en",
            (
                "At 2026-03-02T08:59:50Z the case was not open yet; it was opened at "
                "2026-03-02T09:00:00Z."
            ),
        ),
        (
            "auditor",
            "en",
            (
                "At 2026-03-02T08:59:50Z the case was not open yet; it was opened at "
                "2026-03-02T09:00:00Z."
            ),
        ),
        (
            "customer",
            "en",
            (
                "Your case was not open yet on Monday, 2 March 2026, 08:59:50 UTC. "
                "It was opened on Monday, 2 March 2026, 09:00 UTC."
            ),
        ),
        (
            "customer",
            "de",
            (
                "Ihr Fall war am Montag, 2. März 2026, 08:59:50 Uhr UTC noch nicht "
                "eröffnet. Er wurde am Montag, 2. März 2026, 09:00 Uhr UTC eröffnet."
            ),
        ),
        (
            "customer",
            "es",
            (
                "Su caso aún no estaba abierto el lunes 2 de marzo de 2026, 08:59:50 "
                "UTC. Se abrió el lunes 2 de marzo de 2026, 09:00 UTC."
            ),
        ),
    ],
)
def test_before_its_opening_a_case_was_not_open_yet_and_has_no_later_work(
    audience: str, language: str, text: str
) -> None:
    at_desk = a_desk()
    accepted_case(at_desk, request())
    found = at_desk.explain_case("R-1", MONDAY - STEP, audience=audience, language=language)
    assert [each.text for each in found.lines] == [text]
    opened = at_desk.explain_case("R-1", MONDAY, audience=audience, language=language)
    assert len(opened.lines) > 1


def test_before_it_was_denied_a_request_was_not_made_yet() -> None:
    at_desk = a_desk()
    at_desk.execute(AdmitRequest(id="k", request=request(contact="mallory")), MONDAY)
    assert [each.key for each in at_desk.explain_case("R-1", MONDAY - STEP).lines] == [
        "agent.not_asked_yet"
    ]


def test_a_worker_records_whom_it_compared_for_each_offer_of_a_batch() -> None:
    store = MemoryStore(lambda: MONDAY)
    settle(store)
    at_desk, ids = desk(store), ["R-1", "R-2", "R-3"]
    for id in ids:
        admitted(at_desk, request(id))
    assert Worker(store, "w").round().offered == 3
    with store.begin(TENANT) as work:
        found = [work.work_items.item(id).selections for id in ids]
    assert [[each.agent for each in one] for one in found] == [["ada"], ["bob"], ["ada"]]
    ranks = [[each.rank for each in one[0].considered] for one in found]
    assert ranks == [[1, 2], [2, 1], [1, 2]], "each offer counts for those after it"
    why = "  ada was chosen of 2 at"
    assert any(each.startswith(why) for each in str(at_desk.explain_case("R-3")).splitlines())
