"""Milestone clock: when the clock of one milestone starts and ends, cycle by cycle.

The clock state starts, meets, cancels and continues clocks; each start is a cycle. How much time
counts in a cycle is worked out by its counters, which go through the case's log when they are read.
"""

from __future__ import annotations

from typing import Final, TypeAlias, final

from entitlements.sla.clock.case_log import CaseLog, ClockStartState, ClockTerms
from entitlements.sla.clock.change_modes import ChangeModes
from entitlements.sla.clock.counter import ClockCounter
from entitlements.sla.milestones import Milestone, Recurrence
from entitlements.sla.options.clock_options import (
    ClockOptions,
    NextResponseStart,
    ReopenRule,
    ResolutionEffect,
)

_RESPONSES: Final = frozenset({Milestone.FIRST_RESPONSE.value, Milestone.NEXT_RESPONSE.value})
_AFTER_FIRST_RESPONSE: Final = frozenset(
    {NextResponseStart.FIRST_UNANSWERED, NextResponseStart.LAST_UNANSWERED}
)

# Looking a member of an enum up costs more than what is done with it here.
_LAST_UNANSWERED: Final = NextResponseStart.LAST_UNANSWERED
_ONCE: Final = Recurrence.ONCE
_PERIODIC: Final = Recurrence.PERIODIC
_RESOLUTION: Final = Milestone.RESOLUTION
_SEQUENTIAL: Final = Recurrence.SEQUENTIAL
_UPDATE: Final = Milestone.UPDATE

RUNNING: Final = 0
REACHED: Final = 1
CANCELLED: Final = 2


CycleEnd: TypeAlias = tuple[int, str | None, str | None, ClockTerms]
"""Where a cycle ended: length of the log, severity then, first severity, and terms then."""


def _present(case: CaseLog) -> CycleEnd:
    return len(case.log), case.severity, case.first_severity, case.terms


@final
class ClockCycle:
    """One start of a clock, and how it ended.

    Attributes:
        number: The first cycle is 1.
        first: Where counting begins.
        outcome: `RUNNING`, `REACHED` or `CANCELLED`.
        ended: When it was reached or cancelled, in microseconds; None while it runs.
        by_resolution: Whether the resolution ended it.
    """

    __slots__ = (
        "_counter",
        "_counters",
        "_end",
        "_position",
        "by_resolution",
        "ended",
        "first",
        "number",
        "outcome",
    )

    def __init__(self, number: int, first: ClockStartState, position: int) -> None:
        self.number = number
        self.first = first
        self._position = position
        self._counters: dict[tuple[str | None, ClockTerms | None], ClockCounter] = {}
        self._counter: ClockCounter | None = None
        self._end: CycleEnd | None = None
        self.outcome = RUNNING
        self.ended: int | None = None
        self.by_resolution = False

    def counter(self, name: str, modes: ChangeModes, case: CaseLog) -> ClockCounter:
        """Return the counter for the severity and terms in force: at the end, or now.

        A cycle that has ended is counted when that is asked for first, up to where it ended.
        """
        if self._counter is not None:
            return self._counter
        start, severity, terms, reasons = self.first
        size, last, first_severity, last_terms = self._end or _present(case)
        wanted = last if modes.by_severity else severity or first_severity
        key = (wanted, last_terms if modes.by_terms else None)
        counter = self._counters.get(key)
        if counter is None:
            first = (start, wanted, key[1] or terms, reasons)
            counter = self._counters[key] = ClockCounter(name, modes, self._position, first)
        counter.catch_up(case.log, size)
        if self._end is not None:
            self._counter = counter
        return counter

    def end(self, at: int, outcome: int, case: CaseLog, *, by_resolution: bool) -> None:
        """End the cycle where the log of the case ends now; only a reopening continues it."""
        self.ended, self.outcome, self._end = at, outcome, _present(case)
        self.by_resolution = by_resolution

    def continued(self) -> ClockCycle:
        """Return a running cycle that goes on with the counters of this one."""
        running = ClockCycle(self.number, self.first, self._position)
        running._counters = self._counters
        return running


