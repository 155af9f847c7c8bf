"""Trends and seasons of a report: weeks up to its end, weekdays and hours of what was opened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final, NamedTuple

from entitlements.aftersales.complaints import Complaint
from entitlements.calendars.timeline.zones import date_of_day_number, load_zone
from entitlements.kernel.instants import DAY, EARLIEST, HOUR, to_micros
from entitlements.outcomes.figures.shares import Share
from entitlements.outcomes.reports.case_sections import Scope
from entitlements.outcomes.reports.figure import Figure, ReportSection
from entitlements.outcomes.reports.measured_cases import MeasuredCase, Period
from entitlements.outcomes.trends import BASELINE_WEEKS, Trend, TrendKind

_WEEK: Final = timedelta(weeks=1)
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Weeks(NamedTuple):
    """Weeks that end with a period.

    Attributes:
        starts: First instant of each.
        end: First instant after the last.
        baseline: How many of the first ones lie before the period, wholly.
    """

    starts: tuple[datetime, ...]
    end: datetime
    baseline: int

    def counted(self, instants: Iterable[datetime]) -> list[int]:
        """Return how many instants lie in each week."""
        found = Counter((at - self.starts[0]) // _WEEK for at in instants if at < self.end)
        return [found[index] for index in range(len(self.starts))]


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
    return Weeks(tuple(starts), end, baseline)


def trends_of(
    cases: Sequence[MeasuredCase], complaints: Sequence[Complaint], period: Period
) -> Iterator[Trend]:
    """Yield the attainment of each milestone, the cases opened and complaints, week by week.

    Weeks before the first case are not known, and left out.
    """
    opened = [each.opened_at for each in cases if each.opened_at is not None]
    weeks = weeks_of(period.start, period.end, min(opened, default=None))
    if not weeks.starts:
        return
    decided: dict[str, list[tuple[bool, datetime]]] = {}
    for case in cases:
        for milestone, is_met, at in case.decided:
            decided.setdefault(milestone, []).append((is_met, at))

    def trend(name: str, kind: TrendKind, points: Sequence[int | Share]) -> Trend:
        return Trend(
            name=name, kind=kind, starts=weeks.starts, points=points, baseline=weeks.baseline
        )

    for milestone, found in sorted(decided.items()):
        met = weeks.counted(at for is_met, at in found if is_met)
        of = weeks.counted(at for _, at in found)
        shares = [Share(n, all) for n, all in zip(met, of, strict=True)]
        yield trend(f"{milestone} attainment", TrendKind.SHARES, shares)
    yield trend("cases opened", TrendKind.VALUES, weeks.counted(opened))
    if complaints:
        received = weeks.counted(each.received for each in complaints)
        yield trend("complaints", TrendKind.EVENTS, received)


def season_figures(scope: Scope) -> Iterator[Figure]:
    """Yield how many cases were opened on each weekday and in each hour of the zone's clock.

    The total has also how many that is for each such day of the period; a day that the period
    holds in part counts as a whole one.
    """
    zone = load_zone(scope.zone)
    first, last = to_micros(scope.period.start), to_micros(scope.period.last)
    by_day: dict[int, list[str]] = {}
    by_hour: dict[int, list[str]] = {}
    for case in scope.cases:
        if case.opened is not None and case.opened >= first:
            wall = zone.wall(case.opened)
            weekday = date_of_day_number(wall // DAY).weekday()
            by_day.setdefault(weekday, []).append(case.id)
            by_hour.setdefault(wall % DAY // HOUR, []).append(case.id)
    days = range(zone.wall(first) // DAY, zone.wall(last) // DAY + 1)
    start = date_of_day_number(days[0]).weekday()
    for number, name in enumerate(WEEKDAYS):
        ids = by_day.get(number, [])
        if scope.is_total or ids:
            yield scope.figure(ReportSection.WEEKDAYS, name, "opened", len(ids), sorted(ids))
        if scope.is_total:
            there = len(range((number - start) % 7, len(days), 7))
            rate = Fraction(len(ids), there) if there else None
            yield scope.figure(ReportSection.WEEKDAYS, name, "a_day", rate)
    for number in range(24):
        ids = by_hour.get(number, [])
        if scope.is_total or ids:
            name = f"{number:02}:00"
            yield scope.figure(ReportSection.HOURS, name, "opened", len(ids), sorted(ids))
