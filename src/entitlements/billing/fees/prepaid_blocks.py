"""Prepaid blocks: time that is bought before it is used, and bought again when it has expired.

A block is two things: grants, from which work is paid, and lines, which say what they cost.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import final

import attrs

from entitlements.billing.fees.billing_periods import BillingPeriod, BillingSchedule
from entitlements.billing.lines import ChargeLine, LineKind, LineReason
from entitlements.calendars.timeline.zones import zone_name
from entitlements.contracts.allowances.allowance import (
    Cycle,
    OveragePolicy,
    Unit,
    check_cap,
    overage_policy_of,
    unit_of,
)
from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.dates.day_boundaries import check_date_range, day_start
from entitlements.contracts.lines.plan_grants import pool_id
from entitlements.kernel.converters import instance_of, whole_number
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.ids import identifier, key, optional_identifier
from entitlements.kernel.instants import from_micros
from entitlements.kernel.mixins.repr_without_defaults import ReprWithoutDefaults
from entitlements.kernel.money.money import Money


def _cycle(value: Cycle) -> Cycle:
    return instance_of(Cycle, value)


@final
@attrs.frozen(repr=False, kw_only=True)
class PrepaidBlock(ReprWithoutDefaults):
    """Units that are bought at once, for some time.

    Attributes:
        id: Names the block.
        contract: Id of the contract.
        line: Id of the contract line.
        price: What the block costs.
        amount: How many units it has.
        unit: What is counted.
        lifetime: How long it can be used.
        zone: The zone in which its days begin.
        start: The day on which it is bought, and from which it can be used.
        renews: Whether it is bought again when it has expired.
        end: The last day on which it is bought again; None for no end.
        priority: Lower is used first.
        over_use: What happens when nothing is left.
        cap: The most units of overage, with `OveragePolicy.CAP`.
        allowance: The allowance of the plan whose requests may take its units, once its grants are
            issued to the ledger; None if they pay for work alone.

    >>> block = PrepaidBlock(id="hours", contract="C-1", line="main", price=Money(900, "EUR"),
    ...     amount=600, lifetime=Cycle("quarter"), zone="UTC", start=date(2026, 1, 1), renews=True)
    >>> [f"{each.effective:%d.%m.} {each.amount}" for each in block.grants(date(2026, 7, 1))]
    ['01.01. 600', '01.04. 600']

    Raises:
        InvalidValueError: It has no units, costs less than nothing, or ends without renewal.
    """

    id: str = attrs.field(converter=identifier)
    contract: str = attrs.field(converter=identifier)
    line: str = attrs.field(converter=identifier)
    price: Money
    amount: int
    unit: Unit = attrs.field(default=Unit.MINUTES, converter=unit_of)
    lifetime: Cycle = attrs.field(converter=_cycle)
    zone: str = attrs.field(converter=zone_name)
    start: date
    renews: bool = False
    end: date | None = None
    priority: int = 0
    over_use: OveragePolicy = attrs.field(default=OveragePolicy.REFUSE, converter=overage_policy_of)
    cap: int | None = None
    allowance: str | None = attrs.field(default=None, converter=optional_identifier)

    def __attrs_post_init__(self) -> None:
        if instance_of(Money, self.price).amount < 0:
            raise InvalidValueError(f"price `{self.price}` is negative", path="price")
        whole_number(self.amount, "amount", least=1)
        instance_of(date, self.start)
        check_date_range(self.start, self.end, f"block `{self.id}`")
        if not instance_of(bool, self.renews) and self.end is not None:
            raise InvalidValueError(
                f"block `{self.id}` has an end and is not bought again",
                hint="it ends with its lifetime",
                path="end",
            )
        whole_number(self.priority, "priority")
        check_cap(self.over_use, self.cap)

    def grants(self, until: date) -> Iterator[Grant]:
        """Yield the grant of each block that is bought before a day."""
        pool = None
        if self.allowance is not None:
            pool = pool_id(self.contract, self.line, self.allowance)
        for period in self._purchases(self.start, until):
            yield Grant(
                id=key("block", self.contract, self.line, self.id, period.first.isoformat()),
                unit=self.unit,
                amount=self.amount,
                effective=self._instant(period.first),
                expires=self._instant(period.after),
                priority=self.priority,
                over_use=self.over_use,
                cap=self.cap,
                pool=pool,
            )

    def lines(self, since: date, until: date) -> Iterator[ChargeLine]:
        """Yield a line for each block that is bought on the days from `since` up to `until`."""
        for period in self._purchases(since, until):
            if since <= period.first:
                start = self._instant(period.first)
                yield ChargeLine(
                    kind=LineKind.STANDING,
                    reason=LineReason.BLOCK,
                    contract=self.contract,
                    line=self.line,
                    source=self.id,
                    start=start,
                    end=self._instant(period.after),
                    charged_at=start,
                    amount=self.price,
                )

    def _purchases(self, since: date, until: date) -> Iterator[BillingPeriod]:
        """Yield the whole lifetime of each block that is bought before `until`."""
        schedule = BillingSchedule(every=self.lifetime, anchor=self.start)
        for period in schedule.periods(self.start, None, until, since=since):
            if self.end is not None and period.first > self.end:
                return
            yield period
            if not self.renews:
                return

    def _instant(self, day: date) -> datetime:
        return from_micros(day_start(day, self.zone))
