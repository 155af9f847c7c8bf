from __future__ import annotations

import ast
import inspect
from datetime import date, timedelta
from decimal import Decimal

import pytest

from entitlements.billing import (
    AfterHours,
    ChargedCase,
    ChargeLine,
    Proration,
    Rate,
    RateCard,
    Rounding,
    WorkLog,
    WorkTerms,
    charge_work,
    presets,
)
from entitlements.billing.presets import (
    KILL_BILL,
    KILL_BILL_FIXED_30,
    LAGO,
    STRIPE,
    autotask,
    connectwise,
    kimai,
)
from entitlements.billing.work.rounding import RoundingScope
from entitlements.contracts import Grant
from entitlements.kernel import Money, utc


@pytest.mark.parametrize("rounding", [kimai(15), connectwise(15), autotask(15)])
def test_these_systems_round_each_entry(rounding: Rounding) -> None:
    assert rounding.per is RoundingScope.ENTRY
    assert rounding.increment == timedelta(minutes=15)


def test_each_preset_says_where_it_is_from_and_what_it_does_not_reproduce() -> None:
    tree = ast.parse(inspect.getsource(presets))
    said = [
        ast.get_docstring(each) or "" for each in tree.body if isinstance(each, ast.FunctionDef)
    ]
    said += [
        str(each.value.value)
        for each in tree.body
        if isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant)
    ][1:]
    assert len(said) == 7
    assert all("Not reproduced: " in " ".join(each.split()) for each in said)


# A switch of plans on 16 June from 10 to 20 dollars: Stripe's example credits 5 and charges 10
@pytest.mark.parametrize("proration", [STRIPE, KILL_BILL])
def test_a_switch_at_half_of_the_month_is_half_of_both_prices(proration: Proration) -> None:
    june, switch = (date(2026, 6, 1), date(2026, 7, 1)), date(2026, 6, 16)
    used = proration.charge(Money(10, "USD"), june, june[0], switch, "UTC")
    assert used - Money(10, "USD") == Money(-5, "USD")
    assert proration.charge(Money(20, "USD"), june, switch, june[1], "UTC") == Money(10, "USD")


def test_two_systems_charge_the_day_of_the_end_differently() -> None:
    march = date(2026, 3, 1), date(2026, 4, 1)
    price = Money(31, "EUR")
    ended = march[0], date(2026, 3, 10)
    assert KILL_BILL.charge(price, march, *ended, "UTC") == Money(9, "EUR")
    assert LAGO.charge(price, march, *ended, "UTC") == Money(10, "EUR")


# Kimai's closest rounds exactly half a step down, and one second more up (`diff > s / 2`)
@pytest.mark.parametrize(
    ("direction", "seconds", "minutes"),
    [
        ("nearest", 450, 0), ("nearest", 451, 15), ("nearest", 1350, 15), ("nearest", 1351, 30),
        ("up", 1, 15), ("up", 900, 15), ("up", 901, 30),
        ("down", 899, 0), ("down", 900, 15), ("down", 1799, 15),
    ],
)  # fmt: skip
def test_kimai_rounds_durations_to_a_quarter(direction: str, seconds: int, minutes: int) -> None:
    assert kimai(15, direction).billed(timedelta(seconds=seconds)) == timedelta(minutes=minutes)


# The durations of Kimai's own tests of `CeilRounding` and `ClosestRounding`, with 30 minutes
@pytest.mark.parametrize(
    ("worked", "closest", "ceil"),
    [(9001, 9000, 10800), (7525, 7200, 9000), (7372, 7200, 9000), (0, 0, 0)],
)
def test_kimai_rounds_durations_to_half_an_hour(worked: int, closest: int, ceil: int) -> None:
    seconds = timedelta(seconds=worked)
    assert kimai(30, "nearest").billed(seconds) == timedelta(seconds=closest)
    assert kimai(30).billed(seconds) == timedelta(seconds=ceil)


