import json
from datetime import datetime, timedelta

import attrs
import pytest
from tests.service.cases.agents.test_offer_commands import load
from tests.service.cases.test_admission import case_of, item_of, left
from tests.service.desks import (
    CATALOG,
    MINUTE,
    MONDAY,
    POLICY,
    TENANT,
    accepted_case,
    admitted,
    desk,
    desk_offering,
    ledger_of,
    messages,
    request,
    topics,
)

from entitlements.adapters.memory import MemoryStore
from entitlements.contracts import Unit
from entitlements.kernel.errors import (
    ConflictError,
    InvalidValueError,
    TransitionError,
    UnknownIdError,
)
from entitlements.routing.offers.lifecycle import WorkStatus
from entitlements.routing.offers.offer_policy import OfferPolicy
from entitlements.service import (
    AcceptOffer,
    CancelCase,
    DeclineOffer,
    Desk,
    DeskRules,
    OfferCase,
    RecordEvent,
    ReopenCase,
    ReplyResult,
    ResolveCase,
)
from entitlements.sla import Event
from entitlements.testing.laws.desk import all_or_nothing

HOUR = 60 * MINUTE


def record(at_desk: Desk, event: Event, id: str = "e", case: str = "R-1") -> ReplyResult:
    return at_desk.execute(RecordEvent(id=id, case=case, event=event), event.at).result


def test_an_answer_stops_its_clock(at_desk: Desk) -> None:
    admitted(at_desk, request())
    assert record(at_desk, Event.responded(MONDAY + 10 * MINUTE)) is ReplyResult.RECORDED
    measured = at_desk.clocks("R-1", MONDAY + 2 * HOUR)
    assert measured["first_response"].state == "met"
    assert topics(at_desk) == ["case.granted", "case.event"]


def test_a_late_answer_sends_the_warning_and_the_breach_that_were_not_processed(
    at_desk: Desk,
) -> None:
    admitted(at_desk, request())
    record(at_desk, Event.responded(MONDAY + 2 * HOUR))
    assert topics(at_desk) == ["case.granted", "clock.warning", "clock.breach", "case.event"]
    warning, breach = (json.loads(each.body) for each in messages(at_desk)[1:3])
    assert warning["at"] == "2026-03-02T09:30:00Z", "when it came"
    assert warning["due"] == breach["due"], "and the deadline that it is about"
    assert breach["milestone"] == "first_response"
    assert breach["due"] == "2026-03-02T10:00:00Z"


def test_an_event_that_arrives_late_but_happened_in_time_is_no_breach(at_desk: Desk) -> None:
    admitted(at_desk, request())
    event = Event.responded(MONDAY + 20 * MINUTE)
    at_desk.execute(RecordEvent(id="e", case="R-1", event=event), MONDAY + 3 * HOUR)
    assert topics(at_desk) == ["case.granted", "case.event"]


def test_an_impossible_event_is_refused_and_changes_nothing(at_desk: Desk) -> None:
    admitted(at_desk, request())
    with pytest.raises(TransitionError, match="resumed"):
        record(at_desk, Event.resumed(MONDAY + MINUTE, "customer"))
    record(at_desk, Event.responded(MONDAY + MINUTE, id="x"), "e1")
    with pytest.raises(ConflictError, match="two events have the id `x`"):
        record(at_desk, Event.responded(MONDAY + 2 * MINUTE, id="x"), "e2")
    with pytest.raises(UnknownIdError, match="R-7"):
        record(at_desk, Event.responded(MONDAY), "e3", case="R-7")
    assert len(case_of(at_desk, "R-1").events) == 2


def test_an_event_that_is_delivered_twice_is_sent_once(store: MemoryStore, at_desk: Desk) -> None:
    admitted(at_desk, request())
    event = Event.responded(MONDAY + MINUTE)
    assert record(at_desk, event, "e1") is record(at_desk, event, "e2") is ReplyResult.RECORDED
    assert topics(at_desk) == ["case.granted", "case.event"]
    all_or_nothing(store, TENANT, ["admit R-1", "e1", "e2"])


def test_a_case_does_not_end_twice_at_one_instant(at_desk: Desk) -> None:
    admitted(at_desk, request())
    at_desk.execute(CancelCase(id="c1", case="R-1"), MONDAY)
    with pytest.raises(TransitionError, match="already happened at that instant"):
        at_desk.execute(CancelCase(id="c2", case="R-1"), MONDAY)
    assert topics(at_desk).count("case.cancelled") == 1


