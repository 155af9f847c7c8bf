from __future__ import annotations

from datetime import UTC, datetime

import pytest

from entitlements.documents import facts_diff, parse_facts

AT = datetime(2026, 1, 1, tzinfo=UTC)
TEXT = """
rate_cards: [{id: card, rates: {default: 120 EUR/h, on site: 150 EUR/h}}]
price_lists: [{id: list, prices: [{item: gold, amount: 400 EUR}]}]
work_rules: [{id: rules, rounding: 15m per case}]
credit_schedules: [{id: up, basis: availability, bands: {below 99.9%: 10%, below 99%: 25%}}]
"""


@pytest.mark.parametrize(
    ("was", "now", "change"),
    [
        ("150 EUR/h", "160 EUR/h",
         "worse: rate card card, rates, on site, hourly: was 150 EUR/h, is now 160 EUR/h"),
        ("400 EUR", "90 EUR",
         "better: price list list, prices, gold, amount: was 400 EUR, is now 90 EUR"),
        ("15m per case", "15m per day",
         "unclear: work rules rules, rounding, per: was none, is now day"),
        ("25%", "30%",
         "better: credit schedule up, bands, 1, credit: was 25%, is now 30%"),
        ("400 EUR", "400 USD", "unclear"),
        (", on site: 150 EUR/h", "", "unclear: rate card card, rates, on site: was "),
    ],
)  # fmt: skip
def test_more_to_pay_is_worse_and_a_higher_credit_is_better(
    was: str, now: str, change: str
) -> None:
    changes = facts_diff(parse_facts(TEXT), parse_facts(TEXT.replace(was, now)), AT)
    assert any(str(each).startswith(change) for each in changes), [*map(str, changes)]


def test_a_card_that_is_not_there_any_more_is_a_change() -> None:
    without = parse_facts(TEXT.replace("id: card", "id: cards"))
    found = {str(each) for each in facts_diff(parse_facts(TEXT), without, AT)}
    assert found == {
        "worse: rate card card: was present, is now absent",
        "better: rate card cards: was absent, is now present",
    }


def test_the_same_prices_are_no_change() -> None:
    assert facts_diff(parse_facts(TEXT), parse_facts(TEXT), AT) == ()
