import json
from collections.abc import Callable
from datetime import datetime, timedelta

import attrs
import pytest
from tests.service.cases.test_admission import SATURDAY, item_of
from tests.service.desks import (
    MINUTE,
    MONDAY,
    TENANT,
    accepted_case,
    admitted,
    desk,
    desk_offering,
    messages,
    request,
    rerouted,
    settle,
    topics,
)

from entitlements.adapters.memory import MemoryStore
from entitlements.calendars import Calendar
from entitlements.documents import parse_facts
from entitlements.kernel.errors import (
    ConflictError,
    InvalidValueError,
    TooEarlyError,
    TransitionError,
    UnknownIdError,
)
from entitlements.kernel.instants import utc
from entitlements.kernel.periods.spans import Span
from entitlements.ports import Store
from entitlements.routing import (
    Agent,
    AssignmentOverride,
    Roster,
    RoutingObligations,
    RoutingPolicy,
    custom_strategy,
)
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.offers.lifecycle import WorkStatus
from entitlements.routing.offers.offer_policy import OfferPolicy
from entitlements.routing.strategies.strategy import SelectionContext
from entitlements.service import (
    AcceptOffer,
    AdmitRequest,
    CancelCase,
    DeclineOffer,
    Desk,
    OfferCase,
    ReplyResult,
    ResolveCase,
    TransferCase,
)
from entitlements.service.cases.agents.offer_commands import step_id
from entitlements.testing.laws.desk import accepted_at_most_once, all_or_nothing

SECOND = timedelta(seconds=1)
SUPERVISOR = AssignmentOverride(by="grace", reason="nobody else is left")


def fence_of(at_desk: Desk, case: str, agent: str, at: datetime = MONDAY, id: str = "o") -> int:
    return at_desk.execute(OfferCase(id=id, case=case, agents=[agent]), at).fences[agent]


def load(at_desk: Desk) -> dict[str, int]:
    roster = at_desk.context.query(lambda work: work.roster.roster())
    return {id: len(roster.workload(id).held) for id in roster.agents}


def test_routing_chooses_when_no_agent_is_named_and_capacity_is_taken_at_once(
    at_desk: Desk,
) -> None:
    admitted(at_desk, request())
    reply = at_desk.execute(OfferCase(id="o", case="R-1"), MONDAY)
    assert reply.result is ReplyResult.OFFERED
    assert reply.fences == {"ada": 1}
    assert load(at_desk) == {"ada": 1, "bob": 0}
    assert item_of(at_desk, "R-1").next_due_at == MONDAY + timedelta(seconds=30)


@pytest.mark.parametrize("command", [AcceptOffer, DeclineOffer])
def test_no_answer_is_dated_before_its_offer(
    at_desk: Desk, command: type[AcceptOffer | DeclineOffer]
) -> None:
    admitted(at_desk, request())
    fence, before = fence_of(at_desk, "R-1", "ada"), topics(at_desk)
    answer = command(id="a", case="R-1", agent="ada", fence=fence)
    with pytest.raises(TooEarlyError, match="`R-1` was not yet offered to `ada`"):
        at_desk.execute(answer, MONDAY - SECOND)
    assert topics(at_desk) == before
    assert at_desk.execute(answer, MONDAY).result in {ReplyResult.ACCEPTED, ReplyResult.DECLINED}


def test_no_case_is_given_back_resolved_or_cancelled_before_its_acceptance(at_desk: Desk) -> None:
    _, fence = accepted_case(at_desk, request())
    before = load(at_desk), topics(at_desk), item_of(at_desk, "R-1")
    for early in (
        TransferCase(id="t", case="R-1", fence=fence),
        ResolveCase(id="s", case="R-1"),
        CancelCase(id="c", case="R-1"),
    ):
        with pytest.raises(TransitionError):
            at_desk.execute(early, MONDAY - SECOND)
        assert (load(at_desk), topics(at_desk), item_of(at_desk, "R-1")) == before


