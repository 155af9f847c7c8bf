"""Standing charges: fees that come back every period, whether anything is used or not.

Periods begin on a billing day. The 31st is the last day of a shorter month and returns in the next;
what begins or ends within a period pays a part of it.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, NamedTuple, final

import attrs

from entitlements.billing.lines import ChargeLine, LineKind, LineReason
from entitlements.billing.proration import Proration
from entitlements.calendars.timeline.zones import zone_name
from entitlements.contracts.allowances.allowance import Cycle
from entitlements.contracts.dates.day_boundaries import (
    add_days,
    check_date_range,
    day_start,
)
from entitlements.kernel.converters import enum_member, instance_of, whole_number
from entitlements.kernel.errors import InvalidValueError, LimitExceededError
from entitlements.kernel.ids import identifier
from entitlements.kernel.instants import LATEST, from_micros
from entitlements.kernel.money.money import Money

_ONE_DAY: Final = timedelta(days=1)
MAX_PERIODS: Final = 10_000


class ChargeTiming(StrEnum):
    """When a period is charged: on its first day, or when it is over."""

    ADVANCE = "advance"
    ARREARS = "arrears"


def _timing(value: ChargeTiming | str) -> ChargeTiming:
    return enum_member(ChargeTiming, value)


def _cycle(value: Cycle) -> Cycle:
    return instance_of(Cycle, value)


class BillingPeriod(NamedTuple):
    """One period of a standing charge, and the part of it that is paid.

    Attributes:
        first: First day of the period.
        after: First day after it.
        start: First day that is paid.
        end: First day after those that are paid.
    """

    first: date
    after: date
    start: date
    end: date

    @property
    def is_whole(self) -> bool:
        """Whether the whole period is paid."""
        return (self.first, self.after) == (self.start, self.end)


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
            `start`. Periods of weeks begin on the weekday of `start`.
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
    timing: ChargeTiming = attrs.field(default=ChargeTiming.ADVANCE, converter=_timing)
    billing_day: int | None = None
    proration: Proration = attrs.field(factory=Proration)

    def __attrs_post_init__(self) -> None:
        instance_of(Money, self.price)
        instance_of(Proration, self.proration)
        check_date_range(self.start, self.end, f"standing charge `{self.id}`")
        instance_of(date, self.start)
        if self.billing_day is None:
            return
        whole_number(self.billing_day, "billing day", least=1, most=31)
        if self.every.weeks:
            raise InvalidValueError(
                "periods of weeks have no billing day",
                hint="they begin on the weekday of `start`",
                path="billing_day",
            )

    def periods(self, since: date, until: date) -> Iterator[BillingPeriod]:
        """Yield the periods that touch the days from `since` up to `until`, and are paid in part.

        Raises:
            LimitExceededError: They are more than 10,000.
        """
        last = date.max if self.end is None else self.end + _ONE_DAY
        number = self._number_at(max(since, self.start))
        for _ in range(MAX_PERIODS):
            first, after = self._boundary(number), self._boundary(number + 1)
            start, end = max(first, self.start), min(after, last)
            if first >= until or start >= last:
                return
            if start < end and after > since:
                yield BillingPeriod(first, after, start, end)
            number += 1
        raise LimitExceededError(
            f"standing charge `{self.id}` has more than {MAX_PERIODS} periods", hint="ask for fewer"
        )

    def _number_at(self, day: date) -> int:
        """Return the number of the period that holds a day; 0 is the first from `start` on."""
        if self.every.weeks:
            return (day - self.start).days // (7 * self.every.weeks)
        months = 12 * (day.year - self.start.year) + day.month - self.start.month
        number = months // self.every.months + 1
        while self._boundary(number) > day:
            number -= 1
        return number

    def _boundary(self, number: int) -> date:
        """Return the first day of a period, counted from the first one that begins at `start`."""
        if self.every.weeks:
            return add_days(self.start, 7 * self.every.weeks * number)
        months = 12 * self.start.year + self.start.month - 1
        day = self.billing_day or self.start.day
        if _clamped(months, day) < self.start:
            months += 1
        return _clamped(months + self.every.months * number, day)

    def lines(self, since: date, until: date) -> Iterator[ChargeLine]:
        """Yield the lines that are charged on the days from `since` up to `until`.

        >>> fee = StandingCharge(id="fee", contract="C-1", line="main", price=Money(100, "EUR"),
        ...     every=Cycle("month"), zone="UTC", start=date(2026, 1, 16), billing_day=1)
        >>> [str(each.amount) for each in fee.lines(date(2026, 1, 1), date(2026, 3, 1))]
        ['51.61 EUR', '100.00 EUR']
        """
        is_advance = self.timing is ChargeTiming.ADVANCE
        for period in self.periods(since - _ONE_DAY, until):
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
        )


def _clamped(months: int, day: int) -> date:
    """Return a day of a month since year 0, or its last day if the month is shorter."""
    year, month = divmod(months, 12)
    if year >= LATEST.year:
        return date.max
    return date(year, month + 1, min(day, monthrange(year, month + 1)[1]))
