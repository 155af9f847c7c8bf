"""Data of routing answers: who takes the work, and what stands against every other agent."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, TypeAlias, final

import attrs

from entitlements.routing.answers.answers import (
    Assigned,
    ComputedRouteEvidence,
    ConsideredAgent,
    Route,
    Unroutable,
    Waiting,
)
from entitlements.routing.eligibility.obstacles import Obstacle, ObstacleKind


@attrs.frozen(kw_only=True)
class _RouteData:
    """What all answers state.

    Attributes:
        work: Id of the work.
        at: The instant asked about.
        considered: All agents considered, in order of id.
    """

    work: str
    at: datetime
    considered: tuple[ConsideredAgent, ...]

    def _evidence(
        self, until: datetime | None = None, permanent: tuple[ObstacleKind, ...] = ()
    ) -> ComputedRouteEvidence:
        groups: dict[tuple[tuple[Obstacle, ...], int | None], list[str]] = {}
        for each in self.considered:
            groups.setdefault((each.obstacles, each.rank), []).append(each.agent)
        shared = tuple((*key, tuple(agents)) for key, agents in groups.items())
        return ComputedRouteEvidence(shared, until, permanent)


@final
@attrs.frozen(kw_only=True)
class AssignedData(_RouteData):
    """The work goes to this agent.

    Attributes:
        agent: Id of the agent.
    """

    DATA_TAG: ClassVar = ("outcome", "assigned")
    agent: str

    @property
    def route(self) -> Route:
        """The answer that states this."""
        return Assigned(self.work, self.agent, self.at, self._evidence())


@final
@attrs.frozen(kw_only=True)
class WaitingData(_RouteData):
    """No agent can take the work now, but one may later.

    Attributes:
        next_eligible_at: The earliest instant at which time alone may make an agent eligible.
    """

    DATA_TAG: ClassVar = ("outcome", "waiting")
    next_eligible_at: datetime | None

    @property
    def route(self) -> Route:
        """The answer that states this."""
        return Waiting(self.work, self.at, self._evidence(self.next_eligible_at))


@final
@attrs.frozen(kw_only=True)
class UnroutableData(_RouteData):
    """No agent can take the work unless the roster or the work changes.

    Attributes:
        reasons: The kinds of the permanent obstacles.
    """

    DATA_TAG: ClassVar = ("outcome", "unroutable")
    reasons: tuple[ObstacleKind, ...]

    @property
    def route(self) -> Route:
        """The answer that states this."""
        return Unroutable(self.work, self.at, self._evidence(None, self.reasons))


RouteData: TypeAlias = AssignedData | WaitingData | UnroutableData


def route_data(route: Route) -> RouteData:
    """Return everything that an answer states; its `route` is an equal answer.

    >>> from entitlements.routing import Roster, Work, route
    >>> answer = route(work := Work(id="R-1", opened="2026-03-02T09:00Z"), Roster(), work.opened)
    >>> route_data(answer).route == answer
    True
    """
    match route:
        case Assigned(work=work, at=at, agent=agent):
            return AssignedData(work=work, at=at, considered=route.considered, agent=agent)
        case Waiting(work=work, at=at, next_eligible_at=until):
            return WaitingData(
                work=work, at=at, considered=route.considered, next_eligible_at=until
            )
        case Unroutable(work=work, at=at, reasons=reasons):
            return UnroutableData(work=work, at=at, considered=route.considered, reasons=reasons)
