"""Money, percentages and exact numbers in documents, which are never read as floats."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Final

from entitlements.documents.shapes.scalars import ScalarShape
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.money.money import Money

_NUMBER: Final = r"-?\d{1,18}(?:\.\d{1,12})?"
AMOUNT_OF_MONEY: Final = re.compile(rf"({_NUMBER})\s*([A-Z]{{3}})", re.ASCII)
"""A number and the code of a currency, such as `12.50 EUR`."""

_PER_HOUR: Final = re.compile(r"\s*(?:/\s*|\s(?:an|per)\s+)h(?:our)?", re.ASCII)
_EXACT: Final = re.compile(rf"({_NUMBER})|(-?\d{{1,18}}/\d{{1,18}})", re.ASCII)
_SIGNS: Final = {"€": "EUR", "£": "GBP", "¥": "JPY", "$": "USD"}


def parse_money(text: str) -> Money:
    """Return an amount of money such as `12.50 EUR`.

    >>> parse_money("400 EUR")
    Money('400', 'EUR')

    Raises:
        InvalidValueError: It is not a number and the code of a currency.
    """
    found = AMOUNT_OF_MONEY.fullmatch(text.strip())
    if found is None:
        raise InvalidValueError(f"`{text}` is not an amount of money", hint=_meant_money(text))
    return Money(found[1], found[2])


def _meant_money(text: str) -> str:
    code = next((code for sign, code in _SIGNS.items() if sign in text), None)
    code = code or next(iter(re.findall(r"\b[A-Z]{3}\b", text.upper(), re.ASCII)), "EUR")
    digits = re.findall(r"\d[\d.,' ]*", text)
    number = re.sub("[' ]", "", digits[0]) if digits else "12.50"
    if re.fullmatch(r"\d+,\d{1,2}", number):
        number = number.replace(",", ".")
    return f"write it as `{number.replace(',', '').strip('.')} {code}`"


def money_text(value: Money) -> str:
    """Return the text from which the same amount is read.

    >>> money_text(Money("12.5", "EUR"))
    '12.5 EUR'
    """
    return f"{value.amount:f} {value.currency}"


def parse_hourly(text: str) -> Money:
    """Return the price of an hour, such as `120 EUR/h`; the unit may be left out.

    >>> parse_hourly("120 EUR an hour")
    Money('120', 'EUR')
    """
    return parse_money(_PER_HOUR.sub("", text))


def parse_exact(text: str) -> Fraction:
    """Return an exact number: a decimal such as `1.5`, or a fraction such as `1/3`.

    >>> parse_exact("99.9"), parse_exact("1/3")
    (Fraction(999, 10), Fraction(1, 3))

    Raises:
        InvalidValueError: It is neither.
    """
    if not _EXACT.fullmatch(text):
        raise InvalidValueError(f"`{text}` is not an exact number", hint="write it as `1.5`")
    try:
        return Fraction(text)
    except ZeroDivisionError:
        raise InvalidValueError(f"`{text}` is not a number") from None


def exact_text(value: Fraction) -> str:
    """Return a fraction as a decimal where that is exact, else with a slash.

    >>> exact_text(Fraction(999, 10)), exact_text(Fraction(1, 3))
    ('99.9', '1/3')
    """
    scaled = value * 10**12
    if scaled.denominator != 1:
        return str(value)
    return f"{Decimal(scaled.numerator).scaleb(-12).normalize():f}"


def _exact_form(value: Fraction) -> int | str:
    return value.numerator if value.denominator == 1 else exact_text(value)


def _percent_or(text: str) -> Fraction:
    return parse_exact(text.removesuffix("%").strip())


def _scalar(
    expected: str, parse: Callable[[str], object], form: Callable[..., int | str], *examples: str
) -> ScalarShape:
    json = {"type": ["string", "number"], "examples": list(examples)}
    return ScalarShape(expected, parse, form, json)


MONEY: Final = _scalar("an amount of money", parse_money, money_text, "12.50 EUR")
HOURLY: Final = _scalar(
    "a price of an hour", parse_hourly, lambda value: f"{money_text(value)}/h", "120 EUR/h"
)
EXACT: Final = _scalar("an exact number", _percent_or, _exact_form, "1.5", "99.9%")
"""A number that is not rounded; a percent sign may follow it and changes nothing."""

PERCENT: Final = _scalar("a percentage", _percent_or, lambda value: f"{exact_text(value)}%", "10%")
DECIMAL: Final = _scalar(
    "a decimal", lambda text: Decimal(_decimal_text(text)), lambda value: f"{value:f}", "1.5"
)


def _decimal_text(text: str) -> str:
    if not re.fullmatch(_NUMBER, text, re.ASCII):
        raise InvalidValueError(f"`{text}` is not a decimal", hint="write it as `1.5`")
    return text
