"""attrs converters: tuples, frozen maps, UTC, enum members, whole numbers within limits.

A converter of a collection does not check the type of the elements unless it says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import Enum
from typing import Any, Final, TypeVar

from entitlements.kernel.errors import InvalidValueError, LimitExceededError
from entitlements.kernel.frozenmaps import EMPTY, FrozenMap
from entitlements.kernel.hints import closest_match_hint
from entitlements.kernel.instants import utc

MAX_TEXT_LENGTH: Final = 10_000
MAX_INT32: Final = 2**31 - 1
MAX_INT64: Final = 2**63 - 1

E = TypeVar("E", bound=Enum)
T = TypeVar("T")

_MAX_QUOTE: Final = 100


def enum_member(kind: type[E], value: object) -> E:
    """Return the member of `kind` that `value` is, or that it names.

    Text that stands for a member is converted where it enters, because text that equals a member
    is not that member: `"closing" is Landing.CLOSING` is False.

    >>> from entitlements.calendars.options import Landing
    >>> enum_member(Landing, "closing")
    Landing.CLOSING

    Raises:
        InvalidValueError: `value` names no member.
    """
    if type(value) is kind:
        return value
    try:
        return kind(value)
    except ValueError:
        pass
    word = str(value) if isinstance(value, str) else repr(value)
    known = [str(each.value) for each in kind]
    raise InvalidValueError(
        f"`{word[:_MAX_QUOTE]}` is not a known {_words(kind)}",
        hint=closest_match_hint(word[:_MAX_QUOTE], known) or f"known are `{'`, `'.join(known)}`",
    )


def as_tuple(values: Iterable[Any]) -> tuple[Any, ...]:
    """Return `values` as a tuple.

    >>> as_tuple([1, 2])
    (1, 2)

    Raises:
        InvalidValueError: `values` is text, which would be split into letters, or not iterable.
    """
    if isinstance(values, str):
        raise InvalidValueError(f"`{values}` is one value, not several", hint="put it in a list")
    try:
        return tuple(values)
    except TypeError:
        raise InvalidValueError(f"`{values!r}` is not a list", hint="put it in a list") from None


def as_text(value: str) -> str:
    """Return `value` if it is text.

    Raises:
        InvalidValueError: `value` is something else.
    """
    if not isinstance(value, str):
        raise InvalidValueError(f"`{value!r}` is not text")
    return value


def with_article(words: str) -> str:
    """Return the words of a thing with `a` or `an` before them, or several things without.

    >>> with_article("expert group"), with_article("unit"), with_article("facts")
    ('an expert group', 'a unit', 'facts')
    """
    return f"{_article(words)}{words}"


def _article(words: str) -> str:
    """Return the article of a thing, with a space; nothing for work, and for several things."""
    word = words.lower()
    if word == "work" or (word.endswith("s") and not word.endswith("ss")):
        return ""
    sounds_like_a_vowel = word[:1] in set("aeio") or (word[:1] == "u" and word[1:2] in set("npr"))
    return "an " if sounds_like_a_vowel and word[:3] != "uni" else "a "


def instance_of(kind: type[T], value: object) -> T:
    """Return `value` if it is a `kind`.

    Raises:
        InvalidValueError: `value` is something else.
    """
    if not isinstance(value, kind):
        words, name = _words(kind), f"`{kind.__name__}`"
        hint = f"pass {_article(words)}{name}"
        if isinstance(value, Mapping) and hasattr(kind, "from_dict"):
            hint += f", which `{kind.__name__}.from_dict` reads from data"
        raise InvalidValueError(
            f"`{repr(value)[:_MAX_QUOTE]}` is not {with_article(words)}", hint=hint
        )
    return value


def tuple_of(kind: type[T], values: Iterable[T]) -> tuple[T, ...]:
    """Return `values` as a tuple if each of them is a `kind`."""
    found = as_tuple(values)
    for each in found:
        if type(each) is not kind:
            instance_of(kind, each)
    return found


def each_of(kind: type[T], values: Iterable[T]) -> Iterator[T]:
    """Yield `values` one by one if each of them is a `kind`; they are read once and not kept.

    Raises:
        InvalidValueError: `values` is text or not iterable, or one is something else.
    """
    if isinstance(values, str) or not isinstance(values, Iterable):
        as_tuple(values)
    return (instance_of(kind, each) for each in values)


def frozen_map(values: Mapping[Any, Any]) -> FrozenMap[Any, Any]:
    """Return `values` as an immutable mapping.

    >>> frozen_map({"dana": 7})
    FrozenMap({'dana': 7})
    """
    return (values if type(values) is FrozenMap else FrozenMap(values)) or EMPTY


def optional_tuple(values: Iterable[Any] | None) -> tuple[Any, ...] | None:
    """Return `values` as a tuple, or None."""
    return None if values is None else as_tuple(values)


def utc_or_none(value: datetime | str | None) -> datetime | None:
    """Return `value` as a UTC instant, or None."""
    return None if value is None else utc(value)


def _words(kind: type) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind.__name__).lower()


def remark(value: str) -> str:
    """Return `value` if it is free text that every store can keep.

    >>> remark("on a break")
    'on a break'

    Raises:
        InvalidValueError: It is no text, or holds a NUL or half of a surrogate pair.
        LimitExceededError: It has more than 10,000 characters.
    """
    if not isinstance(value, str):
        raise InvalidValueError(f"`{value!r}` is not text")
    if len(value) > MAX_TEXT_LENGTH:
        raise LimitExceededError(f"a text has more than {MAX_TEXT_LENGTH} characters")
    if "\0" in value or any("\ud800" <= each <= "\udfff" for each in value):
        raise InvalidValueError(f"`{value!r:.100}` holds a NUL or half of a surrogate pair")
    return value


def whole_number(
    value: object, what: str = "number", *, least: int = 0, most: int = MAX_INT64
) -> int:
    """Return `value` if it is a whole number from `least` to `most`.

    >>> whole_number(12)
    12

    Args:
        value: A number; a float would round, and a bool is an answer, not a number.
        what: What the number means, for the message.
        least: The smallest number that is accepted.
        most: The largest number that is accepted; no number may be smaller than `-most` either.

    Raises:
        InvalidValueError: `value` is not an `int`, or is below `least`.
        LimitExceededError: `value` is above `most`, or below `-most`.
    """
    if type(value) is not int:
        raise InvalidValueError(f"{what} must be a whole number, not `{value!r:.100}`")
    if value > most:
        raise LimitExceededError(f"{what} must be at most {most}, not `{value}`")
    if value < -most:
        raise LimitExceededError(f"{what} must be at least {-most}, not `{value}`")
    if value < least:
        raise InvalidValueError(f"{what} must be at least {least}, not `{value}`")
    return value


def count(value: int) -> int:
    """Return `value` if it is a whole number from 0 on that fits into 32 bits."""
    return whole_number(value, most=MAX_INT32)


def positive(value: int) -> int:
    """Return `value` if it is a whole number from 1 on that fits into 32 bits."""
    return whole_number(value, least=1, most=MAX_INT32)


def limit(value: int | None) -> int | None:
    """Return `value` if it is None, for no limit, or a whole number from 0 on in 32 bits."""
    return None if value is None else whole_number(value, "limit", most=MAX_INT32)
