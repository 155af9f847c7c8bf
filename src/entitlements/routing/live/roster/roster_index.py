"""Roster index: a roster compiled for selection and change; the live form of `selection`.

`roster_choice` chooses; here are the changes. A change marks an agent in each line, and reports the
agents who may take more than before. Not safe to share among threads. Instants are microseconds
since 1970 UTC.
"""

from __future__ import annotations

from typing import Any, Final, final

from entitlements.kernel.data.copies import copy_with
from entitlements.kernel.errors import ConflictError, DuplicateIdError, UnknownIdError
from entitlements.kernel.instants import from_micros_or_none
from entitlements.routing.agents.agent import Agent
from entitlements.routing.agents.assignment_override import AssignmentOverride
from entitlements.routing.agents.workload import Workload
from entitlements.routing.eligibility.eligibility import (
    check,
)
from entitlements.routing.eligibility.removal import Removal, check_removal
from entitlements.routing.live.agents.indexed_agent import IndexedAgent
from entitlements.routing.live.agents.roster_gains import RosterGains
from entitlements.routing.live.roster.roster_choice import NO_CHOICE, RosterChoice
from entitlements.routing.live.roster.roster_log import CHANGE_WIDTH, RosterChange, RosterLog
from entitlements.routing.roster import Roster
from entitlements.routing.strategies.strategy import Strategy
from entitlements.routing.work.requirements import Requirement
from entitlements.routing.work.skills import SkillLevels

# Looked up once, because an enumeration takes too long at every assignment.
_ASSIGN: Final = RosterChange.ASSIGN
_RELEASE: Final = RosterChange.RELEASE


