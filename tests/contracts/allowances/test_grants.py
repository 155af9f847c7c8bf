"""Dated grants, and the schedule that an allowance makes of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.contracts.allowances.allowance import Allowance, Cycle, OveragePolicy, Rollover
from entitlements.contracts.allowances.grants import Grant, consumption_key, grants_of_term
from entitlements.kernel.errors import InvalidValueError, LimitExceededError
from entitlements.kernel.ids import key
from entitlements.kernel.instants import utc
from entitlements.testing.strategies.ledger import allowances


def an_allowance(**terms: Any) -> Allowance:
    return Allowance(**{"id": "cases", "unit": "incidents", "amount": 12, **terms})


def starts(allowance: Allowance, start: str, end: str, zone: str = "UTC") -> list[str]:
    made = grants_of_term(allowance, utc(start), utc(end), zone)
    return [each.effective.strftime("%Y-%m-%dT%H:%M") for each in made]


@pytest.mark.parametrize(
    ("terms", "start", "end", "expected"),
    [
        pytest.param(
            {}, "2026-01-01T00:00Z", "2027-01-01T00:00Z", ["2026-01-01T00:00"], id="one a term"
        ),
        pytest.param(
            {"recurrence": Cycle("month")},
            "2026-01-31T00:00Z",
            "2026-05-31T00:00Z",
            ["2026-01-31T00:00", "2026-02-28T00:00", "2026-03-31T00:00", "2026-04-30T00:00"],
            id="the 31st is clamped and returns",
        ),
        pytest.param(
            {"recurrence": Cycle("year")},
            "2024-02-29T00:00Z",
            "2028-03-01T00:00Z",
            [f"{year}-02-{28 if year % 4 else 29}T00:00" for year in range(2024, 2029)],
            id="29 February",
        ),
        pytest.param(
            {"recurrence": Cycle("quarter"), "aligned": "calendar"},
            "2026-02-10T00:00Z",
            "2026-10-01T00:00Z",
            ["2026-02-10T00:00", "2026-04-01T00:00", "2026-07-01T00:00"],
            id="calendar quarters after a short first one",
        ),
        pytest.param(
            {"recurrence": Cycle("month"), "aligned": "calendar"},
            "2026-02-01T00:00Z",
            "2026-04-01T00:00Z",
            ["2026-02-01T00:00", "2026-03-01T00:00"],
            id="calendar months from the first",
        ),
        pytest.param(
            {"recurrence": Cycle("week"), "aligned": "calendar"},
            "2026-01-01T00:00Z",
            "2026-01-13T00:00Z",
            ["2026-01-01T00:00", "2026-01-05T00:00", "2026-01-12T00:00"],
            id="weeks begin on Monday",
        ),
        pytest.param(
            {"recurrence": Cycle("year"), "aligned": "calendar"},
            "2026-06-15T00:00Z",
            "2027-06-15T00:00Z",
            ["2026-06-15T00:00", "2027-01-01T00:00"],
            id="calendar years",
        ),
        pytest.param(
            {"recurrence": Cycle("month", 6)},
            "2026-01-15T00:00Z",
            "2027-01-15T00:00Z",
            ["2026-01-15T00:00", "2026-07-15T00:00"],
            id="half-years from the term",
        ),
    ],
)
def test_grants_begin_with_their_cycles(
    terms: dict[str, Any], start: str, end: str, expected: list[str]
) -> None:
    assert starts(an_allowance(**terms), start, end) == expected


def test_cycles_turn_at_midnight_of_the_zone_on_both_sides_of_a_clock_change() -> None:
    monthly = an_allowance(recurrence=Cycle("month"))
    found = starts(monthly, "2026-02-28T23:00Z", "2026-05-31T22:00Z", "Europe/Berlin")
    assert found == ["2026-02-28T23:00", "2026-03-31T22:00", "2026-04-30T22:00"]


def test_a_midnight_that_does_not_exist_is_the_first_instant_after_it() -> None:
    # Lebanon moved its clocks at midnight: 2026-03-29 began at 01:00 local, 22:00 UTC.
    weekly = an_allowance(recurrence=Cycle("week"))
    found = starts(weekly, "2026-03-21T22:00Z", "2026-04-04T21:00Z", "Asia/Beirut")
    assert found == ["2026-03-21T22:00", "2026-03-28T22:00"]


def test_a_grant_ends_where_the_next_begins_and_the_last_with_the_term() -> None:
    made = grants_of_term(
        an_allowance(recurrence=Cycle("month")),
        utc("2026-01-01T00:00Z"),
        utc("2026-02-15T00:00Z"),
        "UTC",
        pool="C-1/cases",
    )
    assert [each.expires for each in made] == [utc("2026-02-01T00:00Z"), utc("2026-02-15T00:00Z")]
    assert [each.id for each in made] == [
        key("grant", "C-1/cases", "2026-01-01"),
        key("grant", "C-1/cases", "2026-02-01"),
    ]
    assert {each.pool for each in made} == {"C-1/cases"}
    assert {each.allowance for each in made} == {"cases"}


def test_a_lifetime_outlasts_the_cycle_but_not_the_term() -> None:
    made = grants_of_term(
        an_allowance(recurrence=Cycle("month"), lifetime=Cycle("month", 2)),
        utc("2026-01-01T00:00Z"),
        utc("2026-04-01T00:00Z"),
        "UTC",
    )
    months = ["2026-03-01", "2026-04-01", "2026-04-01"]
    assert [each.expires for each in made] == [utc(f"{each}T00:00Z") for each in months]


def test_the_rest_rolls_over_into_the_next_cycle_only() -> None:
    rollover = Rollover(at_most=5)
    made = grants_of_term(
        an_allowance(recurrence=Cycle("month"), rollover=rollover),
        utc("2026-01-01T00:00Z"),
        utc("2026-03-15T00:00Z"),
        "UTC",
    )
    resets = [utc("2026-02-01T00:00Z"), utc("2026-03-01T00:00Z"), None]
    assert [each.resets for each in made] == resets
    ends = [utc("2026-03-01T00:00Z"), utc("2026-03-15T00:00Z"), utc("2026-03-15T00:00Z")]
    assert [each.expires for each in made] == ends
    assert [each.rollover for each in made] == [rollover, rollover, None]


@given(
    allowances(),
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001 - made aware below
    st.integers(1, 900),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Beirut"]),
)
def test_grants_cover_the_term_without_gap_at_one_wall_time(
    allowance: Allowance, start: datetime, days: int, zone: str
) -> None:
    first = start.replace(tzinfo=UTC, minute=0, second=0, microsecond=0)
    last = first + timedelta(days=days)
    made = grants_of_term(allowance, first, last, zone)
    assert made[0].effective == first
    assert len({each.id for each in made}) == len(made)
    for one, following in pairwise(made):
        assert (one.resets or one.expires) == following.effective
    assert made[-1].expires == last
    assert all(each.amount == allowance.amount for each in made)
    if allowance.recurrence is not None and allowance.aligned == "calendar":
        walls = {each.effective.astimezone(ZoneInfo(zone)).hour for each in made[1:]}
        assert walls <= {0, 1}
    cut = first + timedelta(days=days // 2)
    early = grants_of_term(allowance, first, last, zone, until=cut)
    assert early == tuple(each for each in made if each.effective < cut)


def test_a_schedule_has_limits() -> None:
    weekly = an_allowance(recurrence=Cycle("week"))
    with pytest.raises(LimitExceededError, match="more than 10000 grants"):
        grants_of_term(weekly, utc("2000-01-01T00:00Z"), utc("2300-01-01T00:00Z"), "UTC")
    with pytest.raises(InvalidValueError, match="term ends at"):
        grants_of_term(weekly, utc("2026-01-01T00:00Z"), utc("2026-01-01T00:00Z"), "UTC")
    with pytest.raises(InvalidValueError, match="`Berlin` is not a time zone"):
        grants_of_term(weekly, utc("2026-01-01T00:00Z"), utc("2026-02-01T00:00Z"), "Berlin")


@pytest.mark.parametrize("lifetime", [None, Cycle("year", 1200)])
def test_a_cycle_that_outlives_the_calendar_ends_with_the_term(lifetime: Cycle | None) -> None:
    late = an_allowance(recurrence=Cycle("year", 1200), lifetime=lifetime)
    (made,) = grants_of_term(late, utc("9000-01-01T00:00Z"), utc("9900-01-01T00:00Z"), "UTC")
    assert made.expires == utc("9900-01-01T00:00Z")


def test_of_a_long_term_only_the_grants_asked_for_are_made() -> None:
    weekly = an_allowance(recurrence=Cycle("week"))
    term = (utc("0002-01-07T00:00Z"), utc("9997-12-31T00:00Z"))
    now = utc("2026-03-04T12:00Z")
    made = grants_of_term(weekly, *term, "UTC", since=now, until=now + timedelta(days=7))
    assert [each.effective for each in made] == [
        now - timedelta(days=2.5),
        utc("2026-03-09T00:00Z"),
    ]


@given(
    allowances(),
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001 - made aware below
    st.integers(1, 9000),
    st.floats(0, 1),
    st.none() | st.builds(Cycle, st.sampled_from(["week", "month"]), st.integers(1, 30)),
)
def test_since_leaves_out_what_has_expired_and_nothing_else(
    allowance: Allowance, start: datetime, days: int, part: float, lifetime: Cycle | None
) -> None:
    if allowance.rollover is None:
        allowance = attrs.evolve(allowance, lifetime=lifetime)
    first = start.replace(tzinfo=UTC)
    last = first + timedelta(days=days)
    since = first + days * part * timedelta(days=1)
    made = grants_of_term(allowance, first, last, "America/New_York")
    kept = grants_of_term(allowance, first, last, "America/New_York", since=since)
    assert kept == tuple(each for each in made if each.expires and each.expires > since)


def a_grant(**terms: Any) -> Grant:
    return Grant(
        **{
            "id": "g",
            "unit": "minutes",
            "amount": 5,
            "effective": "2026-01-01T00:00Z",
            "expires": "2026-02-01T00:00Z",
            **terms,
        }
    )


@pytest.mark.parametrize(
    ("terms", "error", "message"),
    [
        pytest.param(
            {"amount": -5},
            InvalidValueError,
            "amount of grant `g` must be at least 0, not `-5`",
            id="negative",
        ),
        pytest.param({"amount": 2**63}, LimitExceededError, "amount of grant `g`", id="64 bits"),
        pytest.param(
            {"unit": "hours"}, InvalidValueError, "`hours` is not a known unit", id="unit"
        ),
        pytest.param(
            {"expires": "2026-01-01T00:00Z"}, InvalidValueError, "grant `g` expires at", id="empty"
        ),
        pytest.param(
            {"effective": datetime(2026, 1, 1)},  # noqa: DTZ001 - the naive one is the point
            InvalidValueError,
            "has no time zone",
            id="naive",
        ),
        pytest.param(
            {"rollover": Rollover(at_most=1)}, InvalidValueError, "needs both", id="no reset"
        ),
        pytest.param(
            {"resets": "2026-02-01T00:00Z", "rollover": Rollover(at_most=1)},
            InvalidValueError,
            "resets at",
            id="reset at the end",
        ),
        pytest.param(
            {"over_use": OveragePolicy.CAP}, InvalidValueError, "`cap` is `None`", id="cap"
        ),
    ],
)
def test_an_impossible_grant_cannot_be_built(
    terms: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        a_grant(**terms)


def test_a_grant_belongs_to_the_pool_of_its_allowance_unless_said_otherwise() -> None:
    assert a_grant().pool is None
    assert a_grant(allowance="hours").pool == "hours"
    assert a_grant(allowance="hours", pool="line-1").pool == "line-1"


def test_a_grant_that_never_ends_burns_after_one_that_does() -> None:
    assert consumption_key(a_grant()) < consumption_key(a_grant(id="a", expires=None))
    assert (
        a_grant(resets="2026-01-02T00:00Z", rollover=Rollover(at_most=9, at_least=2)).max_rollover
        == 7
    )


@given(
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.builds(Cycle, st.sampled_from(["month", "quarter", "year"]), st.integers(1, 3)),
)
def test_a_lifetime_of_one_cycle_leaves_no_gap_and_no_overlap(day: date, cycle: Cycle) -> None:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    allowance = an_allowance(recurrence=cycle, lifetime=cycle)
    made = grants_of_term(allowance, start, start + timedelta(days=3000), "UTC")
    assert [each.expires for each in made[:-1]] == [each.effective for each in made[1:]]


def test_a_lifetime_is_counted_from_the_first_day_of_the_term() -> None:
    monthly = an_allowance(recurrence=Cycle("month"), lifetime=Cycle("month", 2))
    made = grants_of_term(monthly, utc("2026-01-31T00:00Z"), utc("2027-01-31T00:00Z"), "UTC")
    ends = [f"{each.effective:%m-%d} {each.expires:%m-%d}" for each in made[:3]]
    assert ends == ["01-31 03-31", "02-28 04-30", "03-31 05-31"]


def test_weeks_are_seven_days_however_many_they_are() -> None:
    for count in (1, 2, 5):
        allowance = an_allowance(recurrence=Cycle("week", count))
        made = grants_of_term(allowance, utc("2026-01-07T00:00Z"), utc("2027-01-07T00:00Z"), "UTC")
        for one, other in pairwise(made):
            assert other.effective - one.effective == timedelta(weeks=count)
    on_mondays = an_allowance(recurrence=Cycle("week"), aligned="calendar")
    first, second, third, *_ = grants_of_term(
        on_mondays, utc("2026-01-07T00:00Z"), utc("2027-01-07T00:00Z"), "UTC"
    )
    assert [each.effective.day for each in (first, second, third)] == [7, 12, 19]


def test_a_lifetime_that_begins_in_a_clock_change_at_midnight_ends_at_midnight() -> None:
    """In Egypt the clock goes from 00:00 to 01:00 on the last Friday of April."""
    fortnight = Allowance(
        id="cases", unit="incidents", amount=1, recurrence=Cycle("week"), lifetime=Cycle("week", 2)
    )
    start, end = utc("2026-04-09T22:00Z"), utc("2026-06-30T21:00Z")
    made = grants_of_term(fortnight, start, end, "Africa/Cairo")
    begins, ends = (
        [each.astimezone(ZoneInfo("Africa/Cairo")).strftime("%d.%m. %H:%M") for each in instants]
        for instants in ([g.effective for g in made[:4]], [g.expires or end for g in made[:4]])
    )
    assert begins == ["10.04. 00:00", "17.04. 00:00", "24.04. 01:00", "01.05. 00:00"]
    assert ends == ["24.04. 01:00", "01.05. 00:00", "08.05. 00:00", "15.05. 00:00"]
