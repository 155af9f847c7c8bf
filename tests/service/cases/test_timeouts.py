from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import attrs
import pytest
from sqlalchemy import select, update
from tests.service.cases.agents.test_offer_commands import load
from tests.service.cases.test_admission import SATURDAY, case_of, item_of
from tests.service.desks import (
    MINUTE,
    MONDAY,
    TENANT,
    accepted_case,
    admitted,
    desk,
    desk_offering,
    ledger_of,
    request,
    settle,
    topics,
)

from entitlements.adapters.memory import MemoryStore
from entitlements.adapters.sql import SqlStore, migrate
from entitlements.contracts import Unit
from entitlements.kernel.instants import utc
from entitlements.routing.offers.lifecycle import WorkStatus
from entitlements.routing.offers.offer_policy import OfferPolicy
from entitlements.service import (
    AdmitRequest,
    Desk,
    DeskRules,
    OfferCase,
    RecordEvent,
    ResolveCase,
    TimeoutResult,
)
from entitlements.service.cases.timeouts import process_case_timeout, process_work_timeout
from entitlements.sla import Event
from entitlements.testing.laws.desk import all_or_nothing

HOUR = 60 * MINUTE
SECOND = timedelta(seconds=1)


def test_due_steps_are_carried_out_once_and_not_before_their_time(
    store: MemoryStore, at_desk: Desk
) -> None:
    admitted(at_desk, request())
    assert at_desk.process_due(MONDAY + 30 * MINUTE - SECOND) == TimeoutResult()
    assert at_desk.process_due(MONDAY + 30 * MINUTE) == TimeoutResult(cases=("R-1",))
    assert at_desk.process_due(MONDAY + 30 * MINUTE) == TimeoutResult()
    assert at_desk.process_due(MONDAY + HOUR).cases == ("R-1",)
    assert topics(at_desk) == ["case.granted", "clock.warning", "clock.breach"]
    assert at_desk.process_due(MONDAY + HOUR) == TimeoutResult()
    all_or_nothing(store, TENANT)


def test_late_processing_sends_every_notice_once_in_the_order_of_time(at_desk: Desk) -> None:
    admitted(at_desk, request())
    assert at_desk.process_due(MONDAY + timedelta(days=9)).cases == ("R-1",)
    sent = topics(at_desk)
    assert sent == ["case.granted", "clock.warning", "clock.breach", "clock.breach"]
    assert case_of(at_desk, "R-1").next_due_at is None


def test_a_case_with_a_paused_clock_is_not_due(at_desk: Desk) -> None:
    admitted(at_desk, request())
    event = Event.paused(MONDAY + MINUTE, "customer")
    at_desk.execute(RecordEvent(id="p", case="R-1", event=event), event.at)
    assert case_of(at_desk, "R-1").next_due_at is None
    assert at_desk.process_due(MONDAY + timedelta(days=30)) == TimeoutResult()


def test_work_of_an_expired_offer_returns_to_the_queue_with_its_age(
    store: MemoryStore, at_desk: Desk
) -> None:
    admitted(at_desk, request())
    at_desk.execute(OfferCase(id="o", case="R-1"), MONDAY)
    assert at_desk.process_due(MONDAY + 30 * SECOND).work_items == ("R-1",)
    item = item_of(at_desk, "R-1")
    assert item.queued
    assert item.state.queued_at == MONDAY
    assert load(at_desk) == {"ada": 0, "bob": 0}
    assert at_desk.execute(OfferCase(id="o2", case="R-1"), MONDAY + MINUTE).fences == {"bob": 2}
    all_or_nothing(store, TENANT)


def test_deferred_work_is_queued_when_its_right_opens(at_desk: Desk) -> None:
    at_desk.execute(
        AdmitRequest(id="k", request=request(customer="daytime", severity="S2")), SATURDAY
    )
    opens = utc("2026-03-09T09:00+01:00")
    assert at_desk.process_due(opens - SECOND).work_items == ()
    assert at_desk.process_due(opens).work_items == ("R-1",)
    assert item_of(at_desk, "R-1").queued
    assert item_of(at_desk, "R-1").next_due_at is None


