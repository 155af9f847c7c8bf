"""Cut-offs: requests that come late on a business day and count as received on the next one.

A cut-off is a wall-clock time of a business day, such as `15:00`. A depot that ships on the next
business day states one, so that a request at 16:00 is treated as one of the next morning.
"""

from __future__ import annotations

from entitlements.calendars.business_hours import BusinessHours
from entitlements.calendars.options import Anchor
from entitlements.calendars.timeline.zones import load_zone
from entitlements.calendars.week import DAY_SECONDS, format_time, parse_time
from entitlements.kernel.instants import DAY, SECOND, from_micros, to_micros

_MOST_DAYS_OF_WINDOWS = 3
"""Windows of a date end at 48:00 at the latest, and clocks differ from UTC by up to a day."""


def cut_off_text(value: str) -> str:
    """Return a cut-off as `HH:MM`, or `HH:MM:SS` if it has seconds; used as a converter.

    >>> cut_off_text("9:00")
    '09:00'

    Raises:
        InvalidValueError: `value` is not a time from 00:00 to 48:00.
    """
    return format_time(parse_time(value, 2 * DAY_SECONDS))


def cut_off_seconds(text: str) -> int:
    """Return the seconds after midnight of a cut-off."""
    return parse_time(text, 2 * DAY_SECONDS)


def received_at(hours: BusinessHours, at: int, cut_off: int) -> int:
    """Return when a request at `at` counts as received.

    On a business day (from its first opening to its last closing) and before the cut-off that is
    `at`, or the next opening during a break. From the cut-off on it is the first opening of the
    next business day. Outside business days it is the next opening.

    Args:
        hours: The business hours, which count days in one zone.
        at: The instant, in microseconds.
        cut_off: Seconds after the midnight of the business day; more than 86,400 for windows that
            end on the next date.

    >>> from entitlements.calendars import Calendar
    >>> from entitlements.kernel import utc
    >>> desk = Calendar(zone="UTC", week="Mo-Fr 09:00-12:00,13:00-17:00")
    >>> def received(text: str) -> str:
    ...     return from_micros(received_at(desk, to_micros(utc(text)), 15 * 3600)).isoformat()[:16]
    >>> received("2026-03-26T14:59Z"), received("2026-03-26T15:00Z"), received("2026-03-26T12:30Z")
    ('2026-03-26T14:59', '2026-03-27T09:00', '2026-03-26T13:00')

    Raises:
        NeverReachedError: There is no business day after the cut-off.
    """
    zone = load_zone(hours.zone)
    wall = zone.wall(at)
    today = wall // DAY
    for day in range(today, today - _MOST_DAYS_OF_WINDOWS, -1):
        bounds = hours.day_bounds(day)
        if bounds is not None and bounds[0] <= at < bounds[1]:
            if wall - day * DAY < cut_off * SECOND:
                break
            return _first_opening_after(hours, at, 1 if day == today else 0)
    timeline = hours.timeline
    if timeline.is_open(at):
        return at
    opening = timeline.next_open(at)
    return at if opening is None else opening


def _first_opening_after(hours: BusinessHours, at: int, count: int) -> int:
    """Return the first opening of a business day after `at`, at least `count` days from it."""
    while True:
        opening = to_micros(hours.add_days(from_micros(at), count, anchor=Anchor.START))
        if opening > at:
            return opening
        count += 1
