"""Charges in advance as Kill Bill's own tests expect them.

From killbill/killbill, `invoice/.../proRations/inAdvance`, monthly, quarterly and annual
`TestProRation`, `TestDoubleProRation` and `GenericProRationTestBase`. Kill Bill's tests state how
many periods are charged up to a day, as a number with nine digits.
"""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest

from entitlements.billing import StandingCharge
from entitlements.billing.presets import KILL_BILL
from entitlements.contracts import Cycle
from entitlements.kernel import Money

MONTH, QUARTER, YEAR = 1, 3, 12
PRICE = Money(10_000_000, "USD")
"""A thousand million cents: an amount has the nine digits of Kill Bill's fractions."""

Case = tuple[int, str, str | None, str, int, int, tuple[tuple[int, int], ...]]

# Length, first day, day on which it ends, day up to which is charged, billing day; whole periods,
# and parts of periods.
CASES: tuple[Case, ...] = (
    (MONTH, "2011-02-10", "2011-02-24", "2011-03-06", 10, 0, ((14, 28),)),
    (MONTH, "2011-02-24", None, "2011-03-06", 10, 0, ((14, 28),)),
    (MONTH, "2011-02-03", "2011-02-17", "2011-03-01", 3, 0, ((14, 28),)),
    (MONTH, "2011-02-17", None, "2011-03-01", 3, 0, ((14, 28),)),
    (MONTH, "2011-02-17", None, "2011-03-03", 3, 1, ((14, 28),)),
    (MONTH, "2011-02-17", None, "2011-03-04", 3, 1, ((14, 28),)),
    (MONTH, "2011-02-01", "2011-02-15", "2011-03-01", 1, 0, ((14, 28),)),
    (MONTH, "2011-02-15", None, "2011-03-01", 15, 1, ()),
    (MONTH, "2011-02-20", "2011-03-06", "2011-03-09", 20, 0, ((14, 28),)),
    (MONTH, "2011-03-06", None, "2011-03-09", 6, 1, ()),
    (MONTH, "2010-12-15", None, "2011-01-16", 15, 2, ()),
    (MONTH, "2012-02-15", None, "2012-03-15", 15, 2, ()),
    (MONTH, "2012-01-15", None, "2012-02-03", 15, 1, ()),
    (MONTH, "2012-01-30", None, "2012-03-01", 30, 2, ()),
    (MONTH, "2011-02-01", "2011-02-14", "2011-03-01", 1, 0, ((13, 28),)),
    (MONTH, "2011-02-14", None, "2011-03-01", 27, 1, ((13, 31),)),
    (MONTH, "2012-02-01", "2012-02-15", "2012-02-19", 1, 0, ((14, 29),)),
    (MONTH, "2011-02-07", "2011-02-15", "2011-04-21", 7, 0, ((8, 28),)),
    (MONTH, "2011-02-15", None, "2011-04-21", 15, 3, ()),
    (MONTH, "2011-02-07", "2011-03-07", "2011-04-21", 7, 1, ()),
    (MONTH, "2011-03-07", None, "2011-04-21", 15, 2, ((8, 28),)),
    (MONTH, "2011-02-07", "2011-03-10", "2011-04-21", 7, 1, ((3, 31),)),
    (MONTH, "2011-03-10", None, "2011-04-21", 15, 2, ((5, 28),)),
    (MONTH, "2011-01-31", "2011-03-10", "2011-04-21", 7, 1, ((7, 31), (3, 31))),
    (MONTH, "2010-12-15", "2011-03-17", "2011-03-15", 15, 3, ((2, 31),)),
    (MONTH, "2011-01-01", "2011-02-27", "2011-01-01", 15, 0, ((14, 31),)),
    (MONTH, "2011-01-01", "2011-02-27", "2011-01-07", 15, 0, ((14, 31),)),
    (MONTH, "2011-01-01", "2011-02-27", "2011-01-15", 15, 1, ((14, 31),)),
    (MONTH, "2011-01-01", "2011-02-27", "2011-01-22", 15, 1, ((14, 31),)),
    (MONTH, "2011-01-01", "2011-02-27", "2011-02-26", 15, 1, ((14, 31), (12, 28))),
    (MONTH, "2011-01-01", "2011-02-27", "2011-03-07", 15, 1, ((14, 31), (12, 28))),
    (MONTH, "2011-01-01", "2011-04-27", "2011-02-26", 15, 2, ((14, 31),)),
    (MONTH, "2011-01-01", "2011-01-15", "2011-04-05", 1, 0, ((14, 31),)),
    (MONTH, "2011-01-31", None, "2011-02-27", 31, 1, ()),
    (MONTH, "2011-01-31", None, "2011-02-28", 31, 2, ()),
    (MONTH, "2011-01-31", None, "2011-03-30", 31, 2, ()),
    (MONTH, "2011-01-31", None, "2011-03-31", 31, 3, ()),
    (MONTH, "2011-01-31", None, "2012-01-31", 31, 13, ()),
    (QUARTER, "2011-02-10", "2011-02-24", "2011-03-06", 10, 0, ((14, 89),)),
    (QUARTER, "2011-02-24", None, "2011-03-06", 10, 0, ((75, 89),)),
    (QUARTER, "2011-02-17", None, "2011-05-03", 3, 1, ((75, 89),)),
    (QUARTER, "2011-02-01", "2011-02-14", "2011-03-01", 1, 0, ((13, 89),)),
    (QUARTER, "2011-02-14", None, "2011-05-01", 27, 1, ((13, 92),)),
    (QUARTER, "2012-02-01", "2012-02-15", "2012-02-19", 1, 0, ((14, 90),)),
    (QUARTER, "2011-02-15", None, "2011-09-21", 15, 3, ()),
    (QUARTER, "2011-05-07", None, "2011-07-21", 15, 1, ((8, 89),)),
    (QUARTER, "2011-02-07", "2011-05-10", "2011-09-21", 7, 1, ((3, 92),)),
    (QUARTER, "2011-05-10", None, "2011-09-21", 15, 2, ((5, 89),)),
    (QUARTER, "2011-01-31", "2011-05-10", "2011-05-21", 7, 0, ((66, 90), (33, 91))),
    (QUARTER, "2010-12-15", "2011-06-17", "2011-06-15", 15, 2, ((2, 92),)),
    (YEAR, "2011-01-31", None, "2011-02-24", 15, 0, ((349, 365),)),
    (YEAR, "2010-12-15", None, "2012-01-13", 4, 1, ((354, 365),)),
)


