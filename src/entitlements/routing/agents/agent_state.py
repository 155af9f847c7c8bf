"""State of one agent: the agent and the workload in integers, for comparison and change.

Agent states are mutable. Pure functions build, read and discard them; the live index keeps them.
Code outside this package should not keep one.
"""

from __future__ import annotations

from datetime import timedelta
from operator import attrgetter
from typing import Any, Final, TypeAlias

from entitlements.kernel.data.copies import copy_with
from entitlements.kernel.errors import InvalidValueError, TooEarlyError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.instants import (
    MICROSECOND,
    START_OF_TIME,
    from_micros,
    from_micros_or_none,
    micros_or_none,
    micros_or_start,
    text_of,
    to_micros,
)
from entitlements.routing.agents.agent import Agent
from entitlements.routing.agents.assignment_override import AssignmentOverride
from entitlements.routing.agents.duty import DutySchedule
from entitlements.routing.agents.workload import AssignedWork, Workload
from entitlements.routing.work.requirements import NO_REQUIREMENT, Requirement

# Shared by all agents without assigned work, and never filled. New dictionaries reuse memory that
# was freed a moment ago, which avoids cache misses.
_EMPTY: Final[dict[Any, Any]] = {}
_NAMES: Final = (
    "away",
    "back",
    "last_assigned",
    "released",
    "available_since",
    "handled",
    "assigned",
    "busy",
    "busy_since",
    "assignment_number",
    "recent",
    "overrides",
    "excluded",
)
_ATTRIBUTES: Final = attrgetter(*_NAMES)
# A state holds nothing that a workload would not accept, so its values are not checked again.
_IDLE: Final = Workload()
_NOBODY: Final = frozenset[str]()
_PLAIN: Final = AssignedWork(NO_REQUIREMENT, from_micros(0))

AgentSnapshot: TypeAlias = tuple[
    Agent, tuple[tuple[str, tuple[Requirement, int]], ...], tuple[Any, ...]
]
"""The agent, the assigned work, and all other attributes of a state."""


