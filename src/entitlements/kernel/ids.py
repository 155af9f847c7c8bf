"""Ids and keys: names that people choose, and keys that the library makes of them.

An id is text of 1 to 200 printable characters in Unicode's form NFC, without surrounding blanks.
Control and format characters, halves of surrogate pairs and invisible characters are refused, so
that an id can be written in a log line or a sentence, and ids that look the same are the same. Ids
are never changed. A key consists of a kind and of ids, joined by `^`, which no id may contain: no
id equals a key, and keys of different parts differ. It is a character that URIs exclude (RFC 3986),
and of ASCII: a text with one wider character takes twice the memory and twice the time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, TypeVar
from unicodedata import is_normalized

from entitlements.kernel.converters import as_tuple, instance_of
from entitlements.kernel.errors import (
    DuplicateIdError,
    InvalidValueError,
    LimitExceededError,
    UnknownIdError,
)
from entitlements.kernel.frozenmaps import FrozenMap

MAX_ID_LENGTH: Final = 200
SEPARATOR: Final = "^"
"""The character between the parts of a key; no id may contain it."""

T = TypeVar("T")

_DIGEST: Final = "sha256"

_NO_IDS: Final[frozenset[str]] = frozenset()
_COLLECTIONS: Final = frozenset({tuple, frozenset, list})

_INVISIBLE: Final = re.compile(
    # Printable for Python, but invisible: joiners, fillers, variation selectors.
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)


def identifier(value: str) -> str:
    """Return `value` if it can name something; used as a converter of value classes.

    >>> identifier("acme")
    'acme'

    Raises:
        InvalidValueError: `value` is not text, is empty, has blanks around, is not in NFC, or
            contains an invisible character or the separator of keys.
        LimitExceededError: `value` has more than 200 characters.
    """
    if (
        type(value) is str
        and value.isascii()
        and value.isprintable()
        and " " not in value
        and SEPARATOR not in value
        and 0 < len(value) <= MAX_ID_LENGTH
    ):
        return value  # the same rules, for nearly all ids
    name = identifier_or_key(value)
    if SEPARATOR in name:
        raise InvalidValueError(f"`{name}` is not an id", hint=f"`{SEPARATOR}` is for keys only")
    return name


def identifier_or_key(value: str) -> str:
    """Return `value` if it is an id or has the form of a key; for fields that take both.

    Raises:
        InvalidValueError: It is neither.
        LimitExceededError: `value` has more than 200 characters.
    """
    if not isinstance(value, str):
        raise InvalidValueError(f"`{value!r}` is not an id", hint="ids are text")
    if not value or value != value.strip():
        raise InvalidValueError(
            f"`{_shown(value[:MAX_ID_LENGTH])}` is not an id",
            hint="it is empty or has blanks around",
        )
    if len(value) > MAX_ID_LENGTH:
        raise LimitExceededError(
            f"`{_shown(value[:20])}...` is not an id",
            hint=f"it has more than {MAX_ID_LENGTH} characters",
        )
    if not value.isprintable():
        raise InvalidValueError(f"`{value!a}` is not an id", hint="it contains a control character")
    if not value.isascii():
        _check_letters(value)
    return value


def _shown(text: str) -> str:
    """Return text that can be written anywhere, with halves of surrogate pairs escaped."""
    return text.encode("utf-8", "backslashreplace").decode()


def _check_letters(value: str) -> None:
    if _INVISIBLE.search(value):
        raise InvalidValueError(
            f"`{value!a}` is not an id", hint="it contains an invisible character"
        )
    if not is_normalized("NFC", value):
        raise InvalidValueError(
            f"`{value!a}` is not an id", hint="it is not in the form NFC; normalize it first"
        )


def optional_identifier(value: str | None) -> str | None:
    """Return `value` if it can name something, or None."""
    return None if value is None else identifier(value)


def identifiers(values: Iterable[str]) -> tuple[str, ...]:
    """Return `values` as a tuple of ids, in their order; a single text is one id."""
    return tuple(map(identifier, _id_list(values)))


def identifier_set(values: Iterable[str]) -> frozenset[str]:
    """Return `values` as a set of ids; a single text is one id."""
    if type(values) in _COLLECTIONS:
        if not values:
            return _NO_IDS
        if type(values) is frozenset:
            for each in values:
                identifier(each)
            return values
    return frozenset(identifiers(values))


def identifiers_or_keys(values: Iterable[str]) -> tuple[str, ...]:
    """Return `values` as a tuple of ids and keys, in their order; a single text is one."""
    return tuple(map(identifier_or_key, _id_list(values)))


def _id_list(values: Iterable[str]) -> Iterable[str]:
    if isinstance(values, str):
        return (values,)
    try:
        return iter(values)
    except TypeError:
        raise InvalidValueError(f"`{values!r}` is not a list of ids") from None


def check_unique_ids(kind: str, ids: Iterable[str]) -> None:
    """Raise `DuplicateIdError` if an id occurs twice.

    Args:
        kind: What the ids name, for the message.
        ids: All ids of that kind.
    """
    seen: set[str] = set()
    for id in ids:
        if id in seen:
            raise DuplicateIdError(kind, id)
        seen.add(id)


def check_known_ids(kind: str, ids: Iterable[str], known: Iterable[str], path: str) -> None:
    """Raise `UnknownIdError` for the first of `ids`, in their order as text, that is not known.

    Args:
        kind: What the ids name, for the message.
        ids: Ids that refer to something.
        known: Ids of all that exists.
        path: Where the ids are in the caller's input.
    """
    names = frozenset(known)
    for id in sorted(ids):
        if id not in names:
            raise UnknownIdError(kind, id, known=names, path=path)


def check_known_id(kind: str, id: str | None, known: Iterable[str], path: str) -> None:
    """Raise `UnknownIdError` if `id` is not known; None is no reference. See `check_known_ids`."""
    if id is not None:
        check_known_ids(kind, (id,), known, path)


def key(kind: str, *parts: str | int) -> str:
    """Return the key of a kind and its parts; no id and no other parts have the same key.

    Every kind of key has a fixed number of parts. A key of more than 200 characters is replaced by
    a digest of its parts.

    Args:
        kind: What the key names, as a fixed word.
        parts: Ids, numbers, or keys.

    >>> key("commit", "R-1")
    'commit^R-1'
    >>> key_parts(key("commit", "R-1"))
    ('commit', 'R-1')
    """
    text = SEPARATOR.join((kind, *map(str, parts)))
    if len(text) <= MAX_ID_LENGTH:
        return text
    import hashlib  # noqa: PLC0415 - on first use

    return f"{_DIGEST}{SEPARATOR}{hashlib.sha256(text.encode()).hexdigest()}"


def key_parts(key: str) -> tuple[str, ...]:
    """Return the kind and the parts of a key; a plain id is a single part."""
    return tuple(key.split(SEPARATOR))


def by_id(
    of: type[T], kind: str, values: Mapping[str, T] | Iterable[T], *, field: str = "id"
) -> FrozenMap[str, T]:
    """Return values of a class by their ids, in their order.

    Args:
        of: The class.
        kind: What they are called in errors.
        values: The values, or a map whose values they are; its keys are not used.
        field: The attribute that is their id.

    Raises:
        DuplicateIdError: Two have one id.
        InvalidValueError: One is of another class.
    """
    found: dict[str, T] = {}
    for value in values.values() if isinstance(values, Mapping) else as_tuple(values):
        id = getattr(instance_of(of, value), field)
        if id in found:
            raise DuplicateIdError(kind, id)
        found[id] = value
    return FrozenMap(found)
