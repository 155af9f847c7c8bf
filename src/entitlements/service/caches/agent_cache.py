"""Agent cache: the agents of one group, kept ready for routing by one worker.

Before every batch the cache asks for the marks of the group's agents and reads again only the
agents whose marks have changed. What its own batch changed is taken over after the commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import final

from entitlements.ports.store import UnitOfWork
from entitlements.routing.agents.agent import Agent
from entitlements.routing.agents.workload import Workload
from entitlements.routing.live.router import Router
from entitlements.routing.roster import Roster
from entitlements.routing.strategies.strategy import Strategy


@final
class AgentCache:
    """The agents of one group, cached by one worker.

    A unit of work calls `router`, then `write`; `committed` follows after its commit. Without that
    call all agents are read again, because the router holds changes that were rolled back.

    Args:
        group: Id of the group.
    """

    __slots__ = (
        "_agents",
        "_assignment_count",
        "_committed",
        "_group",
        "_router",
        "_state",
        "_workloads",
        "_written",
    )

    def __init__(self, group: str) -> None:
        self._group = group
        self._agents: dict[str, Agent] = {}
        self._workloads: dict[str, Workload] = {}
        self._state: dict[str, object] = {}
        self._router = Router(Roster())
        self._assignment_count = 0
        self._committed = False
        self._written: tuple[Mapping[str, object], Roster] | None = None

    def router(self, work: UnitOfWork, strategy: Strategy) -> Router:
        """Return a router over the group as this unit of work sees it.

        Args:
            work: The unit of work.
            strategy: How an agent is chosen among those who are eligible.
        """
        state = work.roster.state(self._group)
        if not self._committed or state != self._state:
            self._read(work, state, strategy)
        elif strategy != self._router.strategy:
            self._router = Router(self._router.roster, strategy)
        self._committed, self._written = False, None
        return self._router

    def write(self, work: UnitOfWork, agents: Iterable[str]) -> None:
        """Write the workloads of these agents as the router has them.

        Raises:
            StaleReadError: One of them has changed since it was read.
        """
        changed = sorted(agents)
        changed_agents = [self._agents[id] for id in changed]
        before = Roster(
            agents=changed_agents,
            workloads={id: self._workloads[id] for id in changed if id in self._workloads},
            assignment_count=self._assignment_count,
        )
        after = Roster(
            agents=changed_agents,
            workloads={id: self._router.state(id) for id in changed},
            assignment_count=self._router.assignment_count,
        )
        self._written = work.roster.change(before, after, self._state), after

    def committed(self) -> None:
        """Take over what was written, after the unit of work was committed."""
        if self._written is not None:
            marks, after = self._written
            self._state |= marks
            self._workloads |= after.workloads
            self._assignment_count, self._written = after.assignment_count, None
        self._committed = True

    def _read(self, work: UnitOfWork, state: Mapping[str, object], strategy: Strategy) -> None:
        """Read the agents that have changed again, or all of them after a rollback."""
        kept = self._agents if self._committed and state[""] == self._state[""] else {}
        new = [id for id in state if id and (id not in kept or state[id] != self._state[id])]
        unchanged = {id: each for id, each in kept.items() if id in state}
        found = work.roster.roster([self._group], new if unchanged else ())
        self._agents = dict(sorted({**unchanged, **found.agents}.items()))
        workloads = {id: each for id, each in self._workloads.items() if id in unchanged}
        for id in found.agents:
            workloads[id] = found.workload(id)
        self._workloads = workloads
        self._state, self._assignment_count = dict(state), found.assignment_count
        roster = Roster(
            agents=self._agents,
            workloads=workloads,
            on_call=found.on_call,
            assignment_count=found.assignment_count,
            since=found.since,
        )
        self._router = Router(roster, strategy)
