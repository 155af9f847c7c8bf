"""Grant cycles: how many grants are in force at once, and after which time they repeat."""

from __future__ import annotations

from itertools import takewhile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entitlements.calendars.timeline.zones import load_zone
from entitlements.contracts import Allowance, Cycle, Rollover
from entitlements.contracts.allowances.allowance import CycleAlignment
from entitlements.contracts.allowances.grant_cycles import (
    WEEK,
    GrantPeriod,
    grant_periods,
    in_force_at_once,
    repeats_after,
)
from entitlements.kernel.instants import DAY, to_micros, utc

START, NEVER = to_micros(utc("2026-01-30T00:00Z")), to_micros(utc("9997-12-01T00:00Z"))
CYCLES = st.one_of(
    st.builds(Cycle, st.just("week"), st.integers(1, 7)),
    st.builds(Cycle, st.just("month"), st.integers(1, 14)),
)
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "Africa/Cairo"])


def allowance(cycle: Cycle, lifetime: Cycle | None = None, aligned: str = "term") -> Allowance:
    """Return an allowance with these cycles."""
    return Allowance(
        id="cases",
        unit="incidents",
        amount=1,
        recurrence=cycle,
        lifetime=lifetime,
        aligned=CycleAlignment(aligned),
    )


def periods(said: Allowance, zone: str, since: int, until: int) -> list[GrantPeriod]:
    """Return the grants that are in force between two instants."""
    found = grant_periods(said, load_zone(zone), START, NEVER, since)
    return list(takewhile(lambda each: each.begins < until, found))


@settings(max_examples=50)
@given(CYCLES, st.none() | CYCLES, ZONES, st.sampled_from(["term", "calendar"]))
def test_as_many_grants_are_in_force_as_the_bounds_say(
    cycle: Cycle, lifetime: Cycle | None, zone: str, aligned: str
) -> None:
    said = allowance(cycle, lifetime, aligned)
    least, most = in_force_at_once(said)
    first = START + DAY * (2 * cycle.most_days + (lifetime.most_days if lifetime else 0))
    found = periods(said, zone, first, first + 1_500 * DAY)
    counts = {
        sum(each.begins <= at < each.expires for each in found)
        for at in range(first, first + 1_500 * DAY, 5 * DAY)
    }
    assert least <= min(counts) <= max(counts) <= most


def test_what_rolls_over_is_in_force_beside_the_next_grant() -> None:
    rolling = Allowance(
        id="cases",
        unit="incidents",
        amount=1,
        recurrence=Cycle("month"),
        rollover=Rollover(at_most=1),
    )
    assert in_force_at_once(rolling) == (2, 2)
    assert in_force_at_once(Allowance(id="cases", unit="incidents", amount=1)) == (0, 1)


@settings(max_examples=25)
@given(CYCLES, st.none() | CYCLES, ZONES)
def test_grants_repeat_after_the_weeks_that_are_told(
    cycle: Cycle, lifetime: Cycle | None, zone: str
) -> None:
    said = allowance(cycle, lifetime)
    later = WEEK * repeats_after(said, load_zone(zone))
    first = to_micros(utc("2300-01-01T00:00Z"))
    until = first + 700 * DAY
    if until + later >= NEVER - 5_000 * DAY:
        return  # the calendar ends before
    now, then = periods(said, zone, first, until), periods(said, zone, first + later, until + later)
    assert [tuple(each + later for each in one) for one in now] == [tuple(one) for one in then]


@pytest.mark.parametrize(
    ("cycle", "zone", "weeks"),
    [
        (Cycle("week", 5), "UTC", 5),
        (Cycle("week", 5), "Europe/Berlin", 5 * 20_871),
        (Cycle("month"), "UTC", 20_871),
        (Cycle("month", 7), "UTC", 7 * 20_871),
        (Cycle("year", 3), "UTC", 3 * 20_871),
    ],
)
def test_months_repeat_after_400_years_and_cycles_after_as_many_as_fit(
    cycle: Cycle, zone: str, weeks: int
) -> None:
    assert repeats_after(allowance(cycle), load_zone(zone)) == weeks


def test_grants_of_a_far_century_are_found_without_those_before() -> None:
    at = to_micros(utc("9000-06-01T00:00Z"))
    (found,) = periods(allowance(Cycle("month")), "UTC", at, at + DAY)
    assert (found.begins, found.expires) == tuple(
        to_micros(utc(f"9000-{day}T00:00Z")) for day in ("05-30", "06-30")
    )
