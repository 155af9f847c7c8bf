"""Who is on now, until when, and who takes over?

Teams around the world keep their own hours. The first open team in the given order leads; when
nobody is open, nobody does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import final

import attrs

from entitlements.calendars.business_hours import (
    BusinessHours,
    as_hours,
)
from entitlements.calendars.composite import CompositeCalendar
from entitlements.calendars.options import SetOperator
from entitlements.kernel.converters import (
    frozen_map,
)
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.ids import identifier
from entitlements.kernel.instants import from_micros, from_micros_or_none, to_micros


@final
@attrs.frozen(kw_only=True)
class OnDutyTeam:
    """Who leads at an instant.

    Attributes:
        team: The first open team; None if nobody is open.
        others: The other open teams, in order.
        since: When the lead came to `team`; None if it always had it.
        until: When the lead goes on; None if it never does.
        then: Who leads from `until` on; None for nobody.
    """

    team: str | None
    others: tuple[str, ...]
    since: datetime | None
    until: datetime | None
    then: str | None


@final
@attrs.frozen
class Handover:
    """The instant at which the lead goes from one team to another; None is nobody."""

    at: datetime
    before: str | None
    after: str | None


def _teams(value: Mapping[str, BusinessHours]) -> FrozenMap[str, BusinessHours]:
    if not frozen_map(value):
        raise InvalidValueError("nobody to follow the sun with", hint="name at least one team")
    return FrozenMap({identifier(team): as_hours(hours) for team, hours in value.items()})


@final
@attrs.frozen
class FollowTheSun:
    """Teams in their order of precedence, each with its own hours.

    >>> from datetime import UTC
    >>> from entitlements.calendars import Calendar
    >>> sun = FollowTheSun({
    ...     "emea": Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00"),
    ...     "amer": Calendar(zone="America/New_York", week="Mo-Fr 09:00-17:00"),
    ... })
    >>> watch = sun.who(datetime(2026, 7, 1, 14, 0, tzinfo=UTC))
    >>> watch.team, watch.others, watch.until.hour, watch.then
    ('emea', ('amer',), 15, 'amer')
    """

    teams: FrozenMap[str, BusinessHours] = attrs.field(converter=_teams)

    @property
    def hours(self) -> BusinessHours:
        """The hours in which at least one team is open."""
        return CompositeCalendar(SetOperator.ANY, self.teams.values())

    def who(self, at: datetime) -> OnDutyTeam:
        """Return who leads at `at`, since when, until when, and who takes over."""
        micros = to_micros(at)
        on = [team for team, hours in self.teams.items() if hours.timeline.is_open(micros)]
        team = on[0] if on else None
        until = self._until(micros, team)
        since = self._since(micros, team)
        return OnDutyTeam(
            team=team,
            others=tuple(on[1:]),
            since=from_micros_or_none(since),
            until=from_micros_or_none(until),
            then=None if until is None else self._leader(until),
        )

    def handovers(self, start: datetime, end: datetime) -> Iterator[Handover]:
        """Yield every change of the lead after `start` and before `end`, in order."""
        at, high = to_micros(start), to_micros(end)
        team = self._leader(at)
        while True:
            change = self._until(at, team)
            if change is None or change >= high:
                return
            before, team, at = team, self._leader(change), change
            yield Handover(from_micros(at), before, team)

    def _leader(self, at: int) -> str | None:
        return next(
            (team for team, hours in self.teams.items() if hours.timeline.is_open(at)), None
        )

    def _stronger(self, team: str | None) -> list[BusinessHours]:
        """Return the hours of all teams before `team`: they would take the lead by opening."""
        names = list(self.teams)
        return [self.teams[each] for each in (names[: names.index(team)] if team else names)]

    def _until(self, at: int, team: str | None) -> int | None:
        changes = [each.timeline.next_open(at) for each in self._stronger(team)]
        changes += [self.teams[team].timeline.next_close(at)] if team else []
        return min(_known(changes), default=None)

    def _since(self, at: int, team: str | None) -> int | None:
        changes = [each.timeline.previous_close(at + 1) for each in self._stronger(team)]
        changes += [self.teams[team].timeline.previous_open(at + 1)] if team else []
        return max(_known(changes), default=None)


def _known(changes: Iterable[int | None]) -> list[int]:
    return [each for each in changes if each is not None]
