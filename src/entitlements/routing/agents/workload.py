"""How do they stand? What an agent has in hand, and how it came about.

Plain facts: an empty standing is a rested agent who is here. Counters cover the roster's period.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final, final

import attrs

from entitlements.kernel.converters import (
    as_tuple,
    count,
    frozen_map,
    instance_of,
    positive,
    utc_or_none,
)
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.frozenmaps import EMPTY, FrozenMap
from entitlements.kernel.ids import SEPARATOR, identifier, key_parts
from entitlements.kernel.instants import utc
from entitlements.routing.agents.assignment_override import AssignmentOverride, optional_override
from entitlements.routing.work.requirements import Requirement

_OFFER: Final = "offer"
_NUMBER: Final = re.compile("[1-9][0-9]{0,18}").fullmatch


@final
@attrs.frozen
class AssignedWork:
    """A piece of work in hand: what it takes, since when, and the override it was given under."""

    requires: Requirement
    since: datetime = attrs.field(converter=utc)
    override: AssignmentOverride | None = attrs.field(default=None, converter=optional_override)


@final
@attrs.frozen
class Grant:
    """One grant of a piece of work, as offers and assignees hold it: the work, and the fence."""

    work: str = attrs.field(converter=identifier)
    fence: int = attrs.field(converter=positive)

    @property
    def name(self) -> str:
        """The key under which the grant takes capacity; it says the work, however long its id is.

        >>> Grant("R-1", 2).name
        'offer␟R-1␟2'
        """
        return SEPARATOR.join((_OFFER, self.work, str(self.fence)))

    @staticmethod
    def of(name: str) -> Grant | None:
        """Return the grant of that name, or None for work that was assigned without an offer."""
        kind, *parts = key_parts(name)
        if kind != _OFFER or len(parts) != 2 or not parts[0] or not _NUMBER(parts[1]):  # noqa: PLR2004 - work and fence
            return None
        return Grant(parts[0], int(parts[1]))


def _held(value: Mapping[str, AssignedWork]) -> FrozenMap[str, AssignedWork]:
    return FrozenMap(
        {
            name if Grant.of(name) else identifier(name): held
            for name, held in frozen_map(value).items()
        }
    )


def _instants(value: Iterable[datetime]) -> tuple[datetime, ...]:
    return tuple(sorted(map(utc, as_tuple(value))))


@final
@attrs.frozen(kw_only=True)
class Workload:
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

    held: FrozenMap[str, AssignedWork] = attrs.field(default=EMPTY, converter=_held)
    away: bool = False
    back: datetime | None = attrs.field(default=None, converter=utc_or_none)
    last_assigned: datetime | None = attrs.field(default=None, converter=utc_or_none)
    released: datetime | None = attrs.field(default=None, converter=utc_or_none)
    available_since: datetime | None = attrs.field(default=None, converter=utc_or_none)
    handled: int = attrs.field(default=0, converter=count)
    assigned: int = attrs.field(default=0, converter=count)
    busy: timedelta = timedelta()
    busy_since: datetime | None = attrs.field(default=None, converter=utc_or_none)
    turn: int = attrs.field(default=0, converter=count)
    recent: tuple[datetime, ...] = attrs.field(default=(), converter=_instants)

    def __attrs_post_init__(self) -> None:
        if self.back is not None and not self.away:
            raise InvalidValueError(f"back at `{self.back}`, but not away")
        if instance_of(timedelta, self.busy) < timedelta():
            raise InvalidValueError(f"busy for `{self.busy}`")
