import json
from datetime import timedelta

import attrs
import pytest
from tests.databases import with_tables
from tests.service.desks import (
    CATALOG,
    MINUTE,
    MONDAY,
    PLANS,
    POLICY,
    TENANT,
    account,
    admitted,
    desk,
    ledger_of,
    messages,
    request,
    settle,
    topics,
)

from entitlements.access import OVERAGE_CONSENT
from entitlements.adapters.memory import MemoryStore
from entitlements.contracts import Unit
from entitlements.kernel.errors import (
    DuplicateIdError,
    InvalidValueError,
    TransitionError,
    UnknownIdError,
)
from entitlements.kernel.instants import utc
from entitlements.ports import Case, CaseFilter, WorkItem
from entitlements.routing.offers.lifecycle import WorkStatus
from entitlements.service import AdmitRequest, Desk, ReplyResult, ResolveCase
from entitlements.service.audit.decision_record import read_body
from entitlements.testing.laws.desk import all_or_nothing

SATURDAY = utc("2026-03-07T10:00+01:00")


def case_of(at_desk: Desk, id: str) -> Case:
    return at_desk.context.query(lambda work: work.cases.case(id))


def item_of(at_desk: Desk, id: str) -> WorkItem:
    return at_desk.context.query(lambda work: work.work_items.item(id))


def left(at_desk: Desk, customer: str, unit: Unit = Unit.INCIDENTS) -> int:
    return ledger_of(at_desk, customer).available(unit, MONDAY)


def test_a_grant_opens_a_case_queues_its_work_and_sends_a_message_in_one_step(
    store: MemoryStore, at_desk: Desk
) -> None:
    reply = at_desk.execute(AdmitRequest(id="k", request=request()), MONDAY)
    assert reply.result is ReplyResult.GRANTED
    case, item = case_of(at_desk, "R-1"), item_of(at_desk, "R-1")
    assert case.terms.policy == "standard"
    assert (case.terms.edition, case.terms.plan, case.terms.plan_version) == (1, "flat", "1")
    assert case.next_due_at == utc("2026-03-02T10:30+01:00"), "the first warning, half of the hour"
    assert item.queued
    assert item.work.due == utc("2026-03-02T11:00+01:00")
    assert item.work.rank == 0
    assert topics(at_desk) == ["case.granted"]
    all_or_nothing(store, TENANT, ["k"])


def test_a_deferred_case_has_its_clocks_and_its_work_waits_for_the_opening(at_desk: Desk) -> None:
    reply = at_desk.execute(AdmitRequest(id="k", request=request(customer="daytime")), SATURDAY)
    assert reply.result is ReplyResult.DEFERRED
    item = item_of(at_desk, "R-1")
    assert item.state.status is WorkStatus.PARKED
    assert item.next_due_at == utc("2026-03-09T09:00+01:00")
    assert case_of(at_desk, "R-1").opened == SATURDAY


def test_a_denial_opens_nothing_and_is_recorded_and_sent(store: MemoryStore, at_desk: Desk) -> None:
    reply = at_desk.execute(AdmitRequest(id="k", request=request(contact="mallory")), MONDAY)
    assert reply.result is ReplyResult.DENIED
    assert "contact_not_named" in reply.text
    assert topics(at_desk) == ["case.denied"]
    assert at_desk.context.query(lambda work: work.cases.of("flat")) == ()
    all_or_nothing(store, TENANT, ["k"])


def test_an_unknown_customer_is_denied(at_desk: Desk) -> None:
    reply = at_desk.execute(AdmitRequest(id="k", request=request(customer="stranger")), MONDAY)
    assert reply.result is ReplyResult.DENIED
    assert json.loads(reply.text)["reasons"] == ["customer_unknown"]


def test_a_tenant_without_a_catalog_is_refused_and_not_made(at_desk: Desk) -> None:
    mistyped = Desk(at_desk.context.store, f"{TENANT}s")
    with pytest.raises(UnknownIdError, match=rf"no tenant .* `{TENANT}s` \(correct the id"):
        mistyped.execute(AdmitRequest(id="k", request=request()), MONDAY)
    assert at_desk.context.store.tenants() == (TENANT,)