def test_work_that_waits_too_long_is_parked_and_a_person_can_still_offer_it(
    store: MemoryStore,
) -> None:
    strict = desk_offering(store, OfferPolicy(longest_wait=2 * HOUR))
    admitted(strict, request())
    assert item_of(strict, "R-1").next_due_at == MONDAY + 2 * HOUR
    assert strict.process_due(MONDAY + 2 * HOUR - SECOND).work_items == ()
    assert strict.process_due(MONDAY + 2 * HOUR).work_items == ("R-1",)
    assert item_of(strict, "R-1").state.status is WorkStatus.PARKED
    assert "work.parked" in topics(strict)
    offer = OfferCase(id="o", case="R-1", agents=["bob"])
    assert strict.execute(offer, MONDAY + 3 * HOUR).fences == {"bob": 1}


def test_wrap_up_ends_and_a_silent_assignee_loses_the_work(store: MemoryStore) -> None:
    policy = OfferPolicy(wrap_up=10 * MINUTE, silence=2 * HOUR)
    strict = desk_offering(store, policy)
    accepted_case(strict, request())
    accepted_case(strict, request("R-2"))
    strict.execute(ResolveCase(id="r", case="R-1"), MONDAY + MINUTE)
    strict.process_due(MONDAY + 11 * MINUTE)
    assert item_of(strict, "R-1").state.status is WorkStatus.DONE
    strict.process_due(MONDAY + 2 * HOUR)
    assert item_of(strict, "R-2").queued
    assert load(strict) == {"ada": 0, "bob": 0}
    all_or_nothing(store, TENANT)


def test_the_end_of_a_hold_is_recorded(store: MemoryStore) -> None:
    brief = desk(store, rules=DeskRules(holds=20 * MINUTE))
    admitted(brief, request(customer="minutes"))
    assert brief.process_due(MONDAY + 20 * MINUTE).cases == ("R-1",)
    ledger = ledger_of(brief, "minutes")
    assert [each.kind.value for each in ledger.entries] == ["reserve", "expire"]
    assert ledger.available(Unit.MINUTES, MONDAY + 20 * MINUTE) == 100
    assert case_of(brief, "R-1").next_due_at == MONDAY + 30 * MINUTE, (
        "the warning comes all the same"
    )


def test_a_page_says_whether_there_is_more(at_desk: Desk) -> None:
    for number in range(5):
        admitted(at_desk, request(f"R-{number}"))
    first = at_desk.process_due(MONDAY + HOUR, most=3)
    assert len(first.cases) == 3
    assert first.more
    second = at_desk.process_due(MONDAY + HOUR, most=3)
    assert (len(second.cases), second.more) == (2, False)


def test_a_page_of_work_items_says_whether_there_is_more(at_desk: Desk) -> None:
    for number in range(3):
        admitted(at_desk, request(f"R-{number}"))
        at_desk.execute(OfferCase(id=f"o{number}", case=f"R-{number}"), MONDAY)
    at = MONDAY + 30 * SECOND  # offers have ended, and no clock has a warning yet
    first = at_desk.process_due(at, most=2)
    assert (len(first.work_items), first.cases, first.more) == (2, (), True)
    second = at_desk.process_due(at, most=4)
    assert (len(second.work_items), second.more) == (1, False)


def lose(store: MemoryStore, *cases: str) -> None:
    """Let cases name a catalog edition that does not exist."""
    with store.begin(TENANT) as work:
        for id in cases:
            case = work.cases.case(id)
            lost = attrs.evolve(case, terms=attrs.evolve(case.terms, edition=7))
            work.cases.change(case, lost)
        work.commit()


def test_failing_cases_do_not_delay_others_however_many_they_are(
    store: MemoryStore, at_desk: Desk
) -> None:
    failing = [f"F-{number:03}" for number in range(12)]
    for id in failing:
        admitted(at_desk, request(id))
    for id in ("R-1", "R-2"):
        admitted(at_desk, request(id), MONDAY + SECOND)
    lose(store, *failing)
    done = at_desk.process_due(MONDAY + HOUR, most=2)
    assert done.cases == ("R-1", "R-2")
    assert [each.id for each in done.failed] == failing
    assert {(each.kind, each.reason) for each in done.failed} == {("case", "unknown_id")}
    assert topics(at_desk).count("item.set_aside") == 12


