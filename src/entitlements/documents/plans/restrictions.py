"""Restrictions behind an amount: `1h always for incident by phone or chat if asked warn at 75%`.

`for` names the kinds of requests of a target, and `by` its channels, of which one is enough, `if`
its conditions, which hold all, and `warn at` the instants of its warnings. `from` names the event
that starts the clock: `4h from diagnosed`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from entitlements.kernel.errors import InvalidValueError

KINDS: Final = "kinds"
CHANNELS: Final = "channels"
CONDITIONS: Final = "conditions"
WARN: Final = "warn"
START: Final = "starts_on"

_KEYS: Final = {
    "from": START,
    "for": KINDS,
    "by": CHANNELS,
    "if": CONDITIONS,
    "warn at": WARN,
}
_JOINED: Final = {
    START: " or ",
    KINDS: " or ",
    CHANNELS: " or ",
    CONDITIONS: " and ",
    WARN: " and ",
}
_CLAUSE: Final = re.compile(rf"\s({'|'.join(_KEYS)})\s", re.ASCII)
_OTHER: Final[Mapping[str, re.Pattern[str]]] = {
    KINDS: re.compile(r"\s+and\s+|\s*[,/&+]\s*", re.ASCII),
    CHANNELS: re.compile(r"\s+and\s+|\s*[,/&+]\s*", re.ASCII),
    CONDITIONS: re.compile(r"\s*[,&+]\s*", re.ASCII),
    START: re.compile(r"\s+(?:and|or)\s+|\s*[,/&+]\s*", re.ASCII),
    WARN: re.compile(r"\s+or\s+|\s*[,&+]\s*", re.ASCII),
}
_EITHER: Final = re.compile(r"\s+or\s+", re.ASCII)


def split_restrictions(text: str) -> tuple[str, dict[str, tuple[str, ...]]]:
    """Return the amount in a cell, and the names behind it by the key of a target.

    >>> split_restrictions("4h by phone or chat warn at 50% and 5m")
    ('4h', {'channels': ('phone', 'chat'), 'warn': ('50%', '5m')})

    Raises:
        InvalidValueError: A word is there twice, or names are joined by another word.
    """
    amount, *parts = _CLAUSE.split(" ".join(text.split()))
    found: dict[str, tuple[str, ...]] = {}
    for word, names in zip(parts[::2], parts[1::2], strict=True):
        key = _KEYS[word]
        if key in found:
            message = f"`{word}` is written twice behind `{amount}`"
            both = names if key == START else _JOINED[key].join((*found[key], names))
            raise InvalidValueError(message, hint=f"write `{word} {both}`")
        found[key] = _names(word, key, names)
    return amount, found


def format_restrictions(names: Mapping[str, Sequence[str]]) -> str:
    """Return names by the key of a target as the words behind an amount.

    >>> format_restrictions({"conditions": ("asked", "reachable")})
    'if asked and reachable'
    """
    return " ".join(
        f"{word} {_JOINED[key].join(names[key])}" for word, key in _KEYS.items() if names.get(key)
    )


def _names(word: str, key: str, text: str) -> tuple[str, ...]:
    if key == CONDITIONS and _EITHER.search(text):
        raise InvalidValueError(
            f"`if {text}` names conditions of which one is enough",
            hint="write a list with an amount for each of them; `and` is for conditions that "
            "hold together",
        )
    other = _OTHER[key].split(text)
    if key == START and len(other) > 1:
        raise InvalidValueError(
            f"`from {text}` names several events, and one starts a clock",
            hint=f"write `from {other[0]}`",
        )
    if len(other) > 1:
        meant = _JOINED[key].join(each for each in other if each)
        raise InvalidValueError(
            f"`{word} {text}` is not a list of names", hint=f"write `{word} {meant}`"
        )
    return tuple(each.strip() for each in text.split(_JOINED[key]))
