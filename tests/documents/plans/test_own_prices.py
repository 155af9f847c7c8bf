"""Prices that are written in place become price lists, cards and schedules of their own."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.documents.sections.test_prices import facts_of, refused

from entitlements.billing import AfterHours, ClaimWindow, CreditBand, Price
from entitlements.contracts import Cycle
from entitlements.kernel import Money


def test_a_price_in_place_is_a_price_list_of_the_plan() -> None:
    facts = facts_of("{price: 1200.50 EUR/3 months per unit in arrears on day 31}")
    (plan,) = facts.catalog.plans
    assert plan.commercial is not None
    assert plan.commercial.price == "gold"
    prices = facts.prices.price_lists["gold"]
    assert prices.prices == (Price(item="gold", amount=Money("1200.50", "EUR"), per_unit=True),)
    assert (prices.every, prices.timing, prices.billing_day) == (Cycle("month", 3), "arrears", 31)


@pytest.mark.parametrize(
    "text", ["400 EUR/month", "400 EUR a month", "400 EUR per month in advance"]
)
def test_a_monthly_price_in_advance_can_be_said_in_several_ways(text: str) -> None:
    prices = facts_of(f"{{price: {text}}}").prices.price_lists["gold"]
    assert (prices.every, prices.timing) == (Cycle("month"), "advance")


def test_a_price_of_a_contract_is_for_the_contract() -> None:
    facts = facts_of("{price: 400 EUR/month}", ", commercial: {price: {amount: 350 EUR}}")
    (contract,) = facts.accounts["acme"].contracts
    assert contract.commercial is not None
    assert contract.commercial.price == "contract C-1"
    assert facts.prices.price_lists["contract C-1"].items == {"C-1"}


def test_rates_in_place_have_a_rate_for_each_kind_of_work_and_the_hours_of_the_plan() -> None:
    facts = facts_of(
        "{rates: {default: 120 EUR/h, after hours: x1.5, on site: 150 EUR an hour,"
        " senior: {hourly: 200 EUR, agents: [ada], after_hours: +30 EUR/h outside desk}}}"
    )
    card = facts.prices.rate_cards["gold"]
    usual = AfterHours(hours="desk", multiplier=Decimal("1.5"))
    found = {each.id: (each.hourly, each.kinds, each.after_hours) for each in card.rates}
    assert found == {
        "default": (Money(120, "EUR"), frozenset(), usual),
        "on_site": (Money(150, "EUR"), {"on_site"}, usual),
        "senior": (
            Money(200, "EUR"),
            frozenset(),
            AfterHours(hours="desk", surcharge=Money(30, "EUR")),
        ),
    }
    assert (card.currency, card.zone) == ("EUR", "UTC")


def test_a_credit_may_be_a_multiple_of_what_was_paid_for_the_time() -> None:
    facts = facts_of("{credits: {availability: {below 99.99%: x10, below 95%: 100%}}}")
    uptime = facts.prices.credit_schedules["gold availability"]
    assert uptime.bands == (
        CreditBand(credit=100, below=95),
        CreditBand(times=10, at_least=95, below=Decimal("99.99")),
    )


def test_bands_below_figures_follow_one_another() -> None:
    facts = facts_of(
        "{credits: {availability: {below 99.9%: 10%, below 95%: 100%, below 99%: 25%},"
        " missed: {bands: {5+: 15%, 1-2: 5%, 3-4: 10%}, window: {days: 30, after: month}}}}"
    )
    uptime = facts.prices.credit_schedules["gold availability"]
    figures = ("99.9", "99.89", "99", "95", "94.9")
    credits = [int(uptime.credit_for(Decimal(each))) for each in figures]
    assert credits == [0, 10, 10, 25, 100]
    missed = facts.prices.credit_schedules["gold missed"]
    assert missed.bands == (
        CreditBand(credit=5, at_least=1, at_most=2),
        CreditBand(credit=10, at_least=3, at_most=4),
        CreditBand(credit=15, at_least=5),
    )
    assert missed.window == ClaimWindow(days=30, after="month")  # type: ignore[arg-type]


def test_a_problem_of_a_price_in_place_names_its_line() -> None:
    assert refused("{price: 400 EUR/month in advanse}").startswith(
        "<text>:11: plans[0].commercial."
    )
