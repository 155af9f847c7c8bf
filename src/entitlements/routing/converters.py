"""What may be written down? Numbers and instants as they enter the values of routing.

Truth values are not numbers, floats are not counts, and naive datetimes are not instants.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from entitlements.kernel.errors import InvalidValueError, LimitExceededError
from entitlements.kernel.instants import utc

LARGEST: Final = 2**31 - 1


def whole(value: int, what: str = "number", *, least: int = 0) -> int:
    """Return `value` if it is a whole number from `least` on.

    Raises:
        InvalidValueError: it is not.
        LimitExceededError: it does not fit into 32 bits.
    """
    if type(value) is not int or value < least:
        raise InvalidValueError(f"{what} is `{value!r}`, not a whole number from {least} on")
    if value > LARGEST:
        raise LimitExceededError(f"{what} is `{value}`, above {LARGEST}")
    return value


def count(value: int) -> int:
    """Return `value` if it is a whole number from 0 on."""
    return whole(value)


def positive(value: int) -> int:
    """Return `value` if it is a whole number from 1 on."""
    return whole(value, least=1)


def limit(value: int | None) -> int | None:
    """Return `value` if it is None, for no limit, or a whole number from 0 on."""
    return None if value is None else whole(value, "limit")


def instant_or_none(value: datetime | str | None) -> datetime | None:
    """Return `value` as a UTC instant, or None."""
    return None if value is None else utc(value)
