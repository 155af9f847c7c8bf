"""Generated traffic: pieces and changes from a description and a seed, made while they are read."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from typing import Final, final

import attrs

from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.testing.routing_bench.worlds.dice import Dice, zipf_totals
from entitlements.testing.routing_bench.worlds.events import (
    Event,
    Needs,
    Piece,
    Relaxation,
    Reprioritisation,
    SkillChange,
    StatusChange,
    Withdrawal,
    WorkTransfer,
)
from entitlements.testing.routing_bench.worlds.world import WorldAgent

MINUTE: Final = 60_000_000
_MAX_KNOWN: Final = 10_000


@final
@attrs.frozen(kw_only=True)
class Surge:
    """A stretch of the traffic in which pieces come faster, and agents may all be away.

    Attributes:
        first: Number of the first piece in it.
        last: Number of the first piece after it.
        faster: Factor of the arrival rate.
        outage: Whether all agents are away from the first piece to the last.
    """

    first: int
    last: int
    faster: float
    outage: bool = False


@final
@attrs.frozen(kw_only=True)
class Traffic:
    """What arrives and what changes. Times are microseconds; shares are from 0 to 1, of pieces.

    Attributes:
        gap: Mean time between arrivals.
        handling: Mean handling time.
        kinds: Number of different needs; 0 draws new needs for each piece.
        popular: Whether few kinds are frequent, by Zipf's law; otherwise all are.
        asked: Largest number of skills of a piece, which one agent at least has.
        levels: Whether pieces ask for levels, or for level 1 of each skill.
        grouped: Whether pieces name a group.
        ranks: Share of each rank.
        promised: Time until the deadline, by rank; none for no deadlines.
        channels: Share of each channel; empty for pieces without channel.
        cleared: Share that needs a clearance which a third of the agents has.
        regional: Share that needs an agent of one region.
        relaxing: Share that drops a skill after ten minutes, and any group after twenty.
        withdrawing: Share that gives up waiting.
        patience: Mean time until it does.
        skill_changes: Changes of an agent's skills.
        breaks: Agents who go away for a quarter of an hour.
        transfers: Pieces that their agent gives back.
        reprioritised: Pieces whose rank changes while they may wait.
        surge: A stretch of faster arrivals, or None.
    """

    gap: int
    handling: int
    kinds: int = 0
    popular: bool = False
    asked: int = 1
    levels: bool = False
    grouped: bool = False
    ranks: tuple[float, ...] = (1.0,)
    promised: tuple[int, ...] = ()
    channels: FrozenMap[str, float] = attrs.field(factory=FrozenMap)
    cleared: float = 0.0
    regional: float = 0.0
    relaxing: float = 0.0
    withdrawing: float = 0.0
    patience: int = 10 * MINUTE
    skill_changes: float = 0.0
    breaks: float = 0.0
    transfers: float = 0.0
    reprioritised: float = 0.0
    surge: Surge | None = None


@final
@attrs.frozen(kw_only=True)
class GeneratedEvents:
    """Events drawn from traffic by a seed; every iteration gives the same ones.

    >>> events = GeneratedEvents(
    ...     traffic=Traffic(gap=MINUTE, handling=MINUTE), agents=(), seed=1, pieces=3, start=0
    ... )
    >>> [each.id for each in events]
    ['p0', 'p1', 'p2']
    """

    traffic: Traffic
    agents: tuple[WorldAgent, ...] = attrs.field(repr=False)
    seed: int
    pieces: int
    start: int

    def __iter__(self) -> Iterator[Event]:
        """Yield all events in order of time; changes come before pieces of the same instant."""
        arrivals = Dice(self.seed, "arrivals")
        pieces = _PieceDraws(self)
        changes = _ChangeDraws(self)
        at, surge = self.start, self.traffic.surge
        for number in range(self.pieces):
            inside = surge is not None and surge.first <= number < surge.last
            faster = surge.faster if surge is not None and inside else 1.0
            at += arrivals.exponential(self.traffic.gap / faster)
            piece = pieces.draw(number, at)
            changes.outage(number, at)
            changes.of_agents(at)
            changes.of_work(piece)
            yield from changes.until(at)
            yield piece
        yield from changes.until(None)


@final
class _PieceDraws:
    """Draws needs, rank, handling and relaxation of one piece after the other."""

    def __init__(self, source: GeneratedEvents) -> None:
        self.traffic, self.agents = source.traffic, source.agents
        self.width = len(str(max(0, source.pieces - 1)))
        self.needs_dice = Dice(source.seed, "needs")
        self.handling = Dice(source.seed, "handling")
        self.ranks = Dice(source.seed, "ranks")
        self.totals = _running(self.traffic.ranks)
        self.channels = tuple(self.traffic.channels)
        self.channel_totals = _running(tuple(self.traffic.channels.values()))
        kinds = Dice(source.seed, "kinds")
        self.kinds = [self._needs(kinds) for _ in range(self.traffic.kinds)]
        even = list(map(float, range(1, len(self.kinds) + 1)))
        self.kind_totals = zipf_totals(len(self.kinds)) if self.traffic.popular else even
        self.known: dict[Needs, Needs] = {}
        self.steps: dict[str | None, tuple[Relaxation, ...]] = {}

    def draw(self, number: int, at: int) -> Piece:
        traffic, dice = self.traffic, self.needs_dice
        if self.kinds:
            needs = dice.weighted(self.kinds, self.kind_totals)
        else:
            needs = self._needs(dice)
            if len(self.known) > _MAX_KNOWN:
                self.known.clear()
            needs = self.known.setdefault(needs, needs)  # equal needs are mostly one object
        rank = self.ranks.weighted(range(len(self.totals)), self.totals)
        return Piece(
            at=at,
            id=f"p{number:0{self.width}}",
            needs=needs,
            rank=rank,
            due=at + traffic.promised[rank] if traffic.promised else None,
            handling=self.handling.exponential(traffic.handling),
            relaxation=self._relaxation(needs) if dice.chance() < traffic.relaxing else (),
        )

    def _needs(self, dice: Dice) -> Needs:
        traffic = self.traffic
        if not self.agents:
            return Needs()
        agent = dice.choice(self.agents)
        names = dice.sample(tuple(agent.skills), 1 + dice.below(traffic.asked))
        return Needs(
            skills={
                name: 1 + dice.below(agent.skills[name]) if traffic.levels else 1 for name in names
            },
            groups=sorted(agent.groups)[:1] if traffic.grouped else (),
            channel=dice.weighted(self.channels, self.channel_totals) if self.channels else None,
            clearances=agent.clearances if dice.chance() < traffic.cleared else (),
            regions=[agent.region] if agent.region and dice.chance() < traffic.regional else (),
        )

    def _relaxation(self, needs: Needs) -> tuple[Relaxation, ...]:
        last = next(reversed(list(needs.skills)), None)
        if last not in self.steps:  # equal steps are one object
            lower = {} if last is None else {last: 0}
            self.steps[last] = (
                Relaxation(after=10 * MINUTE, lower=lower),
                Relaxation(after=20 * MINUTE, any_group=True),
            )
        return self.steps[last]


def _running(shares: tuple[float, ...]) -> list[float]:
    total, totals = 0.0, []
    for share in shares:
        total += share
        totals.append(total)
    return totals


@final
class _ChangeDraws:
    """Draws changes ahead of time, and gives them back in order."""

    def __init__(self, source: GeneratedEvents) -> None:
        self.traffic, self.agents = source.traffic, source.agents
        self.dice = Dice(source.seed, "changes")
        self.skills = sorted({name for agent in source.agents for name in agent.skills})
        self.later: list[tuple[int, int, Event]] = []
        self.away_until: dict[str, int] = {}
        self.added = 0

    def add(self, change: Event) -> None:
        self.added += 1
        heappush(self.later, (change.at, self.added, change))

    def until(self, at: int | None) -> Iterator[Event]:
        while self.later and (at is None or self.later[0][0] <= at):
            yield heappop(self.later)[2]

    def of_agents(self, at: int) -> None:
        traffic, dice = self.traffic, self.dice
        if self.agents and self.skills and dice.chance() < traffic.skill_changes:
            agent = dice.choice(self.agents)
            skills = {**agent.skills, dice.choice(self.skills): 1 + dice.below(5)}
            self.add(SkillChange(at=at, agent=agent.id, skills=skills))
        if self.agents and dice.chance() < traffic.breaks:
            agent = dice.choice(self.agents)
            if self.away_until.get(agent.id, -1) < at:
                self.absent(agent.id, at, at + 15 * MINUTE)

    def absent(self, agent: str, start: int, end: int) -> None:
        self.away_until[agent] = end
        self.add(StatusChange(at=start, agent=agent, away=True))
        self.add(StatusChange(at=end, agent=agent, away=False))

    def of_work(self, piece: Piece) -> None:
        traffic, dice = self.traffic, self.dice
        if dice.chance() < traffic.transfers:
            self.add(WorkTransfer(at=piece.at + dice.below(2 * traffic.handling), work=piece.id))
        if dice.chance() < traffic.reprioritised:
            at, rank = piece.at + dice.below(10 * MINUTE), dice.below(len(traffic.ranks))
            self.add(Reprioritisation(at=at, work=piece.id, rank=rank))
        if dice.chance() < traffic.withdrawing:
            at = piece.at + dice.exponential(traffic.patience)
            self.add(Withdrawal(at=at, work=piece.id))

    def outage(self, number: int, at: int) -> None:
        surge = self.traffic.surge
        if surge is None or not surge.outage or number not in {surge.first, surge.last}:
            return
        for agent in self.agents:
            self.add(StatusChange(at=at, agent=agent.id, away=number == surge.first))
