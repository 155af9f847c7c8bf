"""Signatures: for each requirement, the agents who are qualified and their classes by rank.

A signature is right while no agent has changed since; otherwise it is brought up to date when it is
asked. So a change of an agent touches no signature, however many there are.
"""

from __future__ import annotations

from typing import Final, final

from entitlements.routing.eligibility.eligibility import fits_capacity
from entitlements.routing.live.agents.agent_classes import AgentClasses
from entitlements.routing.live.agents.agent_lines import AgentLine, StrategyPlan
from entitlements.routing.live.agents.agent_postings import AgentPostings
from entitlements.routing.work.requirements import Load, Requirement

MAX_SIGNATURES: Final = 4_096
MAX_LINES: Final = 64


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
        ranked: The qualified agents by the first keys of the strategy; None if it has no such keys.
        only: The sequence of the line, if it alone decides who is first; None otherwise.
    """

    __slots__ = ("epoch", "fit", "hope", "hope_epoch", "line", "only", "ranked", "requires")

    def __init__(self, requires: Requirement, line: AgentLine, ranked: AgentClasses | None) -> None:
        self.requires = requires
        self.line = line
        self.ranked = ranked
        self.only = line.only if ranked is None else None
        self.fit = self.hope = 0
        self.epoch = self.hope_epoch = -1

    def update(self, postings: AgentPostings) -> None:
        """Bring `fit` up to date.

        O(levels and groups named) mask operations; with classes also a rank for each changed agent.
        """
        ranked = self.ranked
        if ranked is None:
            self.fit = postings.qualified(self.requires)
        else:
            ranked.update(postings)
            self.fit = ranked.fit
        self.epoch = postings.epoch


@final
class Signatures:
    """The signatures and lines of an index, each made when it is first asked for.

    At most 4,096 signatures and 64 lines are kept; then all are dropped, and made again if needed.

    Attributes:
        lines: The lines.
        known: Signatures by the identity of the requirement; one whose `requires` is another
            requirement must be ignored. A requirement is hashed only where the strategy has
            classes, because to compile it takes no longer than to find an equal one.
    """

    __slots__ = ("_by_load", "_capable", "_classes", "_plan", "_postings", "known", "lines")

    def __init__(self, plan: StrategyPlan, postings: AgentPostings) -> None:
        self._plan = plan
        self._postings = postings
        self._classes: dict[Requirement, AgentClasses] = {}
        self._capable: dict[AgentLine, tuple[int, int]] = {}
        self.known: dict[int, Signature] = {}
        self._by_load: dict[Load, AgentLine] = {}
        self.lines: list[AgentLine] = []

    def find(self, requires: Requirement) -> Signature:
        """Return the signature of a requirement; those of equal ones share their classes."""
        found = self.known.get(id(requires))
        if found is not None and found.requires is requires:
            return found
        if len(self.known) >= MAX_SIGNATURES:
            self.known.clear()
            self._classes.clear()
        ranked = None
        if self._plan.ranking:
            ranked = self._classes.get(requires)
            if ranked is None:
                ranked = self._classes[requires] = AgentClasses(requires, self._plan)
        # It holds the requirement, so that no other one gets its identity.
        found = self.known[id(requires)] = Signature(requires, self.line(requires), ranked)
        return found

    def make(self, requires: Requirement) -> Signature:
        """Return a new signature of a requirement, which is not kept and not up to date."""
        ranked = AgentClasses(requires, self._plan) if self._plan.ranking else None
        return Signature(requires, self.line(requires), ranked)

    def clear(self) -> None:
        """Drop all signatures and lines."""
        self._classes.clear()
        self.known.clear()
        self._by_load.clear()
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

    def line(self, requires: Requirement) -> AgentLine:
        """Return the line of the agents with capacity for such a load."""
        load = requires.load
        line = self._by_load.get(load)
        if line is None:
            if len(self.lines) >= MAX_LINES:
                self.clear()
            line = self._by_load[load] = AgentLine(requires, self._plan, self._postings.slots)
            self.lines.append(line)
        return line
