from datetime import timedelta

import pytest
from tests.service.cases.agents.test_offer_commands import load
from tests.service.cases.test_admission import SATURDAY, item_of
from tests.service.desks import MINUTE, MONDAY, accepted_case, admitted, request, topics

from entitlements.kernel.errors import ConflictError, TransitionError, UnknownIdError
from entitlements.routing import AssignmentOverride
from entitlements.routing.offers.lifecycle import WorkStatus
from entitlements.service import (
    AcceptOffer,
    AssignCase,
    Desk,
    OfferCase,
    Reply,
    ReplyResult,
    ResolveCase,
    TransferCase,
)

GRACE = AssignmentOverride(by="grace", reason="on call")


def assign(at_desk: Desk, agent: str, minutes: int = 1, **more: object) -> Reply:
    command = AssignCase(id=f"assign {agent} {minutes}", case="R-1", agent=agent, **more)  # type: ignore[arg-type]
    return at_desk.execute(command, MONDAY + minutes * MINUTE)


def assignee(at_desk: Desk) -> tuple[WorkStatus, str | None]:
    state = item_of(at_desk, "R-1").state
    return state.status, state.assignee


def test_an_agent_takes_waiting_work_in_one_command(at_desk: Desk) -> None:
    admitted(at_desk, request())
    reply = assign(at_desk, "bob")
    assert (reply.result, dict(reply.fences)) == (ReplyResult.ASSIGNED, {"bob": 1})
    assert assignee(at_desk) == (WorkStatus.ACCEPTED, "bob")
    assert topics(at_desk) == ["case.granted", "offer.accepted"], "nobody has to answer an offer"
    assert load(at_desk) == {"ada": 0, "bob": 1}
    again = assign(at_desk, "bob", 2)
    assert dict(again.fences) == {"bob": 1}, "the agent has it already"
    assert topics(at_desk) == ["case.granted", "offer.accepted"]


def test_work_is_given_from_one_agent_to_another(at_desk: Desk) -> None:
    agent, fence = accepted_case(at_desk, request())
    other = {"ada": "bob", "bob": "ada"}[agent]
    assert assign(at_desk, other).fences[other] > fence
    assert assignee(at_desk) == (WorkStatus.ACCEPTED, other)
    assert load(at_desk) == {agent: 0, other: 1}
    with pytest.raises(ConflictError):
        at_desk.execute(TransferCase(id="late", case="R-1", fence=fence), MONDAY + 5 * MINUTE)


def test_an_assignment_overtakes_open_offers(at_desk: Desk) -> None:
    admitted(at_desk, request())
    offer = OfferCase(id="o", case="R-1", agents=["ada"])
    (fence,) = at_desk.execute(offer, MONDAY).fences.values()
    soon = MONDAY + timedelta(seconds=5)
    at_desk.execute(AssignCase(id="a", case="R-1", agent="bob"), soon)
    assert assignee(at_desk) == (WorkStatus.ACCEPTED, "bob")
    with pytest.raises((ConflictError, TransitionError)):
        at_desk.execute(AcceptOffer(id="x", case="R-1", agent="ada", fence=fence), soon)
    assert load(at_desk) == {"ada": 0, "bob": 1}


def test_an_offer_to_the_agent_is_accepted(at_desk: Desk) -> None:
    admitted(at_desk, request())
    at_desk.execute(OfferCase(id="o", case="R-1", agents=["ada", "bob"]), MONDAY)
    soon = MONDAY + timedelta(seconds=5)
    reply = at_desk.execute(AssignCase(id="a", case="R-1", agent="bob"), soon)
    assert dict(reply.fences) == {"bob": 2}
    assert load(at_desk) == {"ada": 0, "bob": 1}


def test_an_offer_that_has_expired_is_no_obstacle(at_desk: Desk) -> None:
    admitted(at_desk, request())
    at_desk.execute(OfferCase(id="o", case="R-1", agents=["bob"]), MONDAY)
    assert dict(assign(at_desk, "bob", 5).fences) == {"bob": 2}
    assert "offer.expired" in topics(at_desk)


def test_only_eligible_agents_get_work_without_an_override(at_desk: Desk) -> None:
    admitted(at_desk, request(customer="elsewhere"))
    with pytest.raises(ConflictError, match="ada"):
        assign(at_desk, "ada")
    with pytest.raises(UnknownIdError, match="carol"):
        assign(at_desk, "carol")
    assert assignee(at_desk) == (WorkStatus.QUEUED, None)
    assert assign(at_desk, "ada", override=GRACE).result is ReplyResult.ASSIGNED
    assert item_of(at_desk, "R-1").state.assignee == "ada"


def test_work_that_has_ended_is_not_assigned(at_desk: Desk) -> None:
    accepted_case(at_desk, request())
    at_desk.execute(ResolveCase(id="r", case="R-1"), MONDAY + MINUTE)
    with pytest.raises(TransitionError, match=r"cannot be assigned .reopen the case if it was"):
        assign(at_desk, "bob", 2)


def test_work_whose_right_is_not_open_needs_an_override(at_desk: Desk) -> None:
    admitted(at_desk, request(customer="daytime"), SATURDAY)
    command = AssignCase(id="a", case="R-1", agent="ada")
    with pytest.raises(TransitionError, match="opens at"):
        at_desk.execute(command, SATURDAY + MINUTE)
    given = AssignCase(id="b", case="R-1", agent="ada", override=GRACE)
    assert at_desk.execute(given, SATURDAY + MINUTE).result is ReplyResult.ASSIGNED
