"""The team on duty, until when, and which team is next."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.calendars import Calendar, FollowTheSun, Handover
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import utc
from entitlements.testing.strategies.calendars import calendars, instants_near

SUN = FollowTheSun(
    {
        "emea": Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00"),
        "amer": Calendar(zone="America/New_York", week="Mo-Fr 09:00-17:00"),
    }
)


@pytest.mark.parametrize(
    ("at", "team", "others", "since", "until", "then"),
    [
        ("2026-07-01T08:00Z", "emea", (), "07-01T07:00", "07-01T15:00", "amer"),
        ("2026-07-01T14:00Z", "emea", ("amer",), "07-01T07:00", "07-01T15:00", "amer"),
        ("2026-07-01T15:00Z", "amer", (), "07-01T15:00", "07-01T21:00", None),
        ("2026-07-01T23:00Z", None, (), "07-01T21:00", "07-02T07:00", "emea"),
        ("2026-07-04T12:00Z", None, (), "07-03T21:00", "07-06T07:00", "emea"),
    ],
)
def test_the_first_open_team_is_on_duty(
    at: str, team: str | None, others: tuple[str, ...], since: str, until: str, then: str | None
) -> None:
    on_duty = SUN.on_duty(utc(at))
    assert (on_duty.team, on_duty.others, on_duty.next_team) == (team, others, then)
    assert (on_duty.since, on_duty.until) == (utc(f"2026-{since}Z"), utc(f"2026-{until}Z"))


def test_handovers_in_a_range() -> None:
    found = list(SUN.handovers(utc("2026-07-01T00:00Z"), utc("2026-07-02T07:00Z")))
    assert found == [
        Handover(utc("2026-07-01T07:00Z"), None, "emea"),
        Handover(utc("2026-07-01T15:00Z"), "emea", "amer"),
        Handover(utc("2026-07-01T21:00Z"), "amer", None),
    ]


def test_an_earlier_team_takes_over_when_it_opens() -> None:
    always = FollowTheSun({"emea": SUN.teams["emea"], "night": Calendar.always()})
    on_duty = always.on_duty(utc("2026-07-01T05:00Z"))
    assert (on_duty.team, on_duty.until, on_duty.next_team) == (
        "night",
        utc("2026-07-01T07:00Z"),
        "emea",
    )
    assert on_duty.since == utc("2026-06-30T15:00Z")


def test_a_team_that_is_always_on_duty() -> None:
    alone = FollowTheSun({"all": Calendar.always()})
    on_duty = alone.on_duty(utc("2026-07-01T05:00Z"))
    assert (on_duty.team, on_duty.since, on_duty.until, on_duty.next_team) == (
        "all",
        None,
        None,
        None,
    )
    assert list(alone.handovers(utc("2026-07-01T05:00Z"), utc("2027-07-01T05:00Z"))) == []


def test_the_hours_of_all_teams() -> None:
    start = utc("2026-07-01T00:00Z")
    assert SUN.hours.between(start, start + timedelta(days=1)) == timedelta(hours=14)


def test_at_least_one_team_is_needed() -> None:
    with pytest.raises(InvalidValueError, match="at least one team"):
        FollowTheSun({})
    with pytest.raises(InvalidValueError, match="is not an id"):
        FollowTheSun({"": Calendar.always()})


@given(calendars("Europe/Berlin"), calendars("Asia/Kathmandu"), st.data())
def test_the_team_on_duty_is_the_first_open_one_until_that_changes(
    one: Calendar, two: Calendar, data: st.DataObject
) -> None:
    sun = FollowTheSun({"one": one, "two": two})
    at = data.draw(instants_near(utc("2026-03-29T00:00Z")))

    def first_open_team(instant: object) -> str | None:
        return next((team for team, hours in sun.teams.items() if hours.is_open(instant)), None)  # type: ignore[arg-type]

    on_duty = sun.on_duty(at)
    assert on_duty.team == first_open_team(at)
    microsecond = timedelta(microseconds=1)
    if on_duty.until is not None:
        assert on_duty.until > at
        assert first_open_team(on_duty.until - microsecond) == on_duty.team
        assert first_open_team(on_duty.until) == on_duty.next_team != on_duty.team
    if on_duty.since is not None:
        assert on_duty.since <= at
        assert first_open_team(on_duty.since) == on_duty.team
        assert first_open_team(on_duty.since - microsecond) != on_duty.team
