from __future__ import annotations

import pytest

from entitlements.billing import (
    CreditBand,
    CreditSchedule,
    Price,
    PriceBook,
    PriceList,
    Rate,
    RateCard,
    WorkRules,
)
from entitlements.contracts.plan_terms.commercial_terms import CommercialTerms
from entitlements.kernel import DuplicateIdError, InvalidValueError, Money, UnknownIdError

HOURLY = Rate(id="all", hourly=Money(90, "EUR"))
BOOK = PriceBook(
    rate_cards=[RateCard(id="standard", currency="EUR", zone="UTC", rates=[HOURLY])],
    price_lists=[
        PriceList(id="2026", currency="EUR", prices=[Price(item="gold", amount=Money(9, "EUR"))]),
        PriceList(id="us", currency="USD", prices=[Price(item="gold", amount=Money(9, "USD"))]),
    ],
    work_rules=[WorkRules(id="quarters"), WorkRules(id="us", overage_hourly=Money(1, "USD"))],
    credit_schedules=[
        CreditSchedule(id="late", basis="missed", bands=[CreditBand(credit=5, at_least=1)])
    ],
)


def test_terms_that_name_what_is_there_are_in_one_currency() -> None:
    terms = CommercialTerms(price="2026", rates="standard", work="quarters", credits=["late"])
    BOOK.check_terms(terms, ["gold"], "plans[0].commercial")
    assert BOOK.currencies(terms) == ("EUR",)


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        (CommercialTerms(rates="standrad"), r"x.rates: no rate card .*did you mean `standard`"),
        (CommercialTerms(price="2025"), r"x.price: no price list has the id `2025`"),
        (CommercialTerms(work="hours"), r"x.work: no work rule set"),
        (CommercialTerms(credits=["late", "later"]), r"x.credits: no credit schedule .* `later`"),
    ],
)
def test_an_id_that_is_not_in_the_book_is_named_with_its_place(
    terms: CommercialTerms, message: str
) -> None:
    with pytest.raises(UnknownIdError, match=message):
        BOOK.check_terms(terms, ["gold"], "x")


def test_a_price_list_without_the_item_is_refused() -> None:
    with pytest.raises(UnknownIdError, match="no price has the id `bronze`"):
        BOOK.check_terms(CommercialTerms(price="2026"), ["bronze"], "x")
    BOOK.check_terms(CommercialTerms(price="2026"), ["C-1", "gold"], "x")


@pytest.mark.parametrize(
    "terms",
    [CommercialTerms(price="us", rates="standard"), CommercialTerms(rates="standard", work="us")],
)
def test_terms_in_two_currencies_are_refused(terms: CommercialTerms) -> None:
    with pytest.raises(InvalidValueError, match="are in `EUR` and `USD`"):
        BOOK.check_terms(terms, ["gold"], "x")


def test_two_cards_of_one_id_are_refused() -> None:
    with pytest.raises(DuplicateIdError, match="another rate card has the id `standard`"):
        PriceBook(rate_cards=[*BOOK.rate_cards.values()] * 2)


def test_kinds_of_work_are_those_of_rates_and_unit_factors() -> None:
    rate = Rate(id="site", hourly=Money(120, "EUR"), kinds=["on_site"])
    card = RateCard(id="sites", currency="EUR", zone="UTC", rates=[HOURLY, rate])
    rules = WorkRules(id="travel", unit_factors={"travel": 2})
    assert PriceBook(rate_cards=[card], work_rules=[rules]).work_kinds == {"on_site", "travel"}
    assert BOOK.work_kinds == frozenset()