def test_failed_items_are_tried_again_after_growing_delays(
    store: MemoryStore, at_desk: Desk
) -> None:
    admitted(at_desk, request())
    lose(store, "R-1")
    at, waits = MONDAY + HOUR, []
    for _ in range(9):
        (failure,) = at_desk.process_due(at).failed
        assert at_desk.process_due(at).failed == ()
        assert at_desk.process_due(failure.again - SECOND).failed == ()
        waits.append(failure.again - at)
        at = failure.again
    minutes = [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert waits == [each * MINUTE for each in minutes]


def test_a_repaired_item_is_processed_and_no_longer_listed_as_failed(
    store: MemoryStore, at_desk: Desk
) -> None:
    admitted(at_desk, request())
    whole = case_of(at_desk, "R-1")
    lose(store, "R-1")
    (failure,) = at_desk.process_due(MONDAY + HOUR).failed
    with store.begin(TENANT) as work:
        work.cases.change(work.cases.case("R-1"), whole)
        work.commit()
    assert at_desk.process_due(failure.again).cases == ("R-1",)
    lose(store, "R-1")
    (again,) = at_desk.process_due(MONDAY + timedelta(days=30)).failed
    assert again.tries == 1


def test_an_account_that_cannot_be_read_is_set_aside_once_with_all_its_cases(
    tmp_path: Path,
) -> None:
    with SqlStore.open(f"sqlite:///{tmp_path}/a.db") as store:
        migrate(store.engine)
        settle(store)
        at_desk = desk(store)
        for number in range(3):
            admitted(at_desk, request(f"M-{number}", "minutes"))
        admitted(at_desk, request("R-1"), MONDAY + SECOND)
        a = store.tables.accounts
        broken = update(a).where(a.c.customer == "minutes").values(unknown="{", version=99)
        with store.engine.begin() as connection:
            whole = connection.execute(select(a).where(a.c.customer == "minutes")).one()
            connection.execute(broken)
        done = at_desk.process_due(MONDAY + HOUR)
        assert [(each.kind, each.id) for each in done.failed] == [("account", "minutes")]
        assert done.cases == ("R-1",)
        assert topics(at_desk).count("item.set_aside") == 1
        assert at_desk.process_due(MONDAY + HOUR) == TimeoutResult()
        (again,) = at_desk.process_due(done.failed[0].again).failed
        assert (again.id, again.tries) == ("minutes", 2)
        with store.engine.begin() as connection:
            mended = update(a).where(a.c.customer == "minutes")
            connection.execute(mended.values(unknown=whole.unknown, version=whole.version))
        assert at_desk.process_due(again.again).cases == ("M-0", "M-1", "M-2")
        with store.engine.begin() as connection:
            connection.execute(broken)
        (later,) = at_desk.process_due(MONDAY + timedelta(days=30)).failed
        assert later.tries == 1


def test_a_page_is_never_longer_than_asked_though_some_of_it_fails(
    store: MemoryStore, at_desk: Desk
) -> None:
    admitted(at_desk, request("F-1"))
    for number in range(4):
        admitted(at_desk, request(f"R-{number}"), MONDAY + SECOND)
    lose(store, "F-1")
    done = at_desk.process_due(MONDAY + HOUR, most=2)
    assert ([each.id for each in done.failed], done.cases) == (["F-1"], ("R-0", "R-1"))
    assert done.more


def test_the_earliest_end_of_several_offers_wakes_the_work(store: MemoryStore) -> None:
    at_desk = desk(store)
    admitted(at_desk, request())
    for after, agent in ((0, "ada"), (10, "bob")):
        offer = OfferCase(id=f"o {agent}", case="R-1", agents=[agent])
        at_desk.execute(offer, MONDAY + after * SECOND)
    assert item_of(at_desk, "R-1").next_due_at == MONDAY + 30 * SECOND
    assert at_desk.process_due(MONDAY + 30 * SECOND).work_items == ("R-1",)
    assert item_of(at_desk, "R-1").next_due_at == MONDAY + 40 * SECOND


@pytest.mark.parametrize("process", [process_case_timeout, process_work_timeout])
def test_what_another_process_has_carried_out_in_the_meantime_is_left_alone(
    at_desk: Desk, process: Callable[..., bool]
) -> None:
    admitted(at_desk, request())
    at_desk.execute(OfferCase(id="o", case="R-1"), MONDAY)
    before = topics(at_desk), case_of(at_desk, "R-1"), item_of(at_desk, "R-1")
    assert not at_desk.context.execute(partial(process, id="R-1"), MONDAY + SECOND)
    assert (topics(at_desk), case_of(at_desk, "R-1"), item_of(at_desk, "R-1")) == before
    assert at_desk.context.execute(partial(process, id="R-1"), MONDAY + HOUR)
    assert not at_desk.context.execute(partial(process, id="R-1"), MONDAY + HOUR)
