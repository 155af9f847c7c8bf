"""Columns of agents in NumPy: a mask of those who can take a piece, then the smallest key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, final

import numpy as np

from entitlements.testing.routing_bench.contenders.rival import Rival, RivalAgent
from entitlements.testing.routing_bench.worlds.events import Needs

_NO_LIMIT = 2**31 - 1


@final
class NumpyMasks(Rival):
    """Skills, load and presence as columns; a skill map that changes is a row that is written."""

    name = "numpy_masks"

    def prepare(self) -> None:
        """Build the columns; skills get one when they are first asked for."""
        agents = list(self.agents.values())
        self.in_order = agents
        size = len(agents)
        self.levels: dict[str, Any] = {}
        self.fitting: dict[Needs, Any] = {}
        self.loads = np.zeros(size, dtype=np.int64)
        self.released = np.full(size, -1, dtype=np.int64)
        self.assigned = np.full(size, -1, dtype=np.int64)
        self.limit = np.array(
            [_NO_LIMIT if each.agent.capacity is None else each.agent.capacity for each in agents],
            dtype=np.int64,
        )
        self.here = np.array([each.on_duty for each in agents], dtype=bool)

    def choose(self, needs: Needs, excluded: frozenset[str]) -> RivalAgent | None:
        """Return the agent with the smallest key under the mask."""
        able = np.flatnonzero(self._fits(needs) & self.here & (self.loads < self.limit))
        for values in (self.loads, self.released, self.assigned):
            if needs.channel is None and not excluded and len(able) > 1:
                column = values[able]
                able = able[column == column.min()]
        among = (self.in_order[number] for number in able)
        can = (each for each in among if each.can_take(needs, excluded))
        return min(can, key=RivalAgent.key, default=None)

    def moves(self, agent: RivalAgent, change: Callable[[], object]) -> None:
        """Write the row of the agent after the change."""
        change()
        number = agent.number
        self.loads[number] = len(agent.held)
        self.released[number] = agent.released
        self.assigned[number] = agent.assigned
        self.here[number] = agent.on_duty and not agent.away

    def change_skills(self, agent: RivalAgent, skills: dict[str, int]) -> None:
        """Write the levels of one agent into the columns that exist."""
        agent.skills = skills
        for name, column in self.levels.items():
            column[agent.number] = skills.get(name, 0)
        self.fitting.clear()

    def _fits(self, needs: Needs) -> Any:
        found = self.fitting.get(needs)
        if found is None:
            found = np.array([self._allowed(each, needs) for each in self.in_order], dtype=bool)
            for name, level in needs.skills.items():
                found &= self._level(name) >= level
            self.fitting[needs] = found
        return found

    @staticmethod
    def _allowed(agent: RivalAgent, needs: Needs) -> bool:
        in_group = not needs.groups or not needs.groups.isdisjoint(agent.agent.groups)
        return in_group and agent.is_allowed(needs) and agent.serves(needs)

    def _level(self, name: str) -> Any:
        column = self.levels.get(name)
        if column is None:
            held = [each.skills.get(name, 0) for each in self.in_order]
            column = self.levels[name] = np.array(held, dtype=np.int64)
        return column
