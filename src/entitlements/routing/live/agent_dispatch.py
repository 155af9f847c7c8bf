"""Agent dispatch: the next waiting work for one agent who became free, as `dispatch` for several.

By far most changes are the completion of work: one agent may take more than before, and no work is
new. Nobody else can take what waits, so that no agent is chosen.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, final

from entitlements.routing.live.agents.indexed_agent import IndexedAgent
from entitlements.routing.live.dispatch import first_in_order, stops_at_best_rank
from entitlements.routing.live.waiting.work_queue import WaitingWork
from entitlements.routing.live.waiting.work_queues import WorkQueues
from entitlements.routing.work.queue_order import QueueOrder


@final
class AgentDispatch:
    """One pass over the waiting work for one agent; the agent must get each piece.

    Attributes:
        exhausted: Whether the agent can take none of the work that is left.
        picks: Number of choices of an agent.
    """

    picks: Final = 0

    __slots__ = ("_able", "_agent", "_moment", "_queues", "exhausted")

    def __init__(
        self, queues: WorkQueues, agent: IndexedAgent, able: int, moment: datetime
    ) -> None:
        self._queues = queues
        self._agent = agent
        self._able = able
        self._moment = moment
        self.exhausted = False

    def next(self, order: QueueOrder, served: int) -> tuple[WaitingWork, IndexedAgent] | None:
        """Return the next work in order and the agent, or None: no comparison within a rank."""
        able, stops = self._able, stops_at_best_rank(order)
        heads: list[WaitingWork] = []
        for sequence in self._queues.ranks.values():
            entry = sequence.first(able)
            if entry is not None:
                heads.append(entry[-1])
                if stops:
                    break
        piece = first_in_order(heads, order, self._moment, served, self._queues)
        return None if piece is None else (piece, self._agent)

    def taken(self, agent: IndexedAgent) -> None:
        """Record that the agent has got work: O(skills of the agent)."""
        queues = self._queues
        self._able = queues.index.reach(agent) & queues.occupied
        self.exhausted = not self._able
