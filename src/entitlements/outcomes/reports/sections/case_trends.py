"""Trends and seasons of a report: weeks up to its end, weekdays and hours of what was opened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final, NamedTuple, final

from entitlements.calendars.timeline.zones import date_of_day_number, load_zone
from entitlements.kernel.instants import (
    DAY,
    EARLIEST,
    HOUR,
    MICROSECOND,
    from_micros_or_none,
    to_micros,
)
from entitlements.outcomes.figures.shares import Share
from entitlements.outcomes.reports.figure import Figure, ReportSection
from entitlements.outcomes.reports.measured_cases import MeasuredCase, Period
from entitlements.outcomes.reports.sums import Scope, Sums
from entitlements.outcomes.trends import BASELINE_WEEKS, Trend, TrendKind

_WEEK: Final = timedelta(weeks=1)
_MICROS: Final = _WEEK // MICROSECOND
_HOURS: Final = _MICROS // HOUR
_OPENED: Final = "cases opened"
COMPLAINTS: Final = "complaints"
"""The name of the trend of complaints."""

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Weeks(NamedTuple):
    """Weeks that end with a period.

    Attributes:
        starts: First instant of each.
        baseline: How many of the first ones lie before the period, wholly.
    """

    starts: tuple[datetime, ...]
    baseline: int


def since_of(start: datetime) -> datetime:
    """Return an instant from which on the trends of a period have their data, whatever its end."""
    return max(EARLIEST, start - _WEEK * (BASELINE_WEEKS + 1))


def _inside(start: datetime, end: datetime) -> int:
    """Return how many weeks back from the end touch the period."""
    return -((start - end) // _WEEK)


def weeks_of(start: datetime, end: datetime, first: datetime | None = None) -> Weeks:
    """Return the weeks back from the end of a period, with a baseline of 12 before its start.

    Args:
        start: First instant of the period.
        end: First instant after it.
        first: Before this instant there is no data; weeks before it are left out.
    """
    count = _inside(start, end) + BASELINE_WEEKS
    earliest = max(EARLIEST, end) if first is None else max(EARLIEST, first)
    starts = [end - _WEEK * back for back in range(count, 0, -1) if end - earliest >= _WEEK * back]
    baseline = sum(each + _WEEK <= start for each in starts)
    return Weeks(tuple(starts), baseline)


@final
class TrendSums:
    """What happened in each hour of the weeks of a period; sums of parts add up.

    The hours are those from its end, so that the weeks back from an end some hours later are made
    of them, too.

    Attributes:
        first: When the first case was opened, in microseconds; None without a case.
        has_ids: Whether the ids of what is counted are kept.
    """

    __slots__ = ("_counts", "_ids", "_phase", "_since", "first", "has_ids")

    def __init__(self, period: Period, *, has_ids: bool) -> None:
        self.has_ids = has_ids
        self._ids: dict[tuple[str, int], list[str]] = {}
        self._phase = to_micros(period.end) % HOUR
        self._since = to_micros(period.since)
        self.first: int | None = None
        self._counts: dict[tuple[str, str], Counter[int]] = {}

    def can_end(self, end: datetime) -> bool:
        """Return whether the weeks back from an end are made of whole hours of these."""
        return to_micros(end) % HOUR == self._phase

    def add_case(self, case: MeasuredCase, times: int = 1) -> None:
        """Add the opening of a case, and its promises that were decided; -1 times, take away."""
        if case.opened is not None:
            if times > 0:
                self.first = case.opened if self.first is None else min(self.first, case.opened)
            self.add(_OPENED, case.opened, case.id, times)
        for milestone, is_met, at in case.decided:
            name = f"{milestone} attainment"
            self.add(name, at, case.id, times)
            if is_met and at >= self._since:
                self._count((name, "met"), at, times)

    def add(self, name: str, at: int, id: str, times: int = 1) -> None:
        """Add what has an id to the hour in which an instant lies, in microseconds."""
        if at >= self._since:
            hour = self._count((name, "all"), at, times)
            if self.has_ids:
                self._ids.setdefault((name, hour), []).append(id)

    def _count(self, key: tuple[str, str], at: int, times: int) -> int:
        found = self._counts.get(key)
        if found is None:
            found = self._counts[key] = Counter()
        hour = (at - self._phase) // HOUR
        found[hour] += times
        return hour

    def weekly(self, period: Period) -> dict[tuple[str, str], Counter[int]]:
        """Return how much happened in each week, by its number back from the end, from 1."""
        week_of = self._week_of(period)
        weeks: dict[tuple[str, str], Counter[int]] = {}
        for key, hours in self._counts.items():
            for hour, count in hours.items():
                back = week_of(hour)
                if count and back is not None:
                    weeks.setdefault(key, Counter())[back] += count
        return weeks

    def weekly_ids(self, period: Period) -> dict[tuple[str, int], list[str]]:
        """Return the ids of what happened in each week, by the same number."""
        week_of = self._week_of(period)
        weeks: dict[tuple[str, int], list[str]] = {}
        for (name, hour), ids in self._ids.items():
            back = week_of(hour)
            if back is not None:
                weeks.setdefault((name, back), []).extend(ids)
        return weeks

    def _week_of(self, period: Period) -> Callable[[int], int | None]:
        """Return what gives the week of an hour, or None if it lies in no week of the period."""
        most = _inside(period.start, period.end) + BASELINE_WEEKS
        end = (to_micros(period.end) - self._phase) // HOUR

        def week_of(hour: int) -> int | None:
            back = -((hour - end) // _HOURS)
            return back if 0 < back <= most else None

        return week_of


def trends_of(sums: TrendSums, period: Period) -> Iterator[Trend]:
    """Yield the attainment of each milestone, the cases opened and complaints, week by week.

    Weeks before the first case are not known, and left out.
    """
    weeks = weeks_of(period.start, period.end, from_micros_or_none(sums.first))
    if sums.first is None or not weeks.starts:
        return
    weekly, ids = sums.weekly(period), sums.weekly_ids(period)
    backs = range(len(weeks.starts), 0, -1)

    def points(name: str, what: str) -> list[int]:
        found = weekly.get((name, what), Counter[int]())
        return [found[back] for back in backs]

    def trend(name: str, kind: TrendKind, points: Sequence[int | Share]) -> Trend:
        return Trend(
            name=name,
            kind=kind,
            starts=weeks.starts,
            points=points,
            baseline=weeks.baseline,
            ids=[sorted(ids.get((name, back), ())) for back in backs] if sums.has_ids else (),
        )

    for name in sorted({name for name, _ in weekly} - {_OPENED, COMPLAINTS}):
        met, of = points(name, "met"), points(name, "all")
        shares = [Share(n, all) for n, all in zip(met, of, strict=True)]
        yield trend(name, TrendKind.SHARES, shares)
    yield trend(_OPENED, TrendKind.VALUES, points(_OPENED, "all"))
    if (COMPLAINTS, "all") in weekly:
        yield trend(COMPLAINTS, TrendKind.EVENTS, points(COMPLAINTS, "all"))


def add_opening(sums: Sums, case: MeasuredCase, period: Period, zone: str) -> None:
    """Add a case to the weekday and hour in which it was opened, if that was in the period."""
    if case.opened is not None and case.opened >= to_micros(period.start):
        wall = load_zone(zone).wall(case.opened)
        weekday = WEEKDAYS[date_of_day_number(wall // DAY).weekday()]
        sums.add(ReportSection.WEEKDAYS, weekday, "opened", case.id)
        sums.add(ReportSection.HOURS, _hour(wall % DAY // HOUR), "opened", case.id)


def _hour(number: int) -> str:
    return f"{number:02}:00"


def season_figures(scope: Scope) -> Iterator[Figure]:
    """Yield how many cases were opened on each weekday and in each hour of the zone's clock.

    The total has also how many that is for each such day of the period; a day that the period
    holds in part counts as a whole one.
    """
    zone = load_zone(scope.zone)
    first, last = to_micros(scope.period.start), to_micros(scope.period.last)
    days = range(zone.wall(first) // DAY, zone.wall(last) // DAY + 1)
    start = date_of_day_number(days[0]).weekday()
    section = ReportSection.WEEKDAYS
    for number, name in enumerate(WEEKDAYS):
        opened = scope.amount(section, name, "opened")
        if scope.is_total or opened:
            yield from scope.counted(section, name, ("opened",))
        if scope.is_total:
            there = len(range((number - start) % 7, len(days), 7))
            rate = Fraction(opened, there) if there else None
            yield scope.figure(section, name, "a_day", rate)
    for name in map(_hour, range(24)):
        if scope.is_total or scope.amount(ReportSection.HOURS, name, "opened"):
            yield from scope.counted(ReportSection.HOURS, name, ("opened",))
