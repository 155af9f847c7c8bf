"""One request, one instant, one whole answer: expected values are worked out by hand."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import attrs
import pendulum
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.worlds import GOLD, contract, facts, request

from entitlements.access import ChargeKind, Deferred, Denied, Granted, Reason, decide
from entitlements.contracts import Account, ledger_with_plan_grants
from entitlements.contracts.lines.plan_grants import pool_id
from entitlements.engine import Engine, assess
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import utc
from entitlements.routing import (
    STRATEGIES,
    Agent,
    Assigned,
    RelaxationPlan,
    RelaxationStep,
    Roster,
    Router,
    RoutingPolicy,
    Strategy,
    Unroutable,
    Waiting,
    route,
)
from entitlements.testing.strategies.routing import chains

MONDAY_10 = utc("2026-03-02T10:00+01:00")
SATURDAY = utc("2026-03-07T10:00+01:00")
WORLD = facts()
ENGINE = Engine(WORLD)


def test_a_right_that_is_open_is_granted_now_with_its_deadlines_and_its_expert() -> None:
    answer = ENGINE.assess(request(), MONDAY_10)
    assert isinstance(answer.decision, Granted)
    assert answer.decision.group == "dba"
    assert answer.decision.immediate
    due = {each.name: each.due for each in answer.milestones}
    assert due == {
        "first_response": utc("2026-03-02T11:00+01:00"),  # one elapsed hour
        # Monday 10-17 is 7 hours, Tuesday 9-17 is 8, and one more on Wednesday.
        "resolution": utc("2026-03-04T10:00+01:00"),
    }
    assert isinstance(answer.route, Assigned)
    assert answer.route.agent == "ada"  # the office in Boston is closed
    assert answer.charge is not None
    assert answer.charge.kind is ChargeKind.INCLUDED
    assert answer.entries == ()


def test_a_closed_right_is_deferred_with_its_clocks_set_and_its_expert_known() -> None:
    answer = ENGINE.assess(request(), SATURDAY)
    assert isinstance(answer.decision, Deferred)
    assert answer.decision.opens_at == utc("2026-03-09T09:00+01:00")
    assert answer.milestones[0].due == utc("2026-03-07T11:00+01:00")
    assert isinstance(answer.route, Assigned)
    assert answer.route.at == answer.decision.opens_at
    assert answer.route.agent == "ada"


def test_a_denial_has_reasons_and_neither_deadlines_nor_route_nor_charge() -> None:
    answer = ENGINE.assess(request(contact="mallory"), MONDAY_10)
    assert isinstance(answer.decision, Denied)
    assert answer.decision.reasons == (Reason.CONTACT_NOT_NAMED,)
    assert answer.milestones == ()
    assert answer.route is None
    assert answer.charge is None
    assert answer.obligations == answer.entries == ()


def test_the_calendar_that_a_line_binds_counts_and_not_the_one_the_policy_came_with() -> None:
    answer = ENGINE.assess(request(severity="S2", channel="web"), MONDAY_10)
    assert answer.milestones[0].due == utc("2026-03-02T14:00+01:00")


def test_a_line_may_bind_calendars_that_only_the_rights_of_its_plan_use() -> None:
    plan = attrs.evolve(GOLD, line_calendars=["business", "evening"])
    signed = contract("acme", "gold")
    line = attrs.evolve(signed.lines[0], calendars={"business": "berlin", "evening": "boston"})
    account = Account(customer="acme", contracts=[attrs.evolve(signed, lines=[line])])
    catalog = attrs.evolve(facts().catalog, plans=[plan])
    engine = Engine(facts(catalog=catalog, accounts=[account]))
    answer = engine.assess(request(severity="S2", channel="web"), MONDAY_10)
    assert answer.milestones[0].due == utc("2026-03-02T14:00+01:00")


def test_a_prepaid_case_proposes_its_ledger_entry_and_the_second_is_refused() -> None:
    first = request(customer="blox", channel="web")
    answer = ENGINE.assess(first, MONDAY_10)
    (entry,) = answer.entries
    assert (entry.key, entry.amount, entry.pools) == ("R-1", 1, (pool_id("C-blox", "1", "cases"),))
    terms = ENGINE.decider("blox")
    granted = ledger_with_plan_grants(terms.account.ledger, terms.histories, MONDAY_10)
    later = attrs.evolve(terms.account, ledger=granted.post(entry, MONDAY_10).ledger)
    again = ENGINE.assess(first, MONDAY_10, account=later)
    assert isinstance(again.decision, Granted), "the same request is charged once"
    other = ENGINE.assess(attrs.evolve(first, id="R-2"), MONDAY_10, account=later)
    assert isinstance(other.decision, Denied)
    assert other.decision.reasons == (Reason.ALLOWANCE_SPENT,)


def test_residency_reaches_the_router_and_is_never_relaxed() -> None:
    asked = request(customer="eurodata")
    boston_open = utc("2026-03-02T10:01-05:00")
    answer = ENGINE.assess(asked, boston_open)
    assert isinstance(answer.route, Assigned)
    assert answer.route.agent == "ada"
    without_ada = Roster(agents=[a for i, a in WORLD.roster.agents.items() if i != "ada"])
    alone = ENGINE.assess(asked, boston_open, roster=without_ada)
    assert isinstance(alone.route, Unroutable | Waiting)
    assert not isinstance(alone.route, Assigned)


def test_skills_asked_for_choose_the_agent() -> None:
    answer = ENGINE.assess(request(channel="web", severity="S2", skills={"german": 2}), MONDAY_10)
    assert isinstance(answer.route, Assigned)
    assert answer.route.agent == "eve"


def test_waiting_work_has_the_instant_of_the_next_eligible_agent() -> None:
    roster = Roster(
        agents=[Agent(id="bob", groups=["dba"], shift=WORLD.roster.agents["bob"].shift)]
    )
    answer = ENGINE.assess(request(), MONDAY_10, roster=roster)
    assert isinstance(answer.route, Waiting)
    assert answer.route.next_eligible_at == utc("2026-03-02T09:00-05:00")


def test_work_without_a_first_response_has_no_due_instant_and_is_routed() -> None:
    gold = WORLD.policies["gold"]
    later = [each for each in gold.targets if each.milestone == "resolution"]
    policies = {**WORLD.policies, "gold": attrs.evolve(gold, targets=later)}
    engine = Engine(attrs.evolve(WORLD, policies=policies))
    answer = engine.assess(request(), MONDAY_10)
    assert engine.work(answer).due is None
    assert isinstance(answer.route, Assigned)
    assert "Granted: dba is reached at once" in answer.explain()


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="has no time zone"):
        ENGINE.assess(request(), datetime(2026, 3, 2, 10))  # noqa: DTZ001 - that is the point


def test_pendulum_and_any_zone_give_the_same_answer() -> None:
    expected = ENGINE.assess(request(), MONDAY_10).to_dict()
    for at in (
        pendulum.datetime(2026, 3, 2, 10, tz="Europe/Berlin"),
        MONDAY_10.astimezone(timezone(timedelta(hours=5, minutes=45))),
    ):
        assert ENGINE.assess(request(), at).to_dict() == expected


@given(st.integers(min_value=0, max_value=60 * 24 * 500), st.sampled_from(["S1", "S2", "S9"]))
def test_the_same_question_has_the_same_answer(minutes: int, severity: str) -> None:
    at = datetime(2025, 12, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    asked = request(severity=severity, channel="web")
    assert ENGINE.assess(asked, at).to_dict() == assess(asked, WORLD, at).to_dict()


@given(
    st.lists(st.integers(min_value=0, max_value=60 * 24 * 30), min_size=1, max_size=5),
    st.sampled_from(["acme", "blox", "eurodata"]),
    st.sampled_from(["phone", "web"]),
)
def test_the_agent_named_at_once_is_the_one_that_the_route_accounts_for(
    minutes: list[int], customer: str, channel: str
) -> None:
    for minute in minutes:
        at = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=minute)
        answer = ENGINE.assess(request(customer=customer, channel=channel), at)
        chosen = answer.route.agent if isinstance(answer.route, Assigned) else None
        assert answer.agent == chosen


@given(st.integers(min_value=0, max_value=60 * 24 * 30), chains())
def test_the_strategy_of_the_facts_chooses_the_agent(minute: int, strategy: Strategy) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=minute)
    world = attrs.evolve(WORLD, routing=RoutingPolicy(strategy=strategy))
    engine = Engine(world)
    answer = engine.assess(request(channel="web"), at)
    if isinstance(answer.decision, Denied):
        return
    work = engine.work(answer)
    expected = route(work, world.roster, work.routable or at, strategy=strategy)
    assert answer.route == expected
    assert answer.agent == (expected.agent if isinstance(expected, Assigned) else None)
    given_roster = engine.assess(request(channel="web"), at, roster=world.roster)
    assert (given_roster.agent, given_roster.route) == (answer.agent, answer.route)


def test_the_relaxation_of_the_facts_is_that_of_every_accepted_request() -> None:
    hour = timedelta(hours=1)
    plan = RelaxationPlan(
        steps=[RelaxationStep(after=hour, drop="cobol", groups="desk", unstaffed=True)]
    )
    experts = Roster(agents=[Agent(id="ada", groups="dba"), Agent(id="dan", groups="desk")])
    world = attrs.evolve(WORLD, roster=experts, routing=RoutingPolicy(relaxation=plan))
    engine, asked = Engine(world), request()
    answer = engine.assess(asked, MONDAY_10)
    assert engine.work(answer).relaxation == plan
    assert answer.agent == "ada"
    assert engine.assess(request(skills={"cobol": 1}), MONDAY_10).agent is None
    none = experts.set_status("ada", MONDAY_10, away=True)
    for roster in (none, Router(none)):
        assert engine.assess(asked, MONDAY_10, roster=roster).agent == "dan"
    assert Engine(attrs.evolve(world, roster=none)).assess(asked, MONDAY_10).agent == "dan"
    # A right that opens after the first step is routed by the relaxed requirement.
    closed = engine.assess(request(skills={"cobol": 1}), SATURDAY)
    assert isinstance(closed.decision, Deferred)
    assert closed.agent in {"ada", "dan"}


def test_another_strategy_in_the_facts_is_another_agent() -> None:
    roster = Roster(
        agents=[Agent(id="ada", groups="dba", tier=1), Agent(id="zoe", groups="dba", tier=0)]
    )
    world = attrs.evolve(WORLD, roster=roster)
    tiers = attrs.evolve(world, routing=RoutingPolicy(strategy=STRATEGIES["tiers"]))
    assert assess(request(), world, MONDAY_10).agent == "ada"
    assert assess(request(), tiers, MONDAY_10).agent == "zoe"


def test_a_live_router_is_asked_in_its_current_state() -> None:
    router = Router(WORLD.roster)
    answer = ENGINE.assess(request(), MONDAY_10, roster=router)
    assert answer.agent == "ada"
    router.set_status("ada", MONDAY_10, away=True)
    later = ENGINE.assess(request(), MONDAY_10, roster=router)
    assert isinstance(later.route, Waiting)
    assert later.agent is None
    assert isinstance(answer.route, Assigned), "an answer stays what it was"


def test_threads_share_an_engine() -> None:
    asked = [
        (request(severity=severity, contact=contact), MONDAY_10 + timedelta(hours=hours))
        for severity in ("S1", "S2")
        for contact in ("dana", "mallory")
        for hours in range(40)
    ]
    expected = [assess(one, WORLD, at).to_dict() for one, at in asked]
    engine = Engine(WORLD)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda pair: engine.assess(*pair).to_dict(), asked * 4))
    assert found == expected * 4


def test_an_account_given_by_the_caller_is_used_and_kept_apart() -> None:
    empty = Account(customer="acme")
    assert isinstance(ENGINE.assess(request(), MONDAY_10, account=empty).decision, Denied)
    assert isinstance(ENGINE.assess(request(), MONDAY_10).decision, Granted)


def test_a_request_of_another_customer_never_meets_an_account() -> None:
    stranger = Account(customer="other", contracts=[contract("other", "gold")])
    answer = ENGINE.assess(request(), MONDAY_10, account=stranger)
    assert isinstance(answer.decision, Denied)
    assert answer.decision.reasons == (Reason.CUSTOMER_UNKNOWN,)


def test_engineers_named_for_a_customer_take_its_work_first() -> None:
    line = attrs.evolve(contract("acme", "gold").lines[0], experts=["bob"])
    named = attrs.evolve(contract("acme", "gold"), lines=[line])
    world = facts(accounts=[Account(customer="acme", contracts=[named])])
    afternoon = utc("2026-03-02T15:30+01:00")  # Boston is open, and Berlin still
    assert assess(request(), WORLD, afternoon).agent == "ada"
    assert assess(request(), world, afternoon).agent == "bob"
    assert assess(request(), world, MONDAY_10).agent == "ada", "before Boston opens"


def test_an_agent_speaks_the_language_in_which_help_was_promised() -> None:
    right = attrs.evolve(GOLD.rights[1], channels=[], languages=["german", "english"])
    plan = attrs.evolve(GOLD, rights=[right])
    catalog = attrs.evolve(WORLD.catalog, plans=[plan, *WORLD.catalog.plans[1:]])
    world = facts(catalog=catalog)
    answer = assess(request(language="german"), world, SATURDAY)
    assert answer.agent == "eve"
    assert Engine(world).work(answer).requires.skills == {"german": 1}
    nobody = assess(request(language="english"), world, SATURDAY)
    assert (isinstance(nobody.decision, Granted), nobody.agent) == (True, None)
    asked = request(language="german", skills={"german": 2})
    assert Engine(world).work(assess(asked, world, SATURDAY)).requires.skills == {"german": 2}


@pytest.mark.parametrize("wrong", [{}, None, "R-1", MONDAY_10])
@pytest.mark.parametrize("at", ["2026-03-02", MONDAY_10])
def test_what_is_no_request_is_said_before_all_else(wrong: object, at: object) -> None:
    for ask in (
        lambda: ENGINE.assess(wrong, at),  # type: ignore[arg-type]
        lambda: assess(wrong, WORLD, at),  # type: ignore[arg-type]
        lambda: decide(wrong, WORLD.catalog, None, at),  # type: ignore[arg-type]
    ):
        with pytest.raises(InvalidValueError, match=r"is not a request \(pass a `Request`"):
            ask()
