"""BusinessHours: questions about open time, with aware datetimes.

`BusinessHours` is the base of `Calendar` and of what `|`, `&`, `-` and `~` make of calendars.
Arguments are aware datetimes of any zone, results are in UTC; `timeline` does the arithmetic on
integers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any, Final, TypeAlias

import pendulum

from entitlements.calendars.exceptions import calendar_date
from entitlements.calendars.explanation import MAX_WINDOWS, AddExplanation
from entitlements.calendars.options import Anchor, BusinessDays, Landing, SetOperator, as_landing
from entitlements.calendars.state import Closed, HoursCause, Open, SkippedDay, State
from entitlements.calendars.timeline.open_time import OpenTime
from entitlements.calendars.timeline.timeline import Timeline
from entitlements.calendars.timeline.zones import (
    FIRST_DAY,
    LAST_DAY,
    day_number,
    load_zone,
    tz_release,
)
from entitlements.calendars.week import DAY_SECONDS, parse_time
from entitlements.kernel.errors import InvalidValueError, LimitExceededError, NeverReachedError
from entitlements.kernel.instants import (
    DAY,
    MICROSECOND,
    from_micros,
    from_micros_or_none,
    to_micros,
    utc,
)
from entitlements.kernel.periods.spans import Span

NormalForm: TypeAlias = tuple[Any, ...]

# More days without a business day than the limits of a calendar allow.
_MAX_IDLE_DAYS: Final = 20_000


class BusinessHours(ABC):
    """Open time of a calendar or of several calendars together.

    Windows are half-open: an opening instant is open, a closing instant is closed. Hours with the
    same normal form are equal; names do not count.

    >>> from entitlements.calendars import Calendar
    >>> desk = Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00")
    >>> desk.next_open(utc("2026-03-27T17:00+01:00")).isoformat()
    '2026-03-30T07:00:00+00:00'
    """

    __slots__ = ()

    @property
    @abstractmethod
    def name(self) -> str:
        """The name of the hours; may be empty."""

    @property
    @abstractmethod
    def zone(self) -> str:
        """The zone in which days are counted."""

    @property
    @abstractmethod
    def timeline(self) -> Timeline:
        """The same hours for computations with integers."""

    @property
    @abstractmethod
    def open_time(self) -> OpenTime:
        """The open time from which the timeline is compiled."""

    @property
    @abstractmethod
    def normal_form(self) -> NormalForm:
        """The rules in one form for all equal hours."""

    @property
    @abstractmethod
    def covered(self) -> tuple[int, int] | None:
        """The first instant of the known holidays and the first after them; None for no limit."""

    @abstractmethod
    def day_bounds(self, day: int) -> tuple[int, int] | None:
        """Return first opening and last closing of business day `day`, or None if it is not one.

        Args:
            day: Days since 1970-01-01, in the zone of the hours.
        """

    @abstractmethod
    def causes(self, at: int) -> tuple[HoursCause, ...]:
        """Return the rules that decide whether the instant `at` is open."""

    @abstractmethod
    def skipped(self, low: int, high: int) -> Iterator[SkippedDay]:
        """Yield the dates in `[low, high)` whose hours are not those of the week."""

    @abstractmethod
    def warnings(self, low: int, high: int) -> Iterator[str]:
        """Yield reasons to doubt an answer that uses `[low, high)`, such as unknown holidays."""

    @abstractmethod
    def combined(self, operator: SetOperator, *others: BusinessHours) -> BusinessHours:
        """Combine these hours and `others` with `operator`."""

    @property
    def fingerprint(self) -> str:
        """The digest of the normal form: the same for equal hours, on every machine."""
        from entitlements.kernel.data.digests import digest  # noqa: PLC0415 - on first use

        return digest(self.normal_form)

    def is_open(self, at: datetime) -> bool:
        """Return whether the instant `at` is open."""
        return self.timeline.is_open(to_micros(at))

    def state(self, at: datetime) -> State:
        """Return whether `at` is open, since when, until when and why."""
        micros, timeline = to_micros(at), self.timeline
        because = self.causes(micros)
        if timeline.is_open(micros):
            since, until = timeline.previous_open(micros + 1), timeline.next_close(micros)
            return Open(
                since=from_micros_or_none(since), until=from_micros_or_none(until), because=because
            )
        since, until = timeline.previous_close(micros + 1), timeline.next_open(micros)
        return Closed(
            since=from_micros_or_none(since), until=from_micros_or_none(until), because=because
        )

    def next_open(self, at: datetime) -> datetime | None:
        """Return the first opening strictly after `at`, or None if there is none."""
        return from_micros_or_none(self.timeline.next_open(to_micros(at)))

    def next_close(self, at: datetime) -> datetime | None:
        """Return the first closing strictly after `at`, or None if there is none."""
        return from_micros_or_none(self.timeline.next_close(to_micros(at)))

    def previous_open(self, at: datetime) -> datetime | None:
        """Return the last opening strictly before `at`, or None if there is none."""
        return from_micros_or_none(self.timeline.previous_open(to_micros(at)))

    def previous_close(self, at: datetime) -> datetime | None:
        """Return the last closing strictly before `at`, or None if there is none."""
        return from_micros_or_none(self.timeline.previous_close(to_micros(at)))

    def roll_forward(self, at: datetime) -> datetime | None:
        """Return `at` if it is open, else the next opening, or None if there is none."""
        micros, timeline = to_micros(at), self.timeline
        return from_micros_or_none(
            micros if timeline.is_open(micros) else timeline.next_open(micros)
        )

    def roll_back(self, at: datetime) -> datetime | None:
        """Return `at` if it is open, else the last closing at or before it, or None.

        An opening instant is open, so it stays; see `roll_back_to_closing`.
        """
        micros, timeline = to_micros(at), self.timeline
        return from_micros_or_none(
            micros if timeline.is_open(micros) else timeline.previous_close(micros + 1)
        )

    def roll_back_to_closing(self, at: datetime) -> datetime | None:
        """Return `at` if it is open just before it, else the last closing before it, or None.

        The mirror image of `roll_forward`: an opening instant goes back to the last closing.
        """
        return from_micros_or_none(_closing_at_or_before(self.timeline, to_micros(at)))

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Return the open time from `start` to `end`; negative if `end` is the earlier one."""
        before = self.timeline.open_time_before
        return timedelta(microseconds=before(to_micros(end)) - before(to_micros(start)))

    def add(
        self, at: datetime, amount: timedelta, *, landing: Landing = Landing.CLOSING
    ) -> datetime:
        """Return the instant at which `amount` of open time since `at` is used up.

        For a positive amount it is the earliest such instant, so it may be a closing; for a
        negative one the latest, so it may be an opening. Zero returns `at`. With these rules
        adding `a` and then `b` is the same as adding `a + b`.

        Args:
            at: Aware instant, open or not.
            amount: Open time, not elapsed time; negative to go back.
            landing: `NEXT_OPENING` moves the result of a positive amount from a closing to the
                opening after it. `PREVIOUS_CLOSING` moves the result of a negative or zero amount
                from an opening, or from closed time, to the last closing before it.

        Raises:
            InvalidValueError: `at` is naive, or `amount` or `landing` is not valid.
            NeverReachedError: There is not that much open time.
            LimitExceededError: The result lies outside the years 2 to 9997.
        """
        landing = as_landing(landing)
        start, micros, timeline = to_micros(at), _micros(amount), self.timeline
        try:
            due = timeline.add(start, micros)
        except NeverReachedError as error:
            available = timeline.open_time_before(
                to_micros(error.since)
            ) - timeline.open_time_before(start)
            raise NeverReachedError(
                from_micros(start), timedelta(microseconds=abs(available))
            ) from None
        return from_micros(
            due if landing is Landing.CLOSING else _landed(due, micros, landing, timeline)
        )

    def add_days(self, at: datetime, count: int, *, anchor: Anchor) -> datetime:
        """Return an instant of the business day that is `count` business days from `at`.

        A business day is a date on which a window starts; for combined calendars, a date with open
        time. Counting begins after the date of `at`; zero is that date itself, or the next
        business day if it is not one.

        Args:
            at: Aware instant; its date in the zone of the hours is the first.
            count: Number of business days; negative to go back.
            anchor: `START` is the day's first opening, `END` its last closing, `SAME_TIME` the
                wall-clock time of `at`, open or not.

        Raises:
            InvalidValueError: `at` is naive, or `count` is not a whole number.
            LimitExceededError: `count` is more than 100,000.
            NeverReachedError: There are not that many business days.
        """
        start, days = to_micros(at), BusinessDays(count, anchor=anchor)
        zone = load_zone(self.zone)
        today, clock = divmod(zone.wall(start), DAY)
        day, bounds = self._business_day(today, days.count, start)
        match days.anchor:
            case Anchor.START:
                return from_micros(bounds[0])
            case Anchor.END:
                return from_micros(bounds[1])
            case Anchor.SAME_TIME:
                return from_micros(zone.first_reading(day * DAY + clock))

    def _business_day(self, today: int, count: int, since: int) -> tuple[int, tuple[int, int]]:
        step, left, day, idle = (-1 if count < 0 else 1), abs(count), today, 0
        if not count:
            day, left = today - 1, 1
        while idle < _MAX_IDLE_DAYS and FIRST_DAY < day < LAST_DAY:
            day += step
            bounds = self.day_bounds(day)
            idle = idle + 1 if bounds is None else 0
            left -= bounds is not None
            if bounds is not None and not left:
                return day, bounds
        raise NeverReachedError(
            from_micros(since), timedelta(), hint=f"`{left}` of `{abs(count)}` days are missing"
        )

    def periods(self, start: datetime, end: datetime) -> Iterator[Span]:
        """Yield the open time from `start` to `end` as spans in order, cut to that range."""
        low, high = to_micros(start), to_micros(end)
        each = open_intervals(self.timeline, low, high)
        return (Span(from_micros(opening), from_micros(closing)) for opening, closing in each)

    def at(self, day: date | str, time: str) -> datetime:
        """Return the first instant at which the clock reads `time` on `day`, in UTC.

        A time that a clock change skips is the first instant after the gap.

        Args:
            day: A date, or `2026-03-29`.
            time: `09:00` or `09:00:30`, up to `48:00`.

        Raises:
            InvalidValueError: There is no such date or time.
            LimitExceededError: `day` lies outside the years 2 to 9997.
        """
        number, seconds = day_number(calendar_date(day)), parse_time(time, 2 * DAY_SECONDS)
        return utc(from_micros(load_zone(self.zone).instant(number, seconds)))

    def local(self, at: datetime) -> pendulum.DateTime:
        """Return `at` in the zone of the hours, for people."""
        return pendulum.instance(from_micros(to_micros(at)).astimezone(load_zone(self.zone).tzinfo))

    def explain_add(
        self, at: datetime, amount: timedelta, *, landing: Landing = Landing.CLOSING
    ) -> AddExplanation:
        """Return the steps of `add`; arguments and errors are those of `add`.

        Raises:
            LimitExceededError: The result uses more than 10,000 windows; `add` has no limit.
        """
        due = self.add(at, amount, landing=landing)
        low, high = sorted((to_micros(at), to_micros(due)))
        used = tuple(islice(self.periods(from_micros(low), from_micros(high)), MAX_WINDOWS + 1))
        if len(used) > MAX_WINDOWS:
            raise LimitExceededError(
                f"`{amount}` uses more than {MAX_WINDOWS} windows", hint="use `add`"
            )
        return AddExplanation(
            start=from_micros(to_micros(at)),
            amount=amount,
            landing=as_landing(landing),
            due=due,
            used=used,
            skipped=tuple(self.skipped(low, high)),
            warnings=tuple(self.warnings(low, high)),
            calendar=self.name,
            fingerprint=self.fingerprint,
            tz_release=tz_release(),
        )

    def __or__(self, other: BusinessHours) -> BusinessHours:
        """Return the hours in which at least one of both is open."""
        return self.combined(SetOperator.ANY, other) if _are_hours(other) else NotImplemented

    def __and__(self, other: BusinessHours) -> BusinessHours:
        """Return the hours in which both are open."""
        return self.combined(SetOperator.ALL, other) if _are_hours(other) else NotImplemented

    def __sub__(self, other: BusinessHours) -> BusinessHours:
        """Return these hours without those of `other`."""
        return self.combined(SetOperator.EXCEPT, other) if _are_hours(other) else NotImplemented

    def __invert__(self) -> BusinessHours:
        """Return the hours in which these are closed."""
        return self.combined(SetOperator.NOT)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, BusinessHours):
            return self.normal_form == other.normal_form
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self.normal_form)