def test_a_worse_severity_moves_the_waiting_work_forward(at_desk: Desk) -> None:
    admitted(at_desk, request(severity="S2"))
    assert item_of(at_desk, "R-1").work.rank == 1
    record(at_desk, Event.severity_changed(MONDAY + MINUTE, "S1"))
    work = item_of(at_desk, "R-1").work
    assert work.rank == 0
    assert work.due == MONDAY + HOUR


def test_a_condition_that_ends_moves_the_deadline_and_the_waiting_work(
    store: MemoryStore, at_desk: Desk
) -> None:
    reachable = attrs.evolve(POLICY.targets[0], within=2 * HOUR, conditions=["reachable"])
    promise = attrs.evolve(POLICY, targets=[reachable, *POLICY.targets[1:]])
    with store.begin(TENANT) as work:
        work.catalog.save(CATALOG, [promise], MONDAY)
        work.commit()
    admitted(at_desk, request(conditions=["reachable", "asked"]))

    def due() -> tuple[datetime | None, datetime | None]:
        measured = at_desk.clocks("R-1", MONDAY + HOUR)
        return measured["first_response"].due, item_of(at_desk, "R-1").work.due

    assert due() == (MONDAY + 2 * HOUR, MONDAY + 2 * HOUR)
    record(at_desk, Event.condition_ended(MONDAY + 10 * MINUTE, "asked"), id="e-1")
    assert due() == (MONDAY + 2 * HOUR, MONDAY + 2 * HOUR)
    record(at_desk, Event.condition_ended(MONDAY + 20 * MINUTE, "reachable"), id="e-2")
    assert due() == (MONDAY + 4 * HOUR, MONDAY + 4 * HOUR)
    record(at_desk, Event.condition_met(MONDAY + 30 * MINUTE, "reachable"), id="e-3")
    assert due() == (MONDAY + 2 * HOUR, MONDAY + 2 * HOUR)


def test_a_resolution_closes_the_case_and_frees_the_agent(
    store: MemoryStore, at_desk: Desk
) -> None:
    accepted_case(at_desk, request())
    assert (
        at_desk.execute(ResolveCase(id="r", case="R-1", by="ada"), MONDAY + HOUR).result
        == "resolved"
    )
    assert case_of(at_desk, "R-1").closed == MONDAY + HOUR
    assert load(at_desk) == {"ada": 0, "bob": 0}
    assert item_of(at_desk, "R-1").state.status is WorkStatus.DONE
    with pytest.raises(TransitionError, match="the case is resolved"):
        at_desk.execute(ResolveCase(id="again", case="R-1"), MONDAY + HOUR)
    all_or_nothing(store, TENANT)


def test_a_case_resolved_without_an_assignee_leaves_the_queue(
    store: MemoryStore, at_desk: Desk
) -> None:
    admitted(at_desk, request())
    at_desk.execute(OfferCase(id="o", case="R-1"), MONDAY)
    at_desk.execute(ResolveCase(id="r", case="R-1"), MONDAY + MINUTE)
    assert item_of(at_desk, "R-1").state.status is WorkStatus.CANCELLED
    assert load(at_desk) == {"ada": 0, "bob": 0}
    all_or_nothing(store, TENANT)


def test_a_closed_event_ends_the_case_as_a_resolution_does(
    store: MemoryStore, at_desk: Desk
) -> None:
    accepted_case(at_desk, request(customer="minutes"))
    record(at_desk, Event.closed(MONDAY + HOUR))
    assert case_of(at_desk, "R-1").closed == MONDAY + HOUR
    assert load(at_desk) == {"ada": 0, "bob": 0}
    all_or_nothing(store, TENANT)


def test_units_are_consumed_at_the_first_answer_where_the_plan_says_so(at_desk: Desk) -> None:
    admitted(at_desk, request(customer="answer"))
    record(at_desk, Event.customer_replied(MONDAY + MINUTE), "e0")
    ledger = ledger_of(at_desk, "answer")
    assert ledger.balance(Unit.INCIDENTS, MONDAY + HOUR).held == 1
    record(at_desk, Event.responded(MONDAY + 2 * MINUTE), "e1")
    ledger = ledger_of(at_desk, "answer")
    balance = ledger.balance(Unit.INCIDENTS, MONDAY + HOUR)
    assert (balance.held, balance.used, balance.left) == (0, 1, 2)
    at_desk.execute(ResolveCase(id="r", case="R-1"), MONDAY + HOUR)
    assert left(at_desk, "answer") == 2, "nothing is taken twice"


