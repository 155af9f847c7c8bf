from __future__ import annotations

import copy
import decimal
import operator
import pickle
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from entitlements.kernel import InvalidValueError, LimitExceededError, Money
from entitlements.kernel.money.money import Exact, RoundingMode, largest_remainder, round_fraction

CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD", "CLF"])
AMOUNTS = st.decimals(-(10**12), 10**12, allow_nan=False, allow_infinity=False, places=6)
FACTORS = st.fractions(-1000, 1000, max_denominator=10**6)
MINOR = st.integers(-(10**12), 10**12)


def euros(text: str | int) -> Money:
    return Money(text, "EUR")


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("5", "EUR", "5.00 EUR"),
        ("0.125", "USD", "0.125 USD"),
        ("-0", "EUR", "0.00 EUR"),
        ("1E+3", "JPY", "1000 JPY"),
        ("2.5", "KWD", "2.500 KWD"),
        (Decimal("19.90"), "EUR", "19.90 EUR"),
        (7, "ISK", "7 ISK"),
    ],
)
def test_amounts_are_written_with_the_digits_of_their_currency(
    amount: Decimal | int | str, currency: str, text: str
) -> None:
    assert str(Money(amount, currency)) == text


@pytest.mark.parametrize(
    "amount", [1.5, True, None, "NaN", "Infinity", "1,50", "", "EUR 5", Decimal("NaN"), Fraction(1)]
)
def test_whatever_is_no_exact_amount_is_refused(amount: object) -> None:
    with pytest.raises(InvalidValueError, match="is not an amount of money"):
        Money(amount, "EUR")  # type: ignore[arg-type]


@pytest.mark.parametrize("amount", [10**18, "-1E18", "0.0000000000001", "1E-400", "1E400"])
def test_amounts_have_limits(amount: int | str) -> None:
    with pytest.raises(LimitExceededError):
        Money(amount, "EUR")


def test_zeros_at_the_end_do_not_count_as_digits() -> None:
    assert Money("1.500000000000000", "EUR") == euros("1.5")


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("half_up", {"10.005": "10.01", "10.004": "10.00", "10.015": "10.02", "10.006": "10.01"}),
        ("half_even", {"10.005": "10.00", "10.004": "10.00", "10.015": "10.02", "10.006": "10.01"}),
        ("up", {"10.005": "10.01", "10.001": "10.01", "10.000": "10.00"}),
        ("down", {"10.005": "10.00", "10.009": "10.00", "10.010": "10.01"}),
    ],
)
def test_amounts_are_rounded_by_the_named_rule(
    mode: str, expected: dict[str, str], sign: int
) -> None:
    found = {
        each: str((euros(each) * sign).rounded(RoundingMode(mode)) * sign) for each in expected
    }
    assert found == {each: f"{text} EUR" for each, text in expected.items()}


def test_two_fees_that_a_billing_system_cuts_off_instead_of_rounding() -> None:
    # Lago's tests: 24 of 31 days of 1,500 cents, and 25 percent on top; 60 for 20 of 28 days
    cents, share = Money.of_minor(1500, "EUR"), Fraction(24, 31) * Fraction(125, 100)
    assert cents.scaled(share, RoundingMode.DOWN).minor_units == 1451
    assert cents.scaled(share).minor_units == 1452
    assert euros(60).scaled(Fraction(20, 28), RoundingMode.DOWN) == euros("42.85")


@given(AMOUNTS, CURRENCIES, FACTORS, st.sampled_from(RoundingMode))
def test_scaling_rounds_once(
    amount: Decimal, currency: str, factor: Fraction, mode: RoundingMode
) -> None:
    money = Money(amount, currency)
    digits = {"EUR": 2, "JPY": 0, "KWD": 3, "CLF": 4}[currency]
    exact = Fraction(amount) * factor * 10**digits
    off = abs(money.scaled(factor, mode).minor_units - exact)
    assert off <= Fraction(1, 2) if mode in {"half_up", "half_even"} else off < 1


@given(st.fractions(), st.sampled_from(RoundingMode))
def test_rounding_is_that_of_the_decimal_module(value: Fraction, mode: RoundingMode) -> None:
    value = Fraction(value.numerator, 2 ** (value.denominator % 8))
    names = {
        RoundingMode.HALF_UP: decimal.ROUND_HALF_UP,
        RoundingMode.HALF_EVEN: decimal.ROUND_HALF_EVEN,
        RoundingMode.UP: decimal.ROUND_UP,
        RoundingMode.DOWN: decimal.ROUND_DOWN,
    }
    with decimal.localcontext(prec=60):
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        expected = exact.to_integral_value(names[mode])
    assert round_fraction(value, mode) == expected


