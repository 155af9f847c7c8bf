"""Independent check of every assignment: capacity, shift, skills, obligations, holder and order.

The checker follows a world by itself, from the events and from what the contender says, and shares
no code with the library's routing. `order` and `idle` compare groups of equal needs with agents;
where that would take too long, only some assignments are checked, and the result says how many.
"""

from __future__ import annotations

from collections import Counter
from typing import Final, final

import attrs

from entitlements.testing.routing_bench.checker.rules import (
    RELIEF,
    CheckedAgent,
    Rule,
    SortKey,
    Violation,
    due_of,
)
from entitlements.testing.routing_bench.checker.waiting_groups import (
    WaitingGroup,
    WaitingGroups,
    WaitingPiece,
)
from entitlements.testing.routing_bench.player import Operation
from entitlements.testing.routing_bench.worlds.events import (
    LATEST,
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
from entitlements.testing.routing_bench.worlds.world import ServiceOrder, World

COMPARISONS: Final = 20_000_000
"""Comparisons of a group with an agent before checks of `order` and `idle` are left out."""

COMPARISONS_PER_OPERATION: Final = 100
"""Comparisons that every operation adds to the allowance."""

KEPT: Final = 20


@final
@attrs.frozen(kw_only=True)
class RuleReport:
    """What the checker found.

    Attributes:
        violations: Number of violations by rule; none for a rule that was never broken.
        examples: The first violations.
        checked: Number of assignments whose rules were checked.
        order_checked: How many of them were checked for `order`.
        idle_checked: Number of operations that were checked for `idle`, of `operations`.
        operations: Number of operations.
    """

    violations: dict[Rule, int]
    examples: tuple[Violation, ...]
    checked: int
    order_checked: int
    idle_checked: int
    operations: int

    @property
    def total(self) -> int:
        """Number of violations of all rules."""
        return sum(self.violations.values())


@final
class RuleChecker:
    """Follows a world and counts the rules that assignments break; a `Watch` of the player."""

    def __init__(self, world: World, *, comparisons: int = COMPARISONS) -> None:
        self.agents = {each.id: CheckedAgent(each) for each in world.agents}
        self.presence = Presence(world.agents)
        self.waiting = WaitingGroups(world.order)
        self.holders: dict[str, str] = {}
        self.excluded: dict[str, frozenset[str]] = {}
        self.ranks: dict[str, int] = {}
        self.present = {
            each.id: self.presence.on_duty(each.id, world.start) for each in world.agents
        }
        self._order = world.order
        self._allowance = comparisons
        self._counts: Counter[Rule] = Counter()
        self._examples: list[Violation] = []
        self._touched: set[str] = set()
        self._fresh: list[WaitingGroup] = []
        self._checked = self._order_checked = self._idle_checked = self._operations = 0
        self._reliefs = 0

    def report(self) -> RuleReport:
        """Return what was found so far."""
        counts = Counter(self._counts)
        if self._reliefs > self._checked // RELIEF + 1:
            counts[Rule.ORDER] += self._reliefs - self._checked // RELIEF - 1
        return RuleReport(
            violations=dict(counts),
            examples=tuple(self._examples),
            checked=self._checked,
            order_checked=self._order_checked,
            idle_checked=self._idle_checked,
            operations=self._operations,
        )

    def arrived(self, piece: Piece) -> None:
        """Add a piece to those that wait."""
        self._add(WaitingPiece(piece, piece.rank, frozenset()), piece.at)

    def completed(self, work: str, at: int) -> None:  # noqa: ARG002 - as the player calls it
        """Free the agent who held a piece."""
        self._touched.add(self._release(work)[0])
        self.ranks.pop(work, None)
        self.excluded.pop(work, None)

    def changed(self, change: Change) -> None:
        """Carry out a change."""
        match change:
            case SkillChange(agent=agent, skills=skills):
                self.agents[agent].skills = dict(skills)
                self._touched.add(agent)
            case StatusChange(agent=agent, away=away):
                self.agents[agent].away = away
                self._touched.add(agent)
            case WorkTransfer(work=work, at=at):
                holder, piece = self._release(work)
                self._touched.add(holder)
                excluded = self.excluded.get(work, frozenset()) | {holder}
                self.excluded[work] = excluded
                self._add(WaitingPiece(piece, self.ranks.get(work, piece.rank), excluded), at)
            case Reprioritisation(work=work, rank=rank, at=at):
                self.ranks[work] = rank
                self.waiting.change_rank(work, rank, at)
            case Withdrawal(work=work):
                self.waiting.remove(work)

    def answered(self, operation: Operation, at: int, pairs: list[tuple[str, str]]) -> None:
        """Check what was assigned, and what was left waiting beside free agents."""
        self._operations += 1
        self._allowance += COMPARISONS_PER_OPERATION
        self._fresh += self.waiting.relax(at)
        if operation is Operation.ADVANCE:
            self._update_presence(at)
        for work, agent in pairs:
            self._check(work, agent, at)
        self._check_idle(at)
        self._touched.clear()
        self._fresh.clear()

    def fits_nobody(self, work: str) -> bool:
        """Return whether no agent can take a waiting piece, whatever the time and their load."""
        waiting = self.waiting.pieces[work]
        last = waiting.piece.needs_at(LATEST)
        return not any(
            each.fits(last) for id, each in self.agents.items() if id not in waiting.excluded
        )

    def _add(self, waiting: WaitingPiece, at: int) -> None:
        group = self.waiting.add(waiting, at)
        if group is not None:
            self._fresh.append(group)

    def _release(self, work: str) -> tuple[str, Piece]:
        agent = self.holders.pop(work)
        return agent, self.agents[agent].give_back(work)

    def _update_presence(self, at: int) -> None:
        for id, was in self.present.items():
            now = self.presence.on_duty(id, at)
            if now is not was:
                self.present[id] = now
                if now:
                    self._touched.add(id)

    def _violated(self, rule: Rule, at: int, sentence: str) -> None:
        self._counts[rule] += 1
        if len(self._examples) < KEPT:
            self._examples.append(Violation(rule, at, sentence))

    def _check(self, work: str, agent: str, at: int) -> None:
        self._checked += 1
        waiting, taker = self.waiting.pieces.get(work), self.agents.get(agent)
        if waiting is None:
            holder = self.holders.get(work)
            state = "does not wait" if holder is None else f"is held by `{holder}`"
            self._violated(Rule.ONE_HOLDER, at, f"`{work}` {state} and goes to `{agent}`")
            return
        if taker is None:
            self._violated(Rule.ONE_HOLDER, at, f"`{work}` goes to `{agent}`, who does not exist")
            self.waiting.remove(work)
            return
        self._check_agent(waiting, taker, at)
        self._check_order(waiting, taker, at)
        self.waiting.remove(work)
        self.holders[work] = agent
        taker.take(waiting.piece)

    def _check_agent(self, waiting: WaitingPiece, taker: CheckedAgent, at: int) -> None:
        needs, id = waiting.piece.needs_at(at), taker.agent.id
        broken = {
            Rule.CAPACITY: not taker.has_room(needs),
            Rule.SHIFT: taker.away or not self.presence.on_duty(id, at),
            Rule.SKILLS: not (taker.is_skilled(needs) and taker.serves(needs)),
            Rule.OBLIGATIONS: not taker.is_allowed(needs),
            Rule.RETURNED: id in waiting.excluded,
        }
        for rule, is_broken in broken.items():
            if is_broken:
                self._violated(rule, at, f"`{waiting.piece.id}` goes to `{id}`")

    def _can_take(self, agent: CheckedAgent, needs: Needs, excluded: frozenset[str]) -> bool:
        """Return whether an agent who is on duty can take a piece."""
        return agent.has_room(needs) and agent.fits(needs) and agent.agent.id not in excluded

    def _check_order(self, waiting: WaitingPiece, taker: CheckedAgent, at: int) -> None:
        if not self._afford(len(self.waiting.groups)):
            return
        self._order_checked += 1
        if self._order is ServiceOrder.GUARDED:
            self._check_guarded(waiting, taker, at)
            return
        first = self._first(taker, by_rank=self._order is ServiceOrder.RANK)
        if first is not None and first is not waiting:
            self._passed(waiting, first, taker, at)

    def _check_guarded(self, waiting: WaitingPiece, taker: CheckedAgent, at: int) -> None:
        first = self._first(taker, by_rank=False)
        best = self._first(taker, by_rank=True)
        if first is None or best is None:
            return
        if waiting is first:
            if waiting is not best and due_of(waiting.piece) < at:
                self._reliefs += 1
        elif waiting is not best or not self.waiting.any_late(at):
            self._passed(waiting, first, taker, at)

    def _first(self, taker: CheckedAgent, *, by_rank: bool) -> WaitingPiece | None:
        first: tuple[SortKey, WaitingPiece] | None = None
        for group, key, head in self.waiting.heads(by_rank=by_rank):
            # Keys are compared first, which costs less than skills.
            if first is not None and first[0] < key:
                continue
            if self._can_take(taker, group.needs, group.excluded):
                first = key, head
        return None if first is None else first[1]

    def _passed(
        self, waiting: WaitingPiece, first: WaitingPiece, taker: CheckedAgent, at: int
    ) -> None:
        sentence = f"`{taker.agent.id}` gets `{waiting.piece.id}` before `{first.piece.id}`"
        self._violated(Rule.ORDER, at, sentence)

    def _check_idle(self, at: int) -> None:
        groups = self.waiting.groups
        agents = [self.agents[id] for id in self._touched if self._is_free(id, at)]
        touched = [each for each in agents if not each.is_full]
        fresh = [each for each in self._fresh if each.size]
        if not groups or not (touched or fresh):
            self._idle_checked += 1
            return
        if not self._afford(len(touched) * len(groups) + len(fresh) * len(self.agents)):
            return
        self._idle_checked += 1
        for agent in touched:
            for group, _, head in self.waiting.heads(
                by_rank=self._order is not ServiceOrder.DEADLINE
            ):
                self._check_pair(agent, group, head, at)
        for group in fresh:
            for id, agent in self.agents.items():
                if id not in self._touched and self._is_free(id, at):
                    head = (group.by_rank or group.by_deadline)[0][2]
                    self._check_pair(agent, group, head, at)

    def _is_free(self, id: str, at: int) -> bool:
        return not self.agents[id].away and self.presence.on_duty(id, at)

    def _check_pair(
        self, agent: CheckedAgent, group: WaitingGroup, head: WaitingPiece, at: int
    ) -> None:
        if self._can_take(agent, group.needs, group.excluded):
            sentence = f"`{head.piece.id}` waits, and `{agent.agent.id}` could take it"
            self._violated(Rule.IDLE, at, sentence)

    def _afford(self, comparisons: int) -> bool:
        if comparisons > self._allowance:
            return False
        self._allowance -= comparisons
        return True
