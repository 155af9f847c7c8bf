"""Live evidence: what explains an answer of a live router, computed when it is read.

While nothing has changed since the answer, the states of the index are read. Later, the log of
changes rebuilds the roster as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, final

from entitlements.kernel.instants import from_micros_or_none
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.answers import ConsideredAgent
from entitlements.routing.eligibility.obstacles import ObstacleKind
from entitlements.routing.live.roster_index import RosterIndex
from entitlements.routing.live.roster_log import RosterLog
from entitlements.routing.selection import LinearRouteEvidence, next_eligible, permanent_reasons
from entitlements.routing.work.work import Work


@final
class LiveRouteEvidence:
    """The evidence of one live answer: the log, and its length at the time."""

    __slots__ = ("_at", "_index", "_log", "_position", "_work")

    _at: int
    _index: RosterIndex
    _log: RosterLog
    _position: int
    _work: Work

    def considered(self) -> tuple[ConsideredAgent, ...]:
        """Return all agents of the roster at the time, in order of id."""
        roster = self._log.roster(self._position)
        strategy = self._index.strategy
        return LinearRouteEvidence(self._work, roster, self._at, strategy).considered()

    def next_eligible_at(self) -> datetime | None:
        """Return when the passage of time alone may make an agent eligible, or None."""
        schedules = self._index.on_call
        return from_micros_or_none(next_eligible(self._work, self._states(), self._at, schedules))

    def reasons(self) -> tuple[ObstacleKind, ...]:
        """Return the kinds of the permanent obstacles of all agents, in order of code."""
        return permanent_reasons(self._work, self._states(), self._at, self._index.on_call)

    def _states(self) -> Mapping[str, AgentState]:
        log = self._log
        if log is self._index.log and len(log.changes) == self._position:
            return self._index.agent_states
        return log.roster(self._position).agent_states


def live_evidence(index: RosterIndex, work: Work, at: int) -> LiveRouteEvidence:
    """Return the evidence of an answer about `work` at `at`, before anything changes."""
    # A function fills the slots with one call less than a constructor does.
    new: Any = LiveRouteEvidence()
    log = index.kept_log or index.log
    new._index, new._log, new._position = index, log, len(log.changes)  # noqa: SLF001 - its own
    new._work, new._at = work, at  # noqa: SLF001 - its own
    return new  # type: ignore[no-any-return]
