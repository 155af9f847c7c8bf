"""Static selector: the choice of a strategy over a roster that does not change.

Without assignments, only shifts, absences and similar times change the eligible agents. Of the
agents who share a shift, the best one is chosen at every instant, so a choice tests one agent for
each shift. Instants may come in any order, and threads may share a selector. For a roster that
changes, use a `Router`.
"""

from __future__ import annotations

from typing import Final, TypeAlias, final

from entitlements.kernel.instants import START_OF_TIME
from entitlements.kernel.memo import Memo
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.agents.capacity import has_room
from entitlements.routing.agents.duty import ShiftTimeline
from entitlements.routing.eligibility.eligibility import Schedules, fits_permanently, is_available
from entitlements.routing.roster import Roster
from entitlements.routing.strategies.named import DEFAULT_STRATEGY
from entitlements.routing.strategies.strategy import KeyScope, SelectionContext, Strategy
from entitlements.routing.work.requirements import Requirement

MAX_KEPT: Final = 4_096
RankedAgent: TypeAlias = tuple[AgentState, ShiftTimeline | None, bool]


@final
class RankedAgents:
    """The agents who can take work of one requirement at some time, best first."""

    __slots__ = ("_agents", "_requires", "_schedules")

    def __init__(
        self, agents: tuple[RankedAgent, ...], requires: Requirement, schedules: Schedules
    ) -> None:
        self._agents = agents
        self._requires = requires
        self._schedules = schedules

    def first(self, at: int) -> str | None:
        """Return the id of the first agent available at `at`, or None.

        `at` is in microseconds since 1970 UTC.
        """
        for state, timeline, only_shift in self._agents:
            if only_shift:
                if timeline is None or timeline.is_open(at):
                    return state.id
            elif is_available(state, self._requires, at, self._schedules):
                return state.id
        return None


@final
class StaticSelector:
    """A roster compiled for the choice at any instant.

    Args:
        roster: The agents.
        strategy: Order of the eligible agents.

    >>> from entitlements.kernel.instants import utc
    >>> from entitlements.routing.agents.agent import Agent
    >>> selector = StaticSelector(Roster(agents=[Agent(id="bob"), Agent(id="ada")]))
    >>> ranked = selector.ranked(Requirement())
    >>> None if ranked is None else ranked.first(0)
    'ada'
    """

    __slots__ = ("_constant", "_ranked", "_strategy", "roster")

    def __init__(self, roster: Roster, strategy: Strategy = DEFAULT_STRATEGY) -> None:
        self.roster = roster
        self._strategy = strategy
        self._constant = strategy.sample is None and all(
            key.scope in {KeyScope.PROFILE, KeyScope.WORKLOAD} for key in strategy.keys
        )
        self._ranked: Memo[tuple[Requirement, tuple[str, ...]], RankedAgents] = Memo(MAX_KEPT)

    def ranked(self, requires: Requirement, preferred: tuple[str, ...] = ()) -> RankedAgents | None:
        """Return the agents who can take such work, in the order in which `route` chooses them.

        None if the order is not the same for all such work at all instants.

        Args:
            requires: The requirement of the work, without relaxation.
            preferred: Agents to try before all others.
        """
        if not self._constant:
            return None
        found = self._ranked.get((requires, preferred))
        if found is None:
            agents = self._agents(requires, preferred) if preferred else ()
            agents += self._agents(requires, ())
            ranked = RankedAgents(agents, requires, self.roster.on_call)
            found = self._ranked.put((requires, preferred), ranked)
        return found

    def _agents(self, requires: Requirement, among: tuple[str, ...]) -> tuple[RankedAgent, ...]:
        """Return the agents who can take the work, best first, one for each shared shift."""
        # No key of such a strategy depends on the instant.
        context = SelectionContext(requires, 0, "", 0, START_OF_TIME)
        eligible = [
            state
            for id, state in self.roster.agent_states.items()
            if (not among or id in among)
            and fits_permanently(state.agent, requires)
            and has_room(state, requires)
        ]
        ranked: list[RankedAgent] = []
        shifts: set[int] = set()
        for state in sorted(eligible, key=lambda each: self._strategy.key(each, context)):
            only_shift = requires.on_call is None and _has_only_shift(state)
            if only_shift and id(state.duty.timeline) in shifts:
                continue
            if only_shift:
                shifts.add(id(state.duty.timeline))
            ranked.append((state, state.duty.timeline, only_shift))
        return tuple(ranked)


def _has_only_shift(state: AgentState) -> bool:
    """Return whether only the shift determines when the agent is available."""
    duty = state.duty
    return not (duty.absences or duty.extra or state.away or state.rate_limit is not None)
