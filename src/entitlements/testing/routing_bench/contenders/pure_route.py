"""The pure function `route` on a roster value: the rule itself, without any index."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import final

import attrs

from entitlements.kernel.instants import from_micros
from entitlements.routing import Assigned, Work, route
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
class PureRoute:
    """`route` for an arrival, and for each waiting piece after each change.

    Slow, and the reference for choices.
    """

    name = "pure"

    def load(self, world: World) -> None:
        """Make a roster of the agents."""
        self._roster = roster_of(world)
        self._order = ORDERS[world.order]
        self._maker = WorkMaker()
        self._waiting: dict[str, Work] = {}
        self._held: dict[str, Work] = {}
        self._served = 0

    def arrive(self, piece: Piece) -> Assignments:
        """Route a piece, or let it wait."""
        work = self._maker.work(piece)
        answer = route(work, self._roster, work.opened)
        if not isinstance(answer, Assigned):
            self._waiting[work.id] = work
            return ()
        self._roster = self._roster.assign(work, answer.agent, work.opened)
        self._held[work.id] = work
        return ((work.id, answer.agent),)

    def complete(self, work: str, at: int) -> Assignments:
        """Complete a piece, and serve what can be served."""
        moment = from_micros(at)
        del self._held[work]
        self._roster = self._roster.complete(work, moment)
        return self._serve(moment)

    def change(self, change: Change) -> Assignments:
        """Carry out a change, and serve what can be served."""
        moment, roster = from_micros(change.at), self._roster
        match change:
            case SkillChange(agent=agent, skills=skills):
                self._roster = roster.change_skills(agent, skills)
            case StatusChange(agent=agent, away=away):
                self._roster = roster.set_status(agent, moment, away=away)
            case WorkTransfer(work=id):
                work, holder = self._held.pop(id), roster.holder(id) or ""
                self._roster = roster.complete(id, moment, done=False)
                excluded = work.excluded_agents | {holder}
                self._waiting[id] = attrs.evolve(work, excluded_agents=excluded)
            case Reprioritisation(work=id, rank=rank):
                self._waiting[id] = attrs.evolve(self._waiting[id], rank=rank)
            case Withdrawal(work=id):
                del self._waiting[id]
        return self._serve(moment)

    def advance(self, at: int) -> Assignments:
        """Serve what can be served at a new time."""
        return self._serve(from_micros(at))

    def _serve(self, at: datetime) -> Assignments:
        pairs = []
        able = list(self._waiting.values())
        while able:
            answers = {work.id: route(work, self._roster, at) for work in able}
            able = [work for work in able if isinstance(answers[work.id], Assigned)]
            counts = Counter(work.rank for work in self._waiting.values())
            work = self._order.first(able, at, self._served, counts)
            if work is None:
                break
            answer = answers[work.id]
            assert isinstance(answer, Assigned)  # noqa: S101 - only these are left
            self._roster = self._roster.assign(work, answer.agent, at)
            self._held[work.id] = self._waiting.pop(work.id)
            able.remove(work)
            self._served += 1
            pairs.append((work.id, answer.agent))
        return pairs
