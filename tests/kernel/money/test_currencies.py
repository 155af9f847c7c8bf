from __future__ import annotations

import pytest
from moneyed import CURRENCIES

from entitlements.kernel import InvalidValueError
from entitlements.kernel.money.currencies import CURRENCY_CODES, currency_code, minor_digits

UNKNOWN_TO_MONEYED = {"XCG", "ZWG"}  # in ISO 4217 since 2024 and 2025


@pytest.mark.parametrize(
    "code", ["BGN", "CLF", "EUR", "IDR", "ISK", "JOD", "JPY", "KWD", "MGA", "TND", "UYU", "XOF"]
)
def test_minor_units_are_those_of_another_library(code: str) -> None:
    assert 10 ** minor_digits(code) == CURRENCIES[code].sub_unit


def test_every_currency_has_the_minor_units_that_another_library_knows() -> None:
    known = CURRENCY_CODES - UNKNOWN_TO_MONEYED
    assert {code: 10 ** minor_digits(code) for code in known} == {
        code: CURRENCIES[code].sub_unit for code in known
    }


def test_the_digits_are_those_of_iso_and_not_of_locale_data() -> None:
    assert minor_digits("HUF") == 2


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("eur", "did you mean `EUR`?"),
        ("EURO", "did you mean `EUR`?"),
        ("XAUX", "such as `EUR`"),
        ("", "such as `EUR`"),
        ("\ud800", "such as `EUR`"),
    ],
)
def test_other_codes_are_refused_with_a_hint(text: str, hint: str) -> None:
    with pytest.raises(InvalidValueError, match="is not a currency") as caught:
        currency_code(text)
    assert hint in (caught.value.hint or "")
