"""Weekly states: what a decision depends on, week by week, and after which time it repeats.

There are three kinds of them: the segments of a contract line, the hours of a right, and what a
right gives from its pool. Whatever changes is asked for one week at a time, so that weeks which are
the same are found to be the same without a look at their days.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable
from typing import Protocol, TypeAlias, final

from entitlements.access.compiled.account_index import AccountIndex, window_failures
from entitlements.access.compiled.lines import CompiledRight
from entitlements.access.validity.balances import LastCycles
from entitlements.access.validity.hours import AlikeWeeks
from entitlements.access.validity.pools import PoolStates
from entitlements.calendars.business_hours import BusinessHours
from entitlements.calendars.timeline.zones import LAST_MICROS, load_zone
from entitlements.contracts.allowances.grant_cycles import WEEK, repeats_after
from entitlements.kernel.requests import Request

WeekOfStates: TypeAlias = tuple[tuple[int, int], ...]
"""The states of one week as numbers, each with the time from the start of the week to its first."""


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
class SteadyWeek:
    """The states of one week, which are those of the next ones too.

    Args:
        week: The states.
        since: The start of the first week.
        until: All weeks that begin before are alike, if they begin whole weeks after the first.
    """

    __slots__ = ("_since", "_until", "week")

    def __init__(self, week: WeekOfStates = (), since: int = 0, until: int = 0) -> None:
        self.week, self._since, self._until = week, since, until

    def holds(self, start: int) -> bool:
        """Return whether the week from `start` on has these states."""
        return self._since <= start < self._until and not (start - self._since) % WEEK


@final
class HoursStates:
    """The failures of the hours of a right.

    A week is computed once for all weeks that are alike. Weeks with exceptions, and those from the
    last opening on, are computed one by one.
    """

    __slots__ = ("_alike", "_hours", "_right", "_steady", "_weeks")

    def __init__(self, right: CompiledRight, hours: BusinessHours, at: int) -> None:
        self._right, self._hours = right, hours
        self._alike = AlikeWeeks(hours, at)
        self._weeks: dict[Hashable, WeekOfStates] = {}
        self._steady = SteadyWeek()

    @property
    def repeats_from(self) -> int:
        """From this instant on the hours repeat."""
        return self._alike.repeats_from

    @property
    def period(self) -> int:
        """After how many weeks they repeat."""
        return self._alike.period

    @property
    def repeats_until(self) -> int:
        """The instant after which they do not."""
        return self._alike.repeats_until

    def is_constant(self, at: int) -> bool:
        """Return whether nothing changes from an instant on."""
        return self._alike.constant_from <= at

    def week(self, start: int) -> WeekOfStates:
        """Return the failures of the seven days from `start` on."""
        if self._steady.holds(start):
            return self._steady.week
        key = self._alike.key(start, start + WEEK)
        if key is None:
            return self._computed(start)
        found = self._weeks.get(key)
        if found is None:
            found = self._weeks[key] = self._computed(start)
        if start >= self.repeats_from:
            self._steady = SteadyWeek(found, start, self._alike.alike_until(start) - WEEK)
        return found

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
