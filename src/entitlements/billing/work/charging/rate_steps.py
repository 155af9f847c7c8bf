"""Rate steps: from when until when which rate of a card holds for one kind of work.

A card is compiled for each agent, group and kind of work once, so that an entry costs one search
and not a look at every rate.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple, TypeAlias, final

from entitlements.billing.work.rates import Rate, RateCard
from entitlements.calendars.business_hours import BusinessHours
from entitlements.calendars.timeline.timeline import Timeline
from entitlements.contracts.dates.day_boundaries import day_start
from entitlements.kernel.errors import UnknownIdError
from entitlements.kernel.instants import END_OF_TIME, HOUR, START_OF_TIME
from entitlements.kernel.money.money import Money

WorkKey: TypeAlias = tuple[str, str | None, str]
"""Agent, group and kind of work."""

PricedPart: TypeAlias = "tuple[int, int, HourlyPrice | None]"
"""A part of some work: its start, its end and its price."""


class HourlyPrice(NamedTuple):
    """What an hour costs at one time of day.

    Attributes:
        rate: The rate; None for a price outside of a card.
        hourly: The price of an hour.
        after_hours: Whether it is the price after hours.
        numerator: The minor units of a microsecond are this, divided by `denominator`.
        denominator: See above.
    """

    rate: Rate | None
    hourly: Money
    after_hours: bool
    numerator: int
    denominator: int

    def amount(self, micros: int) -> int:
        """Return the price of so much time in minor units, rounded half up, once."""
        return (2 * self.numerator * micros + self.denominator) // (2 * self.denominator)


class RateStep(NamedTuple):
    """A rate until the next one: its price in hours, and after hours if that is another."""

    usual: HourlyPrice
    after: HourlyPrice | None
    hours: Timeline | None


@final
class CompiledRates:
    """A rate card whose dates and calendars are known.

    Args:
        card: The rates.
        calendars: The calendars that its rates name.

    Raises:
        UnknownIdError: A rate names a calendar that is not there.
    """

    __slots__ = ("_card", "_found", "_timelines")

    def __init__(self, card: RateCard, calendars: Mapping[str, BusinessHours]) -> None:
        self._card = card
        self._found: dict[WorkKey, tuple[list[int], list[RateStep | None]]] = {}
        self._timelines: dict[str, Timeline] = {}
        for index, rate in enumerate(card.rates):
            if rate.after_hours is not None:
                name = rate.after_hours.hours
                if name not in calendars:
                    path = f"rates[{index}].after_hours.hours"
                    raise UnknownIdError("calendar", name, known=calendars, path=path)
                self._timelines[name] = calendars[name].timeline

    def priced_parts(self, work: WorkKey, start: int, end: int) -> Iterable[PricedPart]:
        """Return the parts of some work that have one price each, with that price.

        The parts are half-open and follow one another from `start` to `end`. None stands for no
        rate.
        """
        starts, steps = self._steps(work)
        index = bisect_right(starts, start) - 1
        step = steps[index]
        if index + 1 == len(starts) or end <= starts[index + 1]:
            return _in_step(step, start, end)
        return self._in_steps(starts, steps, index, start, end)

    def _in_steps(
        self, starts: list[int], steps: list[RateStep | None], index: int, start: int, end: int
    ) -> Iterator[PricedPart]:
        while start < end:
            following = starts[index + 1] if index + 1 < len(starts) else END_OF_TIME
            stop = min(end, following)
            yield from _in_step(steps[index], start, stop)
            start, index = stop, index + 1

    def price_at(self, work: WorkKey, at: int) -> tuple[HourlyPrice | None, int | None]:
        """Return the price of work at an instant, and the next instant with another one, or None.

        The price is None where there is no rate.
        """
        starts, steps = self._steps(work)
        index = bisect_right(starts, at) - 1
        price, until = self._within(steps[index], at)
        following = starts[index + 1] if index + 1 < len(starts) else None
        if until is None or (following is not None and following <= until):
            until = following
        return price, until

    def _within(self, step: RateStep | None, at: int) -> tuple[HourlyPrice | None, int | None]:
        """Return the price at an instant within a step, and the next opening or closing."""
        if step is None:
            return None, None
        if step.after is None or step.hours is None:
            return step.usual, None
        if step.hours.is_open(at):
            return step.usual, step.hours.next_close(at)
        return step.after, step.hours.next_open(at)

    def _steps(self, work: WorkKey) -> tuple[list[int], list[RateStep | None]]:
        found = self._found.get(work)
        if found is None:
            found = self._found[work] = self._compile(*work)
        return found

    def _compile(
        self, agent: str, group: str | None, kind: str
    ) -> tuple[list[int], list[RateStep | None]]:
        rates = [each for each in self._card.rates if each.applies_to(agent, group, kind)]
        days = {each.start for each in rates if each.start is not None}
        days |= {
            each.end + timedelta(days=1)
            for each in rates
            if each.end is not None and each.end < date.max
        }
        starts: list[int] = [START_OF_TIME]
        steps = [self._step(date.min, agent, group, kind)]
        for day in sorted(days):
            step = self._step(day, agent, group, kind)
            if step != steps[-1]:  # a less specific rate may begin or end and change nothing
                starts.append(day_start(day, self._card.zone))
                steps.append(step)
        return starts, steps

    def _step(self, day: date, agent: str, group: str | None, kind: str) -> RateStep | None:
        rate = self._card.rate_on(day, agent=agent, group=group, kind=kind)
        if rate is None:
            return None
        usual = _price(rate, rate.hourly)
        if rate.after_hours is None:
            return RateStep(usual, None, None)
        after = _price(rate, rate.after_hours.applied(rate.hourly), after_hours=True)
        return RateStep(usual, after, self._timelines[rate.after_hours.hours])


def _in_step(step: RateStep | None, start: int, end: int) -> Iterable[PricedPart]:
    """Return the parts of some work within one step."""
    if step is None:
        return ((start, end, None),)
    if step.after is None or step.hours is None:
        return ((start, end, step.usual),)
    is_open = step.hours.is_open(start)
    change = step.hours.next_close(start) if is_open else step.hours.next_open(start)
    if change is None or end <= change:
        return ((start, end, step.usual if is_open else step.after),)
    return _by_hours(step.usual, step.after, step.hours, start, end)


def _by_hours(
    usual: HourlyPrice, after: HourlyPrice, hours: Timeline, start: int, end: int
) -> Iterator[tuple[int, int, HourlyPrice]]:
    """Yield the parts in and out of hours."""
    is_open = hours.is_open(start)
    while start < end:
        change = hours.next_close(start) if is_open else hours.next_open(start)
        stop = end if change is None else min(end, change)
        yield start, stop, usual if is_open else after
        start, is_open = stop, not is_open


def hourly_price(hourly: Money) -> HourlyPrice:
    """Return a price outside of a rate card."""
    return _price(None, hourly)


def _price(rate: Rate | None, hourly: Money, *, after_hours: bool = False) -> HourlyPrice:
    price = hourly.exact_minor_units / HOUR
    return HourlyPrice(rate, hourly, after_hours, price.numerator, price.denominator)
