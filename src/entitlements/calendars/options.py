"""Options of calendar arithmetic: Anchor, Landing, BusinessDays.

Contracts say "two business days" or "due at closing" and mean different instants. The choice is
always an argument; the library assumes nothing.
"""

from __future__ import annotations

from typing import Final, final

import attrs

from entitlements.kernel.converters import enum_member, whole_number
from entitlements.kernel.mixins.text_enum import TextEnum

MAX_DAYS: Final = 100_000


class Anchor(TextEnum):
    """The instant of the n-th business day.

    `SAME_TIME`: the wall-clock time of the first day. `START`: the first opening. `END`: the last
    closing.
    """

    SAME_TIME = "same_time"
    START = "start"
    END = "end"


def as_anchor(value: Anchor | str) -> Anchor:
    """Return the member that `value` is or names; used as a converter."""
    return enum_member(Anchor, value)


class Landing(TextEnum):
    """The result of `add` when an amount is used up at the edge of open time.

    `CLOSING`: for a positive amount the closing, for a negative one the opening; zero moves
    nothing. `NEXT_OPENING`: for a positive amount the opening after that closing, otherwise as
    `CLOSING`. `PREVIOUS_CLOSING`: for a negative amount or zero the closing before that opening, or
    before closed time; otherwise as `CLOSING`.
    """

    CLOSING = "closing"
    NEXT_OPENING = "next_opening"
    PREVIOUS_CLOSING = "previous_closing"


def as_landing(value: Landing | str) -> Landing:
    """Return the member that `value` is or names; used as a converter."""
    return enum_member(Landing, value)


class SetOperator(TextEnum):
    """How hours are combined: open in any of them, in all, in the first but no other, in none."""

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
    """A number of business days and the instant of the last day that is meant.

    As text it is what a plan says, without the anchor.

    >>> BusinessDays(2, anchor="end").anchor
    Anchor.END
    >>> str(BusinessDays(1, anchor="end")), str(BusinessDays(0, anchor="end"))
    ('1 business day', 'same business day')
    """

    count: int
    anchor: Anchor = attrs.field(converter=as_anchor, kw_only=True)

    def __attrs_post_init__(self) -> None:
        whole_number(self.count, "number of business days", least=-MAX_DAYS, most=MAX_DAYS)

    def __str__(self) -> str:
        if self.count == 0:
            return "same business day"
        return f"{self.count} business day{'' if self.count == 1 else 's'}"
