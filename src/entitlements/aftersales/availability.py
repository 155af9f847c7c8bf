"""Availability: the share of a period in which a service was up, and the budget for being down.

What is excluded decides the figure, so it is a value, `AvailabilityRules`. Overlapping outages
count once. Shares are exact, because a rounded one may lie in another band of a credit schedule.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final, final

import attrs

from entitlements.aftersales.outages import MaintenanceWindow, Outage
from entitlements.calendars.business_hours import BusinessHours
from entitlements.contracts.plan_terms.availability_rules import (
    AvailabilityRules,
    Exclusion,
    Grain,
)
from entitlements.kernel.converters import instance_of, tuple_of
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.ids import identifier
from entitlements.kernel.instants import MICROSECOND, MINUTE, text_of, to_micros
from entitlements.kernel.money.money import Exact, exact_number
from entitlements.kernel.periods.spans import (
    Intervals,
    clip,
    difference,
    intersection,
    total_length,
    union,
)

_HUNDRED: Final = 100


@final
@attrs.frozen(kw_only=True)
class Availability:
    """How long a service was up; the four times are the whole of the period that counts.

    Attributes:
        up: Time in which it was up.
        down: Time in which it was down.
        unknown: Time of which nobody knows.
        excluded: Time that is excluded: of maintenance, and of outages with some causes.
    """

    up: timedelta
    down: timedelta
    unknown: timedelta
    excluded: timedelta

    @property
    def share(self) -> Fraction | None:
        """Up time, of up and down time; None if there is none of either."""
        known = (self.up + self.down) // MICROSECOND
        return Fraction(self.up // MICROSECOND, known) if known else None

    @property
    def percent(self) -> Fraction | None:
        """The share in percent, exactly; the figure of a credit schedule."""
        return None if self.share is None else _HUNDRED * self.share

    def __add__(self, other: Availability) -> Availability:
        """Return the availability over both periods, which do not overlap."""
        theirs = instance_of(Availability, other)
        return Availability(
            up=self.up + theirs.up,
            down=self.down + theirs.down,
            unknown=self.unknown + theirs.unknown,
            excluded=self.excluded + theirs.excluded,
        )


def measure_availability(
    outages: Iterable[Outage],
    start: datetime,
    end: datetime,
    *,
    maintenance: Iterable[MaintenanceWindow] = (),
    rules: AvailabilityRules | None = None,
    service: str | None = None,
) -> Availability:
    """Return the availability of a service between two instants.

    >>> from entitlements.kernel import utc
    >>> hour = Outage(id="1", service="db", start="2026-04-01T10:00Z", end="2026-04-01T11:00Z")
    >>> april = measure_availability([hour], utc("2026-04-01T00:00Z"), utc("2026-05-01T00:00Z"))
    >>> april.share
    Fraction(719, 720)

    Args:
        outages: The outages, in any order; one without an end lasts up to `end`.
        start: First instant of the period.
        end: First instant after it.
        maintenance: Planned maintenance; overlapping windows count once.
        rules: How it is counted.
        service: The service; outages and maintenance of others are left out. None if all are of
            one service.

    Raises:
        InvalidValueError: The period is empty, or of several services none is named.
    """
    known, windows = _of_service(outages, maintenance, service)
    rule = AvailabilityRules() if rules is None else instance_of(AvailabilityRules, rules)
    first, last = to_micros(start), to_micros(end)
    if first >= last:
        raise InvalidValueError(
            f"the period ends at `{text_of(end)}`, not after `{text_of(start)}`"
        )
    whole = _counted(rule.within, first, last)
    down, unknown, excluded = _states(known, windows, rule, last)
    left_out = intersection(whole, excluded)
    whole = difference(whole, excluded)
    broken, unclear = intersection(whole, down), intersection(whole, unknown)
    up = total_length(whole) - total_length(broken) - total_length(unclear)
    return Availability(
        up=up * MICROSECOND,
        down=total_length(broken) * MICROSECOND,
        unknown=total_length(unclear) * MICROSECOND,
        excluded=total_length(left_out) * MICROSECOND,
    )


def _states(
    known: Iterable[Outage],
    windows: Iterable[MaintenanceWindow],
    rule: AvailabilityRules,
    last: int,
) -> tuple[Intervals, Intervals, Intervals]:
    """Return when a service was down, when that is unknown, and what is excluded."""
    by_meaning: dict[Exclusion, list[Outage]] = {each: [] for each in Exclusion}
    for each in known:
        by_meaning[rule.meaning_of(each.cause)].append(each)
    counted = by_meaning[Exclusion.COUNTS_AS_IS]
    unknown = _spans((each for each in counted if each.is_unknown), last)
    down = difference(_spans((each for each in counted if not each.is_unknown), last), unknown)
    if rule.grain is Grain.WHOLE_MINUTES:
        down = [each for each in map(_whole_minutes, down) if each[0] < each[1]]
    excluded = _spans(by_meaning[Exclusion.EXCLUDED], last)
    excluded = difference(difference(excluded, down), unknown)
    planned = union(
        (to_micros(each.start), to_micros(each.end))
        for each in windows
        if rule.is_in_time(each.announced, each.start)
    )
    match rule.maintenance:
        case Exclusion.EXCLUDED:
            excluded = union([*excluded, *planned])
        case Exclusion.COUNTS_AS_UP:
            states = (down, unknown, excluded)
            down, unknown, excluded = (difference(each, planned) for each in states)
        case Exclusion.COUNTS_AS_IS:
            pass
    return down, unknown, excluded


def _of_service(
    outages: Iterable[Outage], maintenance: Iterable[MaintenanceWindow], service: str | None
) -> tuple[list[Outage], list[MaintenanceWindow]]:
    """Return the outages of a service, and the maintenance of it and of all services."""
    known, windows = tuple_of(Outage, outages), tuple_of(MaintenanceWindow, maintenance)
    named = {each.service for each in known}
    named |= {each.service for each in windows if each.service is not None}
    if service is not None:
        named = {identifier(service)}
    if len(named) > 1:
        names = "`, `".join(sorted(named))
        raise InvalidValueError(f"several services: `{names}`", hint="name the one to measure")
    return (
        [each for each in known if each.service in named],
        [each for each in windows if each.service is None or each.service in named],
    )


def _spans(outages: Iterable[Outage], last: int) -> list[tuple[int, int]]:
    return union(
        (to_micros(each.start), last if each.end is None else to_micros(each.end))
        for each in outages
    )


def _whole_minutes(interval: tuple[int, int]) -> tuple[int, int]:
    start, end = interval
    return -(-start // MINUTE) * MINUTE, end // MINUTE * MINUTE


def _counted(within: BusinessHours | None, first: int, last: int) -> Intervals:
    if within is None:
        return [(first, last)]
    timeline, found, at = within.timeline, [], first
    is_open = timeline.is_open(at)
    while at < last:
        change = timeline.next_close(at) if is_open else timeline.next_open(at)
        stop = last if change is None else min(change, last)
        if is_open:
            found.append((at, stop))
        at, is_open = stop, not is_open
    return clip(found, first, last)


def _objective(value: Exact) -> Fraction:
    return exact_number(value, "objective")


@final
@attrs.frozen(kw_only=True)
class ErrorBudget:
    """The time that a service may be down, and what is left of it.

    Attributes:
        objective: The promised percentage, below 100.
        availability: What was measured in the window.
        window: The whole window of the objective; None for the time that was measured.

    >>> month = Availability(up=timedelta(days=29, hours=23), down=timedelta(hours=1),
    ...     unknown=timedelta(), excluded=timedelta())
    >>> budget = ErrorBudget(objective=Fraction(999, 10), availability=month)
    >>> budget.allowed, budget.burn_rate
    (datetime.timedelta(seconds=2592), Fraction(25, 18))

    Raises:
        InvalidValueError: The objective is not from 0 to below 100, or the window is empty.
    """

    objective: Fraction = attrs.field(converter=_objective)
    availability: Availability
    window: timedelta | None = None

    def __attrs_post_init__(self) -> None:
        instance_of(Availability, self.availability)
        if not 0 <= self.objective < _HUNDRED:
            raise InvalidValueError(
                f"an objective of `{self.objective}` percent is not from 0 to below 100",
                hint="with 100 there is no budget",
            )
        if self.window is not None and instance_of(timedelta, self.window) <= timedelta():
            raise InvalidValueError(f"a window of `{self.window}` is empty", path="window")

    @property
    def _measured(self) -> timedelta:
        return self.availability.up + self.availability.down

    @property
    def allowed(self) -> timedelta:
        """The time that the service may be down in the window."""
        whole = self._measured if self.window is None else self.window
        return (whole // MICROSECOND) * (_HUNDRED - self.objective) // _HUNDRED * MICROSECOND

    @property
    def remaining(self) -> timedelta:
        """What is left of it; negative if the objective is missed."""
        return self.allowed - self.availability.down

    @property
    def burn_rate(self) -> Fraction | None:
        """The rate at which it is used up: 1 uses all of it in one window; None if unmeasured."""
        share = self.availability.share
        return None if share is None else (1 - share) / (1 - Fraction(self.objective, _HUNDRED))
