from __future__ import annotations

import itertools
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.billing import Proration
from entitlements.billing.fees.proration import DayCount, LastDay
from entitlements.billing.presets import KILL_BILL, KILL_BILL_FIXED_30, LAGO, STRIPE
from entitlements.kernel import InvalidValueError, LimitExceededError, Money

JANUARY = (date(2026, 1, 1), date(2026, 2, 1))
MARCH = (date(2026, 3, 1), date(2026, 4, 1))
NONE = Proration(days=DayCount.NONE)
FREE = [KILL_BILL, KILL_BILL_FIXED_30, STRIPE, NONE]


@st.composite
def periods(draw: st.DrawFn) -> tuple[date, date]:
    first = draw(st.dates(date(1990, 1, 1), date(2090, 1, 1)))
    return first, first + timedelta(days=draw(st.integers(1, 400)))


def days_in(period: tuple[date, date]) -> st.SearchStrategy[date]:
    return st.dates(*period)


@pytest.mark.parametrize(
    ("proration", "period", "start", "end", "share"),
    [
        pytest.param(KILL_BILL, JANUARY, *JANUARY, Fraction(1), id="the whole"),
        pytest.param(
            KILL_BILL, JANUARY, date(2026, 1, 11), date(2026, 2, 1), Fraction(21, 31), id="from 11"
        ),
        pytest.param(
            KILL_BILL, (date(2026, 2, 1), date(2026, 3, 1)), date(2026, 2, 15), date(2026, 3, 1),
            Fraction(14, 28), id="in February",
        ),
        pytest.param(
            KILL_BILL, (date(2024, 2, 1), date(2024, 3, 1)), date(2024, 2, 15), date(2024, 3, 1),
            Fraction(15, 29), id="in a leap year",
        ),
        pytest.param(
            LAGO, JANUARY, date(2026, 1, 1), date(2026, 1, 10), Fraction(10, 31), id="end is paid"
        ),
        pytest.param(
            LAGO, JANUARY, date(2026, 1, 31), date(2026, 2, 1), Fraction(1, 31), id="to the end"
        ),
        pytest.param(
            LAGO, JANUARY, date(2026, 1, 31), date(2026, 1, 31), Fraction(1, 31), id="one day"
        ),
        pytest.param(
            KILL_BILL_FIXED_30, JANUARY, date(2026, 1, 1), date(2026, 1, 16), Fraction(15, 30),
            id="thirty days",
        ),
        pytest.param(
            KILL_BILL_FIXED_30, JANUARY, date(2026, 1, 31), date(2026, 2, 1), Fraction(1, 30),
            id="the 31st counts with the 30th",
        ),
        pytest.param(
            KILL_BILL_FIXED_30, (date(2026, 1, 15), date(2026, 4, 15)), date(2026, 1, 15),
            date(2026, 2, 15), Fraction(1, 3), id="a month of a quarter",
        ),
        pytest.param(
            KILL_BILL_FIXED_30, (date(2026, 1, 29), date(2026, 2, 5)), date(2026, 1, 29),
            date(2026, 1, 30), Fraction(1, 6), id="a week over the 31st",
        ),
        pytest.param(
            KILL_BILL_FIXED_30, (date(2026, 1, 31), date(2026, 2, 7)), date(2026, 1, 31),
            date(2026, 2, 1), Fraction(1, 7), id="a week from the 31st",
        ),
        pytest.param(
            KILL_BILL_FIXED_30, (date(2026, 1, 31), date(2026, 2, 28)), date(2026, 1, 31),
            date(2026, 2, 15), Fraction(1, 2), id="a short month from the 31st",
        ),
        pytest.param(
            KILL_BILL_FIXED_30, (date(2026, 2, 28), date(2026, 3, 31)), date(2026, 2, 28),
            date(2026, 3, 13), Fraction(1, 2), id="from a clamped day",
        ),
        pytest.param(
            STRIPE, (date(2026, 1, 1), date(2026, 1, 3)), date(2026, 1, 1), date(2026, 1, 2),
            Fraction(1, 2), id="half the seconds",
        ),
        # The 29th of March 2026 has 23 hours in Berlin
        pytest.param(
            STRIPE, (date(2026, 3, 29), date(2026, 3, 31)), date(2026, 3, 29), date(2026, 3, 30),
            Fraction(23, 47), id="a short day",
        ),
        pytest.param(NONE, JANUARY, date(2026, 1, 1), date(2026, 1, 2), Fraction(1), id="first"),
        pytest.param(NONE, JANUARY, date(2026, 1, 2), date(2026, 2, 1), Fraction(), id="later"),
        pytest.param(KILL_BILL, JANUARY, *[date(2026, 1, 5)] * 2, Fraction(), id="empty"),
    ],
)  # fmt: skip
def test_a_part_has_its_share(
    proration: Proration, period: tuple[date, date], start: date, end: date, share: Fraction
) -> None:
    assert proration.share(period, start, end, "Europe/Berlin") == share


