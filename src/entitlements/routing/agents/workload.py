"""Workload of an agent: assigned work, absence status and counters.

An empty workload is that of an available agent with no assigned work. Counters cover the period of
the roster.
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
from entitlements.kernel.ids import SEPARATOR, identifier, identifier_set, key_parts
from entitlements.kernel.instants import utc
from entitlements.kernel.mixins.repr_without_defaults import ReprWithoutDefaults
from entitlements.routing.agents.assignment_override import AssignmentOverride, optional_override
from entitlements.routing.work.requirements import Requirement

_OFFER: Final = "offer"
_NUMBER: Final = re.compile("[1-9][0-9]{0,18}").fullmatch


@final
@attrs.frozen
class AssignedWork:
    """A piece of assigned work.

    Attributes:
        requires: The requirement at the time of the assignment.
        since: The instant of the assignment.
        override: The override that the assignment needed; None for an eligible agent.
        excluded_agents: The agents who cannot take the work, to whom it is not transferred either.

    >>> AssignedWork(Requirement(), "2026-03-02T09:00Z").since.hour
    9
    """

    requires: Requirement
    since: datetime = attrs.field(converter=utc)
    override: AssignmentOverride | None = attrs.field(default=None, converter=optional_override)
    excluded_agents: frozenset[str] = attrs.field(default=(), converter=identifier_set)


@final
@attrs.frozen
class Reservation:
    """Capacity taken by one offer of a piece of work, identified by its fence."""

    work: str = attrs.field(converter=identifier)
    fence: int = attrs.field(converter=positive)

    @property
    def key(self) -> str:
        """The key of the reservation in `Workload.held`; never equal to an id of work.

        >>> Reservation("R-1", 2).key
        'offer^R-1^2'
        """
        return SEPARATOR.join((_OFFER, self.work, str(self.fence)))

    @staticmethod
    def of(key: str) -> Reservation | None:
        """Return the reservation with that key, or None for the id of work without an offer."""
        kind, *parts = key_parts(key)
        if kind != _OFFER or len(parts) != 2 or not parts[0] or not _NUMBER(parts[1]):  # noqa: PLR2004 - work and fence
            return None
        return Reservation(parts[0], int(parts[1]))


def _held(value: Mapping[str, AssignedWork]) -> FrozenMap[str, AssignedWork]:
    return FrozenMap(
        {
            key if Reservation.of(key) else identifier(key): held
            for key, held in frozen_map(value).items()
        }
    )


def _instants(value: Iterable[datetime]) -> tuple[datetime, ...]:
    return tuple(sorted(map(utc, as_tuple(value))))


@final
@attrs.frozen(repr=False, kw_only=True)
class Workload(ReprWithoutDefaults):
    """The work assigned to an agent, and counters of the roster's period.

    Attributes:
        held: Assigned work by id, and offered work by the key of its reservation.
        away: Whether the agent has set a status that accepts no work.
        back: The announced return of an agent who is away; None if not announced.
        last_assigned: The last assignment; None for never.
        released: The last completion of work, wrap-up included; None for never.
        available_since: The last return from being away; None for never.
        handled: Pieces of work completed in the period.
        assigned: Pieces of work assigned in the period.
        busy: Time in the period with any work assigned, up to the last time that all was completed.
        busy_since: Start of the present busy time; None with no assigned work.
        assignment_number: Number of the agent's last assignment among those of the roster; 0 for
            none.
        recent: Instants of assignments that may still count towards the rate limit.

    >>> Workload(away=True, back="2026-03-02T10:00Z").back.hour
    10
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
    assignment_number: int = attrs.field(default=0, converter=count)
    recent: tuple[datetime, ...] = attrs.field(default=(), converter=_instants)

    def __attrs_post_init__(self) -> None:
        if self.back is not None and not self.away:
            raise InvalidValueError(f"an agent who is not away cannot be back at `{self.back}`")
        if instance_of(timedelta, self.busy) < timedelta():
            raise InvalidValueError(f"busy time must not be negative, got `{self.busy}`")
