"""Overlay of uncommitted changes over a dictionary.

Reads see both; writes go to the overlay until it is applied.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Generic, NoReturn, TypeVar, final

from entitlements.kernel.errors import StorageError

K = TypeVar("K")
V = TypeVar("V")

_ABSENT: Final = object()
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
        self._base = base
        self._own: dict[K, Any] = {}

    def get(self, key: K) -> V | None:
        """Return the value of a key, or None."""
        found: V | None = self._own.get(key, _ABSENT)
        if found is _ABSENT:
            return self._base.get(key)
        return None if found is _GONE else found

    def put(self, key: K, value: V) -> None:
        """Write the value of a key to the overlay."""
        self._own[key] = value

    def drop(self, key: K) -> None:
        """Remove a key in the overlay."""
        self._own[key] = _GONE

    def items(self) -> Iterator[tuple[K, V]]:
        """Yield all keys and values, in no particular order."""
        merged: dict[K, Any] = {**self._base, **self._own}
        return ((key, value) for key, value in merged.items() if value is not _GONE)

    def values(self) -> Iterator[V]:
        """Yield all values, in no particular order."""
        return (value for _, value in self.items())

    def apply(self) -> None:
        """Write the changes to the dictionary."""
        own, self._own = self._own, {}
        for key, value in own.items():
            if value is _GONE:
                self._base.pop(key, None)
            else:
                self._base[key] = value

    def close(self) -> None:
        """Refuse all calls from now on."""
        self._base = self._own = _CLOSED


@final
class _Closed(dict[Any, Any]):
    """Stands for the dictionaries of an overlay that is closed: whatever is asked is refused.

    So an open overlay, which is asked all the time, does not have to check that it is open.
    """

    def _refuse(self, *_: object) -> NoReturn:
        raise StorageError("the unit of work is over", hint="begin another one")

    get = keys = items = pop = __getitem__ = __setitem__ = __iter__ = _refuse


_CLOSED: Final = _Closed()
