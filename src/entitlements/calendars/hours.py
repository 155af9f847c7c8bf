"""When is it open, and when is an amount of open time used up?

`BusinessHours` is any open time: one zone's calendar or a composition of several. Instants go in
as aware datetimes of any zone and come out in UTC; all arithmetic is done by `timeline`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, final

import attrs

from entitlements.calendars.timeline import Timeline
from entitlements.calendars.zones import FIRST_DAY, LAST_DAY, load_zone
from entitlements.kernel.errors import InvalidValueError, NeverReachedError
from entitlements.kernel.instants import DAY, SECOND, from_micros, to_micros
from entitlements.kernel.spans import Span

_MICROSECOND: Final = timedelta(microseconds=1)
_LONGEST_IDLE: Final = 20_000


class Anchor(StrEnum):
    """Which instant of the n-th business day is meant."""

    SAME_TIME = "same_time"
    START = "start"
    END = "end"


class Landing(StrEnum):
    """Which instant is meant when an amount is used up exactly at closing."""

    CLOSING = "closing"
    NEXT_OPENING = "next_opening"


@final
@attrs.frozen
class BusinessDays:
    """A number of business days; no duration, so it says which instant of the last day it means.

    >>> BusinessDays(2, anchor="end").anchor
    <Anchor.END: 'end'>
    """

    count: int
    anchor: Anchor = attrs.field(converter=Anchor, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if type(self.count) is not int:
            raise InvalidValueError(
                f"`{self.count!r}` is not a number of days", hint="pass a whole number"
            )


class BusinessHours(ABC):
    """Open time, asked with aware datetimes.

    Windows are half-open: an opening instant is open, a closing instant is closed.
    """

    __slots__ = ()

    @property
    @abstractmethod
    def name(self) -> str:
        """What the hours are called; empty if they have no name."""

    @property
    @abstractmethod
    def timeline(self) -> Timeline:
        """The same hours for programs that count: integers in, integers out."""

    @property
    @abstractmethod
    def fingerprint(self) -> str:
        """A digest of the normal form: equal for equal hours, on every machine."""

    @abstractmethod
    def day_bounds(self, day: int) -> tuple[int, int] | None:
        """Return first opening and last closing of business day `day`, or None if it is none."""

    @property
    @abstractmethod
    def zone(self) -> str:
        """The zone in which days are counted."""

    def is_open(self, at: datetime) -> bool:
        """Return whether the instant `at` is open."""
        return self.timeline.is_open(to_micros(at))

    def next_open(self, at: datetime) -> datetime | None:
        """Return the first opening strictly after `at`, or None if there is none."""
        return _instant(self.timeline.next_open(to_micros(at)))

    def next_close(self, at: datetime) -> datetime | None:
        """Return the first closing strictly after `at`, or None if there is none."""
        return _instant(self.timeline.next_close(to_micros(at)))

    def previous_open(self, at: datetime) -> datetime | None:
        """Return the last opening strictly before `at`, or None if there is none."""
        return _instant(self.timeline.previous_open(to_micros(at)))

    def previous_close(self, at: datetime) -> datetime | None:
        """Return the last closing strictly before `at`, or None if there is none."""
        return _instant(self.timeline.previous_close(to_micros(at)))

    def roll_forward(self, at: datetime) -> datetime | None:
        """Return `at` if it is open, else the next opening, or None if there is none."""
        micros = to_micros(at)
        timeline = self.timeline
        return from_micros(micros) if timeline.is_open(micros) else self.next_open(at)

    def roll_back(self, at: datetime) -> datetime | None:
        """Return `at` if it is open, else the last closing at or before it, or None."""
        micros = to_micros(at)
        timeline = self.timeline
        if timeline.is_open(micros) or timeline.is_open(micros - 1):
            return from_micros(micros)
        return self.previous_close(at)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Return the open time from `start` to `end`; negative if `end` is the earlier one."""
        timeline = self.timeline
        micros = timeline.elapsed(to_micros(end)) - timeline.elapsed(to_micros(start))
        return timedelta(microseconds=micros)

    def add(
        self, at: datetime, amount: timedelta, *, landing: Landing = Landing.CLOSING
    ) -> datetime:
        """Return the instant at which `amount` of open time since `at` is used up.

        For a positive amount it is the earliest such instant, so it may be a closing; for a
        negative one the latest, so it may be an opening. Nothing moves for zero. These rules make
        waiting add up: first `a`, then `b`, is waiting for `a + b`.

        Args:
            at: Aware instant, open or not.
            amount: Open time, not elapsed time; negative to go back.
            landing: `NEXT_OPENING` moves a result that is a closing to the opening after it.

        Raises:
            InvalidValueError: `at` is naive.
            NeverReachedError: There is not that much open time.
            LimitExceededError: The result lies outside the years 2 to 9997.
        """
        start, micros = to_micros(at), amount // _MICROSECOND
        if not micros:
            return from_micros(start)
        timeline = self.timeline
        before = timeline.elapsed(start)
        try:
            if micros < 0:
                return from_micros(timeline.reach_latest(before + micros))
            due = timeline.reach(before + micros)
        except NeverReachedError as error:
            raise self._never(start, error, before) from None
        if landing == Landing.NEXT_OPENING and not timeline.is_open(due):
            opening = timeline.next_open(due)
            if opening is None:
                raise NeverReachedError(
                    from_micros(due), timedelta(), hint="it never opens after that closing"
                )
            return from_micros(opening)
        return from_micros(due)

    def _never(self, start: int, error: NeverReachedError, before: int) -> NeverReachedError:
        available = abs(self.timeline.elapsed(to_micros(error.since)) - before)
        return NeverReachedError(from_micros(start), timedelta(microseconds=available))

    def add_days(self, at: datetime, count: int, *, anchor: Anchor) -> datetime:
        """Return an instant of the business day that is `count` business days from `at`.

        A business day is a date on which a window starts. Counting begins at the date of `at`,
        which is not counted; for zero it is that date, or the next business day if it is none.

        Args:
            at: Aware instant; its date in the zone of the hours counts.
            count: How many business days further; negative to go back.
            anchor: `START` is the day's first opening, `END` its last closing, `SAME_TIME` the
                wall-clock time of `at`, open or not.

        Raises:
            InvalidValueError: `at` is naive, or `count` is no whole number.
            NeverReachedError: There are not that many business days.
        """
        start = to_micros(at)
        days = BusinessDays(count, anchor=anchor)
        zone = load_zone(self.zone)
        today, clock = divmod(zone.wall(start), DAY)
        day = nth_business_day(self, today, days.count, since=start)
        if days.anchor is Anchor.SAME_TIME:
            return from_micros(zone.instant(day, clock // SECOND) + clock % SECOND)
        opening, closing = self.day_bounds(day) or (0, 0)
        return from_micros(opening if days.anchor is Anchor.START else closing)

    def periods(self, start: datetime, end: datetime) -> Iterator[Span]:
        """Yield the open time from `start` up to `end` as spans, in order, cut to that range."""
        low, high = to_micros(start), to_micros(end)
        return (Span(from_micros(a), from_micros(b)) for a, b in _periods(self.timeline, low, high))


def nth_business_day(hours: BusinessHours, today: int, count: int, *, since: int) -> int:
    """Return the `count`-th business day after (or before) the day number `today`."""
    step, left, day, idle = (-1 if count < 0 else 1), abs(count), today, 0
    if not count:
        day, left = today - 1, 1
    while left:
        day += step
        found = FIRST_DAY < day < LAST_DAY and hours.day_bounds(day) is not None
        left, idle = left - found, 0 if found else idle + 1
        if idle > _LONGEST_IDLE:
            raise NeverReachedError(from_micros(since), timedelta())
    return day


def _periods(timeline: Timeline, low: int, high: int) -> Iterator[tuple[int, int]]:
    at: int | None = low if timeline.is_open(low) else timeline.next_open(low)
    while at is not None and at < high:
        end = timeline.next_close(at)
        if end is None or end >= high:
            yield at, high
            return
        yield at, end
        at = timeline.next_open(end)


def _instant(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)
