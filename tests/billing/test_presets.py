from __future__ import annotations

from datetime import date, timedelta

import pytest

from entitlements.billing import Proration, Rounding, RoundingScope
from entitlements.billing.presets import KILL_BILL, LAGO, STRIPE, autotask, connectwise, kimai
from entitlements.kernel import Money


@pytest.mark.parametrize("rounding", [kimai(15), connectwise(15), autotask(15)])
def test_these_systems_round_each_entry(rounding: Rounding) -> None:
    assert rounding.per is RoundingScope.ENTRY
    assert rounding.increment == timedelta(minutes=15)


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
