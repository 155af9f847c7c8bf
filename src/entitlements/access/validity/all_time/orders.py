"""Orders of first responses: which is due before which, week by week."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from contextlib import suppress
from itertools import combinations
from typing import Final, final

from entitlements.access.validity.all_time.weekly import SteadyWeek, WeekOfStates
from entitlements.access.validity.crossings import PromisedResponse, first_crossing
from entitlements.access.validity.hours import AlikeWeeks
from entitlements.calendars.business_hours import BusinessHours
from entitlements.calendars.timeline.zones import LAST_MICROS, Zone, load_zone
from entitlements.contracts.allowances.grant_cycles import WEEK
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import DAY, END_OF_TIME

_NEVER: Final = END_OF_TIME - 1
"""From here on there are no due instants: best effort, or no promise."""

_LAST_YEAR: Final = LAST_MICROS - 366 * DAY


@final
class OrderStates:
    """The order in which some first responses are due, for a request that is made later and later.

    What decides in a week are the hours from its start up to the last due instant. So a week is
    computed once for all weeks after which, up to there, the hours are alike.

    Args:
        responses: The first responses.
        at: The instant from which on they are looked at.

    Attributes:
        repeats_from: From this instant on the orders repeat, but for the end of the calendar.
        period: After how many weeks they repeat.
        repeats_until: The instant after which they do not, because the calendar ends.
    """

    __slots__ = (
        "_alike",
        "_numbers",
        "_reach",
        "_responses",
        "_steady",
        "_weeks",
        "period",
        "repeats_from",
        "repeats_until",
    )

    def __init__(self, responses: Sequence[PromisedResponse], at: int) -> None:
        self._responses = responses
        hours = {id(each.hours): each.hours for each in responses if each.hours is not None}
        self._alike = [AlikeWeeks(each, at, _day_zones(each)) for each in hours.values()]
        self._numbers: dict[tuple[int, ...], int] = {}
        self._weeks: dict[Hashable, WeekOfStates] = {}
        self._steady = SteadyWeek()
        self._reach = 0
        self.repeats_from = max([at, *(each.repeats_from for each in self._alike)])
        self.period = max((each.period for each in self._alike), default=1)
        last = min([_LAST_YEAR, *(each.repeats_until for each in self._alike)])
        self._look_ahead(min(self.repeats_from, last))
        self.repeats_until = last - 2 * self._reach

    def week(self, start: int) -> WeekOfStates:
        """Return the orders of the seven days from `start` on."""
        if self._steady.holds(start):
            return self._steady.week
        key = self._key(start)
        found = None if key is None else self._weeks.get(key)
        if found is not None:
            return found
        found = self._computed(start)
        if self._look_ahead(start) and (key := self._key(start)) is not None:
            self._weeks[key] = found
            if start >= self.repeats_from:
                ends = [_LAST_YEAR, *(each.alike_until(start) for each in self._alike)]
                self._steady = SteadyWeek(found, start, min(ends) - WEEK - self._reach)
        return found

    def _key(self, start: int) -> Hashable | None:
        """Return what is equal for weeks with the same orders; None for a week like no other."""
        end = start + WEEK + self._reach
        keys = tuple(each.key(start, end) for each in self._alike)
        return None if None in keys or end > _LAST_YEAR else keys

    def _look_ahead(self, start: int) -> bool:
        """Note how long after the end of a week something is due.

        Returns:
            Whether weeks with the same hours up to there have the same orders. They do not where
            the hours cease to suffice.
        """
        end = start + WEEK - 1
        for each in self._responses:
            if each.hours is None:
                continue
            due = each.due(end)
            if due < _NEVER:
                if due - end > self._reach:
                    # Shorter periods say too little of weeks like these.
                    self._reach = due - end
                    self._weeks.clear()
            elif start < self.repeats_from or each.due(start) < _NEVER:
                return False
        return True

    def _computed(self, start: int) -> WeekOfStates:
        end, at = start + WEEK, start
        found: list[tuple[int, int]] = []
        pairs = list(combinations(self._responses, 2))
        while at < end:
            found.append((at - start, self._order(at)))
            at = min(first_crossing(one, other, at, end) for one, other in pairs)
        return tuple(found)

    def _order(self, at: int) -> int:
        due = [each.due(at) for each in self._responses]
        places = {each: place for place, each in enumerate(sorted(set(due)))}
        return self._numbers.setdefault(tuple(map(places.__getitem__, due)), len(self._numbers))


def _day_zones(hours: BusinessHours) -> list[Zone]:
    """Return the zone in which the hours count days; none if they are in several zones."""
    with suppress(InvalidValueError):
        return [load_zone(hours.zone)]
    return []
