from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.service.cases.test_admission import case_of, item_of, left
from tests.service.desks import (
    MINUTE,
    MONDAY,
    TENANT,
    accepted_case,
    admitted,
    desk,
    request,
    settle,
    topics,
)

from entitlements.adapters.memory import MemoryStore
from entitlements.contracts import Unit
from entitlements.kernel.errors import InvalidValueError, TransitionError
from entitlements.kernel.ids import key
from entitlements.routing.offers.lifecycle import WorkStatus
from entitlements.service import (
    AdmitRequest,
    AdoptCase,
    CancelCase,
    Desk,
    RecordEvent,
    ReopenCase,
    Reply,
    ResolveCase,
    SyncCase,
)
from entitlements.sla import CaseStatus, Event
from entitlements.testing.laws.desk import all_or_nothing

LATER = MONDAY + timedelta(hours=3)

MINUTES = Unit.MINUTES


def sync(
    at_desk: Desk, state: str, minutes: int, *, seen: datetime | None = None, **more: object
) -> Reply:
    """Report a state as of some minutes after the opening, at that instant or when it was seen."""
    since = MONDAY + minutes * MINUTE
    command = SyncCase(
        id=f"sync {state} {minutes} {seen}",
        case="R-1",
        state=state,
        since=None if seen is None else since,
        **more,  # type: ignore[arg-type]
    )
    return at_desk.execute(command, seen or since)


def kinds(at_desk: Desk) -> list[str]:
    return [each.kind.value for each in case_of(at_desk, "R-1").events]


def test_a_ticket_that_waits_pauses_the_clocks_once(at_desk: Desk) -> None:
    admitted(at_desk, request())
    for minutes in (5, 6, 7):
        sync(at_desk, "pending", minutes)
    assert kinds(at_desk) == ["opened", "paused"]
    assert at_desk.clocks("R-1", MONDAY + 30 * MINUTE).status is CaseStatus.PAUSED
    sync(at_desk, "on_hold", 8, reason="vendor")
    assert at_desk.clocks("R-1", MONDAY + 9 * MINUTE).pause_reasons == {"vendor"}
    sync(at_desk, "in_progress", 10)
    assert at_desk.clocks("R-1", MONDAY + 30 * MINUTE).status is CaseStatus.OPEN
    assert topics(at_desk) == ["case.granted", *["case.event"] * 4]


def test_a_solved_ticket_ends_the_work_and_a_reopened_one_queues_it_again(
    store: MemoryStore, at_desk: Desk
) -> None:
    accepted_case(at_desk, request())
    sync(at_desk, "solved", 20)
    assert item_of(at_desk, "R-1").state.status is WorkStatus.DONE
    case = case_of(at_desk, "R-1")
    assert (case.status, case.closed) == (CaseStatus.RESOLVED, MONDAY + 20 * MINUTE)
    sync(at_desk, "pending", 25)
    assert item_of(at_desk, "R-1").state.status is WorkStatus.QUEUED
    assert case_of(at_desk, "R-1").closed is None
    assert topics(at_desk)[-4:] == ["case.resolved", "work.queued", "case.reopened", "case.event"]
    all_or_nothing(store, TENANT)


def test_a_solved_ticket_takes_the_units_once(at_desk: Desk) -> None:
    admitted(at_desk, request(customer="minutes"))
    sync(at_desk, "solved", 10)
    sync(at_desk, "in_progress", 11)
    sync(at_desk, "solved", 12)
    assert left(at_desk, "minutes", MINUTES) == 70


def test_a_ticket_that_goes_on_after_the_case_was_closed_is_an_error(at_desk: Desk) -> None:
    admitted(at_desk, request())
    sync(at_desk, "closed", 10)
    for state in ("in_progress", "pending", "on_hold"):
        with pytest.raises(TransitionError, match=f"the ticket is `{state}`, but case `R-1` is cl"):
            sync(at_desk, state, 11)
    sync(at_desk, "solved", 12)
    sync(at_desk, "closed", 13)
    assert kinds(at_desk) == ["opened", "closed"]


def test_a_cancelled_case_stays_cancelled(at_desk: Desk) -> None:
    admitted(at_desk, request())
    at_desk.execute(CancelCase(id="c", case="R-1"), MONDAY + MINUTE)
    with pytest.raises(TransitionError, match="is cancelled for good"):
        sync(at_desk, "in_progress", 2)
    sync(at_desk, "closed", 3)
    assert kinds(at_desk) == ["opened", "cancelled"]


@pytest.mark.parametrize("state", ["solved", "closed"])
def test_a_case_stays_cancelled_whatever_its_ticket_was_before(at_desk: Desk, state: str) -> None:
    admitted(at_desk, request(customer="minutes"))
    at_desk.execute(CancelCase(id="c", case="R-1"), MONDAY + 60 * MINUTE)
    sync(at_desk, state, 30, seen=MONDAY + 70 * MINUTE)
    sync(at_desk, "on_hold", 20, seen=MONDAY + 80 * MINUTE)
    assert case_of(at_desk, "R-1").status is CaseStatus.CANCELLED
    with pytest.raises(TransitionError, match="is cancelled for good"):
        sync(at_desk, "in_progress", 90)
    assert left(at_desk, "minutes", MINUTES) == 100


