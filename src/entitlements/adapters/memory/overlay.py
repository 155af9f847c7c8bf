"""Overlay of uncommitted changes over a dictionary.

Reads see both; writes go to the overlay until it is applied.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Generic, TypeVar, final

from entitlements.kernel.errors import StorageError

K = TypeVar("K")
V = TypeVar("V")

_GONE: Final = object()


@final
class DictOverlay(Generic[K, V]):
    """A dictionary with uncommitted changes.

    >>> kept = {"a": 1}
    >>> draft = DictOverlay(kept)
    >>> draft.put("b", 2)
    >>> dict(draft.items()), kept
    ({'a': 1, 'b': 2}, {'a': 1})
    """

    __slots__ = ("_base", "_own")

    def __init__(self, base: dict[K, V]) -> None:
        self._base: dict[K, V] | None = base
        self._own: dict[K, Any] = {}

    def get(self, key: K) -> V | None:
        """Return the value of a key, or None."""
        found: V | None = self._own.get(key, self._open().get(key))
        return None if found is _GONE else found

    def put(self, key: K, value: V) -> None:
        """Write the value of a key to the overlay."""
        self._open()
        self._own[key] = value

    def drop(self, key: K) -> None:
        """Remove a key in the overlay."""
        self._open()
        self._own[key] = _GONE

    def items(self) -> Iterator[tuple[K, V]]:
        """Yield all keys and values, in no particular order."""
        merged: dict[K, Any] = {**self._open(), **self._own}
        return ((key, value) for key, value in merged.items() if value is not _GONE)

    def values(self) -> Iterator[V]:
        """Yield all values, in no particular order."""
        return (value for _, value in self.items())

    def apply(self) -> None:
        """Write the changes to the dictionary."""
        base = self._open()
        for key, value in self._own.items():
            if value is _GONE:
                base.pop(key, None)
            else:
                base[key] = value
        self._own = {}

    def close(self) -> None:
        """Refuse all calls from now on."""
        self._base = None

    def _open(self) -> dict[K, V]:
        if self._base is None:
            raise StorageError("the unit of work is over", hint="begin another one")
        return self._base
