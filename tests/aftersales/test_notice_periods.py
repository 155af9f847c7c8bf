from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements import Calendar
from entitlements.aftersales import NoticePeriod, WeekendShift
from entitlements.kernel import InvalidValueError

OFFICE = Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00", holidays=[date(2026, 5, 1)])
ONE_DAY = timedelta(days=1)
days = st.dates(date(2020, 1, 1), date(2040, 1, 1))
periods = st.one_of(
    st.integers(1, 400).map(lambda n: NoticePeriod(days=n)),
    st.integers(1, 24).map(lambda n: NoticePeriod(months=n)),
    st.integers(1, 60).map(lambda n: NoticePeriod(business_days=n, calendar=OFFICE)),
)


@given(periods, days)
def test_the_latest_day_is_in_time_and_the_next_is_not(period: NoticePeriod, last: date) -> None:
    latest = period.latest_day(last)
    assert period.ends(latest) <= last
    assert period.ends(latest + ONE_DAY) > last


@given(periods, days, st.integers(0, 30))
def test_days_in_transit_come_before_the_period(
    period: NoticePeriod, last: date, transit: int
) -> None:
    slow = NoticePeriod(
        days=period.days,
        months=period.months,
        business_days=period.business_days,
        calendar=period.calendar,
        transit=transit,
    )
    assert slow.latest_day(last) + transit * ONE_DAY == period.latest_day(last)


@pytest.mark.parametrize(
    ("period", "last", "latest"),
    [
        # A month to 30 April: 31 March is in time (BGB 188), and a month before is the 30th
        (NoticePeriod(months=1), date(2026, 4, 30), date(2026, 3, 31)),
        (NoticePeriod(months=1), date(2026, 2, 28), date(2026, 1, 31)),
        (NoticePeriod(months=1), date(2026, 3, 31), date(2026, 2, 28)),
        (NoticePeriod(months=3), date(2026, 12, 31), date(2026, 9, 30)),
        (NoticePeriod(days=30), date(2026, 12, 31), date(2026, 12, 1)),
        (NoticePeriod(days=90), date(2026, 12, 31), date(2026, 10, 2)),
        # Friday the 1st of May is a holiday
        (NoticePeriod(business_days=3, calendar=OFFICE), date(2026, 5, 5), date(2026, 4, 29)),
        (NoticePeriod(days=30, shift=WeekendShift.EARLIER), date(2026, 3, 31), date(2026, 2, 27)),
        (NoticePeriod(days=30), date(2026, 3, 31), date(2026, 3, 1)),
    ],
)
def test_the_latest_day_of_notice(period: NoticePeriod, last: date, latest: date) -> None:
    assert period.latest_day(last) == latest


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"days": 30, "months": 1},
        {"days": 0},
        {"days": 5000},
        {"business_days": 3},
        {"days": 3, "calendar": OFFICE},
        {"business_days": 3, "calendar": "office"},
        {"days": 3, "transit": -1},
        {"days": 3, "shift": "later"},
    ],
)
def test_an_impossible_period_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(InvalidValueError):
        NoticePeriod(**fields)  # type: ignore[arg-type]


def test_a_calendar_without_business_days_is_refused() -> None:
    never = NoticePeriod(business_days=2, calendar=Calendar(zone="UTC", week="off"))
    with pytest.raises(InvalidValueError, match="fewer than 2 business days"):
        never.latest_day(date(2026, 5, 5))
    with pytest.raises(InvalidValueError, match="is not a date"):
        NoticePeriod(days=1).latest_day("2026-05-05")  # type: ignore[arg-type]
