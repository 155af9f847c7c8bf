"""SimPy's resource loop: a `FilterStore` of agents, asked with a filter for each piece."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, final

import simpy

from entitlements.testing.routing_bench.contender import Assignments
from entitlements.testing.routing_bench.worlds.events import Change, Needs, Piece
from entitlements.testing.routing_bench.worlds.features import unfit
from entitlements.testing.routing_bench.worlds.world import World, WorldAgent


@final
class SimpyStore:
    """Agents are items of a store, one for each piece of capacity; waiting requests are in order.

    It takes part where that is enough: one rank, first in first out, no shifts and no changes. The
    choice among free agents is the one that came back first.
    """

    name = "simpy_store"

    def load(self, world: World) -> str | None:
        """Put the agents into a store."""
        if reason := unfit(world, ()):
            return reason
        self._environment = simpy.Environment()
        self._store = simpy.FilterStore(self._environment)
        self._agents: dict[str, WorldAgent] = {}
        self._given: list[tuple[str, str]] = []
        for agent in world.agents:
            for _ in range(agent.capacity or 1):
                self._store.put(agent)
        self._run()
        return None

    def arrive(self, piece: Piece) -> Assignments:
        """Ask for an agent who fits."""
        request = self._store.get(partial(_fits, piece.needs))
        request.callbacks.append(self._given_to(piece.id))
        return self._run()

    def complete(self, work: str, at: int) -> Assignments:  # noqa: ARG002 - as it is called
        """Put the agent back."""
        self._store.put(self._agents.pop(work))
        return self._run()

    def change(self, change: Change) -> Assignments:
        """Refuse a change, which a world that fits does not have."""
        raise AssertionError(change)

    def advance(self, at: int) -> Assignments:  # noqa: ARG002 - as it is called
        """Do nothing: time alone changes nothing here."""
        return ()

    def _given_to(self, work: str) -> Callable[[Any], None]:
        def given(event: Any) -> None:
            self._agents[work] = event.value
            self._given.append((work, event.value.id))

        return given

    def _run(self) -> Assignments:
        self._environment.run()
        given, self._given = self._given, []
        return given


def _fits(needs: Needs, agent: WorldAgent) -> bool:
    skills = agent.skills
    return all(skills.get(name, 0) >= level for name, level in needs.skills.items())
