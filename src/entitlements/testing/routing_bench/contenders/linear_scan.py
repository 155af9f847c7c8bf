"""A linear scan: every agent is looked at for every choice, as helpdesks do in a database."""

from __future__ import annotations

from typing import final

from entitlements.testing.routing_bench.contenders.rival import Rival, RivalAgent
from entitlements.testing.routing_bench.worlds.events import Needs


@final
class LinearScan(Rival):
    """Compares all agents who can take a piece."""

    name = "linear_scan"

    def choose(self, needs: Needs, excluded: frozenset[str]) -> RivalAgent | None:
        """Return the agent with the smallest key, by a look at all."""
        able = (each for each in self.agents.values() if each.can_take(needs, excluded))
        return min(able, key=RivalAgent.key, default=None)
