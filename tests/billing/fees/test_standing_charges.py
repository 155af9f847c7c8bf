from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.billing import LineReason, Proration, StandingCharge
from entitlements.contracts import Cycle
from entitlements.contracts.allowances.allowance import Period
from entitlements.kernel import InvalidValueError, LimitExceededError, Money

LONG_AGO, FAR = date(2000, 1, 1), date(2030, 1, 1)
MONTHLY = StandingCharge(
    id="fee",
    contract="C-1",
    line="main",
    price=Money(100, "EUR"),
    every=Cycle(Period.MONTH),
    zone="Europe/Berlin",
    start=date(2026, 1, 31),
)


@st.composite
def charges(draw: st.DrawFn) -> StandingCharge:
    start = draw(st.dates(date(2023, 1, 1), date(2027, 1, 1)))
    every = Cycle(draw(st.sampled_from(Period)), draw(st.integers(1, 4)))
    days = draw(st.none() | st.integers(0, 900))
    return attrs.evolve(
        MONTHLY,
        start=start,
        end=None if days is None else start + timedelta(days=days),
        every=every,
        price=Money.of_minor(draw(st.integers(0, 10**6)), "EUR"),
        billing_day=None if every.weeks else draw(st.none() | st.integers(1, 31)),
        timing=draw(st.sampled_from(["advance", "arrears"])),
    )


def starts(charge: StandingCharge, until: date = FAR) -> list[str]:
    return [f"{each.start:%Y-%m-%d}" for each in charge.periods(LONG_AGO, until)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            {}, ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"], id="31st"
        ),
        pytest.param(
            {"billing_day": 30},
            ["2026-01-31", "2026-02-28", "2026-03-30", "2026-04-30", "2026-05-30"],
            id="billing day 30",
        ),
        pytest.param(
            {"billing_day": 1, "start": date(2026, 1, 16)},
            ["2026-01-16", "2026-02-01", "2026-03-01", "2026-04-01", "2026-05-01", "2026-06-01"],
            id="a leading part",
        ),
        pytest.param(
            {"every": Cycle(Period.QUARTER), "billing_day": 1, "start": date(2026, 2, 15)},
            ["2026-02-15", "2026-03-01", "2026-06-01"],
            id="quarters from the first billing day",
        ),
        pytest.param(
            {"every": Cycle(Period.WEEK, 8)},
            ["2026-01-31", "2026-03-28", "2026-05-23"],
            id="eight weeks",
        ),
        pytest.param(
            {"every": Cycle(Period.YEAR), "start": date(2024, 2, 29)},
            ["2024-02-29", "2025-02-28", "2026-02-28"],
            id="years from a leap day",
        ),
    ],
)
def test_periods_begin_on_the_billing_day(changes: dict[str, object], expected: list[str]) -> None:
    assert starts(attrs.evolve(MONTHLY, **changes), date(2026, 6, 2)) == expected


def test_a_leading_part_is_measured_in_the_period_before_the_first_billing_day() -> None:
    fee = attrs.evolve(MONTHLY, start=date(2026, 3, 16), billing_day=1)
    first = next(fee.periods(LONG_AGO, FAR))
    assert (first.first, first.after) == (date(2026, 3, 1), date(2026, 4, 1))
    line = next(fee.lines(LONG_AGO, FAR))
    assert line.amount == Money("51.61", "EUR")  # 16 of 31 days
    assert line.reason is LineReason.PART_OF_PERIOD


def test_a_trailing_part_is_paid_up_to_and_with_the_last_day() -> None:
    fee = attrs.evolve(MONTHLY, start=date(2026, 1, 1), end=date(2026, 3, 10))
    assert [str(each.amount) for each in fee.lines(LONG_AGO, FAR)] == [
        "100.00 EUR",
        "100.00 EUR",
        "32.26 EUR",  # 10 of 31 days
    ]


