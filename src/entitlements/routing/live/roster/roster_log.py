"""Roster log: the changes of a live roster, as evidence of its answers.

An explanation may be read long after the live index has changed, so the index keeps a base and the
changes since. The roster at any position is the fold of the changes over the base.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Any, Final, final

from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.instants import from_micros_or_none
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.agents.on_call import OnCall
from entitlements.routing.roster import Roster


class RosterChange(IntEnum):
    """What happened to an agent of a live roster, as the log keeps it."""

    ASSIGN = 0
    RELEASE = 1
    STATUS = 2
    REPLACE = 3
    ADD = 4
    REMOVE = 5
    PERIOD = 6
    OVERRIDE = 7
    IDLE = 8
    EXCLUDED = 9


CHANGE_WIDTH: Final = 5
"""A change takes five items of a flat list, because many small tuples cost memory and time."""
_MIN_CHANGES: Final = 4_096
_CHANGES_PER_AGENT: Final = 16


@final
class RosterLog:
    """The state of a roster at one time, and the changes since.

    Attributes:
        changes: Kind and arguments of each change, `CHANGE_WIDTH` items each.
        max_length: Number of items from which on a new log should be started.
    """

    __slots__ = ("_assignment_count", "_base", "_on_call", "_since", "changes", "max_length")

    def __init__(
        self,
        states: Iterable[AgentState],
        on_call: FrozenMap[str, OnCall],
        assignment_count: int,
        since: int,
    ) -> None:
        # Snapshots are much faster than values; they are taken often and rarely read.
        self._base = [state.snapshot() for state in states]
        self._on_call = on_call
        self._assignment_count = assignment_count
        self._since = since
        self.changes: list[Any] = []
        self.max_length = CHANGE_WIDTH * (_MIN_CHANGES + _CHANGES_PER_AGENT * len(self._base))

    def roster(self, position: int) -> Roster:
        """Return the roster as it was when `changes` had `position` items."""
        states = {snapshot[0].id: AgentState.of(snapshot) for snapshot in self._base}
        assignment_count, since = self._assignment_count, self._since
        for start in range(0, position, CHANGE_WIDTH):
            kind, *args = self.changes[start : start + CHANGE_WIDTH]
            if kind is RosterChange.ASSIGN:
                assignment_count += 1
                states[args[0]].assign(args[1], args[2], args[3], assignment_count)
            elif kind is RosterChange.PERIOD:
                since = args[0]
                for state in states.values():
                    state.new_period(args[0])
            else:
                _apply(states, kind, args)
        return Roster(
            agents={id: state.agent for id, state in states.items()},
            workloads={id: state.workload() for id, state in states.items()},
            on_call=self._on_call,
            assignment_count=assignment_count,
            since=from_micros_or_none(since),
        )


def _apply(states: dict[str, AgentState], kind: RosterChange, args: list[Any]) -> None:
    if kind is RosterChange.RELEASE:
        id, work, at, done = args
        states[id].release(work, at, done=done)
    elif kind is RosterChange.STATUS:
        id, at, away, back = args
        states[id].set_away(at, away=away, back=back)
    elif kind is RosterChange.OVERRIDE:
        id, work, override = args[:3]
        states[id].add_override(work, override)
    elif kind is RosterChange.EXCLUDED:
        id, work, agents = args[:3]
        states[id].exclude(work, agents)
    elif kind is RosterChange.IDLE:
        states[args[0]].start_idle(args[1])
    elif kind is RosterChange.REMOVE:
        del states[args[0]]
    elif kind is RosterChange.ADD:
        agent, workload = args[:2]
        states[agent.id] = AgentState(agent, workload)
    else:
        agent = args[0]
        states[agent.id] = AgentState(agent, states[agent.id].workload())
