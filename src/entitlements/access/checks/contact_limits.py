"""Who of a list of contacts has a seat, when? Of more than the limit, those listed first."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, final

from entitlements.kernel.intervals import Intervals, union


class ContactPeriod(NamedTuple):
    """One naming of a contact: from when to when, in microseconds, and its place in the list."""

    start: int
    end: int
    list_position: int
    may_delegate: bool

    def within(self, start: int, end: int) -> tuple[int, int]:
        """Return the naming's stretch, cut to a longer one; its end may come first."""
        return max(start, self.start), min(end, self.end)


def within_contact_limit(
    namings: Mapping[str, Sequence[ContactPeriod]], limit: int | None, start: int, end: int
) -> dict[str, Intervals]:
    """Return when each contact has a seat between two instants; without a limit, when named.

    A person named more than once has one seat, at the first naming that runs.
    """
    if limit is None or len(namings) <= limit:
        return {
            contact: union(each.within(start, end) for each in some)
            for contact, some in namings.items()
        }
    seats = _LimitSweep(limit)
    for at, begins, contact, place in _toggles(namings, start, end):
        seats.change(at, contact, place, begins=begins)
    return seats.closed(end)


def _toggles(
    namings: Mapping[str, Sequence[ContactPeriod]], start: int, end: int
) -> Iterator[tuple[int, bool, str, int]]:
    """Yield every beginning and end of a naming, in order."""
    found = []
    for contact, some in namings.items():
        for each in some:
            first, last = each.within(start, end)
            if first < last:
                found += [
                    (first, True, contact, each.list_position),
                    (last, False, contact, each.list_position),
                ]
    yield from sorted(found)


@final
class _LimitSweep:
    """The contacts that run at one instant, by their places, and since when each has a seat."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._running: dict[str, list[int]] = {}
        self._places: list[int] = []
        self._contact: dict[int, str] = {}
        self._since: dict[str, int] = {}
        self._had: dict[str, list[tuple[int, int]]] = {}

    def change(self, at: int, contact: str, place: int, *, begins: bool) -> None:
        mine = self._running.setdefault(contact, [])
        before = mine[:1]
        if begins:
            insort(mine, place)
        else:
            mine.remove(place)
        if before != mine[:1]:
            for each in before:
                self._remove(at, each)
            for each in mine[:1]:
                self._contact[each] = contact
                self._add(at, each)

    def closed(self, end: int) -> dict[str, Intervals]:
        for contact in list(self._since):
            self._leave(end, contact)
        return {contact: union(some) for contact, some in self._had.items()}

    def _add(self, at: int, place: int) -> None:
        index = bisect_left(self._places, place)
        self._places.insert(index, place)
        if index < self._limit:
            for each in self._places[self._limit : self._limit + 1]:
                self._leave(at, self._contact[each])
            self._since[self._contact[place]] = at

    def _remove(self, at: int, place: int) -> None:
        index = bisect_left(self._places, place)
        del self._places[index]
        if index < self._limit:
            self._leave(at, self._contact[place])
            for each in self._places[self._limit - 1 : self._limit]:
                self._since[self._contact[each]] = at

    def _leave(self, at: int, contact: str) -> None:
        self._had.setdefault(contact, []).append((self._since.pop(contact), at))
