"""The table of transitions, cell by cell."""

from __future__ import annotations

import pytest

from entitlements.kernel.errors import TransitionError
from entitlements.sla import CaseStatus, Event, EventKind
from entitlements.sla.case_history.lifecycle import CASE_TRANSITIONS, CaseState, next_case_state

WHEN = "2026-03-02T09:00Z"
EVENTS = {
    EventKind.OPENED: Event.opened(WHEN),
    EventKind.SEVERITY_CHANGED: Event.severity_changed(WHEN, "S1"),
    EventKind.TERMS_CHANGED: Event.terms_changed(WHEN),
    EventKind.CONDITION_ENDED: Event.condition_ended(WHEN, "reachable"),
    EventKind.CONDITION_MET: Event.condition_met(WHEN, "reachable"),
    EventKind.TERMS_EXPIRED: Event.terms_expired(WHEN),
    EventKind.REOPENED: Event.reopened(WHEN),
    EventKind.CUSTOMER_REPLIED: Event.customer_replied(WHEN),
    EventKind.RESUMED: Event.resumed(WHEN),
    EventKind.ACKNOWLEDGED: Event.acknowledged(WHEN),
    EventKind.RESPONDED: Event.responded(WHEN),
    EventKind.REACHED: Event.reached(WHEN, "workaround"),
    EventKind.PAUSED: Event.paused(WHEN, "customer"),
    EventKind.RESOLVED: Event.resolved(WHEN),
    EventKind.CLOSED: Event.closed(WHEN),
    EventKind.CANCELLED: Event.cancelled(WHEN),
    EventKind.CORRECTED: Event.corrected(WHEN, "e1"),
}

# One row for each state, one letter for each kind in the order above: O open, P paused, R resolved,
# C closed, X cancelled, a dot for no transition.
TABLE = {
    CaseStatus.UNOPENED: "O................",
    CaseStatus.OPEN: ".OOOOO.O.OOOPRCX.",
    CaseStatus.PAUSED: ".PPPPP.POPPPPRCX.",
    CaseStatus.RESOLVED: ".RRRRROR.RRR..C..",
    CaseStatus.CLOSED: ".................",
    CaseStatus.CANCELLED: ".................",
}
LETTERS = {
    "O": CaseStatus.OPEN,
    "P": CaseStatus.PAUSED,
    "R": CaseStatus.RESOLVED,
    "C": CaseStatus.CLOSED,
    "X": CaseStatus.CANCELLED,
}


def state_of(status: CaseStatus) -> CaseState:
    return CaseState(status, frozenset({"supplier"} if status is CaseStatus.PAUSED else ()))


@pytest.mark.parametrize("status", CaseStatus)
@pytest.mark.parametrize("kind", EventKind)
def test_an_event_leads_to_the_status_of_the_table_or_is_not_possible(
    status: CaseStatus, kind: EventKind
) -> None:
    letter = TABLE[status][list(EventKind).index(kind)]
    if letter == ".":
        with pytest.raises(TransitionError, match=f"`{kind.value}` cannot happen: the case"):
            next_case_state(state_of(status), EVENTS[kind])
        assert (status, kind) not in CASE_TRANSITIONS
    else:
        after = next_case_state(state_of(status), EVENTS[kind])
        assert after.status is LETTERS[letter]
        assert bool(after.reasons) == (after.status is CaseStatus.PAUSED)


def test_a_case_is_paused_until_its_last_reason_ends() -> None:
    both = CaseState(CaseStatus.PAUSED, frozenset({"customer", "supplier"}))
    one = next_case_state(both, Event.resumed(WHEN, "customer"))
    assert one == CaseState(CaseStatus.PAUSED, frozenset({"supplier"}))
    assert next_case_state(one, Event.resumed(WHEN, "supplier")) == CaseState(CaseStatus.OPEN)
    assert next_case_state(both, Event.resumed(WHEN)) == CaseState(CaseStatus.OPEN)


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (Event.paused(WHEN, "supplier"), "waits for `supplier` already"),
        (Event.resumed(WHEN, "customer"), "does not wait for `customer`"),
    ],
)
def test_a_reason_begins_and_ends_once(event: Event, why: str) -> None:
    with pytest.raises(TransitionError, match=why):
        next_case_state(state_of(CaseStatus.PAUSED), event)
