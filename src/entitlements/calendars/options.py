"""Which instant do the words mean?

Contracts say "two business days" and "due at closing" and mean different instants by them. The
choice is always an argument, never a habit of the library.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, final

import attrs

from entitlements.kernel.converters import enum_member
from entitlements.kernel.errors import InvalidValueError, LimitExceededError

MAX_DAYS: Final = 100_000


class Anchor(StrEnum):
    """Which instant of the n-th business day is meant."""

    SAME_TIME = "same_time"
    START = "start"
    END = "end"


def as_anchor(value: Anchor | str) -> Anchor:
    """Return the member that `value` is or names; used as a converter."""
    return enum_member(Anchor, value)


class Landing(StrEnum):
    """Which instant is meant when an amount is used up at the edge of open time."""

    CLOSING = "closing"
    """Forward the closing, backward the opening; zero moves nothing."""

    NEXT_OPENING = "next_opening"
    """Forward the opening after that closing; backward and zero as CLOSING."""

    PREVIOUS_CLOSING = "previous_closing"
    """Backward or zero the closing before that opening, or before closed time; forward as CLOSING.
    """


def as_landing(value: Landing | str) -> Landing:
    """Return the member that `value` is or names; used as a converter."""
    return enum_member(Landing, value)


class SetOperator(StrEnum):
    """How hours are combined: in any of them, in all, in the first but no other, in none."""

    ANY = "any"
    ALL = "all"
    EXCEPT = "except"
    NOT = "not"


def as_operator(value: SetOperator | str) -> SetOperator:
    """Return the member that `value` is or names; used as a converter."""
    return enum_member(SetOperator, value)


@final
@attrs.frozen
class BusinessDays:
    """A number of business days; no duration, so it says which instant of the last day it means.

    >>> BusinessDays(2, anchor="end").anchor
    <Anchor.END: 'end'>
    """

    count: int
    anchor: Anchor = attrs.field(converter=as_anchor, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if type(self.count) is not int:
            raise InvalidValueError(
                f"`{self.count!r}` is not a number of days", hint="pass a whole number"
            )
        if abs(self.count) > MAX_DAYS:
            raise LimitExceededError(
                f"`{self.count}` business days", hint=f"at most {MAX_DAYS} are counted"
            )
