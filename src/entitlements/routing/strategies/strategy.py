"""Strategies: chains of sort keys that order the eligible agents.

A strategy compares agents by its keys, smaller first, and ends in `(last_assigned, id)`, so that
two agents never tie and the order of the roster does not matter. Randomness is a hash of the ids
of work and agent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterable
from heapq import nsmallest
from typing import Any, TypeAlias, final

import attrs

from entitlements.kernel.converters import as_text, enum_member, positive
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import START_OF_TIME
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.work.requirements import Requirement


class KeyScope(TextEnum):
    """The data that a key reads, which determines how an index can store it.

    Each scope includes the ones before it. With `INSTANT`, time never changes the order of two
    agents of one bucket.
    """

    PROFILE = "profile"  # the configuration of the agent, and the requirement
    WORKLOAD = "workload"  # the workload of the agent, in the pools drawn on
    INSTANT = "instant"  # the instant of the choice
    WORK = "work"  # the piece of work itself


@final
@attrs.frozen
class SelectionContext:
    """The data of one choice; instants are microseconds since 1970 UTC.

    Attributes:
        requires: The requirement at this instant.
        at: The instant of the choice.
        work: Id of the work.
        opened: The opening of the work.
        since: Start of the period of the roster; `START_OF_TIME` if it has none.
    """

    requires: Requirement
    at: int
    work: str = ""
    opened: int = START_OF_TIME
    since: int = START_OF_TIME


KeyFunction: TypeAlias = Callable[[AgentState, SelectionContext], Any]


def _scope(value: KeyScope | str) -> KeyScope:
    return enum_member(KeyScope, value)


@final
@attrs.frozen
class SortKeyPart:
    """One key of a strategy; the smaller value wins.

    Attributes:
        name: Name of the key.
        of: Function from agent state and context to the value compared.
        scope: The data that `of` reads; `WORK` is always correct.
        within: For `INSTANT` keys, a key that orders the agents of one bucket at any instant.
        bucket: For `INSTANT` keys, what the agents of one bucket have in common.
        attribute: The attribute of the agent state that `of`, or `within`, returns, if it does no
            more than that.
    """

    name: str = attrs.field(converter=as_text)
    of: KeyFunction
    scope: KeyScope = attrs.field(default=KeyScope.WORK, converter=_scope)
    within: KeyFunction | None = None
    bucket: Callable[[AgentState], Hashable] | None = None
    attribute: str | None = None


@final
@attrs.frozen
class RandomSample:
    """A sample of `size` eligible agents, drawn by a hash of work, agent and `epoch`."""

    size: int = attrs.field(converter=positive)
    epoch: str = ""


@final
@attrs.frozen
class Strategy:
    """A chain of keys, compared from the left, with the total tail `(last_assigned, id)`.

    Attributes:
        name: Name of the strategy.
        keys: Keys in the order of comparison.
        sample: Restricts the choice to a sample of the eligible agents; None for all of them.

    >>> from entitlements.routing.strategies.named import LONGEST_IDLE, STRATEGIES
    >>> STRATEGIES["tiers"].then(LONGEST_IDLE).name
    'tiers, longest_idle'
    """

    name: str
    keys: tuple[SortKeyPart, ...]
    sample: RandomSample | None = None

    def then(self, *others: Strategy) -> Strategy:
        """Return the chain of this strategy, and of `others` where it ties.

        Raises:
            InvalidValueError: one of `others` draws a sample, which only the first strategy can.
        """
        if any(each.sample is not None for each in others):
            raise InvalidValueError(
                "only the first strategy of a chain can draw a sample",
                hint="begin the chain with it: `power_of_d(...)`",
            )
        chain = (self, *others)
        keys = tuple(key for each in chain for key in each.keys)
        return Strategy(", ".join(each.name for each in chain), keys, self.sample)

    def key(self, state: AgentState, context: SelectionContext) -> tuple[Any, ...]:
        """Return the sort key of `state`; no two agents of a roster have the same."""
        return (*[key.of(state, context) for key in self.keys], state.last_assigned, state.id)

    def choose(self, states: Iterable[AgentState], context: SelectionContext) -> AgentState | None:
        """Return the best of the eligible agents, or None if there are none."""
        states = self.sampled(states, context)
        return min(states, key=lambda state: self.key(state, context), default=None)

    def ranked(self, states: Iterable[AgentState], context: SelectionContext) -> list[AgentState]:
        """Return the eligible agents, best first, without those outside the sample."""
        return sorted(self.sampled(states, context), key=lambda state: self.key(state, context))

    def sampled(
        self, states: Iterable[AgentState], context: SelectionContext
    ) -> Iterable[AgentState]:
        """Return the eligible agents of the sample, or all of them."""
        if self.sample is None:
            return states
        size, epoch = self.sample.size, self.sample.epoch
        return nsmallest(
            size, states, key=lambda state: (hash_draw(context.work, state.id, epoch), state.id)
        )


def hash_draw(work: str, agent: str, epoch: str) -> int:
    """Return a pseudo-random number of 64 bits, the same for the same arguments everywhere."""
    text = f"{len(work)}:{work}{len(agent)}:{agent}{epoch}"
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
