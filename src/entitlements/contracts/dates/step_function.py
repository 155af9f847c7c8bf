"""Step functions: values that change at known instants, in microseconds since 1970.

Statuses, plan versions, contacts and holders are step functions, so that a query for an instant is
one bisection.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Generic, TypeVar, final, overload

import attrs

from entitlements.kernel.instants import END_OF_TIME, START_OF_TIME

T = TypeVar("T")


@final
class LazyValues(Sequence[T]):
    """A sequence of values that are computed from their instants on first access, then cached.

    >>> LazyValues((1, 2), str)[1], list(LazyValues((1, 2), str)), LazyValues((1,), str) == ("1",)
    ('2', ['1', '2'], True)
    """

    __slots__ = ("_found", "_make", "_starts")

    def __init__(self, starts: Sequence[int], make: Callable[[int], T]) -> None:
        self._starts = starts
        self._make = make
        self._found: dict[int, T] = {}

    def __len__(self) -> int:
        return len(self._starts)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...
    def __getitem__(self, index: int | slice) -> T | tuple[T, ...]:
        if isinstance(index, slice):
            return tuple(self[each] for each in range(*index.indices(len(self))))
        start = self._starts[index]
        if start not in self._found:
            self._found[start] = self._make(start)
        return self._found[start]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, LazyValues | tuple):
            return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))
        return NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))

    def __reduce__(self) -> tuple[object, ...]:
        return tuple, (tuple(self),)


@final
@attrs.frozen
class StepFunction(Generic[T]):
    """A step function of time: `values[i]` holds from `starts[i]` up to `starts[i + 1]`.

    Attributes:
        starts: Ascending microseconds; the first is `START_OF_TIME`.
        values: The value from each start on; a tuple, or computed on first access.
    """

    starts: tuple[int, ...]
    values: Sequence[T]

    @classmethod
    def constant(cls, value: T) -> StepFunction[T]:
        """Return the function that never changes."""
        return cls((START_OF_TIME,), (value,))

    @classmethod
    def of(cls, first: T, changes: Iterable[tuple[int, T]]) -> StepFunction[T]:
        """Return the function that is `first` until it changes at each of the given instants.

        Of several changes at one instant the last holds. A change at `END_OF_TIME` never happens.

        >>> steps = StepFunction.of("pending", [(10, "active"), (20, "expired")])
        >>> steps.at(9), steps.at(10), steps.at(20), steps.next_change(10)
        ('pending', 'active', 'expired', 20)
        """
        starts, values = [START_OF_TIME], [first]
        for start, value in sorted(changes, key=lambda change: change[0]):
            if start >= END_OF_TIME:
                break
            if starts[-1] == start:
                values[-1] = value
            else:
                starts.append(start)
                values.append(value)
        return cls(tuple(starts), tuple(values))

    @classmethod
    def derived(cls, starts: Iterable[int], make: Callable[[int], T]) -> StepFunction[T]:
        """Return the function with the value `make(start)` from each of the ascending starts on."""
        every = tuple(starts)
        return cls(every, LazyValues(every, make))

    def at(self, instant: int) -> T:
        """Return the value at `instant`."""
        return self.values[bisect_right(self.starts, instant) - 1]

    def next_change(self, instant: int) -> int | None:
        """Return the first instant after `instant` at which the value is different, or None."""
        index = bisect_right(self.starts, instant) - 1
        now = self.values[index]
        for later in range(index + 1, len(self.starts)):
            if self.values[later] != now:
                return self.starts[later]
        return None

    def next_in(self, instant: int, wanted: Collection[T]) -> int | None:
        """Return the first change after `instant` to one of the wanted values, or None.

        >>> StepFunction.of("a", [(10, "b"), (20, "c")]).next_in(5, {"c"})
        20
        """
        for later in range(bisect_right(self.starts, instant), len(self.starts)):
            if self.values[later] in wanted:
                return self.starts[later]
        return None


def first_after(instants: Sequence[int], at: int) -> int:
    """Return the first of ascending instants that is after `at`; `END_OF_TIME` if none is.

    >>> first_after([10, 20], 10), first_after([10, 20], 20) == END_OF_TIME
    (20, True)
    """
    index = bisect_right(instants, at)
    return instants[index] if index < len(instants) else END_OF_TIME


@final
class SharedEdges:
    """Instants that many step functions share, while each adds a few more.

    >>> edges = SharedEdges([1, 5])
    >>> edges.with_own({3}), edges.with_own({3, 5}) is edges.with_own({3})
    ((1, 3, 5), True)
    """

    __slots__ = ("_known", "_shared", "_with")

    def __init__(self, shared: Iterable[int]) -> None:
        self._known = frozenset(shared)
        self._shared = sorted(self._known)
        self._with: dict[frozenset[int], tuple[int, ...]] = {}

    def with_own(self, own: Iterable[int]) -> tuple[int, ...]:
        """Return all instants in ascending order; equal `own` instants give the same tuple."""
        added = frozenset(own) - self._known
        if added not in self._with:
            self._with[added] = tuple(sorted([*self._shared, *added]))
        return self._with[added]
