"""Live evidence: what explains an answer of a live router, computed when it is read.

While nothing has changed since the answer, the states of the index are read. Later, the log of
changes rebuilds the roster as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol, final

from entitlements.kernel.instants import from_micros_or_none
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.answers.answers import ConsideredAgent
from entitlements.routing.eligibility.eligibility import Schedules
from entitlements.routing.eligibility.obstacles import ObstacleKind
from entitlements.routing.live.roster.roster_log import RosterLog
from entitlements.routing.selection import LinearRouteEvidence, next_eligible, permanent_reasons
from entitlements.routing.strategies.strategy import Strategy
from entitlements.routing.work.work import Work


class LoggedRoster(Protocol):
    """An indexed roster, as far as the evidence of its answers needs it."""

    @property
    def strategy(self) -> Strategy:
        """The strategy that orders the eligible agents."""
        ...

    @property
    def on_call(self) -> Schedules:
        """The on-call schedules by id."""
        ...

    @property
    def agent_states(self) -> Mapping[str, AgentState]:
        """The agents, indexed, by id."""
        ...

    @property
    def log(self) -> RosterLog:
        """The log of changes."""
        ...


@final
class LiveRouteEvidence(tuple[LoggedRoster, RosterLog, int, Work, int]):
    """The evidence of one live answer, made before anything changes.

    A tuple, because a router makes one for every answer: the index, its log and the length of the
    log, the work, and the microsecond of the answer.
    """

    __slots__ = ()

    def considered(self) -> tuple[ConsideredAgent, ...]:
        """Return all agents of the roster at the time, in order of id."""
        index, log, position, work, at = self
        roster = log.roster(position)
        return LinearRouteEvidence(work, roster, at, index.strategy).considered()

    def next_eligible_at(self) -> datetime | None:
        """Return when the passage of time alone may make an agent eligible, or None."""
        index, _, _, work, at = self
        return from_micros_or_none(next_eligible(work, self._states(), at, index.on_call))

    def reasons(self) -> tuple[ObstacleKind, ...]:
        """Return the kinds of the permanent obstacles of all agents, in order of code."""
        index, _, _, work, at = self
        return permanent_reasons(work, self._states(), at, index.on_call)

    def _states(self) -> Mapping[str, AgentState]:
        index, log, position, _, _ = self
        if log is index.log and len(log.changes) == position:
            return index.agent_states
        return log.roster(position).agent_states
