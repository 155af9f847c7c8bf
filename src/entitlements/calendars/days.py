"""When is one zone's calendar open, as instants?

The rules of a calendar in their barest form: weeks by first day, windows by exceptional day, and
closures. It enumerates open time between two instants; `timeline` does the counting.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Final, TypeAlias, final

from entitlements.calendars.week import DAY_SECONDS, Windows
from entitlements.calendars.zones import Zone
from entitlements.kernel.instants import DAY

Periods: TypeAlias = list[tuple[int, int]]
"""Open time as instants: starts and ends in microseconds, sorted, apart."""

_ALL_DAY: Final = ((0, DAY_SECONDS),)
# The zone database lists changes until 2087 and repeats a yearly rule from then on.
_ZONES_SETTLED: Final = 47_500 * DAY
_ZONES_BEGIN: Final = -63_000 * DAY


@final
class Days:
    """Open time of one zone: each day's windows mapped to instants, minus closures."""

    __slots__ = (
        "begins",
        "closures",
        "exceptions",
        "first_days",
        "settled",
        "tail",
        "weeks",
        "zone",
    )

    def __init__(
        self,
        zone: Zone,
        weeks: tuple[tuple[int, tuple[Windows, ...]], ...],
        exceptions: dict[int, Windows],
        closures: tuple[tuple[int, int], ...],
    ) -> None:
        self.zone = zone
        self.first_days = [first for first, _ in weeks]
        self.weeks = [week for _, week in weeks]
        self.exceptions = exceptions
        self.closures = closures
        days = [*self.first_days[1:], *exceptions]
        edges = [edge for closure in closures for edge in closure] + [day * DAY for day in days]
        self.settled = max([_ZONES_SETTLED, *(edge + 4 * DAY for edge in edges)])
        self.begins = min([_ZONES_BEGIN, *(edge - 4 * DAY for edge in edges)])
        last = self.weeks[-1]
        self.tail = False if not any(last) else True if _covers_all(last) else None

    def windows(self, day: int) -> Windows:
        """Return the windows that start on `day`, in wall-clock seconds after its midnight."""
        found = self.exceptions.get(day)
        return self.ordinary(day) if found is None else found

    def ordinary(self, day: int) -> Windows:
        """Return the windows of the ordinary week that holds on `day`."""
        week = self.weeks[max(0, bisect_right(self.first_days, day) - 1)]
        return week[(day + 3) % 7]  # 1970-01-01 was a Thursday

    def day_periods(self, day: int) -> Periods:
        """Return the open time of the windows that start on `day`."""
        at = self.zone.instant
        spans = [(at(day, start), at(day, end)) for start, end in self.windows(day)]
        return subtract([(start, end) for start, end in spans if start < end], self.closures)

    def periods(self, low: int, high: int) -> Periods:
        """Return the open time in `[low, high)`, cut to it."""
        at = self.zone.instant
        found: Periods = []
        for day in range(low // DAY - 3, high // DAY + 3):
            for first, last in self.windows(day):
                start, end = max(at(day, first), low), min(at(day, last), high)
                if start < end:
                    found.append((start, end))
        return subtract(join(found), self.closures)


def join(periods: Periods) -> Periods:
    """Return the same time sorted, with overlapping and touching periods made one."""
    joined: Periods = []
    for start, end in sorted(periods):
        if joined and start <= joined[-1][1]:
            if end > joined[-1][1]:
                joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def subtract(periods: Periods, cuts: tuple[tuple[int, int], ...] | Periods) -> Periods:
    """Return the time in `periods` and in none of `cuts`; both are sorted and apart."""
    if not cuts:
        return periods
    left: Periods = []
    position = 0
    for start, end in periods:
        begin = start
        while position < len(cuts) and cuts[position][1] <= begin:
            position += 1
        at = position
        while at < len(cuts) and cuts[at][0] < end:
            if begin < cuts[at][0]:
                left.append((begin, cuts[at][0]))
            begin = cuts[at][1]
            at += 1
        if begin < end:
            left.append((begin, end))
    return left


def _covers_all(week: tuple[Windows, ...]) -> bool:
    return all(each == _ALL_DAY for each in week)
