"""Dated facts about a case."""

from __future__ import annotations

import inspect
from datetime import datetime

import pytest

from entitlements.kernel.errors import InvalidValueError
from entitlements.sla import Event, EventKind

WHEN = "2026-03-02T10:00+01:00"


def test_there_is_one_way_to_make_each_kind() -> None:
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
def test_a_reason_has_a_name(word: str) -> None:
    with pytest.raises(InvalidValueError):
        Event.paused(WHEN, word)


def test_a_correction_corrects_no_correction_and_not_the_future() -> None:
    with pytest.raises(InvalidValueError, match="replaced by a correction"):
        Event.corrected(WHEN, "e1", replacement=Event.corrected(WHEN, "e2"))
    with pytest.raises(InvalidValueError, match="comes after"):
        Event.corrected(WHEN, "e1", replacement=Event.responded("2026-03-02T11:00+01:00"))


def test_a_correction_tells_of_nothing_that_comes_after_it() -> None:
    # However it is made; else an event would count before its instant.
    later = Event.responded("2026-03-02T12:00Z")
    with pytest.raises(InvalidValueError, match="what comes after it"):
        Event(kind=EventKind.CORRECTED, at="2026-03-02T11:00Z", corrects="e1", replacement=later)
    with pytest.raises(InvalidValueError, match="replaces no event"):
        Event(kind=EventKind.RESPONDED, at="2026-03-02T12:00Z", replacement=later)
