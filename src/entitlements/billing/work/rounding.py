"""Rounding of time: the increment and the minimum in which work is billed.

Time is rounded once, over the entries of one case, of one day or of one entry. The difference to
the time that was worked is shown on the charge lines. Amounts of money are rounded elsewhere, once
a line.
"""

from __future__ import annotations

from datetime import timedelta
from typing import final

import attrs

from entitlements.kernel.converters import enum_member, instance_of
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import MICROSECOND
from entitlements.kernel.mixins.text_enum import TextEnum

NOTHING = timedelta()


class RoundingDirection(TextEnum):
    """To which increment time between two of them is rounded."""

    UP = "up"
    DOWN = "down"
    NEAREST = "nearest"


class RoundingTie(TextEnum):
    """Where exactly half an increment goes, if time is rounded to the nearest."""

    UP = "up"
    DOWN = "down"


class RoundingScope(TextEnum):
    """What is added up before it is rounded.

    `CASE`: all entries of a case. `DAY`: the entries of a case on one date of the contract's zone.
    `ENTRY`: each entry by itself.
    """

    CASE = "case"
    DAY = "day"
    ENTRY = "entry"


def _direction(value: RoundingDirection | str) -> RoundingDirection:
    return enum_member(RoundingDirection, value)


def _tie(value: RoundingTie | str) -> RoundingTie:
    return enum_member(RoundingTie, value)


def _scope(value: RoundingScope | str) -> RoundingScope:
    return enum_member(RoundingScope, value)


@final
@attrs.frozen(kw_only=True)
class Rounding:
    """How worked time becomes billed time.

    No work is billed as nothing. Otherwise the minimum counts first, and then the increment. Kimai
    calls its directions ceil, floor and closest; its closest has the tie `down`.

    Attributes:
        increment: Time is billed in whole multiples of it; zero for the exact time.
        minimum: The least that any work costs.
        direction: To which multiple.
        tie: Where exactly half an increment goes, with `RoundingDirection.NEAREST`.
        per: What is added up before it is rounded.

    >>> quarters = Rounding(increment=timedelta(minutes=15), minimum=timedelta(minutes=30))
    >>> [quarters.billed(timedelta(minutes=each)).seconds // 60 for each in (0, 1, 31)]
    [0, 30, 45]

    Raises:
        InvalidValueError: A time is negative, or the minimum would be rounded below itself.
    """

    increment: timedelta = NOTHING
    minimum: timedelta = NOTHING
    direction: RoundingDirection = attrs.field(default=RoundingDirection.UP, converter=_direction)
    tie: RoundingTie = attrs.field(default=RoundingTie.UP, converter=_tie)
    per: RoundingScope = attrs.field(default=RoundingScope.CASE, converter=_scope)

    def __attrs_post_init__(self) -> None:
        for name in ("increment", "minimum"):
            if instance_of(timedelta, getattr(self, name)) < NOTHING:
                raise InvalidValueError(f"{name} `{getattr(self, name)}` is negative", path=name)
        if self.direction is RoundingDirection.UP or not self.increment:
            return
        if self.minimum % self.increment:
            raise InvalidValueError(
                f"a minimum of `{self.minimum}` is no whole number of increments",
                hint=f"round up, or use a multiple of `{self.increment}`",
                path="minimum",
            )

    @property
    def is_exact(self) -> bool:
        """Whether time is billed as it was worked."""
        return not self.increment and not self.minimum

    def billed(self, worked: timedelta) -> timedelta:
        """Return the time that is billed for `worked`, which is not negative."""
        if instance_of(timedelta, worked) < NOTHING:
            raise InvalidValueError(f"worked time `{worked}` is negative")
        return self.billed_micros(worked // MICROSECOND) * MICROSECOND

    def billed_micros(self, worked: int) -> int:
        """Return the microseconds that are billed for so many worked ones."""
        if not worked:
            return 0
        least = max(worked, self.minimum // MICROSECOND)
        step = self.increment // MICROSECOND
        if not step:
            return least
        whole, rest = divmod(least, step)
        return (whole + self._goes_up(rest, step)) * step

    def _goes_up(self, rest: int, step: int) -> bool:
        match self.direction:
            case RoundingDirection.UP:
                return rest > 0
            case RoundingDirection.DOWN:
                return False
            case RoundingDirection.NEAREST:
                twice = 2 * rest
                return twice > step or (twice == step and self.tie is RoundingTie.UP)
