from __future__ import annotations

from datetime import date

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.billing.fees.test_standing_charges import MONTHLY

from entitlements.billing import (
    BillingSchedule,
    ChargeLine,
    Discount,
    LineKind,
    LineReason,
    MinimumCommitment,
    discount_lines,
)
from entitlements.contracts import Cycle
from entitlements.kernel import DuplicateIdError, InvalidValueError, Money, utc
from entitlements.testing.strategies.worlds.billing import BilledWorld, billed_worlds

FEE = attrs.evolve(MONTHLY, start=date(2026, 1, 1))
YEAR = date(2026, 1, 1), date(2027, 1, 1)
PARTNER = Discount(id="partner", percent=10, contract="C-1", zone="Europe/Berlin")
LEAST = MinimumCommitment(
    id="least",
    contract="C-1",
    line="main",
    amount=Money(310, "EUR"),
    schedule=BillingSchedule(every=Cycle("month"), anchor=date(2026, 3, 1)),
    zone="Europe/Berlin",
    start=date(2026, 3, 1),
)


def fees() -> list[ChargeLine]:
    return list(FEE.lines(*YEAR))


def test_a_discount_is_a_line_for_each_line_that_it_is_taken_off() -> None:
    found = list(discount_lines([PARTNER], fees()))
    assert [str(each.amount) for each in found] == ["-10.00 EUR"] * 12
    assert {(each.kind, each.named, each.source) for each in found} == {
        (LineKind.DISCOUNT, "partner", "fee")
    }


def test_a_discount_holds_on_its_first_and_last_day() -> None:
    spring = attrs.evolve(PARTNER, start=date(2026, 3, 1), end=date(2026, 4, 1))
    assert [f"{each.end:%m}" for each in discount_lines([spring], fees())] == ["03", "04"]


@pytest.mark.parametrize(
    "changes", [{"contract": "C-2"}, {"line": "extra"}, {"kinds": ["overage"]}]
)
def test_other_lines_have_no_discount(changes: dict[str, object]) -> None:
    assert list(discount_lines([attrs.evolve(PARTNER, **changes)], fees())) == []


def test_several_discounts_take_off_the_whole_at_most() -> None:
    two = [attrs.evolve(PARTNER, percent=60), attrs.evolve(PARTNER, id="other", percent=60)]
    found = [str(each.amount) for each in discount_lines(two, fees()[:1])]
    assert found == ["-60.00 EUR", "-40.00 EUR"]


def test_a_discount_on_money_back_is_less_money_back() -> None:
    back = attrs.evolve(FEE, price=Money(-50, "EUR"))
    (line,) = discount_lines([PARTNER], back.lines(date(2026, 1, 1), date(2026, 1, 2)))
    assert line.amount == Money(5, "EUR")


@given(billed_worlds(), st.integers(1, 100))
def test_a_discount_is_its_percentage_rounded_once(world: BilledWorld, percent: int) -> None:
    lines = world.charged()
    found = {
        (each.source, each.start, -each.amount.minor_units)
        for each in discount_lines([attrs.evolve(PARTNER, percent=percent)], lines)
    }
    for line in lines:
        exact = line.amount.minor_units * percent / 100
        if line.kind in {LineKind.OVERAGE, LineKind.TIME_AND_MATERIALS} and exact >= 1:
            assert any(
                (source, start) == (line.source, line.start) and abs(taken - exact) <= 0.5
                for source, start, taken in found
            )


@given(billed_worlds())
def test_what_is_missing_of_a_minimum_is_charged_when_the_period_is_over(
    world: BilledWorld,
) -> None:
    lines = world.charged()
    march_is_over = utc("2026-03-31T22:00Z")  # in Berlin
    used = sum(
        each.amount.minor_units
        for each in lines
        if each.line == "main" and each.kind in LEAST.kinds and each.charged_at < march_is_over
    )
    found = list(LEAST.lines(lines, date(2026, 4, 1), date(2026, 4, 2)))
    assert sum(each.amount.minor_units for each in found) == max(0, 31_000 - used)
    for each in found:
        assert (each.reason, each.kind) == (LineReason.MINIMUM, LineKind.STANDING)
        assert each.charged_at == march_is_over


def test_a_part_of_a_period_has_a_part_of_the_minimum() -> None:
    late = attrs.evolve(LEAST, start=date(2026, 3, 22))
    (line,) = late.lines([], date(2026, 4, 1), date(2026, 4, 2))
    assert line.amount == Money(100, "EUR")  # 10 of 31 days


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"percent": 0}, InvalidValueError),
        ({"percent": 101}, InvalidValueError),
        ({"percent": 2.5}, InvalidValueError),
        ({"kinds": []}, InvalidValueError),
        ({"kinds": ["credit"]}, InvalidValueError),
        ({"kinds": ["fees"]}, InvalidValueError),
        ({"start": date(2026, 2, 1), "end": date(2026, 1, 1)}, InvalidValueError),
    ],
)
def test_an_impossible_discount_is_refused(
    changes: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        attrs.evolve(PARTNER, **changes)


def test_two_discounts_with_one_id_are_refused() -> None:
    with pytest.raises(DuplicateIdError):
        list(discount_lines([PARTNER, attrs.evolve(PARTNER, percent=5)], []))


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": Money(0, "EUR")},
        {"amount": 5},
        {"kinds": []},
        {"schedule": "month"},
        {"start": None},
    ],
)
def test_an_impossible_commitment_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(InvalidValueError):
        attrs.evolve(LEAST, **changes)
