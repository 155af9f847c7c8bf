"""The offer book of the library, in which every offer is accepted at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import final

import attrs

from entitlements.kernel.instants import from_micros
from entitlements.routing import OfferBook, RoutingPolicy, Work
from entitlements.routing.offers.lifecycle import TransitionKind, WorkEvent
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
class OffersAccepted:
    """`OfferBook`: all work goes through the book, and agents accept what they are offered."""

    name = "offers"

    def load(self, world: World) -> None:
        """Make a book of the agents."""
        roster = roster_of(world)
        self._agents = dict(roster.agents)
        self._book = OfferBook(roster, RoutingPolicy(order=ORDERS[world.order]))
        self._maker = WorkMaker()
        self._works: dict[str, Work] = {}

    def arrive(self, piece: Piece) -> Assignments:
        """Add a piece, and offer what agents can take."""
        work = self._works[piece.id] = self._maker.work(piece)
        self._book.add(work, work.opened)
        return self._drain(work.opened)

    def complete(self, work: str, at: int) -> Assignments:
        """Complete a piece and offer waiting work."""
        moment = from_micros(at)
        del self._works[work]
        self._book.complete(work, moment)
        return self._drain(moment)

    def change(self, change: Change) -> Assignments:
        """Carry out a change and offer waiting work."""
        book, moment = self._book, from_micros(change.at)
        match change:
            case SkillChange(agent=agent, skills=skills):
                changed = attrs.evolve(self._agents[agent], skills=skills)
                self._agents[agent] = changed
                book.replace_agent(changed)
            case StatusChange(agent=agent, away=away):
                book.set_status(agent, moment, away=away)
            case WorkTransfer(work=id):
                book.transfer(id, moment)
            case Reprioritisation(work=id, rank=rank):
                self._works[id] = attrs.evolve(self._works[id], rank=rank)
                book.replace(self._works[id], moment)
            case Withdrawal(work=id):
                del self._works[id]
                book.cancel(id, moment)
        return self._drain(moment)

    def advance(self, at: int) -> Assignments:
        """Offer waiting work at a new time."""
        return self._drain(from_micros(at))

    def _drain(self, at: datetime) -> Assignments:
        return _accepted(self._book.drain(at))


def _accepted(events: Iterable[WorkEvent]) -> Assignments:
    return [
        (each.work, each.agent or "") for each in events if each.kind is TransitionKind.ACCEPTED
    ]
