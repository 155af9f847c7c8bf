"""Names of things: short, printable, never empty.

An id is text of 1 to 200 printable characters without surrounding blanks. Control characters are
refused, so that an id can stand in a log line, a key or a sentence as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from entitlements.kernel.errors import InvalidValueError, LimitExceededError

LONGEST_ID: Final = 200


def identifier(value: str) -> str:
    """Return `value` if it can name something; used as a converter of value classes.

    >>> identifier("acme")
    'acme'

    Raises:
        InvalidValueError: `value` is no text, is empty, padded, or holds a control character.
        LimitExceededError: `value` has more than 200 characters.
    """
    if not isinstance(value, str):
        raise InvalidValueError(f"`{value!r}` is not an id", hint="ids are text")
    if not value or value != value.strip():
        raise InvalidValueError(f"`{value}` is not an id", hint="it is empty or has blanks around")
    if len(value) > LONGEST_ID:
        raise LimitExceededError(
            f"`{value[:20]}...` is not an id", hint=f"it has more than {LONGEST_ID} characters"
        )
    if not value.isprintable():
        raise InvalidValueError(f"`{value!r}` is not an id", hint="it holds a control character")
    return value


def optional_identifier(value: str | None) -> str | None:
    """Return `value` if it can name something, or None."""
    return None if value is None else identifier(value)


def identifiers(values: Iterable[str]) -> tuple[str, ...]:
    """Return `values` as a tuple of ids, in their order; a lone text is one id."""
    return (identifier(values),) if isinstance(values, str) else tuple(map(identifier, values))


def identifier_set(values: Iterable[str]) -> frozenset[str]:
    """Return `values` as a set of ids; a lone text is one id."""
    return frozenset(identifiers(values))