# Autotask, "Factors that Affect Time Entries": 10:00 to 10:05 are 15 minutes; and an hour and 20
# minutes by its roles, from agmspcoaching.com, 2020-02-27, with the rates and amounts of that page
@pytest.mark.parametrize(
    ("worked", "hourly", "billed", "amount"),
    [
        (5, 100, 15, "25.00"),
        (80, 150, 90, "225.00"),
        (80, 175, 90, "262.50"),
        (80, 125, 90, "187.50"),
    ],
)
def test_autotask_rounds_an_entry_up_before_the_rate_of_its_role(
    worked: int, hourly: int, billed: int, amount: str
) -> None:
    (line,) = charged_by_autotask(worked, hourly=hourly)
    assert line.billed == timedelta(minutes=billed)
    assert line.amount == Money(amount, "USD")


# "Introduction to billing for labor": a role of 100 dollars and a work type that multiplies it by
# 1.5 make 150; "Understanding how labor is applied to block hours": an hour of a senior database
# administrator takes two of the block, an hour of an intern half of one.
def test_autotask_multiplies_rates_and_block_hours() -> None:
    after = AfterHours(hours="x", multiplier=Decimal("1.5"))
    assert after.applied(Money(100, "USD")) == Money(150, "USD")
    taken = {
        kind: sum(line.units for line in charged_by_autotask(60, kind=kind, block=600))
        for kind in ("work", "senior", "intern")
    }
    assert taken == {"work": 60, "senior": 120, "intern": 30}


def charged_by_autotask(
    worked: int, *, hourly: int = 100, kind: str = "work", block: int = 0
) -> tuple[ChargeLine, ...]:
    start = utc("2026-03-02T10:00Z")
    log = WorkLog(
        id="W-1",
        case="R-1",
        agent="ada",
        start=start,
        end=start + timedelta(minutes=worked),
        kind=kind,
    )
    terms = WorkTerms(
        contract="C-1",
        line="main",
        zone="UTC",
        start=start,
        basis="time_and_materials",
        rounding=autotask(15),
        rates=RateCard(
            id="2026",
            currency="USD",
            zone="UTC",
            rates=[Rate(id="role", hourly=Money(hourly, "USD"))],
        ),
        grants=[Grant(id="block", unit="minutes", amount=block, effective=start)],
        unit_factors={"senior": 2, "intern": Decimal("0.5")},
    )
    case = ChargedCase(id="R-1", contract="C-1", line="main")
    return charge_work([log], [case], [terms], currency="USD")


# ConnectWise's rate types on a base of 100: custom 200, adjustment 125, multiplier 150
@pytest.mark.parametrize(
    ("after", "hourly"),
    [
        (AfterHours(hours="x", hourly=Money(200, "USD")), 200),
        (AfterHours(hours="x", surcharge=Money(25, "USD")), 125),
        (AfterHours(hours="x", multiplier=Decimal("1.5")), 150),
    ],
)
def test_connectwise_prices_after_hours_in_three_ways(after: AfterHours, hourly: int) -> None:
    assert after.applied(Money(100, "USD")) == Money(hourly, "USD")


# Lago: 24 of 31 days, 1.25 units at 1500, are 1451.6; 20 of 28 days of 60 are 42.857
@pytest.mark.parametrize(
    ("price", "period", "days", "amount"),
    [
        (Money(1875, "EUR"), (date(2026, 3, 1), date(2026, 4, 1)), 24, "1451.61"),
        (Money(60, "EUR"), (date(2026, 2, 1), date(2026, 3, 1)), 20, "42.86"),
    ],
)
def test_lago_counts_both_ends_and_is_cut_where_this_is_rounded(
    price: Money, period: tuple[date, date], days: int, amount: str
) -> None:
    # What begins on the first day and ends on day `days` is paid for that day, too.
    end = period[0] + timedelta(days=days - 1)
    assert LAGO.charge(price, period, period[0], end, "UTC") == Money(amount, "EUR")


# Kill Bill's fixed month of 30 days: a change on the 16th is half of any month
@pytest.mark.parametrize("month", [1, 2, 3, 4])
def test_kill_bill_with_a_fixed_month_has_a_half_on_the_16th(month: int) -> None:
    period = date(2026, month, 1), date(2026, month + 1, 1)
    half = KILL_BILL_FIXED_30.charge(
        Money(30, "USD"), period, period[0], date(2026, month, 16), "UTC"
    )
    assert half == Money(15, "USD")
