"""Day boundaries: first and last instants of contract dates in a time zone; month arithmetic.

A term "from 1 January to 31 December" is `[1 January 00:00, 1 January 00:00)` in the contract's
zone: the last day belongs to it, the first instant of the next day does not. Months are calendar
months, clamped to the last day of a shorter one. What lies after the last supported instant never
happens: it becomes `END_OF_TIME`.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

from entitlements.calendars.timeline.zones import FIRST_MICROS, LAST_MICROS, day_number, load_zone
from entitlements.kernel.converters import instance_of
from entitlements.kernel.errors import InvalidValueError, LimitExceededError
from entitlements.kernel.instants import EARLIEST, END_OF_TIME, LATEST, to_micros

_MAX_KEPT: Final = 16_384


@lru_cache(maxsize=_MAX_KEPT)
def day_start(day: date, zone: str) -> int:
    """Return the first instant of `day` in `zone`, in microseconds.

    Where a clock change skips midnight, that is the first instant after the gap. A day before the
    first supported instant begins at that instant; a day after the last one never begins.
    """
    if day.year >= LATEST.year:
        return END_OF_TIME
    return clamped(max(FIRST_MICROS, load_zone(zone).instant(day_number(day))))


def day_end(day: date, zone: str) -> int:
    """Return the first instant after `day` in `zone`, in microseconds.

    A day at the end of the calendar, such as 9999-12-31, means "never" and gives `END_OF_TIME`.
    """
    if day.year > LATEST.year - 1:
        return END_OF_TIME
    return day_start(day + timedelta(days=1), zone)


def clamped(at: int) -> int:
    """Return `at`, or `END_OF_TIME` where `at` lies after the last supported instant."""
    return at if at <= LAST_MICROS else END_OF_TIME


def add_days(day: date, days: int) -> date:
    """Return the day `days` later, or the last day of the calendar if that comes first."""
    return date.fromordinal(min(day.toordinal() + days, date.max.toordinal()))


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


def latest_day_of_notice(last: date, *, months: int = 0, days: int = 0) -> date:
    """Return the latest day whose period of notice, of months or of days, ends by a last day.

    That is not always so many months earlier: of one month to 30 April, notice on 31 March is in
    time. BGB 188 (3) has the rule.

    >>> latest_day_of_notice(date(2026, 4, 30), months=1)
    datetime.date(2026, 3, 31)

    Raises:
        LimitExceededError: Months lie outside of the years 2 to 9997.
    """
    if not months:
        return date.fromordinal(max(1, last.toordinal() - days))
    day = add_months(last, -months)
    while add_months(add_days(day, 1), months) <= last:
        day = add_days(day, 1)
    return day


def boundary(when: date | datetime, zone: str, *, end: bool = False) -> int:
    """Return a boundary in microseconds: of an instant, or of the start or end of a date."""
    if isinstance(when, datetime):
        return to_micros(when)
    return day_end(when, zone) if end else day_start(when, zone)


def check_day(day: date | None, what: str) -> None:
    """Raise unless `day` is None or a date within the supported years.

    Args:
        day: The date to check.
        what: What has the date, for the message.

    Raises:
        InvalidValueError: It is not a date: a datetime, or text.
        LimitExceededError: The day lies outside the years 2 to 9997.
    """
    _check_kind(day, what)
    if day is not None and not EARLIEST.year <= day.year < LATEST.year:
        raise LimitExceededError(f"{what} names `{day}`, which lies outside the years 2 to 9997")


def check_date_range(start: date | None, end: date | None, what: str) -> None:
    """Raise unless `start` and `end` are dates in this order; None is open.

    Only the last day may lie after the year 9997, because a date such as 9999-12-31 means "never".

    Raises:
        InvalidValueError: The last day is before the first, or one of them is not a date.
        LimitExceededError: The first day lies outside the years 2 to 9997.
    """
    check_day(start, what)
    _check_kind(end, what)
    if start is not None and end is not None and end < start:
        raise InvalidValueError(
            f"{what} ends on `{end}`, before it starts on `{start}`", hint="swap the two dates"
        )


def check_months(months: int | None, end: date | None, what: str) -> None:
    """Raise unless a term has a last day, or a positive number of months, or neither.

    Raises:
        InvalidValueError: It has both, or less than one month.
    """
    if months is None:
        return
    if instance_of(int, months) < 1:
        raise InvalidValueError(f"{what} has `{months}` months", hint="give at least 1")
    if end is not None:
        raise InvalidValueError(f"{what} has both `months` and `end`", hint="leave one out")


def _check_kind(day: object, what: str) -> None:
    # In Python each datetime is a date, but the two cannot be compared.
    if day is not None and (isinstance(day, datetime) or not isinstance(day, date)):
        raise InvalidValueError(
            f"{what} names `{day!r}`, which is not a date", hint="pass a `datetime.date`"
        )
