from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from entitlements.billing import Price, PriceList
from entitlements.contracts import Cycle
from entitlements.kernel import InvalidValueError, Money, NotCoveredError, UnknownIdError

FAR = date(2027, 1, 1)


def euros(amount: int) -> Money:
    return Money(amount, "EUR")


PRICES = PriceList(
    id="2026",
    currency="EUR",
    every=Cycle("quarter"),
    prices=[
        Price(item="gold", amount=euros(110), start=date(2026, 5, 16)),
        Price(item="gold", amount=euros(100)),
        Price(item="silver", amount=euros(50), start=date(2026, 1, 1), end=date(2026, 6, 30)),
    ],
)
SOLD: dict[str, Any] = {
    "contract": "C-1",
    "line": "main",
    "zone": "UTC",
    "start": date(2026, 1, 1),
    "end": date(2026, 9, 30),
}


@pytest.mark.parametrize(
    ("day", "item", "amount"),
    [
        (date(2000, 1, 1), "gold", 100),
        (date(2026, 5, 15), "gold", 100),
        (date(2026, 5, 16), "gold", 110),
        (date(2026, 6, 30), "silver", 50),
    ],
)
def test_a_price_holds_until_the_next_one_begins(day: date, item: str, amount: int) -> None:
    assert PRICES.price_on(day, item) == euros(amount)


@pytest.mark.parametrize("day", [date(2025, 12, 31), date(2026, 7, 1)])
def test_before_its_start_and_after_its_end_there_is_no_price(day: date) -> None:
    with pytest.raises(NotCoveredError, match="has no price of `silver`"):
        PRICES.price_on(day, "silver")


def test_a_price_that_changes_within_a_period_is_two_charges_with_the_same_periods() -> None:
    charges = list(PRICES.standing_charges("gold", **SOLD))
    assert [(each.start, each.end) for each in charges] == [
        (date(2026, 1, 1), date(2026, 5, 15)),
        (date(2026, 5, 16), date(2026, 9, 30)),
    ]
    lines = [line for each in charges for line in each.lines(date(2026, 1, 1), FAR)]
    assert [str(each.amount) for each in lines] == [
        "100.00 EUR",
        "49.45 EUR",  # 45 of 91 days of 100
        "55.60 EUR",  # 46 of 91 days of 110
        "110.00 EUR",
    ]


def test_a_charge_that_begins_with_a_later_price_has_that_one_only() -> None:
    later = {**SOLD, "start": date(2026, 6, 1), "end": None}
    assert [each.price for each in PRICES.standing_charges("gold", **later)] == [euros(110)]


def test_only_a_price_per_unit_depends_on_the_quantity() -> None:
    seats = PriceList(
        id="seats",
        currency="EUR",
        prices=[
            Price(item="desk", amount=euros(4), per_unit=True),
            Price(item="db", amount=euros(9)),
        ],
    )
    found = [
        charge.price
        for item in ("desk", "db")
        for charge in seats.standing_charges(item, **SOLD, quantity=25)
    ]
    assert found == [euros(100), euros(9)]


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: list(PRICES.standing_charges("silver", **SOLD)), NotCoveredError),
        (
            lambda: list(PRICES.standing_charges("silver", **{**SOLD, "start": date(2025, 1, 1)})),
            NotCoveredError,
        ),
        (lambda: list(PRICES.standing_charges("bronze", **SOLD)), UnknownIdError),
        (lambda: PRICES.price_on(date(2026, 1, 1), "glod"), UnknownIdError),
        (
            lambda: PriceList(id="x", currency="USD", prices=[Price(item="a", amount=euros(1))]),
            InvalidValueError,
        ),
        (
            lambda: PriceList(
                id="x",
                currency="EUR",
                prices=[
                    Price(item="a", amount=euros(1), end=date(2026, 3, 1)),
                    Price(item="a", amount=euros(2), start=date(2026, 3, 1)),
                ],
            ),
            InvalidValueError,
        ),
        (
            lambda: PriceList(
                id="x", currency="EUR", prices=[Price(item="a", amount=euros(1))] * 2
            ),
            InvalidValueError,
        ),
        (lambda: Price(item="a", amount=1), InvalidValueError),  # type: ignore[arg-type]
    ],
)
def test_bad_prices_are_refused(call: Callable[[], object], error: type[Exception]) -> None:
    with pytest.raises(error):
        call()
