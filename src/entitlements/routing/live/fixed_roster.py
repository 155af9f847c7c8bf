"""Fixed roster: the choice of an agent from a roster that does not change, at any instant.

It is the live index without changes: instants may come in any order, and threads may share it. A
`Router` is for a roster that changes.
"""

from __future__ import annotations

from typing import Final, NamedTuple, final

from entitlements.routing.agents.capacity import has_room
from entitlements.routing.agents.duty import ShiftTimeline
from entitlements.routing.eligibility.eligibility import fits_permanently, is_available, on_call
from entitlements.routing.live.agents.indexed_agent import IndexedAgent
from entitlements.routing.live.agents.presence import Presence
from entitlements.routing.live.agents.signatures import Signature
from entitlements.routing.live.roster.roster_index import RosterIndex
from entitlements.routing.roster import Roster
from entitlements.routing.strategies.named import DEFAULT_STRATEGY
from entitlements.routing.strategies.strategy import SelectionContext, Strategy
from entitlements.routing.work.requirements import NO_REQUIREMENT, Requirement

MAX_RANKED: Final = 32
"""How many of the best agents a choice tests one by one before it looks at all of them."""


class _Ranked(NamedTuple):
    """An agent who comes before all others that are not ranked before.

    Attributes:
        id: The id of the agent.
        timeline: The shift; None if the agent is always present.
        own: The agent, if not only the shift tells when the agent is present.
    """

    id: str
    timeline: ShiftTimeline | None
    own: IndexedAgent | None


@final
class FixedRoster:
    """A roster compiled for the choice at any instant.

    >>> from entitlements.routing.agents.agent import Agent
    >>> fixed = FixedRoster(Roster(agents=[Agent(id="bob"), Agent(id="ada")]))
    >>> fixed.choice(Requirement()).first(0)
    'ada'
    """

    __slots__ = ("index", "presence")

    def __init__(self, roster: Roster, strategy: Strategy = DEFAULT_STRATEGY) -> None:
        self.index = RosterIndex(roster, strategy)
        self.presence = Presence(self.index.agent_states.values())

    def choice(self, requires: Requirement, preferred: tuple[str, ...] = ()) -> FixedChoice:
        """Return the choice for work with this requirement; keep it, to ask it at many instants.

        Args:
            requires: The requirement of the work, without relaxation.
            preferred: Agents to try before all others.
        """
        # A signature of its own, because another thread may be about to make the same.
        return FixedChoice(self, self.index.new_signature(requires), preferred)


@final
class FixedChoice:
    """The agents of a fixed roster who can take work of one requirement.

    Where the strategy compares no agents at the choice, their order is always the same. Then the
    best agent of each shift is ranked once, and a choice takes the first who is present.
    """

    __slots__ = ("_fixed", "_is_complete", "_preferred", "_ranked", "_signature")

    def __init__(
        self, fixed: FixedRoster, signature: Signature, preferred: tuple[str, ...]
    ) -> None:
        self._fixed = fixed
        self._signature = signature
        self._preferred = fixed.index.mask_of(preferred)
        self._is_complete = False
        self._ranked = self._rank()

    def first(self, at: int, opened: int | None = None, work: str = "") -> str | None:
        """Return the id of the agent whom `route` chooses at the microsecond `at`, or None.

        Args:
            at: Instant of the choice.
            opened: The opening of the work; the instant of the choice if None.
            work: Id of the work, which strategies that draw lots read.
        """
        for id, timeline, own in self._ranked:
            if own is not None:
                if is_available(own, NO_REQUIREMENT, at):
                    return id
            elif timeline is None or timeline.is_open(at):
                return id
        return None if self._is_complete else self._first_of_all(at, opened, work)

    def _rank(self) -> tuple[_Ranked, ...]:
        """Return the best agents, one for each shift; none if their order may change."""
        index, presence = self._fixed.index, self._fixed.presence
        if index.needs_context or self._signature.requires.on_call is not None:
            return ()
        found: list[_Ranked] = []
        fit = self._signature.fit
        for among in (self._preferred, ~self._preferred):
            while (best := index.first_of(self._signature, fit & among, None)) is not None:
                if len(found) == MAX_RANKED:
                    return tuple(found)
                peers = presence.peers(best)
                timeline, mask = (None, best.bit) if peers is None else peers
                found.append(_Ranked(best.id, timeline, best if peers is None else None))
                fit &= ~mask
                if peers is not None and timeline is None:  # someone is always there
                    fit = 0
        self._is_complete = True
        return tuple(found)

    def _first_of_all(self, at: int, opened: int | None, work: str) -> str | None:
        index, requires = self._fixed.index, self._signature.requires
        if requires.on_call is None:
            able = self._signature.fit & self._fixed.presence.mask(at)
        else:
            able = self._on_call(at)
        context = None
        if index.needs_context:
            start = at if opened is None else opened
            context = SelectionContext(requires, at, work, start, index.since)
        chosen = None
        if able & self._preferred:
            chosen = index.first_of(self._signature, able & self._preferred, context)
        if chosen is None and able:
            chosen = index.first_of(self._signature, able, context)
        return None if chosen is None else chosen.id

    def _on_call(self, at: int) -> int:
        index, requires = self._fixed.index, self._signature.requires
        mask = 0
        for id in on_call(str(requires.on_call), at, index.on_call):
            state = index.agent_states.get(id)
            if (
                state is not None
                and fits_permanently(state.agent, requires)
                and has_room(state, requires)
                and is_available(state, requires, at, index.on_call)
            ):
                mask |= state.bit
        return mask
