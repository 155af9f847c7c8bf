"""Answers of routing: `Assigned`, `Waiting` and `Unroutable`, with the agents considered.

Every answer holds its evidence, and computes the list of agents considered only on demand.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol, Self, TypeAlias, final

import attrs

from entitlements.kernel.instants import text_of
from entitlements.kernel.no_truth_value import NoTruthValue
from entitlements.routing.eligibility.obstacles import Obstacle, ObstacleKind


@final
@attrs.frozen
class ConsideredAgent(NoTruthValue):
    """One agent considered for a piece of work.

    Attributes:
        agent: Id of the agent.
        obstacles: Every reason why the agent is not eligible; none for eligible agents.
        rank: 1 for the chosen agent, 2 for the next best, and so on. None for agents who are not
            eligible, and for those outside the sample of the strategy.

    >>> print(ConsideredAgent("ada", rank=1))
    ada: chosen
    """

    agent: str
    obstacles: tuple[Obstacle, ...] = ()
    rank: int | None = None

    def __str__(self) -> str:
        if self.obstacles:
            return f"{self.agent}: " + ", ".join(map(str, self.obstacles))
        if self.rank is None:
            return f"{self.agent}: eligible, not sampled"
        return f"{self.agent}: " + ("chosen" if self.rank == 1 else f"eligible, rank {self.rank}")


class RouteEvidence(Protocol):
    """The data of one decision, from which the agents considered are computed."""

    def considered(self) -> tuple[ConsideredAgent, ...]:
        """Return all agents considered, in order of id."""
        ...


@final
@attrs.frozen
class ComputedRouteEvidence:
    """The agents considered, computed: a pickled answer holds them in place of the roster.

    Agents with the same obstacles and rank share one entry, which keeps thousands of them small.
    """

    groups: tuple[tuple[tuple[Obstacle, ...], int | None, tuple[str, ...]], ...]

    @classmethod
    def of(cls, considered: Iterable[ConsideredAgent]) -> ComputedRouteEvidence:
        """Return the evidence for these agents."""
        groups: dict[tuple[tuple[Obstacle, ...], int | None], list[str]] = {}
        for each in considered:
            groups.setdefault((each.obstacles, each.rank), []).append(each.agent)
        return cls(tuple((*shared, tuple(agents)) for shared, agents in groups.items()))

    def considered(self) -> tuple[ConsideredAgent, ...]:
        """Return all agents considered, in order of id."""
        every = (
            ConsideredAgent(agent, obstacles, rank)
            for obstacles, rank, agents in self.groups
            for agent in agents
        )
        return tuple(sorted(every, key=lambda each: each.agent))


@attrs.frozen
class _Route(NoTruthValue):
    """Base of the three answers; a copy is the answer itself."""

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _: object) -> Self:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        *fields, evidence = [getattr(self, each.name) for each in attrs.fields(type(self))]
        if not isinstance(evidence, ComputedRouteEvidence):
            evidence = ComputedRouteEvidence.of(evidence.considered())
        return type(self), (*fields, evidence)


@final
@attrs.frozen
class Assigned(_Route):
    """The work should be assigned to this agent now; the roster is unchanged.

    Attributes:
        work: Id of the work.
        agent: Id of the agent.
        at: The instant asked about.

    >>> from entitlements.routing import Agent, Roster, Work, route
    >>> work = Work(id="R-1", opened="2026-03-02T09:00Z")
    >>> route(work, Roster(agents=[Agent(id="ada")]), work.opened).agent
    'ada'
    """

    work: str
    agent: str
    at: datetime
    _evidence: RouteEvidence = attrs.field(eq=False, repr=False)

    @property
    def considered(self) -> tuple[ConsideredAgent, ...]:
        """All agents considered, with their obstacles or rank, in order of id."""
        return self._evidence.considered()

    def explain(self) -> str:
        """Return one sentence with a clause for every agent considered."""
        return _sentence(f"`{self.work}` goes to `{self.agent}`", self.considered)


@final
@attrs.frozen
class Waiting(_Route):
    """No agent can take the work now, but one may later.

    Attributes:
        work: Id of the work.
        at: The instant asked about.
        next_eligible_at: The earliest instant at which an agent may become eligible by the passage
            of time alone; never too late. None if work must be completed first, or an agent must
            return.

    >>> from entitlements.routing import Agent, Roster, Work, route
    >>> work = Work(id="R-1", opened="2026-03-02T09:00Z")
    >>> full = Roster(agents=[Agent(id="ada", capacity=1)]).assign(work, "ada", work.opened)
    >>> route(Work(id="R-2", opened=work.opened), full, work.opened).explain()
    '`R-2` waits until an agent is free; ada: free work capacity 0 < 1'
    """

    work: str
    at: datetime
    next_eligible_at: datetime | None
    _evidence: RouteEvidence = attrs.field(eq=False, repr=False)

    @property
    def considered(self) -> tuple[ConsideredAgent, ...]:
        """All agents considered, with their obstacles or rank, in order of id."""
        return self._evidence.considered()

    def explain(self) -> str:
        """Return one sentence with a clause for every agent considered."""
        when = self.next_eligible_at
        until = "an agent is free" if when is None else text_of(when)
        return _sentence(f"`{self.work}` waits until {until}", self.considered)


@final
@attrs.frozen
class Unroutable(_Route):
    """No agent can take the work, now or later, unless the roster or the work changes.

    Attributes:
        work: Id of the work.
        at: The instant asked about.
        reasons: The kinds of the permanent obstacles, each once, in order of code.

    >>> from entitlements.routing import Roster, Work, route
    >>> work = Work(id="R-1", opened="2026-03-02T09:00Z")
    >>> route(work, Roster(), work.opened).explain()
    '`R-1` cannot be routed: no agents'
    """

    work: str
    at: datetime
    reasons: tuple[ObstacleKind, ...]
    _evidence: RouteEvidence = attrs.field(eq=False, repr=False)

    @property
    def considered(self) -> tuple[ConsideredAgent, ...]:
        """All agents considered, with their obstacles or rank, in order of id."""
        return self._evidence.considered()

    def explain(self) -> str:
        """Return one sentence with a clause for every agent considered."""
        words = ", ".join(each.replace("_", " ") for each in self.reasons)
        return _sentence(f"`{self.work}` cannot be routed: {words}", self.considered)


Route: TypeAlias = Assigned | Waiting | Unroutable


def _sentence(head: str, considered: tuple[ConsideredAgent, ...]) -> str:
    return "; ".join([head, *map(str, considered)])
