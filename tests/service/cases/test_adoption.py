import json
from datetime import timedelta

import attrs
import pytest
from tests.service.cases.test_admission import case_of, item_of, left
from tests.service.desks import MINUTE, MONDAY, POLICY, TENANT, admitted, request, topics

from entitlements.adapters.memory import MemoryStore
from entitlements.contracts import Unit
from entitlements.kernel.errors import (
    DuplicateIdError,
    InvalidValueError,
    TransitionError,
    UnknownIdError,
)
from entitlements.routing.offers.lifecycle import WorkStatus
from entitlements.service import AdoptCase, AssignCase, Desk, Reply, ReplyResult, ResolveCase
from entitlements.sla import CaseStatus, Event, History, measure

OPENED = Event.opened(MONDAY, severity="S1", channel="phone")
ANSWERED = Event.responded(MONDAY + 90 * MINUTE)
NOW = MONDAY + timedelta(hours=4)

MINUTES = Unit.MINUTES


def adopt(at_desk: Desk, *events: Event, **more: object) -> Reply:
    fields: dict[str, object] = {"contract": "C-minutes", "line": "1", "group": "experts"}
    asked = request(customer="minutes")
    command = AdoptCase(id="k", request=asked, events=events, **(fields | more))  # type: ignore[arg-type]
    return at_desk.execute(command, NOW)


def test_an_adopted_case_has_the_clocks_of_its_events(at_desk: Desk) -> None:
    assert adopt(at_desk, OPENED, ANSWERED).result is ReplyResult.ADOPTED
    measured = at_desk.clocks("R-1", NOW)
    assert measured == measure(POLICY, History([OPENED, ANSWERED]), NOW)
    assert measured["first_response"].state == "missed"
    case = case_of(at_desk, "R-1")
    assert (case.opened, case.status, case.severity) == (MONDAY, CaseStatus.OPEN, "S1")


def test_nothing_is_decided_reserved_or_announced(at_desk: Desk) -> None:
    before = left(at_desk, "minutes", MINUTES)
    adopt(at_desk, OPENED, ANSWERED)
    assert topics(at_desk) == ["case.adopted"], "no warning and no breach of the past"
    assert left(at_desk, "minutes", MINUTES) == before
    at_desk.execute(ResolveCase(id="r", case="R-1"), NOW + MINUTE)
    assert left(at_desk, "minutes", MINUTES) == before, "its units were counted where it was opened"
    with pytest.raises(UnknownIdError, match="no decision"):
        at_desk.explain("R-1")


def test_the_adoption_is_recorded_and_replay_works_its_terms_and_clocks_out_again(
    at_desk: Desk,
) -> None:
    adopt(at_desk, OPENED, ANSWERED, by="lee", origin="zendesk 4711")
    at_desk.execute(ResolveCase(id="r", case="R-1"), NOW + MINUTE)
    (again,) = at_desk.replay("R-1")
    assert (again.same, again.differs) == (True, ())
    assert list(at_desk.replay_all()) == [again]
    recorded = json.loads(again.outcome_then)
    assert recorded["stated"]["origin"] == "zendesk 4711"
    assert [each["kind"] for each in recorded["events"]] == ["opened", "responded"]
    assert recorded["milestones"]["first_response"] == "missed"
    assert recorded["terms"]["contract"] == "C-minutes"


def test_a_record_that_was_forged_does_not_replay(at_desk: Desk) -> None:
    adopt(at_desk, OPENED, ANSWERED)
    (link,) = at_desk.context.query(lambda work: work.decisions.links())
    body = link.body.replace("missed", "met")
    assert body != link.body
    with at_desk.context.store.begin(TENANT) as work:
        work.decisions.append(attrs.evolve(link, number=2, previous=link.digest, body=body))
        work.commit()
    assert [each.same for each in at_desk.replay("R-1")] == [True, False]


def test_an_adopted_case_is_explained_without_a_decision(at_desk: Desk) -> None:
    adopt(at_desk, OPENED, ANSWERED, by="lee", origin="zendesk 4711")
    lines = at_desk.explain_case("R-1", NOW).lines
    assert [each.key for each in lines][:3] == [
        "agent.adopted",
        "agent.adopted_from",
        "agent.adopted_by",
    ]
    assert "with its history (events: 2)" in lines[0].text
    texts = [
        at_desk.explain_case("R-1", NOW, audience="customer", language=each).lines[0].text
        for each in ("en", "de", "es")
    ]
    assert all("db" in each and "lee" not in each and "zendesk" not in each for each in texts)
    assert len(set(texts)) == 3


def test_the_work_of_an_open_case_is_queued(at_desk: Desk) -> None:
    adopt(at_desk, OPENED)
    item = item_of(at_desk, "R-1")
    assert (item.state.status, item.work.rank) == (WorkStatus.QUEUED, 0)
    assert item.work.due == MONDAY + timedelta(hours=1)
    given = AssignCase(id="a", case="R-1", agent="ada")
    assert at_desk.execute(given, NOW).result is ReplyResult.ASSIGNED


@pytest.mark.parametrize(
    ("events", "group"), [((OPENED, Event.resolved(NOW)), "experts"), ((OPENED,), None)]
)
def test_a_case_that_has_ended_or_is_done_elsewhere_has_no_work(
    at_desk: Desk, events: tuple[Event, ...], group: str | None
) -> None:
    adopt(at_desk, *events, group=group)
    with pytest.raises(UnknownIdError):
        item_of(at_desk, "R-1")
    assert case_of(at_desk, "R-1").closed == (NOW if len(events) > 1 else None)
    at_desk.execute(ResolveCase(id="r", case="R-1"), NOW + MINUTE) if group is None else None


def test_a_case_is_adopted_once(at_desk: Desk) -> None:
    first = adopt(at_desk, OPENED)
    assert adopt(at_desk, OPENED) == first
    admitted(at_desk, request("R-2"))
    asked = request("R-2", "minutes")
    again = AdoptCase(id="k2", request=asked, events=[OPENED], contract="C-minutes", line="1")
    with pytest.raises(DuplicateIdError):
        at_desk.execute(again, NOW)


@pytest.mark.parametrize(
    ("events", "more", "error", "why"),
    [
        ([], {}, InvalidValueError, "do not begin with `opened`"),
        ([ANSWERED], {}, InvalidValueError, "do not begin with `opened`"),
        ([OPENED, Event.resumed(NOW)], {}, InvalidValueError, "`resumed` cannot happen"),
        ([OPENED, Event.responded(NOW + timedelta(hours=1))], {}, TransitionError, "yet"),
        ([OPENED], {"line": "9"}, UnknownIdError, "contract line has the id `C-minutes 9`"),
        ([OPENED], {"group": "nobody"}, UnknownIdError, "nobody"),
    ],
)
def test_what_cannot_be_adopted_is_named(
    store: MemoryStore,
    at_desk: Desk,
    events: list[Event],
    more: dict[str, object],
    error: type[Exception],
    why: str,
) -> None:
    with pytest.raises(error, match=why):
        adopt(at_desk, *events, **more)
    with store.begin(TENANT) as work:
        assert work.cases.of("minutes") == ()
