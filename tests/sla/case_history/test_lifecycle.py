"""Which event may happen when: the table, cell by cell."""

from __future__ import annotations

import pytest

from entitlements.kernel.errors import TransitionError
from entitlements.sla import CASE_TRANSITIONS, CaseState, Event, Kind, Status, advance

WHEN = "2026-03-02T09:00Z"
EVENTS = {
    Kind.OPENED: Event.opened(WHEN),
    Kind.SEVERITY_CHANGED: Event.severity_changed(WHEN, "S1"),
    Kind.TERMS_CHANGED: Event.terms_changed(WHEN),
    Kind.TERMS_EXPIRED: Event.terms_expired(WHEN),
    Kind.REOPENED: Event.reopened(WHEN),
    Kind.CUSTOMER_REPLIED: Event.customer_replied(WHEN),
    Kind.RESUMED: Event.resumed(WHEN),
    Kind.ACKNOWLEDGED: Event.acknowledged(WHEN),
    Kind.RESPONDED: Event.responded(WHEN),
    Kind.REACHED: Event.reached(WHEN, "workaround"),
    Kind.PAUSED: Event.paused(WHEN, "customer"),
    Kind.RESOLVED: Event.resolved(WHEN),
    Kind.CLOSED: Event.closed(WHEN),
    Kind.CANCELLED: Event.cancelled(WHEN),
    Kind.CORRECTED: Event.corrected(WHEN, "e1"),
}

# One row for each state, one letter for each kind in the order above: O open, P paused, R resolved,
# C closed, X cancelled, a dot for what is refused.
TABLE = {
    Status.UNOPENED: "O..............",
    Status.OPEN: ".OOO.O.OOOPRCX.",
    Status.PAUSED: ".PPP.POPPPPRCX.",
    Status.RESOLVED: ".RRROR.RRR..C..",
    Status.CLOSED: "...............",
    Status.CANCELLED: "...............",
}
LETTERS = {
    "O": Status.OPEN,
    "P": Status.PAUSED,
    "R": Status.RESOLVED,
    "C": Status.CLOSED,
    "X": Status.CANCELLED,
}


def state_of(status: Status) -> CaseState:
    return CaseState(status, frozenset({"supplier"} if status is Status.PAUSED else ()))


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("kind", Kind)
def test_an_event_leads_to_the_state_of_the_table_or_is_refused(status: Status, kind: Kind) -> None:
    letter = TABLE[status][list(Kind).index(kind)]
    if letter == ".":
        with pytest.raises(TransitionError, match=f"`{kind.value}` cannot happen: the case"):
            advance(state_of(status), EVENTS[kind])
        assert (status, kind) not in CASE_TRANSITIONS
    else:
        after = advance(state_of(status), EVENTS[kind])
        assert after.status is LETTERS[letter]
        assert bool(after.reasons) == (after.status is Status.PAUSED)


def test_a_case_waits_until_the_last_reason_is_gone() -> None:
    both = CaseState(Status.PAUSED, frozenset({"customer", "supplier"}))
    one = advance(both, Event.resumed(WHEN, "customer"))
    assert one == CaseState(Status.PAUSED, frozenset({"supplier"}))
    assert advance(one, Event.resumed(WHEN, "supplier")) == CaseState(Status.OPEN)
    assert advance(both, Event.resumed(WHEN)) == CaseState(Status.OPEN)


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (Event.paused(WHEN, "supplier"), "waits for `supplier` already"),
        (Event.resumed(WHEN, "customer"), "does not wait for `customer`"),
    ],
)
def test_a_reason_begins_and_ends_once(event: Event, why: str) -> None:
    with pytest.raises(TransitionError, match=why):
        advance(state_of(Status.PAUSED), event)
