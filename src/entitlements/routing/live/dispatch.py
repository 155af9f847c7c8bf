"""Dispatch: the next waiting work that an agent can take, and the agent.

After a dispatch no free agent can take any waiting work. Only two things change that: an agent who
may take more than before (`touched`), and a queue with new work (`fresh`). So only those agents and
those queues are looked at, and work that is known to be blocked costs nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, final

from entitlements.routing.live.agents.indexed_agent import IndexedAgent
from entitlements.routing.live.roster_index import RosterIndex
from entitlements.routing.live.waiting.work_queue import WaitingWork, WorkQueue
from entitlements.routing.live.waiting.work_queues import WorkQueues
from entitlements.routing.work.queue_order import GuardedDeadline, KeyedOrder, QueueOrder

_FEW: Final = 4
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
        "_index",
        "_moment",
        "_only",
        "_queues",
        "_reach",
        "_unsure",
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
        # The queues that these agents can serve, some of which may be blocked by now.
        self._unsure = 0
        if len(touched) == 1 and not queues.fresh:
            # Nobody else can take work that was blocked before.
            (only,) = touched
            self._only: IndexedAgent | None = only
            self._able = queues.index.reach(only)
            return
        self._only = None
        if queues.fresh.bit_count() > _FEW:
            # Many new kinds of work, such as at the start of a day.
            for queue in queues.fresh_queues():
                needs = queue.requires
                if needs.on_call is None and index.is_blocked(needs, queue.excluded):
                    queues.block(queue)
        self._able = 0
        self._reach = {agent: queues.index.reach(agent) for agent in touched}
        for mask in self._reach.values():
            self._able |= mask
        # For queues, an agent who can take the work, while the agent has this version; and who is
        # to take this piece, while there were so many assignments.
        self._witness: dict[WorkQueue, tuple[IndexedAgent, int, WaitingWork, int]] = {}

    def next(self, order: QueueOrder, served: int) -> tuple[WaitingWork, IndexedAgent] | None:
        """Return the next work in order and the agent for it, or None.

        One choice of an agent for each rank, at most, beside one for each queue that is found
        blocked; then the comparisons of the order.
        """
        queues = self._queues
        heads: list[WaitingWork] = []
        only = self._only
        if self._able or queues.fresh:
            for rank, sequence in queues.ranks.items():
                while (entry := sequence.first(queues.fresh | self._able)) is not None:
                    queue = entry[-1]
                    piece = queue.head(rank)
                    if only is not None or self._is_servable(queue, piece):
                        heads.append(piece)
                        break
        if not heads:
            self.exhausted = True
            return None
        piece = heads[0]
        if len(heads) > 1 or type(order) not in _SERVES_A_SINGLE_PIECE:
            works = [each.work for each in heads]
            work = order.first(works, self._moment, served, queues.waiting)
            if work is None:
                return None
            piece = queues.pieces[work.id]
        return piece, self._agent(piece) if only is None else only

    def taken(self, agent: IndexedAgent) -> None:
        """Record that an agent has got work: O(skills of the agent)."""
        queues = self._queues
        if self._only is not None:
            self._able = queues.index.reach(agent)
            self.exhausted = not self._able
            return
        before = self._reach.get(agent)
        if before:
            after = queues.index.reach(agent)
            self._reach[agent] = after
            self._unsure |= before & ~after

    def _is_servable(self, queue: WorkQueue, piece: WaitingWork) -> bool:
        """Return whether an agent can take the work of a queue; record it if none can."""
        bit = queue.bit
        if self._able & bit and not self._unsure & bit:
            return True
        witness = self._witness.get(queue)
        if witness is not None and witness[0].version == witness[1]:
            return True
        agent = self._choose(piece)
        if agent is None:
            self._able &= ~bit
            self._queues.block(queue)
            return False
        self._witness[queue] = (agent, agent.version, piece, self._index.turns)
        return True

    def _agent(self, piece: WaitingWork) -> IndexedAgent:
        witness = self._witness.get(piece.queue)
        if witness is not None and witness[2] is piece and witness[3] == self._index.turns:
            return witness[0]
        agent = self._choose(piece)
        assert agent is not None  # noqa: S101 - a witness can take it
        return agent

    def _choose(self, piece: WaitingWork) -> IndexedAgent | None:
        self.picks += 1
        return self._index.choose_for(piece.work, piece.queue.requires, self._at)
