"""Limit on named contacts: of more contacts than the limit, those listed first may open cases."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, final

from entitlements.kernel.periods.spans import Intervals, union


class ContactPeriod(NamedTuple):
    """One entry of a contact in the list of a contract.

    Attributes:
        start: First instant, in microseconds.
        end: First instant after it.
        list_position: Position in the list, from 0.
        may_delegate: Whether the contact may delegate the right meanwhile.
        roles: The roles that the contact has meanwhile.
    """

    start: int
    end: int
    list_position: int
    may_delegate: bool
    roles: frozenset[str] = frozenset()

    def within(self, start: int, end: int) -> tuple[int, int]:
        """Return the part of the period between two instants; empty if its end comes first."""
        return max(start, self.start), min(end, self.end)


def within_contact_limit(
    periods: Mapping[str, Sequence[ContactPeriod]], limit: int | None, start: int, end: int
) -> dict[str, Intervals]:
    """Return when each contact is within the limit, between two instants.

    A person who is listed more than once counts once, at the first position that is active.

    Args:
        periods: The entries of each contact.
        limit: How many contacts may open cases; None for all.
        start: First instant.
        end: First instant after it.
    """
    if limit is None or len(periods) <= limit:
        return {
            contact: union(each.within(start, end) for each in some)
            for contact, some in periods.items()
        }
    sweep = _LimitSweep(limit)
    for at, begins, contact, position in _changes(periods, start, end):
        sweep.change(at, contact, position, begins=begins)
    return sweep.finish(end)


def _changes(
    periods: Mapping[str, Sequence[ContactPeriod]], start: int, end: int
) -> Iterator[tuple[int, bool, str, int]]:
    """Yield every beginning and end of a contact period, in order."""
    found = []
    for contact, some in periods.items():
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
    """The contacts active at one instant, by position, and since when each is within the limit."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._active: dict[str, list[int]] = {}
        self._positions: list[int] = []
        self._contact: dict[int, str] = {}
        self._since: dict[str, int] = {}
        self._found: dict[str, list[tuple[int, int]]] = {}

    def change(self, at: int, contact: str, position: int, *, begins: bool) -> None:
        mine = self._active.setdefault(contact, [])
        before = mine[:1]
        if begins:
            insort(mine, position)
        else:
            mine.remove(position)
        if before != mine[:1]:
            for each in before:
                self._remove(at, each)
            for each in mine[:1]:
                self._contact[each] = contact
                self._add(at, each)

    def finish(self, end: int) -> dict[str, Intervals]:
        for contact in list(self._since):
            self._leave(end, contact)
        return {contact: union(some) for contact, some in self._found.items()}

    def _add(self, at: int, position: int) -> None:
        index = bisect_left(self._positions, position)
        self._positions.insert(index, position)
        if index < self._limit:
            for each in self._positions[self._limit : self._limit + 1]:
                self._leave(at, self._contact[each])
            self._since[self._contact[position]] = at

    def _remove(self, at: int, position: int) -> None:
        index = bisect_left(self._positions, position)
        del self._positions[index]
        if index < self._limit:
            self._leave(at, self._contact[position])
            for each in self._positions[self._limit - 1 : self._limit]:
                self._since[self._contact[each]] = at

    def _leave(self, at: int, contact: str) -> None:
        self._found.setdefault(contact, []).append((self._since.pop(contact), at))
