"""FrozenMap: an immutable, hashable mapping; copies of frozen values; short representations.

The standard library of Python 3.11 has no such mapping, and frozen values need one.
"""

from __future__ import annotations

from collections.abc import (
    Callable,
    Collection,
    ItemsView,
    Iterable,
    Iterator,
    KeysView,
    Mapping,
    ValuesView,
)
from functools import cache
from typing import Any, Final, Generic, TypeVar, final, overload

import attrs

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


def copy_with(value: T, **changes: Any) -> T:
    """Return a copy of an object with slots, with other values in some fields.

    `attrs.evolve` builds a value again, and converts and checks all fields, also those that stay.
    Values that are changed thousands of times a second are copied. `copy.copy` takes three times as
    long where a class has slots.

    Args:
        value: A value of attrs, or an object all of whose `__slots__` are set; it stays as it is.
        changes: Fields by name, already converted and checked.

    Raises:
        TypeError: there is no such field.

    >>> from entitlements.kernel.periods.spans import Span
    >>> day = Span("2026-03-02T09:00Z", "2026-03-02T17:00Z")
    >>> copy_with(day, end=day.start + day.length / 2).length
    datetime.timedelta(seconds=14400)
    """
    made: T = object.__new__(type(value))
    for name, read, write in _fields_of(type(value)):  # type: ignore[arg-type] # a class is hashable
        write(made, changes.pop(name) if name in changes else read(value))
    if changes:
        raise TypeError(f"`{type(value).__name__}` has no field `{next(iter(changes))}`")
    return made


@cache
def _fields_of(
    kind: type[Any],
) -> tuple[tuple[str, Callable[[Any], Any], Callable[[Any, Any], None]], ...]:
    """Return the fields of a class, each with what reads it and what writes it."""
    names = [each.name for each in attrs.fields(kind)] if attrs.has(kind) else [*kind.__slots__]
    slots = ((name, getattr(kind, name)) for name in names)
    return tuple((name, slot.__get__, slot.__set__) for name, slot in slots)