@pytest.mark.parametrize(("used", "rest"), [(None, 70), (0, 100), (10, 90), (45, 55), (100, 0)])
def test_a_resolution_consumes_the_measured_units_even_beyond_the_hold(
    at_desk: Desk, used: int | None, rest: int
) -> None:
    admitted(at_desk, request(customer="minutes"))
    at_desk.execute(ResolveCase(id="r", case="R-1", used=used), MONDAY + HOUR)
    ledger = ledger_of(at_desk, "minutes")
    balance = ledger.balance(Unit.MINUTES, MONDAY + HOUR)
    assert (balance.left, balance.held, balance.used) == (rest, 0, 100 - rest)


def test_missing_units_are_reported_and_the_case_is_resolved_all_the_same(
    store: MemoryStore, at_desk: Desk
) -> None:
    admitted(at_desk, request(customer="minutes"))
    at_desk.execute(ResolveCase(id="r", case="R-1", used=101), MONDAY + HOUR)
    sent = [json.loads(each.body) for each in messages(at_desk) if each.topic == "units.unpaid"]
    assert [each["amount"] for each in sent] == [71]
    assert left(at_desk, "minutes", Unit.MINUTES) == 70
    all_or_nothing(store, TENANT)


@pytest.mark.parametrize("customer", ["opening", "answer", "minutes"])
def test_a_cancelled_case_returns_all_units(
    store: MemoryStore, at_desk: Desk, customer: str
) -> None:
    accepted_case(at_desk, request(customer=customer))
    record(at_desk, Event.responded(MONDAY + MINUTE))
    assert (
        at_desk.execute(CancelCase(id="c", case="R-1"), MONDAY + HOUR).result
        is ReplyResult.CANCELLED
    )
    ledger = ledger_of(at_desk, customer)
    unit = Unit.MINUTES if customer == "minutes" else Unit.INCIDENTS
    balance = ledger.balance(unit, MONDAY + HOUR)
    assert (balance.held, balance.used) == (0, 0)
    assert balance.left == balance.granted
    assert load(at_desk) == {"ada": 0, "bob": 0}
    all_or_nothing(store, TENANT)


def test_the_clocks_of_a_reopened_case_continue_and_its_last_assignee_comes_first(
    store: MemoryStore, at_desk: Desk
) -> None:
    agent, fence = accepted_case(at_desk, request(customer="minutes"))
    at_desk.execute(ResolveCase(id="r", case="R-1", used=10), MONDAY + HOUR)
    assert (
        at_desk.execute(ReopenCase(id="x", case="R-1"), MONDAY + 2 * HOUR).result
        is ReplyResult.REOPENED
    )
    assert case_of(at_desk, "R-1").closed is None
    all_or_nothing(store, TENANT)
    fences = at_desk.execute(OfferCase(id="o2", case="R-1"), MONDAY + 2 * HOUR).fences
    assert fences == {agent: fence + 1}, "fences go on rising, so the first one stays refused"
    at_desk.execute(ResolveCase(id="r2", case="R-1", used=20), MONDAY + 3 * HOUR)
    ledger = ledger_of(at_desk, "minutes")
    rest = ledger.available(Unit.MINUTES, MONDAY + 3 * HOUR)
    assert rest == 90, "units are taken once a case"
    with pytest.raises(TransitionError):
        at_desk.execute(CancelCase(id="c", case="R-1"), MONDAY + 3 * HOUR)


def test_work_in_its_wrap_up_is_closed_before_it_is_queued_again(store: MemoryStore) -> None:
    wrapping = desk_offering(store, OfferPolicy(wrap_up=timedelta(minutes=10)))
    accepted_case(wrapping, request())
    wrapping.execute(ResolveCase(id="r", case="R-1"), MONDAY + HOUR)
    assert load(wrapping) == {"ada": 1, "bob": 0}
    wrapping.execute(ReopenCase(id="x", case="R-1"), MONDAY + HOUR + MINUTE)
    assert load(wrapping) == {"ada": 0, "bob": 0}
    assert item_of(wrapping, "R-1").queued
    all_or_nothing(store, TENANT)


