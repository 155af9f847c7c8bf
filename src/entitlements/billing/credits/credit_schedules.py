"""Credit schedules: the money that is given back for a missed promise, by bands of a figure.

Published schedules are not always functions: some leave a figure in no band, and some in two. A
schedule is checked when it is made: each figure is in one band, and a worse figure never gives a
smaller credit.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Final, TypeAlias, final

import attrs

from entitlements.billing.credits.claim_windows import ClaimWindow
from entitlements.contracts.allowances.allowance import Period
from entitlements.contracts.plan_terms.availability_rules import AvailabilityRules
from entitlements.kernel.converters import enum_member, instance_of, tuple_of, whole_number
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.ids import identifier, identifier_set, optional_identifier
from entitlements.kernel.mixins.repr_without_defaults import ReprWithoutDefaults
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.kernel.money.money import Exact, Money, exact_number

_HUNDRED: Final = Fraction(100)

Edge: TypeAlias = tuple[Fraction, bool]
"""A figure, and whether what is above the edge begins after that figure and not with it."""


class CreditBasis(TextEnum):
    """The figure on which a credit depends.

    `AVAILABILITY`: percent of the time in which a service was up. `ATTAINMENT`: percent of the
    promises that were kept. `MISSED`: the number of promises that were missed. `DOWNTIME`: minutes
    in which a service was down.
    """

    AVAILABILITY = "availability"
    ATTAINMENT = "attainment"
    MISSED = "missed"
    DOWNTIME = "downtime"

    @property
    def is_percent(self) -> bool:
        """Whether the figure is a percentage, of which more is better."""
        return self in {CreditBasis.AVAILABILITY, CreditBasis.ATTAINMENT}

    @property
    def counts_promises(self) -> bool:
        """Whether the figure follows from the promises of cases that were kept or missed."""
        return self in {CreditBasis.ATTAINMENT, CreditBasis.MISSED}


def _basis(value: CreditBasis | str) -> CreditBasis:
    return enum_member(CreditBasis, value)


def _period(value: Period | str) -> Period:
    return enum_member(Period, value)


def _figure(value: Exact | None) -> Fraction | None:
    return None if value is None else exact_number(value, "figure")


def _percent(value: Exact) -> Fraction:
    percent = exact_number(value, "credit")
    if percent < 0:
        raise InvalidValueError(f"a credit of `{value}` percent is negative")
    return percent


def _optional_percent(value: Exact | None) -> Fraction | None:
    return None if value is None else _percent(value)


def _times(value: Exact | None) -> Fraction | None:
    times = None if value is None else exact_number(value, "times")
    if times is not None and times < 0:
        raise InvalidValueError(f"a credit of `{value}` times the fee is negative", path="times")
    return times


@final
@attrs.frozen(repr=False, kw_only=True)
class CreditBand(ReprWithoutDefaults):
    """The figures for which one credit is given.

    Attributes:
        credit: The credit, in percent of the fees.
        times: How often what was paid for the time of the outages is given back, instead; only for
            `availability`.
        at_least: The lowest figure of the band.
        above: The figure above which the band begins, instead.
        below: The figure below which the band ends.
        at_most: The highest figure of the band, instead.

    >>> band = CreditBand(credit=10, at_least=99, below=Decimal("99.9"))
    >>> [band.holds(each) for each in (Fraction(99), Fraction(999, 10))]
    [True, False]

    Raises:
        InvalidValueError: Both edges of one side are given, the band holds nothing, or not exactly
            one of `credit` and `times` is given.
    """

    credit: Fraction | None = attrs.field(default=None, converter=_optional_percent)
    times: Fraction | None = attrs.field(default=None, converter=_times)
    at_least: Fraction | None = attrs.field(default=None, converter=_figure)
    above: Fraction | None = attrs.field(default=None, converter=_figure)
    below: Fraction | None = attrs.field(default=None, converter=_figure)
    at_most: Fraction | None = attrs.field(default=None, converter=_figure)

    def __attrs_post_init__(self) -> None:
        if (self.credit is None) is (self.times is None):
            raise InvalidValueError("a band has a `credit` or `times`, and not both", path="credit")
        for one, other in (("at_least", "above"), ("below", "at_most")):
            if getattr(self, one) is not None and getattr(self, other) is not None:
                raise InvalidValueError(f"a band has both `{one}` and `{other}`", path=other)
        low, high = self.low_edge, self.high_edge
        if low is not None and high is not None and low >= high:
            raise InvalidValueError(f"the band {self} holds no figure", hint="swap its two edges")

    @property
    def low_edge(self) -> Edge | None:
        """The edge at which the band begins; None for the lowest figure there is."""
        if self.at_least is not None:
            return self.at_least, False
        return None if self.above is None else (self.above, True)

    @property
    def high_edge(self) -> Edge | None:
        """The edge at which the band ends; None for the highest figure there is."""
        if self.below is not None:
            return self.below, False
        return None if self.at_most is None else (self.at_most, True)

    def holds(self, figure: Fraction) -> bool:
        """Return whether a figure lies in the band."""
        low, high = self.low_edge, self.high_edge
        return (low is None or low <= (figure, False)) and (high is None or (figure, False) < high)

    def percent(self, figure: Fraction) -> Fraction:
        """Return what is given for a figure of the band, in percent of the fees.

        >>> slack = CreditBand(times=10, below=Decimal("99.99"))
        >>> slack.percent(Fraction(998, 10))  # 0.2 percent of the time
        Fraction(2, 1)
        """
        if self.times is not None:
            return self.times * (_HUNDRED - figure)
        return self.credit or Fraction()

    def __str__(self) -> str:
        """Return the edges in words, such as `at least 99, below 99.9`."""
        words = {"at_least": "at least", "above": "above", "below": "below", "at_most": "at most"}
        stated = [
            f"{text} {_decimal(getattr(self, name))}"
            for name, text in words.items()
            if getattr(self, name) is not None
        ]
        return "`" + (", ".join(stated) or "any figure") + "`"


def _decimal(value: Fraction) -> str:
    """Return a fraction as people write it: with a point if that is exact, else with a slash."""
    for digits in range(8):
        scaled = value * 10**digits
        if scaled.denominator == 1:
            return f"{Decimal(scaled.numerator).scaleb(-digits):f}"
    return str(value)


def _bands(values: Iterable[CreditBand]) -> tuple[CreditBand, ...]:
    bands = tuple_of(CreditBand, values)
    lowest = (Fraction(-1), False)
    return tuple(sorted(bands, key=lambda each: each.low_edge or lowest))


@final
@attrs.frozen(repr=False, kw_only=True)
class CreditSchedule(ReprWithoutDefaults):
    """The credits for every figure.

    What lies in no band and beyond the last one keeps the promise: it gives no credit. For
    percentages that is above the highest band, for counts and minutes below the lowest.

    Attributes:
        id: Names the schedule.
        basis: The figure on which the credit depends.
        bands: The bands, in any order.
        cap: The most that is given back, in percent of the fees of the period.
        more_than: A credit is given only if it is more than this amount.
        free_misses: Missed promises of a period that are not counted.
        period: The calendar period over which the figure is measured, and whose fees count.
        milestones: The milestones whose promises count; empty for all. Only for `missed` and
            `attainment`.
        service: The service whose outages count. Only for `availability` and `downtime`; None if
            figures are measured elsewhere.
        exclusions: What of these outages is excluded, and within which hours they count. Only with
            a service.
        window: The time in which a credit must be claimed; None if it is given without a claim.

    >>> aws = CreditSchedule(id="compute", basis="availability", bands=[
    ...     CreditBand(credit=10, at_least=99, below=Decimal("99.99")),
    ...     CreditBand(credit=30, at_least=95, below=99),
    ...     CreditBand(credit=100, below=95),
    ... ])
    >>> [int(aws.credit_for(Decimal(each))) for each in ("99.99", "99.98", "95", "94.9")]
    [0, 10, 30, 100]

    Raises:
        InvalidValueError: A figure is in no band or in two, or a worse one gives a smaller credit.
    """

    id: str = attrs.field(converter=identifier)
    basis: CreditBasis = attrs.field(converter=_basis)
    bands: tuple[CreditBand, ...] = attrs.field(converter=_bands)
    cap: Fraction = attrs.field(default=_HUNDRED, converter=_percent)
    more_than: Money | None = None
    free_misses: int = 0
    period: Period = attrs.field(default=Period.MONTH, converter=_period)
    milestones: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    service: str | None = attrs.field(default=None, converter=optional_identifier)
    exclusions: AvailabilityRules = attrs.field(factory=AvailabilityRules)
    window: ClaimWindow | None = None

    def __attrs_post_init__(self) -> None:
        if self.window is not None:
            instance_of(ClaimWindow, self.window)
        if self.milestones and not self.basis.counts_promises:
            raise InvalidValueError(
                f"milestones do not belong to `{self.basis}`", path="milestones"
            )
        if self.service is not None and self.basis.counts_promises:
            raise InvalidValueError(f"a service does not belong to `{self.basis}`", path="service")
        if instance_of(AvailabilityRules, self.exclusions) != AvailabilityRules():
            self._check_exclusions()
        if not self.bands:
            raise InvalidValueError(f"schedule `{self.id}` has no bands", path="bands")
        if self.more_than is not None:
            instance_of(Money, self.more_than)
        whole_number(self.free_misses, "free misses")
        if self.free_misses and self.basis is not CreditBasis.MISSED:
            raise InvalidValueError(
                f"free misses do not belong to `{self.basis}`", path="free_misses"
            )
        if self.basis is not CreditBasis.AVAILABILITY and any(each.times for each in self.bands):
            raise InvalidValueError(
                f"`times` does not belong to `{self.basis}`",
                hint="the time of outages follows from the availability",
                path="bands",
            )
        for one, other in pairwise(self.bands):
            self._check_neighbours(one, other)
        self._check_ends(self.bands[0], self.bands[-1])

    def _check_exclusions(self) -> None:
        if self.service is None:
            raise InvalidValueError(
                f"schedule `{self.id}` has exclusions and no service",
                hint="name the `service` whose outages count",
                path="exclusions",
            )

    def _check_neighbours(self, one: CreditBand, other: CreditBand) -> None:
        high, low = one.high_edge, other.low_edge
        if high is None or low is None or low < high:
            raise InvalidValueError(
                f"the bands {one} and {other} of schedule `{self.id}` overlap", path="bands"
            )
        if high < low and not (self._counts and _whole_between(high, low) == 0):
            raise InvalidValueError(
                f"schedule `{self.id}` says nothing between the bands {one} and {other}",
                hint=f"the first figure without a band is {_first_in(high)}",
                path="bands",
            )
        worse, better = (one, other) if self.basis.is_percent else (other, one)
        if worse.percent(low[0]) < better.percent(low[0]):
            given = _decimal(better.percent(low[0]))
            raise InvalidValueError(
                f"schedule `{self.id}` gives {given} percent for {better}, and "
                f"less for the worse {worse}",
                path="bands",
            )

    def _check_ends(self, lowest: CreditBand, highest: CreditBand) -> None:
        if self.basis.is_percent:
            low = lowest.low_edge
            if low is not None and low > (Fraction(), False):
                raise InvalidValueError(
                    f"schedule `{self.id}` says nothing below the band {lowest}", path="bands"
                )
            end = highest.high_edge or (_HUNDRED, True)
            if highest.percent(_HUNDRED) and end > (_HUNDRED, False):
                raise InvalidValueError(
                    f"schedule `{self.id}` gives a credit for 100 percent", path="bands"
                )
        elif highest.high_edge is not None:
            raise InvalidValueError(
                f"schedule `{self.id}` says nothing above the band {highest}", path="bands"
            )
        elif lowest.percent(Fraction()) and lowest.holds(Fraction()):
            raise InvalidValueError(
                f"schedule `{self.id}` gives a credit for 0 {self.basis}", path="bands"
            )

    @property
    def _counts(self) -> bool:
        return self.basis is CreditBasis.MISSED

    def credit_for(self, figure: Exact) -> Fraction:
        """Return the credit for a figure, in percent of the fees, at most the cap.

        Args:
            figure: The exact figure; a rounded one may lie in another band.

        Raises:
            InvalidValueError: It is no exact number, is negative, or is above 100 percent.
        """
        exact = exact_number(figure, "figure")
        if exact < 0 or (self.basis.is_percent and exact > _HUNDRED):
            raise InvalidValueError(f"`{figure}` is no figure of `{self.basis}`")
        exact = max(exact - self.free_misses, Fraction())
        found = (each.percent(exact) for each in self.bands if each.holds(exact))
        return min(next(found, Fraction()), self.cap)

    def credit_amount(self, figure: Exact, fees: Money) -> Money:
        """Return the money that is given back, from the fees of the period.

        >>> two = CreditSchedule(id="support", basis="missed", more_than=Money(1, "EUR"),
        ...     bands=[CreditBand(credit=5, at_least=1)])
        >>> str(two.credit_amount(1, Money(50, "EUR"))), str(two.credit_amount(1, Money(20, "EUR")))
        ('2.50 EUR', '0.00 EUR')

        Raises:
            InvalidValueError: As `credit_for`; or the smallest credit is in another currency.
        """
        amount = instance_of(Money, fees).scaled(self.credit_for(figure) / 100)
        if self.more_than is not None and amount <= self.more_than:
            return Money.zero(fees.currency)
        return amount


def _whole_between(low: Edge, high: Edge) -> int:
    """Return how many whole numbers lie between two edges."""
    first = -(-low[0].numerator // low[0].denominator)
    first += low[1] and first == low[0]
    last = high[0].numerator // high[0].denominator
    last -= not high[1] and last == high[0]
    return max(last - first + 1, 0)


def _first_in(edge: Edge) -> str:
    figure, is_after = edge
    return f"just above {_decimal(figure)}" if is_after else _decimal(figure)
