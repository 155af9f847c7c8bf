"""Always and never are timelines too."""

from __future__ import annotations

import pytest

from entitlements.calendars.timeline.timeline import Always, Never, Timeline
from entitlements.calendars.timeline.zones import FIRST, LAST
from entitlements.kernel.errors import NeverReachedError

TIMELINES: list[Timeline] = [Always(), Never()]


@pytest.mark.parametrize("timeline", TIMELINES)
def test_constant_time_never_changes(timeline: Timeline) -> None:
    for ask in (
        timeline.next_open,
        timeline.next_close,
        timeline.previous_open,
        timeline.previous_close,
    ):
        assert ask(0) is None


def test_always_is_the_identity() -> None:
    always = Always()
    assert always.is_open(7)
    assert (always.elapsed(7), always.reach(7), always.reach_latest(7)) == (7, 7, 7)
    assert (always.add(7, 5), always.add(7, -5), always.add(7, 0)) == (12, 2, 7)


def test_never_counts_nothing_and_reaches_nothing() -> None:
    never = Never()
    assert not never.is_open(7)
    assert never.elapsed(7) == 0
    assert never.add(7, 0) == 7
    assert (never.reach(0), never.reach_latest(0)) == (FIRST, LAST)
    for amount in (1, -1):
        with pytest.raises(NeverReachedError):
            never.add(7, amount)
    with pytest.raises(NeverReachedError):
        never.reach(1)
    with pytest.raises(NeverReachedError):
        never.reach_latest(-1)
