"""Events of a case move its deadlines before they are compared."""

from __future__ import annotations

import pytest
from tests.testing.promises.test_read import problems, read

from entitlements.testing.promises import PromiseResult, check_promises

OPEN = "  - ask: {severity: high}\n"


def only(events: str, expect: str) -> PromiseResult:
    (result,) = check_promises(read(f"{OPEN}    events: {events}\n    expect: {expect}"))
    return result


@pytest.mark.parametrize(
    ("events", "expect"),
    [
        ("{responded: 2026-03-02T10:00Z}", "{state: {first_response: met}}"),
        ("{responded: 2026-03-02T10:00:00.000001Z}", "{state: {first_response: missed}}"),
        ("{cancelled: 2026-03-02T09:30Z}", "{state: {first_response: cancelled}}"),
        (
            "{severity_changed: 2026-03-02T09:30Z, severity: low}",
            "{due: {first_response: 2026-03-02T13:00Z}}",
        ),
        (
            (
                "[{paused: 2026-03-02T09:20Z, reason: waiting_for_customer},"
                " {resumed: 2026-03-02T09:50Z}]"
            ),
            "{due: {first_response: 2026-03-02T10:30Z}, state: {first_response: running}}",
        ),
    ],
)
def test_a_promise_may_be_about_what_happens_later(events: str, expect: str) -> None:
    assert only(events, expect).differences == ()


def test_a_state_that_differs_is_said() -> None:
    told = only("{responded: 2026-03-02T09:10Z}", "{state: {first_response: missed}}").differences
    assert told == ("state.first_response: expected missed, but it is met",)


@pytest.mark.parametrize(
    ("events", "found"),
    [
        ("{answered: 2026-03-02T10:00Z}", "`answered` is not a key here"),
        ("responded", "`responded` is not an event"),
        ("{reason: x}", "an event has one kind, not 0"),
        ("{paused: 2026-03-02T10:00Z}", "`reason` is missing in this event"),
        ("{reached: 2026-03-02T10:00Z}", "`name` is missing in this event"),
        ("{condition_ended: 2026-03-02T10:00Z}", "`conditions` is missing in this event"),
        (
            "[{responded: 2026-03-02T10:00Z}, {resolved: 2026-03-02T09:00Z}]",
            "the event is before the one above it",
        ),
    ],
)
def test_a_slip_in_an_event_is_a_finding(events: str, found: str) -> None:
    told = problems(f"{OPEN}    events: {events}\n    expect: granted")
    assert any(found in each for each in told), told
