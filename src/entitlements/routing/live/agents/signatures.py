"""Signatures: for each requirement, the agents who are qualified and their classes by rank.

A signature is right while no agent has changed since; otherwise it is brought up to date when it is
asked. So a change of an agent touches no signature, however many there are.
"""

from __future__ import annotations

from typing import Any, Final, final

from entitlements.routing.eligibility.eligibility import fits_capacity, is_qualified
from entitlements.routing.live.agents.agent_lines import AgentLine, StrategyPlan
from entitlements.routing.live.agents.agent_postings import AgentPostings
from entitlements.routing.live.agents.indexed_agent import IndexedAgent
from entitlements.routing.strategies.strategy import SelectionContext
from entitlements.routing.work.requirements import Requirement

MAX_SIGNATURES: Final = 4_096
MAX_LINES: Final = 64
_FEW: Final = 32
Rank = tuple[Any, ...]


@final
class Signature:
    """One requirement, compiled.

    Attributes:
        requires: The requirement.
        line: The line of the agents with capacity for it.
        fit: The mask of qualified agents, as of `epoch`.
        epoch: The epoch of the postings at which `fit` was right.
        hope: The mask of those who could take such a load without work, as of `hope_epoch`.
        hope_epoch: The epoch of the postings at which `hope` was right.
        classes: The masks of qualified agents by the first keys of the strategy, best first; None
            if the strategy has no such keys.
    """

    __slots__ = (
        "_masks",
        "_plan",
        "_ranks",
        "classes",
        "epoch",
        "fit",
        "hope",
        "hope_epoch",
        "line",
        "requires",
    )

    def __init__(self, requires: Requirement, line: AgentLine, plan: StrategyPlan) -> None:
        self.requires = requires
        self.line = line
        self._plan = plan
        self.fit = 0
        self.epoch = self.hope_epoch = -1
        self.hope = 0
        self.classes: list[int] | None = None
        self._ranks: dict[int, Rank] = {}
        self._masks: dict[Rank, int] = {}

    def update(self, postings: AgentPostings) -> None:
        """Bring the masks up to date.

        O(levels and groups named) mask operations; with classes also a rank for each changed agent.
        """
        if not self._plan.ranking:
            self.fit = postings.qualified(self.requires)
        else:
            changed = postings.changed_since(self.epoch) if self.epoch >= 0 else None
            if changed is None or len(changed) > _FEW:
                self._rank_all(postings)
            else:
                self._rank_changed(postings, changed)
            self.classes = [self._masks[rank] for rank in sorted(self._masks)]
        self.epoch = postings.epoch

    def _rank_all(self, postings: AgentPostings) -> None:
        self.fit = postings.qualified(self.requires)
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
            if agent is not None and is_qualified(agent.agent, self.requires):
                self.fit |= agent.bit
                self._enter(agent)

    def _enter(self, agent: IndexedAgent) -> None:
        context = SelectionContext(self.requires, 0)
        rank = tuple([key.of(agent, context) for key in self._plan.ranking])
        self._ranks[agent.slot] = rank
        self._masks[rank] = self._masks.get(rank, 0) | agent.bit


@final
class Signatures:
    """The signatures and lines of an index, each made when it is first asked for.

    At most 4,096 signatures and 64 lines are kept; then all are dropped, and made again if needed.

    Attributes:
        lines: The lines by kind of load.
        known: Signatures by the identity of a requirement; a signature of another requirement with
            the same identity must be ignored.
    """

    __slots__ = ("_by_value", "_capable", "_plan", "_postings", "known", "lines")

    def __init__(self, plan: StrategyPlan, postings: AgentPostings) -> None:
        self._plan = plan
        self._postings = postings
        self._by_value: dict[Requirement, Signature] = {}
        self._capable: dict[AgentLine, tuple[int, int]] = {}
        self.known: dict[int, tuple[Requirement, Signature]] = {}
        self.lines: dict[object, AgentLine] = {}

    def find(self, requires: Requirement) -> Signature:
        """Return the signature of a requirement."""
        found = self._by_value.get(requires)
        if found is None:
            if len(self._by_value) >= MAX_SIGNATURES:
                self._by_value.clear()
                self.known.clear()
            found = self.make(requires)
            self._by_value[requires] = found
        if len(self.known) >= MAX_SIGNATURES:
            self.known.clear()
        # The requirement is kept, so that no other one gets its identity.
        self.known[id(requires)] = (requires, found)
        return found

    def make(self, requires: Requirement) -> Signature:
        """Return a new signature of a requirement, which is not kept and not up to date."""
        return Signature(requires, self._line(requires), self._plan)

    def clear(self) -> None:
        """Drop all signatures and lines."""
        self._by_value.clear()
        self.known.clear()
        self.lines.clear()
        self._capable.clear()

    def capable(self, line: AgentLine) -> int:
        """Return the mask of the agents who could take such a load if they had no work.

        O(changes of agents since the last question).
        """
        postings = self._postings
        mask, epoch = self._capable.get(line, (0, -1))
        if epoch != postings.epoch:
            changed = postings.changed_since(epoch) if epoch >= 0 else None
            if changed is None:
                changed, mask = list(range(len(postings.slots))), 0
            for slot in changed:
                agent = postings.slots[slot]
                if agent is not None and fits_capacity(agent.agent, line.requires):
                    mask |= agent.bit
                else:
                    mask &= ~(1 << slot)
            self._capable[line] = (mask, postings.epoch)
        return mask

    def hope(self, signature: Signature) -> int:
        """Return the mask of the qualified agents who could take such a load without work."""
        if signature.hope_epoch != self._postings.epoch:
            signature.hope = signature.fit & self.capable(signature.line)
            signature.hope_epoch = self._postings.epoch
        return signature.hope

    def known_line(self, requires: Requirement) -> AgentLine | None:
        """Return the line for such a load, or None if it has not been made yet."""
        return self.lines.get((requires.drawn, requires.channel, requires.exclusive))

    def _line(self, requires: Requirement) -> AgentLine:
        load = (requires.drawn, requires.channel, requires.exclusive)
        line = self.lines.get(load)
        if line is None:
            if len(self.lines) >= MAX_LINES:
                self.clear()
            agents = self._postings.agents(self._postings.everyone)
            line = self.lines[load] = AgentLine(requires, self._plan, agents)
        return line
