"""Who is on call? Rotations in layers, with overrides on top.

Later layers cover earlier ones where they are on duty, and overrides cover all layers. Handovers
happen at the same wall-clock time in the layer's zone: at its first reading where a clock is set
back, and at the leap where a clock leaps past it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import final

import attrs

from entitlements.calendars import BusinessHours
from entitlements.calendars.timeline.zones import LAST_MICROS, load_zone, zone_name
from entitlements.kernel.converters import (
    instance_of,
    tuple_of,
)
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.ids import identifier, identifiers
from entitlements.kernel.instants import (
    MICROSECOND,
    from_micros_or_none,
    to_micros,
    utc,
)
from entitlements.kernel.spans import Span

_CHANGES_SEARCHED = 500


@final
@attrs.frozen(kw_only=True)
class OnCallLayer:
    """One rotation.

    Attributes:
        members: Agents in the order of their turns; at least one.
        start: Beginning of the first member's first turn; nobody is on call before it.
        every: Length of a turn on the wall clock.
        zone: Where the wall clock hangs.
        hours: The layer is on duty only then; None for always.
    """

    members: tuple[str, ...] = attrs.field(converter=identifiers)
    start: datetime = attrs.field(converter=utc)
    every: timedelta = timedelta(days=7)
    zone: str = attrs.field(default="UTC", converter=zone_name)
    hours: BusinessHours | None = None

    def __attrs_post_init__(self) -> None:
        if not self.members:
            raise InvalidValueError("a layer has no members", hint="leave the layer out")
        if instance_of(timedelta, self.every) < timedelta(minutes=1):
            raise InvalidValueError(f"a turn of `{self.every}` is shorter than a minute")

    def who(self, at: datetime) -> str | None:
        """Return whose turn it is at `at`; None before the start and outside the hours."""
        if at < self.start or (self.hours is not None and not self.hours.is_open(at)):
            return None
        return self.members[self._turn(to_micros(at)) % len(self.members)]

    def next_change(self, at: datetime) -> datetime | None:
        """Return the next instant strictly after `at` at which the turn or the duty may change."""
        if at < self.start:
            return self.start
        moment = to_micros(at)
        edges: list[int | None] = [self._handover(self._turn(moment) + 1)]
        if self.hours is not None:
            timeline = self.hours.timeline
            edges += [timeline.next_open(moment), timeline.next_close(moment)]
        first = min((edge for edge in edges if edge is not None), default=None)
        return from_micros_or_none(first)

    def _turn(self, at: int) -> int:
        """Return the number of the turn at `at`; a clock that is set back gives no turn back."""
        zone = load_zone(self.zone)
        passed = zone.wall(at) - zone.wall(to_micros(self.start))
        turn = max(0, passed // (self.every // MICROSECOND))
        while (handover := self._handover(turn + 1)) is not None and handover <= at:
            turn += 1
        return turn

    def _handover(self, turn: int) -> int | None:
        """Return the first instant whose clock reads the beginning of that turn, or later.

        None if calendars do not reach that far.
        """
        zone = load_zone(self.zone)
        wall = zone.wall(to_micros(self.start)) + turn * (self.every // MICROSECOND)
        return zone.first_reading(wall) if wall < LAST_MICROS else None


@final
@attrs.frozen
class OnCallOverride:
    """These agents are on call in `span`, whatever the layers say."""

    span: Span
    agents: tuple[str, ...] = attrs.field(converter=identifiers)


def _layers(value: Iterable[OnCallLayer]) -> tuple[OnCallLayer, ...]:
    return tuple_of(OnCallLayer, value)


def _overrides(value: Iterable[OnCallOverride]) -> tuple[OnCallOverride, ...]:
    return tuple_of(OnCallOverride, value)


@final
@attrs.frozen(kw_only=True)
class OnCall:
    """A schedule of who is on call.

    >>> weekly = OnCall(id="db", layers=[OnCallLayer(members=["ada", "bob"], start="2026-03-02T09:00Z")])
    >>> weekly.who(utc("2026-03-10T12:00Z"))
    ('bob',)
    """

    id: str = attrs.field(converter=identifier)
    layers: tuple[OnCallLayer, ...] = attrs.field(default=(), converter=_layers)
    overrides: tuple[OnCallOverride, ...] = attrs.field(default=(), converter=_overrides)

    def who(self, at: datetime) -> tuple[str, ...]:
        """Return who is on call at `at`; the last override or layer on duty decides."""
        for override in reversed(self.overrides):
            if at in override.span:
                return override.agents
        for layer in reversed(self.layers):
            if (agent := layer.who(at)) is not None:
                return (agent,)
        return ()

    def next_on_call(self, agent: str, at: datetime) -> datetime | None:
        """Return the first instant from `at` on at which `agent` is on call.

        None if that is not within the next 500 changes of the schedule.
        """
        if not any(agent in each.members for each in self.layers) and not any(
            agent in each.agents for each in self.overrides
        ):
            return None
        moment: datetime | None = at
        for _ in range(_CHANGES_SEARCHED):
            if moment is None:
                return None
            if agent in self.who(moment):
                return moment
            moment = self._next_change(moment)
        return None

    def _next_change(self, at: datetime) -> datetime | None:
        edges = [edge for layer in self.layers if (edge := layer.next_change(at)) is not None]
        for override in self.overrides:
            edges += [edge for edge in (override.span.start, override.span.end) if edge > at]
        return min(edges, default=None)
