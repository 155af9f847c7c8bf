from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.documents.shapes.money_texts import (
    exact_text,
    money_text,
    parse_exact,
    parse_hourly,
    parse_money,
)
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.money.money import Money

amounts = st.decimals(-(10**9), 10**9, places=6)


@given(amounts, st.sampled_from(["EUR", "JPY", "KWD"]))
def test_money_is_read_as_it_was_written(amount: Decimal, currency: str) -> None:
    value = Money(amount, currency)
    assert parse_money(money_text(value)) == value


@given(st.fractions(-1000, 1000, max_denominator=10**6))
def test_an_exact_number_is_read_as_it_was_written(value: Fraction) -> None:
    assert parse_exact(exact_text(value)) == value


@pytest.mark.parametrize("text", ["120 EUR", "120EUR/h", "120 EUR / h", "120 EUR an hour"])
def test_the_price_of_an_hour_may_say_so(text: str) -> None:
    assert parse_hourly(text) == Money(120, "EUR")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("1.234,50 EUR", "write it as"),
        ("12,50 EUR", "write it as `12.50 EUR`"),
        ("1,200 USD", "write it as `1200 USD`"),
        ("$12", "write it as `12 USD`"),
        ("EUR 12.50", "write it as `12.50 EUR`"),
        ("12.50", "write it as `12.50 EUR`"),
        ("nan EUR", "write it as"),
        ("1e3 EUR", "write it as"),
    ],
)
def test_another_form_is_refused_with_the_one_to_write(text: str, hint: str) -> None:
    with pytest.raises(InvalidValueError, match="is not an amount of money") as caught:
        parse_money(text)
    assert hint in str(caught.value)


@pytest.mark.parametrize("text", ["1/0", "1e3", "inf", "1.5.2", ""])
def test_a_number_that_is_not_exact_is_refused(text: str) -> None:
    with pytest.raises(InvalidValueError):
        parse_exact(text)
