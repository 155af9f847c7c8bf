"""Who, or when, or why nobody? The three answers of routing.

Every answer carries its evidence and computes the account of everybody considered only when it is
asked for it.
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
    """One agent who was looked at.

    Attributes:
        agent: Who.
        obstacles: Why not; empty for those who could have it.
        place: 1 for the chosen, 2 for the next, and so on; None for those who could not, and for
            those the strategy did not look at.
    """

    agent: str
    obstacles: tuple[Obstacle, ...] = ()
    rank: int | None = None

    def __str__(self) -> str:
        if self.obstacles:
            return f"{self.agent}: " + ", ".join(map(str, self.obstacles))
        if self.rank is None:
            return f"{self.agent}: eligible, not drawn"
        return f"{self.agent}: " + ("chosen" if self.rank == 1 else f"eligible, place {self.rank}")


class RouteEvidence(Protocol):
    """Knows the facts of one decision and can account for everybody."""

    def considered(self) -> tuple[ConsideredAgent, ...]:
        """Return everybody, in order of agent id."""
        ...


@final
@attrs.frozen
class Accounted:
    """Everybody considered, worked out: what a stored answer takes along instead of the roster.

    Agents with the same obstacles and place share one entry, so that thousands stay small.
    """

    groups: tuple[tuple[tuple[Obstacle, ...], int | None, tuple[str, ...]], ...]

    @classmethod
    def of(cls, considered: Iterable[ConsideredAgent]) -> Accounted:
        """Return the same, grouped."""
        groups: dict[tuple[tuple[Obstacle, ...], int | None], list[str]] = {}
        for each in considered:
            groups.setdefault((each.obstacles, each.rank), []).append(each.agent)
        return cls(tuple((*said, tuple(agents)) for said, agents in groups.items()))

    def considered(self) -> tuple[ConsideredAgent, ...]:
        """Return everybody, in order of agent id."""
        every = (
            ConsideredAgent(agent, obstacles, place)
            for obstacles, place, agents in self.groups
            for agent in agents
        )
        return tuple(sorted(every, key=lambda each: each.agent))


@attrs.frozen
class _Route(NoTruthValue):
    """What the three answers have in common: a copy is the answer itself."""

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _: object) -> Self:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        *said, evidence = [getattr(self, each.name) for each in attrs.fields(type(self))]
        if not isinstance(evidence, Accounted):
            evidence = Accounted.of(evidence.considered())
        return type(self), (*said, evidence)


@final
@attrs.frozen
class Assigned(_Route):
    """This agent should have it now; nothing has happened yet.

    Attributes:
        work: Id of the work.
        agent: Id of the agent.
        at: The instant asked about.
    """

    work: str
    agent: str
    at: datetime
    _evidence: RouteEvidence = attrs.field(eq=False, repr=False)

    @property
    def considered(self) -> tuple[ConsideredAgent, ...]:
        """Everybody who was looked at, and why not them, in order of agent id."""
        return self._evidence.considered()

    def explain(self) -> str:
        """Return one sentence, and one clause for everybody considered."""
        return _sentence(f"`{self.work}` goes to `{self.agent}`", self.considered)


@final
@attrs.frozen
class Waiting(_Route):
    """Nobody can take it now, but somebody may later.

    Attributes:
        work: Id of the work.
        at: The instant asked about.
        next_eligible_at: The earliest instant at which waiting alone may let somebody take it;
            never too late. None if work must be finished first, or somebody must come back.
    """

    work: str
    at: datetime
    next_eligible_at: datetime | None
    _evidence: RouteEvidence = attrs.field(eq=False, repr=False)

    @property
    def considered(self) -> tuple[ConsideredAgent, ...]:
        """Everybody who was looked at, and why not them, in order of agent id."""
        return self._evidence.considered()

    def explain(self) -> str:
        """Return one sentence, and one clause for everybody considered."""
        when = self.next_eligible_at
        until = "somebody is free" if when is None else text_of(when)
        return _sentence(f"`{self.work}` waits until {until}", self.considered)


@final
@attrs.frozen
class Unroutable(_Route):
    """Nobody can take it, now or later, unless somebody changes the facts.

    Attributes:
        work: Id of the work.
        at: The instant asked about.
        reasons: The permanent obstacles met, each once, in order of code.
    """

    work: str
    at: datetime
    reasons: tuple[ObstacleKind, ...]
    _evidence: RouteEvidence = attrs.field(eq=False, repr=False)

    @property
    def considered(self) -> tuple[ConsideredAgent, ...]:
        """Everybody who was looked at, and why not them, in order of agent id."""
        return self._evidence.considered()

    def explain(self) -> str:
        """Return one sentence, and one clause for everybody considered."""
        words = ", ".join(each.replace("_", " ") for each in self.reasons)
        return _sentence(f"`{self.work}` cannot be routed: {words}", self.considered)


Route: TypeAlias = Assigned | Waiting | Unroutable


def _sentence(head: str, considered: tuple[ConsideredAgent, ...]) -> str:
    return "; ".join([head, *map(str, considered)])
