"""The twelve laws of open time, on calendars near every kind of clock change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import attrs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.effort import tries

from entitlements.calendars import Calendar, Week
from entitlements.calendars.timeline.zones import day_number
from entitlements.testing.laws import calendars as laws
from entitlements.testing.strategies import calendars as tried
from entitlements.testing.strategies.calendars import Scene

scenes = tried.scenes()
amounts = tried.amounts()


def near(scene: Scene) -> st.SearchStrategy[datetime]:
    return tried.instants_near(scene.around)


@given(scenes, st.data())
def test_open_is_lying_in_a_period(scene: Scene, data: st.DataObject) -> None:
    start, end, at = (data.draw(near(scene)) for _ in range(3))
    laws.membership_is_lying_in_a_period(scene.hours, start, end, at)


@given(scenes, st.data())
def test_open_time_adds_up(scene: Scene, data: st.DataObject) -> None:
    laws.open_time_adds_up(scene.hours, *(data.draw(near(scene)) for _ in range(3)))


@given(scenes, st.data(), amounts)
def test_adding_uses_up_the_amount(scene: Scene, data: st.DataObject, amount: timedelta) -> None:
    laws.adding_uses_up_the_amount(scene.hours, data.draw(near(scene)), amount)


@given(scenes, st.data(), amounts, amounts)
def test_amounts_add_up(scene: Scene, data: st.DataObject, one: timedelta, two: timedelta) -> None:
    laws.waiting_adds_up(scene.hours, data.draw(near(scene)), one, two)


@given(scenes, st.data(), amounts, amounts)
def test_order_is_kept(scene: Scene, data: st.DataObject, one: timedelta, two: timedelta) -> None:
    laws.order_is_kept(scene.hours, data.draw(near(scene)), data.draw(near(scene)), one, two)


@given(scenes, st.data(), amounts)
def test_there_and_back(scene: Scene, data: st.DataObject, amount: timedelta) -> None:
    laws.there_and_back(scene.hours, data.draw(near(scene)), amount)


@given(scenes, st.data())
def test_changes_are_changes(scene: Scene, data: st.DataObject) -> None:
    laws.changes_are_changes(scene.hours, data.draw(near(scene)))


@given(scenes, scenes, st.data())
def test_sets_are_sets(one: Scene, two: Scene, data: st.DataObject) -> None:
    start, end = data.draw(near(one)), data.draw(near(one))
    laws.sets_are_sets(one.hours, two.hours, min(start, end), max(start, end))


@given(tried.calendars(), st.data(), amounts)
def test_equal_calendars_give_equal_answers_however_they_are_written(
    calendar: Calendar, data: st.DataObject, amount: timedelta
) -> None:
    again = attrs.evolve(
        calendar,
        week=Week(
            {day: halved(each) for day, each in zip(DAYS, calendar.week.windows, strict=True)}
        ),
        name="again",
        closures=[*calendar.closures, *calendar.closures],
        holidays=[*calendar.holidays, *calendar.holidays],
    )
    focus = data.draw(st.sampled_from([day for _, day in tried.CHANGES]))
    around = datetime(focus.year, focus.month, focus.day, tzinfo=UTC)
    start, end = (data.draw(tried.instants_near(around)) for _ in range(2))
    laws.same_however_written(calendar, again, start, end, amount)


DAYS = ("sun", "sat", "fri", "thu", "wed", "tue", "mon")[::-1]


def halved(windows: tuple[tuple[int, int], ...]) -> list[str]:
    """Write each window as two that overlap by a minute, the later one first."""
    texts = []
    for start, end in windows:
        middle = min(start + 1800, 86_340)
        if start + 60 < middle < end:
            texts += [f"{clock(middle - 60)}-{clock(end)}", f"{clock(start)}-{clock(middle)}"]
        else:
            texts.append(f"{clock(start)}-{clock(end)}")
    return texts


def clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}"


@given(tried.weeks(), st.integers(-12, 14), st.data(), amounts)
def test_another_offset_moves_every_answer_by_it(
    week: Week, hours: int, data: st.DataObject, amount: timedelta
) -> None:
    here = Calendar(zone="UTC", week=week)
    there = Calendar(zone=f"Etc/GMT{-hours:+}" if hours else "Etc/GMT", week=week)
    moved = timedelta(hours=hours)
    at = data.draw(tried.instants_near(datetime(2026, 6, 1, tzinfo=UTC)))
    assert there.is_open(at - moved) == here.is_open(at)
    due = laws.added(here, at, amount)
    assert laws.added(there, at - moved, amount) == (None if due is None else due - moved)


@given(
    st.sampled_from(tried.CHANGES),
    st.integers(-3, 3),
    st.integers(0, 172_800),
    st.integers(0, 172_800),
)
def test_boundaries_keep_their_order(
    change: tuple[str, date], days: int, one: int, two: int
) -> None:
    zone, focus = change
    laws.order_of_boundaries_is_kept(zone, day_number(focus) + days, one, two)


@settings(max_examples=tries(16), suppress_health_check=[HealthCheck.too_slow])
@given(scenes, st.integers(0, 2**32))
def test_hours_agree_with_the_minute_by_minute_oracle(scene: Scene, seed: int) -> None:
    assert laws.agree(scene.hours, scene.around, seed, 50) == 350


vast = st.integers(-(10**9), 10**9).map(lambda days: timedelta(days=days // 2))


@settings(max_examples=tries(12), suppress_health_check=[HealthCheck.too_slow])
@given(scenes, st.data(), st.one_of(amounts, tried.amounts(timedelta(days=7_300)), vast))
def test_every_call_ends(scene: Scene, data: st.DataObject, amount: timedelta) -> None:
    laws.every_call_ends(scene.hours, data.draw(near(scene)), amount)
