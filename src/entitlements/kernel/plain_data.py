"""Plain data: values as dictionaries, lists, text and numbers, for records that are stored.

Fields that have their default value are left out, so that a record holds what was said and no more.
The class of a value is not written: whoever reads it knows the class.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any, Final

import attrs

from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import MICROSECOND, text_of

_NO_DEFAULT: Final = object()
_encoder: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def plain_json(data: object) -> str:
    """Return the canonical text of data that JSON can hold; see `canonical_json`.

    >>> plain_json({"b": 1, "a": [None, "é"]})
    '{"a":[null,"é"],"b":1}'
    """
    return _encoder.encode(data)


def plain_data(value: object) -> Any:
    """Return a value as data that JSON can hold.

    Instants are ISO 8601 text in UTC, durations are microseconds, sets are sorted.

    >>> from entitlements.kernel.requests import Request
    >>> plain_data(Request(id="R-1", customer="acme", contact="dana", product="db",
    ...                    severity="S1", channel="phone", conditions={"b", "a"}))["conditions"]
    ['a', 'b']

    Raises:
        InvalidValueError: `value` holds something else, such as a floating-point number.
    """
    kind = type(value)
    if kind is str or value is None or kind is int or kind is bool:
        return value
    if attrs.has(kind):
        found = {}
        for name, default in _fields_of(kind):
            each = getattr(value, name)
            if each is not default and each != default:
                found[name] = each if type(each) is str else plain_data(each)
        return found
    return _plain(value)


def _plain(value: object) -> Any:  # noqa: PLR0911 - one line for each kind of value
    match value:
        case Enum():
            return value.value
        case datetime():
            return text_of(value)
        case date():
            return value.isoformat()
        case timedelta():
            return value // MICROSECOND
        case Mapping():
            return {plain_data(key): plain_data(each) for key, each in value.items()}
        case AbstractSet():
            return sorted(map(plain_data, value))
        case tuple() | list():
            return [plain_data(each) for each in value]
        case _:
            raise InvalidValueError(f"`{value!r}` cannot be stored as plain data")


@cache
def _fields_of(kind: type[Any]) -> tuple[tuple[str, object], ...]:
    """Return the compared fields of a class, each with its default value."""
    return tuple((each.name, _default(each)) for each in attrs.fields(kind) if each.eq)


def _default(field: attrs.Attribute[Any]) -> object:
    default = field.default
    if default is attrs.NOTHING:
        return _NO_DEFAULT
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
        default = default.factory()  # type: ignore[union-attr]
    convert: Any = field.converter
    return default if convert is None else convert(default)
