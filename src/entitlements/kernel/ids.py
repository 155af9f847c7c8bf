"""Ids and keys: names that people choose, and names that the library makes of them.

An id is text of 1 to 200 printable characters in Unicode's form NFC, without surrounding blanks.
Control and format characters, halves of surrogate pairs and characters that nobody sees are
refused: an id can stand in a log line or a sentence as it is, and two ids that look the same are
the same. Ids are compared as they are; none is changed on the way in. A key is made of a kind and
of ids, joined by a character that no id may hold: no id can imitate a key, and no key another one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Final
from unicodedata import is_normalized

from entitlements.kernel.errors import (
    DuplicateIdError,
    InvalidValueError,
    LimitExceededError,
    UnknownIdError,
)

MAX_ID_LENGTH: Final = 200
SEPARATOR: Final = "\N{SYMBOL FOR UNIT SEPARATOR}"
"""What stands between the parts of a key; no id may hold it."""

_DIGEST: Final = "sha256"

_UNSEEN: Final = re.compile(
    # Printable by Python's rule, and drawn as nothing: joiners, fillers, variation selectors.
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)


def identifier(value: str) -> str:
    """Return `value` if it can name something; used as a converter of value classes.

    >>> identifier("acme")
    'acme'

    Raises:
        InvalidValueError: `value` is no text, is empty, padded, not in NFC, or holds a character
            that nobody sees or the separator of keys.
        LimitExceededError: `value` has more than 200 characters.
    """
    name = identifier_or_key(value)
    if SEPARATOR in name:
        raise InvalidValueError(f"`{name}` is not an id", hint=f"`{SEPARATOR}` is for keys only")
    return name


def identifier_or_key(value: str) -> str:
    """Return `value` if it is an id or has the form of a key; a converter where both may stand.

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
        raise InvalidValueError(f"`{value!a}` is not an id", hint="it holds a control character")
    if not value.isascii():
        _check_letters(value)
    return value


def _shown(text: str) -> str:
    """Return text that can be written anywhere, with halves of surrogate pairs escaped."""
    return text.encode("utf-8", "backslashreplace").decode()


def _check_letters(value: str) -> None:
    if _UNSEEN.search(value):
        raise InvalidValueError(
            f"`{value!a}` is not an id", hint="it holds a character that nobody sees"
        )
    if not is_normalized("NFC", value):
        raise InvalidValueError(
            f"`{value!a}` is not an id", hint="it is not in the form NFC; normalize it first"
        )


def optional_identifier(value: str | None) -> str | None:
    """Return `value` if it can name something, or None."""
    return None if value is None else identifier(value)


def identifiers(values: Iterable[str]) -> tuple[str, ...]:
    """Return `values` as a tuple of ids, in their order; a lone text is one id."""
    return tuple(map(identifier, _several(values)))


def identifier_set(values: Iterable[str]) -> frozenset[str]:
    """Return `values` as a set of ids; a lone text is one id."""
    return frozenset(identifiers(values))


def identifiers_or_keys(values: Iterable[str]) -> tuple[str, ...]:
    """Return `values` as a tuple of ids and keys, in their order; a lone text is one."""
    return tuple(map(identifier_or_key, _several(values)))


def _several(values: Iterable[str]) -> Iterable[str]:
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
    """Return the key of a kind that is made of `parts`, which no id and no other parts make.

    Every kind of key has a fixed number of parts. A key that would have more than 200 characters is
    made of the digest of its parts instead.

    Args:
        kind: What the key names; a word of the library's own.
        parts: Ids, numbers, or keys.

    >>> key("commit", "R-1")
    'commit␟R-1'
    >>> key_parts(key("commit", "R-1"))
    ('commit', 'R-1')
    """
    text = SEPARATOR.join((kind, *map(str, parts)))
    if len(text) <= MAX_ID_LENGTH:
        return text
    return f"{_DIGEST}{SEPARATOR}{hashlib.sha256(text.encode()).hexdigest()}"


def key_parts(key: str) -> tuple[str, ...]:
    """Return the kind and the parts of a key; a plain id is the only part of itself."""
    return tuple(key.split(SEPARATOR))
