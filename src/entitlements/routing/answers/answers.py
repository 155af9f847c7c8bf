"""Answers of routing: `Assigned`, `Waiting` and `Unroutable`, with the agents considered.

Every answer holds its evidence, and computes the list of agents considered only on demand.
"""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any, Protocol, Self, TypeAlias, final

import attrs

from entitlements.kernel.instants import text_of
from entitlements.kernel.mixins.no_truth_value import NoTruthValue
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
    """The data of one decision, from which everything that explains it is computed."""

    def next_eligible_at(self) -> datetime | None:
        """Return when the passage of time alone may make an agent eligible, or None."""
        ...

    def reasons(self) -> tuple[ObstacleKind, ...]:
        """Return the kinds of the permanent obstacles of all agents, in order of code."""
        ...

    def considered(self) -> tuple[ConsideredAgent, ...]:
        """Return all agents considered, in order of id."""
        ...


@final
@attrs.frozen
class ComputedRouteEvidence:
    """What explains an answer, computed: a pickled answer holds it in place of the roster.

    Agents with the same obstacles and rank share one entry, which keeps thousands of them small.
    """

    groups: tuple[tuple[tuple[Obstacle, ...], int | None, tuple[str, ...]], ...]
    next_eligible: datetime | None = None
    permanent: tuple[ObstacleKind, ...] = ()

    @classmethod
    def of(cls, answer: Route) -> ComputedRouteEvidence:
        """Return the evidence of an answer."""
        groups: dict[tuple[tuple[Obstacle, ...], int | None], list[str]] = {}
        for each in answer.considered:
            groups.setdefault((each.obstacles, each.rank), []).append(each.agent)
        return cls(
            tuple((*shared, tuple(agents)) for shared, agents in groups.items()),
            answer.next_eligible_at if isinstance(answer, Waiting) else None,
            answer.reasons if isinstance(answer, Unroutable) else (),
        )

    def next_eligible_at(self) -> datetime | None:
        """Return when the passage of time alone may make an agent eligible, or None."""
        return self.next_eligible

    def reasons(self) -> tuple[ObstacleKind, ...]:
        """Return the kinds of the permanent obstacles of all agents, in order of code."""
        return self.permanent

    def considered(self) -> tuple[ConsideredAgent, ...]:
        """Return all agents considered, in order of id."""
        every = (
            ConsideredAgent(agent, obstacles, rank)
            for obstacles, rank, agents in self.groups
            for agent in agents
        )
        return tuple(sorted(every, key=lambda each: each.agent))


class _Route(NoTruthValue):
    """Base of the three answers; a copy is the answer itself."""

    __slots__ = ()

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _: object) -> Self:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        assert isinstance(self, Assigned | Waiting | Unroutable)  # noqa: S101 - these are all
        *fields, evidence = [getattr(self, each.name) for each in attrs.fields(type(self))]
        if not isinstance(evidence, ComputedRouteEvidence):
            evidence = ComputedRouteEvidence.of(self)
        return type(self), (*fields, evidence)


class _UnfrozenAssigned(_Route):
    """The slots of `Assigned`, for its construction."""

    __slots__ = ("_evidence", "agent", "at", "work")


@final
@attrs.frozen(weakref_slot=False)
class Assigned(_UnfrozenAssigned):
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


class _UnfrozenWaiting(_Route):
    """The slots of `Waiting`, for its construction."""

    __slots__ = ("_evidence", "at", "next_eligible_at", "work")


@final
@attrs.frozen(eq=False, weakref_slot=False)
class Waiting(_UnfrozenWaiting):
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
    _evidence: RouteEvidence = attrs.field(repr=False)

    @cached_property
    def next_eligible_at(self) -> datetime | None:
        """See above; computed when it is first read."""
        return self._evidence.next_eligible_at()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Waiting):
            return NotImplemented
        mine, theirs = (self.work, self.at), (other.work, other.at)
        return mine == theirs and self.next_eligible_at == other.next_eligible_at

    def __hash__(self) -> int:
        return hash((Waiting, self.work, self.at))

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
@attrs.frozen(eq=False)
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
    _evidence: RouteEvidence = attrs.field(repr=False)

    @cached_property
    def reasons(self) -> tuple[ObstacleKind, ...]:
        """See above; computed when they are first read."""
        return self._evidence.reasons()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Unroutable):
            return NotImplemented
        mine, theirs = (self.work, self.at), (other.work, other.at)
        return mine == theirs and self.reasons == other.reasons

    def __hash__(self) -> int:
        return hash((Unroutable, self.work, self.at))

    @property
    def considered(self) -> tuple[ConsideredAgent, ...]:
        """All agents considered, with their obstacles or rank, in order of id."""
        return self._evidence.considered()

    def explain(self) -> str:
        """Return one sentence with a clause for every agent considered."""
        words = ", ".join(each.replace("_", " ") for each in self.reasons)
        return _sentence(f"`{self.work}` cannot be routed: {words}", self.considered)


Route: TypeAlias = Assigned | Waiting | Unroutable


def assigned(work: str, agent: str, at: datetime, evidence: RouteEvidence) -> Assigned:
    """Return the answer in a third of the time; a live router answers at every arrival."""
    new: Any = _UnfrozenAssigned()
    new.work, new.agent, new.at, new._evidence = work, agent, at, evidence  # noqa: SLF001 - its own
    new.__class__ = Assigned
    return new  # type: ignore[no-any-return]


def waiting(work: str, at: datetime, evidence: RouteEvidence) -> Waiting:
    """Return the answer in a third of the time, as `assigned`."""
    new: Any = _UnfrozenWaiting()
    new.work, new.at, new._evidence = work, at, evidence  # noqa: SLF001 - its own
    new.__class__ = Waiting
    return new  # type: ignore[no-any-return]


def _sentence(head: str, considered: tuple[ConsideredAgent, ...]) -> str:
    return "; ".join([head, *map(str, considered)])
