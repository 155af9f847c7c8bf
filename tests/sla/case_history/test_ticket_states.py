from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.kernel.errors import InvalidValueError, TransitionError
from entitlements.kernel.instants import utc
from entitlements.sla import CaseStatus, Event, History
from entitlements.sla.case_history.lifecycle import CaseState, next_case_state
from entitlements.sla.case_history.ticket_states import (
    TicketState,
    TicketStateChange,
    events_of_states,
)

NINE = utc("2026-03-02T09:00Z")
OPENED = Event.opened(NINE)
AFTER = {
    TicketState.IN_PROGRESS: (CaseStatus.OPEN, frozenset()),
    TicketState.PENDING: (CaseStatus.PAUSED, frozenset({"pending"})),
    TicketState.ON_HOLD: (CaseStatus.PAUSED, frozenset({"vendor"})),
    TicketState.SOLVED: (CaseStatus.RESOLVED, frozenset()),
    TicketState.CLOSED: (CaseStatus.CLOSED, frozenset()),
}


def change(state: str, minutes: int) -> TicketStateChange:
    reason = "vendor" if state == "on_hold" else None
    return TicketStateChange(since=NINE + timedelta(minutes=minutes), state=state, reason=reason)


CHANGES = st.lists(
    st.builds(change, st.sampled_from(list(TicketState)), st.integers(1, 6)),
    max_size=7,
    unique_by=lambda each: each.since,
)


def said(states: list[TicketStateChange]) -> list[str]:
    return [
        f"{each.at:%H:%M} {each.kind}{'' if each.reason is None else ' ' + each.reason}"
        for each in events_of_states([OPENED], states)
    ]


@pytest.mark.parametrize(
    ("states", "events"),
    [
        pytest.param([("in_progress", 5)], [], id="it was in progress before"),
        pytest.param([("pending", 5)], ["09:05 paused pending"], id="waits for the customer"),
        pytest.param([("pending", 5), ("pending", 9)], ["09:05 paused pending"], id="twice"),
        pytest.param(
            [("pending", 5), ("on_hold", 9)],
            ["09:05 paused pending", "09:09 resumed pending", "09:09 paused vendor"],
            id="waits for another",
        ),
        pytest.param(
            [("solved", 5), ("pending", 9)],
            ["09:05 resolved", "09:09 reopened", "09:09 paused pending"],
            id="reopened to wait",
        ),
        pytest.param(
            [("solved", 5), ("closed", 9), ("solved", 10)],
            ["09:05 resolved", "09:09 closed"],
            id="closed stays closed",
        ),
    ],
)
def test_states_become_events(states: list[tuple[str, int]], events: list[str]) -> None:
    assert said([change(*each) for each in states]) == events


@given(CHANGES)
def test_each_event_is_possible_and_leads_to_the_state_of_the_ticket(
    changes: list[TicketStateChange],
) -> None:
    for n in range(1, len(changes) + 1):
        ordered = sorted(changes, key=lambda each: each.since)[:n]
        state = CaseState()
        for event in (OPENED, *events_of_states([OPENED], ordered)):
            state = next_case_state(state, event)  # raises if it is not possible
        closed = any(each.state is TicketState.CLOSED for each in ordered)
        wanted = AFTER[TicketState.CLOSED if closed else ordered[-1].state]
        assert (state.status, state.reasons) == wanted


@given(CHANGES, st.randoms())
def test_the_order_of_arrival_does_not_matter(
    changes: list[TicketStateChange], random: object
) -> None:
    mixed = [*changes, *changes[:2]]
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert events_of_states([OPENED], mixed) == events_of_states([OPENED], changes)


def test_pauses_of_the_desk_end_when_the_ticket_is_in_progress() -> None:
    paused = Event.paused(NINE + timedelta(minutes=1), "parts")
    (event,) = events_of_states([OPENED, paused], [change("in_progress", 5)])
    assert History([OPENED, paused, event]).entries[-1][2] is CaseStatus.OPEN


def test_only_a_ticket_that_waits_has_a_reason() -> None:
    with pytest.raises(InvalidValueError, match="`solved` has the reason `vendor`"):
        TicketStateChange(since=NINE, state="solved", reason="vendor")
    with pytest.raises(InvalidValueError, match="snoozed"):
        TicketStateChange(since=NINE, state="snoozed")
    with pytest.raises(TransitionError):
        next_case_state(CaseState(), Event.paused(NINE, "pending"))
