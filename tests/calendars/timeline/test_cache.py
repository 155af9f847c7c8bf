"""Equal hours share one timeline while one of them is in use."""

from __future__ import annotations

import gc

from entitlements.calendars import Calendar
from entitlements.calendars.timeline import cache as shared
from entitlements.calendars.timeline.cache import timeline_for
from entitlements.calendars.timeline.timeline import AlwaysOpen, NeverOpen


def desk(name: str) -> Calendar:
    return Calendar(zone="Asia/Tokyo", week="Mo-Fr 09:00-17:01", name=name)


def test_equal_calendars_share_a_timeline() -> None:
    one, two = desk("one"), desk("two")
    assert one.timeline is two.timeline
    assert (one | desk("x")).timeline is (two | desk("y")).timeline


def test_the_cache_keeps_no_timeline_alive() -> None:
    one = desk("one")
    form = one.normal_form
    assert one.timeline is not None
    assert form in shared._TIMELINES  # noqa: SLF001 - that nothing is left is the point
    del one
    gc.collect()
    assert form not in shared._TIMELINES  # noqa: SLF001 - what is kept is the point


def test_constant_hours_need_no_table() -> None:
    source = desk("one").open_time
    assert isinstance(timeline_for(("always",), source), AlwaysOpen)
    assert isinstance(timeline_for(("never",), source), NeverOpen)