def test_units_of_an_ended_hold_are_reserved_again_at_the_resolution(store: MemoryStore) -> None:
    brief = desk(store, rules=DeskRules(holds=timedelta(hours=2)))
    admitted(brief, request(customer="minutes"))
    brief.execute(ResolveCase(id="r", case="R-1"), MONDAY + 3 * HOUR)
    ledger = ledger_of(brief, "minutes")
    balance = ledger.balance(Unit.MINUTES, MONDAY + 3 * HOUR)
    assert (balance.left, balance.held, balance.used) == (70, 0, 30)


@pytest.mark.parametrize(
    ("skew", "ahead"),
    [(5 * MINUTE, timedelta()), (5 * MINUTE, 5 * MINUTE), (timedelta(), timedelta())],
    ids=["of this instant", "at the edge of the default tolerance", "without a tolerance"],
)
def test_an_event_within_the_clock_skew_counts_when_its_instant_comes(
    store: MemoryStore, skew: timedelta, ahead: timedelta
) -> None:
    at_desk = desk(store, rules=DeskRules(clock_skew=skew))
    admitted(at_desk, request(customer="answer"))
    event = Event.responded(MONDAY + ahead)
    assert (
        at_desk.execute(RecordEvent(id="e", case="R-1", event=event), MONDAY).result == "recorded"
    )
    at_desk.process_due(MONDAY + ahead)
    assert at_desk.clocks("R-1", MONDAY + ahead)["first_response"].state == "met"


def test_an_event_later_than_the_desk_by_more_than_the_clock_skew_is_refused(
    store: MemoryStore,
) -> None:
    at_desk = desk(store)
    admitted(at_desk, request())
    before = messages(at_desk)
    tick = timedelta(microseconds=1)
    for kind in (Event.responded, Event.closed, Event.terms_expired):
        event = kind(MONDAY + 5 * MINUTE + tick)
        with pytest.raises(TransitionError, match="cannot happen yet"):
            at_desk.execute(RecordEvent(id="e", case="R-1", event=event), MONDAY)
    assert messages(at_desk) == before
    with pytest.raises(InvalidValueError, match="negative"):
        DeskRules(clock_skew=-tick)


def test_units_are_taken_when_the_answer_happens_and_not_when_it_is_announced(
    at_desk: Desk,
) -> None:
    admitted(at_desk, request(customer="answer"))
    event = Event.responded(MONDAY + 5 * MINUTE)
    at_desk.execute(RecordEvent(id="e", case="R-1", event=event), MONDAY)
    assert used(at_desk, "answer") == 0
    at_desk.process_due(MONDAY + 5 * MINUTE)
    assert used(at_desk, "answer") == 1


def used(at_desk: Desk, customer: str) -> int:
    ledger = ledger_of(at_desk, customer)
    return ledger.balance(Unit.INCIDENTS, MONDAY + HOUR).used


@pytest.mark.parametrize("named", ["rest/R-1", "commit/R-1", "void/R-1", "issue/R-1", "R-1/rest"])
def test_a_request_consumes_its_units_whatever_its_id(
    store: MemoryStore, at_desk: Desk, named: str
) -> None:
    admitted(at_desk, request(customer="minutes"))
    at_desk.execute(ResolveCase(id="r", case="R-1", used=40), MONDAY + MINUTE)
    admitted(at_desk, request(named, customer="minutes"), MONDAY + 60 * MINUTE)
    ledger = ledger_of(at_desk, "minutes")
    assert ledger.available(Unit.MINUTES, MONDAY + 60 * MINUTE) == 100 - 40 - 30
    at_desk.execute(CancelCase(id="c", case=named), MONDAY + 60 * MINUTE)
    ledger = ledger_of(at_desk, "minutes")
    assert ledger.available(Unit.MINUTES, MONDAY + 60 * MINUTE) == 60
    all_or_nothing(store, TENANT)


@pytest.mark.parametrize("named", ["rest/R-1", "commit/R-1", "void/R-1", "expire/R-1"])
def test_a_case_is_settled_whatever_the_ids_of_earlier_cases(
    store: MemoryStore, at_desk: Desk, named: str
) -> None:
    admitted(at_desk, request(named, customer="minutes"))
    admitted(at_desk, request(customer="minutes"))
    at_desk.execute(ResolveCase(id="r", case="R-1", used=40), MONDAY + MINUTE)
    ledger = ledger_of(at_desk, "minutes")
    balance = ledger.balance(Unit.MINUTES, MONDAY + MINUTE)
    assert (balance.used, balance.held) == (40, 30)
    all_or_nothing(store, TENANT)


