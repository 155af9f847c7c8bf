"""Shared map: a dictionary whose copies share what they have in common.

It is mutable working state that is copied before each change. A copy of a dictionary costs what is
in it; a copy of a shared map, and a change of that copy, cost about the square root of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isqrt
from typing import Any, Final, Generic, TypeVar, final

K = TypeVar("K")
V = TypeVar("V")

_GONE: Final = object()
_FEW: Final = 32


@final
class SharedMap(Generic[K, V]):
    """Values by key, in the order in which they were last put.

    >>> some = SharedMap[str, int]()
    >>> some.put("a", 1)
    >>> more = some.copy()
    >>> more.put("b", 2)
    >>> list(some.items()), list(more.items())
    ([('a', 1)], [('a', 1), ('b', 2)])
    """

    __slots__ = ("_base", "_own", "_size")

    def __init__(self) -> None:
        self._base: dict[K, V] = {}  # shared by all copies, and never changed
        self._own: dict[K, Any] = {}  # what differs from it
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def get(self, key: K) -> V | None:
        """Return the value of a key, or None."""
        found: V | None = self._own.get(key, self._base.get(key))
        return None if found is _GONE else found

    def items(self) -> Iterator[tuple[K, V]]:
        """Yield all keys with their values."""
        own = self._own
        yield from (each for each in self._base.items() if each[0] not in own)
        yield from (each for each in own.items() if each[1] is not _GONE)

    def values(self) -> Iterator[V]:
        """Yield all values."""
        return (value for _, value in self.items())

    def put(self, key: K, value: V) -> None:
        """Put the value of a key, as the last one."""
        self._size += self.get(key) is None
        self._own.pop(key, None)
        self._own[key] = value
        self._merge_if_long()

    def pop(self, key: K) -> V | None:
        """Take a key out, and return its value; None if it was not there."""
        found = self.get(key)
        if found is not None:
            self._size -= 1
            self._own[key] = _GONE
            self._merge_if_long()
        return found

    def copy(self) -> SharedMap[K, V]:
        """Return an independent copy."""
        other: SharedMap[K, V] = SharedMap.__new__(SharedMap)
        other._base, other._own, other._size = self._base, self._own.copy(), self._size
        return other

    def _merge_if_long(self) -> None:
        if len(self._own) > max(_FEW, isqrt(len(self._base))):
            base = self._base.copy()
            for key, value in self._own.items():
                base.pop(key, None)
                if value is not _GONE:
                    base[key] = value
            self._base, self._own = base, {}
