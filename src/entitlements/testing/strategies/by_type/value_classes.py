"""Values of any public class: drawn from the types of its fields.

A value class is built of its required fields and of a few optional ones. Where the class refuses
the combination, optional fields are left out again. So a drawn value is valid, and it shrinks to
what is required.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import cache
from typing import Any, Final, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import attrs
from hypothesis import reject
from hypothesis import strategies as st

from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.testing.strategies.by_type import scalars
from entitlements.testing.strategies.by_type.explicit import EXPLICIT, FIELDS

T = TypeVar("T")

MAX_OPTIONAL: Final = 3
"""The most optional fields that a drawn value sets."""

MAX_ITEMS: Final = 3
_SCALARS: Final[Mapping[Any, Callable[[], st.SearchStrategy[Any]]]] = {
    str: scalars.ids,
    int: scalars.numbers,
    bool: st.booleans,
    datetime: scalars.instants,
    date: scalars.dates,
    timedelta: scalars.durations,
    Fraction: scalars.shares,
    Decimal: scalars.decimals,
    float: lambda: st.sampled_from([1.0, 0.5, 2.0]),
    type(None): st.none,
    object: scalars.ids,
    Any: scalars.ids,
}
_LISTS: Final = (tuple, frozenset, set, list, Iterable, Sequence)

Explicit = Callable[[], st.SearchStrategy[Any]]


def values(of: type[T], **fixed: Any) -> st.SearchStrategy[T]:
    """Draw values of a class.

    Args:
        of: A value class.
        fixed: Fields that are not drawn: a value, or a strategy for it.

    >>> from entitlements.contracts import NamedContact
    >>> from hypothesis import find
    >>> find(values(NamedContact, may_delegate=False), lambda each: True).contact
    'a'
    """
    return _values(of, {name: _as_strategy(each) for name, each in fixed.items()})


def _as_strategy(value: Any) -> st.SearchStrategy[Any]:
    return value if isinstance(value, st.SearchStrategy) else st.just(value)


@st.composite
def _values(draw: st.DrawFn, of: type[T], fixed: Mapping[str, st.SearchStrategy[Any]]) -> T:
    required, optional = fields_of(of)  # type: ignore[arg-type]
    words = {name: draw(each) for name, each in {**required, **fixed}.items()}
    chosen: list[str] = []
    free = [name for name in optional if name not in fixed]
    if free:
        names = st.lists(st.sampled_from(free), unique=True, max_size=MAX_OPTIONAL)
        chosen = draw(names)
    more = {name: draw(optional[name]) for name in chosen}
    while True:
        try:
            return of(**words, **more)
        except (EntitlementsError, AttributeError, ValueError, TypeError):
            if not more:
                reject()
            more.popitem()


def _later(hint: Any) -> st.SearchStrategy[Any]:
    return st.deferred(lambda: of_type(hint))


@cache
def fields_of(
    of: type,
) -> tuple[dict[str, st.SearchStrategy[Any]], dict[str, st.SearchStrategy[Any]]]:
    """Return the strategies of the required and of the optional arguments of a value class."""
    hints = get_type_hints(of)
    required: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for field in attrs.fields(of):
        if not field.init or field.name.startswith("_"):
            continue
        known = FIELDS.get((of.__name__, field.name)) or FIELDS.get(("", field.name))
        strategy = known() if known else _later(hints[field.name])
        name = field.alias or field.name
        (required if field.default is attrs.NOTHING else optional)[name] = strategy
    return required, optional


def of_type(hint: Any) -> st.SearchStrategy[Any]:  # noqa: PLR0911 - one line for each kind of type
    """Return the strategy of a type: a scalar, a collection, a choice, or a value class."""
    if hint in _SCALARS:
        return _SCALARS[hint]()
    origin, args = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        rest = sorted(args, key=lambda each: each is not type(None))
        return st.one_of([of_type(each) for each in rest])
    if origin is Literal:
        return st.sampled_from(args)
    if origin is tuple and args[-1:] != (...,):
        return st.tuples(*map(of_type, args))
    if origin in _LISTS:
        return _collections(origin, of_type(args[0]))
    if origin in {FrozenMap, Mapping, dict}:
        return st.dictionaries(of_type(args[0]), of_type(args[1]), max_size=MAX_ITEMS)
    name = getattr(hint, "__name__", "")
    if name in EXPLICIT:
        return EXPLICIT[name]()
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    if isinstance(hint, type) and attrs.has(hint):
        return _values(hint, {})
    if hasattr(hint, "_fields"):  # a named tuple; Hypothesis would draw infinite numbers for it
        return st.builds(hint, **{n: of_type(each) for n, each in get_type_hints(hint).items()})
    return st.from_type(hint)


def _collections(origin: Any, item: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    found = st.lists(item, max_size=MAX_ITEMS)
    return found.map(frozenset if origin in {frozenset, set} else tuple)
