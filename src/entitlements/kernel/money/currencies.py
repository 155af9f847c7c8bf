"""Currencies: the codes of ISO 4217 and the digits of their minor units.

The digits are those of ISO 4217, in which amounts are charged. Locale data (CLDR) states other ones
for some currencies, such as no digits for the forint; those are for display only.
"""

from __future__ import annotations

from typing import Final

from entitlements.kernel.converters import as_text
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.hints import closest_match_hint

_TWO_DIGITS: Final = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD
CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD
GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA
MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR
RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD
TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
"""
_NO_DIGITS: Final = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_DIGITS: Final = {
    **dict.fromkeys(_TWO_DIGITS.split(), 2),
    **dict.fromkeys(_NO_DIGITS.split(), 0),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}

CURRENCY_CODES: Final = frozenset(_DIGITS)
"""The codes of all currencies in which money can be stated."""


def currency_code(value: str) -> str:
    """Return `value` if it is the code of a currency of ISO 4217, in capital letters.

    >>> currency_code("EUR")
    'EUR'

    Raises:
        InvalidValueError: There is no such currency.
    """
    code = as_text(value)
    if code in _DIGITS:
        return code
    raise InvalidValueError(
        f"`{code:.20}` is not a currency",
        hint=closest_match_hint(code[:20].upper(), _DIGITS)
        or "write the three capital letters of ISO 4217, such as `EUR`",
    )


def minor_digits(currency: str) -> int:
    """Return how many digits the minor unit of a currency has.

    >>> [minor_digits(each) for each in ("JPY", "EUR", "KWD", "CLF")]
    [0, 2, 3, 4]

    Raises:
        InvalidValueError: There is no such currency.
    """
    if type(currency) is str and currency in _DIGITS:
        return _DIGITS[currency]
    return _DIGITS[currency_code(currency)]
