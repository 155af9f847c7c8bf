"""Standing charges: fees that come back every period, whether anything is used or not.

What begins or ends within a period pays a part of it. A price that changes is two charges with one
anchor, so that their periods are the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import final

import attrs

from entitlements.billing.fees.billing_periods import ONE_DAY, BillingPeriod, BillingSchedule
from entitlements.billing.fees.proration import Proration
from entitlements.billing.lines import ChargeLine, LineKind, LineReason
from entitlements.calendars.timeline.zones import zone_name
from entitlements.contracts.allowances.allowance import Cycle
from entitlements.contracts.dates.day_boundaries import (
    check_date_range,
    day_start,
)
from entitlements.kernel.converters import enum_member, instance_of
from entitlements.kernel.ids import identifier
from entitlements.kernel.instants import from_micros
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.kernel.money.money import Money


class ChargeTiming(TextEnum):
    """When a period is charged: on its first day, or when it is over."""

    ADVANCE = "advance"
    ARREARS = "arrears"


def charge_timing(value: ChargeTiming | str) -> ChargeTiming:
    """Return the timing that `value` is or names; raise `InvalidValueError` if there is none."""
    return enum_member(ChargeTiming, value)


def _cycle(value: Cycle) -> Cycle:
    return instance_of(Cycle, value)


@final
@attrs.frozen(kw_only=True)
class StandingCharge:
    """A fee for every period of a contract line.

    Attributes:
        id: Names the charge.
        contract: Id of the contract.
        line: Id of the contract line.
        price: What a whole period costs; negative for a discount.
        every: The length of a period.
        zone: The zone in which its days begin.
        start: The first day that is paid.
        end: The last day that is paid; None for no end.
        timing: Whether a period is charged when it begins or when it is over.
        billing_day: The day of the month on which periods begin, from 1 to 31; None for the day of
            the anchor. Periods of weeks begin on the weekday of the anchor.
        anchor: The day from which periods are counted, if another price was paid in the same
            periods before; None for `start`.
        proration: How a part of a period is charged.

    >>> fee = StandingCharge(id="fee", contract="C-1", line="main", price=Money(100, "EUR"),
    ...     every=Cycle("month"), zone="UTC", start=date(2026, 1, 31))
    >>> [f"{each.first:%d.%m.}" for each in fee.periods(date(2026, 1, 1), date(2026, 5, 1))]
    ['31.01.', '28.02.', '31.03.', '30.04.']

    Raises:
        InvalidValueError: The dates are in the wrong order, or a billing day is given for weeks.
    """

    id: str = attrs.field(converter=identifier)
    contract: str = attrs.field(converter=identifier)
    line: str = attrs.field(converter=identifier)
    price: Money
    every: Cycle = attrs.field(converter=_cycle)
    zone: str = attrs.field(converter=zone_name)
    start: date
    end: date | None = None
    timing: ChargeTiming = attrs.field(default=ChargeTiming.ADVANCE, converter=charge_timing)
    billing_day: int | None = None
    anchor: date | None = None
    proration: Proration = attrs.field(factory=Proration)

    def __attrs_post_init__(self) -> None:
        instance_of(Money, self.price)
        instance_of(Proration, self.proration)
        check_date_range(self.start, self.end, f"standing charge `{self.id}`")
        instance_of(date, self.start)
        _ = self.schedule  # it refuses a wrong billing day

    @property
    def schedule(self) -> BillingSchedule:
        """The schedule of its billing periods: their cycle, and the day on which they begin."""
        return BillingSchedule(
            every=self.every, anchor=self.anchor or self.start, billing_day=self.billing_day
        )

    def periods(self, since: date, until: date) -> Iterator[BillingPeriod]:
        """Yield the periods that touch the days from `since` up to `until`, and are paid in part.

        Raises:
            LimitExceededError: They are more than 10,000.
        """
        return self.schedule.periods(self.start, self.end, until, since=since)

    def lines(self, since: date, until: date) -> Iterator[ChargeLine]:
        """Yield the lines that are charged on the days from `since` up to `until`.

        >>> fee = StandingCharge(id="fee", contract="C-1", line="main", price=Money(100, "EUR"),
        ...     every=Cycle("month"), zone="UTC", start=date(2026, 1, 16), billing_day=1)
        >>> [str(each.amount) for each in fee.lines(date(2026, 1, 1), date(2026, 3, 1))]
        ['51.61 EUR', '100.00 EUR']
        """
        is_advance = self.timing is ChargeTiming.ADVANCE
        for period in self.periods(since - ONE_DAY, until):
            if since <= (period.start if is_advance else period.end) < until:
                yield self._line(period)

    def _line(self, period: BillingPeriod) -> ChargeLine:
        whole = period.first, period.after
        amount = self.proration.charge(self.price, whole, period.start, period.end, self.zone)
        start = from_micros(day_start(period.start, self.zone))
        end = from_micros(day_start(period.end, self.zone))
        return ChargeLine(
            kind=LineKind.STANDING,
            reason=LineReason.PERIOD if period.is_whole else LineReason.PART_OF_PERIOD,
            contract=self.contract,
            line=self.line,
            source=self.id,
            start=start,
            end=end,
            charged_at=start if self.timing is ChargeTiming.ADVANCE else end,
            amount=amount,
            full_price=None if period.is_whole else self.price,
        )
