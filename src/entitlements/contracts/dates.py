"""From the dates of a contract to half-open instants.

A term "from 1 January to 31 December" is `[1 January 00:00, 1 January 00:00)` in the contract's
zone: the last day belongs to it, the first instant of the next does not. Months are calendar
months, clamped to the last day of a shorter one.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import Final

from entitlements.calendars.zones import load_zone
from entitlements.contracts.steps import END
from entitlements.kernel.errors import InvalidValueError, LimitExceededError
from entitlements.kernel.instants import EARLIEST, LATEST, to_micros

_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()


def day_start(day: date, zone: str) -> int:
    """Return the first instant of `day` in `zone`, in microseconds.

    Where a clock change swallows midnight, that is the first instant after the gap.
    """
    return load_zone(zone).instant(day.toordinal() - _EPOCH_DAY)


def day_end(day: date, zone: str) -> int:
    """Return the first instant after `day` in `zone`, in microseconds.

    A day at the end of the calendar, such as 9999-12-31, is how people write "never".
    """
    if day.year > LATEST.year - 1:
        return END
    return day_start(day + timedelta(days=1), zone)


def add_months(day: date, months: int) -> date:
    """Return the same day `months` later, or the last day of a month too short for it.

    >>> add_months(date(2026, 1, 31), 1), add_months(date(2026, 3, 31), -1)
    (datetime.date(2026, 2, 28), datetime.date(2026, 2, 28))

    Raises:
        LimitExceededError: That is outside the years 2 to 9997.
    """
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    if not EARLIEST.year <= year < LATEST.year:
        raise LimitExceededError(f"`{months}` months from `{day}` lie outside the years 2 to 9997")
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def edge(when: date | datetime, zone: str, *, end: bool = False) -> int:
    """Return an edge of a validity in microseconds: instants as they are, dates by their day."""
    if isinstance(when, datetime):
        return to_micros(when)
    return day_end(when, zone) if end else day_start(when, zone)


def check_order(start: date | None, end: date | None, what: str) -> None:
    """Refuse a validity whose last day lies before its first."""
    if start is not None and end is not None and end < start:
        raise InvalidValueError(
            f"{what} ends on `{end}`, before it starts on `{start}`", hint="swap the two dates"
        )
