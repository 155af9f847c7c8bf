"""Sold lines: from when until when a contract line had which plan, and at which prices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import zip_longest
from typing import Final, NamedTuple, final

import attrs

from entitlements.billing.fees.price_lists import PriceList
from entitlements.billing.fees.standing_charges import StandingCharge
from entitlements.billing.work.terms import WorkTerms
from entitlements.calendars.timeline.zones import load_zone
from entitlements.contracts.allowances.allowance import Unit
from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.lines.line_history import LineHistory, LineStatus, LineTerms
from entitlements.contracts.lines.plan_grants import plan_grants, pool_id
from entitlements.engine.agreed_prices import AgreedPrices, agreed_prices
from entitlements.engine.facts import Facts
from entitlements.kernel.instants import END_OF_TIME, from_micros

ONE_DAY: Final = timedelta(days=1)
_PAID: Final = frozenset({LineStatus.ACTIVE, LineStatus.SUSPENDED})


class SoldTime(NamedTuple):
    """Time in which a line had one plan, quantity and prices, in microseconds.

    Attributes:
        start: First instant.
        end: First instant after it; `END_OF_TIME` for no end.
        since: When the line came into force without a gap up to this time.
        terms: The version of the line and of its plan.
        agreed: What was agreed; None for nothing.
    """

    start: int
    end: int
    since: int
    terms: LineTerms
    agreed: AgreedPrices | None


@final
@attrs.frozen
class SoldLine:
    """One contract line, and the times in which it was sold.

    Attributes:
        history: The line.
        times: The times, in order.
    """

    history: LineHistory
    times: tuple[SoldTime, ...]

    @property
    def key(self) -> tuple[str, str]:
        """Ids of the contract and of the line."""
        return self.history.contract.id, self.history.line

    @property
    def zone(self) -> str:
        """The zone of the contract."""
        return self.history.contract.zone

    def at(self, instant: int) -> SoldTime:
        """Return the time that holds at an instant, or the nearest one before or after it."""
        return next((each for each in reversed(self.times) if each.start <= instant), self.times[0])

    def day(self, instant: int) -> date:
        """Return the civil day of an instant in the zone of the contract."""
        return from_micros(instant).astimezone(load_zone(self.zone).tzinfo).date()

    def last_day(self, end: int) -> date | None:
        """Return the last day before an end; None for no end."""
        return None if end >= END_OF_TIME else self.day(end - 1)

    def fees(self, until: date, *, is_first: bool) -> Iterator[StandingCharge]:
        """Yield what is paid every period, as far as it begins before a day.

        Args:
            until: Prices need not be known from this day on.
            is_first: Whether a price of the whole contract is charged for this line.
        """
        for each in self.times:
            agreed = each.agreed
            if agreed is None or agreed.fees is None or self.day(each.start) >= until:
                continue
            if agreed.item == self.history.contract.id and not is_first:
                continue
            yield from agreed.fees.standing_charges(
                agreed.item,
                contract=self.history.contract.id,
                line=self.history.line,
                zone=self.zone,
                start=self.day(each.start),
                end=self._last_fee(each, agreed.fees, agreed.item, until),
                anchor=self.day(each.since),
                quantity=each.terms.line.quantity,
            )

    def _last_fee(self, time: SoldTime, fees: PriceList, item: str, until: date) -> date:
        """Return the last day of a fee: of the time, of the prices, or of the last period needed.

        A price that ends before the bill does is missing, and not the end of the fee.
        """
        needed = until - ONE_DAY + ONE_DAY * fees.every.most_days
        last = min(self.last_day(time.end) or needed, needed)
        priced = [each.end or needed for each in fees.prices if each.item == item]
        return min(last, max([until - 2 * ONE_DAY, *priced]))

    def work_terms(self, grants: Iterable[Grant]) -> Iterator[WorkTerms]:
        """Yield how work is charged in each time of the line; all times share its grants.

        Work in the grace after the terms is charged as in the last of them.
        """
        shared = tuple(grants)
        for each, following in zip_longest(self.times, self.times[1:]):
            rules = AgreedPrices().rules if each.agreed is None else each.agreed.rules
            end = self.history.grace_end(each.end)
            if following is not None:
                end = min(end, following.start)
            yield WorkTerms(
                contract=self.history.contract.id,
                line=self.history.line,
                zone=self.zone,
                start=from_micros(each.start),
                end=None if end >= END_OF_TIME else from_micros(end),
                basis=each.terms.plan.charge,
                rounding=rules.rounding,
                rates=None if each.agreed is None else each.agreed.rates,
                grants=shared,
                unit_factors=rules.unit_factors,
                overage_hourly=rules.overage_hourly,
                overage=rules.overage,
            )

    def grants(self, until: int) -> Iterator[Grant]:
        """Yield the minutes that the plans of the line include, begun before an instant."""
        for each in plan_grants(self.history, from_micros(until)):
            if each.unit is Unit.MINUTES:
                yield each

    @property
    def pools(self) -> frozenset[str]:
        """The pools from which requests under the line take units."""
        contract, line = self.key
        allowances = {each.id for time in self.times for each in time.terms.plan.allowances}
        return frozenset(pool_id(contract, line, each) for each in allowances)


def sold_lines(facts: Facts, histories: Iterable[LineHistory]) -> tuple[SoldLine, ...]:
    """Return the lines that were ever in force, with their prices, ordered as the histories.

    Raises:
        UnknownIdError: A plan or contract names prices that are not among the facts.
        InvalidValueError: The prices of one line are in two currencies.
    """
    found = [SoldLine(each, tuple(_times(each, facts))) for each in histories]
    return tuple(each for each in found if each.times)


def _times(history: LineHistory, facts: Facts) -> Iterator[SoldTime]:
    steps = history.line_terms
    last: SoldTime | None = None
    for start, end in _in_force(history):
        at = start
        while at < end:
            until = min(end, steps.next_change(at) or END_OF_TIME)
            terms = steps.at(at)
            if last is not None and _is_same(last.terms, terms) and last.end == at:
                last = last._replace(end=until)
            else:
                if last is not None:
                    yield last
                last = SoldTime(at, until, start, terms, _agreed(history, terms, facts))
            at = until
    if last is not None:
        yield last


def _in_force(history: LineHistory) -> Iterator[tuple[int, int]]:
    """Yield the times without a gap in which a line is in force; blocks do not end a fee."""
    begun: int | None = None
    for start, status in zip(history.statuses.starts, history.statuses.values, strict=True):
        if status in _PAID and begun is None:
            begun = start
        elif status not in _PAID and begun is not None:
            yield begun, start
            begun = None
    if begun is not None:
        yield begun, END_OF_TIME


def _is_same(one: LineTerms, other: LineTerms) -> bool:
    sold = (each.line.quantity for each in (one, other))
    bought = (each.line.calendars for each in (one, other))
    return one.plan == other.plan and len({*sold}) == 1 and len({*bought}) == 1


def _agreed(history: LineHistory, terms: LineTerms, facts: Facts) -> AgreedPrices | None:
    calendars = tuple(terms.line.calendars.items())
    return agreed_prices(history.contract, terms.plan, facts.prices, calendars)
