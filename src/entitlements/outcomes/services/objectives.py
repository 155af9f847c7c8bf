"""Service objectives: how much of a window a service should be up, and what is left of that."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final, final

import attrs

from entitlements.aftersales.availability import ErrorBudget, measure_availability
from entitlements.aftersales.outages import MaintenanceWindow, Outage
from entitlements.calendars.timeline.zones import day_number, load_zone, zone_name
from entitlements.contracts.dates.day_boundaries import add_days, add_months
from entitlements.contracts.plan_terms.availability_rules import AvailabilityRules
from entitlements.kernel.converters import enum_member, instance_of, whole_number
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.ids import identifier
from entitlements.kernel.instants import MICROSECOND, from_micros, instant_of, text_of
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.kernel.money.money import Exact, exact_number


class WindowUnit(TextEnum):
    """The unit of a window."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    QUARTERS = "quarters"
    YEARS = "years"


_FIXED: Final = {
    WindowUnit.MINUTES: timedelta(minutes=1),
    WindowUnit.HOURS: timedelta(hours=1),
    WindowUnit.DAYS: timedelta(days=1),
    WindowUnit.WEEKS: timedelta(weeks=1),
}
_MONTHS: Final = {WindowUnit.MONTHS: 1, WindowUnit.QUARTERS: 3, WindowUnit.YEARS: 12}


def _unit(value: WindowUnit | str) -> WindowUnit:
    return enum_member(WindowUnit, value)


@final
@attrs.frozen(kw_only=True)
class ObjectiveWindow:
    """The window of an objective: rolling up to now, or aligned to a calendar.

    Attributes:
        count: How many units.
        unit: The unit; a rolling window has one of fixed length.
        starts: The wall time at which the first calendar window begins; None for a rolling one.
        zone: The zone of that wall time.

    Raises:
        InvalidValueError: A rolling window has months, or `starts` is an instant.
    """

    count: int = 1
    unit: WindowUnit = attrs.field(converter=_unit)
    starts: datetime | None = None
    zone: str = attrs.field(default="UTC", converter=zone_name)

    def __attrs_post_init__(self) -> None:
        whole_number(self.count, "count", least=1, most=100_000)
        if self.starts is None:
            if self.unit not in _FIXED:
                raise InvalidValueError(
                    f"a rolling window of {self.unit} has no fixed length",
                    hint="use days, or a calendar window",
                    path="unit",
                )
        elif instance_of(datetime, self.starts).tzinfo is not None:
            raise InvalidValueError(
                f"`{self.starts}` is an instant, not a wall time", path="starts"
            )

    def around(self, at: datetime) -> tuple[datetime, datetime]:
        """Return the window in which an instant lies, half-open; a rolling one ends with it.

        Days, weeks and longer units are civil: a day of a clock change has 23 or 25 hours.

        Raises:
            InvalidValueError: The first calendar window begins later.
        """
        now = instant_of(at)
        if self.starts is None:
            return now - self.count * _FIXED[self.unit], now
        number = self._first_guess(now)
        while number > 0 and self._start(number) > now:
            number -= 1
        while self._start(number + 1) <= now:
            number += 1
        start = self._start(number)
        if start > now:
            raise InvalidValueError(
                f"the first window begins at `{text_of(start)}`, after `{text_of(now)}`"
            )
        return start, self._start(number + 1)

    @property
    def first_start(self) -> datetime | None:
        """The instant at which the first calendar window begins; None for a rolling window."""
        return None if self.starts is None else self._start(0)

    def _first_guess(self, now: datetime) -> int:
        months = _MONTHS.get(self.unit)
        length = _FIXED[self.unit] if months is None else timedelta(days=31 * months)
        passed = (now - self._start(0)) // (length * self.count)
        return max(0, passed - 1)

    def _start(self, number: int) -> datetime:
        first, zone = self.starts or datetime.min, load_zone(self.zone)  # noqa: DTZ901 - wall time
        steps = number * self.count
        if self.unit in {WindowUnit.MINUTES, WindowUnit.HOURS}:
            begins = from_micros(zone.instant(day_number(first.date()), _seconds(first)))
            return begins + steps * _FIXED[self.unit]
        months = _MONTHS.get(self.unit)
        day = (
            add_months(first.date(), steps * months)
            if months is not None
            else add_days(first.date(), steps * _FIXED[self.unit].days)
        )
        return from_micros(zone.instant(day_number(day), _seconds(first)))


def _seconds(wall: datetime) -> int:
    return wall.hour * 3600 + wall.minute * 60 + wall.second


def _percent(value: Exact) -> Fraction:
    return exact_number(value, "percent")


@final
@attrs.frozen(kw_only=True)
class ServiceObjective:
    """The percentage of a window in which a service should be up.

    Attributes:
        id: Names the objective.
        service: The service.
        percent: From 0 to below 100, exactly.
        window: The window.

    Raises:
        InvalidValueError: The percentage lies outside.
    """

    id: str = attrs.field(converter=identifier)
    service: str = attrs.field(converter=identifier)
    percent: Fraction = attrs.field(converter=_percent)
    window: ObjectiveWindow

    def __attrs_post_init__(self) -> None:
        instance_of(ObjectiveWindow, self.window)
        if not 0 <= self.percent < 100:  # noqa: PLR2004 - percent
            raise InvalidValueError(
                f"an objective of `{self.percent}` percent is not from 0 to below 100",
                path="percent",
            )

    def has_begun(self, at: datetime) -> bool:
        """Return whether a window of the objective ends at an instant, or lies around it."""
        first, now = self.window.first_start, instant_of(at)
        return first is None or first < now

    def window_at(self, at: datetime) -> tuple[datetime, datetime]:
        """Return the window that an instant ends or lies in, half-open.

        Raises:
            InvalidValueError: The first calendar window begins then or later.
        """
        end = instant_of(at)
        found = self.window.around(end)
        return self.window.around(end - MICROSECOND) if found[0] == end else found

    def budget(
        self,
        outages: Iterable[Outage],
        at: datetime,
        *,
        maintenance: Iterable[MaintenanceWindow] = (),
        rules: AvailabilityRules | None = None,
    ) -> ErrorBudget:
        """Return the error budget of the window in which an instant lies, measured up to it.

        An instant at which a calendar window ends is the end of that window, of which all is
        measured then, and not the beginning of the next one.

        Args:
            outages: Outages, of which those of the service count.
            at: The instant.
            maintenance: Planned maintenance; that of other services does not count.
            rules: How availability is counted.

        Raises:
            InvalidValueError: The first calendar window begins then or later.
        """
        start, after = self.window_at(at)
        found = measure_availability(
            outages,
            start,
            instant_of(at),
            maintenance=maintenance,
            rules=rules,
            service=self.service,
        )
        return ErrorBudget(objective=self.percent, availability=found, window=after - start)