def test_units_consumed_at_the_opening_are_taken_at_once_and_denied_when_spent(
    at_desk: Desk,
) -> None:
    for number in range(3):
        admitted(at_desk, request(f"R-{number}", "opening"))
    entries = at_desk.context.query(lambda work: work.ledger.entries("opening"))
    assert [each.kind.value for each in entries] == ["reserve", "commit"] * 3
    assert left(at_desk, "opening") == 0
    last = at_desk.execute(AdmitRequest(id="k", request=request("R-9", "opening")), MONDAY)
    assert last.result is ReplyResult.DENIED


def test_minutes_are_held_until_the_work_is_measured(at_desk: Desk) -> None:
    admitted(at_desk, request(customer="minutes"))
    entries = at_desk.context.query(lambda work: work.ledger.entries("minutes"))
    assert [each.kind.value for each in entries] == ["reserve"]
    assert left(at_desk, "minutes", Unit.MINUTES) == 70


def test_overage_opens_a_case_only_once_the_customer_has_agreed(
    store: MemoryStore, at_desk: Desk
) -> None:
    asked = request(customer="asking")
    reply = at_desk.execute(AdmitRequest(id="k", request=asked), MONDAY)
    assert reply.result is ReplyResult.CONSENT_NEEDED
    assert at_desk.context.query(lambda work: work.cases.of("asking")) == ()
    agreed = request(customer="asking", conditions=[OVERAGE_CONSENT])
    assert (
        at_desk.execute(AdmitRequest(id="k2", request=agreed), MONDAY).result is ReplyResult.GRANTED
    )
    all_or_nothing(store, TENANT, ["k", "k2"])


def test_a_limit_of_open_cases_counts_what_the_desk_has_opened(at_desk: Desk) -> None:
    admitted(at_desk, request("R-1", "single"))
    second = at_desk.execute(AdmitRequest(id="k", request=request("R-2", "single")), MONDAY)
    assert json.loads(second.text)["reasons"] == ["too_many_open_cases"]


def test_a_limit_of_open_cases_holds_for_admissions_each_earlier_than_the_last(
    at_desk: Desk,
) -> None:
    results = [
        at_desk.execute(
            AdmitRequest(id=f"k{n}", request=request(f"R-{n}", "single")), MONDAY - n * MINUTE
        ).result
        for n in range(6)
    ]
    assert results == [ReplyResult.GRANTED, *[ReplyResult.DENIED] * 5]
    assert all(each.same for each in at_desk.replay_all())


def test_a_follow_up_is_replayed_with_the_chain_of_cases_before_it(at_desk: Desk) -> None:
    for id, earlier, minute in (("R-1", None, 0), ("R-2", "R-1", 2), ("R-3", "R-2", 4)):
        at = MONDAY + minute * MINUTE
        admitted(at_desk, request(id, "opening", follows=earlier), at)
        at_desk.execute(ResolveCase(id=f"done {id}", case=id, by="ada"), at + MINUTE)
    assert all(each.same for each in at_desk.replay_all())


def test_a_case_cannot_be_opened_twice(at_desk: Desk) -> None:
    admitted(at_desk, request())
    with pytest.raises(DuplicateIdError):
        at_desk.execute(AdmitRequest(id="another", request=request()), MONDAY)
    assert topics(at_desk) == ["case.granted"], "the failed command has left no trace"


def test_terms_of_an_open_case_stay_the_same_when_the_catalog_changes(
    store: MemoryStore, at_desk: Desk
) -> None:
    admitted(at_desk, request())
    before = at_desk.clocks("R-1", MONDAY)
    slower = POLICY.targets[1:]
    with store.begin(TENANT) as work:
        changed = type(POLICY)(id="standard", targets=slower, calendars=POLICY.calendars)
        work.catalog.save(CATALOG, [changed], MONDAY)
        work.commit()
    assert at_desk.clocks("R-1", MONDAY) == before
    admitted(at_desk, request("R-2"), MONDAY)
    due = at_desk.clocks("R-2", MONDAY)["first_response"].due
    assert due == MONDAY + timedelta(hours=4)


def test_the_message_of_a_decision_carries_its_reasons(at_desk: Desk) -> None:
    at_desk.execute(AdmitRequest(id="k", request=request(severity="S9")), MONDAY)
    (message,) = messages(at_desk)
    assert json.loads(message.body)["decision"]["outcome"] == "denied"


def test_a_grant_can_be_used_at_the_very_instant_at_which_it_begins(
    store: MemoryStore, at_desk: Desk
) -> None:
    begins = utc("2026-01-01T00:00+01:00")
    assert at_desk.execute(
        AdmitRequest(id="k", request=request(customer="opening")), begins
    ).accepted
    ledger = ledger_of(at_desk, "opening")
    assert ledger.balance(Unit.INCIDENTS, begins).used == 1
    all_or_nothing(store, TENANT)


