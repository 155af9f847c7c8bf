"""From the dates of a contract to half-open instants.

A term "from 1 January to 31 December" is `[1 January 00:00, 1 January 00:00)` in the contract's
zone: the last day belongs to it, the first instant of the next does not. Months are calendar
months, clamped to the last day of a shorter one. What lies past the last instant that anybody can
ask about is never.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta

from entitlements.calendars.timeline.zones import FIRST_MICROS, LAST_MICROS, day_number, load_zone
from entitlements.kernel.errors import InvalidValueError, LimitExceededError
from entitlements.kernel.instants import EARLIEST, END_OF_TIME, LATEST, to_micros


def day_start(day: date, zone: str) -> int:
    """Return the first instant of `day` in `zone`, in microseconds.

    Where a clock change swallows midnight, that is the first instant after the gap. A day that
    begins before all instants has begun at the first of them; one after all of them never begins.
    """
    if day.year >= LATEST.year:
        return END_OF_TIME
    return clamped(max(FIRST_MICROS, load_zone(zone).instant(day_number(day))))


def day_end(day: date, zone: str) -> int:
    """Return the first instant after `day` in `zone`, in microseconds.

    A day at the end of the calendar, such as 9999-12-31, is how people write "never".
    """
    if day.year > LATEST.year - 1:
        return END_OF_TIME
    return day_start(day + timedelta(days=1), zone)


def clamped(at: int) -> int:
    """Return `at`, or never where it lies past the last instant that can be asked about."""
    return at if at <= LAST_MICROS else END_OF_TIME


def add_days(day: date, days: int) -> date:
    """Return the day so many days later, or the last one there is: a long grace has no end."""
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


def boundary(when: date | datetime, zone: str, *, end: bool = False) -> int:
    """Return an edge of a validity in microseconds: instants as they are, dates by their day."""
    if isinstance(when, datetime):
        return to_micros(when)
    return day_end(when, zone) if end else day_start(when, zone)


def check_day(day: date | None, what: str) -> None:
    """Refuse what is no day, or a day on which nobody can ask.

    Raises:
        InvalidValueError: It is an instant, or text.
        LimitExceededError: The day lies outside the years 2 to 9997.
    """
    _check_kind(day, what)
    if day is not None and not EARLIEST.year <= day.year < LATEST.year:
        raise LimitExceededError(f"{what} names `{day}`, which lies outside the years 2 to 9997")


def check_date_range(start: date | None, end: date | None, what: str) -> None:
    """Refuse a validity whose last day lies before its first.

    The last day alone may lie past the year 9997, for that is how people write "never".

    Raises:
        InvalidValueError: That is so, or one of them is no day.
        LimitExceededError: The first day lies outside the years 2 to 9997.
    """
    check_day(start, what)
    _check_kind(end, what)
    if start is not None and end is not None and end < start:
        raise InvalidValueError(
            f"{what} ends on `{end}`, before it starts on `{start}`", hint="swap the two dates"
        )


def _check_kind(day: object, what: str) -> None:
    # Each datetime is a date to Python, and yet the two cannot be compared.
    if day is not None and (isinstance(day, datetime) or not isinstance(day, date)):
        raise InvalidValueError(f"{what} names `{day}`, which is not a day", hint="give a date")
