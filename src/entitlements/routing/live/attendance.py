"""Who is here, and until when is that so? Shifts, absences, breaks and paces as time passes.

Between `start` and `end` nobody comes or goes by themselves, so that a choice at an instant in
between needs no calendar. At `end` a timer rings: one for each shift, for all who share it, and one
for whoever has edges of their own.
Instants are microseconds since 1970 UTC.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import Final, TypeAlias, final

from entitlements.kernel.instants import END_OF_TIME, START_OF_TIME
from entitlements.routing.live.agent_queues import IndexedAgent, SharedShift

_FEW: Final = 64
DutyTimer: TypeAlias = tuple[int, int, IndexedAgent | SharedShift]


@final
class Attendance:
    """Keeps `here` of every place right; tells `changed` of every place it has touched.

    Attributes:
        start: Presence is right from here on; `NEVER` before the first question.
        end: Presence is right up to, not including, here.
        places: Everybody, by id; shared with the index.
    """

    __slots__ = ("_changed", "_roof", "_sequence", "_shifts", "_timers", "end", "places", "start")

    def __init__(
        self, places: dict[str, IndexedAgent], changed: Callable[[IndexedAgent], None]
    ) -> None:
        self.places = places
        self._changed = changed
        self._shifts: dict[int, SharedShift] = {}
        self._timers: list[DutyTimer] = []
        self._sequence = 0
        self._roof = _FEW
        self.start = self.end = START_OF_TIME

    def __len__(self) -> int:
        """Return how many timers are set."""
        return len(self._timers)

    def enter(self, seat: IndexedAgent) -> None:
        """Watch one more place."""
        seat.shift = None
        timeline = seat.duty.timeline
        if timeline is not None and not seat.own_edges:
            shift = self._shifts.get(id(timeline))
            if shift is None:
                shift = self._shifts[id(timeline)] = SharedShift(timeline, self.start)
            seat.shift = shift
            shift.members[seat.id] = seat
            if len(shift.members) == 1:
                self._arm_shift(shift, self.start)
        self.reconsider(seat, self.start)

    def leave(self, seat: IndexedAgent) -> None:
        """Watch a place no longer."""
        seat.here = False
        if seat.shift is not None:
            del seat.shift.members[seat.id]
            if not seat.shift.members:
                del self._shifts[id(seat.shift.timeline)]

    def advance(self, at: int) -> None:
        """Bring everybody's presence to the microsecond `at`, which may lie in the past."""
        if at < self.start or self.end == START_OF_TIME:
            self._restart(at)
            return
        touched: dict[str, IndexedAgent] = {}
        while self._timers and self._timers[0][0] <= at:
            timer = heappop(self._timers)
            subject = timer[2]
            if not self._counts(timer):
                continue
            if isinstance(subject, SharedShift):
                subject.on = subject.timeline.is_open(at)
                touched.update(subject.members)
                self._arm_shift(subject, at)
            else:
                subject.armed = None
                touched[subject.id] = subject
        self.start = at
        self.end = self._timers[0][0] if self._timers else END_OF_TIME
        for seat in touched.values():
            here = seat.here
            self.reconsider(seat, at)
            if seat.here is not here:
                self._changed(seat)

    def _restart(self, at: int) -> None:
        self._timers.clear()
        self.start, self.end = at, END_OF_TIME
        for shift in self._shifts.values():
            shift.on = shift.timeline.is_open(at)
            self._arm_shift(shift, at)
        for seat in self.places.values():
            seat.armed = None
            self.reconsider(seat, at)
            self._changed(seat)

    def reconsider(self, seat: IndexedAgent, at: int) -> None:
        """Find out whether the agent is here, and when that may change by itself."""
        if self.end == START_OF_TIME:
            return  # no instant was asked about yet
        if at >= self.end:
            self.advance(at)
        self.start = at = max(self.start, at)
        on = seat.shift.on if seat.shift is not None else seat.duty.on_duty(at)
        present, paced = seat.present_from(at), seat.rate_limited_until(at)
        seat.here = on and present == at and paced == at
        edges = [edge for edge in (present, paced) if edge is not None and edge > at]
        if seat.own_edges and (change := seat.duty.next_change(at)) is not None:
            edges.append(change)
        first = min(edges, default=None)
        # A later edge need not be armed: the armed one comes first and looks again.
        if first is not None and (seat.armed is None or first < seat.armed):
            seat.armed = first
            self._arm(seat, first)

    def _arm_shift(self, shift: SharedShift, at: int) -> None:
        if at != START_OF_TIME:
            edges = (shift.timeline.next_open(at), shift.timeline.next_close(at))
            first = min((each for each in edges if each is not None), default=None)
            if first is not None:
                self._arm(shift, first)

    def _arm(self, subject: IndexedAgent | SharedShift, edge: int) -> None:
        self._sequence += 1
        heappush(self._timers, (edge, self._sequence, subject))
        self.end = min(self.end, edge)
        if len(self._timers) > self._roof:
            # Whoever was replaced again and again has left many behind.
            self._timers = [timer for timer in self._timers if self._counts(timer)]
            heapify(self._timers)
            self._roof = 2 * len(self._timers) + _FEW

    def _counts(self, timer: DutyTimer) -> bool:
        edge, _, subject = timer
        if isinstance(subject, SharedShift):
            return bool(subject.members)
        return subject.armed == edge and self.places.get(subject.id) is subject
