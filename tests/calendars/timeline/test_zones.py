"""Every wall-clock time means one instant, on every date of every zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from importlib.resources import files
from itertools import pairwise, product
from zoneinfo import ZoneInfo

import pendulum
import pytest
import tzdata
from hypothesis import given
from hypothesis import strategies as st
from tests.effort import tries

from entitlements.calendars.timeline.zones import (
    CYCLE,
    FIRST_MICROS,
    LAST_MICROS,
    date_of_day_number,
    day_number,
    load_zone,
    tz_release,
    zone_name,
)
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import DAY, HOUR, from_micros, to_micros, utc

NAMES = sorted(files("tzdata").joinpath("zones").read_text("utf-8").split())


def instant(zone: str, day: str, seconds: int = 0) -> str:
    found = load_zone(zone).instant(day_number(date.fromisoformat(day)), seconds)
    return from_micros(found).isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("zone", "day", "clock", "expected"),
    [
        pytest.param(
            "Europe/Berlin", "2026-03-29", 5400, "2026-03-29T00:30:00Z", id="before a gap"
        ),
        pytest.param("Europe/Berlin", "2026-03-29", 7200, "2026-03-29T01:00:00Z", id="gap begins"),
        pytest.param("Europe/Berlin", "2026-03-29", 9000, "2026-03-29T01:00:00Z", id="in the gap"),
        pytest.param("Europe/Berlin", "2026-03-29", 10800, "2026-03-29T01:00:00Z", id="gap ends"),
        pytest.param(
            "Europe/Berlin", "2026-10-25", 7200, "2026-10-25T00:00:00Z", id="first reading"
        ),
        pytest.param("Europe/Berlin", "2026-10-25", 9000, "2026-10-25T00:30:00Z", id="repeated"),
        pytest.param("Europe/Berlin", "2026-10-25", 10800, "2026-10-25T02:00:00Z", id="after it"),
        pytest.param("Australia/Lord_Howe", "2026-10-04", 8100, "2026-10-03T15:30:00Z", id="half"),
        pytest.param("America/Havana", "2024-03-10", 0, "2024-03-10T05:00:00Z", id="no midnight"),
        pytest.param("America/Havana", "2024-11-03", 0, "2024-11-03T04:00:00Z", id="two midnights"),
        pytest.param("Pacific/Apia", "2011-12-30", 43200, "2011-12-30T10:00:00Z", id="missing day"),
        pytest.param("Pacific/Apia", "2011-12-31", 0, "2011-12-30T10:00:00Z", id="the day after"),
        pytest.param("Asia/Kathmandu", "2026-01-01", 0, "2025-12-31T18:15:00Z", id="+05:45"),
        pytest.param("Europe/Berlin", "2026-03-28", 93600, "2026-03-29T01:00:00Z", id="26:00"),
        pytest.param("Europe/Berlin", "2090-03-26", 9000, "2090-03-26T01:00:00Z", id="far away"),
    ],
)
def test_a_wall_time_is_the_first_instant_that_reads_it_or_later(
    zone: str, day: str, clock: int, expected: str
) -> None:
    assert instant(zone, day, clock) == expected


@pytest.mark.parametrize("name", NAMES[::7])
def test_offset_periods_agree_with_the_standard_library(name: str) -> None:
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
        info = ZoneInfo.from_file(data)
    zone = load_zone(name)
    for first, last in ((1880, 1990), (2000, 2060), (2080, 2110)):
        low, high = (to_micros(datetime(year, 1, 1, tzinfo=UTC)) for year in (first, last))
        runs = zone.offset_periods(low, high)
        assert (runs[0][0], runs[-1][1]) == (low, high)
        for start, end, offset in runs:
            for at in (start, (start + end) // 2, end - 1):
                delta = from_micros(at).astimezone(info).utcoffset()
                assert delta is not None
                assert delta / timedelta(microseconds=1) == offset
        assert all(one[2] != two[2] for one, two in pairwise(runs))


@pytest.mark.parametrize("name", [*NAMES[:: 6 // tries(2, deep=6)], "Antarctica/Troll"])
def test_far_years_of_a_zone_agree_with_the_standard_library(name: str) -> None:
    zone = load_zone.__wrapped__(name)
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
        theirs = ZoneInfo.from_file(data, key=name)
    for year, month in product((2390, 9990), (1, 4, 7, 10)):
        at = datetime(year, month, 15, tzinfo=UTC)
        ((_, _, offset),) = zone.offset_periods(to_micros(at), to_micros(at) + HOUR)
        assert timedelta(microseconds=offset) == at.astimezone(theirs).utcoffset(), at


@pytest.mark.parametrize("name", NAMES[::25])
def test_no_rule_changes_a_clock_twice_in_a_month(name: str) -> None:
    # Yearly rules are found by looking at the first of each month.
    zone = load_zone(name)
    low = to_micros(datetime(2110, 1, 1, tzinfo=UTC))
    runs = zone.offset_periods(low, low + 400 * DAY)
    for at in range(low, low + 400 * DAY, 36 * HOUR):
        expected = next(offset for start, end, offset in runs if start <= at < end)
        assert zone.offset(at) == expected


@given(
    st.sampled_from(NAMES),
    st.integers(FIRST_MICROS // DAY, LAST_MICROS // DAY),
    st.integers(0, 86_400),
)
def test_the_clock_shows_the_wall_time_or_the_end_of_a_gap(
    name: str, day: int, seconds: int
) -> None:
    zone = load_zone(name)
    at, wall = zone.instant(day, seconds), day * DAY + seconds * 1_000_000
    assert zone.wall(at) >= wall
    assert zone.wall(at - 1) < wall


def test_names_are_known_names() -> None:
    assert zone_name(ZoneInfo("Europe/Berlin")) == "Europe/Berlin"
    assert zone_name(pendulum.timezone("Europe/Berlin")) == "Europe/Berlin"
    assert zone_name(UTC) == "UTC"


@pytest.mark.parametrize("name", ["Europe/Berln", "", "../etc/passwd", "CEST", None, 7, "utc"])
def test_other_names_are_refused(name: object) -> None:
    with pytest.raises(InvalidValueError, match="is not a time zone"):
        zone_name(name)  # type: ignore[arg-type]


def test_a_mistyped_zone_is_suggested() -> None:
    with pytest.raises(InvalidValueError, match="did you mean `Europe/Berlin`"):
        zone_name("Europe/Berln")
    with pytest.raises(InvalidValueError, match="`UTC\\+01:00` is not a time zone"):
        zone_name(timezone(timedelta(hours=1)))


def test_the_release_is_the_installed_one() -> None:
    assert tz_release() == tzdata.IANA_VERSION


def test_days_are_numbered_from_1970() -> None:
    assert day_number(date(1970, 1, 1)) == 0
    assert date_of_day_number(day_number(date(2026, 3, 29))) == date(2026, 3, 29)


def test_an_offset_is_how_far_the_clock_is_ahead() -> None:
    summer = to_micros(utc("2026-07-01T00:00Z"))
    assert load_zone("Europe/Berlin").offset(summer) == 2 * HOUR
    assert load_zone("Europe/Berlin").wall(summer) == summer + 2 * HOUR


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("PST", "America/Los_Angeles"),
        ("edt", "America/New_York"),
        ("CEST", "Europe/Berlin"),
        ("Berlin", "Europe/Berlin"),
        ("EST6EDT", "Europe/"),
        ("Etc/GMT+25", "write it as"),
        ("x" * 100_000, "write it as"),
        (5, "write it as"),
    ],
)
def test_hints_name_places(name: object, place: str) -> None:
    with pytest.raises(InvalidValueError) as refused:
        zone_name(name)  # type: ignore[arg-type]
    hint = refused.value.hint or ""
    assert place in hint
    assert "`EST" not in hint
    assert "`Etc/" not in hint


def test_clock_rules_repeat_every_400_years() -> None:
    zone, far = load_zone("Europe/Berlin"), to_micros(utc("2100-01-01T00:00Z"))
    year = [zone.offset_periods(start, start + 366 * DAY) for start in (far, far + 4 * CYCLE)]
    moved = [(start + 4 * CYCLE, end + 4 * CYCLE, offset) for start, end, offset in year[0]]
    assert year[1] == moved
    assert len(moved) == 3


def test_a_change_at_the_edge_of_a_range_does_not_divide_it() -> None:
    berlin = load_zone("Europe/Berlin")
    change = to_micros(utc("2026-03-29T01:00Z"))
    assert berlin.offset_periods(change - HOUR, change) == [(change - HOUR, change, HOUR)]
    assert berlin.offset_periods(change, change + HOUR) == [(change, change + HOUR, 2 * HOUR)]
    assert berlin.offset_periods(change - 1, change + 1) == [
        (change - 1, change, HOUR),
        (change, change + 1, 2 * HOUR),
    ]


@given(
    st.sampled_from(
        ["Europe/Berlin", "America/Santiago", "Africa/Casablanca", "Australia/Lord_Howe"]
    ),
    st.integers(2_051, 9_980),
    st.integers(0, 365),
    st.integers(1, 1_500),
)
def test_far_ranges_are_divided_alike_in_one_piece_and_in_many(
    name: str, year: int, day: int, length: int
) -> None:
    zone, low = load_zone(name), to_micros(datetime(year, 1, 1, tzinfo=UTC)) + day * DAY
    whole = zone.offset_periods(low, low + 8 * 366 * DAY)
    high = low + length * DAY
    clipped = [(start, min(end, high), offset) for start, end, offset in whole if start < high]
    assert zone.offset_periods(low, high) == clipped
