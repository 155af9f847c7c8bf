"""How do they stand? What an agent has in hand, and how it came about.

Plain facts: an empty standing is a rested agent who is here. Counters cover the roster's period.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import final

import attrs

from entitlements.kernel.converters import (
    as_map,
    as_tuple,
    instance_of,
)
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.frozenmaps import EMPTY, FrozenMap
from entitlements.kernel.ids import identifier_or_key
from entitlements.kernel.instants import utc
from entitlements.routing.converters import count, instant_or_none
from entitlements.routing.requirements import Requirement


@final
@attrs.frozen
class Held:
    """A piece of work in hand: what it takes, and since when."""

    requires: Requirement
    since: datetime = attrs.field(converter=utc)


def _held(value: Mapping[str, Held]) -> FrozenMap[str, Held]:
    return FrozenMap({identifier_or_key(work): held for work, held in as_map(value).items()})


def _instants(value: Iterable[datetime]) -> tuple[datetime, ...]:
    return tuple(sorted(map(utc, as_tuple(value))))


@final
@attrs.frozen(kw_only=True)
class Standing:
    """What an agent has in hand, and how it came about.

    Attributes:
        held: Work in hand by its id; offered work counts, because an offer takes capacity.
        away: They have said that they take nothing now.
        back: When they said they would be back; None if they did not say.
        last_assigned: When they were last given work; None for never.
        released: When they last finished work, wrap-up included; None for never.
        available_since: When they last came back from being away; None for never.
        handled: Pieces finished in the period.
        assigned: Pieces given in the period.
        busy: Time with anything in hand, in stretches that have ended, in the period.
        busy_since: Beginning of the present stretch; None with empty hands.
        turn: Number of their last turn in the rotation of the roster; 0 for none yet.
        recent: When the pieces were given that may still count towards their pace.
    """

    held: FrozenMap[str, Held] = attrs.field(default=EMPTY, converter=_held)
    away: bool = False
    back: datetime | None = attrs.field(default=None, converter=instant_or_none)
    last_assigned: datetime | None = attrs.field(default=None, converter=instant_or_none)
    released: datetime | None = attrs.field(default=None, converter=instant_or_none)
    available_since: datetime | None = attrs.field(default=None, converter=instant_or_none)
    handled: int = attrs.field(default=0, converter=count)
    assigned: int = attrs.field(default=0, converter=count)
    busy: timedelta = timedelta()
    busy_since: datetime | None = attrs.field(default=None, converter=instant_or_none)
    turn: int = attrs.field(default=0, converter=count)
    recent: tuple[datetime, ...] = attrs.field(default=(), converter=_instants)

    def __attrs_post_init__(self) -> None:
        if self.back is not None and not self.away:
            raise InvalidValueError(f"back at `{self.back}`, but not away")
        if instance_of(timedelta, self.busy) < timedelta():
            raise InvalidValueError(f"busy for `{self.busy}`")