@given(AMOUNTS, AMOUNTS, CURRENCIES)
def test_sums_are_exact_whatever_the_callers_context(
    one: Decimal, other: Decimal, currency: str
) -> None:
    with decimal.localcontext(prec=3):
        total = Money(one, currency) + Money(other, currency)
        assert total - Money(other, currency) == Money(one, currency)
        negative = -total
        assert -negative == total
    assert Fraction(total.amount) == Fraction(one) + Fraction(other)


@pytest.mark.parametrize(
    "mix",
    [operator.add, operator.sub, operator.lt, operator.le, operator.gt, operator.ge],
)
def test_currencies_never_mix(mix: Callable[[object, object], object]) -> None:
    with pytest.raises(InvalidValueError, match="in two currencies"):
        mix(euros(1), Money(1, "USD"))
    with pytest.raises(InvalidValueError):
        mix(euros(1), 1)
    assert euros(1) != Money(1, "USD")


def test_amounts_are_compared_by_value() -> None:
    assert euros("1.0") == euros("1.00")
    assert hash(euros("1.0")) == hash(euros("1.00"))
    assert sorted([euros(2), euros(-1)]) == [euros(-1), euros(2)]
    assert euros(2) >= euros(2) > euros(1)


@pytest.mark.parametrize("factor", [1.5, True, "2", Decimal("NaN"), None])
def test_factors_are_exact_numbers(factor: object) -> None:
    with pytest.raises(InvalidValueError, match="factor must be an exact number"):
        euros(1).scaled(factor)  # type: ignore[arg-type]


def test_a_count_is_a_whole_number() -> None:
    assert 3 * euros("0.335") == euros("1.005")
    with pytest.raises(InvalidValueError):
        euros(1) * Decimal("1.5")  # type: ignore[operator]


@given(MINOR, CURRENCIES, st.lists(st.fractions(0, 100), min_size=1, max_size=8))
def test_allocate_conserves_and_is_fair_to_a_minor_unit(
    units: int, currency: str, weights: list[Fraction]
) -> None:
    assume(any(weights))
    parts = Money.of_minor(units, currency).allocate(weights)
    assert sum(each.minor_units for each in parts) == units
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.minor_units - units * weight / sum(weights)) < 1


@given(st.integers(0, 200), st.lists(st.integers(0, 9), min_size=1, max_size=4))
def test_no_other_parts_are_nearer_to_the_exact_shares(total: int, weights: list[int]) -> None:
    assume(any(weights))
    shares = [Fraction(each) for each in weights]
    whole = sum(shares, Fraction())
    parts = largest_remainder(total, shares, whole)
    exact = [total * each / whole for each in shares]

    def distance(candidate: list[int]) -> Fraction:
        return sum((abs(a - b) for a, b in zip(candidate, exact, strict=True)), Fraction())

    for give in range(len(parts)):
        for take in range(len(parts)):
            moved = list(parts)
            moved[give] -= 1
            moved[take] += 1
            assert distance(parts) <= distance(moved)


def test_what_is_left_goes_to_the_first_of_equals() -> None:
    assert [str(each) for each in euros("0.05").allocate([1, 1, 1])] == [
        "0.02 EUR",
        "0.02 EUR",
        "0.01 EUR",
    ]
    assert euros("-0.05").allocate([1, 1, 1])[2] == euros("-0.01")


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1], [0.5], "12"])
def test_impossible_weights_are_refused(weights: list[Exact]) -> None:
    with pytest.raises(InvalidValueError):
        euros(1).allocate(weights)


def test_an_amount_below_a_minor_unit_is_rounded_before_it_is_allocated() -> None:
    with pytest.raises(InvalidValueError, match="no whole number of minor units") as caught:
        euros("0.005").allocate([1])
    assert caught.value.hint == "round it first"


@given(AMOUNTS, CURRENCIES)
def test_money_is_copied_pickled_and_made_again_from_its_repr(
    amount: Decimal, currency: str
) -> None:
    money = Money(amount, currency)
    for again in (copy.copy(money), pickle.loads(pickle.dumps(money)), eval(repr(money))):  # noqa: S301, S307 - it is made here
        assert again == money
        assert str(again) == str(money)
