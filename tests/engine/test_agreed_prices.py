from __future__ import annotations

from datetime import date
from decimal import Decimal

import attrs
import pytest

from entitlements.billing import AfterHours, Price, PriceBook, PriceList, Rate, RateCard, WorkRules
from entitlements.contracts import Contract, ContractLine, Plan
from entitlements.contracts.plan_terms.commercial_terms import CommercialTerms
from entitlements.engine.agreed_prices import agreed_prices, bound
from entitlements.kernel import Money, UnknownIdError

CARD = RateCard(
    id="card",
    currency="EUR",
    zone="UTC",
    rates=[
        Rate(id="plain", hourly=Money(9, "EUR"), kinds=["plain"]),
        Rate(
            id="all",
            hourly=Money(9, "EUR"),
            after_hours=AfterHours(hours="business", multiplier=Decimal(2)),
        ),
    ],
)
BOOK = PriceBook(
    rate_cards=[CARD, attrs.evolve(CARD, id="other")],
    price_lists=[
        PriceList(
            id="list",
            currency="EUR",
            prices=[
                Price(item="gold", amount=Money(9, "EUR")),
                Price(item="C-1", amount=Money(8, "EUR")),
            ],
        )
    ],
    work_rules=[WorkRules(id="rules")],
)
PLAN = Plan(
    id="gold",
    policy="gold",
    channels=["web"],
    rights=[],
    commercial=CommercialTerms(price="list", rates="card"),
)
CONTRACT = Contract(
    id="C-1",
    customer="acme",
    zone="UTC",
    start=date(2026, 1, 1),
    lines=[ContractLine(id="main", plan="gold")],
)


def test_the_terms_of_the_contract_hold_term_by_term() -> None:
    own = attrs.evolve(CONTRACT, commercial=CommercialTerms(rates="other", work="rules"))
    agreed = agreed_prices(own, PLAN, BOOK)
    assert agreed is not None
    assert agreed.rates is BOOK.rate_cards["other"]
    assert agreed.rules is BOOK.work_rules["rules"]
    assert agreed.fees is BOOK.price_lists["list"]


@pytest.mark.parametrize(("price", "item"), [(None, "gold"), ("list", "C-1")])
def test_only_a_price_that_the_contract_names_is_for_the_whole_contract(
    price: str | None, item: str
) -> None:
    terms = CommercialTerms(price=price, work="rules")
    agreed = agreed_prices(attrs.evolve(CONTRACT, commercial=terms), PLAN, BOOK)
    assert agreed is not None
    assert agreed.item == item


def test_without_terms_nothing_is_agreed() -> None:
    assert agreed_prices(CONTRACT, attrs.evolve(PLAN, commercial=None), BOOK) is None


def test_a_term_that_names_nothing_is_refused_with_the_contract() -> None:
    own = attrs.evolve(CONTRACT, commercial=CommercialTerms(rates="none"))
    with pytest.raises(UnknownIdError, match=r"contract C-1.rates: no rate card has the id `none`"):
        agreed_prices(own, PLAN, BOOK)


def test_the_hours_of_rates_are_those_that_the_line_binds() -> None:
    card = bound(CARD, [("business", "berlin")])
    assert [each.after_hours and each.after_hours.hours for each in card.rates] == [None, "berlin"]
    assert bound(CARD, [("regional", "berlin")]) is CARD
