"""Recorder of selections: who was compared for each of a series of offers.

The offers are recorded after all of them were made, so that the recorder has copies of the agents.
"""

from __future__ import annotations

from datetime import datetime
from typing import final

from entitlements.kernel.instants import to_micros, utc
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.agents.workload import Reservation
from entitlements.routing.answers import ConsideredAgent
from entitlements.routing.eligibility.eligibility import obstacles
from entitlements.routing.eligibility.obstacles import Obstacle
from entitlements.routing.live.router import Router
from entitlements.routing.offers.selections import MAX_CONSIDERED, AgentSelection
from entitlements.routing.selection import ranked_agents
from entitlements.routing.strategies.strategy import SelectionContext
from entitlements.routing.work.requirements import Requirement
from entitlements.routing.work.work import Work, requirement_at


@final
class SelectionRecorder:
    """Records the selections of a series of offers at one instant.

    The agents are compared as they were before each offer. An agent is compared again with a
    requirement only if they got an offer in the meantime.

    Args:
        router: The roster before the first offer. It is not changed, and may change later.
        at: The instant of the offers.
    """

    __slots__ = ("_at", "_known", "_number", "_router", "_since", "_states")

    def __init__(self, router: Router, at: datetime) -> None:
        self._router, index = router, router.index
        states = index.agent_states if len(router) <= MAX_CONSIDERED else {}
        self._states = {id: AgentState.of(states[id].snapshot()) for id in sorted(states)}
        self._number, self._since = router.assignment_count, index.since
        self._known: dict[tuple[Requirement, frozenset[str]], dict[str, tuple[Obstacle, ...]]] = {}
        self._at = utc(at)

    def record(self, work: Work, agent: str, fence: int) -> AgentSelection:
        """Return the selection of an offer, and assign the work to the copy of the agent.

        Args:
            work: The work as it is routed.
            agent: Id of the agent whom routing chose.
            fence: Fence of the offer.
        """
        considered = self._compared(work) if self._states else ()
        if self._states:
            self._take(work, agent, fence)
        return AgentSelection(
            agent=agent,
            fence=fence,
            at=self._at,
            strategy=self._router.strategy.name,
            preferred=any(agent in names for names in work.preferred_agents),
            considered=considered,
            agents=len(self._router),
        )

    def _compared(self, work: Work) -> tuple[ConsideredAgent, ...]:
        moment = to_micros(self._at)
        requires, excluded = requirement_at(work, moment), work.excluded_agents
        known = self._known.setdefault((requires, excluded), {})
        for id, state in self._states.items():
            if id not in known:
                known[id] = obstacles(
                    state, requires, moment, excluded=excluded, schedules=self._router.on_call
                )
        context = SelectionContext(requires, moment, work.id, to_micros(work.opened), self._since)
        eligible = [self._states[id] for id, found in known.items() if not found]
        ranked = ranked_agents(eligible, work, context, self._router.strategy)
        ranks = {state.id: rank for rank, state in enumerate(ranked, start=1)}
        return tuple(ConsideredAgent(id, known[id], ranks.get(id)) for id in self._states)

    def _take(self, work: Work, agent: str, fence: int) -> None:
        moment = to_micros(self._at)
        self._number += 1
        state = self._states[agent]
        key = Reservation(work.id, fence).key
        state.assign(key, requirement_at(work, moment), moment, self._number)
        for known in self._known.values():
            known.pop(agent, None)
