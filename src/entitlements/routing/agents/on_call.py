"""On-call schedules: rotations in layers, and overrides.

A later layer takes precedence over earlier ones while it is on duty, and an override over all
layers. Handovers are at the same wall-clock time in the zone of the layer: at its first occurrence
where the clock is set back, and at the change where the clock skips it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import final

import attrs

from entitlements.calendars import BusinessHours
from entitlements.calendars.timeline.zones import LAST_MICROS, load_zone, zone_name
from entitlements.kernel.converters import (
    as_tuple,
    instance_of,
    tuple_of,
)
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.ids import identifier, identifiers
from entitlements.kernel.instants import (
    MICROSECOND,
    from_micros_or_none,
    instant_of,
    to_micros,
    utc,
)
from entitlements.kernel.periods.spans import Span

_CHANGES_SEARCHED = 500


def _members(value: Iterable[str | Iterable[str]] | str) -> tuple[tuple[str, ...], ...]:
    members = (value,) if isinstance(value, str) else as_tuple(value)
    found = tuple(identifiers(each) for each in members)
    if not all(found):
        raise InvalidValueError("a list of agents on call together is empty", hint="remove it")
    return found


@final
@attrs.frozen(kw_only=True)
class OnCallLayer:
    """One rotation of agents.

    Attributes:
        members: Ids of agents in the order of rotation; at least one. In place of an id, a list of
            ids is on call together.
        start: Start of the first period; before it, the layer has no agent on call.
        every: Length of a period on the wall clock, a minute or more; a week by default.
        zone: IANA time zone of the wall clock; UTC by default.
        hours: Hours in which the layer is on duty; None for all time.

    >>> layer = OnCallLayer(members=["ada", "bob"], start="2026-03-02T09:00Z")
    >>> layer.who(utc("2026-03-09T09:00Z"))
    ('bob',)
    >>> OnCallLayer(members=[["ada", "eve"], "bob"], start=layer.start).who(layer.start)
    ('ada', 'eve')
    """

    members: tuple[tuple[str, ...], ...] = attrs.field(converter=_members)
    start: datetime = attrs.field(converter=utc)
    every: timedelta = timedelta(days=7)
    zone: str = attrs.field(default="UTC", converter=zone_name)
    hours: BusinessHours | None = None

    def __attrs_post_init__(self) -> None:
        if not self.members:
            raise InvalidValueError(
                "an on-call layer has no members", hint="add one, or remove the layer"
            )
        if instance_of(timedelta, self.every) < timedelta(minutes=1):
            raise InvalidValueError(f"`every` must be a minute or more, got `{self.every}`")

    def who(self, at: datetime) -> tuple[str, ...]:
        """Return the agents on call at `at`; none before the start and outside the hours."""
        at = instant_of(at)
        if at < self.start or (self.hours is not None and not self.hours.is_open(at)):
            return ()
        return self.members[self._period(to_micros(at)) % len(self.members)]

    def next_change(self, at: datetime) -> datetime | None:
        """Return the next instant strictly after `at` at which `who` may change."""
        at = instant_of(at)
        if at < self.start:
            return self.start
        moment = to_micros(at)
        edges: list[int | None] = [self._handover(self._period(moment) + 1)]
        if self.hours is not None:
            timeline = self.hours.timeline
            edges += [timeline.next_open(moment), timeline.next_close(moment)]
        first = min((edge for edge in edges if edge is not None), default=None)
        return from_micros_or_none(first)

    def _period(self, at: int) -> int:
        """Return the number of the period at `at`; it never decreases when a clock is set back."""
        zone = load_zone(self.zone)
        passed = zone.wall(at) - zone.wall(to_micros(self.start))
        period = max(0, passed // (self.every // MICROSECOND))
        while (handover := self._handover(period + 1)) is not None and handover <= at:
            period += 1
        return period

    def _handover(self, period: int) -> int | None:
        """Return the first instant whose wall clock is at or after the start of the period.

        None after the end of the calendars.
        """
        zone = load_zone(self.zone)
        wall = zone.wall(to_micros(self.start)) + period * (self.every // MICROSECOND)
        return zone.first_reading(wall) if wall < LAST_MICROS else None


@final
@attrs.frozen
class OnCallOverride:
    """The agents on call in `span`, in place of those of the layers; none if `agents` is empty.

    >>> span = Span("2026-03-02T09:00Z", "2026-03-03T09:00Z")
    >>> OnCallOverride(span, ["eve"]).agents
    ('eve',)
    """

    span: Span
    agents: tuple[str, ...] = attrs.field(converter=identifiers)


def _layers(value: Iterable[OnCallLayer]) -> tuple[OnCallLayer, ...]:
    return tuple_of(OnCallLayer, value)


def _overrides(value: Iterable[OnCallOverride]) -> tuple[OnCallOverride, ...]:
    return tuple_of(OnCallOverride, value)


@final
@attrs.frozen(kw_only=True)
class OnCall:
    """An on-call schedule.

    Attributes:
        id: Unique id of the schedule.
        layers: Rotations; a later one takes precedence while it is on duty.
        overrides: Exceptions; a later one takes precedence.

    >>> layer = OnCallLayer(members=["ada", "bob"], start="2026-03-02T09:00Z")
    >>> weekly = OnCall(id="db", layers=[layer])
    >>> weekly.who(utc("2026-03-10T12:00Z"))
    ('bob',)
    """

    id: str = attrs.field(converter=identifier)
    layers: tuple[OnCallLayer, ...] = attrs.field(default=(), converter=_layers)
    overrides: tuple[OnCallOverride, ...] = attrs.field(default=(), converter=_overrides)

    def who(self, at: datetime) -> tuple[str, ...]:
        """Return the agents on call at `at`: of the last override, or the last layer on duty."""
        at = instant_of(at)
        for override in reversed(self.overrides):
            if at in override.span:
                return override.agents
        for layer in reversed(self.layers):
            if agents := layer.who(at):
                return agents
        return ()

    def next_on_call(self, agent: str, at: datetime) -> datetime | None:
        """Return the first instant from `at` on at which `agent` is on call.

        None if that is not within the next 500 changes of the schedule.
        """
        moment: datetime | None = instant_of(at)
        if not any(
            agent in together for each in self.layers for together in each.members
        ) and not any(agent in each.agents for each in self.overrides):
            return None
        for _ in range(_CHANGES_SEARCHED):
            if moment is None:
                return None
            if agent in self.who(moment):
                return moment
            moment = self.next_change(moment)
        return None

    def next_change(self, at: datetime) -> datetime | None:
        """Return the next instant strictly after `at` at which `who` may change, or None."""
        at = instant_of(at)
        edges = [edge for layer in self.layers if (edge := layer.next_change(at)) is not None]
        for override in self.overrides:
            edges += [edge for edge in (override.span.start, override.span.end) if edge > at]
        return min(edges, default=None)


def next_handover(schedules: Mapping[str, OnCall], at: datetime) -> datetime | None:
    """Return the next instant strictly after `at` at which any schedule may change, or None."""
    found = (each.next_change(at) for each in schedules.values())
    return min((each for each in found if each is not None), default=None)
