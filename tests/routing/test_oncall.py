"""Layers, overrides and handovers on the wall clock."""

from __future__ import annotations

from datetime import timedelta

import pytest

from entitlements.calendars import Calendar
from entitlements.kernel import InvalidValueError, Span
from entitlements.kernel.instants import utc
from entitlements.routing import Layer, OnCall, Override

START = utc("2026-03-23T08:00Z")  # Monday 09:00 in Berlin, a week before summer time
WEEKLY = Layer(members=["ada", "bob", "eve"], start=START, zone="Europe/Berlin")


def test_handovers_stay_at_the_same_time_on_the_wall() -> None:
    schedule = OnCall(id="db", layers=[WEEKLY])
    assert schedule.who(utc("2026-03-30T06:59Z")) == ("ada",)
    assert schedule.who(utc("2026-03-30T07:00Z")) == ("bob",)
    assert WEEKLY.next_change(START) == utc("2026-03-30T07:00Z")


def test_nobody_is_on_call_before_the_start() -> None:
    assert OnCall(id="db", layers=[WEEKLY]).who(START - timedelta(microseconds=1)) == ()
    assert WEEKLY.next_change(START - timedelta(days=9)) == START


def test_later_layers_cover_earlier_ones_while_on_duty() -> None:
    nights = Layer(
        members=["zoe"],
        start=START,
        zone="UTC",
        hours=Calendar(zone="UTC", week="Mo-Su 22:00-06:00"),
    )
    schedule = OnCall(id="db", layers=[WEEKLY, nights])
    assert schedule.who(utc("2026-03-24T12:00Z")) == ("ada",)
    assert schedule.who(utc("2026-03-24T23:00Z")) == ("zoe",)
    assert schedule.next_on_call("zoe", utc("2026-03-24T12:00Z")) == utc("2026-03-24T22:00Z")


def test_the_last_override_covers_everything() -> None:
    day = Span("2026-03-24T00:00Z", "2026-03-25T00:00Z")
    noon = Span("2026-03-24T12:00Z", "2026-03-24T13:00Z")
    schedule = OnCall(
        id="db", layers=[WEEKLY], overrides=[Override(day, "bob"), Override(noon, ["eve", "zoe"])]
    )
    assert schedule.who(utc("2026-03-24T11:00Z")) == ("bob",)
    assert schedule.who(utc("2026-03-24T12:30Z")) == ("eve", "zoe")
    assert schedule.next_on_call("zoe", START) == noon.start
    assert schedule.next_on_call("ada", day.start) == day.end


def test_who_is_in_no_layer_is_never_on_call() -> None:
    assert OnCall(id="db", layers=[WEEKLY]).next_on_call("nobody", START) is None
    covered = OnCall(id="db", layers=[WEEKLY, Layer(members="zoe", start=START)])
    assert covered.next_on_call("ada", START) is None


def test_a_handover_inside_a_repeated_hour_still_moves_on() -> None:
    layer = Layer(
        members=["ada", "bob"],
        start=utc("2026-10-24T00:30Z"),
        every=timedelta(days=1),
        zone="Europe/Berlin",
    )
    at = utc("2026-10-24T12:00Z")
    for _ in range(5):
        later = layer.next_change(at)
        assert later is not None
        assert later > at
        at = later


@pytest.mark.parametrize(
    "fields", [{"members": []}, {"members": ["a"], "every": timedelta(seconds=1)}]
)
def test_a_layer_without_members_or_turns_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(InvalidValueError):
        Layer(start=START, **fields)  # type: ignore[arg-type]
