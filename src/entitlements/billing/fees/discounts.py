"""Discounts and minimum commitments: what is taken off lines, and what is added to too few."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction
from typing import Final, final

import attrs

from entitlements.billing.fees.billing_periods import ONE_DAY, BillingPeriod, BillingSchedule
from entitlements.billing.fees.proration import Proration
from entitlements.billing.lines import ChargeLine, LineKind, LineReason
from entitlements.calendars.timeline.zones import zone_name
from entitlements.contracts.dates.day_boundaries import check_date_range, day_end, day_start
from entitlements.kernel.converters import as_tuple, enum_member, instance_of, tuple_of
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.ids import check_unique_ids, identifier, optional_identifier
from entitlements.kernel.instants import END_OF_TIME, START_OF_TIME, from_micros, to_micros
from entitlements.kernel.money.money import Exact, Money, exact_number

_USAGE: Final = (LineKind.OVERAGE, LineKind.TIME_AND_MATERIALS)
_HUNDRED: Final = 100


def _percent(value: Exact) -> Fraction:
    percent = exact_number(value, "percent")
    if not 0 < percent <= _HUNDRED:
        raise InvalidValueError(f"a discount of `{value}` percent is not above 0 and at most 100")
    return percent


def _kinds(values: Iterable[LineKind | str]) -> frozenset[LineKind]:
    return frozenset(enum_member(LineKind, each) for each in as_tuple(values))


@final
@attrs.frozen(kw_only=True)
class Discount:
    """A percentage that is taken off some lines. An amount is a standing charge below 0.

    Attributes:
        id: Names the discount.
        percent: How much is taken off, above 0 and at most 100.
        contract: The contract whose lines are discounted.
        line: The contract line; None for all of the contract.
        kinds: The kinds of charge lines.
        zone: The zone of the two days.
        start: The first day on which lines are discounted; None for always.
        end: The last day; None for no end.

    >>> Discount(id="partner", percent=10, contract="C-1", zone="UTC", kinds=["standing"]).percent
    Fraction(10, 1)

    Raises:
        InvalidValueError: The percentage is out of range, or a kind cannot be discounted.
    """

    id: str = attrs.field(converter=identifier)
    percent: Fraction = attrs.field(converter=_percent)
    contract: str = attrs.field(converter=identifier)
    line: str | None = attrs.field(default=None, converter=optional_identifier)
    kinds: frozenset[LineKind] = attrs.field(default=(LineKind.STANDING, *_USAGE), converter=_kinds)
    zone: str = attrs.field(converter=zone_name)
    start: date | None = None
    end: date | None = None

    def __attrs_post_init__(self) -> None:
        check_date_range(self.start, self.end, f"discount `{self.id}`")
        wrong = self.kinds & {LineKind.ADJUSTMENT, LineKind.CREDIT, LineKind.DISCOUNT}
        if wrong or not self.kinds:
            raise InvalidValueError(
                f"discount `{self.id}` cannot be taken off `{min(wrong, default='nothing')}`",
                path="kinds",
            )

    def applies_to(self, line: ChargeLine) -> bool:
        """Return whether a line is discounted."""
        first = START_OF_TIME if self.start is None else day_start(self.start, self.zone)
        after = END_OF_TIME if self.end is None else day_end(self.end, self.zone)
        return (
            line.contract == self.contract
            and self.line in {None, line.line}
            and line.kind in self.kinds
            and first <= to_micros(line.charged_at) < after
        )


def discount_lines(
    discounts: Iterable[Discount], lines: Iterable[ChargeLine]
) -> Iterator[ChargeLine]:
    """Yield a line for each line that a discount is taken off, in the order of the lines.

    Of several discounts each one is taken off the whole amount. Together they take off all of it
    at most.

    Raises:
        DuplicateIdError: Two discounts have one id.

    >>> from entitlements.billing import StandingCharge
    >>> from entitlements.contracts import Cycle
    >>> fee = StandingCharge(id="gold", contract="C-1", line="main", zone="UTC",
    ...                      start=date(2026, 1, 1), price=Money(400, "EUR"), every=Cycle("month"))
    >>> partner = Discount(id="partner", percent=10, contract="C-1", zone="UTC")
    >>> january = fee.lines(date(2026, 1, 1), date(2026, 2, 1))
    >>> [str(each.amount) for each in discount_lines([partner], january)]
    ['-40.00 EUR']
    """
    known = tuple_of(Discount, discounts)
    check_unique_ids("discount", (each.id for each in known))
    for line in tuple_of(ChargeLine, lines):
        left = abs(line.amount.minor_units)
        for each in known:
            if not left or not each.applies_to(line):
                continue
            taken = line.amount.scaled(each.percent / _HUNDRED).minor_units
            taken = max(-left, min(left, taken))
            left -= abs(taken)
            if taken:
                yield _discount_line(each, line, taken)


def _discount_line(discount: Discount, line: ChargeLine, taken: int) -> ChargeLine:
    return ChargeLine(
        kind=LineKind.DISCOUNT,
        reason=LineReason.DISCOUNTED,
        contract=line.contract,
        line=line.line,
        source=line.source,
        start=line.start,
        end=line.end,
        charged_at=line.charged_at,
        case=line.case,
        agent=line.agent,
        work_kind=line.work_kind,
        amount=Money.of_minor(-taken, line.amount.currency),
        named=discount.id,
    )


@final
@attrs.frozen(kw_only=True)
class MinimumCommitment:
    """The least that a customer pays for use in every period of a contract line.

    What is missing is charged when the period is over; a part of a period has a part of the
    minimum.

    Attributes:
        id: Names the commitment.
        contract: Id of the contract.
        line: Id of the contract line.
        amount: The least for a whole period.
        schedule: When its periods begin.
        zone: The zone in which its days begin.
        start: The first day of the commitment.
        end: The last day; None for no end.
        kinds: The kinds of charge lines that count; overage and time and materials by default.

    Raises:
        InvalidValueError: The amount is not above 0, or no kind of line counts.
    """

    id: str = attrs.field(converter=identifier)
    contract: str = attrs.field(converter=identifier)
    line: str = attrs.field(converter=identifier)
    amount: Money
    schedule: BillingSchedule
    zone: str = attrs.field(converter=zone_name)
    start: date
    end: date | None = None
    kinds: frozenset[LineKind] = attrs.field(default=_USAGE, converter=_kinds)

    def __attrs_post_init__(self) -> None:
        instance_of(BillingSchedule, self.schedule)
        instance_of(date, self.start)
        check_date_range(self.start, self.end, f"commitment `{self.id}`")
        if instance_of(Money, self.amount).amount <= 0:
            raise InvalidValueError(f"minimum `{self.amount}` is not above 0", path="amount")
        if not self.kinds:
            raise InvalidValueError(f"nothing counts towards commitment `{self.id}`", path="kinds")

    def lines(
        self, charged: Iterable[ChargeLine], since: date, until: date
    ) -> Iterator[ChargeLine]:
        """Yield what is missing in the periods that are over from `since` up to `until`.

        Args:
            charged: All charge lines, also those that do not count.
            since: A period that was over before this day is left out.
            until: So is one that is over on this day or later.
        """
        counted = [each for each in tuple_of(ChargeLine, charged) if self._counts(each)]
        for period in self.schedule.periods(self.start, self.end, until, since=since - ONE_DAY):
            if since <= period.end < until:
                yield from self._missing(period, counted)

    def _counts(self, line: ChargeLine) -> bool:
        return (line.contract, line.line) == (self.contract, self.line) and line.kind in self.kinds

    def _missing(self, period: BillingPeriod, counted: list[ChargeLine]) -> Iterator[ChargeLine]:
        start = from_micros(day_start(period.start, self.zone))
        end = from_micros(day_start(period.end, self.zone))
        used = sum(each.amount.minor_units for each in counted if start <= each.charged_at < end)
        whole = period.first, period.after
        least = Proration().charge(self.amount, whole, period.start, period.end, self.zone)
        if used < least.minor_units:
            yield ChargeLine(
                kind=LineKind.STANDING,
                reason=LineReason.MINIMUM,
                contract=self.contract,
                line=self.line,
                source=self.id,
                start=start,
                end=end,
                charged_at=end,
                amount=Money.of_minor(least.minor_units - used, least.currency),
            )
