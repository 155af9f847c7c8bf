"""A week of open time as lines of text: a mark for each half hour."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from entitlements.calendars.business_hours import BusinessHours, open_intervals
from entitlements.calendars.combined.composite import CompositeCalendar
from entitlements.calendars.timeline.zones import (
    Zone,
    date_of_day_number,
    day_number,
    load_zone,
)
from entitlements.kernel.errors import InvalidValueError

OPEN: Final = "█"
PARTLY_OPEN: Final = "▄"
CLOSED: Final = "·"
SKIPPED: Final = " "
_HALF_HOURS: Final = 48
_SECONDS: Final = 1800
_HEAD: Final = "       00    03    06    09    12    15    18    21    24"


def monday_of(day: date) -> date:
    """Return the Monday of the week of `day`."""
    return day - timedelta(days=day.weekday())


def in_one_zone(hours: BusinessHours) -> BusinessHours:
    """Return `hours` with days of one zone: UTC for a combination of several zones."""
    try:
        _ = hours.zone
    except InvalidValueError:
        if isinstance(hours, CompositeCalendar):
            return hours.in_zone("UTC")
        raise
    return hours


def week_text(hours: BusinessHours, first: date) -> tuple[str, ...]:
    """Return seven dates of open time: a head line, then a line for each date.

    `█` is open, `·` is closed, `▄` is open in part, and a blank is half an hour that a clock change
    skips. An hour that a clock change repeats is drawn once.

    >>> from entitlements.calendars import Calendar
    >>> week_text(Calendar(zone="UTC", week="Mo-Fr 09:00-17:00"), date(2026, 3, 23))[1]
    'Mon 23 ··················████████████████··············'

    Raises:
        NotCoveredError: The holidays of that week are not known.
    """
    local = in_one_zone(hours)
    zone, start = load_zone(local.zone), day_number(first)
    return (_HEAD, *(_line(local, zone, start + number) for number in range(7)))


def _line(hours: BusinessHours, zone: Zone, day: int) -> str:
    edges = [zone.instant(day, _SECONDS * number) for number in range(_HALF_HOURS)]
    edges.append(zone.instant(day + 1))
    periods = list(open_intervals(hours.timeline, edges[0], edges[-1]))
    marks = "".join(_mark(periods, low, high) for low, high in pairwise(edges))
    return f"{date_of_day_number(day):%a %d} {marks}"


def _mark(periods: list[tuple[int, int]], low: int, high: int) -> str:
    if low == high:
        return SKIPPED
    counted = sum(max(0, min(end, high) - max(start, low)) for start, end in periods)
    return CLOSED if not counted else OPEN if counted == high - low else PARTLY_OPEN
