"""Case events and their constructors."""

from __future__ import annotations

import inspect
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.kernel import Request
from entitlements.kernel.errors import InvalidValueError
from entitlements.sla import Event, EventKind
from entitlements.sla.case_history.events import opening_event
from entitlements.testing.strategies.sla import instants

WHEN = "2026-03-02T10:00+01:00"


def test_each_kind_has_one_constructor() -> None:
    made = {
        name for name, each in inspect.getmembers(Event, inspect.ismethod) if name in {*EventKind}
    }
    assert made == {*EventKind}


def test_an_event_keeps_its_instant_and_not_its_zone() -> None:
    early, same = Event.resolved(WHEN), Event.resolved("2026-03-02T09:00Z")
    assert early == same
    assert hash(early) == hash(same)
    assert early.micros == 1_772_442_000_000_000


@given(instants(), instants(), st.sampled_from([None, "S1"]), st.sampled_from(["phone", "web"]))
def test_the_opening_of_a_request_is_as_if_it_was_made_for_it(
    at: datetime, other: datetime, severity: str | None, channel: str
) -> None:
    request = Request(
        id="R-1", customer="a", contact="d", product="p", severity=severity, channel=channel,
        conditions=["reachable"], kind="incident",
    )  # fmt: skip
    for when in (at, other):  # both are opened alike, and differ in their instants
        found = opening_event(request, when)
        made = Event.opened(
            when, severity=severity, channel=channel, conditions=["reachable"],
            request_kind="incident",
        )  # fmt: skip
        assert found == made
        assert (found.micros, found.order_rank) == (made.micros, made.order_rank)


@pytest.mark.parametrize("when", ["2026-03-02T10:00", "soon", datetime(2026, 3, 2)])  # noqa: DTZ001 - that is the point
def test_an_instant_needs_a_zone(when: datetime | str) -> None:
    with pytest.raises(InvalidValueError):
        Event.resolved(when)


@pytest.mark.parametrize("word", ["", " ", "a\nb"])
def test_a_pause_reason_is_an_id(word: str) -> None:
    with pytest.raises(InvalidValueError):
        Event.paused(WHEN, word)


def test_a_correction_cannot_be_replaced_by_a_correction_or_by_a_later_event() -> None:
    with pytest.raises(InvalidValueError, match="replaced by a correction"):
        Event.corrected(WHEN, "e1", replacement=Event.corrected(WHEN, "e2"))
    with pytest.raises(InvalidValueError, match="is later than its correction"):
        Event.corrected(WHEN, "e1", replacement=Event.responded("2026-03-02T11:00+01:00"))


def test_a_replacement_is_not_later_than_its_correction() -> None:
    # Otherwise an event would count before its instant.
    later = Event.responded("2026-03-02T12:00Z")
    with pytest.raises(InvalidValueError, match="is later than its correction"):
        Event(kind=EventKind.CORRECTED, at="2026-03-02T11:00Z", corrects="e1", replacement=later)
    with pytest.raises(InvalidValueError, match="has no replacement"):
        Event(kind=EventKind.RESPONDED, at="2026-03-02T12:00Z", replacement=later)


@pytest.mark.parametrize("named", [None, [], ["reachable", "asked"]])
def test_an_event_about_a_condition_names_one(named: list[str] | None) -> None:
    with pytest.raises(InvalidValueError, match="`condition_ended` is about one condition"):
        Event(kind=EventKind.CONDITION_ENDED, at="2026-03-02T09:00Z", conditions=named)
