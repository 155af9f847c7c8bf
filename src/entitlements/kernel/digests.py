"""Fingerprints of values: equal values, equal digest, on every machine.

The canonical form is JSON with sorted keys; sets are sorted, instants are microseconds, attrs
values are tagged with their class name. It is meant for comparing, not for reading back.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta
from enum import Enum
from fractions import Fraction

import attrs

from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import to_micros


def canonical_json(value: object) -> str:
    """Return the canonical text of `value`: one text for all equal values of one type.

    >>> canonical({"b": 1, "a": frozenset({2, 1})})
    '{"a":[1,2],"b":1}'

    Raises:
        InvalidValueError: `value` holds something that has no canonical form.
    """
    return _text(_plain(value))


def digest(value: object) -> str:
    """Return the SHA-256 of the canonical text of `value`, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def _text(plain: object) -> str:
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _plain(value: object) -> object:  # noqa: PLR0911 - one line for each kind of value
    kind = type(value)
    match value:
        case None | bool() | int() | str() if not isinstance(value, Enum):
            return value
        case Enum():
            return value.value
        case datetime():
            return {"instant": to_micros(value)}
        case date():
            return {"date": value.isoformat()}
        case timedelta():
            return {"micros": value // timedelta(microseconds=1)}
        case Fraction():
            return {"ratio": [value.numerator, value.denominator]}
        case Mapping():
            return {str(_plain(key)): _plain(each) for key, each in value.items()}
        case AbstractSet():
            return sorted((_plain(each) for each in value), key=_text)
        case tuple() | list():
            return [_plain(each) for each in value]
        case _ if attrs.has(kind):
            names = [each.name for each in attrs.fields(kind) if each.eq]
            return {kind.__name__: {name: _plain(getattr(value, name)) for name in names}}
        case _:
            raise InvalidValueError(f"`{value!r}` has no canonical form")
