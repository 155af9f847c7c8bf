"""FrozenMap: an immutable, hashable mapping; short representations of collections.

The standard library of Python 3.11 has no such mapping, and frozen values need one.
"""

from __future__ import annotations

from collections.abc import (
    Collection,
    ItemsView,
    Iterable,
    Iterator,
    KeysView,
    Mapping,
    ValuesView,
)
from typing import Any, Final, Generic, TypeVar, final, overload

from entitlements.kernel.errors import InvalidValueError

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")

MAX_ELEMENTS_SHOWN: Final = 20
MAX_CHARACTERS_SHOWN: Final = 400


@final
class FrozenMap(Mapping[K, V], Generic[K, V]):
    """An immutable mapping that keeps the order it was given; equality ignores that order.

    >>> ages = FrozenMap({"dana": 7})
    >>> ages["dana"], hash(ages) == hash(FrozenMap([("dana", 7)]))
    (7, True)
    """

    __slots__ = ("_hash", "_items")

    def __init__(self, items: Mapping[K, V] | Iterable[tuple[K, V]] = ()) -> None:
        try:
            self._items: dict[K, V] = dict(items)
        except (TypeError, ValueError):
            raise InvalidValueError(f"`{items!r}` is not a mapping") from None
        self._hash: int | None = None

    def __getitem__(self, key: K) -> V:
        return self._items[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, key: object) -> bool:
        return key in self._items

    # These of the dictionary are several times as fast as those of `Mapping`; views are read-only.

    @overload
    def get(self, key: K, /) -> V | None: ...
    @overload
    def get(self, key: K, /, default: V) -> V: ...
    @overload
    def get(self, key: K, /, default: T) -> V | T: ...
    def get(self, key: K, /, default: object = None) -> object:
        """Return the value of a key, or the default."""
        return self._items.get(key, default)

    def items(self) -> ItemsView[K, V]:
        """Return the pairs, in order."""
        return self._items.items()

    def keys(self) -> KeysView[K]:
        """Return the keys, in order."""
        return self._items.keys()

    def values(self) -> ValuesView[V]:
        """Return the values, in order."""
        return self._items.values()

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self._items.items()))
        return self._hash

    def __eq__(self, other: object) -> bool:
        if isinstance(other, FrozenMap):
            return self._items == other._items
        return self._items == other if isinstance(other, Mapping) else NotImplemented

    def __reduce__(self) -> tuple[object, ...]:
        # The hash is not pickled: hashes of text differ between processes.
        return FrozenMap, (self._items,)

    def __repr__(self) -> str:
        return f"FrozenMap({short_repr(self._items)})"


EMPTY: FrozenMap[Any, Any] = FrozenMap()
"""The shared empty map: comparing it with itself takes no time."""


def short_repr(value: Collection[object]) -> str:
    """Return the `repr` of a collection, or the number of its elements if that is long.

    For fields that may hold many values: `attrs.field(repr=short_repr)`. A log with thousands of
    holidays or contracts in a line could not be read.

    >>> short_repr((1, 2)), short_repr(tuple(range(1000)))
    ('(1, 2)', '<1000 elements>')
    """
    text = repr(value) if len(value) <= MAX_ELEMENTS_SHOWN else ""
    return text if text and len(text) <= MAX_CHARACTERS_SHOWN else f"<{len(value)} elements>"
