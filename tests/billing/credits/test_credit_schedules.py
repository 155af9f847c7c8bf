from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.billing import CreditBand, CreditSchedule
from entitlements.billing.credits.credit_schedules import CreditBasis
from entitlements.contracts import AvailabilityRules
from entitlements.kernel import InvalidValueError, Money


def availability(id: str, *tiers: tuple[str, int]) -> CreditSchedule:
    """Return a schedule as vendors print it: below a figure, so much; the best tier first."""
    lows = [*(Decimal(figure) for figure, _ in tiers[1:]), None]
    bands = [
        CreditBand(credit=credit, at_least=low, below=Decimal(figure))
        for (figure, credit), low in zip(tiers, lows, strict=True)
    ]
    return CreditSchedule(id=id, basis="availability", bands=bands)


# The SLA of AWS for compute, 2022
AWS = availability("aws", ("99.99", 10), ("99", 30), ("95", 100))


# EdgeVirt's table of missed responses: 1 to 2 a month 5 percent, 3 to 4 10, 5 and more 15
EDGEVIRT = CreditSchedule(
    id="edgevirt",
    basis="missed",
    bands=[
        CreditBand(credit=5, at_least=1, at_most=2),
        CreditBand(credit=10, at_least=3, at_most=4),
        CreditBand(credit=15, at_least=5),
    ],
)


@pytest.mark.parametrize(
    ("missed", "credit"), [(0, 0), (1, 5), (2, 5), (3, 10), (4, 10), (5, 15), (500, 15)]
)
def test_missed_promises_are_counted(missed: int, credit: int) -> None:
    assert EDGEVIRT.credit_for(missed) == credit


def test_misses_that_are_free_are_not_counted() -> None:
    free = attrs.evolve(EDGEVIRT, free_misses=2)
    assert [free.credit_for(missed) for missed in (0, 2, 3, 5)] == [0, 0, 5, 10]


# Bands of the attainment of response times, as SoftwareONE has them; the figures are made up
def test_attainment_has_bands_like_availability() -> None:
    attained = CreditSchedule(
        id="response",
        basis="attainment",
        bands=[
            CreditBand(credit=5, at_least=90, below=95),
            CreditBand(credit=10, below=90),
        ],
    )
    found = [attained.credit_for(100 * Fraction(met, 20)) for met in (20, 19, 18, 17)]
    assert found == [0, 0, 5, 10]


# Arcustech: 5 percent for each 30 minutes of downtime or part of them, at most 100
def test_downtime_by_the_half_hour_or_part_of_it_is_a_schedule_of_steps() -> None:
    bands = [
        CreditBand(credit=5 * step, above=30 * (step - 1), at_most=30 * step)
        for step in range(1, 20)
    ]
    steps = CreditSchedule(
        id="arcustech", basis="downtime", bands=[*bands, CreditBand(credit=100, above=570)]
    )
    assert [steps.credit_for(each) for each in (0, 1, 30, 31, 60, 61, 570, 571, 9999)] == [
        0, 5, 5, 10, 10, 15, 95, 100, 100,
    ]  # fmt: skip


def test_a_credit_is_capped_and_has_a_smallest_amount() -> None:
    capped = attrs.evolve(AWS, cap=25, more_than=Money(1, "USD"))
    assert capped.credit_for(90) == 25
    assert capped.credit_amount(90, Money(8, "USD")) == Money(2, "USD")
    # AWS pays a credit only if it is more than one dollar
    assert capped.credit_amount(90, Money(4, "USD")) == Money(0, "USD")
    assert capped.credit_amount(90, Money("4.04", "USD")) == Money("1.01", "USD")


@st.composite
def schedules(draw: st.DrawFn) -> CreditSchedule:
    figures = sorted(draw(st.sets(st.integers(1, 9999), min_size=1, max_size=5)))
    edges = [None, *(Fraction(each, 100) for each in figures)]
    credits = sorted(
        draw(st.lists(st.integers(0, 100), min_size=len(figures), max_size=len(figures)))
    )
    flags = [draw(st.booleans()) for _ in edges]
    bands = [
        CreditBand(
            credit=credit,
            at_least=None if flags[number] else edges[number],
            above=edges[number] if flags[number] else None,
            below=None if flags[number + 1] else edges[number + 1],
            at_most=edges[number + 1] if flags[number + 1] else None,
        )
        for number, credit in enumerate(reversed(credits))
    ]
    cap = draw(st.integers(0, 100))
    return CreditSchedule(id="drawn", basis="availability", bands=bands, cap=cap)


figures = st.fractions(0, 100, max_denominator=1000) | st.integers(0, 10_000).map(
    lambda n: Fraction(n, 100)
)