def test_an_offer_without_an_available_agent_changes_nothing(at_desk: Desk) -> None:
    for number in range(4):
        accepted_case(at_desk, request(f"R-{number}"))
    admitted(at_desk, request("R-9"))
    before = topics(at_desk)
    assert at_desk.execute(OfferCase(id="o", case="R-9"), MONDAY).result is ReplyResult.NO_AGENT
    assert topics(at_desk) == before
    assert not at_desk.execute(OfferCase(id="o", case="R-9"), MONDAY).repeated


def test_the_first_agent_to_accept_is_the_assignee_and_the_others_have_free_capacity(
    store: MemoryStore, at_desk: Desk
) -> None:
    admitted(at_desk, request())
    fences = at_desk.execute(OfferCase(id="o", case="R-1", agents=["ada", "bob"]), MONDAY).fences
    at_desk.execute(AcceptOffer(id="a", case="R-1", agent="bob", fence=fences["bob"]), MONDAY)
    assert load(at_desk) == {"ada": 0, "bob": 1}
    with pytest.raises(ConflictError, match="fence"):
        at_desk.execute(AcceptOffer(id="b", case="R-1", agent="ada", fence=fences["ada"]), MONDAY)
    all_or_nothing(store, TENANT)
    accepted_at_most_once(messages(at_desk))


def test_an_expired_offer_cannot_be_accepted_even_if_the_work_is_not_assigned(
    at_desk: Desk,
) -> None:
    admitted(at_desk, request())
    fence = fence_of(at_desk, "R-1", "ada")
    at_desk.execute(
        AcceptOffer(id="in time", case="R-1", agent="ada", fence=fence), MONDAY + 29 * SECOND
    )
    admitted(at_desk, request("R-2"))
    fence = fence_of(at_desk, "R-2", "ada", id="o2")
    with pytest.raises(TransitionError, match="expired at"):
        at_desk.execute(
            AcceptOffer(id="late", case="R-2", agent="ada", fence=fence), MONDAY + 30 * SECOND
        )


def test_declined_work_is_offered_to_another_agent(at_desk: Desk) -> None:
    admitted(at_desk, request())
    fence = fence_of(at_desk, "R-1", "ada")
    decline = DeclineOffer(id="d", case="R-1", agent="ada", fence=fence, reason="lunch")
    assert at_desk.execute(decline, MONDAY).result is ReplyResult.DECLINED
    assert load(at_desk) == {"ada": 0, "bob": 0}
    assert at_desk.execute(OfferCase(id="again", case="R-1"), MONDAY).fences == {"bob": 2}


def test_an_offer_goes_to_whom_the_strategy_of_the_latest_edition_selects(
    store: MemoryStore,
) -> None:
    at_desk = desk(store)
    admitted(at_desk, request())
    admitted(at_desk, request("R-2"))
    assert at_desk.execute(OfferCase(id="o1", case="R-1"), MONDAY).fences == {"ada": 1}
    rerouted(store, RoutingPolicy(strategy=custom_strategy("last", _reversed)))
    assert at_desk.execute(OfferCase(id="o2", case="R-2"), MONDAY).fences == {"bob": 1}


def _reversed(state: AgentState, _: SelectionContext) -> list[int]:
    return [-ord(letter) for letter in state.id]


def test_work_declined_too_often_is_parked_and_can_still_be_offered_to_a_named_agent(
    store: MemoryStore,
) -> None:
    strict = desk_offering(store, OfferPolicy(declines=1))
    admitted(strict, request())
    fence = fence_of(strict, "R-1", "ada")
    strict.execute(DeclineOffer(id="d", case="R-1", agent="ada", fence=fence), MONDAY)
    assert item_of(strict, "R-1").state.status is WorkStatus.PARKED
    assert "work.parked" in topics(strict)
    assert strict.execute(OfferCase(id="o2", case="R-1", agents=["bob"]), MONDAY).fences == {
        "bob": 2
    }


