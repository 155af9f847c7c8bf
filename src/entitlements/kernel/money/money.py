"""Money: an exact amount in one currency, rounded only where that is asked for.

Amounts are decimals and never floats. Sums and differences are exact; `scaled` and `rounded` are
the only operations that round, once, to the minor unit of the currency. Amounts of two currencies
never mix. Texts for people, with signs and separators, are made at the edge of an application.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Context, Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from typing import Final, TypeAlias, final

import attrs

from entitlements.kernel.converters import as_tuple, enum_member, instance_of, whole_number
from entitlements.kernel.errors import InvalidValueError, LimitExceededError
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.kernel.money.currencies import currency_code, minor_digits

Exact: TypeAlias = int | Decimal | Fraction
"""A number without an error of rounding."""

MAX_FRACTION_DIGITS: Final = 12
MAX_AMOUNT: Final = 10**18
"""Amounts are smaller than this, in either direction."""

_EXACT: Final = Context(prec=80)  # exact for all amounts, whatever the caller's context is


class RoundingMode(TextEnum):
    """How an amount between two minor units is rounded.

    `HALF_UP`, `HALF_EVEN`: to the nearest; half a unit goes away from 0, or to the even digit.
    `UP`, `DOWN`: away from 0, or towards it.
    """

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    UP = "up"
    DOWN = "down"


def round_fraction(value: Fraction, mode: RoundingMode = RoundingMode.HALF_UP) -> int:
    """Return the whole number to which `value` is rounded.

    >>> [round_fraction(Fraction(each, 2), RoundingMode.HALF_EVEN) for each in (1, 3, -3)]
    [0, 2, -2]
    """
    whole, rest = divmod(abs(value.numerator), value.denominator)
    rounded = whole + _goes_up(mode, whole, rest, value.denominator)
    return rounded if value >= 0 else -rounded


def _goes_up(mode: RoundingMode, whole: int, rest: int, of: int) -> bool:
    """Return whether `whole` and `rest` parts of `of` are rounded away from 0."""
    match mode:
        case RoundingMode.HALF_UP:
            return 2 * rest >= of
        case RoundingMode.HALF_EVEN:
            return 2 * rest + whole % 2 > of
        case RoundingMode.UP:
            return rest > 0
        case RoundingMode.DOWN:
            return False


def exact_number(value: Exact, what: str = "number") -> Fraction:
    """Return an exact number as a fraction.

    Raises:
        InvalidValueError: `value` is a float, a bool, infinite, or no number.
    """
    if isinstance(value, Decimal) and value.is_finite():
        return Fraction(value)
    if isinstance(value, Fraction) or type(value) is int:
        return Fraction(value)
    raise InvalidValueError(
        f"{what} must be an exact number, not `{value!r:.100}`",
        hint="pass an int, a Decimal or a Fraction",
    )


def _amount(value: Decimal | int | str) -> Decimal:
    if type(value) is int:
        amount = Decimal(value)
    elif isinstance(value, Decimal):
        amount = value
    elif isinstance(value, str):
        try:
            amount = Decimal(value)
        except InvalidOperation:
            raise _no_amount(value) from None
    else:
        raise _no_amount(value)
    if not amount.is_finite():
        raise _no_amount(value)
    return _within_limits(amount)


def _no_amount(value: object) -> InvalidValueError:
    return InvalidValueError(
        f"`{value!r:.100}` is not an amount of money",
        hint="pass a Decimal, a whole number, or text such as `12.50`",
    )


def _within_limits(amount: Decimal) -> Decimal:
    if abs(amount) >= MAX_AMOUNT:
        raise LimitExceededError(f"an amount of money must be below {MAX_AMOUNT}")
    _, digits, exponent = amount.as_tuple()
    if not isinstance(exponent, int) or -exponent > MAX_FRACTION_DIGITS:
        shortest = amount.normalize(_EXACT)
        if len(digits) > _EXACT.prec or shortest.as_tuple().exponent < -MAX_FRACTION_DIGITS:  # type: ignore[operator]  # it is finite
            raise LimitExceededError(
                f"an amount of money has at most {MAX_FRACTION_DIGITS} digits after the point"
            )
        return shortest
    return amount or amount.copy_abs()  # there is no negative zero


@final
@attrs.frozen(repr=False)
class Money:
    """An amount in one currency; positive, zero or negative.

    Attributes:
        amount: A decimal, or a whole number or text that stands for one; never a float.
        currency: Its code in ISO 4217.

    >>> Money("12.50", "EUR") + Money(3, "EUR")
    Money('15.50', 'EUR')
    >>> Money("100", "EUR").allocate([1, 1, 1])[0].amount
    Decimal('33.34')

    Raises:
        InvalidValueError: The amount is no exact number, or there is no such currency.
        LimitExceededError: The amount is 10^18 or more, or has more than 12 digits after the point.
    """

    amount: Decimal = attrs.field(converter=_amount)
    currency: str = attrs.field(converter=currency_code)

    @classmethod
    def of_minor(cls, units: int, currency: str) -> Money:
        """Return so many minor units of a currency.

        >>> str(Money.of_minor(1250, "EUR")), str(Money.of_minor(1250, "JPY"))
        ('12.50 EUR', '1250 JPY')
        """
        return _of_minor(units, currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        """Return nothing, in a currency."""
        return cls.of_minor(0, currency)

    @property
    def minor_units(self) -> int:
        """The amount in minor units.

        Raises:
            InvalidValueError: It is no whole number of minor units; `rounded` makes it one.
        """
        numerator, denominator = self.amount.as_integer_ratio()
        scale: int = 10 ** minor_digits(self.currency)
        units, rest = divmod(numerator * scale, denominator)
        if rest:
            raise InvalidValueError(
                f"`{self}` is no whole number of minor units", hint="round it first"
            )
        return units

    def rounded(self, mode: RoundingMode = RoundingMode.HALF_UP) -> Money:
        """Return the amount in whole minor units.

        >>> str(Money("10.005", "EUR").rounded()), str(Money("10.005", "EUR").rounded("half_even"))
        ('10.01 EUR', '10.00 EUR')
        """
        units = round_fraction(self.exact_minor_units, enum_member(RoundingMode, mode))
        return Money.of_minor(units, self.currency)

    def scaled(self, factor: Exact, mode: RoundingMode = RoundingMode.HALF_UP) -> Money:
        """Return the amount times a factor, rounded once to whole minor units.

        >>> str(Money("90", "EUR").scaled(Fraction(100, 60)))
        '150.00 EUR'
        """
        exact = self.exact_minor_units * exact_number(factor, "factor")
        return Money.of_minor(round_fraction(exact, enum_member(RoundingMode, mode)), self.currency)

    def multiplied(self, factor: Decimal | int) -> Money:
        """Return the exact amount times a decimal factor; see `scaled` for one that is rounded.

        >>> str(Money("90.00", "EUR").multiplied(Decimal("1.25")))
        '112.50 EUR'

        Raises:
            InvalidValueError: `factor` is no finite decimal.
            LimitExceededError: The result has more than 12 digits after the point.
        """
        exact_number(factor, "factor")
        return Money(_EXACT.multiply(self.amount, Decimal(factor)), self.currency)

    def allocate(self, weights: Iterable[Exact]) -> tuple[Money, ...]:
        """Return parts in proportion to `weights` that sum to the amount exactly.

        Each part is less than one minor unit away from its exact share. Minor units that are left
        go to the largest remainders, and among equal ones to the first.

        Args:
            weights: Numbers from 0 on, of which at least one is greater.

        Raises:
            InvalidValueError: There is no weight above 0, one is negative, or the amount is no
                whole number of minor units.
        """
        shares = [exact_number(each, "weight") for each in as_tuple(weights)]
        whole = sum(shares, Fraction())
        if not whole or min(shares) < 0:
            given = ", ".join(f"`{each}`" for each in shares) or "none"
            raise InvalidValueError(f"weights must be 0 or more, and not all 0 (given: {given})")
        total = self.minor_units
        parts = largest_remainder(abs(total), shares, whole)
        sign = -1 if total < 0 else 1
        return tuple(Money.of_minor(sign * each, self.currency) for each in parts)

    @property
    def exact_minor_units(self) -> Fraction:
        """The amount in minor units, whole or not.

        >>> Money("0.125", "EUR").exact_minor_units
        Fraction(25, 2)
        """
        scale: int = 10 ** minor_digits(self.currency)
        return Fraction(self.amount) * scale

    def __add__(self, other: Money) -> Money:
        """Return the sum of two amounts in one currency."""
        self._check_same_currency(other)
        return Money(_EXACT.add(self.amount, other.amount), self.currency)

    def __sub__(self, other: Money) -> Money:
        """Return the difference of two amounts in one currency."""
        self._check_same_currency(other)
        return Money(_EXACT.subtract(self.amount, other.amount), self.currency)

    def __neg__(self) -> Money:
        """Return the amount in the other direction."""
        return Money(self.amount.copy_negate(), self.currency)

    def __mul__(self, count: int) -> Money:
        """Return `count` times the amount, which is exact; see `scaled` for other factors."""
        return self.multiplied(whole_number(count, "count", least=-(10**18)))

    __rmul__ = __mul__

    def __lt__(self, other: Money) -> bool:
        """Return whether it is less than another amount in the same currency."""
        self._check_same_currency(other)
        return self.amount < other.amount

    def __le__(self, other: Money) -> bool:
        """Return whether it is at most another amount in the same currency."""
        self._check_same_currency(other)
        return self.amount <= other.amount

    def __gt__(self, other: Money) -> bool:
        """Return whether it is more than another amount in the same currency."""
        self._check_same_currency(other)
        return self.amount > other.amount

    def __ge__(self, other: Money) -> bool:
        """Return whether it is at least another amount in the same currency."""
        self._check_same_currency(other)
        return self.amount >= other.amount

    def __repr__(self) -> str:
        """Return the expression that makes it."""
        return f"Money('{self.amount:f}', '{self.currency}')"

    def __str__(self) -> str:
        """Return amount and code, with at least the digits of the minor unit.

        >>> str(Money("5", "EUR")), str(Money("0.125", "USD"))
        ('5.00 EUR', '0.125 USD')
        """
        shortest = self.amount.normalize(_EXACT)
        exponent = shortest.as_tuple().exponent
        digits = max(minor_digits(self.currency), -exponent if isinstance(exponent, int) else 0)
        return f"{shortest:.{digits}f} {self.currency}"

    def _check_same_currency(self, other: Money) -> None:
        if instance_of(Money, other).currency != self.currency:
            raise InvalidValueError(
                f"`{self}` and `{other}` are in two currencies",
                hint="amounts of two currencies never mix; keep one total for each",
            )


@lru_cache(maxsize=8_192, typed=True)
def _of_minor(units: int, currency: str) -> Money:
    """Return so many minor units; lines of a bill have few different amounts."""
    number = whole_number(units, least=-(10**30), most=10**30)
    return Money(Decimal(number).scaleb(-minor_digits(currency), _EXACT), currency)


def largest_remainder(total: int, shares: Sequence[Fraction], whole: Fraction) -> list[int]:
    """Return whole parts of `total`, in proportion to `shares`, whose sum is `whole`.

    What is left goes to the largest remainders, and among equal ones to the first.

    >>> largest_remainder(10, [Fraction(1), Fraction(1), Fraction(1)], Fraction(3))
    [4, 3, 3]
    """
    exact = [total * each / whole for each in shares]
    parts = [each.numerator // each.denominator for each in exact]
    order = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for index in order[: total - sum(parts)]:
        parts[index] += 1
    return parts