@given(schedules(), figures)
def test_each_figure_is_in_one_band_at_most(schedule: CreditSchedule, figure: Fraction) -> None:
    assert sum(each.holds(figure) for each in schedule.bands) <= 1
    beyond = not any(each.holds(figure) for each in schedule.bands)
    top = schedule.bands[-1].below or schedule.bands[-1].at_most
    assert not beyond or (top is not None and figure >= top)


@given(schedules(), figures, figures)
def test_a_worse_figure_never_gives_a_smaller_credit(
    schedule: CreditSchedule, one: Fraction, other: Fraction
) -> None:
    assert schedule.credit_for(min(one, other)) >= schedule.credit_for(max(one, other))


@given(schedules(), figures, st.integers(0, 10**9))
def test_a_credit_is_within_its_cap(schedule: CreditSchedule, figure: Fraction, fees: int) -> None:
    amount = schedule.credit_amount(figure, Money.of_minor(fees, "EUR"))
    assert 0 <= amount.minor_units <= Fraction(fees) * schedule.cap / 100 + Fraction(1, 2)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: CreditSchedule(id="x", basis="availability", bands=[]), "has no bands"),
        (
            lambda: CreditSchedule(id="x", basis="uptime", bands=[CreditBand(credit=1)]),
            "known credit basis",
        ),
        (lambda: availability("x", ("99", 10), ("95", 5)), "less for the worse"),
        (
            lambda: CreditSchedule(
                id="x", basis="availability", bands=[CreditBand(credit=10, at_least=90, below=99)]
            ),
            "says nothing below",
        ),
        (
            lambda: CreditSchedule(id="x", basis="attainment", bands=[CreditBand(credit=10)]),
            "a credit for 100 percent",
        ),
        (
            lambda: CreditSchedule(
                id="x", basis="missed", bands=[CreditBand(credit=5, at_least=1, at_most=4)]
            ),
            "says nothing above",
        ),
        (
            lambda: CreditSchedule(id="x", basis="missed", bands=[CreditBand(credit=5)]),
            "a credit for 0",
        ),
        (
            lambda: CreditSchedule(
                id="x",
                basis="missed",
                bands=[
                    CreditBand(credit=5, at_least=1, at_most=2),
                    CreditBand(credit=10, at_least=4),
                ],
            ),
            "says nothing between",
        ),
        (
            lambda: CreditSchedule(
                id="x",
                basis="downtime",
                bands=[
                    CreditBand(credit=5, at_least=1, at_most=2),
                    CreditBand(credit=10, at_least=3),
                ],
            ),
            "says nothing between",
        ),
        (lambda: attrs.evolve(AWS, free_misses=1), "do not belong"),
        (lambda: attrs.evolve(AWS, milestones=["resolution"]), "do not belong"),
        (lambda: attrs.evolve(AWS, window=30), "ClaimWindow"),
        (lambda: attrs.evolve(EDGEVIRT, service="portal"), "does not belong"),
        (lambda: CreditBand(below=99), "has a `credit` or `times`"),
        (lambda: CreditBand(credit=1, times=1, below=99), "has a `credit` or `times`"),
        (lambda: CreditBand(times=-1, below=99), "is negative"),
        (
            lambda: CreditSchedule(
                id="x", basis="missed", bands=[CreditBand(times=10, at_least=1)]
            ),
            "`times` does not belong to `missed`",
        ),
        (
            # at 95 percent ten times what was paid for the time are 50 percent
            lambda: CreditSchedule(
                id="x",
                basis="availability",
                bands=[
                    CreditBand(times=10, at_least=95, below=99),
                    CreditBand(credit=49, below=95),
                ],
            ),
            "gives 50 percent for `at least 95, below 99`, and less for the worse",
        ),
        (
            lambda: attrs.evolve(AWS, exclusions=AvailabilityRules(causes={"x": "excluded"})),
            "has exclusions and no service",
        ),
        (lambda: attrs.evolve(AWS, exclusions="maintenance"), "exclusions|rules"),
        (lambda: CreditBand(credit=-1), "is negative"),
        (lambda: CreditBand(credit=1.5), "must be an exact number"),
        (lambda: CreditBand(credit=1, at_least=1, above=1), "both `at_least` and `above`"),
        (lambda: CreditBand(credit=1, at_least=2, below=1), "holds no figure"),
        (lambda: CreditBand(credit=1, at_least=1, below=1), "holds no figure"),
        (lambda: CreditBand(credit=1, at_least=99.9), "must be an exact number"),
        (lambda: AWS.credit_for(101), "is no figure"),
        (lambda: AWS.credit_for(-1), "is no figure"),
        (lambda: AWS.credit_for(99.9), "must be an exact number"),
        (
            lambda: attrs.evolve(AWS, more_than=Money(1, "EUR")).credit_amount(90, Money(9, "USD")),
            "two currencies",
        ),
    ],
)
def test_an_impossible_schedule_is_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        make()


def test_only_two_of_the_figures_are_percentages() -> None:
    assert [each for each in CreditBasis if each.is_percent] == ["availability", "attainment"]
