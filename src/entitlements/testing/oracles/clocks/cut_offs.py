"""Oracle of cut-offs: when a request counts as received, by looking at dates and windows.

Part of the walk in `entitlements.testing.oracles.sla`. It knows calendars without closures, whose
windows do not touch a clock change.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from entitlements.calendars import BusinessHours, Calendar


def received(hours: BusinessHours, at: datetime, cut_off: str, step: timedelta) -> datetime:
    """Return when a request at `at` counts as received.

    From the cut-off of a business day to its last closing, that is the first opening of the next
    business day; otherwise the next open instant.
    """
    calendar = _calendar(hours)
    hour, minute = map(int, cut_off.split(":"))
    now = datetime.fromisoformat(calendar.local(at).naive().isoformat())
    for back in range(3):
        day = (now - timedelta(days=back)).date()
        windows = calendar.windows_on(day)
        since_midnight = (now - datetime(day.year, day.month, day.day)).total_seconds()  # noqa: DTZ001 - a wall clock
        if windows and windows[0][0] <= since_midnight < windows[-1][1]:
            if since_midnight >= hour * 3600 + minute * 60:
                return _first_opening_after(calendar, day)
            break
    while not calendar.is_open(at):
        at += step
    return at


def _first_opening_after(calendar: Calendar, day: date) -> datetime:
    following = day + timedelta(days=1)
    while not calendar.windows_on(following):
        following += timedelta(days=1)
    first = calendar.windows_on(following)[0][0]
    return calendar.at(following, f"{first // 3600:02}:{first % 3600 // 60:02}")


def _calendar(hours: BusinessHours) -> Calendar:
    if not isinstance(hours, Calendar):
        raise TypeError("the oracle of cut-offs knows single calendars only")
    return hours
