"""Fixed roster: the choice of an agent from a roster that does not change, at any instant.

It is the live index without changes: instants may come in any order, and threads may share it. A
`Router` is for a roster that changes.
"""

from __future__ import annotations

from typing import final

from entitlements.routing.agents.capacity import has_room
from entitlements.routing.eligibility.eligibility import fits_permanently, is_available, on_call
from entitlements.routing.live.agents.presence import Presence
from entitlements.routing.live.agents.signatures import Signature
from entitlements.routing.live.roster_index import RosterIndex
from entitlements.routing.roster import Roster
from entitlements.routing.strategies.named import DEFAULT_STRATEGY
from entitlements.routing.strategies.strategy import SelectionContext, Strategy
from entitlements.routing.work.requirements import Requirement


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
    """The agents of a fixed roster who can take work of one requirement."""

    __slots__ = ("_fixed", "_preferred", "_signature")

    def __init__(
        self, fixed: FixedRoster, signature: Signature, preferred: tuple[str, ...]
    ) -> None:
        self._fixed = fixed
        self._signature = signature
        self._preferred = fixed.index.mask_of(preferred)

    def first(self, at: int, opened: int | None = None, work: str = "") -> str | None:
        """Return the id of the agent whom `route` chooses at the microsecond `at`, or None.

        Args:
            at: Instant of the choice.
            opened: The opening of the work; the instant of the choice if None.
            work: Id of the work, which strategies that draw lots read.
        """
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
