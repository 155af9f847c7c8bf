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

from entitlements.billing.fees.billing_periods import ONE_DAY
from entitlements.billing.fees.standing_charges import StandingCharge
from entitlements.contracts.dates.day_boundaries import check_date_range
from entitlements.kernel.converters import instance_of, tuple_of
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
    """

    item: str = attrs.field(converter=identifier)
    amount: Money
    start: date | None = None
    end: date | None = None

    def __attrs_post_init__(self) -> None:
        instance_of(Money, self.amount)
        check_date_range(self.start, self.end, f"a price of `{self.item}`")


def _prices(values: Iterable[Price]) -> tuple[Price, ...]:
    prices = tuple_of(Price, values)
    return tuple(sorted(prices, key=lambda each: (each.item, each.start or date.min)))


@final
@attrs.frozen(kw_only=True)
class PriceList:
    """Dated prices in one currency.

    A price without an end ends where the next price of the same item begins.

    Attributes:
        id: Names the list.
        currency: The currency of all prices.
        prices: The prices, in any order.

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

    def __attrs_post_init__(self) -> None:
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

    def standing_charges(self, item: str, charge: StandingCharge) -> Iterator[StandingCharge]:
        """Yield a charge for each price that an item has while it is paid.

        All of them have the periods of `charge`, and its id; its own price is not used.

        Raises:
            UnknownIdError: The list has no such item.
            NotCoveredError: It has no price on some day between the first and the last.
        """
        anchor = charge.anchor or charge.start
        day = charge.start
        for price, _, last in self._steps(item):
            if last is not None and last < day:
                continue
            if price.start is not None and price.start > day:
                break
            end = min((each for each in (last, charge.end) if each is not None), default=None)
            yield attrs.evolve(charge, price=price.amount, start=day, end=end, anchor=anchor)
            if end is None or end == charge.end:
                return
            day = end + ONE_DAY
        raise NotCoveredError(f"price list `{self.id}` has no price of `{item}` on `{day}`")

    def _steps(self, item: str) -> list[tuple[Price, date | None, date | None]]:
        """Return the prices of an item with their first and last days."""
        own = [each for each in self.prices if each.item == item]
        if not own:
            raise UnknownIdError("price", item, known={each.item for each in self.prices})
        following = [each.start for each in own[1:]]
        ends = [None if start is None else start - ONE_DAY for start in [*following, None]]
        return [
            (each, each.start, each.end if each.end is not None else end)
            for each, end in zip(own, ends, strict=True)
        ]
