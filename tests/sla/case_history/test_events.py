"""Case events and their constructors."""

from __future__ import annotations

import inspect
from datetime import datetime

import pytest

from entitlements.kernel.errors import InvalidValueError
from entitlements.sla import Event, EventKind

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
