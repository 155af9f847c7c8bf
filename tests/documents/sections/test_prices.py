"""Prices are read from short and long forms, and written in the long one."""

from __future__ import annotations

import re
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from entitlements.billing.work.rounding import RoundingDirection, RoundingScope
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


def test_the_document_of_the_manual_is_read_and_written() -> None:
    page = (Path(__file__).parents[3] / "docs" / "documents.md").read_text("utf-8")
    (text,) = re.findall(r"```yaml\n# a document of its own\n(.*?)```", page, re.DOTALL)
    facts = parse_facts(text)
    assert parse_facts(write_facts(facts)) == facts
    assert {*facts.prices.rate_cards} == {"gold", "partner"}
    assert {*facts.prices.price_lists} == {"gold", "list-2026", "contract C-1"}
