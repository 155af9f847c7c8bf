"""Always open and never open are timelines."""

from __future__ import annotations

import pytest

from entitlements.calendars.timeline.timeline import AlwaysOpen, NeverOpen, Timeline
from entitlements.calendars.timeline.zones import FIRST_MICROS, LAST_MICROS
from entitlements.kernel.errors import NeverReachedError

TIMELINES: list[Timeline] = [AlwaysOpen(), NeverOpen()]


@pytest.mark.parametrize("timeline", TIMELINES)
def test_constant_time_never_changes(timeline: Timeline) -> None:
    for ask in (
        timeline.next_open,
        timeline.next_close,
        timeline.previous_open,
        timeline.previous_close,
    ):
        assert ask(0) is None


def test_always_open_is_the_identity() -> None:
    always = AlwaysOpen()
    assert always.is_open(7)
    assert (always.open_time_before(7), always.earliest_with(7), always.latest_with(7)) == (7, 7, 7)
    assert (always.add(7, 5), always.add(7, -5), always.add(7, 0)) == (12, 2, 7)


def test_never_open_has_no_open_time() -> None:
    never = NeverOpen()
    assert not never.is_open(7)
    assert never.open_time_before(7) == 0
    assert never.add(7, 0) == 7
    assert (never.earliest_with(0), never.latest_with(0)) == (FIRST_MICROS, LAST_MICROS)
    for amount in (1, -1):
        with pytest.raises(NeverReachedError):
            never.add(7, amount)
    with pytest.raises(NeverReachedError):
        never.earliest_with(1)
    with pytest.raises(NeverReachedError):
        never.latest_with(-1)
