"""The live router of the library with its backlog, as the guide uses them."""

from __future__ import annotations

from datetime import datetime
from typing import final

import attrs

from entitlements.kernel.instants import from_micros
from entitlements.routing import Assigned, Backlog, Router, Work
from entitlements.testing.routing_bench.contender import Assignments
from entitlements.testing.routing_bench.contenders.values import ORDERS, WorkMaker, roster_of
from entitlements.testing.routing_bench.worlds.events import (
    Change,
    Piece,
    Reprioritisation,
    SkillChange,
    StatusChange,
    Withdrawal,
    WorkTransfer,
)
from entitlements.testing.routing_bench.worlds.world import World


@final
class LiveRouter:
    """`Router` and `Backlog`: every arrival is routed at once, and what must wait is drained.

    Making `Work` and instants is part of the measured time; requirements are made once for each
    kind of needs.
    """

    name = "live"

    def load(self, world: World) -> None:
        """Make a router of the agents."""
        self._router = Router(roster_of(world))
        self._backlog = Backlog(ORDERS[world.order])
        self._maker = WorkMaker()
        self._works: dict[str, Work] = {}

    def arrive(self, piece: Piece) -> Assignments:
        """Route a piece, or let it wait."""
        work = self._works[piece.id] = self._maker.work(piece)
        answer = self._router.route(work, work.opened)
        if isinstance(answer, Assigned):
            self._router.assign(work, answer.agent, work.opened)
            return ((work.id, answer.agent),)
        self._backlog.add(work)
        return ()

    def complete(self, work: str, at: int) -> Assignments:
        """Complete a piece and serve waiting work."""
        moment = from_micros(at)
        del self._works[work]
        self._router.complete(work, moment)
        return self._drain(moment)

    def change(self, change: Change) -> Assignments:
        """Carry out a change and serve waiting work."""
        moment = from_micros(change.at)
        match change:
            case SkillChange(agent=agent, skills=skills):
                self._router.change_skills(agent, skills)
            case StatusChange(agent=agent, away=away):
                self._router.set_status(agent, moment, away=away)
            case WorkTransfer(work=id):
                self._give_back(id, moment)
            case Reprioritisation(work=id, rank=rank):
                self._works[id] = attrs.evolve(self._works[id], rank=rank)
                self._backlog.replace(self._works[id])
            case Withdrawal(work=id):
                del self._works[id]
                self._backlog.remove(id)
        return self._drain(moment)

    def advance(self, at: int) -> Assignments:
        """Serve waiting work at a new time."""
        return self._drain(from_micros(at))

    def _give_back(self, id: str, at: datetime) -> None:
        work, holder = self._works[id], self._router.holder(id) or ""
        self._router.complete(id, at, done=False)
        excluded = work.excluded_agents | {holder}
        work = self._works[id] = attrs.evolve(work, excluded_agents=excluded)
        self._backlog.add(work)

    def _drain(self, at: datetime) -> Assignments:
        return [(each.work, each.agent) for each in self._backlog.drain(self._router, at)]
