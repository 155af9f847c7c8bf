"""What is on one agent's desk? An agent and their standing, in integers, ready to be compared.

A seat is the one mutable thing in this package. Pure functions build seats, read them and let them
go; the live index keeps them. Nothing outside the package should hold one.
"""

from __future__ import annotations

from datetime import timedelta
from operator import attrgetter
from typing import Any, Final, TypeAlias

from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import (
    MICROSECOND,
    START_OF_TIME,
    from_micros,
    from_micros_or_none,
    micros_or_none,
    micros_or_start,
    to_micros,
)
from entitlements.routing.agents.agent import Agent
from entitlements.routing.agents.assignment_override import AssignmentOverride
from entitlements.routing.agents.duty import DutySchedule
from entitlements.routing.agents.workload import AssignedWork, Workload
from entitlements.routing.work.requirements import Requirement

# All who hold nothing share this, which is never filled: memory that was just let go is close at
# hand to the processor, and what has lain in ten thousand places since their last turn is not.
_EMPTY: Final[dict[Any, Any]] = {}
_FACT_NAMES: Final = (
    "away",
    "back",
    "last_assigned",
    "released",
    "available_since",
    "handled",
    "assigned",
    "busy",
    "busy_since",
    "turn",
    "recent",
    "overrides",
)
_FACTS: Final = attrgetter(*_FACT_NAMES)

AgentSnapshot: TypeAlias = tuple[
    Agent, tuple[tuple[str, tuple[Requirement, int]], ...], tuple[Any, ...]
]
"""An agent, the work in hand, and all other facts of a seat."""


class AgentState:
    """One agent and what they have in hand; instants are microseconds, `NEVER` for never."""

    __slots__ = (
        "agent",
        "assigned",
        "available_since",
        "away",
        "back",
        "busy",
        "busy_since",
        "by_channel",
        "duty",
        "exclusive",
        "handled",
        "held",
        "id",
        "last_assigned",
        "limits",
        "load",
        "overrides",
        "pace",
        "plain",
        "recent",
        "released",
        "turn",
    )

    def __init__(self, agent: Agent, standing: Workload) -> None:
        self.agent = agent
        self.id = agent.id
        self.duty = DutySchedule(agent)
        self.pace = None
        if agent.pace is not None:
            self.pace = (agent.pace.count, agent.pace.within // MICROSECOND)
        self.limits: dict[str, int | None] = dict(agent.capacity)
        self.plain = agent.most is None and agent.channels is None and not agent.alongside
        self.held: dict[str, tuple[Requirement, int]] = _EMPTY
        self.load: dict[str, int] = _EMPTY
        self.by_channel: dict[str, int] = {}
        self.exclusive = 0
        # Replaced and never changed, because snapshots share it.
        self.overrides: dict[str, AssignmentOverride] = _EMPTY
        for work, each in standing.held.items():
            self.add_work(work, each.requires, to_micros(each.since))
            if each.override is not None:
                self.note(work, each.override)
        self.away = standing.away
        self.back = micros_or_none(standing.back)
        self.last_assigned = micros_or_start(standing.last_assigned)
        self.released = micros_or_start(standing.released)
        self.available_since = micros_or_start(standing.available_since)
        self.handled = standing.handled
        self.assigned = standing.assigned
        self.busy = standing.busy // MICROSECOND
        self.busy_since = micros_or_start(standing.busy_since)
        if self.held and standing.busy_since is None:
            self.busy_since = min(since for _, since in self.held.values())
        self.turn = standing.turn
        self.recent: tuple[int, ...] = tuple(map(to_micros, standing.recent))

    def add_work(self, work: str, requires: Requirement, since: int) -> None:
        """Put `work` into the agent's hands, without any bookkeeping about when."""
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

    def note(self, work: str, override: AssignmentOverride) -> None:
        """Note under which override the agent was given work in hand."""
        self.overrides = {**self.overrides, work: override}

    def assign(self, work: str, requires: Requirement, at: int, turn: int) -> None:
        """Give `work` to the agent at `at`, as the roster's `turn`-th assignment."""
        held, pool = self.held, requires.pool
        if not held:
            self.busy_since = at
        # `hold` without the call, because this is where a live router spends its time.
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
        self.turn = turn
        if self.pace is not None:
            oldest = at - self.pace[1]
            self.recent = tuple(sorted([*(each for each in self.recent if each > oldest), at]))

    def release(self, work: str, at: int, *, done: bool = True) -> None:
        """Take `work` out of the agent's hands; `done` says whether it counts as handled."""
        held = self.held
        requires, _ = held.pop(work)
        load, pool = self.load, requires.pool
        if pool is not None:
            load[pool] -= requires.weight
        else:
            for each, weight in requires.drawn:
                load[each] -= weight
            if requires.channel is not None:
                self.by_channel[requires.channel] -= 1
            if requires.exclusive:
                self.exclusive -= 1
        if self.overrides:
            self.overrides = {id: each for id, each in self.overrides.items() if id != work}
        if done:
            self.released = at
            self.handled += 1
        if not held:
            self.held = self.load = _EMPTY
            if at > self.busy_since:
                self.busy += at - self.busy_since
            self.busy_since = START_OF_TIME

    def set_away(self, at: int, *, away: bool, back: int | None) -> None:
        """Note that the agent left, or came back, at `at`.

        Raises:
            InvalidValueError: they are not away, and yet they are expected back.
        """
        if back is not None and not away:
            raise InvalidValueError(f"agent `{self.id}` is here, and expected back")
        if self.away and not away:
            self.available_since = at
        self.away = away
        self.back = back

    def new_period(self, at: int) -> None:
        """Set the counters to nothing; a stretch of work that is under way begins anew at `at`."""
        self.handled = self.assigned = self.busy = 0
        self.busy_since = at if self.held else START_OF_TIME

    def present_from(self, at: int) -> int | None:
        """Return the first microsecond from `at` on at which they are not away; None if unknown."""
        if not self.away or (self.back is not None and self.back <= at):
            return at
        return self.back

    def rate_limited_until(self, at: int) -> int:
        """Return the first microsecond from `at` on at which their pace allows another piece."""
        if self.pace is None:
            return at
        count, within = self.pace
        counting = [each for each in self.recent if each + within > at]
        return at if len(counting) < count else counting[-count] + within

    def snapshot(self) -> AgentSnapshot:
        """Return the same facts as they are kept here, which is much faster than `standing`."""
        return self.agent, tuple(self.held.items()), _FACTS(self)

    @staticmethod
    def of(snapshot: AgentSnapshot) -> AgentState:
        """Return a seat of which `snapshot` says everything."""
        agent, held, facts = snapshot
        seat = AgentState(agent, Workload())
        for work, (requires, since) in held:
            seat.add_work(work, requires, since)
        for name, value in zip(_FACT_NAMES, facts, strict=True):
            setattr(seat, name, value)
        return seat

    def standing(self) -> Workload:
        """Return the same facts as a value."""
        return Workload(
            held={
                work: AssignedWork(each, from_micros(since), self.overrides.get(work))
                for work, (each, since) in self.held.items()
            },
            away=self.away,
            back=from_micros_or_none(self.back),
            last_assigned=from_micros_or_none(self.last_assigned),
            released=from_micros_or_none(self.released),
            available_since=from_micros_or_none(self.available_since),
            handled=self.handled,
            assigned=self.assigned,
            busy=timedelta(microseconds=self.busy),
            busy_since=from_micros_or_none(self.busy_since),
            turn=self.turn,
            recent=tuple(map(from_micros, self.recent)),
        )