@pytest.mark.parametrize(
    ("holds", "first"), [(20 * MINUTE, 20 * MINUTE), (40 * MINUTE, 30 * MINUTE)]
)
def test_a_case_is_due_at_the_earlier_of_its_next_notice_and_the_end_of_its_hold(
    store: MemoryStore, holds: timedelta, first: timedelta
) -> None:
    brief = desk(store, rules=DeskRules(holds=holds))
    admitted(brief, request(customer="minutes"))
    assert case_of(brief, "R-1").next_due_at == MONDAY + first
    brief.execute(
        RecordEvent(id="e", case="R-1", event=Event.customer_replied(MONDAY + MINUTE)),
        MONDAY + MINUTE,
    )
    assert case_of(brief, "R-1").next_due_at == MONDAY + first


def test_cancelling_after_a_hold_ended_returns_no_units_twice(store: MemoryStore) -> None:
    brief = desk(store, rules=DeskRules(holds=20 * MINUTE))
    admitted(brief, request(customer="minutes"))
    brief.execute(CancelCase(id="c", case="R-1"), MONDAY + 25 * MINUTE)
    ledger = ledger_of(brief, "minutes")
    balance = ledger.balance(Unit.MINUTES, MONDAY + 25 * MINUTE)
    assert (balance.left, balance.held, balance.used) == (100, 0, 0)
    assert "void" not in [each.kind.value for each in ledger.entries]
    assert case_of(brief, "R-1").closed == MONDAY + 25 * MINUTE


def test_a_hold_that_ends_at_the_instant_of_a_cancellation_has_ended(store: MemoryStore) -> None:
    brief = desk(store, rules=DeskRules(holds=20 * MINUTE))
    admitted(brief, request(customer="minutes"))
    brief.execute(CancelCase(id="c", case="R-1"), MONDAY + 20 * MINUTE)
    ledger = ledger_of(brief, "minutes")
    assert ledger.available(Unit.MINUTES, MONDAY + 20 * MINUTE) == 100


@pytest.mark.parametrize("end", ["resolve", "cancel", "close"])
def test_a_case_without_a_work_item_can_be_resolved_and_cancelled(
    store: MemoryStore, at_desk: Desk, end: str
) -> None:
    admitted(at_desk, request(customer="minutes"))
    del store._tenants[TENANT]["work_items"]["R-1"]  # noqa: SLF001 - the host moved it away
    command = {
        "resolve": ResolveCase(id="k", case="R-1"),
        "cancel": CancelCase(id="k", case="R-1"),
        "close": RecordEvent(id="k", case="R-1", event=Event.closed(MONDAY + MINUTE)),
    }[end]
    at_desk.execute(command, MONDAY + MINUTE)
    assert case_of(at_desk, "R-1").closed == MONDAY + MINUTE
    ledger = ledger_of(at_desk, "minutes")
    balance = ledger.balance(Unit.MINUTES, MONDAY + MINUTE)
    assert (balance.held, balance.used) == (0, 0 if end == "cancel" else 30)


def test_refusals_are_counted_from_zero_after_a_reopening(store: MemoryStore) -> None:
    strict = desk_offering(store, OfferPolicy(declines=2, cool_down=MINUTE))
    admitted(strict, request())
    decline_once(strict, "one", MONDAY)
    in_between = strict.execute(
        OfferCase(id="o", case="R-1", agents=["bob"]), MONDAY + MINUTE
    ).fences["bob"]
    accept = AcceptOffer(id="a", case="R-1", agent="bob", fence=in_between)
    strict.execute(accept, MONDAY + MINUTE)
    strict.execute(ResolveCase(id="r", case="R-1"), MONDAY + 2 * MINUTE)
    strict.execute(ReopenCase(id="again", case="R-1"), MONDAY + 3 * MINUTE)
    assert item_of(strict, "R-1").state.refusal_count == 0
    decline_once(strict, "two", MONDAY + 4 * MINUTE)
    assert item_of(strict, "R-1").queued, "one refusal since the reopening, not two"


def decline_once(at_desk: Desk, id: str, at: datetime) -> None:
    fence = at_desk.execute(OfferCase(id=f"o {id}", case="R-1", agents=["ada"]), at).fences["ada"]
    at_desk.execute(DeclineOffer(id=f"d {id}", case="R-1", agent="ada", fence=fence), at)
