"""Converters that value classes share: lists become tuples, times become UTC.

They take the element type on trust: the fields they stand on say what they hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.frozenmaps import EMPTY, FrozenMap
from entitlements.kernel.instants import utc


def as_tuple(values: Iterable[Any]) -> tuple[Any, ...]:
    """Return `values` as a tuple.

    >>> as_tuple([1, 2])
    (1, 2)

    Raises:
        InvalidValueError: `values` is text, which would fall apart into letters.
    """
    if isinstance(values, str):
        raise InvalidValueError(f"`{values}` is one value, not several", hint="put it in a list")
    return tuple(values)


def as_map(values: Mapping[Any, Any]) -> FrozenMap[Any, Any]:
    """Return `values` as a mapping that never changes.

    >>> as_map({"dana": 7})
    FrozenMap({'dana': 7})
    """
    return FrozenMap(values) if values else EMPTY


def optional_tuple(values: Iterable[Any] | None) -> tuple[Any, ...] | None:
    """Return `values` as a tuple, or None."""
    return None if values is None else as_tuple(values)


def optional_utc(value: datetime | str | None) -> datetime | None:
    """Return `value` as a UTC instant, or None."""
    return None if value is None else utc(value)
