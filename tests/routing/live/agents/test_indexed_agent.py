"""An indexed agent has a bit, and a shared shift knows whether it is over for ever."""

from __future__ import annotations

import pytest

from entitlements.calendars import Calendar
from entitlements.kernel.instants import to_micros, utc
from entitlements.kernel.periods.spans import Span
from entitlements.routing import Agent, Workload
from entitlements.routing.live.agents.indexed_agent import IndexedAgent, SharedShift

NINE = to_micros(utc("2026-03-02T09:00Z"))


def test_the_bit_of_an_agent_is_that_of_the_slot() -> None:
    assert [IndexedAgent(Agent(id="a"), Workload(), slot).bit for slot in (0, 1, 70)] == [
        1,
        2,
        1 << 70,
    ]


def test_absences_and_extra_duty_are_own_times() -> None:
    span = Span("2026-03-02T09:00Z", "2026-03-02T10:00Z")
    people = [Agent(id="a"), Agent(id="b", absences=[span]), Agent(id="c", overtime=[span])]
    assert [IndexedAgent(each, Workload()).has_own_times for each in people] == [False, True, True]


@pytest.mark.parametrize(
    ("calendar", "state"),
    [
        pytest.param(Calendar(zone="UTC", week="Mo-Fr 08:00-17:00"), (True, False), id="open"),
        pytest.param(Calendar(zone="UTC", week="Tu 08:00-17:00"), (False, False), id="closed"),
        pytest.param(Calendar.never(), (False, True), id="closed for ever"),
    ],
)
def test_a_shift_is_open_closed_or_over(calendar: Calendar, state: tuple[bool, bool]) -> None:
    shift = SharedShift(calendar.timeline, NINE)
    assert (shift.is_open, shift.ended) == state
