import json
from datetime import datetime, timedelta

import pytest
from tests.service.desks import (
    MINUTE,
    MONDAY,
    TENANT,
    admitted,
    desk,
    in_hand,
    messages,
    request,
    topics,
)
from tests.service.test_admission import SATURDAY, placement_of

from entitlements.adapters.memory import MemoryStore
from entitlements.kernel.errors import ConflictError, TransitionError, UnknownIdError
from entitlements.kernel.instants import utc
from entitlements.routing.offers import OfferPolicy, Phase
from entitlements.service import Accept, Admit, Decline, Desk, Offer, Result, Rules, Transfer
from entitlements.service.handovers import inner
from entitlements.testing.laws.desk import accepted_at_most_once, all_or_nothing

SECOND = timedelta(seconds=1)


def fence_of(at_desk: Desk, case: str, agent: str, at: datetime = MONDAY, id: str = "o") -> int:
    return at_desk.do(Offer(id=id, case=case, agents=[agent]), at).fences[agent]


def load(at_desk: Desk) -> dict[str, int]:
    roster = at_desk.office.look(lambda work: work.roster.roster())
    return {id: len(roster.standing(id).held) for id in roster.agents}


def test_routing_chooses_when_nobody_is_named_and_capacity_is_taken_at_once(at_desk: Desk) -> None:
    admitted(at_desk, request())
    reply = at_desk.do(Offer(id="o", case="R-1"), MONDAY)
    assert reply.result is Result.OFFERED
    assert reply.fences == {"ada": 1}
    assert load(at_desk) == {"ada": 1, "bob": 0}
    assert placement_of(at_desk, "R-1").wake == MONDAY + timedelta(seconds=30)


def test_nobody_is_an_answer_that_leaves_no_trace(at_desk: Desk) -> None:
    for number in range(4):
        in_hand(at_desk, request(f"R-{number}"))
    admitted(at_desk, request("R-9"))
    before = topics(at_desk)
    assert at_desk.do(Offer(id="o", case="R-9"), MONDAY).result is Result.NOBODY
    assert topics(at_desk) == before
    assert not at_desk.do(Offer(id="o", case="R-9"), MONDAY).repeated


def test_the_first_to_accept_has_it_and_the_others_hands_are_free(
    store: MemoryStore, at_desk: Desk
) -> None:
    admitted(at_desk, request())
    fences = at_desk.do(Offer(id="o", case="R-1", agents=["ada", "bob"]), MONDAY).fences
    at_desk.do(Accept(id="a", case="R-1", agent="bob", fence=fences["bob"]), MONDAY)
    assert load(at_desk) == {"ada": 0, "bob": 1}
    with pytest.raises(ConflictError, match="fence"):
        at_desk.do(Accept(id="b", case="R-1", agent="ada", fence=fences["ada"]), MONDAY)
    all_or_nothing(store, TENANT)
    accepted_at_most_once(messages(at_desk))


def test_an_offer_that_has_ended_cannot_be_accepted_even_if_nobody_else_has_it(
    at_desk: Desk,
) -> None:
    admitted(at_desk, request())
    fence = fence_of(at_desk, "R-1", "ada")
    at_desk.do(Accept(id="in time", case="R-1", agent="ada", fence=fence), MONDAY + 29 * SECOND)
    admitted(at_desk, request("R-2"))
    fence = fence_of(at_desk, "R-2", "ada", id="o2")
    with pytest.raises(TransitionError, match="ended at"):
        at_desk.do(Accept(id="late", case="R-2", agent="ada", fence=fence), MONDAY + 30 * SECOND)


def test_a_declined_offer_goes_to_somebody_else(at_desk: Desk) -> None:
    admitted(at_desk, request())
    fence = fence_of(at_desk, "R-1", "ada")
    decline = Decline(id="d", case="R-1", agent="ada", fence=fence, reason="lunch")
    assert at_desk.do(decline, MONDAY).result is Result.DECLINED
    assert load(at_desk) == {"ada": 0, "bob": 0}
    assert at_desk.do(Offer(id="again", case="R-1"), MONDAY).fences == {"bob": 2}


