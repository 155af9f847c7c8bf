"""A due instant moves with the start of its clock, stays, or jumps; never anything else."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from entitlements.calendars import BusinessDays, Calendar
from entitlements.kernel.instants import DAY, END_OF_TIME, HOUR, MINUTE, to_micros, utc
from entitlements.sla import ClockOptions, SlaPolicy, Target
from entitlements.sla.clock.compiled_policy import CompiledTarget
from entitlements.sla.clock.due_movement import due_movement, due_or_never

OFFICE = Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00")
NIGHT = Calendar(zone="America/New_York", week="Mo-Su 18:00-30:00")
FRIDAY = to_micros(utc("2026-03-27T09:00Z"))
"""The clocks change in Berlin two days later."""


def target(
    within: timedelta | BusinessDays,
    hours: Calendar = OFFICE,
    landing: str = "closing",
    cut_off: str | None = None,
) -> CompiledTarget:
    """Return a compiled first response."""
    policy = SlaPolicy(
        id="p",
        calendars={"hours": hours},
        targets=[
            Target(milestone="first_response", within=within, calendar="hours", cut_off=cut_off)
        ],
        options=ClockOptions(landing=landing),
    )
    targets = policy.compiled.find_targets("S1", "web", frozenset())
    return targets.by_milestone["first_response"]


@given(
    st.sampled_from(
        [
            timedelta(minutes=30),
            timedelta(hours=8),
            timedelta(hours=30),
            BusinessDays(1, anchor="end"),
            BusinessDays(2, anchor="start"),
            BusinessDays(1, anchor="same_time"),
        ]
    ),
    st.sampled_from([OFFICE, NIGHT, Calendar.always(), Calendar.never()]),
    st.sampled_from(["closing", "next_opening"]),
    st.sampled_from([None, None, "08:00", "15:00", "25:30"]),
    st.integers(0, 10 * 24 * 60).map(lambda minutes: FRIDAY + minutes * MINUTE),
    st.data(),
)
def test_up_to_its_end_a_due_instant_moves_or_stays(
    within: timedelta | BusinessDays,
    hours: Calendar,
    landing: str,
    cut_off: str | None,
    at: int,
    data: st.DataObject,
) -> None:
    found = target(within, hours, landing, cut_off)
    moves, end = due_movement(found, at)
    assert end >= at
    later = data.draw(st.integers(at, min(end, at + 3 * DAY)))
    due = due_or_never(found, at)
    assert due_or_never(found, later) == due + (later - at if moves else 0)


def test_ten_hours_from_friday_at_ten_move_until_they_end_at_the_closing_on_monday() -> None:
    assert due_movement(target(timedelta(hours=10)), FRIDAY) == (True, FRIDAY + 5 * HOUR)


def test_what_is_asked_on_friday_evening_is_due_as_if_asked_on_monday_morning() -> None:
    evening, monday = FRIDAY + 8 * HOUR, to_micros(utc("2026-03-30T07:00Z"))
    assert due_movement(target(timedelta(hours=10)), evening) == (False, monday)


def test_a_due_instant_jumps_at_the_cut_off_and_stays_until_the_next_morning() -> None:
    found, cut_off = target(timedelta(hours=1), cut_off="15:00"), FRIDAY + 5 * HOUR
    assert due_movement(found, FRIDAY) == (True, cut_off - 1)
    monday = to_micros(utc("2026-03-30T07:00Z"))
    assert due_movement(found, cut_off) == (False, monday - 1)


def test_what_is_never_due_stays_so() -> None:
    found = target(timedelta(hours=4), Calendar.never())
    assert due_movement(found, FRIDAY) == (False, END_OF_TIME)
