"""Oracle of open time, minute by minute.

It asks for each minute (or second) of an interval whether it is open, directly from the rules, and
then only counts. It shares nothing with the calendars but their values, and has no notion of a
period, a week or a clock change: it is slow, and obviously right.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from datetime import date, datetime, timedelta
from importlib.resources import files
from itertools import accumulate
from typing import final
from zoneinfo import ZoneInfo

from entitlements.calendars.business_hours import BusinessHours
from entitlements.calendars.calendar import Calendar
from entitlements.calendars.combined.composite import CompositeCalendar
from entitlements.calendars.options import SetOperator

_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)
# Longer than any clock was ever set back.
_LEAD = timedelta(hours=26)


@final
class Painting:
    """A stretch of time, cut into cells, each of which is open or closed.

    All boundaries of the hours and all clock changes must fall between two cells.

    Attributes:
        start: Where the first cell begins, in UTC.
        end: Where the last cell ends.
        step: The length of a cell.
        cells: One byte for each cell, 1 if it is open.
    """

    def __init__(
        self, hours: BusinessHours, start: datetime, end: datetime, step: timedelta = _MINUTE
    ) -> None:
        self.start, self.end, self.step = start, end, step
        self.cells = _paint(hours, start, end, step)
        self._counts = [0, *accumulate(self.cells)]

    def is_open(self, at: datetime) -> bool:
        """Return whether the cell that `at` lies in is open."""
        return bool(self.cells[(at - self.start) // self.step])

    def elapsed(self, at: datetime) -> timedelta:
        """Return the open time from the start of the painting to `at`."""
        number, rest = divmod(at - self.start, self.step)
        partly = rest if rest and self.cells[number] else timedelta()
        return self._counts[number] * self.step + partly

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Return the open time from `start` to `end`; negative if `end` is the earlier one."""
        return self.elapsed(end) - self.elapsed(start)

    def add(self, at: datetime, amount: timedelta) -> datetime | None:
        """Return where `amount` of open time is used up, or None if that is off the painting."""
        if not amount:
            return at
        number, rest = divmod(self.elapsed(at) + amount, self.step)
        if amount > timedelta():
            full = bisect_left(self._counts, number + bool(rest))
            if full > len(self.cells) or number < 0:
                return None
            return self.start + full * self.step - (self.step - rest if rest else timedelta())
        cell = bisect_right(self._counts, number) - 1
        return self.start + cell * self.step + rest if 0 <= cell < len(self.cells) else None

    def next_open(self, at: datetime) -> datetime | None:
        """Return the first change to open after `at`, or None if it is off the painting."""
        return self._next(at, b"\0\1")

    def next_close(self, at: datetime) -> datetime | None:
        """Return the first change to closed after `at`, or None if it is off the painting."""
        return self._next(at, b"\1\0")

    def previous_open(self, at: datetime) -> datetime | None:
        """Return the last change to open before `at`, or None if it is off the painting."""
        return self._previous(at, b"\0\1")

    def previous_close(self, at: datetime) -> datetime | None:
        """Return the last change to closed before `at`, or None if it is off the painting."""
        return self._previous(at, b"\1\0")

    def _next(self, at: datetime, change: bytes) -> datetime | None:
        found = self.cells.find(change, (at - self.start) // self.step)
        return None if found < 0 else self.start + (found + 1) * self.step

    def _previous(self, at: datetime, change: bytes) -> datetime | None:
        number, rest = divmod(at - self.start, self.step)
        found = self.cells.rfind(change, 0, number + bool(rest))
        return None if found < 0 else self.start + (found + 1) * self.step


def _paint(hours: BusinessHours, start: datetime, end: datetime, step: timedelta) -> bytes:
    match hours:
        case CompositeCalendar(operator=operator, parts=parts):
            paintings = [_paint(each, start, end, step) for each in parts]
            return bytes(map(_MIXED[operator], zip(*paintings, strict=True)))
        case Calendar():
            return _paint_calendar(hours, start, end, step)
        case _:
            raise TypeError(f"`{hours!r}` cannot be painted")


_MIXED: dict[SetOperator, Callable[[tuple[int, ...]], int]] = {
    SetOperator.ANY: any,
    SetOperator.ALL: all,
    SetOperator.EXCEPT: lambda cells: bool(cells[0]) and not any(cells[1:]),
    SetOperator.NOT: lambda cells: not cells[0],
}


def _paint_calendar(calendar: Calendar, start: datetime, end: datetime, step: timedelta) -> bytes:
    with files("tzdata").joinpath("zoneinfo", *calendar.zone.split("/")).open("rb") as data:
        zone = ZoneInfo.from_file(data)
    closed = [(each.start, each.end) for each in calendar.closures]
    hours: dict[date, list[set[tuple[int, int]]]] = {}
    cells = bytearray()
    at = start - (_LEAD // step + 1) * step
    # A wall time has come when the clock has ever shown it: a clock set back does not undo it.
    latest = at.astimezone(zone).replace(tzinfo=None)
    while at < end:
        latest = max(latest, at.astimezone(zone).replace(tzinfo=None))
        if at >= start:
            is_closed = any(first <= at < last for first, last in closed)
            cells.append(not is_closed and _is_window(calendar, latest, hours))
        at += step
    return bytes(cells)


def _is_window(
    calendar: Calendar, clock: datetime, hours: dict[date, list[set[tuple[int, int]]]]
) -> bool:
    """Return whether a window of today, yesterday or the day before holds the clock's time."""
    seconds = clock.hour * 3600 + clock.minute * 60 + clock.second
    for days_ago in range(3):
        day = clock.date() - days_ago * _DAY
        if day not in hours:
            hours[day] = _windows_on(calendar, day)
        now = seconds + days_ago * 86_400
        if all(any(start <= now < end for start, end in each) for each in hours[day]):
            return True
    return False


def _windows_on(calendar: Calendar, day: date) -> list[set[tuple[int, int]]]:
    """Return the rules for `day`: windows of which one must hold, for each rule that applies."""
    for dated in calendar.dated:
        if dated.date == day:
            return [set(dated.stated)]
    holidays = [
        set(holiday_set.hours.get(holiday.category, ()))
        for holiday_set in calendar.holidays
        for holiday in holiday_set.holidays
        if holiday.date == day
    ]
    week = calendar.week
    for change in calendar.changes:
        if change.date <= day:
            week = change.week
    return holidays or [set(week.stated[day.weekday()])]