def test_a_decision_names_the_case_that_its_request_follows_though_no_plan_limits_open_cases() -> (
    None
):
    store = MemoryStore()
    settle(store)
    with store.begin(TENANT) as work:
        plans = [each for each in PLANS if each.concurrency is None]
        work.catalog.save(attrs.evolve(CATALOG, plans=plans), [POLICY], MONDAY - MINUTE)
        work.commit()
    at_desk = desk(store)
    for id, earlier in (("R-1", None), ("R-2", "R-1"), ("R-3", None)):
        admitted(at_desk, request(id, "opening", follows=earlier))
    links = at_desk.context.query(lambda work: work.decisions.links())
    named = [[case.id for case in read_body(each.body)[0].cases] for each in links]
    assert named == [[], ["R-1"], []]


def test_a_decision_made_from_a_contract_that_was_recorded_later_is_replayed_the_same() -> None:
    store = MemoryStore()
    with store.begin(TENANT) as work:
        work.catalog.save(CATALOG, [POLICY], MONDAY - MINUTE)
        (contract,) = account("flat").contracts
        later = attrs.evolve(contract, recorded=MONDAY + MINUTE)
        work.accounts.open(attrs.evolve(account("flat"), contracts=[later]))
        work.commit()
    at_desk = desk(store)
    admitted(at_desk, request())
    assert [(each.same, each.differs) for each in at_desk.replay("R-1")] == [(True, ())]


def test_a_decision_about_an_unknown_customer_was_made_from_no_account(at_desk: Desk) -> None:
    reply = at_desk.execute(AdmitRequest(id="k", request=request(customer="nobody")), MONDAY)
    assert reply.result == "denied"
    (link,) = at_desk.context.query(lambda work: work.decisions.links())
    inputs, _ = read_body(link.body)
    assert (inputs.ledger, inputs.cases, inputs.asset, inputs.edition) == (0, (), None, 1)
    assert inputs.account == inputs.entries
    assert all(each.same for each in at_desk.replay_all())


def test_a_decision_that_waited_while_others_took_the_units_is_made_again() -> None:
    """Its clock was read before the wait, so that the last unit seems to be left at its instant."""
    instants = iter([MONDAY + 2 * MINUTE] * 3 + [MONDAY, MONDAY + 3 * MINUTE])
    store = MemoryStore(lambda: next(instants))
    settle(store)
    for number in (1, 2, 3):
        assert desk(store).execute(admission(number)).accepted
    assert desk(store).execute(admission(4)).result == "denied"
    with pytest.raises(TransitionError, match="spent"):
        desk(store).execute(admission(5), MONDAY)


def admission(number: int) -> AdmitRequest:
    return AdmitRequest(id=f"A-{number}", request=request(f"R-{number}", "opening"))


def test_the_case_has_the_severity_that_follows_from_impact_and_urgency() -> None:
    store = with_tables("sqlite://")
    settle(store)
    matrix = {"site": {"now": "S1", "soon": "S2"}}
    rated = [attrs.evolve(each, priority_matrix=matrix) for each in PLANS]
    with store.begin(TENANT) as work:
        work.catalog.save(attrs.evolve(CATALOG, plans=rated), [POLICY], MONDAY - MINUTE)
        work.commit()
    at_desk, asked = desk(store), request(severity=None, impact="site", urgency="soon")
    admitted(at_desk, asked)
    assert case_of(at_desk, "R-1").request == attrs.evolve(asked, severity="S2")
    (found,) = at_desk.list_cases(CaseFilter(severity="S2")).cases
    assert found.severity == "S2"
    assert at_desk.clocks("R-1", MONDAY)["first_response"].due == MONDAY + 240 * MINUTE
    with store.begin(TENANT) as work:
        assert work.work_items.item("R-1").work.rank == 1
    assert all(each.same for each in at_desk.replay("R-1"))
    assert "S2 follows from impact site and urgency soon" in str(at_desk.explain_case("R-1"))
    with pytest.raises(InvalidValueError, match="contradicts"):
        admitted(at_desk, attrs.evolve(asked, id="R-2", severity="S1"))
    assert topics(at_desk) == ["case.granted"]
    store.engine.dispose()
