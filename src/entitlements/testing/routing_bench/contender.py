"""The protocol of a router that takes part in the benchmark: five methods over ids and instants."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeAlias

from entitlements.testing.routing_bench.worlds.events import Change, Piece
from entitlements.testing.routing_bench.worlds.world import World

Assignments: TypeAlias = Iterable[tuple[str, str]]
"""Pairs of work and agent, in the order of assignment."""


class Contender(Protocol):
    """A router that can be measured. A new one is made for every round.

    Every method but `load` returns what is assigned from then on, in order: pairs of a piece that
    waited until then and of the agent who has it now. Handling times are not the router's matter:
    `complete` is called when an agent is done. Instants are microseconds since 1970 UTC and never
    go back.

    Attributes:
        name: Name in tables and on the command line.
    """

    name: str

    def load(self, world: World) -> str | None:
        """Prepare for a world; return None, or why this router cannot take part in it.

        The time is not counted. `features` says what a world has.
        """
        ...

    def arrive(self, piece: Piece) -> Assignments:
        """Take in a new piece, which waits until it is assigned."""
        ...

    def complete(self, work: str, at: int) -> Assignments:
        """Take note that the agent is done with a piece."""
        ...

    def change(self, change: Change) -> Assignments:
        """Carry out a change: of an agent's skills or status, or of a piece that waits or is held.

        A `WorkTransfer` is of an assigned piece, which waits again and is not for the same agent;
        the other changes of work are of a waiting piece.
        """
        ...

    def advance(self, at: int) -> Assignments:
        """Take note of the time: a shift or a break begins or ends, or a waiting piece relaxes."""
        ...
