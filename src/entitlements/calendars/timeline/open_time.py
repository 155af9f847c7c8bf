"""Open time of one zone as instants.

The rules of a calendar in their simplest form: a week pattern from each first day on, windows of
exceptional days, closures. Far from clock changes, windows become instants by adding an offset;
near them, the zone converts each boundary. `total` counts weeks without looking at their days.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Mapping
from itertools import accumulate
from typing import Final, Protocol, TypeAlias, final

from entitlements.calendars.timeline.zones import Zone, first_reading
from entitlements.calendars.week import DayWindows
from entitlements.kernel.instants import DAY, SECOND
from entitlements.kernel.periods.spans import Intervals, clip, difference, total_length, union

WeeksByStart: TypeAlias = tuple[tuple[int, tuple[DayWindows, ...]], ...]
"""First day and the windows of seven weekdays of each week pattern; the first has no start."""

_WEEK: Final = 7 * DAY
# 1970-01-01 was a Thursday: weeks begin three days earlier.
_MONDAY: Final = 3
# Windows end up to two days after their date; clocks differ from UTC by up to a day.
_MARGIN: Final = 3


class OpenTime(Protocol):
    """Open time that can be listed and counted.

    Attributes:
        regular_until: Before this instant all weeks are the same.
        periodic_from: From this instant on, every 400 years are the same.
        final_state: True if all time from `periodic_from` on is open, False if none is, None if
            some is.
        zones: The zones whose clocks decide.
        idle_limit: Time without an opening from `periodic_from` on after which nothing opens any
            more; None if the weeks decide.
    """

    @property
    def regular_until(self) -> int: ...  # noqa: D102 - see the class
    @property
    def periodic_from(self) -> int: ...  # noqa: D102 - see the class
    @property
    def final_state(self) -> bool | None: ...  # noqa: D102 - see the class
    @property
    def zones(self) -> frozenset[Zone]: ...  # noqa: D102 - see the class
    @property
    def idle_limit(self) -> int | None: ...  # noqa: D102 - see the class

    def periods(self, low: int, high: int) -> Intervals:
        """Return the open time in `[low, high)`, cut to it."""

    def total(self, low: int, high: int) -> int:
        """Return how much of `[low, high)` is open."""

    def regime(self, low: int, high: int) -> Hashable | None:
        """Return what decides `[low, high)` if only the week and a yearly clock rule do.

        Periods 400 years apart with the same regime have the same open time. None if an exception,
        an edge of a closure or a change of the week is near, or the clock has no rule yet.
        """


@final
class WeekPattern:
    """One week of open wall-clock time that repeats forever."""

    __slots__ = ("_counts", "_ends", "_starts", "_sums", "_windows", "days", "is_empty", "is_full")

    def __init__(self, week: tuple[DayWindows, ...]) -> None:
        self.days = tuple(_micros(each) for each in week)
        self._counts = list(accumulate(map(len, self.days), initial=0))
        self._windows = [
            (number * DAY + start, number * DAY + end)
            for number, windows in enumerate(self.days)
            for start, end in windows
        ]
        around = [(start - _WEEK, end - _WEEK) for start, end in self._windows]
        merged = clip(union(around + self._windows), 0, _WEEK)
        self._starts = [start for start, _ in merged]
        self._ends = [end for _, end in merged]
        self._sums = [0]
        for start, end in merged:
            self._sums.append(self._sums[-1] + end - start)
        self.is_full = self._sums[-1] == _WEEK
        self.is_empty = not merged

    def within(self, first: int, last: int) -> Intervals:
        """Return the windows of the days from `first` up to `last`, counted from a Monday."""
        return self._windows[self._counts[max(first, 0)] : self._counts[min(last, 7)]]

    def before(self, wall: int) -> int:
        """Return the open wall-clock time before `wall`, from the Monday before 1970 on."""
        weeks, rest = divmod(wall + _MONDAY * DAY, _WEEK)
        index = bisect_right(self._starts, rest)
        missing = max(0, self._ends[index - 1] - rest) if index else 0
        return weeks * self._sums[-1] + self._sums[index] - missing

    def holds(self, wall: int) -> bool:
        """Return whether the wall-clock microsecond `wall` is open."""
        rest = (wall + _MONDAY * DAY) % _WEEK
        index = bisect_right(self._starts, rest)
        return index > 0 and rest < self._ends[index - 1]


@final
class ZoneOpenTime:
    """Open time of one zone: each day's windows as instants, minus closures."""

    __slots__ = (
        "_are_days_apart",
        "_closures",
        "_days",
        "_exceptions",
        "_first_days",
        "_is_additive",
        "_is_summable",
        "_patterns",
        "_zone",
        "final_state",
        "idle_limit",
        "periodic_from",
        "regular_until",
        "zones",
    )

    def __init__(
        self,
        zone: Zone,
        weeks: WeeksByStart,
        exceptions: Mapping[int, DayWindows],
        closures: Intervals,
    ) -> None:
        self._zone = zone
        self.zones = frozenset({zone})
        self._first_days = [first for first, _ in weeks[1:]]
        self._patterns = [WeekPattern(week) for _, week in weeks]
        self._exceptions = {day: _micros(windows) for day, windows in exceptions.items()}
        self._days = sorted(exceptions)
        self._closures = closures
        weekdays = [each for week in self._patterns for each in week.days]
        windows = [each for day in (*weekdays, *self._exceptions.values()) for each in day]
        latest = max((end for _, end in windows), default=0)
        first = DAY + min((start for start, _ in windows), default=0)
        self._is_additive = latest <= DAY
        self._is_summable = latest <= first
        self._are_days_apart = latest < first
        days = [day * DAY for day in (*self._first_days, *self._days)]
        edges = [*days, *(edge for closure in closures for edge in closure)]
        self.periodic_from = max([zone.rule_from, *edges]) + 4 * DAY
        self.regular_until = min([zone.first_change, *edges]) - 4 * DAY
        last = self._patterns[-1]
        self.final_state = True if last.is_full else False if last.is_empty else None
        self.idle_limit = None

    def day_periods(self, day: int) -> Intervals:
        """Return the open time of the windows that start on `day`."""
        return self._without_closures(union(self._as_instants(day, self._windows(day))))

    def periods(self, low: int, high: int) -> Intervals:
        """Return the open time in `[low, high)`, cut to it."""
        return self._without_closures(self._without_cuts(low, high))

    def total(self, low: int, high: int) -> int:
        """Return how much of `[low, high)` is open; the cost grows with the exceptions in it."""
        closures = clip(self._closures_near(low, high), low, high)
        if closures == [(low, high)]:
            return 0
        return self._total_without_closures(low, high) - sum(
            self._total_without_closures(*each) for each in closures
        )

    def regime(self, low: int, high: int) -> Hashable | None:
        """Return the number of the week pattern and whether a closure covers all time, or None."""
        low, high = low - 4 * DAY, high + 4 * DAY
        first, last = low // DAY, high // DAY
        number = bisect_right(self._first_days, first)
        if (
            low < self._zone.rule_from
            or bisect_right(self._first_days, last) != number
            or bisect_left(self._days, first) != bisect_right(self._days, last)
        ):
            return None
        closures = self._closures_near(low, high)
        if not closures:
            return number, False
        return (number, True) if closures[0][0] <= low and high <= closures[0][1] else None

    def _total_without_closures(self, low: int, high: int) -> int:
        """Return how much of `[low, high)` would be open if there were no closures."""
        first, last = low // DAY - _MARGIN, high // DAY + _MARGIN
        days = self._days[bisect_left(self._days, first) : bisect_right(self._days, last)]
        changes = [day for day in self._first_days if first <= day <= last]
        if (days and not self._is_summable) or (changes and not self._is_additive):
            return total_length(self._without_cuts(low, high))
        total = sum(self._difference_on(day, low, high) for day in days)
        number = bisect_left(self._first_days, first)
        for day in changes:
            change = min(max(self._zone.instant(day), low), high)
            total += self._counted(self._patterns[number], low, change)
            low, number = change, number + 1
        return total + self._counted(self._patterns[number], low, high)

    def ordinary(self, day: int) -> DayWindows:
        """Return the microsecond windows that the week has for `day`, exception or not."""
        pattern = self._patterns[bisect_right(self._first_days, day)]
        return pattern.days[(day + _MONDAY) % 7]

    def _windows(self, day: int) -> DayWindows:
        found = self._exceptions.get(day)
        return self.ordinary(day) if found is None else found

    def _difference_on(self, day: int, low: int, high: int) -> int:
        """Return by how much the exception on `day` changes the open time in `[low, high)`."""
        other = clip(self._as_instants(day, self._exceptions[day]), low, high)
        return total_length(other) - total_length(
            clip(self._as_instants(day, self.ordinary(day)), low, high)
        )

    def _counted(self, pattern: WeekPattern, low: int, high: int) -> int:
        """Return the open time of a week pattern without exceptions in `[low, high)`.

        A repeated hour counts at its first occurrence; wall time stands still in the second.
        """
        if pattern.is_empty or low >= high:
            return 0
        total, latest = 0, None
        for start, end, offset in self._zone.offset_periods(low - 2 * DAY, high):
            resumed = start if latest is None else min(end, max(start, latest - offset))
            if latest is not None and resumed > max(start, low) and pattern.holds(latest - 1):
                total += resumed - max(start, low)
            begin = max(resumed, low)
            if begin < end:
                total += pattern.before(end + offset) - pattern.before(begin + offset)
            latest = end + offset if latest is None else max(latest, end + offset)
        return total

    def _closures_near(self, low: int, high: int) -> Intervals:
        closures = self._closures
        if not closures:
            return closures
        first = bisect_right(closures, low, key=_end_of)
        return closures[first : bisect_left(closures, high, key=_start_of)]

    def _without_closures(self, periods: Intervals) -> Intervals:
        if not periods or not self._closures:
            return periods
        return difference(periods, self._closures_near(periods[0][0], periods[-1][1]))

    def _without_cuts(self, low: int, high: int) -> Intervals:
        """Return the open time in `[low, high)` as if there were no closures."""
        day, last = low // DAY - _MARGIN, high // DAY + _MARGIN
        found: list[tuple[int, int]] = []
        latest = None
        offsets = self._zone.offset_periods((day - 2) * DAY, (last + 4) * DAY)
        for start, end, offset in offsets:
            clear = start + offset if latest is None else max(latest, start + offset)
            steady = max(day, 1 - (-clear // DAY))
            # A window may end two days after its date, and at a midnight that is read twice.
            until = min(last, (end + offset - 1) // DAY - 2) + 1
            if steady < until:
                self._convert_days(range(day, steady), found)
                self._shift_days(range(steady, until), offset, found)
                day = until
            latest = end + offset if latest is None else max(latest, end + offset)
        self._convert_days(range(day, last + 1), found)
        return clip(found if self._are_days_apart else union(found), low, high)

    def _shift_days(self, days: range, offset: int, found: list[tuple[int, int]]) -> None:
        """Append the open time of days that are far from clock changes to `found`."""
        day, until, exceptions = days.start, days.stop, self._days
        for other in exceptions[bisect_left(exceptions, day) : bisect_left(exceptions, until)]:
            self._repeat_weeks(day, other, offset, found)
            base = other * DAY - offset
            found += [(base + start, base + end) for start, end in self._exceptions[other]]
            day = other + 1
        self._repeat_weeks(day, until, offset, found)

    def _repeat_weeks(
        self, day: int, until: int, offset: int, found: list[tuple[int, int]]
    ) -> None:
        """Append the open time of ordinary days from `day` to `until` to `found`, week by week."""
        number = bisect_right(self._first_days, day)
        while day < until:
            change = min([until, *self._first_days[number : number + 1]])
            within = self._patterns[number].within
            for monday in range(day - (day + _MONDAY) % 7, change, 7):
                base = monday * DAY - offset
                windows = within(day - monday, change - monday)
                found += [(base + start, base + end) for start, end in windows]
            day, number = change, number + 1

    def _convert_days(self, days: range, found: list[tuple[int, int]]) -> None:
        """Append the open time of days near a clock change, where windows may touch, to `found`."""
        found += union(each for day in days for each in self._as_instants(day, self._windows(day)))

    def _as_instants(self, day: int, windows: DayWindows) -> Intervals:
        """Return `windows` of `day` as instants, with each boundary converted by the zone."""
        if not windows:
            return ()
        midnight = day * DAY
        offsets = self._zone.offset_periods(midnight - 2 * DAY, midnight + 4 * DAY)
        if len(offsets) == 1:
            base = midnight - offsets[0][2]
            return [(base + start, base + end) for start, end in windows]
        spans = [
            (first_reading(midnight + start, offsets), first_reading(midnight + end, offsets))
            for start, end in windows
        ]
        return [(start, end) for start, end in spans if start < end]


def _start_of(period: tuple[int, int]) -> int:
    return period[0]


def _end_of(period: tuple[int, int]) -> int:
    return period[1]


def _micros(windows: DayWindows) -> DayWindows:
    return tuple((start * SECOND, end * SECOND) for start, end in windows)
