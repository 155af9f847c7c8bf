"""Agent classes: the qualified agents of a requirement, divided by the first keys of a strategy."""

from __future__ import annotations

from typing import Any, Final, final

from entitlements.routing.eligibility.eligibility import is_qualified
from entitlements.routing.live.agents.agent_lines import StrategyPlan
from entitlements.routing.live.agents.agent_postings import AgentPostings
from entitlements.routing.live.agents.indexed_agent import IndexedAgent
from entitlements.routing.strategies.strategy import SelectionContext
from entitlements.routing.work.requirements import Requirement

_FEW: Final = 32
Rank = tuple[Any, ...]


@final
class AgentClasses:
    """The classes of one requirement, kept up to date agent by agent.

    Attributes:
        fit: The mask of all qualified agents, as of `epoch`.
        ordered: The masks of the classes, best first, as of `epoch`.
        epoch: The epoch of the postings at which both were right.
    """

    __slots__ = ("_masks", "_plan", "_ranks", "_requires", "epoch", "fit", "ordered")

    def __init__(self, requires: Requirement, plan: StrategyPlan) -> None:
        self._requires = requires
        self._plan = plan
        self.fit = 0
        self.epoch = -1
        self.ordered: list[int] = []
        self._ranks: dict[int, Rank] = {}
        self._masks: dict[Rank, int] = {}

    def update(self, postings: AgentPostings) -> None:
        """Bring the masks up to date: O(changed agents), O(qualified agents) if many changed."""
        if self.epoch == postings.epoch:
            return
        changed = postings.changed_since(self.epoch) if self.epoch >= 0 else None
        if changed is None or len(changed) > _FEW:
            self._rank_all(postings)
        else:
            self._rank_changed(postings, changed)
        self.ordered = [self._masks[rank] for rank in sorted(self._masks)]
        self.epoch = postings.epoch

    def _rank_all(self, postings: AgentPostings) -> None:
        self.fit = postings.qualified(self._requires)
        self._ranks.clear()
        self._masks.clear()
        for agent in postings.agents(self.fit):
            self._enter(agent)

    def _rank_changed(self, postings: AgentPostings, changed: list[int]) -> None:
        for slot in changed:
            rank = self._ranks.pop(slot, None)
            if rank is not None:
                bit = 1 << slot
                self.fit ^= bit
                self._masks[rank] ^= bit
                if not self._masks[rank]:
                    del self._masks[rank]
            agent = postings.slots[slot]
            if agent is not None and is_qualified(agent.agent, self._requires):
                self.fit |= agent.bit
                self._enter(agent)

    def _enter(self, agent: IndexedAgent) -> None:
        context = SelectionContext(self._requires, 0)
        rank = tuple([key.of(agent, context) for key in self._plan.ranking])
        self._ranks[agent.slot] = rank
        self._masks[rank] = self._masks.get(rank, 0) | agent.bit
