"""Outcome of a round: how long pieces waited, by rank, and how evenly agents were busy."""

from __future__ import annotations

from array import array
from collections import Counter
from typing import Final, final

import attrs

from entitlements.routing.policies.fairness import gini_coefficient, jain_index
from entitlements.testing.routing_bench.player import Operation
from entitlements.testing.routing_bench.worlds.events import (
    Change,
    Piece,
    Reprioritisation,
    Withdrawal,
    WorkTransfer,
)
from entitlements.testing.routing_bench.worlds.presence import Presence
from entitlements.testing.routing_bench.worlds.world import World

_SECOND: Final = 1_000_000


@final
@attrs.frozen(kw_only=True)
class RankWaits:
    """Waiting times of one rank in seconds; percentiles by nearest rank.

    The rank is that at the assignment. A transferred piece counts once for every time it waited,
    from its arrival or from the transfer.
    """

    count: int
    mean: float
    p95: float
    longest: float


@final
@attrs.frozen(kw_only=True)
class RoundOutcome:
    """What became of the pieces.

    Attributes:
        arrived: Number of pieces that arrived.
        completed: Number of pieces that were completed.
        withdrawn: Number of customers who gave up waiting.
        held: Number of pieces that are assigned at the end of a round that was cut short.
        waiting: Number of pieces that wait at the end and that an agent could take at times.
        unroutable: Number of pieces that wait at the end and that no agent can ever take.
        waits: Waiting times by rank.
        jain: Jain's index of the occupancy of agents who were on duty: 1 if all are equal.
        gini: Gini coefficient of the same: 0 if all are equal.
    """

    arrived: int
    completed: int
    withdrawn: int
    held: int
    waiting: int
    unroutable: int
    waits: dict[int, RankWaits]
    jain: float
    gini: float


@final
class OutcomeLog:
    """Records waiting and busy times of one round; a `Watch` of the player."""

    def __init__(self, world: World) -> None:
        self._presence = Presence(world.agents)
        self._waiting: dict[str, tuple[int, int]] = {}
        self._ranks: dict[str, int] = {}
        self._holders: dict[str, str] = {}
        self._waits: dict[int, array[int]] = {}
        self._counts: Counter[str] = Counter()
        self._holding: Counter[str] = Counter()
        self._busy_since: dict[str, int] = {}
        self._busy: Counter[str] = Counter()
        self._on_duty: dict[str, int] = {}
        self._duty: Counter[str] = Counter()
        self._agents = [each.id for each in world.agents]
        self._now = world.start
        self._update_duty(world.start)

    def arrived(self, piece: Piece) -> None:
        """Start the waiting time of a piece."""
        self._counts["arrived"] += 1
        self._waiting[piece.id] = (piece.at, piece.rank)

    def completed(self, work: str, at: int) -> None:
        """End the busy time of an agent."""
        self._counts["completed"] += 1
        self._ranks.pop(work, None)
        self._release(work, at)

    def changed(self, change: Change) -> None:
        """Take note of pieces that wait again, or no longer."""
        match change:
            case WorkTransfer(work=work, at=at):
                self._release(work, at)
                self._waiting[work] = (at, self._ranks[work])
            case Reprioritisation(work=work, rank=rank):
                self._waiting[work] = (self._waiting[work][0], rank)
            case Withdrawal(work=work):
                self._counts["withdrawn"] += 1
                del self._waiting[work]
            case _:
                pass

    def answered(self, operation: Operation, at: int, pairs: list[tuple[str, str]]) -> None:
        """End the waiting time of what was assigned."""
        self._now = at
        if operation is Operation.ADVANCE:
            self._update_duty(at)
        for work, agent in pairs:
            if work not in self._waiting:
                continue
            since, rank = self._waiting.pop(work)
            self._waits.setdefault(rank, array("q")).append(at - since)
            self._ranks[work] = rank
            self._holders[work] = agent
            self._holding[agent] += 1
            if self._holding[agent] == 1:
                self._busy_since[agent] = at

    def outcome(self, unroutable: int) -> RoundOutcome:
        """Return what was recorded; `unroutable` of the waiting pieces fit nobody."""
        for agent, since in self._busy_since.items():
            self._busy[agent] += self._now - since
        for agent, since in self._on_duty.items():
            self._duty[agent] += self._now - since
        shares = [
            self._busy[agent] / self._duty[agent] for agent in self._agents if self._duty[agent]
        ]
        return RoundOutcome(
            arrived=self._counts["arrived"],
            completed=self._counts["completed"],
            withdrawn=self._counts["withdrawn"],
            held=len(self._holders),
            waiting=len(self._waiting) - unroutable,
            unroutable=unroutable,
            waits={rank: _waits(times) for rank, times in sorted(self._waits.items())},
            jain=jain_index(shares),
            gini=gini_coefficient(shares),
        )

    def _release(self, work: str, at: int) -> None:
        agent = self._holders.pop(work)
        self._holding[agent] -= 1
        if not self._holding[agent]:
            self._busy[agent] += at - self._busy_since.pop(agent)

    def _update_duty(self, at: int) -> None:
        for agent in self._agents:
            if self._presence.on_duty(agent, at):
                self._on_duty.setdefault(agent, at)
            elif (since := self._on_duty.pop(agent, None)) is not None:
                self._duty[agent] += at - since


def _waits(times: array[int]) -> RankWaits:
    ordered = sorted(times)
    return RankWaits(
        count=len(ordered),
        mean=sum(ordered) / len(ordered) / _SECOND,
        p95=ordered[max(0, -(-len(ordered) * 95 // 100) - 1)] / _SECOND,
        longest=ordered[-1] / _SECOND,
    )
