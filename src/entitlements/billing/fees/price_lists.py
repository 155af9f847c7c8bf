"""Price lists: what things cost between two dates, and the standing charges that follow.

A price that changes is a second price of the same item that begins later. What is paid every period
then becomes two charges with the same periods.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import pairwise
from typing import final

import attrs

from entitlements.billing.fees.billing_periods import ONE_DAY, check_billing_day
from entitlements.billing.fees.proration import Proration
from entitlements.billing.fees.standing_charges import ChargeTiming, StandingCharge, charge_timing
from entitlements.contracts.allowances.allowance import Cycle, Period
from entitlements.contracts.dates.day_boundaries import check_date_range
from entitlements.kernel.converters import instance_of, tuple_of, whole_number
from entitlements.kernel.errors import InvalidValueError, NotCoveredError, UnknownIdError
from entitlements.kernel.ids import identifier
from entitlements.kernel.money.currencies import currency_code
from entitlements.kernel.money.money import Money


@final
@attrs.frozen(kw_only=True)
class Price:
    """The price of an item between two dates.

    Attributes:
        item: What is sold.
        amount: What it costs.
        start: The first day on which it costs that; None for always.
        end: The last day; None for no end.
        per_unit: Whether each unit costs it of what a contract line has several of.
    """

    item: str = attrs.field(converter=identifier)
    amount: Money
    start: date | None = None
    end: date | None = None
    per_unit: bool = False

    def __attrs_post_init__(self) -> None:
        instance_of(Money, self.amount)
        instance_of(bool, self.per_unit)
        check_date_range(self.start, self.end, f"a price of `{self.item}`")


def _prices(values: Iterable[Price]) -> tuple[Price, ...]:
    prices = tuple_of(Price, values)
    return tuple(sorted(prices, key=lambda each: (each.item, each.start or date.min)))


def _cycle(value: Cycle) -> Cycle:
    return instance_of(Cycle, value)


@final
@attrs.frozen(kw_only=True)
class PriceList:
    """Dated prices in one currency.

    A price without an end ends where the next price of the same item begins.

    Attributes:
        id: Names the list.
        currency: The currency of all prices.
        prices: The prices, in any order.
        every: The length of the period that a price pays.
        timing: Whether a period is charged when it begins or when it is over.
        billing_day: The day of the month on which periods begin; None for the day on which what is
            sold begins.
        proration: How a part of a period is charged.

    >>> prices = PriceList(id="2026", currency="EUR", prices=[
    ...     Price(item="gold", amount=Money(100, "EUR")),
    ...     Price(item="gold", amount=Money(110, "EUR"), start=date(2026, 7, 1)),
    ... ])
    >>> [str(prices.price_on(date(2026, month, 1), "gold")) for month in (6, 7)]
    ['100.00 EUR', '110.00 EUR']

    Raises:
        InvalidValueError: A price is in another currency, or two of one item overlap.
    """

    id: str = attrs.field(converter=identifier)
    currency: str = attrs.field(converter=currency_code)
    prices: tuple[Price, ...] = attrs.field(converter=_prices)
    every: Cycle = attrs.field(factory=lambda: Cycle(Period.MONTH), converter=_cycle)
    timing: ChargeTiming = attrs.field(default=ChargeTiming.ADVANCE, converter=charge_timing)
    billing_day: int | None = None
    proration: Proration = attrs.field(factory=Proration)

    def __attrs_post_init__(self) -> None:
        instance_of(Proration, self.proration)
        check_billing_day(self.every, self.billing_day)
        for each in self.prices:
            if each.amount.currency != self.currency:
                raise InvalidValueError(
                    f"`{each.item}` costs `{each.amount}`, and its list is in `{self.currency}`",
                    hint="write one list for each currency",
                )
        for one, other in pairwise(self.prices):
            if one.item != other.item:
                continue
            start = other.start
            if start is None or start == one.start or (one.end is not None and start <= one.end):
                raise InvalidValueError(
                    f"two prices of `{one.item}` overlap from `{start}` on",
                    hint="let the later one begin after the other has ended",
                )

    @property
    def items(self) -> frozenset[str]:
        """The items that have a price."""
        return frozenset(each.item for each in self.prices)

    def price_on(self, day: date, item: str) -> Money:
        """Return what an item costs on a day.

        Raises:
            UnknownIdError: The list has no such item.
            NotCoveredError: It has no price on that day.
        """
        for price, first, last in self._steps(item):
            if (first is None or first <= day) and (last is None or day <= last):
                return price.amount
        raise NotCoveredError(f"price list `{self.id}` has no price of `{item}` on `{day}`")

    def standing_charges(
        self,
        item: str,
        *,
        contract: str,
        line: str,
        zone: str,
        start: date,
        end: date | None = None,
        anchor: date | None = None,
        quantity: int = 1,
    ) -> Iterator[StandingCharge]:
        """Yield a charge for each price that an item has while it is paid.

        All of them have the same periods, and the item as their id.

        Args:
            item: What was sold.
            contract: Id of the contract.
            line: Id of the contract line.
            zone: The zone in which days begin.
            start: The first day that is paid.
            end: The last day that is paid; None for no end.
            anchor: The day from which periods are counted; None for `start`.
            quantity: How many units were sold; only prices per unit depend on it.

        Raises:
            UnknownIdError: The list has no such item.
            NotCoveredError: It has no price on some day between the first and the last.
        """
        whole_number(quantity, "quantity", least=1)
        day = start
        for price, _, last in self._steps(item):
            if last is not None and last < day:
                continue
            if price.start is not None and price.start > day:
                break
            until = min((each for each in (last, end) if each is not None), default=None)
            yield StandingCharge(
                id=item,
                contract=contract,
                line=line,
                price=price.amount * quantity if price.per_unit else price.amount,
                every=self.every,
                zone=zone,
                start=day,
                end=until,
                timing=self.timing,
                billing_day=self.billing_day,
                anchor=anchor or start,
                proration=self.proration,
            )
            if until is None or until == end:
                return
            day = until + ONE_DAY
        raise NotCoveredError(f"price list `{self.id}` has no price of `{item}` on `{day}`")

    def _steps(self, item: str) -> list[tuple[Price, date | None, date | None]]:
        """Return the prices of an item with their first and last days."""
        own = [each for each in self.prices if each.item == item]
        if not own:
            raise UnknownIdError("price", item, known=self.items)
        following = [each.start for each in own[1:]]
        ends = [None if start is None else start - ONE_DAY for start in [*following, None]]
        return [
            (each, each.start, each.end if each.end is not None else end)
            for each, end in zip(own, ends, strict=True)
        ]
