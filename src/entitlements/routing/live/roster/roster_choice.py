"""Roster choice: which agent takes a piece of work, from lines of agents and masks.

The agents with capacity for one kind of load stand in one line, in the order of the strategy
(`agent_lines`). The agents who are qualified for a requirement are a bit mask (`signatures`), and
so are those who are present (`attendance`). A choice is the first agent of the line whose bit is in
both. Instants are microseconds since 1970 UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final, TypeAlias

from entitlements.kernel.errors import UnknownIdError
from entitlements.kernel.instants import micros_or_start, to_micros
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.agents.capacity import has_room
from entitlements.routing.eligibility.eligibility import (
    on_call,
)
from entitlements.routing.live.agents.agent_lines import StrategyPlan
from entitlements.routing.live.agents.agent_postings import AgentPostings
from entitlements.routing.live.agents.attendance import Attendance
from entitlements.routing.live.agents.indexed_agent import IndexedAgent, eligible_among
from entitlements.routing.live.agents.signatures import Signature, Signatures
from entitlements.routing.roster import Roster
from entitlements.routing.strategies.strategy import SelectionContext, Strategy
from entitlements.routing.work.requirements import Requirement
from entitlements.routing.work.work import Work, remaining_requirements

PresenceChange = Callable[[IndexedAgent, bool], None]
LastChoice: TypeAlias = tuple[IndexedAgent | None, Requirement | None, int]
NO_CHOICE: Final[LastChoice] = (None, None, 0)


class RosterChoice:
    """The choice of agents; `RosterIndex` adds the changes.

    Attributes:
        agent_states: The agents by id.
        attendance: Which of them are present.
        needs_context: Whether the strategy compares agents at the choice.
        on_call: The on-call schedules by id.
        refused: The signature of the last requirement that no agent could take; None for none.
        gained: The mask of the agents who may take more since.
        since: Start of the period of the roster; `START_OF_TIME` if it has none.
        strategy: The order of eligible agents.
    """

    __slots__ = (
        "_last_choice",
        "_lines",
        "_postings",
        "_signatures",
        "agent_states",
        "attendance",
        "gained",
        "needs_context",
        "on_call",
        "refused",
        "since",
        "strategy",
    )

    def __init__(self, roster: Roster, strategy: Strategy, changed: PresenceChange) -> None:
        self.strategy = strategy
        self.on_call = roster.on_call
        self.since = micros_or_start(roster.since)
        self.agent_states: dict[str, IndexedAgent] = {}
        plan = StrategyPlan(strategy)
        self.needs_context = plan.walks or bool(plan.buckets)
        self._postings = AgentPostings()
        self._signatures = Signatures(plan, self._postings)
        self._lines = self._signatures.lines
        self.attendance = Attendance(self.agent_states, changed)
        # The last choice: the agent is eligible for the requirement at the time, because nobody got
        # work since, and no agent and no presence changed.
        self._last_choice = NO_CHOICE
        self.refused: Signature | None = None
        self.gained = 0

    def agent_state(self, agent: str) -> IndexedAgent:
        """Return the state of the agent; raise `UnknownIdError` if there is no such agent."""
        try:
            return self.agent_states[agent]
        except KeyError:
            raise UnknownIdError("agent", agent, known=self.agent_states) from None

    def choose(self, work: Work, requires: Requirement, at: int) -> IndexedAgent | None:
        """Return the state of the agent for `work`, whose requirement at `at` is given, or None."""
        if (
            self.needs_context
            or work.preferred_agents
            or work.demoted_agents
            or requires.on_call is not None
        ):
            return self._choose_with_context(work, requires, at)
        # The same as below for nearly all work, with few calls.
        attendance = self.attendance
        if not attendance.start <= at < attendance.end:
            attendance.advance(at)
        signature = self._signatures.known.get(id(requires))
        if signature is None or signature.requires is not requires:
            signature = self._signatures.find(requires)
        if signature.epoch != self._postings.epoch:
            signature.update(self._postings)
        want = signature.fit & attendance.present
        if work.excluded_agents:
            want &= ~self.mask_of(work.excluded_agents)
        if signature is self.refused:
            want &= self.gained
        chosen: IndexedAgent | None = None
        if want:
            only, line = signature.only, signature.line
            marked = line.dirty & want
            if only is None or (marked == want and not want & (want - 1)):
                chosen = self.first_of(signature, want, None)
            else:
                if marked:
                    line.settle(marked)
                chosen = line.earliest(want)
        if chosen is not None:
            self._last_choice = (chosen, requires, at)
        elif not work.excluded_agents:
            self.refused = signature
            self.gained = 0
        return chosen

    def _choose_with_context(
        self, work: Work, requires: Requirement, at: int
    ) -> IndexedAgent | None:
        attendance = self.attendance
        if not attendance.start <= at < attendance.end:
            attendance.advance(at)
        if work.demoted_agents:
            others = work.excluded_agents | work.demoted_agents
            best = self._choose(work, requires, at, others)
            if best is not None:
                return best
        return self._choose(work, requires, at, work.excluded_agents)

    def _choose(
        self, work: Work, requires: Requirement, at: int, excluded: Collection[str]
    ) -> IndexedAgent | None:
        context = None
        if self.needs_context or work.preferred_agents or requires.on_call is not None:
            opened = to_micros(work.opened)
            context = SelectionContext(requires, at, work.id, opened, self.since)
            lists = list(work.preferred_agents)
            if requires.on_call is not None:
                lists.append(on_call(requires.on_call, at, self.on_call))
            for names in lists:
                found = eligible_among(names, self.agent_states, context, excluded, self.on_call)
                if found:
                    return self._chosen(self.strategy.choose(found, context), requires, at)
            if requires.on_call is not None:
                return None
        signature = self.signature(requires)
        want = signature.fit & self.attendance.present
        if excluded:
            want &= ~self.mask_of(excluded)
        return self._chosen(self.first_of(signature, want, context), requires, at)

    def choose_other(
        self, work: Work, requires: Requirement, at: int, first: str
    ) -> IndexedAgent | None:
        """Return the state of the agent for `work` if `first` could not take it, or None."""
        last, others = self._last_choice, work.excluded_agents | {first}
        if not self.attendance.start <= at < self.attendance.end:
            self.attendance.advance(at)
        found = None
        if work.demoted_agents:
            found = self._choose(work, requires, at, others | work.demoted_agents)
        if found is None:
            found = self._choose(work, requires, at, others)
        self._last_choice = last
        return found

    def signature(self, requires: Requirement) -> Signature:
        """Return the signature of a requirement, up to date."""
        signature = self._signatures.known.get(id(requires))
        if signature is None or signature.requires is not requires:
            signature = self._signatures.find(requires)
        if signature.epoch != self._postings.epoch:
            signature.update(self._postings)
        return signature

    def new_signature(self, requires: Requirement) -> Signature:
        """Return a signature for the caller alone, which is right while no agent changes."""
        signature = self._signatures.make(requires)
        signature.update(self._postings)
        return signature

    def first_of(
        self, signature: Signature, want: int, context: SelectionContext | None
    ) -> IndexedAgent | None:
        """Return the first agent of a mask in the order of the strategy, or None."""
        if want.bit_count() <= 1:
            # No agent, or one, who needs no place in the line.
            state = self._postings.slots[want.bit_length() - 1] if want else None
            return state if state is not None and has_room(state, signature.requires) else None
        line = signature.line
        if line.dirty & want:
            line.settle(line.dirty & want)
        if signature.ranked is not None:
            here = want & line.mask()
            want = next((each & here for each in signature.ranked.ordered if each & here), 0)
        return line.first(want, context) if want else None

    def may_wait(self, work: Work, requires: Requirement, at: int) -> bool:
        """Return whether an agent has no obstacle to `work` that neither time nor completion ends.

        Mask operations only. `at` must be the instant of the last choice, and `requires` the
        requirement then.
        """
        # A relaxed requirement admits all who meet the present one.
        if self._may_take(requires, work):
            return True
        if work.relaxation is None:
            return False
        last = remaining_requirements(work, at)[-1][1]
        return last is not requires and self._may_take(last, work)

    def _may_take(self, requires: Requirement, work: Work) -> bool:
        signature = self.signature(requires)
        found = signature.hope
        if signature.hope_epoch != signature.epoch:
            found = self._signatures.hope(signature)
        retired = self.attendance.retired
        if retired and requires.on_call is None:
            found &= ~retired
        if work.excluded_agents:
            found &= ~self.mask_of(work.excluded_agents)
        return found != 0

    def qualified(self, requires: Requirement, excluded: Collection[str]) -> int:
        """Return the mask of the agents who are qualified and not excluded, present or not."""
        return self.signature(requires).fit & ~self.mask_of(excluded)

    def free_agents(self, requires: Requirement, among: int = -1) -> int:
        """Return the mask of the agents among some on their shift with capacity for such a load."""
        line = self._signatures.line(requires)
        if line.dirty & among:
            line.settle(line.dirty & among)
        return line.mask() & self.attendance.present & among

    def is_blocked(self, requires: Requirement, excluded: Collection[str], free: int) -> bool:
        """Return whether none of the agents of the mask `free` can take such work.

        Mask operations only, and nothing is kept of a requirement that is new.
        """
        signature = self._signatures.known.get(id(requires))
        if signature is None or signature.requires is not requires:
            free &= self._postings.qualified(requires)
        else:
            free &= self.signature(requires).fit
        if free and excluded:
            free &= ~self.mask_of(excluded)
        return not free

    def mask_of(self, agents: Collection[str]) -> int:
        """Return the mask of the agents with these ids, without unknown ones."""
        mask = 0
        for id in agents:
            state = self.agent_states.get(id)
            if state is not None:
                mask |= state.bit
        return mask

    def _chosen(
        self, state: AgentState | None, requires: Requirement, at: int
    ) -> IndexedAgent | None:
        if not isinstance(state, IndexedAgent):
            return None
        self._last_choice = (state, requires, at)
        return state
