"""Service credits: the money that a missed promise earns, and until when it can be claimed.

A credit is a value: whether it can still be claimed is computed from the instant that is asked
about, and never stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import final

import attrs

from entitlements.billing.credits.credit_schedules import CreditSchedule
from entitlements.billing.lines import ChargeLine, LineKind, LineReason
from entitlements.calendars.timeline.zones import load_zone, zone_name
from entitlements.contracts.dates.day_boundaries import add_days, add_months, day_end
from entitlements.kernel.converters import (
    enum_member,
    instance_of,
    tuple_of,
    utc_or_none,
    whole_number,
)
from entitlements.kernel.errors import DuplicateIdError, InvalidValueError, TransitionError
from entitlements.kernel.ids import identifier
from entitlements.kernel.instants import from_micros, utc
from entitlements.kernel.money.money import Exact, Money, exact_number


class ClaimStart(StrEnum):
    """From when the time for a claim is counted.

    `EVENT`: from the instant at which the promise was missed. `MONTH`, `QUARTER`: from the end of
    the calendar month or quarter in which it was.
    """

    EVENT = "event"
    MONTH = "month"
    QUARTER = "quarter"


class CreditState(StrEnum):
    """What has become of a credit.

    `EARNED`: it is given without a claim. `CLAIMABLE`: it can be claimed. `CLAIMED`: it was.
    `LAPSED`: it was not, and it is too late.
    """

    EARNED = "earned"
    CLAIMABLE = "claimable"
    CLAIMED = "claimed"
    LAPSED = "lapsed"


def _start(value: ClaimStart | str) -> ClaimStart:
    return enum_member(ClaimStart, value)


@final
@attrs.frozen(kw_only=True)
class ClaimWindow:
    """The time in which a credit must be claimed; exactly one length is given.

    Days and months end with their last day, in the zone of the contract. `within` is elapsed time,
    and ends at an instant.

    Attributes:
        days: So many days after the start.
        months: So many months after the last day of the start, to the day. A month that is too
            short ends earlier: two months after 31 December end on 28 February.
        month_ends: Up to the end of the month so many months after that of the start.
        within: So much elapsed time after the start.
        after: From when it is counted.

    >>> gitlab = ClaimWindow(days=30, after="month")
    >>> gitlab.last_instant(utc("2026-02-10T12:00Z"), "UTC").isoformat()
    '2026-03-31T00:00:00+00:00'

    Raises:
        InvalidValueError: Not exactly one length is given, or it is not greater than 0.
    """

    days: int | None = None
    months: int | None = None
    month_ends: int | None = None
    within: timedelta | None = None
    after: ClaimStart = attrs.field(default=ClaimStart.EVENT, converter=_start)

    def __attrs_post_init__(self) -> None:
        names = ("days", "months", "month_ends", "within")
        given = [each for each in names if getattr(self, each) is not None]
        if len(given) != 1:
            raise InvalidValueError(f"a claim needs one of `{'`, `'.join(names)}`")
        for name in given:
            if name != "within":
                whole_number(getattr(self, name), name, least=1, most=1200)
        if self.within is not None and instance_of(timedelta, self.within) <= timedelta():
            raise InvalidValueError(f"`{self.within}` is not greater than 0", path="within")

    def last_instant(self, missed: datetime, zone: str) -> datetime:
        """Return the first instant at which it is too late to claim.

        Args:
            missed: When the promise was missed.
            zone: The zone in which days and months are counted.
        """
        local = load_zone(zone_name(zone))
        day = utc(missed).astimezone(local.tzinfo).date()
        if self.after is not ClaimStart.EVENT:
            day = _last_day(day, 1 if self.after is ClaimStart.MONTH else 3)
        if self.within is not None:
            is_event = self.after is ClaimStart.EVENT
            return (
                utc(missed) if is_event else from_micros(day_end(day, local.name))
            ) + self.within
        return from_micros(day_end(self._last(day), local.name))

    def _last(self, day: date) -> date:
        """Return the last day on which a claim is in time, counted from the day of the start."""
        if self.days is not None:
            return add_days(day, self.days)
        if self.months is not None:
            return add_months(day, self.months)
        return _last_day(add_months(day.replace(day=1), self.month_ends or 0), 1)


def _last_day(day: date, months: int) -> date:
    """Return the last day of the month, or of the quarter, that holds a day."""
    first = day.replace(day=1, month=day.month - (day.month - 1) % months)
    return add_days(add_months(first, months), -1)


def _figure(value: Exact) -> Fraction:
    return exact_number(value, "figure")


@final
@attrs.frozen(kw_only=True)
class ServiceCredit:
    """The money that one missed promise earns.

    Attributes:
        id: Names the credit; it is given once.
        contract: Id of the contract.
        line: Id of the contract line.
        zone: The zone of the contract.
        start: First instant of the period of the promise.
        end: First instant after it.
        missed: When the promise was missed; for a figure of a period, its end.
        figure: The exact figure, such as 99.8 percent.
        fees: The fees of the affected line and period.
        schedule: What is given for which figure.
        window: The time in which it must be claimed; None if it is given without a claim.
        claimed: When it was claimed, if it was.

    Raises:
        InvalidValueError: The period is empty, or the figure is none of the schedule.
        TransitionError: It was claimed before the promise was missed, or too late.
    """

    id: str = attrs.field(converter=identifier)
    contract: str = attrs.field(converter=identifier)
    line: str = attrs.field(converter=identifier)
    zone: str = attrs.field(converter=zone_name)
    start: datetime = attrs.field(converter=utc)
    end: datetime = attrs.field(converter=utc)
    missed: datetime = attrs.field(converter=utc)
    figure: Fraction = attrs.field(converter=_figure)
    fees: Money
    schedule: CreditSchedule
    window: ClaimWindow | None = None
    claimed: datetime | None = attrs.field(default=None, converter=utc_or_none)

    def __attrs_post_init__(self) -> None:
        instance_of(Money, self.fees)
        if self.end <= self.start:
            raise InvalidValueError(f"period of credit `{self.id}` ends before it starts")
        instance_of(CreditSchedule, self.schedule).credit_for(self.figure)
        if self.window is not None:
            instance_of(ClaimWindow, self.window)
        if self.claimed is not None:
            self._check_claim(self.claimed)

    def _check_claim(self, claimed: datetime) -> None:
        if claimed < self.missed:
            raise TransitionError(
                f"credit `{self.id}` was claimed at `{claimed}`, before the promise was missed"
            )
        until = self.claimable_until
        if until is not None and claimed >= until:
            raise TransitionError(
                f"credit `{self.id}` was claimed at `{claimed}`, and lapsed at `{until}`"
            )

    @property
    def amount(self) -> Money:
        """What is given back; 0 where the figure keeps the promise."""
        return self.schedule.credit_amount(self.figure, self.fees)

    @property
    def claimable_until(self) -> datetime | None:
        """The first instant at which it is too late to claim; None if no claim is needed."""
        if self.window is None:
            return None
        return self.window.last_instant(self.missed, self.zone)

    def state(self, at: datetime) -> CreditState:
        """Return what has become of the credit at an instant."""
        until = self.claimable_until
        if until is None:
            return CreditState.EARNED
        if self.claimed is not None and self.claimed <= utc(at):
            return CreditState.CLAIMED
        return CreditState.CLAIMABLE if utc(at) < until else CreditState.LAPSED

    def claim(self, at: datetime) -> ServiceCredit:
        """Return the credit, claimed at an instant; a second claim changes nothing.

        Raises:
            TransitionError: The promise was not missed yet, or the credit has lapsed.
        """
        if self.claimed is not None and self.claimed <= utc(at):
            return self
        return attrs.evolve(self, claimed=at)


def credit_lines(credits: Iterable[ServiceCredit], at: datetime) -> Iterator[ChargeLine]:
    """Yield a line for each credit that is earned or claimed by `at`, and is more than nothing.

    A credit belongs to the bill of the instant at which it is claimed, or at which the promise was
    missed if no claim is needed.

    Raises:
        DuplicateIdError: Two credits have one id.
    """
    seen: set[str] = set()
    for credit in tuple_of(ServiceCredit, credits):
        if credit.id in seen:
            raise DuplicateIdError("service credit", credit.id)
        seen.add(credit.id)
        charged = credit.missed if credit.window is None else credit.claimed
        amount = credit.amount
        if charged is None or charged > utc(at) or not amount.amount:
            continue
        yield ChargeLine(
            kind=LineKind.CREDIT,
            reason=LineReason.PROMISE_MISSED,
            contract=credit.contract,
            line=credit.line,
            source=credit.id,
            start=credit.start,
            end=credit.end,
            charged_at=charged,
            amount=-amount,
        )
