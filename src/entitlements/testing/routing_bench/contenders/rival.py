"""Bookkeeping that the simple rivals share: agents, waiting work in one sorted list, presence.

A rival says how it chooses an agent; who is served first is the same for all of them. They hold no
explanations, and know nothing but what worlds have.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from typing import Final, final

from entitlements.testing.routing_bench.checker.rules import (
    RELIEF,
    CheckedAgent,
    SortKey,
    deadline_key,
    due_of,
    rank_key,
)
from entitlements.testing.routing_bench.contender import Assignments
from entitlements.testing.routing_bench.worlds.events import (
    Change,
    Needs,
    Piece,
    Reprioritisation,
    SkillChange,
    StatusChange,
    Withdrawal,
    WorkTransfer,
)
from entitlements.testing.routing_bench.worlds.presence import Presence
from entitlements.testing.routing_bench.worlds.world import ServiceOrder, World, WorldAgent

NEVER: Final = -1


@final
class RivalAgent(CheckedAgent):
    """An agent with what the default strategy compares: the last completion and assignment."""

    __slots__ = ("assigned", "id", "number", "on_duty", "released")

    def __init__(self, agent: WorldAgent, number: int) -> None:
        super().__init__(agent)
        self.id, self.number, self.on_duty = agent.id, number, True
        self.released = self.assigned = NEVER

    def key(self) -> tuple[int, int, int, str]:
        """Return the key of *least loaded, longest idle, least recently assigned, id*."""
        return (len(self.held), self.released, self.assigned, self.id)

    def can_take(self, needs: Needs, excluded: frozenset[str]) -> bool:
        """Return whether the agent can take a piece now."""
        return (
            self.on_duty
            and not self.away
            and self.has_room(needs)
            and self.fits(needs)
            and self.id not in excluded
        )


@final
class RivalPiece:
    """A piece that waits or is held."""

    __slots__ = ("excluded", "key", "piece", "rank")

    def __init__(self, piece: Piece) -> None:
        self.piece, self.rank, self.excluded = piece, piece.rank, frozenset[str]()
        self.key: SortKey = ()


class Rival(ABC):
    """A router without an index over waiting work.

    A free agent's next piece is found by a look at all waiting work in order, which is kept sorted.
    """

    name = ""

    def load(self, world: World) -> str | None:
        """Take over the agents."""
        self.agents = {
            each.id: RivalAgent(each, number) for number, each in enumerate(world.agents)
        }
        self.order, self.served, self.now = world.order, 0, world.start
        self.presence = Presence(world.agents)
        self.edges: Iterator[int] = self.presence.edges(world.start)
        self.next_edge = next(self.edges, None)
        self.pieces: dict[str, RivalPiece] = {}
        self.holders: dict[str, RivalAgent] = {}
        self.waiting: list[tuple[SortKey, str]] = []
        for agent in self.agents.values():
            agent.on_duty = self.presence.on_duty(agent.id, world.start)
        self.prepare()
        return None

    def prepare(self) -> None:  # noqa: B027 - a linear scan needs nothing
        """Build what the choice needs."""

    @abstractmethod
    def choose(self, needs: Needs, excluded: frozenset[str]) -> RivalAgent | None:
        """Return the first agent, in the order of their keys, who can take a piece now."""

    def moves(self, agent: RivalAgent, change: Callable[[], object]) -> None:  # noqa: ARG002 - others need them
        """Carry out a change of the key, the free capacity or the presence of an agent."""
        change()

    def arrive(self, piece: Piece) -> Assignments:
        """Assign a piece at once, or let it wait."""
        self._move_to(piece.at)
        found = self.pieces[piece.id] = RivalPiece(piece)
        agent = self.choose(piece.needs, found.excluded)
        if agent is None:
            self._wait(found)
            return ()
        return (self._assign(found, agent),)

    def complete(self, work: str, at: int) -> Assignments:
        """Free an agent, and look for what they can take."""
        self._move_to(at)
        agent = self.holders.pop(work)
        del self.pieces[work]

        def release() -> None:
            agent.give_back(work)
            agent.released = at

        self.moves(agent, release)
        return self._serve([agent])

    def change(self, change: Change) -> Assignments:
        """Carry out a change, and serve what can be served now."""
        self._move_to(change.at)
        touched: list[RivalAgent] = []
        match change:
            case SkillChange(agent=id, skills=skills):
                touched = [self.agents[id]]
                self.change_skills(touched[0], dict(skills))
            case StatusChange(agent=id, away=away):
                touched = [self.agents[id]]
                self.moves(touched[0], lambda: setattr(touched[0], "away", away))
            case WorkTransfer(work=work):
                agent, piece = self.holders.pop(work), self.pieces[work]
                self.moves(agent, lambda: agent.give_back(work))
                piece.excluded |= {agent.id}
                self._wait(piece)
                touched = list(self.agents.values())
            case Reprioritisation(work=work, rank=rank):
                self._unwait(self.pieces[work])
                self.pieces[work].rank = rank
                self._wait(self.pieces[work])
            case Withdrawal(work=work):
                self._unwait(self.pieces.pop(work))
        return self._serve(touched)

    def advance(self, at: int) -> Assignments:
        """Bring presence up to date, and try all waiting work."""
        self._move_to(at)
        return self._serve(list(self.agents.values()))

    def change_skills(self, agent: RivalAgent, skills: dict[str, int]) -> None:
        """Give an agent other skills."""
        agent.skills = skills

    def _move_to(self, at: int) -> None:
        self.now = at
        if self.next_edge is None or at < self.next_edge:
            return
        while self.next_edge is not None and self.next_edge <= at:
            self.next_edge = next(self.edges, None)
        for agent in self.agents.values():
            now = self.presence.on_duty(agent.id, at)
            if now is not agent.on_duty:
                self.moves(agent, lambda who=agent, now=now: setattr(who, "on_duty", now))  # type: ignore[misc]

    def _wait(self, found: RivalPiece) -> None:
        order = self.order
        found.key = (
            rank_key(found.piece, found.rank, order)
            if order is ServiceOrder.RANK
            else deadline_key(found.piece, order)
        )
        insort(self.waiting, (found.key, found.piece.id))

    def _unwait(self, found: RivalPiece) -> None:
        del self.waiting[bisect_left(self.waiting, (found.key, found.piece.id))]

    def _assign(self, found: RivalPiece, agent: RivalAgent) -> tuple[str, str]:
        def take() -> None:
            agent.take(found.piece)
            agent.assigned = self.now

        self.moves(agent, take)
        self.holders[found.piece.id] = agent
        return found.piece.id, agent.id

    def _serve(self, touched: list[RivalAgent]) -> Assignments:
        """Assign waiting work that the agents who gained something can take, in order."""
        if not touched or not self.waiting:
            return ()
        pairs = []
        while (found := self._next(touched)) is not None:
            agent = self.choose(found.piece.needs_at(self.now), found.excluded)
            if agent is None:
                break
            self._unwait(found)
            self.served += 1
            pairs.append(self._assign(found, agent))
        return pairs

    def _next(self, touched: list[RivalAgent]) -> RivalPiece | None:
        free = [each for each in touched if each.on_duty and not each.away]
        able = self._able(free)
        first = next(able, None)
        if first is None or self.order is not ServiceOrder.GUARDED:
            return first
        if due_of(first.piece) >= self.now or self.served % RELIEF == RELIEF - 1:
            return first
        return min([first, *able], key=lambda each: rank_key(each.piece, each.rank, self.order))

    def _able(self, touched: list[RivalAgent]) -> Iterator[RivalPiece]:
        """Yield waiting pieces that one of the agents can take, in order."""
        for _, id in self.waiting:
            found = self.pieces[id]
            needs = found.piece.needs_at(self.now)
            if any(each.can_take(needs, found.excluded) for each in touched):
                yield found