def test_transferred_work_is_offered_to_another_agent(store: MemoryStore, at_desk: Desk) -> None:
    agent, fence = accepted_case(at_desk, request())
    assert agent == "ada"
    with pytest.raises(ConflictError, match="fence"):
        at_desk.execute(TransferCase(id="t0", case="R-1", fence=fence + 1), MONDAY + MINUTE)
    reply = at_desk.execute(TransferCase(id="t", case="R-1", fence=fence), MONDAY + MINUTE)
    assert reply.result is ReplyResult.QUEUED
    assert load(at_desk) == {"ada": 0, "bob": 0}
    assert at_desk.execute(OfferCase(id="o2", case="R-1"), MONDAY + MINUTE).fences == {"bob": 2}
    all_or_nothing(store, TENANT)


def test_an_agent_without_free_capacity_cannot_be_offered_more(at_desk: Desk) -> None:
    for number in range(3):
        admitted(at_desk, request(f"R-{number}"))
    fence_of(at_desk, "R-0", "ada", id="o0")
    fence_of(at_desk, "R-1", "ada", id="o1")
    with pytest.raises(ConflictError, match="free work capacity 0 < 1") as caught:
        fence_of(at_desk, "R-2", "ada", id="o2")
    assert caught.value.field == "agent"
    assert load(at_desk) == {"ada": 2, "bob": 0}


def test_unknown_work_and_unknown_agents_are_named(at_desk: Desk) -> None:
    with pytest.raises(UnknownIdError, match="R-1"):
        at_desk.execute(OfferCase(id="o", case="R-1"), MONDAY)
    admitted(at_desk, request())
    with pytest.raises(UnknownIdError, match="agent"):
        at_desk.execute(OfferCase(id="o", case="R-1", agents=["zoe"]), MONDAY)


def test_messages_of_offers_carry_the_agent_and_the_fence(at_desk: Desk) -> None:
    accepted_case(at_desk, request())
    bodies = {each.topic: json.loads(each.body) for each in messages(at_desk)}
    assert bodies["offer.made"]["agent"] == bodies["offer.accepted"]["agent"] == "ada"
    assert bodies["offer.made"]["until"] == "2026-03-02T09:00:30Z"


def test_steps_of_one_command_have_different_ids_however_long_its_id() -> None:
    long = "k" * 200
    assert len({step_id(long, step) for step in ("start", "finish")} | {step_id(long)}) == 3
    assert all(len(step_id(long, step)) <= 200 for step in ("start", "finish"))


@pytest.mark.parametrize("id", ["enqueue", "park", "open", "route/1/1", "enqueue/k", "main/k"])
def test_a_command_may_have_the_id_of_a_step_of_another(at_desk: Desk, id: str) -> None:
    at_desk.execute(
        AdmitRequest(id="k", request=request(customer="daytime", severity="S2")), SATURDAY
    )
    at_desk.process_due(utc("2026-03-09T09:00+01:00"))
    nine = utc("2026-03-09T09:00+01:00")
    assert at_desk.execute(OfferCase(id=id, case="R-1", agents=["ada"]), nine).result == "offered"
    assert (
        at_desk.execute(AcceptOffer(id="a", case="R-1", agent="ada", fence=1), nine).result
        == "accepted"
    )


def test_work_whose_right_has_not_opened_is_offered_by_override_only(at_desk: Desk) -> None:
    at_desk.execute(AdmitRequest(id="k", request=request(customer="daytime")), SATURDAY)
    for number, agents in enumerate([[], ["ada"]]):
        with pytest.raises(TransitionError, match="opens at"):
            at_desk.execute(OfferCase(id=f"o{number}", case="R-1", agents=agents), SATURDAY)
    offer = OfferCase(id="o", case="R-1", agents=["ada"], override=SUPERVISOR)
    assert at_desk.execute(offer, SATURDAY).fences == {"ada": 1}


BARRED = {
    "in another group": {"groups": ["others"]},
    "off shift": {"shift": Calendar.never()},
    "full": {"capacity": 0},
    "away for good": {"absences": [Span(MONDAY, MONDAY + MINUTE)]},
}


