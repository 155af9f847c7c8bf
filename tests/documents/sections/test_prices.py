"""Prices are read from short and long forms, and written in the long one."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from entitlements.billing import (
    AfterHours,
    ClaimWindow,
    CreditBand,
    Price,
    RoundingDirection,
    RoundingScope,
)
from entitlements.contracts import Cycle
from entitlements.documents import parse_facts, write_facts
from entitlements.documents.sections.prices import parse_after_hours, parse_rounding
from entitlements.engine.facts import Facts
from entitlements.kernel import Money
from entitlements.kernel.errors import DocumentError, InvalidValueError

BLOCK = """blocks: {id: b, contract: C-2, line: main, price: 9 EUR, amount: 10h, lifetime: month,
    zone: UTC, start: 2026-01-01}"""
PLAN = """
calendars: [{name: desk, zone: UTC, week: "Mo-Fr 09:00-17:00"}]
groups: dba
plans:
  - id: gold
    hours: desk
    group: dba
    severities: high
    channels: web
    first_response: 1h
    commercial: %s
accounts:
  - customer: acme
    contracts: [{id: C-1, zone: UTC, start: 2026-01-01, any_contact: true,
                 lines: [{id: main, plan: gold}]%s}]
"""


def facts_of(commercial: str, contract: str = "") -> Facts:
    facts = parse_facts(PLAN % (commercial, contract))
    assert parse_facts(write_facts(facts)) == facts
    return facts


def refused(commercial: str, contract: str = "") -> str:
    with pytest.raises(DocumentError) as caught:
        parse_facts(PLAN % (commercial, contract))
    return "\n".join(caught.value.problems)


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


def test_work_rules_in_place_may_be_a_rounding_alone() -> None:
    facts = facts_of("{work: 15m nearest per day, rates: {default: 9 EUR}}")
    rounding = facts.prices.work_rules["gold"].rounding
    assert rounding.direction is RoundingDirection.NEAREST
    assert (rounding.increment, rounding.per) == (timedelta(minutes=15), RoundingScope.DAY)
    rules = facts_of("{work: {unit_factors: {on_site: 1/3}, overage_hourly: 1.005 EUR/h}}")
    assert rules.prices.work_rules["gold"].unit_factors == {"on_site": Fraction(1, 3)}
    assert rules.prices.work_rules["gold"].overage_hourly == Money("1.005", "EUR")


@pytest.mark.parametrize(
    ("commercial", "message"),
    [
        ("{price: 400 EUR}", "write it as `400 EUR/month in advance`"),
        ("{price: '400,00 EUR/month'}", "write it as `400.00 EUR`"),
        ("{price: 400 €/month}", "write it as `400 EUR`"),
        ("{price: {amount: 400}}", "`400` is not an amount of money (write it as `400 EUR`)"),
        ("{price: {amount: 1e3 EUR}}", "is not an amount of money"),
        ("{price: 400 EUX/month}", "EUX"),
        ("{rates: {default: 120 EUR/h, on site: 150 USD/h}}", "rate `on_site` is in `USD`"),
        ("{rates: {default: {hourly: 9 EUR, end: 2026-12-31}}}", "rates with dates need a zone"),
        ("{rates: {default: 120 EUR/h, after hours: twice}}", "is not an amount of money"),
        ("{rates: {default: 9 EUR, after hours: x2 outside desc}}", "the id `desc`"),
        ("{rates: standrad}", "no rate card has the name `standrad`"),
        ("{price: {prices: [{item: bronze, amount: 1 EUR}]}}", "no price has the id `gold`"),
        ("{price: 1 USD/month, rates: {default: 9 EUR}}", "are in `EUR` and `USD`"),
        ("{credits: {availability: {under 99%: 10%}}}", "`under 99%` is no figure"),
        ("{credits: {missed: {1-2: 5%, 4+: 10%}}}", "says nothing between the bands"),
        ("{work: {unit_factors: {on_site: 0}}}", "must be greater than 0"),
        ("{work: {overage: forgiven}}", "`forgiven` is not one of billed, next_grant"),
    ],
)  # fmt: skip
def test_prices_that_cannot_be_are_problems_with_their_place(commercial: str, message: str) -> None:
    assert message in refused(commercial)


def test_a_problem_of_a_price_in_place_names_its_line() -> None:
    assert refused("{price: 400 EUR/month in advanse}").startswith(
        "<text>:11: plans[0].commercial."
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BLOCK, "no contract has the id `C-2`"),
        ("discounts: {id: d, percent: 10%, contract: C-1, line: mian, zone: UTC}",
         "no contract line has the id `mian`"),
        ("discounts: {id: d, percent: 101%, contract: C-1, zone: UTC}", "not above 0 and at most"),
    ],
)  # fmt: skip
def test_a_billing_account_names_contracts_and_lines_that_there_are(
    text: str, message: str
) -> None:
    with pytest.raises(DocumentError) as caught:
        parse_facts(
            PLAN % ("{uptime: 99%}", "") + f"billing_accounts: [{{customer: acme, {text}}}]"
        )
    assert message in "\n".join(caught.value.problems)


@pytest.mark.parametrize("text", ["x1,5 outside desk", "1.5 outside desk", "x1.5", "+x outside d"])
def test_texts_that_say_no_price_after_hours_are_refused(text: str) -> None:
    with pytest.raises(InvalidValueError):
        parse_after_hours(text)


@pytest.mark.parametrize("text", ["15 per case", "15m per month", "15m at least"])
def test_texts_that_say_no_rounding_are_refused(text: str) -> None:
    with pytest.raises(InvalidValueError):
        parse_rounding(text)