def charged(months: int, start: str, end: str | None, until: str, billing_day: int) -> int:
    """Return the cents that are charged up to a day, that day included."""
    first = date.fromisoformat(start)
    last = first.replace(day=1) + timedelta(days=31)
    in_month = min(billing_day, (last.replace(day=1) - timedelta(days=1)).day)
    charge = StandingCharge(
        id="plan",
        contract="C-1",
        line="main",
        price=PRICE,
        every=Cycle("month", months),
        zone="UTC",
        start=first,
        end=None if end is None else date.fromisoformat(end) - timedelta(days=1),
        billing_day=billing_day,
        anchor=first.replace(day=in_month),
        proration=KILL_BILL,
    )
    lines = charge.lines(first, date.fromisoformat(until) + timedelta(days=1))
    return sum(each.amount.minor_units for each in lines)


@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join(map(str, case[:5])))
def test_periods_charged_in_advance_are_those_of_kill_bill(case: Case) -> None:
    months, start, end, until, billing_day, whole, parts = case
    rounded = [int(PRICE.minor_units * Fraction(*part) + Fraction(1, 2)) for part in parts]
    expected = whole * PRICE.minor_units + sum(rounded)
    # parts that follow one another are rounded here so that they sum to the price
    assert abs(charged(months, start, end, until, billing_day) - expected) <= len(parts) // 2


def test_a_first_part_before_the_end_of_a_short_month_differs_as_the_preset_says() -> None:
    # Kill Bill: 14 of 31 days, as if the period had begun on 28 January
    cents = charged(MONTH, "2011-02-14", None, "2011-03-01", 31)
    assert cents == PRICE.minor_units * 3 // 2
