"""Whom of those who can? Strategies as chains of keys, each a total order.

A strategy compares eligible agents by its keys, smaller first, and ends in `(last_assigned, id)`,
so that two different agents never tie and the order of the roster never matters. Chance is
replaced by a hash of the work's id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterable
from enum import Enum
from heapq import nsmallest
from typing import Any, TypeAlias, final

import attrs

from entitlements.kernel.converters import positive
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import START_OF_TIME
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.work.requirements import Requirement


class KeyScope(Enum):
    """What a key looks at, and therefore how an index may store it."""

    PROFILE = "profile"  # what the organisation decided about the agent
    SEAT = "seat"  # what the agent has in hand, in the pools drawn on
    MOMENT = "moment"  # the instant too, but never turning over the order within one bucket
    PICK = "pick"  # anything


@final
@attrs.frozen
class SelectionContext:
    """What is being decided: for which work, at which microsecond.

    Attributes:
        requires: What the work takes at this instant.
        at: The instant.
        work: Id of the work.
        opened: When the work was opened.
        since: Beginning of the roster's period; `NEVER` if it states none.
    """

    requires: Requirement
    at: int
    work: str = ""
    opened: int = START_OF_TIME
    since: int = START_OF_TIME


KeyFunction: TypeAlias = Callable[[AgentState, SelectionContext], Any]


@final
@attrs.frozen
class SortKeyPart:
    """One thing to compare agents by; the smaller value wins.

    Attributes:
        name: What it is called in explanations.
        of: Gives the value to compare, for one seat and one pick.
        scope: What `of` looks at; PICK is always right.
        within: For MOMENT keys, the order of the seats of one bucket, whatever the instant.
        bucket: For MOMENT keys, what the seats of one bucket have in common.
        attribute: Name of the attribute of a seat that `of`, or `within`, reads and returns.
    """

    name: str
    of: KeyFunction
    scope: KeyScope = KeyScope.PICK
    within: KeyFunction | None = None
    bucket: Callable[[AgentState], Hashable] | None = None
    attribute: str | None = None


@final
@attrs.frozen
class RandomSample:
    """Look only at `size` eligible agents, drawn by a hash of work, agent and `epoch`."""

    size: int = attrs.field(converter=positive)
    epoch: str = ""


@final
@attrs.frozen
class Strategy:
    """A chain of keys, compared from the left, with the total tail `(last_assigned, id)`.

    Attributes:
        name: What it is called in explanations.
        keys: Compared in this order.
        sample: Restricts the choice to a drawn few; None for everybody.

    >>> (TIERS.then(LONGEST_IDLE)).name
    'tiers, longest_idle'
    """

    name: str
    keys: tuple[SortKeyPart, ...]
    sample: RandomSample | None = None

    def then(self, *others: Strategy) -> Strategy:
        """Return the chain that asks `others` wherever this one ties.

        Raises:
            InvalidValueError: one of `others` draws a sample, which only the first can.
        """
        if any(each.sample is not None for each in others):
            raise InvalidValueError("only the first strategy of a chain can draw a sample")
        chain = (self, *others)
        keys = tuple(key for each in chain for key in each.keys)
        return Strategy(", ".join(each.name for each in chain), keys, self.sample)

    def key(self, seat: AgentState, pick: SelectionContext) -> tuple[Any, ...]:
        """Return what `seat` is compared by; no two seats of a roster have the same."""
        return (*[key.of(seat, pick) for key in self.keys], seat.last_assigned, seat.id)

    def choose(self, seats: Iterable[AgentState], pick: SelectionContext) -> AgentState | None:
        """Return the best of the eligible `seats`, or None if there are none."""
        seats = self.sampled(seats, pick)
        return min(seats, key=lambda seat: self.key(seat, pick), default=None)

    def ranked(self, seats: Iterable[AgentState], pick: SelectionContext) -> list[AgentState]:
        """Return the eligible `seats` from best to worst; those not drawn are left out."""
        return sorted(self.sampled(seats, pick), key=lambda seat: self.key(seat, pick))

    def sampled(self, seats: Iterable[AgentState], pick: SelectionContext) -> Iterable[AgentState]:
        """Return those of the eligible `seats` that the strategy looks at."""
        if self.sample is None:
            return seats
        size, epoch = self.sample.size, self.sample.epoch
        return nsmallest(
            size, seats, key=lambda seat: (hash_draw(pick.work, seat.id, epoch), seat.id)
        )


def hash_draw(work: str, agent: str, epoch: str) -> int:
    """Return a number that is as good as drawn by lot, and the same everywhere."""
    text = f"{len(work)}:{work}{len(agent)}:{agent}{epoch}"
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
