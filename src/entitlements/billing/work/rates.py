"""Rates: what an hour of work costs, by kind of work, group, agent and date, and after hours.

The most specific rate wins: one for the agent before one for the group, that before one for the
kind of work, and that before one for all work. Of two that are equally specific the one that
begins later replaces the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import final

import attrs

from entitlements.calendars.timeline.zones import zone_name
from entitlements.contracts.dates.day_boundaries import check_date_range
from entitlements.kernel.converters import instance_of, tuple_of
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.ids import check_unique_ids, identifier, identifier_set
from entitlements.kernel.mixins.repr_without_defaults import ReprWithoutDefaults
from entitlements.kernel.money.currencies import currency_code
from entitlements.kernel.money.money import Money, exact_number


@final
@attrs.frozen(kw_only=True)
class AfterHours:
    """What work outside some hours costs: a multiple, an amount more, or an hourly rate of its own.

    Attributes:
        hours: Name of the calendar; work outside of its open time is after hours.
        multiplier: The hourly rate is multiplied by it.
        surcharge: It is added to the hourly rate.
        hourly: The hourly rate instead.

    >>> AfterHours(hours="business", multiplier=Decimal("1.5")).applied(Money(100, "EUR"))
    Money('150.0', 'EUR')

    Raises:
        InvalidValueError: Not exactly one of the three is given, or it is negative.
    """

    hours: str = attrs.field(converter=identifier)
    multiplier: Decimal | None = None
    surcharge: Money | None = None
    hourly: Money | None = None

    def __attrs_post_init__(self) -> None:
        given = [
            each
            for each in ("multiplier", "surcharge", "hourly")
            if getattr(self, each) is not None
        ]
        if len(given) != 1:
            raise InvalidValueError(
                "work after hours needs one of `multiplier`, `surcharge` and `hourly`",
                hint=f"leave out all but one of `{'`, `'.join(given)}`" if given else None,
            )
        if self.multiplier is not None and exact_number(self.multiplier, "multiplier") < 0:
            raise InvalidValueError(f"multiplier `{self.multiplier}` is negative")
        for name in ("surcharge", "hourly"):
            _check_price(getattr(self, name), name)

    @property
    def currencies(self) -> frozenset[str]:
        """The currencies in which it states an amount; none for a multiplier."""
        return frozenset(
            each.currency for each in (self.surcharge, self.hourly) if each is not None
        )

    def applied(self, hourly: Money) -> Money:
        """Return what an hour costs after hours, exactly."""
        if self.hourly is not None:
            return self.hourly
        if self.surcharge is not None:
            return hourly + self.surcharge
        return hourly.multiplied(self.multiplier or Decimal())


def _check_price(price: Money | None, name: str) -> None:
    if price is not None and instance_of(Money, price).amount < 0:
        raise InvalidValueError(f"{name} `{price}` is negative", path=name)


def _after_hours(value: AfterHours | None) -> AfterHours | None:
    return None if value is None else instance_of(AfterHours, value)


@final
@attrs.frozen(repr=False, kw_only=True)
class Rate(ReprWithoutDefaults):
    """The price of an hour of certain work between two dates; an empty set means all.

    Attributes:
        id: Names the rate within its card.
        hourly: What an hour costs.
        kinds: The kinds of work.
        groups: The groups for which the work is done.
        agents: The agents who work.
        start: The first day on which it applies; None for always.
        end: The last day; None for no end.
        after_hours: What work outside some hours costs; None for no difference.

    >>> Rate(id="senior", hourly=Money(140, "EUR"), agents=["ada"]).specificity
    (True, False, False)

    Raises:
        InvalidValueError: The price is negative, or the dates are in the wrong order.
    """

    id: str = attrs.field(converter=identifier)
    hourly: Money
    kinds: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    groups: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    agents: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    start: date | None = None
    end: date | None = None
    after_hours: AfterHours | None = attrs.field(default=None, converter=_after_hours)

    def __attrs_post_init__(self) -> None:
        _check_price(instance_of(Money, self.hourly), "hourly")
        check_date_range(self.start, self.end, f"rate `{self.id}`")

    @property
    def specificity(self) -> tuple[bool, bool, bool]:
        """Whether it names agents, groups and kinds of work; the greater one wins."""
        return bool(self.agents), bool(self.groups), bool(self.kinds)

    def applies_to(self, agent: str, group: str | None, kind: str) -> bool:
        """Return whether the rate is for this agent, group and kind of work."""
        return (
            (not self.agents or agent in self.agents)
            and (not self.groups or group in self.groups)
            and (not self.kinds or kind in self.kinds)
        )

    def shares_work_with(self, other: Rate) -> bool:
        """Return whether some work on some date has both rates."""
        pairs = (
            (self.agents, other.agents),
            (self.groups, other.groups),
            (self.kinds, other.kinds),
        )
        starts = [each.start for each in (self, other) if each.start is not None]
        ends = [each.end for each in (self, other) if each.end is not None]
        in_time = not starts or not ends or max(starts) <= min(ends)
        return in_time and all(not one or not two or one & two for one, two in pairs)


def _rates(values: Iterable[Rate]) -> tuple[Rate, ...]:
    return tuple_of(Rate, values)


@final
@attrs.frozen(kw_only=True)
class RateCard:
    """All rates of a price list, in one currency.

    Attributes:
        id: Names the card.
        currency: The currency of all its rates.
        zone: The zone of the dates of the rates.
        rates: The rates.

    >>> card = RateCard(id="2026", currency="EUR", zone="Europe/Berlin", rates=[
    ...     Rate(id="all", hourly=Money(90, "EUR")),
    ...     Rate(id="site", hourly=Money(120, "EUR"), kinds=["on_site"]),
    ... ])
    >>> card.rate_on(date(2026, 3, 27), agent="ada", kind="on_site").id
    'site'

    Raises:
        InvalidValueError: A rate is in another currency, or two equally specific rates begin on
            one day and share some work.
        DuplicateIdError: Two rates have one id.
    """

    id: str = attrs.field(converter=identifier)
    currency: str = attrs.field(converter=currency_code)
    zone: str = attrs.field(converter=zone_name)
    rates: tuple[Rate, ...] = attrs.field(converter=_rates)

    def __attrs_post_init__(self) -> None:
        if not self.rates:
            raise InvalidValueError(f"rate card `{self.id}` has no rates", path="rates")
        check_unique_ids("rate", (each.id for each in self.rates))
        for index, each in enumerate(self.rates):
            extra = frozenset() if each.after_hours is None else each.after_hours.currencies
            for currency in (each.hourly.currency, *extra):
                if currency != self.currency:
                    raise InvalidValueError(
                        f"rate `{each.id}` is in `{currency}`, and its card in `{self.currency}`",
                        hint="write one card for each currency",
                        path=f"rates[{index}]",
                    )
        for one, other in combinations(self.rates, 2):
            if (one.specificity, one.start) == (other.specificity, other.start):
                _check_distinct(one, other)

    def rate_on(
        self, day: date, *, agent: str, kind: str = "work", group: str | None = None
    ) -> Rate | None:
        """Return the rate of work on a date of the card's zone, or None if there is none."""
        found = [
            each
            for each in self.rates
            if each.applies_to(agent, group, kind)
            and (each.start is None or each.start <= day)
            and (each.end is None or day <= each.end)
        ]
        return max(found, key=lambda each: (each.specificity, each.start or date.min), default=None)


def _check_distinct(one: Rate, other: Rate) -> None:
    if one.shares_work_with(other):
        raise InvalidValueError(
            f"rates `{one.id}` and `{other.id}` are equally specific and hold for the same work",
            hint="name other kinds, groups or agents, or let one begin later",
            path="rates",
        )
