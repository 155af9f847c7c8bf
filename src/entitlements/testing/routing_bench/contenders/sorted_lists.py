"""A sorted list of agents, kept in order by bisection and searched from the front."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable
from typing import final

from entitlements.testing.routing_bench.contenders.rival import Rival, RivalAgent
from entitlements.testing.routing_bench.worlds.events import Needs


@final
class SortedLists(Rival):
    """Keeps the agents who are present in the order of the strategy."""

    name = "sorted_lists"

    def prepare(self) -> None:
        """Sort the agents who are present."""
        self.entries = sorted(each.key() for each in self.agents.values() if each.on_duty)

    def choose(self, needs: Needs, excluded: frozenset[str]) -> RivalAgent | None:
        """Return the first of the list who can take a piece."""
        for entry in self.entries:
            agent = self.agents[entry[3]]
            if agent.can_take(needs, excluded):
                return agent
        return None

    def moves(self, agent: RivalAgent, change: Callable[[], object]) -> None:
        """Take the agent out of the list before the change, and put them back after it."""
        if agent.on_duty and not agent.away:
            del self.entries[bisect_left(self.entries, agent.key())]
        change()
        if agent.on_duty and not agent.away:
            insort(self.entries, agent.key())
