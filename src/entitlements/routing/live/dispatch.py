"""Dispatch: the next waiting work that an agent can take, and the agent.

After a dispatch no free agent can take any waiting work. Only two things change that: an agent who
may take more than before (`touched`), and a queue with new work (`fresh`). So only those agents and
those queues are looked at, and work that is known to be blocked costs nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, final

from entitlements.routing.live.agents.indexed_agent import IndexedAgent
from entitlements.routing.live.masked_sequence import MaskedSequence
from entitlements.routing.live.roster.roster_index import RosterIndex
from entitlements.routing.live.waiting.mask_union import MaskUnion
from entitlements.routing.live.waiting.work_queue import WaitingWork, WorkQueue
from entitlements.routing.live.waiting.work_queues import WorkQueues
from entitlements.routing.work.queue_order import GuardedDeadline, KeyedOrder, QueueOrder
from entitlements.routing.work.requirements import Load

# Orders that never keep back work that an agent can take.
_SERVES_A_SINGLE_PIECE: Final = frozenset({GuardedDeadline, KeyedOrder})


@final
class Dispatch:
    """One pass over the waiting work at one instant.

    The agent of a piece must get the work, or at least no one may get capacity back, before the
    next piece is asked for.

    Attributes:
        exhausted: Whether no agent can take any of the work that is left.
        picks: Number of choices of an agent, which tests count.
    """

    __slots__ = (
        "_able",
        "_at",
        "_heads",
        "_index",
        "_moment",
        "_numbers",
        "_queues",
        "_witness",
        "exhausted",
        "picks",
    )

    def __init__(
        self,
        queues: WorkQueues,
        index: RosterIndex,
        touched: set[IndexedAgent],
        at: int,
        moment: datetime,
    ) -> None:
        self._queues = queues
        self._index = index
        self._at = at
        self._moment = moment
        self.exhausted = False
        self.picks = 0
        self._heads: dict[int, WaitingWork] = {}
        blocked = self._block_new_work() if queues.fresh else 0
        # What these agents can take, by their number, and all of them together.
        reach, among = queues.index.reach, queues.occupied & ~blocked
        found = {agent: mask for agent in touched if (mask := reach(agent, among))} if among else {}
        self._numbers = {agent: number for number, agent in enumerate(found)}
        self._able = MaskUnion([*found.values()])
        # For new queues, an agent who can take the work, while the agent has had so many
        # assignments; and who is to take this piece, while the roster has had so many.
        self._witness: dict[WorkQueue, tuple[IndexedAgent, int, WaitingWork, int]] = {}
        self.exhausted = not (self._able.mask or queues.fresh)

    def _block_new_work(self) -> int:
        """Return the mask of the new work that certainly no agent can take: O(new queues)."""
        queues, index = self._queues, self._index
        fresh = queues.fresh_queues()
        if len(fresh) == 1:
            # Only the agents who are qualified for it are looked at.
            needs, qualified = (
                fresh[0].requires,
                index.qualified(fresh[0].requires, fresh[0].excluded),
            )
            if needs.on_call is None and not index.free_agents(needs, qualified):
                return queues.block(fresh, qualified)
            return 0
        free: dict[Load, int] = {}
        blocked = []
        for queue in fresh:
            needs = queue.requires
            if needs.on_call is not None:
                continue
            able = free.get(needs.load)
            if able is None:
                able = free[needs.load] = index.free_agents(needs)
            if not able or index.is_blocked(needs, queue.excluded, able):
                blocked.append(queue)
        return queues.block(blocked)

    def next(self, order: QueueOrder, served: int) -> tuple[WaitingWork, IndexedAgent] | None:
        """Return the next work in order and the agent for it, or None.

        One choice of an agent; where work is new, one for each rank, at most, beside one for each
        queue that is found blocked. Then the comparisons of the order.
        """
        stops = _stops_at_best_rank(order)
        heads: list[WaitingWork] = []
        for rank, ranked in self._queues.ranks.items():
            piece = self._head(rank, ranked.heads)
            if piece is not None:
                heads.append(piece)
                if stops:
                    break
        if not heads:
            self.exhausted = True
            return None
        first = _first_in_order(heads, order, self._moment, served, self._queues)
        return None if first is None else (first, self._agent(first))

    def _head(self, rank: int, sequence: MaskedSequence) -> WaitingWork | None:
        """Return the first work of a rank that an agent can take."""
        queues, known = self._queues, self._heads.get(rank)
        # What agents can take only shrinks, so a head that is still servable is still the head.
        if known is not None and known.entry is not None and self._is_servable(known):
            return known
        piece: WaitingWork | None = sequence.first(queues.fresh | self._able.mask)
        while piece is not None and not self._is_servable(piece):
            piece = sequence.first(queues.fresh | self._able.mask)
        if piece is not None:
            self._heads[rank] = piece
        return piece

    def taken(self, agent: IndexedAgent) -> None:
        """Record that an agent has got work: O(skills of the agent)."""
        number, queues = self._numbers.get(agent), self._queues
        if number is not None:
            self._able.replace(number, queues.index.reach(agent, queues.occupied))

    def _is_servable(self, piece: WaitingWork) -> bool:
        """Return whether an agent can take a piece; record it if none can."""
        queue, bit, queues = piece.queue, piece.bit, self._queues
        if self._able.mask & bit:
            return True
        if not queues.fresh & bit:
            return False
        witness = self._witness.get(queue)
        if witness is not None and witness[0].assigned == witness[1]:
            return True
        agent = self._choose(piece)
        if agent is None:
            queues.block((queue,), self._index.qualified(queue.requires, queue.excluded))
            return False
        self._witness[queue] = (agent, agent.assigned, piece, self._index.assignment_count)
        return True

    def _agent(self, piece: WaitingWork) -> IndexedAgent:
        witness = self._witness.get(piece.queue)
        if (
            witness is not None
            and witness[2] is piece
            and witness[3] == self._index.assignment_count
        ):
            return witness[0]
        agent = self._choose(piece)
        assert agent is not None  # noqa: S101 - a witness can take it
        return agent

    def _choose(self, piece: WaitingWork) -> IndexedAgent | None:
        self.picks += 1
        return self._index.choose(piece.work, piece.queue.requires, self._at)


def first_for_agent(
    queues: WorkQueues, able: int, order: QueueOrder, at: datetime, served: int
) -> WaitingWork | None:
    """Return the first work in the queues of the mask `able`, for the only agent who is free.

    None if there is none, or if the order keeps all of it back.
    """
    ranks = queues.ranks
    if len(ranks) == 1:
        serves_first = type(order) in _SERVES_A_SINGLE_PIECE
    elif able & (able - 1):
        serves_first = _stops_at_best_rank(order)
    else:
        heads = queues.heads_of(able)
        return _first_in_order(heads, order, at, served, queues) if heads else None
    heads = []
    for ranked in ranks.values():
        piece: WaitingWork | None = ranked.heads.first(able)
        if piece is not None:
            if serves_first:
                return piece
            heads.append(piece)
    return _first_in_order(heads, order, at, served, queues)


def _stops_at_best_rank(order: QueueOrder) -> bool:
    """Return whether the first work of the best rank is the first of all."""
    return type(order) is KeyedOrder and order.is_by_rank


def _first_in_order(
    heads: list[WaitingWork], order: QueueOrder, at: datetime, served: int, queues: WorkQueues
) -> WaitingWork | None:
    """Return the first of the work that agents can take, one piece of each rank; None for none."""
    if len(heads) == 1 and type(order) in _SERVES_A_SINGLE_PIECE:
        return heads[0]
    work = order.first([each.work for each in heads], at, served, queues.waiting)
    return None if work is None else queues.pieces[work.id]
