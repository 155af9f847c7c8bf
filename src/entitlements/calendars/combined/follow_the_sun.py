"""Follow-the-sun: which team is on duty, and handovers between teams.

Each team has its own hours. The first team in the given order that is open is on duty; if no team
is open, none is.
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
from entitlements.calendars.combined.composite import CompositeCalendar
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
    """The team on duty at an instant.

    Attributes:
        team: The first open team; None if no team is open.
        others: The other open teams, in order.
        since: When `team` came on duty; None if it always was.
        until: When the team on duty changes; None if it never does.
        next_team: The team on duty from `until` on; None if no team is.
    """

    team: str | None
    others: tuple[str, ...]
    since: datetime | None
    until: datetime | None
    next_team: str | None


@final
@attrs.frozen
class Handover:
    """The instant at which duty passes from team `before` to team `after`; None is no team."""

    at: datetime
    before: str | None
    after: str | None


def _teams(value: Mapping[str, BusinessHours]) -> FrozenMap[str, BusinessHours]:
    if not frozen_map(value):
        raise InvalidValueError("follow-the-sun without a team", hint="name at least one team")
    return FrozenMap({identifier(team): as_hours(hours) for team, hours in value.items()})


@final
@attrs.frozen
class FollowTheSun:
    """Teams in the order of precedence, each with its hours.

    >>> from datetime import UTC
    >>> from entitlements.calendars import Calendar
    >>> sun = FollowTheSun({
    ...     "emea": Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00"),
    ...     "amer": Calendar(zone="America/New_York", week="Mo-Fr 09:00-17:00"),
    ... })
    >>> on_duty = sun.on_duty(datetime(2026, 7, 1, 14, 0, tzinfo=UTC))
    >>> on_duty.team, on_duty.others, on_duty.until.hour, on_duty.next_team
    ('emea', ('amer',), 15, 'amer')
    """

    teams: FrozenMap[str, BusinessHours] = attrs.field(converter=_teams)

    @property
    def hours(self) -> BusinessHours:
        """The hours in which at least one team is open."""
        return CompositeCalendar(SetOperator.ANY, self.teams.values())

    def on_duty(self, at: datetime) -> OnDutyTeam:
        """Return the team on duty at `at`, since when, until when, and which team is next."""
        micros = to_micros(at)
        open_teams = [team for team, hours in self.teams.items() if hours.timeline.is_open(micros)]
        team = open_teams[0] if open_teams else None
        until = self._until(micros, team)
        since = self._since(micros, team)
        return OnDutyTeam(
            team=team,
            others=tuple(open_teams[1:]),
            since=from_micros_or_none(since),
            until=from_micros_or_none(until),
            next_team=None if until is None else self._team_at(until),
        )

    def handovers(self, start: datetime, end: datetime) -> Iterator[Handover]:
        """Yield every change of the team on duty after `start` and before `end`, in order."""
        at, high = to_micros(start), to_micros(end)
        team = self._team_at(at)
        while True:
            change = self._until(at, team)
            if change is None or change >= high:
                return
            before, team, at = team, self._team_at(change), change
            yield Handover(from_micros(at), before, team)

    def _team_at(self, at: int) -> str | None:
        return next(
            (team for team, hours in self.teams.items() if hours.timeline.is_open(at)), None
        )

    def _hours_before(self, team: str | None) -> list[BusinessHours]:
        """Return the hours of all teams before `team`: any of them goes on duty when it opens."""
        names = list(self.teams)
        return [self.teams[each] for each in (names[: names.index(team)] if team else names)]

    def _until(self, at: int, team: str | None) -> int | None:
        changes = [each.timeline.next_open(at) for each in self._hours_before(team)]
        changes += [self.teams[team].timeline.next_close(at)] if team else []
        return min(_known(changes), default=None)

    def _since(self, at: int, team: str | None) -> int | None:
        changes = [each.timeline.previous_close(at + 1) for each in self._hours_before(team)]
        changes += [self.teams[team].timeline.previous_open(at + 1)] if team else []
        return max(_known(changes), default=None)


def _known(changes: Iterable[int | None]) -> list[int]:
    return [each for each in changes if each is not None]