@pytest.mark.parametrize("why", BARRED)
def test_only_a_recorded_override_offers_work_to_an_agent_who_is_not_eligible(
    store_of: Callable[[], Store], why: str
) -> None:
    store = store_of()
    bob = Agent(id="bob", **({"groups": ["experts"]} | BARRED[why]))  # type: ignore[arg-type]
    settle(store, Roster(agents=[Agent(id="ada", groups=["experts"]), bob]))
    at = desk(store)
    admitted(at, request())
    before = topics(at)
    with pytest.raises(ConflictError, match="cannot take") as caught:
        at.execute(OfferCase(id="o", case="R-1", agents=["ada", "bob"]), MONDAY)
    assert caught.value.field == "agent"
    assert (topics(at), load(at)) == (before, {"ada": 0, "bob": 0})
    offer = OfferCase(id="o", case="R-1", agents=["bob"], override=SUPERVISOR)
    fence = at.execute(offer, MONDAY).fences["bob"]
    at.execute(AcceptOffer(id="a", case="R-1", agent="bob", fence=fence), MONDAY)
    said = {"by": "grace", "reason": "nobody else is left"}
    sent = [json.loads(each.body) for each in messages(at) if each.topic == "offer.made"]
    assert [each["override"] for each in sent] == [said]
    standing = at.context.query(lambda work: work.roster.roster()).workload("bob")
    assert [each.override for each in standing.held.values()] == [SUPERVISOR]
    with pytest.raises(ConflictError, match="override"):
        at.execute(attrs.evolve(offer, override=None), MONDAY)
    all_or_nothing(store, TENANT)


def test_an_agent_who_declined_is_offered_the_work_again_by_override_only(at_desk: Desk) -> None:
    admitted(at_desk, request())
    fence = fence_of(at_desk, "R-1", "ada")
    at_desk.execute(DeclineOffer(id="d", case="R-1", agent="ada", fence=fence), MONDAY)
    with pytest.raises(ConflictError, match="excluded"):
        fence_of(at_desk, "R-1", "ada", id="o2")
    offer = OfferCase(id="o3", case="R-1", agents=["ada"], override=SUPERVISOR)
    assert at_desk.execute(offer, MONDAY).fences == {"ada": 2}


def test_an_override_names_the_agent() -> None:
    with pytest.raises(InvalidValueError, match="names no agent"):
        OfferCase(id="o", case="R-1", override=SUPERVISOR)


def changed(store: Store, agent: Agent) -> None:
    with store.begin(TENANT) as work:
        now = work.roster.roster()
        work.roster.change(now, now.replace(agent))
        work.commit()


def test_an_agent_who_left_the_group_since_the_offer_cannot_accept_it(
    store_of: Callable[[], Store],
) -> None:
    store = store_of()
    settle(store)
    at = desk(store)
    admitted(at, request())
    fence = fence_of(at, "R-1", "ada")
    accept = AcceptOffer(id="a", case="R-1", agent="ada", fence=fence)
    changed(store, Agent(id="ada", groups=["others"], capacity=2))
    with pytest.raises(ConflictError, match="not in group experts"):
        at.execute(accept, MONDAY)
    assert item_of(at, "R-1").state.status is WorkStatus.OFFERED
    # Hours and capacity do not matter: it is taken already, and an agent who accepts is present.
    changed(store, Agent(id="ada", groups=["experts"], capacity=0, shift=Calendar.never()))
    assert at.execute(accept, MONDAY).result is ReplyResult.ACCEPTED


CLEARED = """
schema_version: 1
products: [db]
groups: [experts]
plans:
  - id: gold
    severities: [S1]
    channels: [phone]
    rights: [{id: experts, group: experts}]
    targets: [{milestone: first_response, within: 1h}]
agents:
  - {id: ada, groups: experts, clearances: {sc: 0}, region: eu}
  - {id: bob, groups: experts, clearances: {sc: 1}, region: eu}
  - {id: eve, groups: experts, clearances: {sc: 2}, region: us}
  - {id: zoe, groups: experts, clearances: [dv], region: eu}
accounts:
  - customer: acme
    contracts:
      - id: C-1
        zone: Europe/Berlin
        start: 2026-01-01
        months: 12
        lines: [{id: L-1, plan: gold, coverage: {product: db}}]
        contacts: [dana]
        constraints:
          - {kind: clearance, values: [sc]}
          - {kind: residency, values: [eu]}
"""