def test_in_advance_a_period_is_charged_when_it_begins_and_in_arrears_when_it_is_over() -> None:
    fee = attrs.evolve(MONTHLY, start=date(2026, 1, 1), end=date(2026, 2, 28))
    late = attrs.evolve(fee, timing="arrears")
    february = date(2026, 2, 1), date(2026, 3, 1)
    assert [each.charged_at for each in fee.lines(*february)] == [
        datetime(2026, 1, 31, 23, tzinfo=UTC)
    ]
    assert [each.start for each in late.lines(*february)] == [
        datetime(2025, 12, 31, 23, tzinfo=UTC)
    ]
    assert [each.start for each in late.lines(date(2026, 3, 1), date(2026, 3, 2))] == [
        datetime(2026, 1, 31, 23, tzinfo=UTC)
    ]


@given(charges())
def test_the_periods_of_a_charge_follow_one_another_without_a_gap(charge: StandingCharge) -> None:
    found = list(charge.periods(LONG_AGO, FAR))
    assert found[0].start == charge.start
    for one, other in itertools.pairwise(found):
        assert one.end == one.after == other.first == other.start
    if charge.end is not None:
        assert found[-1].end == charge.end + timedelta(days=1)
    for each in found:
        assert each.first <= each.start < each.end <= each.after


@given(charges())
def test_the_billing_day_returns_after_a_short_month(charge: StandingCharge) -> None:
    wanted = charge.billing_day or charge.start.day
    if not charge.every.weeks:
        for each in list(charge.periods(LONG_AGO, FAR))[1:]:
            last = (each.first.replace(day=28) + timedelta(days=4)).replace(day=1)
            assert each.first.day == min(wanted, (last - timedelta(days=1)).day)


@given(charges(), st.dates(date(2023, 1, 1), FAR))
def test_every_line_is_charged_once_wherever_time_is_cut(charge: StandingCharge, cut: date) -> None:
    whole = list(charge.lines(LONG_AGO, FAR))
    assert [*charge.lines(LONG_AGO, cut), *charge.lines(cut, FAR)] == whole


@given(charges(), st.integers(1, 800))
def test_what_one_plan_loses_at_a_change_the_same_plan_gains(
    charge: StandingCharge, days: int
) -> None:
    day = charge.start + timedelta(days=days)
    if charge.end is not None and day > charge.end:
        return
    kept = charge.billing_day or (None if charge.every.weeks else charge.start.day)
    whole = attrs.evolve(charge, billing_day=kept)
    before = attrs.evolve(whole, end=day - timedelta(days=1))
    after = attrs.evolve(whole, id="again", start=day)
    if whole.every.weeks or whole.every.months != 1:
        return  # the periods of the second one begin elsewhere

    def total(*charges: StandingCharge) -> int:
        return sum(line.amount.minor_units for one in charges for line in one.lines(LONG_AGO, FAR))

    assert total(before, after) == total(whole)


def test_a_fixed_month_of_thirty_days_charges_the_31st_with_the_30th() -> None:
    fee = attrs.evolve(
        MONTHLY, start=date(2026, 1, 16), billing_day=1, proration=Proration(days="fixed_30")
    )
    assert next(fee.lines(LONG_AGO, FAR)).amount == Money(50, "EUR")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"billing_day": 0}, InvalidValueError),
        ({"billing_day": 32}, LimitExceededError),
        ({"billing_day": 1, "every": Cycle(Period.WEEK)}, InvalidValueError),
        ({"end": date(2026, 1, 30)}, InvalidValueError),
        ({"price": 100}, InvalidValueError),
        ({"every": 1}, InvalidValueError),
        ({"start": None}, InvalidValueError),
        ({"timing": "later"}, InvalidValueError),
        ({"proration": "actual"}, InvalidValueError),
    ],
)
def test_an_impossible_charge_is_refused(
    changes: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        attrs.evolve(MONTHLY, **changes)


def test_a_period_without_end_is_asked_for_in_parts() -> None:
    weekly = attrs.evolve(MONTHLY, every=Cycle(Period.WEEK))
    with pytest.raises(LimitExceededError, match="more than 10000 billing periods"):
        list(weekly.periods(date(2026, 1, 1), date(2999, 1, 1)))
    assert len(list(weekly.periods(date(2900, 1, 1), date(2900, 2, 1)))) in {5, 6}
