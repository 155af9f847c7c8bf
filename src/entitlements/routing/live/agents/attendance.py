"""Attendance: which agents are present, and the timers of shifts, absences and rate limits.

Between `start` and `end` the passage of time changes no presence, so a choice in between needs no
calendar. At `end` the first timer is due. A shift has one timer for all agents who share it; agents
with absences, extra duty, an announced return or a rate limit have their own.
Instants are microseconds since 1970 UTC.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import Final, TypeAlias, final

from entitlements.kernel.instants import END_OF_TIME, START_OF_TIME
from entitlements.routing.live.agents.indexed_agent import IndexedAgent, SharedShift

_MIN_TIMERS: Final = 64
DutyTimer: TypeAlias = tuple[int, int, IndexedAgent | SharedShift]


@final
class Attendance:
    """Keeps `present` of every agent up to date, and reports the agents whose it changes.

    `changed` is called with each such agent, and with whether the agent may take more work than
    before.

    Attributes:
        start: Presence is valid from this instant on; `START_OF_TIME` before the first question.
        end: Presence is valid before this instant.
        agent_states: All agents by id; shared with the index.
        present: The mask of the agents who are present.
        retired: The mask of the agents who are off duty for ever.
    """

    __slots__ = (
        "_changed",
        "_max_timers",
        "_sequence",
        "_shifts",
        "_timers",
        "agent_states",
        "end",
        "present",
        "retired",
        "start",
    )

    def __init__(
        self, agent_states: dict[str, IndexedAgent], changed: Callable[[IndexedAgent, bool], None]
    ) -> None:
        self.agent_states = agent_states
        self._changed = changed
        self._shifts: dict[int, SharedShift] = {}
        self._timers: list[DutyTimer] = []
        self._sequence = 0
        self._max_timers = _MIN_TIMERS
        self.start = self.end = START_OF_TIME
        self.present = self.retired = 0

    def __len__(self) -> int:
        """Return the number of timers."""
        return len(self._timers)

    def enter(self, state: IndexedAgent) -> None:
        """Add an agent."""
        state.shift = None
        timeline = state.duty.timeline
        if timeline is not None and not state.has_own_times:
            shift = self._shifts.get(id(timeline))
            if shift is None:
                shift = self._shifts[id(timeline)] = SharedShift(timeline, self.start)
            state.shift = shift
            shift.members[state.id] = state
            if len(shift.members) == 1:
                self._set_shift_timer(shift, self.start)
        self.update(state, self.start)

    def leave(self, state: IndexedAgent) -> None:
        """Remove an agent."""
        self._set(state, present=False, retired=False)
        if state.shift is not None:
            del state.shift.members[state.id]
            if not state.shift.members:
                del self._shifts[id(state.shift.timeline)]

    def advance(self, at: int) -> None:
        """Update the presence of all agents to the microsecond `at`, which may be in the past."""
        try:
            if at < self.start or self.end == START_OF_TIME:
                self._restart(at)
            else:
                self._pass_time(at)
        except Exception:
            # Such as a calendar that does not cover `at`: begin again at the next question.
            self.end = START_OF_TIME
            raise

    def _pass_time(self, at: int) -> None:
        touched: dict[str, IndexedAgent] = {}
        own: set[str] = set()
        while self._timers and self._timers[0][0] <= at:
            timer = heappop(self._timers)
            subject = timer[2]
            if not self._is_valid(timer):
                continue
            if isinstance(subject, SharedShift):
                subject.update(at)
                touched.update(subject.members)
                self._set_shift_timer(subject, at)
            else:
                subject.timer = None
                touched[subject.id] = subject
                own.add(subject.id)
        self.start = at
        self.end = self._timers[0][0] if self._timers else END_OF_TIME
        for state in touched.values():
            before = state.present
            self.update(state, at)
            if state.present is not before or state.id in own:
                # An agent on call may have become available outside the shift.
                self._changed(state, state.present or state.id in own)

    def _restart(self, at: int) -> None:
        self._timers.clear()
        self.start, self.end = at, END_OF_TIME
        for shift in self._shifts.values():
            shift.update(at)
            self._set_shift_timer(shift, at)
        for state in self.agent_states.values():
            state.timer = None
            self.update(state, at)
            self._changed(state, True)  # noqa: FBT003 - a callback

    def next_change(self, at: int) -> int | None:
        """Return the next microsecond after `at` at which the presence of an agent may change."""
        if not self.start <= at < self.end:
            self.advance(at)
        while self._timers and not self._is_valid(self._timers[0]):
            heappop(self._timers)
        self.end = self._timers[0][0] if self._timers else END_OF_TIME
        return self._timers[0][0] if self._timers else None

    def update(self, state: IndexedAgent, at: int) -> None:
        """Update the presence of one agent, and set the timer of its next change by time."""
        if self.end == START_OF_TIME:
            return  # before the first question
        if at >= self.end:
            self.advance(at)
        self.start = at = max(self.start, at)
        on_duty = state.shift.is_open if state.shift is not None else state.duty.on_duty(at)
        back, limited = state.present_from(at), state.rate_limited_until(at)
        self._set(
            state,
            present=on_duty and back == at and limited == at,
            retired=not on_duty and self._has_ended(state, at),
        )
        edges = [edge for edge in (back, limited) if edge is not None and edge > at]
        if state.has_own_times and (change := state.duty.next_change(at)) is not None:
            edges.append(change)
        first = min(edges, default=None)
        # A later change needs no timer: the earlier one is followed by another update.
        if first is not None and (state.timer is None or first < state.timer):
            state.timer = first
            self._set_timer(state, first)

    @staticmethod
    def _has_ended(state: IndexedAgent, at: int) -> bool:
        """Return whether an agent who is off duty at `at` will never be on duty again."""
        return state.shift.ended if state.shift is not None else state.duty.next_on(at) is None

    def _set(self, state: IndexedAgent, *, present: bool, retired: bool) -> None:
        if state.present is not present:
            state.present = present
            self.present ^= state.bit
        if state.retired is not retired:
            state.retired = retired
            self.retired ^= state.bit

    def _set_shift_timer(self, shift: SharedShift, at: int) -> None:
        if at != START_OF_TIME:
            edges = (shift.timeline.next_open(at), shift.timeline.next_close(at))
            first = min((each for each in edges if each is not None), default=None)
            if first is not None:
                self._set_timer(shift, first)

    def _set_timer(self, subject: IndexedAgent | SharedShift, edge: int) -> None:
        self._sequence += 1
        heappush(self._timers, (edge, self._sequence, subject))
        self.end = min(self.end, edge)
        if len(self._timers) > self._max_timers:
            # Agents who were replaced leave invalid timers behind.
            self._timers = [timer for timer in self._timers if self._is_valid(timer)]
            heapify(self._timers)
            self._max_timers = 2 * len(self._timers) + _MIN_TIMERS

    def _is_valid(self, timer: DutyTimer) -> bool:
        edge, _, subject = timer
        if isinstance(subject, SharedShift):
            return bool(subject.members)
        return subject.timer == edge and self.agent_states.get(subject.id) is subject
