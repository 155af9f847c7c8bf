"""Cases that end, and cases that go on after an end."""

from datetime import timedelta

import pytest
from tests.service.cases.test_admission import case_of, item_of
from tests.service.desks import (
    MINUTE,
    MONDAY,
    TENANT,
    accepted_case,
    admitted,
    desk,
    ledger_of,
    request,
)

from entitlements.adapters.memory import MemoryStore
from entitlements.contracts import Unit
from entitlements.kernel.errors import ConflictError
from entitlements.kernel.ids import key
from entitlements.service import (
    CancelCase,
    Desk,
    DeskRules,
    RecordEvent,
    ReopenCase,
    ResolveCase,
    TransferCase,
)
from entitlements.sla import Event
from entitlements.testing.laws.desk import all_or_nothing

HOUR = 60 * MINUTE


def balance(at_desk: Desk, customer: str, at: timedelta) -> tuple[int, int, int]:
    found = ledger_of(at_desk, customer).balance(Unit.MINUTES, MONDAY + at)
    return found.left, found.held, found.used


def test_reopened_work_has_no_assignee_until_an_agent_accepts_it(at_desk: Desk) -> None:
    agent, fence = accepted_case(at_desk, request())
    at_desk.execute(ResolveCase(id="r", case="R-1"), MONDAY + HOUR)
    at_desk.execute(ReopenCase(id="x", case="R-1"), MONDAY + 2 * HOUR)
    item = item_of(at_desk, "R-1")
    assert (item.state.assignee, item.state.assignee_fence) == (None, 0)
    assert item.work.preferred_agents == ((agent,),)
    with pytest.raises(ConflictError, match="fence"):
        at_desk.execute(TransferCase(id="t", case="R-1", fence=fence), MONDAY + 2 * HOUR)


def test_a_resolved_case_that_is_closed_later_counts_as_closed_since_its_resolution(
    at_desk: Desk,
) -> None:
    admitted(at_desk, request())
    at_desk.execute(ResolveCase(id="r", case="R-1"), MONDAY + HOUR)
    closed = Event.closed(MONDAY + 3 * HOUR)
    at_desk.execute(RecordEvent(id="c", case="R-1", event=closed), MONDAY + 3 * HOUR)
    case = case_of(at_desk, "R-1")
    assert case.closed == MONDAY + HOUR
    assert case.counted.resolved == MONDAY + HOUR


def test_a_case_that_is_closed_without_a_resolution_is_closed_at_that_event(at_desk: Desk) -> None:
    admitted(at_desk, request())
    closed = Event.closed(MONDAY + HOUR)
    at_desk.execute(RecordEvent(id="c", case="R-1", event=closed), MONDAY + 2 * HOUR)
    assert case_of(at_desk, "R-1").closed == MONDAY + HOUR


def test_a_cancelled_case_takes_no_units_after_its_hold_has_ended(store: MemoryStore) -> None:
    brief = desk(store, rules=DeskRules(holds=MINUTE))
    admitted(brief, request(customer="answer"))
    answered = Event.responded(MONDAY + 2 * MINUTE)
    brief.execute(RecordEvent(id="e", case="R-1", event=answered), MONDAY)
    brief.execute(CancelCase(id="c", case="R-1"), MONDAY + 3 * MINUTE)
    ledger = ledger_of(brief, "answer")
    assert ledger.available(Unit.INCIDENTS, MONDAY + 3 * MINUTE) == 3
    brief.process_due(MONDAY + 9 * HOUR)
    assert ledger_of(brief, "answer").available(Unit.INCIDENTS, MONDAY + 9 * HOUR) == 3


def test_units_taken_after_a_hold_ended_are_taken_once_though_the_case_is_resolved_twice(
    store: MemoryStore,
) -> None:
    brief = desk(store, rules=DeskRules(holds=HOUR))
    admitted(brief, request(customer="minutes"))
    brief.execute(ResolveCase(id="r1", case="R-1", used=45), MONDAY + 2 * HOUR)
    brief.execute(ReopenCase(id="x", case="R-1"), MONDAY + 3 * HOUR)
    brief.execute(ResolveCase(id="r2", case="R-1", used=10), MONDAY + 4 * HOUR)
    assert balance(brief, "minutes", 4 * HOUR) == (55, 0, 45)
    all_or_nothing(store, TENANT)


def test_what_is_used_beyond_a_hold_does_not_end_by_itself(store: MemoryStore) -> None:
    brief = desk(store, rules=DeskRules(holds=HOUR))
    admitted(brief, request(customer="minutes"))
    brief.execute(ResolveCase(id="r", case="R-1", used=45), MONDAY + 30 * MINUTE)
    rest = ledger_of(brief, "minutes").find(key("rest", "R-1"))
    assert rest is not None
    assert rest.until is None
    assert balance(brief, "minutes", 9 * HOUR) == (55, 0, 45)