class AgentState:
    """One agent and the assigned work.

    Instants are microseconds since 1970 UTC, and `START_OF_TIME` where `Workload` has None.
    """

    __slots__ = (
        "agent",
        "assigned",
        "assignment_number",
        "available_since",
        "away",
        "back",
        "busy",
        "busy_since",
        "by_channel",
        "duty",
        "excluded",
        "exclusive",
        "handled",
        "held",
        "id",
        "last_assigned",
        "limits",
        "load",
        "overrides",
        "pools_only",
        "rate_limit",
        "recent",
        "released",
    )

    def __init__(self, agent: Agent, workload: Workload) -> None:
        self.agent = agent
        self.id = agent.id
        self.duty = DutySchedule(agent)
        self.rate_limit = None
        if agent.rate_limit is not None:
            self.rate_limit = (agent.rate_limit.count, agent.rate_limit.within // MICROSECOND)
        self.limits: dict[str, int | None] = dict(agent.capacity)
        self.pools_only = agent.work_limit is None and agent.channels is None and not agent.combines
        self.held: dict[str, tuple[Requirement, int]] = _EMPTY
        self.load: dict[str, int] = _EMPTY
        self.by_channel: dict[str, int] = {}
        self.exclusive = 0
        # Replaced and never changed, because snapshots share them.
        self.overrides: dict[str, AssignmentOverride] = _EMPTY
        self.excluded: dict[str, frozenset[str]] = _EMPTY
        for work, each in workload.held.items():
            self.add_work(work, each.requires, to_micros(each.since))
            if each.override is not None:
                self.add_override(work, each.override)
            if each.excluded_agents:
                self.exclude(work, each.excluded_agents)
        self.away = workload.away
        self.back = micros_or_none(workload.back)
        self.last_assigned = micros_or_start(workload.last_assigned)
        self.released = micros_or_start(workload.released)
        self.available_since = micros_or_start(workload.available_since)
        self.handled = workload.handled
        self.assigned = workload.assigned
        self.busy = workload.busy // MICROSECOND
        self.busy_since = micros_or_start(workload.busy_since)
        if self.held and workload.busy_since is None:
            self.busy_since = min(since for _, since in self.held.values())
        self.assignment_number = workload.assignment_number
        self.recent: tuple[int, ...] = tuple(map(to_micros, workload.recent))

    def add_work(self, work: str, requires: Requirement, since: int) -> None:
        """Add assigned work, without a change of counters and instants."""
        if not self.held:
            self.held, self.load = {}, {}
        self.held[work] = (requires, since)
        load = self.load
        for pool, weight in requires.drawn:
            load[pool] = load.get(pool, 0) + weight
        channel = requires.channel
        if channel is not None:
            self.by_channel[channel] = self.by_channel.get(channel, 0) + 1
        if requires.exclusive:
            self.exclusive += 1

    def add_override(self, work: str, override: AssignmentOverride) -> None:
        """Record the override of an assignment."""
        self.overrides = {**self.overrides, work: override}

    def exclude(self, work: str, agents: frozenset[str]) -> None:
        """Record the agents to whom assigned work must not be transferred."""
        self.excluded = {**self.excluded, work: agents}

    def assign(self, work: str, requires: Requirement, at: int, assignment_number: int) -> None:
        """Assign `work` at `at`, as the assignment of the roster with this number."""
        held, pool = self.held, requires.pool
        if not held:
            self.busy_since = at
        # The same as `add_work`, without the call: a live router spends most of its time here.
        if pool is None:
            self.add_work(work, requires, at)
        elif held:
            held[work] = (requires, at)
            self.load[pool] = self.load.get(pool, 0) + requires.weight
        else:
            self.held = {work: (requires, at)}
            self.load = {pool: requires.weight}
        self.last_assigned = at
        self.assigned += 1
        self.assignment_number = assignment_number
        if self.rate_limit is not None:
            oldest = at - self.rate_limit[1]
            self.recent = tuple(sorted([*(each for each in self.recent if each > oldest), at]))

    def check_later(self, work: str, at: int) -> None:
        """Raise `TooEarlyError` if `at` is before the assignment of assigned work."""
        since = self.held[work][1]
        if at < since:
            raise TooEarlyError(
                f"at `{text_of(at)}` work `{work}` was not yet assigned to `{self.id}`",
                hint=f"date it from `{text_of(since)}` on, when it was assigned",
            )

    def release(self, work: str, at: int, *, done: bool = True) -> None:
        """Remove assigned work; with `done`, it counts as handled."""
        held = self.held
        requires = held.pop(work)[0]
        pool = requires.pool
        if pool is None:
            self._release_all(requires)
        elif held:
            self.load[pool] -= requires.weight
        if self.overrides:
            self.overrides = {id: each for id, each in self.overrides.items() if id != work}
        if self.excluded:
            self.excluded = {id: each for id, each in self.excluded.items() if id != work}
        if done:
            self.released = at
            self.handled += 1
        if not held:
            self.held = self.load = _EMPTY
            if at > self.busy_since:
                self.busy += at - self.busy_since
            self.busy_since = START_OF_TIME

    def _release_all(self, requires: Requirement) -> None:
        """Reduce the load by work that draws on several pools, has a channel, or is exclusive."""
        load = self.load
        for each, weight in requires.drawn:
            load[each] -= weight
        if requires.channel is not None:
            self.by_channel[requires.channel] -= 1
        if requires.exclusive:
            self.exclusive -= 1

    def rename(self, key: str, work: str) -> None:
        """Give assigned work another id, without a change of load, counters and instants."""
        self.held[work] = self.held.pop(key)
        self.overrides = {work if id == key else id: each for id, each in self.overrides.items()}
        self.excluded = {work if id == key else id: each for id, each in self.excluded.items()}

    def set_away(self, at: int, *, away: bool, back: int | None) -> None:
        """Set whether the agent is away from `at` on, and the announced return.

        Raises:
            InvalidValueError: `back` is given for an agent who is not away.
        """
        if back is not None and not away:
            raise InvalidValueError(f"agent `{self.id}` is not away, so `back` must be missing")
        if self.away and not away:
            self.available_since = at
        self.away = away
        self.back = back

    def start_idle(self, at: int) -> None:
        """Count as idle since `at`, whatever was completed, assigned or announced before."""
        self.released = self.last_assigned = self.available_since = at

    def new_period(self, at: int) -> None:
        """Reset the counters; a present busy time counts from `at`."""
        self.handled = self.assigned = self.busy = 0
        self.busy_since = at if self.held else START_OF_TIME

    def present_from(self, at: int) -> int | None:
        """Return the first microsecond from `at` on without the status away; None if unknown."""
        if not self.away or (self.back is not None and self.back <= at):
            return at
        return self.back

    def rate_limited_until(self, at: int) -> int:
        """Return the first microsecond from `at` on at which the rate limit is not reached."""
        if self.rate_limit is None:
            return at
        count, within = self.rate_limit
        counting = [each for each in self.recent if each + within > at]
        return at if len(counting) < count else counting[-count] + within

    def snapshot(self) -> AgentSnapshot:
        """Return the attributes as they are, which is much faster than `workload`."""
        return self.agent, tuple(self.held.items()), _ATTRIBUTES(self)

    @staticmethod
    def of(snapshot: AgentSnapshot) -> AgentState:
        """Return a new state with the attributes of `snapshot`."""
        agent, held, attributes = snapshot
        state = AgentState(agent, Workload())
        for work, (requires, since) in held:
            state.add_work(work, requires, since)
        for name, value in zip(_NAMES, attributes, strict=True):
            setattr(state, name, value)
        return state

    def assigned_work(self, work: str) -> AssignedWork:
        """Return one piece of assigned work as a value."""
        requires, since = self.held[work]
        return copy_with(
            _PLAIN,
            requires=requires,
            since=from_micros(since),
            override=self.overrides.get(work),
            excluded_agents=self.excluded.get(work, _NOBODY),
        )

    def workload(self) -> Workload:
        """Return the state as a value."""
        return copy_with(
            _IDLE,
            held=FrozenMap({work: self.assigned_work(work) for work in self.held}),
            away=self.away,
            back=from_micros_or_none(self.back),
            last_assigned=from_micros_or_none(self.last_assigned),
            released=from_micros_or_none(self.released),
            available_since=from_micros_or_none(self.available_since),
            handled=self.handled,
            assigned=self.assigned,
            busy=timedelta(microseconds=self.busy),
            busy_since=from_micros_or_none(self.busy_since),
            assignment_number=self.assignment_number,
            recent=tuple(map(from_micros, self.recent)),
        )
