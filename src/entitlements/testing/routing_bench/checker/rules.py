"""The rules of a correct assignment, written from the guide and not from the library's code."""

from __future__ import annotations

from typing import Final, TypeAlias, final

import attrs

from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.testing.routing_bench.worlds.events import Needs, Piece
from entitlements.testing.routing_bench.worlds.world import ServiceOrder, WorldAgent

DAY: Final = 86_400_000_000
RELIEF: Final = 8
"""Under the guarded order, one choice in this many serves the earliest deadline when late."""

SortKey: TypeAlias = tuple[object, ...]


class Rule(TextEnum):
    """A rule that an assignment can break.

    `capacity`: the limit of the agent or of the channel; `shift`: the agent is on duty and not
    away; `skills`: skills, levels and groups; `obligations`: clearances and regions; `returned`:
    no piece goes back to the agent who gave it back; `one_holder`: the piece waits, and the agent
    exists; `order`: no piece goes before one that the same agent could have taken; `idle`: no piece
    waits that a free agent could take.
    """

    CAPACITY = "capacity"
    SHIFT = "shift"
    SKILLS = "skills"
    OBLIGATIONS = "obligations"
    RETURNED = "returned"
    ONE_HOLDER = "one_holder"
    ORDER = "order"
    IDLE = "idle"


@final
@attrs.frozen
class Violation:
    """A rule that was broken, with the instant and a sentence.

    >>> print(Violation(Rule.SHIFT, 0, "`ada` is away"))
    shift: `ada` is away
    """

    rule: Rule
    at: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.rule.value}: {self.sentence}"


class CheckedAgent:
    """An agent as the checker knows them: skills and status of now, and the pieces held."""

    __slots__ = ("agent", "away", "by_channel", "held", "skills")

    def __init__(self, agent: WorldAgent) -> None:
        self.agent = agent
        self.skills = dict(agent.skills)
        self.away = False
        self.held: dict[str, Piece] = {}
        self.by_channel: dict[str, int] = {}

    def take(self, piece: Piece) -> None:
        """Hold one more piece."""
        self.held[piece.id] = piece
        if (channel := piece.needs.channel) is not None:
            self.by_channel[channel] = self.by_channel.get(channel, 0) + 1

    def give_back(self, work: str) -> Piece:
        """Hold one piece less, and return it."""
        piece = self.held.pop(work)
        if piece.needs.channel is not None:
            self.by_channel[piece.needs.channel] -= 1
        return piece

    def fits(self, needs: Needs) -> bool:
        """Return whether skills, groups, clearances and region are enough; nothing of now."""
        return self.is_skilled(needs) and self.is_allowed(needs) and self.serves(needs)

    def is_skilled(self, needs: Needs) -> bool:
        """Return whether skills and groups are enough."""
        skills = self.skills
        return all(skills.get(name, 0) >= level for name, level in needs.skills.items()) and (
            not needs.groups or not needs.groups.isdisjoint(self.agent.groups)
        )

    def is_allowed(self, needs: Needs) -> bool:
        """Return whether clearances and region are enough."""
        return needs.clearances <= self.agent.clearances and (
            not needs.regions or self.agent.region in needs.regions
        )

    def serves(self, needs: Needs) -> bool:
        """Return whether the agent serves the channel at all."""
        channels = self.agent.channels
        return needs.channel is None or channels is None or needs.channel in channels

    @property
    def is_full(self) -> bool:
        """Whether the limit over all channels is reached."""
        capacity = self.agent.capacity
        return capacity is not None and len(self.held) >= capacity

    def has_room(self, needs: Needs) -> bool:
        """Return whether one more piece is within the limits."""
        agent, channel = self.agent, needs.channel
        if self.is_full:
            return False
        if channel is None or agent.channels is None:
            return True
        return self.by_channel.get(channel, 0) < agent.channels.get(channel, 0)


def deadline_key(piece: Piece, order: ServiceOrder) -> SortKey:
    """Return the key of the order by deadline."""
    if order is ServiceOrder.GUARDED:
        return (due_of(piece), piece.at, piece.id)
    return (piece.due is None, piece.due or 0, piece.at, piece.id)


def due_of(piece: Piece) -> int:
    """Return the deadline under the guarded order."""
    return piece.at + DAY if piece.due is None else piece.due


def rank_key(piece: Piece, rank: int, order: ServiceOrder) -> SortKey:
    """Return the key of the order by rank; `rank` is that of now."""
    if order is ServiceOrder.GUARDED:
        return (rank, due_of(piece), piece.at, piece.id)
    return (rank, piece.at, piece.id)