@given(periods(), st.sampled_from(FREE), st.data())
def test_parts_that_follow_one_another_sum_to_the_whole(
    period: tuple[date, date], proration: Proration, data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.lists(days_in(period), max_size=5)))
    edges = [period[0], *cuts, period[1]]
    price = Money.of_minor(data.draw(st.integers(-(10**6), 10**6)), "EUR")
    parts = list(itertools.pairwise(edges))
    shares = [proration.share(period, *part, "Europe/Berlin") for part in parts]
    amounts = [proration.charge(price, period, *part, "Europe/Berlin") for part in parts]
    assert sum(shares) == 1
    assert min(shares) >= 0
    assert sum(each.minor_units for each in amounts) == price.minor_units


@given(periods(), st.sampled_from([*FREE, LAGO]), st.data())
def test_a_longer_part_never_costs_less(
    period: tuple[date, date], proration: Proration, data: st.DataObject
) -> None:
    start, end, later = sorted(data.draw(st.tuples(*[days_in(period)] * 3)))
    price = Money(100, "EUR")
    if later < period[1] or proration is not LAGO:
        one = proration.charge(price, period, start, end, "Asia/Tokyo")
        other = proration.charge(price, period, start, later, "Asia/Tokyo")
        assert one <= other


@given(periods(), st.data())
def test_actual_days_are_counted_one_by_one(period: tuple[date, date], data: st.DataObject) -> None:
    start, end = sorted(data.draw(st.tuples(days_in(period), days_in(period))))
    every = [period[0] + timedelta(days=n) for n in range((period[1] - period[0]).days)]
    paid = [day for day in every if start <= day < end]
    assert Proration().share(period, start, end, "UTC") == Fraction(len(paid), len(every))


@pytest.mark.parametrize(
    ("period", "start", "end", "error"),
    [
        (JANUARY, date(2025, 12, 31), date(2026, 1, 2), InvalidValueError),
        (JANUARY, date(2026, 1, 2), date(2026, 2, 2), InvalidValueError),
        (JANUARY, date(2026, 1, 3), date(2026, 1, 2), InvalidValueError),
        (
            (date(2026, 1, 1), date(2026, 1, 1)),
            date(2026, 1, 1),
            date(2026, 1, 1),
            InvalidValueError,
        ),
        (JANUARY, "2026-01-01", date(2026, 1, 2), InvalidValueError),
        ((date(1, 1, 1), date(2026, 1, 1)), date(2025, 1, 1), date(2026, 1, 1), LimitExceededError),
    ],
)
def test_what_is_no_part_of_a_period_is_refused(
    period: tuple[date, date], start: date, end: date, error: type[Exception]
) -> None:
    with pytest.raises(error):
        Proration().share(period, start, end, "UTC")


@pytest.mark.parametrize("days", [DayCount.FIXED_30, DayCount.SECONDS, DayCount.NONE])
def test_the_last_day_is_paid_only_where_days_are_counted(days: DayCount) -> None:
    with pytest.raises(InvalidValueError, match="the last day cannot be paid"):
        Proration(days=days, last_day=LastDay.PAID)