def as_hours(value: object) -> BusinessHours:
    """Return `value` if it is `BusinessHours`.

    Raises:
        InvalidValueError: `value` is something else.
    """
    if not isinstance(value, BusinessHours):
        raise InvalidValueError(f"`{value!r:.100}` is not a calendar", hint="pass a `Calendar`")
    return value


def _are_hours(value: object) -> bool:
    return isinstance(value, BusinessHours)


def open_intervals(timeline: Timeline, low: int, high: int) -> Iterator[tuple[int, int]]:
    """Yield the open intervals in `[low, high)` in order, cut to it."""
    at: int | None = low if timeline.is_open(low) else timeline.next_open(low)
    while at is not None and at < high:
        end = timeline.next_close(at)
        if end is None or end >= high:
            yield at, high
            return
        yield at, end
        at = timeline.next_open(end)


def _landed(due: int, amount: int, landing: Landing, timeline: Timeline) -> int:
    """Return the instant to which `landing` moves `due`, the result of adding `amount`."""
    if landing is Landing.NEXT_OPENING:
        if amount <= 0 or timeline.is_open(due):
            return due
        moved, hint = timeline.next_open(due), "nothing opens after it"
    else:
        if amount > 0:
            return due
        moved, hint = _closing_at_or_before(timeline, due), "nothing is open before it"
    if moved is None:
        raise NeverReachedError(from_micros(due), timedelta(), hint=hint)
    return moved


def _closing_at_or_before(timeline: Timeline, at: int) -> int | None:
    """Return `at` if it is open just before it, else the last closing before it."""
    return at if timeline.is_open(at - 1) else timeline.previous_close(at)


def _micros(amount: timedelta) -> int:
    try:
        return amount // MICROSECOND
    except TypeError:
        raise InvalidValueError(
            f"`{amount!r}` is not a duration", hint="pass a `timedelta`"
        ) from None
