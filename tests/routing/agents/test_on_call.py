"""On-call layers, overrides, and handovers by the wall clock."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.calendars import Calendar
from entitlements.kernel import InvalidValueError, Span
from entitlements.kernel.instants import utc
from entitlements.routing import (
    Agent,
    Assigned,
    OnCall,
    OnCallLayer,
    OnCallOverride,
    Requirement,
    Roster,
    Work,
    route,
)

START = utc("2026-03-23T08:00Z")  # Monday 09:00 in Berlin, a week before summer time
WEEKLY = OnCallLayer(members=["ada", "bob", "eve"], start=START, zone="Europe/Berlin")


def test_handovers_stay_at_the_same_time_on_the_wall() -> None:
    schedule = OnCall(id="db", layers=[WEEKLY])
    assert schedule.who(utc("2026-03-30T06:59Z")) == ("ada",)
    assert schedule.who(utc("2026-03-30T07:00Z")) == ("bob",)
    assert WEEKLY.next_change(START) == utc("2026-03-30T07:00Z")


def test_no_agent_is_on_call_before_the_start() -> None:
    assert OnCall(id="db", layers=[WEEKLY]).who(START - timedelta(microseconds=1)) == ()
    assert WEEKLY.next_change(START - timedelta(days=9)) == START


def test_later_layers_cover_earlier_ones_while_on_duty() -> None:
    nights = OnCallLayer(
        members=["zoe"],
        start=START,
        zone="UTC",
        hours=Calendar(zone="UTC", week="Mo-Su 22:00-06:00"),
    )
    schedule = OnCall(id="db", layers=[WEEKLY, nights])
    assert schedule.who(utc("2026-03-24T12:00Z")) == ("ada",)
    assert schedule.who(utc("2026-03-24T23:00Z")) == ("zoe",)
    assert schedule.next_on_call("zoe", utc("2026-03-24T12:00Z")) == utc("2026-03-24T22:00Z")
    assert schedule.next_on_call("ada", utc("2026-03-24T23:00Z")) == utc("2026-03-25T06:00Z")


def test_the_last_override_covers_everything() -> None:
    day = Span("2026-03-24T00:00Z", "2026-03-25T00:00Z")
    noon = Span("2026-03-24T12:00Z", "2026-03-24T13:00Z")
    schedule = OnCall(
        id="db",
        layers=[WEEKLY],
        overrides=[OnCallOverride(day, "bob"), OnCallOverride(noon, ["eve", "zoe"])],
    )
    assert schedule.who(utc("2026-03-24T11:00Z")) == ("bob",)
    assert schedule.who(utc("2026-03-24T12:30Z")) == ("eve", "zoe")
    assert schedule.next_on_call("zoe", START) == noon.start
    assert schedule.next_on_call("ada", day.start) == day.end


def test_several_agents_of_one_layer_are_on_call_together() -> None:
    layer = OnCallLayer(members=[["ada", "bob"], "eve"], start=START, zone="UTC")
    schedule = OnCall(id="db", layers=[layer])
    assert schedule.who(START) == ("ada", "bob")
    assert schedule.who(START + timedelta(days=7)) == ("eve",)
    assert schedule.next_on_call("bob", START + timedelta(days=7)) == START + timedelta(days=14)
    needs = Requirement(on_call="db")
    roster = Roster(
        agents=[Agent(id=id, capacity=1) for id in ("ada", "bob", "eve")], on_call=[schedule]
    )
    first = roster.assign(Work(id="R-1", opened=START, requires=needs), "ada", START)
    second = route(Work(id="R-2", opened=START, requires=needs), first, START)
    assert isinstance(second, Assigned)
    assert second.agent == "bob"


@pytest.mark.parametrize("members", [[[]], [["ada"], []], [[1]], [[["ada"]]]])
def test_agents_who_are_on_call_together_are_a_list_of_ids(members: object) -> None:
    with pytest.raises(InvalidValueError):
        OnCallLayer(members=members, start=START)  # type: ignore[arg-type]


def test_an_agent_in_no_layer_is_never_on_call() -> None:
    assert OnCall(id="db", layers=[WEEKLY]).next_on_call("nobody", START) is None
    covered = OnCall(id="db", layers=[WEEKLY, OnCallLayer(members="zoe", start=START)])
    assert covered.next_on_call("ada", START) is None


def test_a_handover_inside_a_repeated_hour_still_moves_on() -> None:
    layer = OnCallLayer(
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


AUTUMN = utc("2026-10-25T01:00Z")  # Berlin: 03:00 becomes 02:00
SPRING = utc("2026-03-29T01:00Z")  # Berlin: 02:00 becomes 03:00


@pytest.mark.parametrize(
    ("start", "handover"),
    [
        pytest.param("2026-10-24T00:30Z", "2026-10-25T00:30Z", id="first reading of 02:30"),
        pytest.param("2026-03-28T01:30Z", "2026-03-29T01:00Z", id="02:30 is leapt past"),
        pytest.param("2026-10-25T00:30Z", "2026-10-26T01:30Z", id="start in the repeated hour"),
    ],
)
def test_a_handover_is_final_when_the_clock_is_set_back(start: str, handover: str) -> None:
    layer = OnCallLayer(
        members=["ada", "bob", "eve"], start=start, every=timedelta(days=1), zone="Europe/Berlin"
    )
    at = utc(handover)
    assert layer.next_change(utc(start)) == at
    assert layer.who(at - timedelta(microseconds=1)) == ("ada",)
    assert [layer.who(at + timedelta(minutes=n)) for n in (0, 29, 31, 89, 91)] == [("bob",)] * 5


@given(
    st.sampled_from([AUTUMN, SPRING]),
    st.integers(-200, 12).map(lambda n: timedelta(minutes=15 * n)),
    st.sampled_from([1, 3, 4, 8, 95, 96]).map(lambda n: timedelta(minutes=15 * n)),
)
def test_all_members_are_on_call_in_order_when_clocks_change(
    near: datetime, before: timedelta, every: timedelta
) -> None:
    layer = OnCallLayer(
        members=["a", "b", "c"], start=near + before, every=every, zone="Europe/Berlin"
    )
    schedule = OnCall(id="db", layers=[layer])
    moments = [near + timedelta(minutes=15 * n) for n in range(-16, 17)]
    found = [layer.who(at) for at in moments]
    for (at, who), later in zip(zip(moments, found, strict=True), found[1:], strict=False):
        change = layer.next_change(at)
        assert change is not None
        assert change > at
        if who != later:
            assert change <= at + timedelta(minutes=15)
    for member in "abc":
        for n, at in enumerate(moments):
            seen = next((moments[m] for m in range(n, 33) if found[m] == (member,)), None)
            expected = schedule.next_on_call(member, at)
            assert seen is None or (expected is not None and expected <= seen)


def test_a_period_longer_than_any_calendar_never_ends() -> None:
    layer = OnCallLayer(members=["ada", "bob"], start=START, every=timedelta(days=4_000_000))
    assert layer.who(utc("2999-01-01T00:00Z")) == ("ada",)
    assert layer.next_change(START) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"members": []},
        {"members": ["a"], "every": timedelta(seconds=1)},
        {"members": ["a"], "zone": "Mars/Olympus"},
    ],
)
def test_a_layer_without_members_period_or_zone_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(InvalidValueError):
        OnCallLayer(start=START, **fields)  # type: ignore[arg-type]
