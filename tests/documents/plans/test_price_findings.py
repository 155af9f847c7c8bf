from __future__ import annotations

import pytest

from entitlements.documents import parse_facts
from entitlements.documents.plans.price_findings import price_findings

TEXT = """
calendars: [{name: desk, zone: UTC, week: "Mo-Fr 09:00-17:00"}]
groups: dba
plans:
  - id: gold
    hours: desk
    group: dba
    severities: high
    channels: web
    first_response: 1h
    allowances: {id: hours, unit: minutes, amount: 60, over_use: allow_with_consent}
    charge: CHARGE
    commercial: {TERMS}
MORE
accounts:
  - customer: acme
    contracts: [{id: C-1, zone: UTC, start: 2026-03-01, end: 2026-12-31, any_contact: true,
                 lines: [{id: main, plan: gold}]AGREED}]
"""
BLOCK = (
    "billing_accounts: [{customer: acme, currency: EUR, blocks: {id: b, contract: C-1, line: main, "
    "price: 9 %s, amount: 10h, lifetime: month, zone: UTC, start: %s}}]"
)


CARD = """rate_cards: [{id: card, zone: UTC, rates: [
    {id: a, hourly: 9 EUR, end: 2026-01-31},
    {id: b, hourly: 9 EUR, start: %s, end: 2026-12-31}]}]"""


@pytest.mark.parametrize(
    ("terms", "more", "found"),
    [
        ("price: 9 EUR/month", "", "plans[0].commercial: `gold`: overage of `hours` is allowed"),
        ("price: 9 EUR/month, work: {overage_hourly: 9 EUR}", "", None),
        ("rates: {default: 9 EUR}", "", None),
        ("rates: {default: 9 EUR}, uptime: 99%", "", "plans[0].commercial: `gold`: uptime is pro"),
        ("rates: {zone: UTC, default: {hourly: 9 EUR, start: 2026-01-01}}", "",
         "rate_cards[0]: `gold`: rate `default` has no end, though rates are dated"),
        ("rates: card", CARD % "2026-02-02",
         "rate_cards[0]: `card`: from 2026-02-01 on no rate follows `a` until 2026-02-02"),
        ("rates: card", CARD % "2026-02-01", None),
        ("rates: {default: 9 EUR}", BLOCK % ("EUR", "2026-02-01"),
         "billing_accounts[0].blocks[0]: block `b` expires on 2026-02-28, before it can be used"),
        ("rates: {default: 9 EUR}", BLOCK % ("EUR", "2026-02-02"), None),
        ("rates: {default: 9 EUR}", BLOCK % ("EUR", "2026-12-31"), None),
        ("rates: {default: 9 EUR}", BLOCK % ("EUR", "2027-01-01"),
         "billing_accounts[0].blocks[0]: block `b` is bought after contract `C-1` has ended"),
        ("rates: {default: 9 EUR}", BLOCK % ("USD", "2026-03-01"),
         "billing_accounts[0].blocks[0]: block `b` costs `9.00 USD`, and bills are in another"),
        ("rates: {default: 9 EUR}", BLOCK % ("EUR", "2026-03-01, allowance: hours"), None),
        ("rates: {default: 9 EUR}", BLOCK % ("EUR", "2026-03-01, allowance: days"),
         "billing_accounts[0].blocks[0]: block `b` extends `days`, an allowance of no plan"),
        ("rates: {default: 9 EUR}", "work_rules: [{id: quarters}]",
         "work_rules[0]: no plan or contract names `quarters`"),
    ],
)  # fmt: skip
def test_what_is_probably_unintended_about_prices_is_found(
    terms: str, more: str, found: str | None
) -> None:
    (*others, last) = [None, *findings(terms, more)]
    assert len(others) == (found is not None)
    assert last is None or last.startswith(str(found))


def findings(terms: str, more: str = "", agreed: str = "", charge: str = "included") -> list[str]:
    text = TEXT.replace("TERMS", terms).replace("MORE", more).replace("AGREED", agreed)
    found = price_findings(parse_facts(text.replace("CHARGE", charge)))
    return [f"{each.path}: {each.message}" for each in found]


def test_work_by_the_hour_needs_rates() -> None:
    found = findings("price: 9 EUR/month", charge="time_and_materials")
    assert found == [
        "plans[0].commercial: `gold`: work is charged by the hour, and no rates are named"
    ]


def test_a_contract_in_two_currencies_needs_two_bills() -> None:
    agreed = ", commercial: {price: 9 USD/month}"
    (found,) = findings("rates: {default: 9 EUR}", agreed=agreed)
    assert found.startswith(
        "accounts[0].contracts[0].commercial: `C-1` is charged in `EUR` and `USD`"
    )