def test_states_from_before_the_opening_count_from_there_and_later_ones_are_refused(
    at_desk: Desk,
) -> None:
    admitted(at_desk, request())
    sync(at_desk, "pending", -30, seen=MONDAY + MINUTE)
    assert case_of(at_desk, "R-1").events[-1].at == MONDAY
    with pytest.raises(TransitionError, match="`state solved` cannot happen yet"):
        sync(at_desk, "solved", 60, seen=MONDAY + MINUTE)
    with pytest.raises(InvalidValueError, match="`closed` has the reason `vendor`"):
        SyncCase(id="k", case="R-1", state="closed", reason="vendor")


def test_a_state_that_arrives_late_corrects_what_did_not_happen(at_desk: Desk) -> None:
    admitted(at_desk, request())
    sync(at_desk, "pending", 30, seen=MONDAY + 31 * MINUTE)
    sync(at_desk, "pending", 10, seen=MONDAY + 40 * MINUTE)
    sync(at_desk, "in_progress", 20, seen=MONDAY + 50 * MINUTE)
    paused = at_desk.clocks("R-1", LATER)["resolution"].paused
    assert [each.start for each in paused] == [MONDAY + 10 * MINUTE, MONDAY + 30 * MINUTE]
    assert kinds(at_desk).count("corrected") == 1


State = tuple[int, str]
STATES = st.lists(
    st.tuples(
        st.integers(1, 8),
        st.sampled_from(["in_progress", "pending", "on_hold", "solved", "solved", "closed"]),
    ),
    max_size=6,
    unique_by=lambda each: each[0],
)


def new_desk() -> Desk:
    store = MemoryStore()
    settle(store)
    made = desk(store)
    made.execute(AdmitRequest(id="a", request=request(customer="minutes")), MONDAY)
    return made


def with_plain_events(states: Iterable[State]) -> Desk:
    """Return a desk after the events that a person would record for these states."""
    made, now = new_desk(), "in_progress"
    for minutes, state in sorted(states):
        at, id = MONDAY + minutes * MINUTE, f"{minutes}"
        if now in {state, "closed"}:
            continue
        waits = now in {"pending", "on_hold"}
        if now == "solved" and state != "closed":
            made.execute(ReopenCase(id=f"{id} r", case="R-1"), at)
        elif waits and state in {"in_progress", "pending", "on_hold"}:
            made.execute(RecordEvent(id=f"{id} g", case="R-1", event=Event.resumed(at)), at)
        if state in {"pending", "on_hold"}:
            made.execute(RecordEvent(id=f"{id} p", case="R-1", event=Event.paused(at, state)), at)
        elif state == "solved":
            made.execute(ResolveCase(id=f"{id} s", case="R-1"), at)
        elif state == "closed":
            made.execute(RecordEvent(id=f"{id} c", case="R-1", event=Event.closed(at)), at)
        now = state
    return made


@given(STATES, st.randoms(use_true_random=False))
def test_any_states_in_any_order_and_repeated_end_as_the_plain_events(
    states: list[State], random: Random
) -> None:
    plain, synced = with_plain_events(states), new_desk()
    arriving = [*states, *states[:3]]
    random.shuffle(arriving)
    for n, (minutes, state) in enumerate(arriving):
        command = SyncCase(id=f"s{n}", case="R-1", state=state, since=MONDAY + minutes * MINUTE)
        try:
            synced.execute(command, LATER + n * MINUTE)
        except TransitionError as error:
            assert "for good" in str(error)  # noqa: PT017 - most states are no error
    end = LATER + timedelta(hours=1)
    assert synced.clocks("R-1", end) == plain.clocks("R-1", end)
    one, other = case_of(synced, "R-1"), case_of(plain, "R-1")
    assert (one.status, one.closed) == (other.status, other.closed)
    assert left(synced, "minutes", MINUTES) == left(plain, "minutes", MINUTES)


def test_an_event_that_is_reported_cannot_pass_for_one_that_a_sync_made(at_desk: Desk) -> None:
    """A sync takes back what it made; an agent's answer is not its own to take back."""
    admitted(at_desk, request())
    imitated = Event.responded(MONDAY + 5 * MINUTE, id=key("sync", 4))
    with pytest.raises(InvalidValueError, match="is for keys only"):
        at_desk.execute(RecordEvent(id="k", case="R-1", event=imitated), MONDAY + 5 * MINUTE)
    opened = Event.opened(MONDAY, severity="S1", channel="phone")
    adopted = AdoptCase(
        id="a", request=request("R-2"), events=[opened, imitated], contract="C-1", line="1"
    )
    with pytest.raises(InvalidValueError, match="is for keys only"):
        at_desk.execute(adopted, MONDAY + 5 * MINUTE)
    plain = Event.responded(MONDAY + 5 * MINUTE, id="sync 4")
    at_desk.execute(RecordEvent(id="p", case="R-1", event=plain), MONDAY + 5 * MINUTE)
    sync(at_desk, "pending", 5)
    assert "corrected" not in kinds(at_desk)
