"""Roster index: a roster compiled for selection and change; the live form of `selection`.

The agents with capacity for one kind of load stand in one line, in the order of the strategy
(`agent_lines`). The agents who are qualified for a requirement are a bit mask (`signatures`). A
choice is the first agent of the line whose bit is in the mask. Timers tell when shifts, absences
and rate limits change the presence of an agent (`attendance`).

Not safe to share among threads. Instants are microseconds since 1970 UTC.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final, final

from entitlements.kernel.errors import ConflictError, DuplicateIdError, UnknownIdError
from entitlements.kernel.instants import from_micros_or_none, micros_or_start, to_micros
from entitlements.routing.agents.agent import Agent
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.agents.assignment_override import AssignmentOverride
from entitlements.routing.agents.workload import Workload
from entitlements.routing.eligibility.eligibility import (
    check,
    on_call,
)
from entitlements.routing.eligibility.removal import Removal, check_removal
from entitlements.routing.live.agents.agent_lines import StrategyPlan
from entitlements.routing.live.agents.agent_postings import AgentPostings
from entitlements.routing.live.agents.attendance import Attendance
from entitlements.routing.live.agents.indexed_agent import IndexedAgent, eligible_among
from entitlements.routing.live.agents.roster_gains import RosterGains
from entitlements.routing.live.agents.signatures import Signature, Signatures
from entitlements.routing.live.roster_log import CHANGE_WIDTH, RosterChange, RosterLog
from entitlements.routing.roster import Roster
from entitlements.routing.strategies.strategy import SelectionContext, Strategy
from entitlements.routing.work.requirements import Requirement
from entitlements.routing.work.work import Work, remaining_requirements, requirement_at

# Looked up once, because an enumeration takes too long at every assignment.
_ASSIGN: Final = RosterChange.ASSIGN
_RELEASE: Final = RosterChange.RELEASE


@final
class RosterIndex:
    """A roster for fast selection and change.

    Its choices are those of `selection.choose_agent` on `roster()` at any instant. Instants should
    rise: a step back in time costs a pass over all agents.
    """

    __slots__ = (
        "_attendance",
        "_holders",
        "_last_choice",
        "_postings",
        "_signatures",
        "agent_states",
        "kept_log",
        "listeners",
        "needs_context",
        "on_call",
        "since",
        "strategy",
        "turns",
    )

    def __init__(self, roster: Roster, strategy: Strategy) -> None:
        self.strategy = strategy
        self.on_call = roster.on_call
        self.turns = roster.turns
        self.agent_states: dict[str, IndexedAgent] = {}
        self.listeners: list[RosterGains] = []
        self.since = micros_or_start(roster.since)
        self.kept_log: RosterLog | None = None
        self._holders: dict[str, IndexedAgent] = {}
        plan = StrategyPlan(strategy)
        self.needs_context = plan.walks or bool(plan.buckets)
        self._postings = AgentPostings()
        self._signatures = Signatures(plan, self._postings)
        # The last choice: with this version, the agent is eligible for the requirement at the time.
        self._last_choice: tuple[IndexedAgent, int, Requirement, int] | None = None
        self._attendance = Attendance(self.agent_states, self._presence_changed)
        for id, agent in roster.agents.items():
            self._enter(agent, roster.workload(id))

    def choose(self, work: Work, at: int) -> IndexedAgent | None:
        """Return the state of the agent for `work` at `at`, or None."""
        requires = work.requires if work.relaxation is None else requirement_at(work, at)
        return self.choose_for(work, requires, at)

    def choose_for(self, work: Work, requires: Requirement, at: int) -> IndexedAgent | None:
        """Return the state of the agent for `work`, with the requirement `requires` at `at`."""
        attendance = self._attendance
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
        want = signature.fit & self._attendance.present
        if excluded:
            want &= ~self.mask_of(excluded)
        return self._chosen(self.first_of(signature, want, context), requires, at)

    def signature(self, requires: Requirement) -> Signature:
        """Return the signature of a requirement, up to date."""
        known = self._signatures.known.get(id(requires))
        if known is not None and known[0] is requires:
            signature = known[1]
        else:
            signature = self._signatures.find(requires)
        if signature.epoch != self._postings.epoch:
            signature.update(self._postings)
        return signature

    def new_signature(self, requires: Requirement) -> Signature:
        """Return a signature for the caller alone, which is right while no agent changes."""
        signature = self._signatures.make(requires)
        signature.update(self._postings)
        return signature

    @staticmethod
    def first_of(
        signature: Signature, want: int, context: SelectionContext | None
    ) -> IndexedAgent | None:
        """Return the first agent of a mask in the order of the strategy, or None."""
        line = signature.line
        if line.dirty:
            line.settle()
        if signature.classes is not None:
            here = want & line.mask()
            want = next((each & here for each in signature.classes if each & here), 0)
        return line.first(want, context) if want else None

    def may_wait(self, work: Work, at: int) -> bool:
        """Return whether an agent has no obstacle to `work` that neither time nor completion ends.

        Mask operations only. `at` must be the instant of the last choice.
        """
        signature = self.signature(remaining_requirements(work, at)[-1][1])
        found = self._signatures.hope(signature)
        if signature.requires.on_call is None:
            found &= ~self._attendance.retired
        return bool(found & ~self.mask_of(work.excluded_agents))

    def mask_of(self, agents: Collection[str]) -> int:
        """Return the mask of the agents with these ids, without unknown ones."""
        mask = 0
        for id in agents:
            state = self.agent_states.get(id)
            if state is not None:
                mask |= state.bit
        return mask

    def advance(self, at: int) -> None:
        """Update the presence of all agents to `at`: O(agents concerned), back in time O(n)."""
        if not self._attendance.start <= at < self._attendance.end:
            self._attendance.advance(at)

    def next_change(self, at: int) -> int | None:
        """Return the next microsecond after `at` at which the presence of an agent may change."""
        return self._attendance.next_change(at)

    def roster(self) -> Roster:
        """Return the roster as a value."""
        return Roster(
            agents={id: state.agent for id, state in self.agent_states.items()},
            standings={id: state.workload() for id, state in self.agent_states.items()},
            on_call=self.on_call,
            turns=self.turns,
            since=from_micros_or_none(self.since),
        )

    def agent_state(self, agent: str) -> IndexedAgent:
        """Return the state of the agent; raise `UnknownIdError` if there is no such agent."""
        try:
            return self.agent_states[agent]
        except KeyError:
            raise UnknownIdError("agent", agent, known=self.agent_states) from None

    def holder(self, work: str) -> str | None:
        """Return the id of the agent to whom the work is assigned, or None."""
        state = self._holders.get(work)
        return None if state is None else state.id

    @property
    def log(self) -> RosterLog:
        """The log of changes: started by the first read, and replaced by a new one when full."""
        if self.kept_log is None:
            self.kept_log = RosterLog(
                self.agent_states.values(), self.on_call, self.turns, self.since
            )
        return self.kept_log

    def assign(
        self,
        work: str,
        requires: Requirement,
        agent: str,
        at: int,
        *,
        excluded: Collection[str] = (),
        override: AssignmentOverride | None = None,
    ) -> None:
        """Assign `work` to `agent`; on an error, raised as by `Roster.assign`, nothing changes."""
        state = self.agent_state(agent)
        self.check_unassigned(work)
        if excluded or self._last_choice != (state, state.version, requires, at):
            check(work, state, requires, at, excluded, self.on_call, override)
        self.take(work, requires, state, at)
        if override is not None:
            state.add_override(work, override)
            self._record((RosterChange.OVERRIDE, agent, work, override))

    def take(self, work: str, requires: Requirement, state: IndexedAgent, at: int) -> None:
        """Assign `work` to an agent who was checked: O(lines) marks."""
        self.turns += 1
        state.assign(work, requires, at, self.turns)
        self._holders[work] = state
        log = self.kept_log
        if log is not None:
            changes = log.changes
            changes += (_ASSIGN, state.id, work, requires, at)
            if len(changes) >= log.max_length:
                self.kept_log = None
        if state.rate_limit is not None:
            self._attendance.update(state, at)
        for listener in self.listeners:
            listener.assigned.add(work)
        state.version += 1
        for line in self._signatures.lines.values():
            line.dirty.add(state)

    def complete(self, work: str, at: int, *, done: bool = True) -> None:
        """End the assignment of `work`; raises as `Roster.complete` does: O(lines) marks."""
        state = self._holders.pop(work, None)
        if state is None:
            raise UnknownIdError("assigned work", work)
        state.release(work, at, done=done)
        if self.kept_log is not None:
            # There are no more of these than assignments, which check the length of the log.
            self.kept_log.changes += (_RELEASE, state.id, work, at, done)
        self._changed(state, gained=True)

    def transfer(
        self, work: str, to: str, at: int, *, override: AssignmentOverride | None = None
    ) -> None:
        """Assign `work`, which is assigned, to the agent `to` instead; or change nothing."""
        old, state = self._holders.get(work), self.agent_state(to)
        if old is None:
            raise UnknownIdError("assigned work", work)
        if old is state:
            raise ConflictError(f"work `{work}` is already assigned to `{to}`", field="agent")
        requires = old.held[work][0]
        check(work, state, requires, at, (), self.on_call, override)
        self.complete(work, at, done=False)
        self.take(work, requires, state, at)
        if override is not None:
            state.add_override(work, override)
            self._record((RosterChange.OVERRIDE, to, work, override))

    def confirm(self, key: str, work: str) -> None:
        """Give the assignment under `key` the id `work`, with unchanged counters: O(1)."""
        self.check_unassigned(work)
        state = self._holders.get(key)
        if state is None:
            raise UnknownIdError("assigned work", key)
        state.rename(key, work)
        self._holders[work] = self._holders.pop(key)
        for listener in self.listeners:
            listener.assigned.add(work)
        self.kept_log = None  # answers keep the log that they refer to

    def set_status(
        self, agent: str, at: int, *, away: bool, back: int | None, idle: int | None
    ) -> None:
        """Set the status of `agent`; raises as `Roster.set_status` does."""
        state = self.agent_state(agent)
        state.set_away(at, away=away, back=back)
        self._record((RosterChange.STATUS, agent, at, away, back))
        if idle is not None:
            state.start_idle(idle)
            self._record((RosterChange.IDLE, agent, idle))
        self._attendance.update(state, at)
        self._changed(state, gained=True)

    def replace(self, agent: Agent) -> None:
        """Replace the agent of that id by `agent`; the workload stays."""
        old = self.agent_state(agent.id)
        workload = old.workload()
        self._leave(old)
        self._enter(agent, workload)
        self._record((RosterChange.REPLACE, agent))

    def add(self, agent: Agent, workload: Workload) -> None:
        """Add an agent; raises as `Roster.add` does, or if some of the work is assigned."""
        if agent.id in self.agent_states:
            raise DuplicateIdError("agent", agent.id)
        for work in workload.held:
            self.check_unassigned(work)
        self._enter(agent, workload)
        self._record((RosterChange.ADD, agent, workload))

    def remove(self, agent: str) -> None:
        """Remove an agent without assigned work; raises as `Roster.remove` does."""
        state = self.agent_state(agent)
        check_removal(agent, state.held, Removal.REFUSE)
        self._leave(state)
        self._record((RosterChange.REMOVE, agent))

    def new_period(self, at: int) -> None:
        """Set all counters to 0 and start a new period at `at`: O(agents)."""
        self.since = at
        for state in self.agent_states.values():
            state.new_period(at)
            self._changed(state, gained=False)
        self._record((RosterChange.PERIOD, at))

    def check_unassigned(self, work: str) -> None:
        """Raise `ConflictError` if the work is assigned."""
        if (holder := self._holders.get(work)) is not None:
            raise ConflictError(f"work `{work}` is already assigned to `{holder.id}`", field="work")

    def _record(self, change: tuple[Any, ...]) -> None:
        if self.kept_log is not None:
            changes = self.kept_log.changes
            changes += (*change, None, None, None, None)[:CHANGE_WIDTH]
            if len(changes) >= self.kept_log.max_length:
                self.kept_log = None

    def _changed(self, state: IndexedAgent, *, gained: bool) -> None:
        """Mark an agent whose place in a line may have changed."""
        for line in self._signatures.lines.values():
            line.dirty.add(state)
        self._presence_changed(state, gained)

    def _presence_changed(self, state: IndexedAgent, gained: bool) -> None:  # noqa: FBT001 - a callback
        """Report an agent who may take more than before."""
        state.version += 1
        if gained:
            for listener in self.listeners:
                listener.touched.add(state)

    def _chosen(
        self, state: AgentState | None, requires: Requirement, at: int
    ) -> IndexedAgent | None:
        if not isinstance(state, IndexedAgent):
            return None
        self._last_choice = (state, state.version, requires, at)
        return state

    def _enter(self, agent: Agent, workload: Workload) -> None:
        state = IndexedAgent(agent, workload, self._postings.free_slot())
        self._postings.add(state)
        self.agent_states[state.id] = state
        for work in state.held:
            self._holders[work] = state
        self._attendance.enter(state)
        self._changed(state, gained=True)

    def _leave(self, state: IndexedAgent) -> None:
        self._attendance.leave(state)
        for line in self._signatures.lines.values():
            line.forget(state)
        for listener in self.listeners:
            listener.touched.discard(state)
        self._postings.remove(state)
        del self.agent_states[state.id]
        for work in state.held:
            del self._holders[work]
