"""Weekly states: what a decision depends on, week by week, and after which time it repeats.

There are three kinds of them: the segments of a contract line, the hours of a right, and what a
right gives from its pool. Whatever changes is asked for one week at a time, so that weeks which are
the same are found to be the same without a look at their days.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable
from typing import Final, Protocol, TypeAlias, final

from entitlements.access.compiled.account_index import AccountIndex, window_failures
from entitlements.access.compiled.lines import CompiledRight
from entitlements.access.validity.balances import LastCycles
from entitlements.access.validity.pools import PoolStates
from entitlements.calendars.business_hours import BusinessHours
from entitlements.calendars.timeline.zones import LAST_MICROS, load_zone
from entitlements.contracts.allowances.grant_cycles import WEEK, WEEKS_OF_CLOCKS, repeats_after
from entitlements.kernel.errors import NotCoveredError
from entitlements.kernel.instants import DAY, END_OF_TIME, START_OF_TIME
from entitlements.kernel.requests import Request

WeekOfStates: TypeAlias = tuple[tuple[int, int], ...]
"""The states of one week as numbers, each with the time from the start of the week to its first."""

# Windows end up to two days after their date; clocks differ from UTC by up to a day.
_REACH: Final = 4 * DAY
_YEAR: Final = 366 * DAY
_CONSTANT: Final = "constant"


class WeeklyStates(Protocol):
    """Something that changes over time.

    Attributes:
        repeats_from: From this instant on the states repeat, but for the end of the calendar.
        period: After how many weeks they repeat.
        repeats_until: The instant after which they do not, because the calendar ends.
    """

    @property
    def repeats_from(self) -> int: ...  # noqa: D102 - see the class
    @property
    def period(self) -> int: ...  # noqa: D102 - see the class
    @property
    def repeats_until(self) -> int: ...  # noqa: D102 - see the class

    def week(self, start: int) -> WeekOfStates:
        """Return the states of the seven days from `start` on; weeks are asked for in order."""
        ...


@final
class DatedStates:
    """States that change at listed instants.

    Args:
        states: Each state with its first instant; the first of them begins before all weeks.
    """

    __slots__ = ("_starts", "_states", "period", "repeats_from", "repeats_until")

    def __init__(self, states: Iterable[tuple[int, Hashable]]) -> None:
        self._starts, self._states = list[int](), list[int]()
        numbers: dict[Hashable, int] = {}
        for start, state in states:
            number = numbers.setdefault(state, len(numbers))
            if not self._states or number != self._states[-1]:
                self._starts.append(start)
                self._states.append(number)
        self.repeats_from, self.period = self._starts[-1], 1
        self.repeats_until = LAST_MICROS

    @property
    def is_constant(self) -> bool:
        """Whether there is one state only."""
        return len(self._states) == 1

    def week(self, start: int) -> WeekOfStates:
        """Return the states of the seven days from `start` on."""
        first, last = bisect_right(self._starts, start), bisect_left(self._starts, start + WEEK)
        later = ((self._starts[n] - start, self._states[n]) for n in range(first, last))
        return (0, self._states[first - 1]), *later


@final
class HoursStates:
    """The failures of the hours of a right.

    A week is computed once for each pattern of the week and each way in which the clocks of its
    zones change in it. Weeks with exceptions, and those from the last opening on, are computed one
    by one.
    """

    __slots__ = (
        "_alike_until",
        "_constant_from",
        "_hours",
        "_right",
        "_steady",
        "_steady_from",
        "_steady_until",
        "_timeline",
        "_weeks",
        "period",
        "repeats_from",
        "repeats_until",
    )

    def __init__(self, right: CompiledRight, hours: BusinessHours, at: int) -> None:
        self._right, self._hours, self._timeline = right, hours, hours.timeline
        self._weeks: dict[Hashable, WeekOfStates] = {}
        self._steady: WeekOfStates = ()
        self._steady_from = self._steady_until = START_OF_TIME
        self._constant_from = END_OF_TIME
        self._alike_until = self.repeats_until = LAST_MICROS - 2 * _YEAR
        self.repeats_from = max(at, hours.open_time.periodic_from)
        fixed = all(zone.is_fixed for zone in hours.open_time.zones)
        self.period = 1 if fixed else WEEKS_OF_CLOCKS
        if hours.covered is not None:
            self._end_at(
                self._last_change(min(hours.covered[1], LAST_MICROS)), hours.covered[1] + 1
            )
        elif not self._changes_after(self.repeats_from):
            last = self._last_change(self.repeats_from)
            self._end_at(last, max(last, at))

    def is_constant(self, at: int) -> bool:
        """Return whether nothing changes from an instant on."""
        return self._constant_from <= at

    def _end_at(self, last: int, constant_from: int) -> None:
        """Note the last change, after which weeks are no longer like others, and the end of all."""
        self._alike_until, self._constant_from = last, constant_from
        self.repeats_from, self.repeats_until, self.period = constant_from, LAST_MICROS, 1

    def _changes_after(self, at: int) -> bool:
        return not self._timeline.next_open(at) is self._timeline.next_close(at) is None

    def _last_change(self, at: int) -> int:
        try:
            changes = (self._timeline.previous_open(at + 1), self._timeline.previous_close(at + 1))
        except NotCoveredError:
            return START_OF_TIME
        return max(START_OF_TIME if each is None else each for each in changes)

    def week(self, start: int) -> WeekOfStates:
        """Return the failures of the seven days from `start` on."""
        if self._steady_from <= start < self._steady_until:
            return self._steady
        key = self._key(start)
        if key is None:
            return self._computed(start)
        found = self._weeks.get(key)
        if found is None:
            found = self._weeks[key] = self._computed(start)
        if start >= self.repeats_from:
            self._steady, self._steady_from = found, start
            self._steady_until = min(self._clocks_change(start), self._alike_until) - WEEK
        return found

    def _key(self, start: int) -> Hashable:
        """Return what is equal for weeks with the same states; None for a week of its own."""
        end = start + WEEK
        if start >= self._constant_from:
            return _CONSTANT
        if end > self._alike_until or (self._hours.covered and start < self._hours.covered[0]):
            return None
        regime = self._hours.open_time.regime(start, end)
        if regime is None:
            return None
        low, high = start - _REACH, end + _REACH
        clocks = [
            tuple((begin - low, offset) for begin, _, offset in zone.offset_periods(low, high))
            for zone in self._hours.open_time.zones
        ]
        return regime, *clocks

    def _clocks_change(self, start: int) -> int:
        """Return an instant up to which no clock changes that changes near a week or later."""
        ends = [
            zone.offset_periods(start - _REACH, start + _YEAR)[0][1] - _REACH
            for zone in self._hours.open_time.zones
        ]
        return min(ends, default=END_OF_TIME)

    def _computed(self, start: int) -> WeekOfStates:
        end = start + WEEK
        edges = {edge for period in self._hours.open_time.periods(start, end) for edge in period}
        for edge in self._hours.covered or ():
            edges |= {edge, edge + 1}
        edges.add(start)
        found: list[tuple[int, int]] = []
        for edge in sorted(edges):
            if start <= edge < end and edge <= LAST_MICROS:
                state = window_failures(self._right, edge)
                if not found or found[-1][1] != state:
                    found.append((edge - start, state))
        return tuple(found)


@final
class PoolWeeks:
    """What a right gives from its pool, each by a number."""

    __slots__ = (
        "_change",
        "_following",
        "_numbers",
        "_states",
        "_unchanged",
        "period",
        "repeats_from",
        "repeats_until",
    )

    def __init__(
        self, index: AccountIndex, right: CompiledRight, request: Request, at: int
    ) -> None:
        self._states = PoolStates(index, right, request, at)
        self._numbers: dict[int, int] = {}
        self._following = at
        self._go_to(at)
        zone = load_zone(right.line.history.contract.zone)
        last = LastCycles(right)
        self.period = 1 if last.allowance is None else repeats_after(last.allowance, zone)
        self.repeats_from = max(at, self._states.fresh_from, last.settled, zone.rule_from)
        self.repeats_until = last.end

    def week(self, start: int) -> WeekOfStates:
        """Return the number of what is given in the seven days from `start` on."""
        if start != self._following:
            self._states.seek(start)
            self._go_to(start)
        self._following = end = start + WEEK
        if self._change >= end:
            return self._unchanged
        found = list(self._unchanged) if self._change > start else []
        while (at := self._change) < end:
            number = self._go_to(at)
            if not found or found[-1][1] != number:
                found.append((at - start, number))
        return tuple(found)

    def _go_to(self, at: int) -> int:
        self._states.go_to(at)
        given = self._states.given()
        number = self._numbers.setdefault(id(given), len(self._numbers))
        self._unchanged: WeekOfStates = ((0, number),)
        self._change = self._states.next_change()
        return number
