"""Playing a world to a contender: the clock, completions and timers, and the time of each call.

Events that do not depend on the router come from the world; the end of each piece follows from its
assignment. At one instant completions come first, then the edges of shifts and relaxation, then
changes and arrivals in the order of the world.
"""

from __future__ import annotations

import gc
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from heapq import heappop, heappush
from itertools import islice
from statistics import median
from time import perf_counter_ns, thread_time_ns
from typing import Any, Final, Protocol, final

import attrs

from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.testing.routing_bench.contender import Assignments, Contender
from entitlements.testing.routing_bench.worlds.events import (
    Change,
    Event,
    Piece,
    Withdrawal,
    WorkTransfer,
)
from entitlements.testing.routing_bench.worlds.presence import Presence
from entitlements.testing.routing_bench.worlds.world import World

AFTERMATH: Final = 2 * 86_400_000_000
"""How long pieces may wait after the last event before the world ends: two days."""

READ_AHEAD: Final = 4_096
"""Events that are drawn or read at once, so that this leaves the caches alone between two calls."""

_COMPLETION, _EDGE, _RELAXATION = range(3)


class Operation(TextEnum):
    """The four operations that are timed."""

    ARRIVE = "arrive"
    COMPLETE = "complete"
    CHANGE = "change"
    ADVANCE = "advance"


class Clock(TextEnum):
    """What a call is timed with.

    `wall` is elapsed time, with all that the machine does meanwhile. `cpu` is the processor time of
    the thread: steadier on a busy machine, and blind for what a database does elsewhere. What
    reading the clock takes is subtracted.
    """

    WALL = "wall"
    CPU = "cpu"


_CLOCKS: Final = {Clock.WALL: perf_counter_ns, Clock.CPU: thread_time_ns}


@cache
def reading_time(clock: Clock) -> int:
    """Return the median time between two readings of a clock, in nanoseconds."""
    read = _CLOCKS[clock]
    return int(median(-(read() - read()) for _ in range(1_001)))


class Watch(Protocol):
    """An observer of everything that happens, outside the timed calls."""

    def arrived(self, piece: Piece) -> None:
        """Take note of an arrival, before it is passed on."""
        ...

    def completed(self, work: str, at: int) -> None:
        """Take note of a completion, before it is passed on."""
        ...

    def changed(self, change: Change) -> None:
        """Take note of a change, before it is passed on."""
        ...

    def answered(self, operation: Operation, at: int, pairs: list[tuple[str, str]]) -> None:
        """Take note of what the contender assigned."""
        ...


@final
@attrs.frozen(kw_only=True)
class Played:
    """What playing a world took.

    Attributes:
        latencies: Nanoseconds of each call, by operation, in order.
        nanoseconds: Sum of all of them.
        arrived: Number of pieces that arrived.
        assigned: Number of assignments.
        left: Ids of the pieces that wait at the end.
        finished: Whether the world was played to its end, and not to the end of a budget.
    """

    latencies: Mapping[Operation, Sequence[int]]
    nanoseconds: int
    arrived: int
    assigned: int
    left: tuple[str, ...]
    finished: bool

    @property
    def operations(self) -> int:
        """Number of calls."""
        return sum(map(len, self.latencies.values()))

    @property
    def per_second(self) -> float:
        """Operations a second."""
        return self.operations * 1e9 / self.nanoseconds if self.nanoseconds else 0.0


