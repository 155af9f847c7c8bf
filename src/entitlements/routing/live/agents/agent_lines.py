"""Agent lines: the agents with capacity for one kind of load, in the order of a strategy.

A kind of load is what decides about capacity: weights, channel, and whether the work is exclusive.
A change of an agent only marks the agent in each line. A marked agent is moved when a choice is
about that agent, so one who takes work and completes it in between is not moved at all.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from operator import attrgetter
from typing import Any, Final, final

from entitlements.routing.agents.capacity import has_room
from entitlements.routing.live.agents.indexed_agent import IndexedAgent
from entitlements.routing.live.masked_sequence import Entry, MaskedSequence
from entitlements.routing.strategies.named import DEFAULT_STRATEGY
from entitlements.routing.strategies.strategy import (
    KeyScope,
    SelectionContext,
    SortKeyPart,
    Strategy,
)
from entitlements.routing.work.requirements import Requirement

# More agents are found by a search, which ends sooner the more there are.
_MAX_COMPARED: Final = 4
_CONTEXT_FREE: Final = {KeyScope.WORKLOAD, KeyScope.INSTANT}
EntryFunction = Callable[[IndexedAgent], Entry]


@final
class StrategyPlan:
    """How the lines of an index store the keys of a strategy.

    Attributes:
        ranking: The first keys, as far as they read only configuration and requirement: agents are
            divided into classes by them, for each requirement.
        stored: The keys after these that an entry can hold.
        compared: The keys that remain, which are compared at the choice, among agents who tie in
            all keys before.
        walks: Whether agents who tie must be compared: there are such keys, or a sample.
        buckets: The functions that divide a line, where the instant decides between two agents of
            different buckets.
    """

    __slots__ = (
        "buckets",
        "compared",
        "is_default",
        "ranking",
        "samples",
        "stored",
        "strategy",
        "walks",
    )

    def __init__(self, strategy: Strategy) -> None:
        self.strategy = strategy
        keys = () if strategy.sample is not None else strategy.keys
        ranking = _leading(keys, {KeyScope.PROFILE})
        self.ranking: tuple[SortKeyPart, ...] = keys[:ranking]
        stored = _leading(keys[ranking:], _CONTEXT_FREE)
        self.stored: tuple[SortKeyPart, ...] = keys[ranking : ranking + stored]
        self.compared = strategy.keys[ranking + stored :]
        self.samples = strategy.sample is not None
        self.walks = self.samples or bool(self.compared)
        self.buckets = tuple(key.bucket for key in self.stored if key.bucket is not None)
        self.is_default = strategy.keys == DEFAULT_STRATEGY.keys and not self.samples

    def entry_function(self, requires: Requirement) -> EntryFunction:
        """Return the function from an agent to the entry for this kind of load."""
        if self.is_default and len(requires.drawn) == 1:
            return _default_entries(requires.drawn[0][0])
        names = [key.attribute for key in self.stored if key.attribute is not None]
        if len(names) == len(self.stored) == 1:
            key = attrgetter(names[0])
            return lambda agent: (key(agent), agent.last_assigned, agent.id, agent)
        if len(names) == len(self.stored):
            attributes = attrgetter(*names, "last_assigned", "id")
            return lambda agent: (*attributes(agent), agent)
        functions = [key.within or key.of for key in self.stored]
        context = SelectionContext(requires, 0)
        return lambda agent: (
            *[each(agent, context) for each in functions],
            agent.last_assigned,
            agent.id,
            agent,
        )


def _leading(keys: tuple[SortKeyPart, ...], scopes: set[KeyScope]) -> int:
    """Return how many of the first keys have one of these scopes."""
    for number, key in enumerate(keys):
        if key.scope not in scopes:
            return number
    return len(keys)


def _default_entries(pool: str) -> EntryFunction:
    """Return the entries of the default strategy without a call for each key."""

    def entry(agent: IndexedAgent) -> Entry:
        return (agent.load.get(pool, 0), agent.released, agent.last_assigned, agent.id, agent)

    return entry


@final
class AgentLine:
    """The agents with capacity for one kind of load, present or not.

    Attributes:
        requires: A requirement of this kind.
        dirty: The mask of the agents who may be in the wrong place.
        sequences: The agents in order, by bucket; all in one if the strategy has no buckets.
        only: The sequence, if the strategy has no buckets; None otherwise.
    """

    __slots__ = (
        "_agents",
        "_entry",
        "_homes",
        "_places",
        "_plan",
        "dirty",
        "only",
        "requires",
        "sequences",
    )

    def __init__(
        self, requires: Requirement, plan: StrategyPlan, agents: Sequence[IndexedAgent | None]
    ) -> None:
        self.requires = requires
        self._plan = plan
        # By slot; it changes from outside. A free slot has no bit in any mask.
        self._agents: Sequence[Any] = agents
        self._entry = plan.entry_function(requires)
        self._places: dict[IndexedAgent, Entry] = {}
        # The sequence of each agent, if there are several.
        self._homes: dict[IndexedAgent, MaskedSequence] = {}
        self.dirty = 0
        placed: dict[Hashable, list[Entry]] = {}
        for agent in agents:
            if agent is not None and has_room(agent, requires):
                placed.setdefault(self._bucket(agent), []).append(self._entry(agent))
        self.sequences: dict[Hashable, MaskedSequence] = {
            bucket: MaskedSequence(entries) for bucket, entries in placed.items()
        }
        self.only: MaskedSequence | None = None
        if not plan.buckets:
            self.only = self.sequences.setdefault((), MaskedSequence())
        for bucket, entries in placed.items():
            for entry in entries:
                self._places[entry[-1]] = entry
                if plan.buckets:
                    self._homes[entry[-1]] = self.sequences[bucket]

    def settle(self, marked: int) -> None:
        """Move some marked agents to where they belong; O(log n) comparisons for each."""
        places, make, requires, only = self._places, self._entry, self.requires, self.only
        pool, weight, agents = requires.pool, requires.weight, self._agents
        left = marked
        while left:
            agent = agents[left.bit_length() - 1]
            left ^= agent.bit
            old = places.get(agent)
            if pool is not None and agent.pools_only and not agent.exclusive:
                # The same as `has_room`, without the call.
                limit = agent.limits.get(pool)
                room = limit is None or not weight or agent.load.get(pool, 0) + weight <= limit
            else:
                room = has_room(agent, requires)
            if room:
                new = make(agent)
                if old is None:
                    (self._sequence(agent) if only is None else only).add(new)
                    places[agent] = new
                elif new != old:
                    (self._homes[agent] if only is None else only).swap(old, new)
                    places[agent] = new
            elif old is not None:
                if only is None:
                    self._discard(agent)
                else:
                    del places[agent]
                    only.discard(old)
        self.dirty ^= marked

    def forget(self, agent: IndexedAgent) -> None:
        """Remove an agent who leaves the roster."""
        self.dirty &= ~agent.bit
        if agent in self._places:
            self._discard(agent)

    def mask(self) -> int:
        """Return the mask of the agents in the line, as far as it is settled."""
        if self.only is not None:
            return self.only.mask
        mask = 0
        for sequence in self.sequences.values():
            mask |= sequence.mask
        return mask

    def first(self, want: int, context: SelectionContext | None) -> IndexedAgent | None:
        """Return the first agent of `want` in the order of the strategy, or None.

        O(buckets x masks of the sequence); with compared keys also a comparison for each agent who
        ties in the keys before these.
        """
        plan = self._plan
        if not plan.walks and self.only is not None:
            return self.earliest(want)
        found: list[IndexedAgent] = []
        for sequence in self.sequences.values():
            found += self._candidates(sequence, want)
        if len(found) == 1 and not plan.samples:
            return found[0]
        assert context is not None  # noqa: S101 - the index gives it where keys are compared
        chosen = plan.strategy.choose(found, context)
        assert chosen is None or isinstance(chosen, IndexedAgent)  # noqa: S101 - one of `found`
        return chosen

    def earliest(self, want: int) -> IndexedAgent | None:
        """Return the first agent of `want`, for a strategy whose keys are all in the entries.

        Without buckets. A few agents in a long line are compared with each other: O(1).
        """
        only = self.only
        assert only is not None  # noqa: S101 - there are no buckets
        want &= only.mask
        number = want.bit_count()
        if number > _MAX_COMPARED or 2 * number * (number + 1) > only.mask.bit_count():
            return only.first(want)  # type: ignore[no-any-return]
        agents, places, least = self._agents, self._places, None
        while want:
            slot = want.bit_length() - 1
            want ^= 1 << slot
            entry = places[agents[slot]]
            if least is None or entry < least:
                least = entry
        return None if least is None else least[-1]

    def _candidates(self, sequence: MaskedSequence, want: int) -> list[IndexedAgent]:
        plan = self._plan
        if not plan.walks:
            first = sequence.first(want)
            return [] if first is None else [first]
        found, stored, best = [], len(plan.stored), None
        for entry in sequence.walk(want):
            keys = entry[:stored]
            if best is None:
                best = keys
            elif keys != best:
                break
            found.append(entry[-1])
        return found

    def _bucket(self, agent: IndexedAgent) -> Hashable:
        return tuple([bucket(agent) for bucket in self._plan.buckets])

    def _discard(self, agent: IndexedAgent) -> None:
        entry, sequence = self._places.pop(agent), self.only
        if sequence is None:
            sequence = self._homes.pop(agent)
        sequence.discard(entry)
        if self.only is None and not sequence.mask:
            del self.sequences[self._bucket(agent)]

    def _sequence(self, agent: IndexedAgent) -> MaskedSequence:
        bucket = self._bucket(agent)
        found = self.sequences.get(bucket)
        if found is None:
            found = self.sequences[bucket] = MaskedSequence()
        self._homes[agent] = found
        return found
