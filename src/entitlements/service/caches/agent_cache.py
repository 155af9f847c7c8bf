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
    call everything is read again, because the router holds changes that were rolled back.

    Args:
        group: The group.
        strategy: How an agent is chosen.
    """

    __slots__ = (
        "_agents",
        "_certain",
        "_group",
        "_router",
        "_standings",
        "_state",
        "_strategy",
        "_turns",
        "_written",
    )

    def __init__(self, group: str, strategy: Strategy) -> None:
        self._group = group
        self._strategy = strategy
        self._agents: dict[str, Agent] = {}
        self._standings: dict[str, Workload] = {}
        self._state: dict[str, object] = {}
        self._router = Router(Roster(), strategy)
        self._turns = 0
        self._certain = False
        self._written: tuple[Mapping[str, object], Roster] | None = None

    def router(self, work: UnitOfWork) -> Router:
        """Return the group as it is in this unit of work, to choose from and to change."""
        state = work.roster.state(self._group)
        if not self._certain or state != self._state:
            self._read(work, state)
        self._certain, self._written = False, None
        return self._router

    def write(self, work: UnitOfWork, agents: Iterable[str]) -> None:
        """Write how these agents stand by now.

        Raises:
            ConflictError: One of them is no longer as read.
        """
        seats, changed = self._router.index.agent_states, sorted(agents)
        people = [self._agents[id] for id in changed]
        before = Roster(
            agents=people,
            standings={id: self._standings[id] for id in changed if id in self._standings},
            turns=self._turns,
        )
        after = Roster(
            agents=people,
            standings={id: seats[id].standing() for id in changed},
            turns=self._router.index.turns,
        )
        self._written = work.roster.change(before, after, self._state), after

    def committed(self) -> None:
        """Note that the unit of work is certain."""
        if self._written is not None:
            marks, after = self._written
            self._state |= marks
            self._standings |= after.standings
            self._turns, self._written = after.turns, None
        self._certain = True

    def _read(self, work: UnitOfWork, state: Mapping[str, object]) -> None:
        """Read again who has changed, or all if that is not known."""
        kept = self._agents if self._certain and state[""] == self._state[""] else {}
        new = [id for id in state if id and (id not in kept or state[id] != self._state[id])]
        stays = {id: each for id, each in kept.items() if id in state}
        found = work.roster.roster([self._group], new if stays else ())
        self._agents = dict(sorted({**stays, **found.agents}.items()))
        standings = {id: each for id, each in self._standings.items() if id in stays}
        for id in found.agents:
            standings[id] = found.standing(id)
        self._standings = standings
        self._state, self._turns = dict(state), found.turns
        roster = Roster(
            agents=self._agents,
            standings=standings,
            on_call=found.on_call,
            turns=found.turns,
            since=found.since,
        )
        self._router = Router(roster, self._strategy)
