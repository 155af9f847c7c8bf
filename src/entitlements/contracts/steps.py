"""A value that changes at known instants: what holds when, and until when.

Statuses, plan versions, blocks and holders are all of this shape, so that a question about an
instant is one bisection. It does not know what the values mean.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import Generic, TypeVar, final

import attrs

T = TypeVar("T")

BEGINNING = -(1 << 62)
END = 1 << 62


@final
@attrs.frozen
class Steps(Generic[T]):
    """A step function of time: `values[i]` holds from `starts[i]` up to `starts[i + 1]`.

    Attributes:
        starts: Ascending microseconds; the first is `BEGINNING`.
        values: What holds from each of them on.
    """

    starts: tuple[int, ...]
    values: tuple[T, ...]

    @classmethod
    def constant(cls, value: T) -> Steps[T]:
        """Return the function that never changes."""
        return cls((BEGINNING,), (value,))

    @classmethod
    def of(cls, first: T, changes: Iterable[tuple[int, T]]) -> Steps[T]:
        """Return `first`, changed at each instant; of changes at one instant the last one stays.

        A change at `END` never happens.

        >>> steps = Steps.of("pending", [(10, "active"), (20, "expired")])
        >>> steps.at(9), steps.at(10), steps.at(20), steps.next_change(10)
        ('pending', 'active', 'expired', 20)
        """
        starts, values = [BEGINNING], [first]
        for start, value in sorted(changes, key=lambda change: change[0]):
            if start >= END:
                break
            if starts[-1] == start:
                values[-1] = value
            else:
                starts.append(start)
                values.append(value)
        return cls(tuple(starts), tuple(values))

    def at(self, instant: int) -> T:
        """Return what holds at `instant`."""
        return self.values[bisect_right(self.starts, instant) - 1]

    def next_change(self, instant: int) -> int | None:
        """Return the first step strictly after `instant` at which the value differs, or None."""
        index = bisect_right(self.starts, instant) - 1
        now = self.values[index]
        for later in range(index + 1, len(self.starts)):
            if self.values[later] != now:
                return self.starts[later]
        return None
