"""Recorder of selections: who was compared for each of a series of offers.

The offers are recorded after all of them were made. So the recorder has copies of the agents of a
small group; in a large one, it compares the chosen agent with the runner-up before each offer.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final, final

from entitlements.kernel.instants import START_OF_TIME, from_micros, instant_of, text_of, to_micros
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.agents.workload import Reservation
from entitlements.routing.answers.answers import ConsideredAgent
from entitlements.routing.eligibility.eligibility import obstacles
from entitlements.routing.eligibility.obstacles import Obstacle
from entitlements.routing.live.router import Router
from entitlements.routing.offers.selections import MAX_CONSIDERED, AgentSelection, RunnerUp
from entitlements.routing.selection import ranked_agents
from entitlements.routing.strategies.strategy import SelectionContext
from entitlements.routing.work.requirements import Requirement
from entitlements.routing.work.work import Work, requirement_at

LAST_ASSIGNED: Final = "last_assigned"
_INSTANTS: Final = frozenset({LAST_ASSIGNED, "longest_idle", "least_recently_assigned"})


@final
class SelectionRecorder:
    """Records the selections of a series of offers at one instant.

    The agents are compared as they were before each offer. An agent is compared again with a
    requirement only if they got an offer in the meantime.

    Args:
        router: The roster before the first offer. It is not changed, and may change later.
        at: The instant of the offers.
    """

    __slots__ = ("_at", "_known", "_number", "_router", "_runners_up", "_since", "_states")

    def __init__(self, router: Router, at: datetime) -> None:
        self._router, index = router, router.index
        states = index.agent_states if len(router) <= MAX_CONSIDERED else {}
        self._states = {id: AgentState.of(states[id].snapshot()) for id in sorted(states)}
        self._number, self._since = router.assignment_count, index.since
        self._known: dict[tuple[Requirement, frozenset[str]], dict[str, tuple[Obstacle, ...]]] = {}
        self._runners_up: dict[tuple[str, str], RunnerUp | None] = {}
        self._at = instant_of(at)

    def compare(self, work: Work, agent: str) -> None:
        """Compare the chosen agent with the runner-up, before the router has the offer.

        Small groups need no call: their agents are compared when the offer is recorded.
        """
        if not self._states:
            self._runners_up[work.id, agent] = self._runner_up(work, agent)

    def record(self, work: Work, agent: str, fence: int) -> AgentSelection:
        """Return the selection of an offer, and assign the work to the copy of the agent.

        Args:
            work: The work as it is routed.
            agent: Id of the agent whom routing chose.
            fence: Fence of the offer.
        """
        considered, runner_up = self._compared(work) if self._states else (), None
        if self._states:
            self._take(work, agent, fence)
        else:
            if (work.id, agent) not in self._runners_up:
                self.compare(work, agent)
            runner_up = self._runners_up[work.id, agent]
        return AgentSelection(
            agent=agent,
            fence=fence,
            at=self._at,
            strategy=self._router.strategy.name,
            preferred=any(agent in names for names in work.preferred_agents),
            considered=considered,
            agents=len(self._router),
            runner_up=runner_up,
        )

    def _runner_up(self, work: Work, agent: str) -> RunnerUp | None:
        index, moment = self._router.index, to_micros(self._at)
        requires = requirement_at(work, moment)
        other = index.choose_other(work, requires, moment, agent)
        if other is None:
            return None
        for key, places in _PLACES.items():
            if places(work, agent) != places(work, other.id):
                return RunnerUp(agent=other.id, key=key)
        context = SelectionContext(requires, moment, work.id, to_micros(work.opened), self._since)
        names = (*(each.name for each in self._router.strategy.keys), LAST_ASSIGNED, "id")
        keys = [index.strategy.key(each, context) for each in (index.agent_state(agent), other)]
        if keys[1] < keys[0]:  # only the sample of the strategy leaves out whom it would prefer
            return RunnerUp(agent=other.id, key="sample")
        name, *ranks = next(each for each in zip(names, *keys, strict=True) if each[1] != each[2])
        chosen, behind = (_rank_text(name, each) for each in ranks)
        return RunnerUp(agent=other.id, key=name, chosen=chosen, other=behind)

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


def _preference(work: Work, agent: str) -> int:
    """Return the first list of preferred agents that has the agent."""
    found = (n for n, names in enumerate(work.preferred_agents) if agent in names)
    return next(found, len(work.preferred_agents))


def _rank_text(key: str, rank: object) -> str:
    """Return a ranking as text: an instant for keys that are one, `never` before all of them."""
    if key in _INSTANTS and isinstance(rank, int):
        return "never" if rank == START_OF_TIME else text_of(from_micros(rank))
    return f"{rank:g}" if isinstance(rank, float) else str(rank)


_PLACES: Final[dict[str, Callable[[Work, str], object]]] = {
    "demoted": lambda work, agent: agent in work.demoted_agents,
    "preferred": _preference,
}
"""What comes before all keys of a strategy, in this order."""