def test_a_contract_that_requires_a_clearance_is_served_by_agents_with_level_one(
    store_of: Callable[[], Store],
) -> None:
    facts = parse_facts(CLEARED)
    store = store_of()
    with store.begin(TENANT) as work:
        work.catalog.save(facts.catalog, facts.policies.values(), MONDAY)
        for account in facts.accounts.values():
            work.accounts.open(account)
        work.roster.change(Roster(), facts.roster)
        work.commit()
    at = desk(store)
    admitted(at, request(customer="acme"))
    for agent in ("ada", "eve", "zoe"):
        for override in (None, SUPERVISOR):
            offer = OfferCase(id="o", case="R-1", agents=[agent], override=override)
            with pytest.raises(ConflictError, match=r"clearance sc|region eu"):
                at.execute(offer, MONDAY)
    fence = at.execute(OfferCase(id="routed", case="R-1"), MONDAY).fences["bob"]
    accept = AcceptOffer(id="a", case="R-1", agent="bob", fence=fence)
    bob = facts.roster.agents["bob"]
    for loses in (
        attrs.evolve(bob, clearances={"sc": 0}),
        attrs.evolve(bob, clearances={}),
        attrs.evolve(bob, region="us"),
    ):
        changed(store, loses)
        with pytest.raises(ConflictError, match=r"clearance sc|region eu"):
            at.execute(accept, MONDAY)
    changed(store, bob)
    assert at.execute(accept, MONDAY).result is ReplyResult.ACCEPTED


def test_an_override_does_not_help_an_agent_who_loses_a_clearance_after_the_offer(
    store: MemoryStore, at_desk: Desk
) -> None:
    admitted(at_desk, request())
    with store.begin(TENANT) as work:
        item = work.work_items.item("R-1")
        needs = attrs.evolve(item.work.requires, obligations=RoutingObligations(clearances="sc"))
        demanding = attrs.evolve(item.work, requires=needs)
        work.work_items.change(item, attrs.evolve(item, work=demanding))
        work.commit()
    changed(store, Agent(id="ada", groups=["others"], clearances="sc"))
    offer = OfferCase(id="o", case="R-1", agents=["ada"], override=SUPERVISOR)
    fence = at_desk.execute(offer, MONDAY).fences["ada"]
    accept = AcceptOffer(id="a", case="R-1", agent="ada", fence=fence)
    changed(store, Agent(id="ada", groups=["others"]))
    with pytest.raises(ConflictError, match="clearance sc none < 1"):
        at_desk.execute(accept, MONDAY)
    changed(store, Agent(id="ada", groups=["others"], clearances="sc"))
    assert at_desk.execute(accept, MONDAY).result is ReplyResult.ACCEPTED


def test_deferred_work_can_be_offered_at_the_instant_at_which_its_right_opens(
    at_desk: Desk,
) -> None:
    admitted(at_desk, request(customer="daytime"), SATURDAY)
    opens = item_of(at_desk, "R-1").next_due_at
    assert opens is not None
    early = OfferCase(id="early", case="R-1", agents=["ada"])
    with pytest.raises(TransitionError, match="opens at"):
        at_desk.execute(early, opens - SECOND)
    assert at_desk.execute(early, opens).fences == {"ada": 1}


def test_a_reply_has_only_the_fences_of_its_offer(at_desk: Desk) -> None:
    admitted(at_desk, request())
    assert fence_of(at_desk, "R-1", "ada", id="first") == 1
    reply = at_desk.execute(OfferCase(id="second", case="R-1", agents=["bob"]), MONDAY)
    assert reply.fences == {"bob": 2}


def test_work_that_is_transferred_twice_excludes_both_agents(at_desk: Desk) -> None:
    admitted(at_desk, request())
    for agent in ("ada", "bob"):
        fence = fence_of(at_desk, "R-1", agent, id=f"offer {agent}")
        at_desk.execute(AcceptOffer(id=agent, case="R-1", agent=agent, fence=fence), MONDAY)
        at_desk.execute(TransferCase(id=f"leave {agent}", case="R-1", fence=fence), MONDAY)
    assert item_of(at_desk, "R-1").work.excluded_agents == {"ada", "bob"}
