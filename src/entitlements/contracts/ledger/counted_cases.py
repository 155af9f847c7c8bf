"""Counted cases: the cases of an account, found by id, and counted by contract line while open.

They are a value. One more case costs about the square root of how many there are: the rest is
shared. What is asked about open cases does not depend on how many were closed before.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeAlias, TypeVar, final, overload

from entitlements.contracts.ledger.shared_map import SharedMap
from entitlements.kernel.instants import START_OF_TIME, to_micros

LineKey: TypeAlias = tuple[str, str]
"""Ids of a contract and of one of its lines."""


class _Case(Protocol):
    """What is counted of a case."""

    @property
    def id(self) -> str: ...
    @property
    def contract(self) -> str: ...
    @property
    def line(self) -> str: ...
    @property
    def closed(self) -> datetime | None: ...


CaseT = TypeVar("CaseT", bound=_Case)


@final
class CountedCases(Sequence[CaseT]):
    """Cases with different ids, in the order in which they were added or changed.

    Equal to every sequence of the same cases.

    Args:
        cases: The cases; of two with one id the later one counts.
    """

    __slots__ = ("_closed", "_closings", "_counts", "_every", "_latest", "_next", "_open")

    def __init__(self, cases: Iterable[CaseT] = ()) -> None:
        self._open: SharedMap[str, tuple[int, CaseT]] = SharedMap()
        self._closed: SharedMap[str, tuple[int, CaseT]] = SharedMap()
        self._counts: SharedMap[LineKey, int] = SharedMap()
        self._latest = START_OF_TIME
        self._next = 0
        self._every: tuple[CaseT, ...] | None = None
        self._closings: dict[LineKey, list[int]] | None = None
        for each in cases:
            self._put(each)

    def with_case(self, case: CaseT) -> CountedCases[CaseT]:
        """Return the cases with one more, in place of the one with its id."""
        other: CountedCases[CaseT] = CountedCases.__new__(CountedCases)
        other._open, other._closed = self._open.copy(), self._closed.copy()
        other._counts, other._latest, other._next = self._counts.copy(), self._latest, self._next
        other._every = other._closings = None
        other._put(case)
        return other

    def _put(self, case: CaseT) -> None:
        before = self._open.pop(case.id)
        if before is None:
            self._closed.pop(case.id)
        else:
            self._count(before[1], -1)
        if case.closed is None:
            self._open.put(case.id, (self._next, case))
            self._count(case, 1)
        else:
            self._closed.put(case.id, (self._next, case))
            self._latest = max(self._latest, to_micros(case.closed))
        self._next += 1

    def _count(self, case: CaseT, more: int) -> None:
        line = (case.contract, case.line)
        self._counts.put(line, (self._counts.get(line) or 0) + more)

    def get(self, id: str, /) -> CaseT | None:
        """Return the case with an id, or None."""
        found = self._open.get(id) or self._closed.get(id)
        return None if found is None else found[1]

    def not_closed(self, at: int) -> Iterator[CaseT]:
        """Yield the cases that are not closed at an instant, also those that are opened later."""
        yield from (case for _, case in self._open.values())
        if at < self._latest:
            yield from (case for _, case in self._closed.values() if _closing(case) > at)

    def count_open(self, line: LineKey, at: int) -> int:
        """Return how many cases of a line `not_closed` has."""
        count = self._counts.get(line) or 0
        if at < self._latest:
            closings = self._closings_of(line)
            count += len(closings) - bisect_right(closings, at)
        return count

    def next_closing(self, line: LineKey, at: int) -> int | None:
        """Return the first instant after `at` at which a case of the line was closed, or None."""
        if at >= self._latest:
            return None
        closings = self._closings_of(line)
        index = bisect_right(closings, at)
        return closings[index] if index < len(closings) else None

    def _closings_of(self, line: LineKey) -> Sequence[int]:
        if self._closings is None:
            found: dict[LineKey, list[int]] = {}
            for _, case in self._closed.values():
                found.setdefault((case.contract, case.line), []).append(_closing(case))
            self._closings = {line: sorted(each) for line, each in found.items()}
        return self._closings.get(line, ())

    def _ordered(self) -> tuple[CaseT, ...]:
        if self._every is None:
            both = sorted((*self._open.values(), *self._closed.values()), key=lambda each: each[0])
            self._every = tuple(case for _, case in both)
        return self._every

    def __len__(self) -> int:
        return len(self._open) + len(self._closed)

    def __iter__(self) -> Iterator[CaseT]:
        return iter(self._ordered())

    @overload
    def __getitem__(self, index: int) -> CaseT: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[CaseT, ...]: ...
    def __getitem__(self, index: int | slice) -> CaseT | tuple[CaseT, ...]:
        return self._ordered()[index]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CountedCases | tuple):
            return NotImplemented
        return len(self) == len(other) and self._ordered() == tuple(other)

    def __hash__(self) -> int:
        return hash(self._ordered())

    def __repr__(self) -> str:
        return repr(self._ordered())

    def __reduce__(self) -> tuple[Any, ...]:
        return CountedCases, (self._ordered(),)


def _closing(case: _Case) -> int:
    assert case.closed is not None  # noqa: S101 - only of closed cases
    return to_micros(case.closed)