@final
class MilestoneClock:
    """The clock of one milestone: its cycles, the last of which may run.

    Attributes:
        name: The milestone.
        recurrence: How often the clock starts.
        starts_on: The reached event that starts it; None for the milestone's default start.
        cycles: All cycles so far, the earliest first.
    """

    __slots__ = ("_case", "_modes", "_options", "cycles", "name", "recurrence", "starts_on")

    def __init__(
        self,
        name: str,
        recurrence: Recurrence,
        starts_on: str | None,
        options: ClockOptions,
        modes: ChangeModes,
        case: CaseLog,
    ) -> None:
        self.name = name
        self.recurrence = recurrence
        self.starts_on = starts_on
        self.cycles: list[ClockCycle] = []
        self._options = options
        self._case = case
        self._modes = modes

    @property
    def running(self) -> ClockCycle | None:
        """The cycle that has not ended, or None."""
        cycle = self.cycles[-1] if self.cycles else None
        return None if cycle is None or cycle.outcome != RUNNING else cycle

    def counter(self, cycle: ClockCycle) -> ClockCounter:
        """Return the counter of `cycle`: as it ended, or brought to the end of the log."""
        return cycle.counter(self.name, self._modes, self._case)

    def start(self, at: int) -> None:
        """Start a cycle, unless one runs or the milestone occurs only once."""
        if self.running is None and not (self.cycles and self.recurrence is _ONCE):
            retroactive = self._options.retroactive and not self.cycles
            self._begin(at, retroactive=retroactive)

    def _begin(self, at: int, *, retroactive: bool = False) -> None:
        case = self._case
        first, position = (
            (case.opening, 0) if retroactive else (case.start_state(at), len(case.log))
        )
        number = self.cycles[-1].number + 1 if self.cycles else 1
        self.cycles.append(ClockCycle(number, first, position))

    def meet(self, at: int, *, by_resolution: bool = False) -> None:
        """End the running cycle as reached; start the next period of a periodic milestone."""
        cycle = self.running
        if cycle is None:
            return
        if at < cycle.first[0]:
            if by_resolution:
                self._drop_future(by_resolution=True)
            return
        cycle.end(at, REACHED, self._case, by_resolution=by_resolution)
        if by_resolution:
            return
        if self.recurrence is _PERIODIC:
            self._begin(at)
        elif self.recurrence is _SEQUENTIAL:
            counter = self.counter(cycle)
            self._begin(at if counter.target is None else max(at, counter.due(at)[0]))

    def cancel(self, at: int, *, by_resolution: bool = False) -> None:
        """End the running cycle as cancelled."""
        cycle = self.running
        if cycle is not None and at < cycle.first[0]:
            self._drop_future(by_resolution=by_resolution)
        elif cycle is not None:
            cycle.end(at, CANCELLED, self._case, by_resolution=by_resolution)

    def _drop_future(self, *, by_resolution: bool) -> None:
        """Remove a period that has not begun; an update begins another one at a reopening."""
        self.cycles.pop()
        if self.name == _UPDATE:
            self.cycles[-1].by_resolution = by_resolution

    def customer_wrote(self, at: int) -> None:
        """Start the next response at a customer's message, as the options say."""
        choice = self._options.next_response
        if choice in _AFTER_FIRST_RESPONSE and not self._case.answered:
            return
        if choice is _LAST_UNANSWERED and self.running is not None:
            self.cycles.pop()
        self.start(at)

    def answered_while_resolved(self) -> None:
        """Note an answer while the case was resolved: a reopening does not continue the cycle."""
        if self.cycles:
            self.cycles[-1].by_resolution = False

    def resolve(self, at: int) -> None:
        """End the running cycle at a resolution: reached or cancelled, by milestone and option."""
        answers = self.name in _RESPONSES or self.name == _UPDATE
        if self.name == _RESOLUTION or (
            answers and self._options.resolving is not ResolutionEffect.CANCELS
        ):
            self.meet(at, by_resolution=True)
        else:
            self.cancel(at, by_resolution=True)

    def reopen(self, at: int) -> None:
        """Continue or start again what the resolution ended, by milestone and option."""
        cycle = self.cycles[-1] if self.cycles else None
        if cycle is None or not cycle.by_resolution:
            return
        if self.name == _UPDATE:
            self._begin(at)
        elif self._answered_for_good:
            return
        elif self._options.reopen in {ReopenRule.EXCLUDE, ReopenRule.CONTINUE}:
            self.cycles[-1] = cycle.continued()
        else:
            if self._options.reopen is ReopenRule.RESTART:
                self.cycles.pop()
            self._begin(at)

    @property
    def _answered_for_good(self) -> bool:
        good = self._options.resolving is ResolutionEffect.ANSWERS_FOR_GOOD
        return good and self.name in _RESPONSES
