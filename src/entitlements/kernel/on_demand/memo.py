"""Memo: the one bounded cache of the library, with one rule of eviction.

A memo is a dictionary that is filled with `put`. Everything in it can be computed again. Memos may
share one bound: those `within` another count their entries there, so that a cache of caches has one
limit for everything in it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar, final

from entitlements.kernel.converters import instance_of
from entitlements.kernel.errors import InvalidValueError

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

ONE: Final = 1


def _one(_: object) -> int:
    return ONE


@final
class Memo(dict[K, V]):
    """Results by what they were computed from, at most `most` of them.

    Reading is what a dictionary does; only `put` adds. When the bound is passed, the oldest entries
    are dropped until half of it is left, so that the cost of dropping is spread over many entries.
    Threads may share a memo: a lost entry is computed again, and the count, which threads may
    disturb, is corrected whenever entries are dropped.

    Args:
        most: The bound, in entries, at least 2.
        within: Another memo in whose bound the entries of this one count, too.
        weigh: How many entries a value holds, itself included; 1 if not given. A value that holds
            memos `within` this one says how many entries those have.

    >>> memo = Memo(most=4)
    >>> for number in range(5):
    ...     _ = memo.put(number, str(number))
    >>> list(memo)
    [3, 4]
    """

    __slots__ = ("_room", "_weigh", "held", "most")

    def __init__(
        self,
        most: int,
        *,
        within: Memo[Any, Any] | None = None,
        weigh: Callable[[V], int] = _one,
    ) -> None:
        super().__init__()
        if instance_of(int, most) <= ONE:
            raise InvalidValueError(f"memo of `{most}` entries holds nothing", hint="2 or more")
        self.most = most
        self.held = 0
        self._room = within
        self._weigh = weigh

    def put(self, key: K, value: V) -> V:
        """Keep `value`, and return it."""
        before = self.get(key)
        self[key] = value
        if self._weigh is not _one:
            self.grow(self._weigh(value) - (0 if before is None else self._weigh(before)))
        elif before is None:
            self.grow(ONE)
        return value

    def grow(self, count: int) -> None:
        """Count `count` more entries, as the memos within this one do."""
        self.held += count
        if self._room is not None:
            self._room.grow(count)
        if self.held > self.most:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        entries = list(self.items())
        weights = [self._weigh(value) for _, value in entries]
        before = left = sum(weights)
        if before > self.most:
            for (key, _), weight in zip(entries, weights, strict=True):
                if left <= self.most // 2:
                    break
                self.pop(key, None)
                left -= weight
        if self._room is not None:
            self._room.held -= self.held - left
        self.held = left