@final
class RosterIndex(RosterChoice):
    """A roster for fast selection and change.

    Its choices are those of `selection.choose_agent` on `roster()` at any instant. Instants should
    rise: a step back in time costs a pass over all agents.

    Attributes:
        holders: The agent of each piece of assigned work.
        kept_log: The log of changes; None before it is first read, and after it was full.
        listeners: The gains of each backlog.
        assignment_count: Number of assignments so far.
    """

    __slots__ = ("assignment_count", "holders", "kept_log", "listeners")

    def __init__(self, roster: Roster, strategy: Strategy) -> None:
        super().__init__(roster, strategy, self._presence_changed)
        self.assignment_count = roster.assignment_count
        self.listeners: list[RosterGains] = []
        self.kept_log: RosterLog | None = None
        self.holders: dict[str, IndexedAgent] = {}
        for id, agent in roster.agents.items():
            self._enter(agent, roster.workload(id))

    def next_change(self, at: int) -> int | None:
        """Return the next microsecond after `at` at which the presence of an agent may change."""
        return self.attendance.next_change(at)

    def roster(self) -> Roster:
        """Return the roster as a value."""
        return Roster(
            agents={id: state.agent for id, state in self.agent_states.items()},
            workloads={id: state.workload() for id, state in self.agent_states.items()},
            on_call=self.on_call,
            assignment_count=self.assignment_count,
            since=from_micros_or_none(self.since),
        )

    def holder(self, work: str) -> str | None:
        """Return the id of the agent to whom the work is assigned, or None."""
        state = self.holders.get(work)
        return None if state is None else state.id

    @property
    def log(self) -> RosterLog:
        """The log of changes: started by the first read, and replaced by a new one when full."""
        if self.kept_log is None:
            self.kept_log = RosterLog(
                self.agent_states.values(), self.on_call, self.assignment_count, self.since
            )
        return self.kept_log

    def assign(
        self,
        work: str,
        requires: Requirement,
        agent: str,
        at: int,
        excluded: frozenset[str] = frozenset(),
        override: AssignmentOverride | None = None,
    ) -> None:
        """Assign `work` to `agent`; on an error, raised as by `Roster.assign`, nothing changes."""
        state = self.agent_states.get(agent) or self.agent_state(agent)
        if work in self.holders:
            self.check_unassigned(work)
        chosen, needs, moment = self._last_choice
        if (
            excluded
            or chosen is not state
            or moment != at
            or (needs is not requires and needs != requires)
        ):
            check(work, state, requires, at, excluded, self.on_call, override)
        self.take(work, requires, state, at, excluded)
        if override is not None:
            state.add_override(work, override)
            self._record((RosterChange.OVERRIDE, agent, work, override))

    def take(
        self,
        work: str,
        requires: Requirement,
        state: IndexedAgent,
        at: int,
        excluded: frozenset[str] = frozenset(),
    ) -> None:
        """Assign `work` to an agent who was checked: O(lines) marks."""
        self.assignment_count = number = self.assignment_count + 1
        state.assign(work, requires, at, number)
        self.holders[work] = state
        log = self.kept_log
        if log is not None:
            changes = log.changes
            changes += (_ASSIGN, state.id, work, requires, at)
            if len(changes) >= log.max_length:
                self.kept_log = None
        if excluded:
            state.exclude(work, excluded)
            self._record((RosterChange.EXCLUDED, state.id, work, excluded))
        if state.rate_limit is not None:
            self.attendance.update(state, at)
        for listener in self.listeners:
            if work in listener.waiting:
                listener.assigned.add(work)
        self._last_choice = NO_CHOICE
        bit = state.bit
        for line in self._lines:
            line.dirty |= bit

    def complete(self, work: str, at: int, done: bool = True) -> None:  # noqa: FBT001, FBT002 - faster than by name
        """End the assignment of `work`; raises as `Roster.complete` does: O(lines) marks."""
        state = self.holders.get(work)
        if state is None:
            raise UnknownIdError("assigned work", work)
        if at < state.held[work][1]:
            state.check_later(work, at)
        del self.holders[work]
        state.release(work, at, done=done)
        log = self.kept_log
        if log is not None:
            # There are no more of these than assignments, which check the length of the log.
            changes = log.changes
            changes += (_RELEASE, state.id, work, at, done)
        # The same as `_changed`, without the calls; the agent may still take what the last choice
        # was about.
        bit = state.bit
        self.gained |= bit
        for line in self._lines:
            line.dirty |= bit
        for listener in self.listeners:
            listener.touched.add(state)

    def transfer(
        self,
        work: str,
        to: str,
        at: int,
        *,
        excluded: frozenset[str] | None = None,
        override: AssignmentOverride | None = None,
    ) -> None:
        """Assign `work`, which is assigned, to the agent `to` instead; or change nothing.

        `excluded` are the agents who cannot take it; None for those of the present assignment.
        """
        old, state = self.holders.get(work), self.agent_state(to)
        if old is None:
            raise UnknownIdError("assigned work", work)
        if old is state:
            raise ConflictError(f"work `{work}` is already assigned to `{to}`", field="agent")
        requires = old.held[work][0]
        if excluded is None:
            excluded = old.excluded.get(work, frozenset())
        old.check_later(work, at)
        check(work, state, requires, at, excluded, self.on_call, override)
        self.complete(work, at, done=False)
        self.take(work, requires, state, at, excluded)
        if override is not None:
            state.add_override(work, override)
            self._record((RosterChange.OVERRIDE, to, work, override))

    def confirm(self, key: str, work: str) -> None:
        """Give the assignment under `key` the id `work`, with unchanged counters: O(1)."""
        self.check_unassigned(work)
        state = self.holders.get(key)
        if state is None:
            raise UnknownIdError("assigned work", key)
        state.rename(key, work)
        self.holders[work] = self.holders.pop(key)
        for listener in self.listeners:
            if work in listener.waiting:
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
        self.attendance.update(state, at)
        self._changed(state, gained=True)

    def change_skills(self, agent: str, skills: SkillLevels) -> None:
        """Change the skills of `agent`; everything else about the agent stays."""
        state = self.agent_state(agent)
        for line in self._lines:
            line.forget(state)
        self._postings.replace(state, copy_with(state.agent, skills=skills))
        self._changed(state, gained=True)
        self._record((RosterChange.REPLACE, state.agent))

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
        if (holder := self.holders.get(work)) is not None:
            raise ConflictError(f"work `{work}` is already assigned to `{holder.id}`", field="work")

    def _record(self, change: tuple[Any, ...]) -> None:
        if self.kept_log is not None:
            changes = self.kept_log.changes
            changes += (*change, None, None, None, None)[:CHANGE_WIDTH]
            if len(changes) >= self.kept_log.max_length:
                self.kept_log = None

    def _changed(self, state: IndexedAgent, *, gained: bool) -> None:
        """Mark an agent whose place in a line may have changed."""
        for line in self._lines:
            line.dirty |= state.bit
        self._presence_changed(state, gained)

    def _presence_changed(self, state: IndexedAgent, gained: bool) -> None:  # noqa: FBT001 - a callback
        """Report an agent who may take more than before."""
        self._last_choice = NO_CHOICE
        if gained:
            self.gained |= state.bit
            for listener in self.listeners:
                listener.touched.add(state)

    def _enter(self, agent: Agent, workload: Workload) -> None:
        state = IndexedAgent(agent, workload, self._postings.free_slot())
        self._postings.add(state)
        self.agent_states[state.id] = state
        for work in state.held:
            self.holders[work] = state
        self.attendance.enter(state)
        self._changed(state, gained=True)

    def _leave(self, state: IndexedAgent) -> None:
        self.attendance.leave(state)
        for line in self._signatures.lines:
            line.forget(state)
        for listener in self.listeners:
            listener.touched.discard(state)
        self._postings.remove(state)
        del self.agent_states[state.id]
        for work in state.held:
            del self.holders[work]
