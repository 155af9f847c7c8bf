"""Cases that end, and cases that are reopened or closed after an end."""

from datetime import timedelta

import attrs
import pytest
from tests.service.cases.agents.test_offer_commands import load
from tests.service.cases.test_admission import SATURDAY, case_of, item_of
from tests.service.desks import (
    MINUTE,
    MONDAY,
    TENANT,
    accepted_case,
    admitted,
    desk,
    ledger_of,
    request,
    topics,
)

from entitlements.adapters.memory import MemoryStore
from entitlements.contracts import Unit
from entitlements.kernel.errors import ConflictError, TooEarlyError, TransitionError
from entitlements.kernel.ids import key
from entitlements.routing.offers.command_events import apply_command
from entitlements.routing.offers.lifecycle import (
    AssigneeAction,
    AssigneeActionKind,
    WorkStatus,
)
from entitlements.service import (
    CancelCase,
    Desk,
    DeskRules,
    OfferCase,
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


def test_a_cancelled_case_consumes_no_units_after_its_hold_has_ended(store: MemoryStore) -> None:
    brief = desk(store, rules=DeskRules(holds=MINUTE))
    admitted(brief, request(customer="answer"))
    answered = Event.responded(MONDAY + 2 * MINUTE)
    brief.execute(RecordEvent(id="e", case="R-1", event=answered), MONDAY)
    brief.execute(CancelCase(id="c", case="R-1"), MONDAY + 3 * MINUTE)
    ledger = ledger_of(brief, "answer")
    assert ledger.available(Unit.INCIDENTS, MONDAY + 3 * MINUTE) == 3
    brief.process_due(MONDAY + 9 * HOUR)
    assert ledger_of(brief, "answer").available(Unit.INCIDENTS, MONDAY + 9 * HOUR) == 3


def test_units_consumed_after_a_hold_ended_are_consumed_once_though_the_case_is_resolved_twice(
    store: MemoryStore,
) -> None:
    brief = desk(store, rules=DeskRules(holds=HOUR))
    admitted(brief, request(customer="minutes"))
    brief.execute(ResolveCase(id="r1", case="R-1", used=45), MONDAY + 2 * HOUR)
    brief.execute(ReopenCase(id="x", case="R-1"), MONDAY + 3 * HOUR)
    brief.execute(ResolveCase(id="r2", case="R-1", used=10), MONDAY + 4 * HOUR)
    assert balance(brief, "minutes", 4 * HOUR) == (55, 0, 45)
    all_or_nothing(store, TENANT)


def test_units_used_beyond_a_hold_do_not_expire(store: MemoryStore) -> None:
    brief = desk(store, rules=DeskRules(holds=HOUR))
    admitted(brief, request(customer="minutes"))
    brief.execute(ResolveCase(id="r", case="R-1", used=45), MONDAY + 30 * MINUTE)
    rest = ledger_of(brief, "minutes").find(key("rest", "R-1"))
    assert rest is not None
    assert rest.until is None
    assert balance(brief, "minutes", 9 * HOUR) == (55, 0, 45)


def put(store: MemoryStore, **changes: object) -> None:
    """Change the work of `R-1` as the host application does."""
    with store.begin(TENANT) as work:
        item = work.work_items.item("R-1")
        work.work_items.change(item, attrs.evolve(item, **changes))
        work.commit()


def test_a_case_whose_work_is_gone_is_reopened_and_changes_its_severity_all_the_same(
    store: MemoryStore, at_desk: Desk
) -> None:
    admitted(at_desk, request(severity="S2"))
    at_desk.execute(ResolveCase(id="r", case="R-1"), MONDAY + MINUTE)
    del store._tenants[TENANT]["work_items"]["R-1"]  # noqa: SLF001 - the host moved it away
    at_desk.execute(ReopenCase(id="o", case="R-1"), MONDAY + 2 * MINUTE)
    assert case_of(at_desk, "R-1").closed is None
    worse = Event.severity_changed(MONDAY + 3 * MINUTE, "S1")
    at_desk.execute(RecordEvent(id="e", case="R-1", event=worse), MONDAY + 3 * MINUTE)
    assert at_desk.clocks("R-1", MONDAY + 3 * MINUTE)["first_response"].target == HOUR
    assert topics(at_desk)[-2:] == ["case.reopened", "case.event"]


@pytest.mark.parametrize(
    "actions",
    [
        pytest.param([], id="accepted"),
        pytest.param([AssigneeActionKind.START], id="in work"),
        pytest.param([AssigneeActionKind.START, AssigneeActionKind.PAUSE], id="paused"),
    ],
)
def test_a_resolution_finishes_work_that_its_assignee_has_begun_or_put_aside(
    store: MemoryStore, at_desk: Desk, actions: list[AssigneeActionKind]
) -> None:
    _, fence = accepted_case(at_desk, request())
    state = item_of(at_desk, "R-1").state
    for each in actions:
        state, _ = apply_command(state, AssigneeAction(each.value, each, fence), MONDAY)
    put(store, state=state)
    at_desk.execute(ResolveCase(id="r", case="R-1"), MONDAY + MINUTE)
    assert item_of(at_desk, "R-1").state.status is WorkStatus.DONE
    assert load(at_desk) == {"ada": 0, "bob": 0}
    all_or_nothing(store, TENANT)


@pytest.mark.parametrize("end", ["resolve", "cancel"])
def test_deferred_work_that_is_over_before_its_right_opens_is_never_queued(
    at_desk: Desk, end: str
) -> None:
    admitted(at_desk, request(customer="daytime"), SATURDAY)
    command = {"resolve": ResolveCase(id="k", case="R-1"), "cancel": CancelCase(id="k", case="R-1")}
    at_desk.execute(command[end], SATURDAY + MINUTE)
    assert item_of(at_desk, "R-1").state.status is WorkStatus.CANCELLED
    at_desk.process_due(SATURDAY + 72 * HOUR)
    assert item_of(at_desk, "R-1").state.status is WorkStatus.CANCELLED


def test_reopened_work_goes_to_who_had_it_before_anybody_else_it_prefers(
    store: MemoryStore, at_desk: Desk
) -> None:
    agent, _ = accepted_case(at_desk, request())
    other = {"ada": "bob", "bob": "ada"}[agent]
    put(store, work=attrs.evolve(item_of(at_desk, "R-1").work, preferred_agents=[other]))
    at_desk.execute(ResolveCase(id="r", case="R-1"), MONDAY + MINUTE)
    at_desk.execute(ReopenCase(id="o", case="R-1"), MONDAY + HOUR)
    assert set(at_desk.execute(OfferCase(id="o2", case="R-1"), MONDAY + HOUR).fences) == {agent}


def test_reopened_work_does_not_prefer_an_agent_who_is_excluded_from_it(
    store: MemoryStore, at_desk: Desk
) -> None:
    agent, _ = accepted_case(at_desk, request())
    put(store, work=attrs.evolve(item_of(at_desk, "R-1").work, excluded_agents=[agent]))
    at_desk.execute(ResolveCase(id="r", case="R-1"), MONDAY + MINUTE)
    at_desk.execute(ReopenCase(id="o", case="R-1"), MONDAY + HOUR)
    assert item_of(at_desk, "R-1").work.preferred_agents == ()


@pytest.mark.parametrize("customer", ["flat", "opening"])
def test_a_case_without_a_hold_that_lasts_is_not_woken_by_the_end_of_holds(
    store: MemoryStore, customer: str
) -> None:
    brief = desk(store, rules=DeskRules(holds=20 * MINUTE))
    admitted(brief, request(customer=customer))
    assert case_of(brief, "R-1").next_due_at == MONDAY + 30 * MINUTE, "the first warning"


PAUSED = RecordEvent(id="p", case="R-1", event=Event.paused(MONDAY + 2 * HOUR, "customer"))
REPLIED = RecordEvent(id="p", case="R-1", event=Event.customer_replied(MONDAY + 2 * HOUR))


@pytest.mark.parametrize(
    ("earlier", "command", "message"),
    [
        pytest.param(
            PAUSED,
            ResolveCase(id="k", case="R-1"),
            "`resolved` at `2026-03-02T10:00:00Z` contradicts `paused` at `2026-03-02T11:00:00Z`, "
            "as the case is resolved then (it can happen at `2026-03-02T11:00:00Z`)",
            id="resolved before a pause",
        ),
        pytest.param(
            REPLIED,
            CancelCase(id="k", case="R-1"),
            "`cancelled` at `2026-03-02T10:00:00Z` contradicts `customer_replied` at "
            "`2026-03-02T11:00:00Z`, as the case was cancelled then "
            "(it can happen at `2026-03-02T11:00:00Z`)",
            id="cancelled before a reply",
        ),
        pytest.param(
            ResolveCase(id="p", case="R-1"),
            ReopenCase(id="k", case="R-1"),
            "`reopened` cannot happen at `2026-03-02T10:00:00Z`: the case is open and not paused "
            "(it can happen at `2026-03-02T11:00:00Z`)",
            id="reopened before the resolution",
        ),
    ],
)
def test_a_command_before_what_the_case_has_already_is_refused_with_the_way_out(
    at_desk: Desk, earlier: RecordEvent | ResolveCase, command: ResolveCase, message: str
) -> None:
    admitted(at_desk, request())
    at_desk.execute(earlier, MONDAY + 2 * HOUR)
    before = case_of(at_desk, "R-1"), topics(at_desk)
    with pytest.raises(TooEarlyError) as caught:
        at_desk.execute(command, MONDAY + HOUR)
    assert str(caught.value) == f"command `k` for case `R-1` is dated too early: {message}"
    assert (case_of(at_desk, "R-1"), topics(at_desk)) == before
    at_desk.execute(command, MONDAY + 2 * HOUR)
    assert case_of(at_desk, "R-1").events[-1].at == MONDAY + 2 * HOUR


def test_a_case_can_be_resolved_before_a_reply_that_it_has_already(at_desk: Desk) -> None:
    admitted(at_desk, request())
    at_desk.execute(REPLIED, MONDAY + 2 * HOUR)
    at_desk.execute(ResolveCase(id="r", case="R-1"), MONDAY + HOUR)
    assert case_of(at_desk, "R-1").closed == MONDAY + HOUR


def test_an_event_before_what_the_case_has_already_is_no_matter_of_the_command(
    at_desk: Desk,
) -> None:
    admitted(at_desk, request())
    at_desk.execute(PAUSED, MONDAY + 2 * HOUR)
    closed = RecordEvent(id="c", case="R-1", event=Event.closed(MONDAY + HOUR))
    with pytest.raises(TransitionError, match="contradicts `paused`") as caught:
        at_desk.execute(closed, MONDAY + 3 * HOUR)
    assert not isinstance(caught.value, TooEarlyError), "a later command does not help"
