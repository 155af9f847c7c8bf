"""Which instant do the words mean?

Contracts say "two business days" and "due at closing" and mean different instants by them. The
choice is always an argument, never a habit of the library.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, final

import attrs

from entitlements.kernel.errors import InvalidValueError, LimitExceededError

MOST_DAYS: Final = 100_000


class Anchor(StrEnum):
    """Which instant of the n-th business day is meant."""

    SAME_TIME = "same_time"
    START = "start"
    END = "end"


class Landing(StrEnum):
    """Which instant is meant when an amount is used up exactly at closing."""

    CLOSING = "closing"
    NEXT_OPENING = "next_opening"


class Operator(StrEnum):
    """How hours are combined: in any of them, in all, in the first but no other, in none."""

    ANY = "any"
    ALL = "all"
    EXCEPT = "except"
    NOT = "not"


@final
@attrs.frozen
class BusinessDays:
    """A number of business days; no duration, so it says which instant of the last day it means.

    >>> BusinessDays(2, anchor="end").anchor
    <Anchor.END: 'end'>
    """

    count: int
    anchor: Anchor = attrs.field(converter=Anchor, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if type(self.count) is not int:
            raise InvalidValueError(
                f"`{self.count!r}` is not a number of days", hint="pass a whole number"
            )
        if abs(self.count) > MOST_DAYS:
            raise LimitExceededError(
                f"`{self.count}` business days", hint=f"at most {MOST_DAYS} are counted"
            )
