"""Roster index: a roster compiled for selection and change; the live form of `selection`.

Agents of equal configuration share a profile, which has one queue for each kind of load: the
present agents with capacity for it, in the order of the strategy. A choice compares the first
agents of the queues whose profile fits. Every change raises the version of an agent; an entry of an
older version is updated or dropped when it reaches the top of its queue. Timers tell when shifts,
absences and rate limits change the presence of an agent.

Not safe to share among threads. Instants are microseconds since 1970 UTC.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final, final

from entitlements.kernel.errors import ConflictError, DuplicateIdError, UnknownIdError
from entitlements.kernel.instants import from_micros_or_none, micros_or_start
from entitlements.routing.agents.agent import Agent
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.agents.assignment_override import AssignmentOverride
from entitlements.routing.agents.capacity import has_room
from entitlements.routing.agents.workload import Workload
from entitlements.routing.eligibility.eligibility import (
    check,
    fits_permanently,
    is_available,
    on_call,
)
from entitlements.routing.eligibility.removal import Removal, check_removal
from entitlements.routing.live.agent_queues import HeapEntry, IndexedAgent, first_agent
from entitlements.routing.live.attendance import Attendance
from entitlements.routing.live.queue_plans import QueuePlans
from entitlements.routing.live.roster_log import CHANGE_WIDTH, RosterChange, RosterLog
from entitlements.routing.roster import Roster
from entitlements.routing.strategies.named import STRATEGIES
from entitlements.routing.strategies.strategy import KeyScope, SelectionContext, Strategy
from entitlements.routing.work.requirements import Requirement

# By these keys an assignment never moves an agent ahead, as long as instants and turns rise.
_WORSENING_KEYS: Final = frozenset(key for each in STRATEGIES.values() for key in each.keys)
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
        "_at_agent",
        "_at_version",
        "_attendance",
        "_holders",
        "_last_choice",
        "_linear",
        "_log",
        "_next_version",
        "_plans",
        "_since",
        "_uses_plans",
        "_worsens",
        "agent_states",
        "on_call",
        "strategy",
        "turns",
    )

    def __init__(self, roster: Roster, strategy: Strategy) -> None:
        self.strategy = strategy
        self.on_call = roster.on_call
        self.turns = roster.turns
        self.agent_states: dict[str, IndexedAgent] = {}
        self._next_version = 0
        self._since = micros_or_start(roster.since)
        self._log: RosterLog | None = None
        self._holders: dict[str, IndexedAgent] = {}
        self._plans = QueuePlans(strategy)
        # The last choice: with this version, the agent is eligible for the requirement at the time.
        self._last_choice: tuple[str, int, Requirement, int] | None = None
        self._attendance = Attendance(self.agent_states, self._changed)
        scopes = [key.scope for key in strategy.keys]
        self._linear = strategy.sample is not None or KeyScope.WORK in scopes
        self._uses_plans = self._plans.ranked and not self._linear
        self._worsens = all(
            k.scope is KeyScope.PROFILE or k in _WORSENING_KEYS for k in strategy.keys
        )
        # Positions in an entry from the start, which are faster to read than `-2` and `-1`.
        self._at_agent = 3 + sum(scope is not KeyScope.PROFILE for scope in scopes)
        self._at_version = self._at_agent - 1
        for id, agent in roster.agents.items():
            self._enter(agent, roster.workload(id))

    def pick(self, requires: Requirement, at: int) -> AgentState | None:
        """Return the state of the agent for work with `requires` at `at`, or None."""
        attendance = self._attendance
        if not attendance.start <= at < attendance.end:
            attendance.advance(at)
        if not self._uses_plans:
            return self.choose(SelectionContext(requires, at, since=self._since))
        plan = self._plans.kept.get(requires)
        if plan is None:
            if requires.on_call is not None:
                return self.choose(SelectionContext(requires, at, since=self._since))
            plan = self._plans.make(requires)
        best: HeapEntry | None = None
        at_version, at_agent = self._at_version, self._at_agent
        for queues in plan:
            for queue in queues:
                top = queue.top
                if top is not None:
                    if top[at_version] != top[at_agent].version:
                        top = queue.refresh_top()
                        if top is None:
                            continue
                    if best is None or top < best:
                        best = top
            if best is not None:
                chosen: IndexedAgent = best[at_agent]
                self._last_choice = (chosen.id, chosen.version, requires, at)
                return chosen
        return None

    def choose(
        self,
        context: SelectionContext,
        excluded: Collection[str] = (),
        preferred: tuple[tuple[str, ...], ...] = (),
    ) -> AgentState | None:
        """Return the state of the agent for `context`, with excluded and preferred agents."""
        at = context.at
        attendance = self._attendance
        if not attendance.start <= at < attendance.end:
            attendance.advance(at)
        for names in preferred:
            found = [state for id in set(names) if (state := self._eligible(id, context, excluded))]
            if found:
                return self.strategy.choose(found, context)
        schedule = context.requires.on_call
        if self._linear or schedule is not None:
            among: Collection[str] = self.agent_states
            if schedule is not None and among:
                among = set(on_call(schedule, at, self.on_call))
            states = (self._eligible(id, context, excluded) for id in among)
            return self.strategy.choose([state for state in states if state is not None], context)
        plan = self._plans.kept.get(context.requires)
        if plan is None:
            plan = self._plans.make(context.requires)
        tops = [top for each in plan for queue in each if (top := first_agent(queue, excluded))]
        return min(tops, key=lambda state: self.strategy.key(state, context), default=None)

    def roster(self) -> Roster:
        """Return the roster as a value."""
        return Roster(
            agents={id: state.agent for id, state in self.agent_states.items()},
            standings={id: state.workload() for id, state in self.agent_states.items()},
            on_call=self.on_call,
            turns=self.turns,
            since=from_micros_or_none(self._since),
        )

    def agent(self, id: str) -> Agent:
        """Return the agent; raise `UnknownIdError` if there is no such agent."""
        return self.agent_state(id).agent

    @property
    def needs_work(self) -> bool:
        """Whether the strategy reads the work itself, and not only its requirement."""
        return self._linear

    @property
    def since(self) -> int:
        """Start of the period of the roster; `START_OF_TIME` if it has none."""
        return self._since

    def holder(self, work: str) -> str | None:
        """Return the id of the agent to whom the work is assigned, or None."""
        state = self._holders.get(work)
        return None if state is None else state.id

    @property
    def log(self) -> RosterLog:
        """The log of changes: started by the first read, and replaced by a new one when it is full.

        Without a read no changes are recorded, because no answer refers to them.
        """
        if self._log is None:
            self._log = RosterLog(self.agent_states.values(), self.on_call, self.turns, self._since)
        return self._log

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
        state = self.agent_states.get(agent) or self.agent_state(agent)
        self._check_unassigned(work)
        if excluded or self._last_choice != (agent, state.version, requires, at):
            check(work, state, requires, at, excluded, self.on_call, override)
        worsens = (
            self._worsens
            and state.last_assigned <= at
            and state.turn <= self.turns
            and state.rate_limit is None
        )
        self.turns += 1
        state.assign(work, requires, at, self.turns)
        self._holders[work] = state
        log = self._log
        if log is not None:
            changes = log.changes
            changes += (_ASSIGN, agent, work, requires, at)
            if len(changes) >= log.max_length:
                self._log = None
        if override is not None:
            state.add_override(work, override)
            self._record((RosterChange.OVERRIDE, agent, work, override))
        if worsens:
            state.version += 1  # their entries are updated when they reach the top
        else:
            if state.rate_limit is not None:
                self._attendance.update(state, at)
            self._changed(state)

    def complete(self, work: str, at: int, *, done: bool = True) -> None:
        """End the assignment of `work`; raises as `Roster.complete` does."""
        state = self._holders.pop(work, None)
        if state is None:
            raise UnknownIdError("assigned work", work)
        state.release(work, at, done=done)
        log = self._log
        if log is not None:
            # There are no more of these than assignments, which check the length of the log.
            log.changes += (_RELEASE, state.id, work, at, done)
        self._changed(state)

    def set_status(self, agent: str, at: int, *, away: bool, back: int | None = None) -> None:
        """Set the status of `agent`; raises as `Roster.set_status` does."""
        state = self.agent_state(agent)
        state.set_away(at, away=away, back=back)
        self._record((RosterChange.STATUS, agent, at, away, back))
        self._attendance.update(state, at)
        self._changed(state)

    def replace(self, agent: Agent) -> None:
        """Replace the agent of that id by `agent`; the workload stays."""
        old = self.agent_state(agent.id)
        self._leave(old)
        self._enter(agent, old.workload())
        self._record((RosterChange.REPLACE, agent))

    def add(self, agent: Agent, workload: Workload | None = None) -> None:
        """Add an agent; raises as `Roster.add` does, or if some of the work is assigned."""
        if agent.id in self.agent_states:
            raise DuplicateIdError("agent", agent.id)
        if workload is None:
            workload = Workload(turn=self.turns)
        for work in workload.held:
            self._check_unassigned(work)
        self._enter(agent, workload)
        self._record((RosterChange.ADD, agent, workload))

    def remove(self, agent: str) -> None:
        """Remove an agent without assigned work; raises as `Roster.remove` does."""
        state = self.agent_state(agent)
        check_removal(agent, state.held, Removal.REFUSE)
        self._leave(state)
        self._record((RosterChange.REMOVE, agent))

    def new_period(self, at: int) -> None:
        """Set all counters to 0 and start a new period at `at`."""
        self._since = at
        for state in self.agent_states.values():
            state.new_period(at)
            self._changed(state)
        self._record((RosterChange.PERIOD, at))

    def agent_state(self, agent: str) -> IndexedAgent:
        """Return the state of the agent; raise `UnknownIdError` if there is no such agent."""
        try:
            return self.agent_states[agent]
        except KeyError:
            raise UnknownIdError("agent", agent, known=self.agent_states) from None

    def _check_unassigned(self, work: str) -> None:
        if (holder := self._holders.get(work)) is not None:
            raise ConflictError(f"work `{work}` is already assigned to `{holder.id}`", field="work")

    def _record(self, change: tuple[Any, ...]) -> None:
        if self._log is not None:
            changes = self._log.changes
            changes += (*change, None, None, None, None)[:CHANGE_WIDTH]
            if len(changes) >= self._log.max_length:
                self._log = None

    def _changed(self, state: IndexedAgent) -> None:
        state.version += 1
        if state.present:
            for queue in state.profile.queues:
                queue.change(state)

    def _eligible(
        self, id: str, context: SelectionContext, excluded: Collection[str]
    ) -> IndexedAgent | None:
        state = self.agent_states.get(id)
        if state is None or id in excluded or not fits_permanently(state.agent, context.requires):
            return None
        present = state.present
        if context.requires.on_call is not None:
            present = is_available(state, context.requires, context.at, self.on_call)
        return state if present and has_room(state, context.requires) else None

    def _enter(self, agent: Agent, workload: Workload) -> None:
        state = IndexedAgent(agent, workload, self._next_version)
        self._plans.add(state)
        self.agent_states[state.id] = state
        for work in state.held:
            self._holders[work] = state
        self._attendance.enter(state)
        self._changed(state)

    def _leave(self, state: IndexedAgent) -> None:
        self._attendance.leave(state)
        # Makes every entry of the agent invalid, also for a later agent with the same id.
        self._next_version = max(self._next_version, state.version + 1)
        state.version = -1
        self._plans.remove(state)
        del self.agent_states[state.id]
        for work in state.held:
            del self._holders[work]