@final
class Player:
    """Plays one world to one contender, once.

    Args:
        world: The world.
        contender: A contender that has loaded the world.
        watch: Observer, or None.
        budget: Nanoseconds inside the contender after which the world ends early; None for no end.
        clock: What calls are timed with.
    """

    def __init__(
        self,
        world: World,
        contender: Contender,
        *,
        watch: Watch | None = None,
        budget: int | None = None,
        clock: Clock = Clock.WALL,
    ) -> None:
        self._read_clock, self._reading = _CLOCKS[clock], reading_time(clock)
        self._contender, self._watch, self._budget = contender, watch, budget
        self._events = _read_ahead(world.events)
        self._edges: Iterator[int] = Presence(world.agents).edges(world.start)
        self._agenda: list[tuple[int, int, int, Any]] = []
        self._added = 0
        self._waiting: dict[str, Piece] = {}
        self._held: dict[str, tuple[Piece, int]] = {}
        self._latencies = {each: array("Q") for each in Operation}
        self._spent = self._arrived = self._assigned = 0
        self._now = self._last_event = world.start

    def play(self) -> Played:
        """Play the world to its end, or to the end of the budget."""
        finished = False
        self._plan_edge()
        upcoming = next(self._events, None)
        while self._budget is None or self._spent < self._budget:
            agenda = self._agenda
            if upcoming is not None and (not agenda or upcoming.at < agenda[0][0]):
                self._now = upcoming.at
                self._carry_out(upcoming)
                upcoming = next(self._events, None)
            elif upcoming is None and self._is_over():
                finished = True
                break
            else:
                self._now, kind, _, subject = heappop(agenda)
                self._carry_out_agenda(kind, subject)
        return Played(
            latencies=self._latencies,
            nanoseconds=self._spent,
            arrived=self._arrived,
            assigned=self._assigned,
            left=tuple(self._waiting),
            finished=finished,
        )

    def _is_over(self) -> bool:
        if self._held:
            return False
        return (
            not self._waiting
            or not self._agenda
            or self._agenda[0][0] > self._last_event + AFTERMATH
        )

    def _carry_out(self, event: Event) -> None:
        self._last_event = event.at
        if isinstance(event, Piece):
            self._arrive(event)
            return
        if isinstance(event, WorkTransfer):
            held = self._held.pop(event.work, None)
            if held is None:
                return
            self._waiting[event.work] = held[0]
        elif isinstance(event, Withdrawal):
            if self._waiting.pop(event.work, None) is None:
                return
        elif hasattr(event, "work") and event.work not in self._waiting:
            return
        if self._watch is not None:
            self._watch.changed(event)
        self._call(Operation.CHANGE, self._contender.change, event)
        if isinstance(event, WorkTransfer):
            self._plan_relaxation(event.work)

    def _arrive(self, piece: Piece) -> None:
        self._arrived += 1
        self._waiting[piece.id] = piece
        if self._watch is not None:
            self._watch.arrived(piece)
        self._call(Operation.ARRIVE, self._contender.arrive, piece)
        if piece.relaxation:
            self._plan_relaxation(piece.id)

    def _carry_out_agenda(self, kind: int, subject: Any) -> None:
        if kind == _COMPLETION:
            work, number = subject
            held = self._held.get(work)
            if held is None or held[1] != number:
                return  # transferred since
            del self._held[work]
            if self._watch is not None:
                self._watch.completed(work, self._now)
            self._call(Operation.COMPLETE, self._contender.complete, work, self._now)
            return
        if kind == _EDGE:
            self._plan_edge()
        elif subject not in self._waiting:
            return
        self._call(Operation.ADVANCE, self._contender.advance, self._now)

    def _call(self, operation: Operation, method: Callable[..., Assignments], *given: Any) -> None:
        """Call the contender, with nothing else between the two readings of the clock."""
        read = self._read_clock
        begun = read()
        assigned = list(method(*given))
        spent = max(0, read() - begun - self._reading)
        self._latencies[operation].append(spent)
        self._spent += spent
        for work, _ in assigned:
            piece = self._waiting.pop(work, None)
            if piece is not None:
                self._assigned += 1
                self._held[work] = (piece, self._assigned)
                self._plan(self._now + piece.handling, _COMPLETION, (work, self._assigned))
        if self._watch is not None:
            self._watch.answered(operation, self._now, assigned)

    def _plan(self, at: int, kind: int, subject: object) -> None:
        self._added += 1
        heappush(self._agenda, (at, kind, self._added, subject))

    def _plan_edge(self) -> None:
        edge = next(self._edges, None)
        if edge is not None:
            self._plan(edge, _EDGE, None)

    def _plan_relaxation(self, work: str) -> None:
        piece = self._waiting.get(work)
        if piece is None:
            return
        for step in piece.relaxation:
            if piece.at + step.after > self._now:
                self._plan(piece.at + step.after, _RELAXATION, work)


def _read_ahead(events: Iterable[Event]) -> Iterator[Event]:
    source = iter(events)
    while batch := list(islice(source, READ_AHEAD)):
        yield from batch


@contextmanager
def older_objects_exempt() -> Iterator[None]:
    """Exempt what the process holds already from the cyclic garbage collector meanwhile.

    A collection before each round would otherwise visit all objects of a large host.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