def test_work_declined_too_often_is_parked_and_a_person_can_still_offer_it(
    store: MemoryStore,
) -> None:
    strict = desk(store, rules=Rules(offers=OfferPolicy(declines=1)))
    admitted(strict, request())
    fence = fence_of(strict, "R-1", "ada")
    strict.do(Decline(id="d", case="R-1", agent="ada", fence=fence), MONDAY)
    assert placement_of(strict, "R-1").state.phase is Phase.PARKED
    assert "work.parked" in topics(strict)
    assert strict.do(Offer(id="o2", case="R-1", agents=["bob"]), MONDAY).fences == {"bob": 2}


def test_work_is_handed_on_to_another_than_its_giver(store: MemoryStore, at_desk: Desk) -> None:
    agent, fence = in_hand(at_desk, request())
    assert agent == "ada"
    with pytest.raises(ConflictError, match="fence"):
        at_desk.do(Transfer(id="t0", case="R-1", fence=fence + 1), MONDAY + MINUTE)
    reply = at_desk.do(Transfer(id="t", case="R-1", fence=fence), MONDAY + MINUTE)
    assert reply.result is Result.QUEUED
    assert load(at_desk) == {"ada": 0, "bob": 0}
    assert at_desk.do(Offer(id="o2", case="R-1"), MONDAY + MINUTE).fences == {"bob": 2}
    all_or_nothing(store, TENANT)


def test_who_has_no_room_cannot_be_offered_more(at_desk: Desk) -> None:
    for number in range(3):
        admitted(at_desk, request(f"R-{number}"))
    fence_of(at_desk, "R-0", "ada", id="o0")
    fence_of(at_desk, "R-1", "ada", id="o1")
    with pytest.raises(ConflictError, match="no room") as caught:
        fence_of(at_desk, "R-2", "ada", id="o2")
    assert caught.value.field == "agent"
    assert load(at_desk) == {"ada": 2, "bob": 0}


def test_unknown_work_and_unknown_agents_are_named(at_desk: Desk) -> None:
    with pytest.raises(UnknownIdError, match="R-1"):
        at_desk.do(Offer(id="o", case="R-1"), MONDAY)
    admitted(at_desk, request())
    with pytest.raises(UnknownIdError, match="agent"):
        at_desk.do(Offer(id="o", case="R-1", agents=["zoe"]), MONDAY)


def test_messages_say_to_whom_and_under_which_fence(at_desk: Desk) -> None:
    in_hand(at_desk, request())
    bodies = {each.topic: json.loads(each.body) for each in messages(at_desk)}
    assert bodies["offer.made"]["agent"] == bodies["offer.accepted"]["agent"] == "ada"
    assert bodies["offer.made"]["until"] == (MONDAY + 30 * SECOND).isoformat()


def test_steps_of_one_command_have_ids_of_their_own_however_long_it_is() -> None:
    long = "k" * 200
    assert len({inner(long, step) for step in ("start", "finish")} | {inner(long)}) == 3
    assert all(len(inner(long, step)) <= 200 for step in ("start", "finish"))


@pytest.mark.parametrize("id", ["enqueue", "park", "open", "route/1/1", "enqueue/k", "main/k"])
def test_commands_may_have_any_id_whatever_the_steps_of_others_are(at_desk: Desk, id: str) -> None:
    at_desk.do(Admit(id="k", request=request(customer="daytime", severity="S2")), SATURDAY)
    at_desk.sweep(utc("2026-03-09T09:00+01:00"))
    nine = utc("2026-03-09T09:00+01:00")
    assert at_desk.do(Offer(id=id, case="R-1", agents=["ada"]), nine).result == "offered"
    assert at_desk.do(Accept(id="a", case="R-1", agent="ada", fence=1), nine).result == "accepted"
