"""When does the clock of a milestone start, and when does it end?

A clock is started, reached, cancelled and revived by the fold; each start is a cycle. How much
time counts in a cycle is left to its counts, which go through the case's log when they are asked.
"""

from __future__ import annotations

from typing import Final, TypeAlias, final

from entitlements.sla.clock.counter import ChangeModes, ClockCounter, ClockTerms, LogEntry
from entitlements.sla.milestones import Milestone, Recurrence
from entitlements.sla.options import ClockOptions, NextResponseStart, ReopenRule, ResolutionEffect

ClockStartState: TypeAlias = tuple[int, str | None, ClockTerms, frozenset[str]]
"""Where counting begins: instant, severity, terms and pause reasons."""

_RESPONSES: Final = frozenset({Milestone.FIRST_RESPONSE.value, Milestone.NEXT_RESPONSE.value})
_AFTER_FIRST_RESPONSE: Final = frozenset(
    {NextResponseStart.FIRST_UNANSWERED, NextResponseStart.LAST_UNANSWERED}
)

RUNNING: Final = 0
REACHED: Final = 1
CANCELLED: Final = 2


@final
class ClockCycle:
    """One start of a clock, and what came of it.

    Attributes:
        number: The first cycle is 1.
        first: Where counting begins.
        outcome: Whether it runs, was reached, or was cancelled.
        ended: When it was reached or cancelled.
        by_resolution: Whether the resolution ended it.
        count: The count that gave the verdict, when it ended.
    """

    __slots__ = (
        "_counts",
        "_position",
        "by_resolution",
        "count",
        "ended",
        "first",
        "number",
        "outcome",
    )

    def __init__(self, number: int, first: ClockStartState, position: int) -> None:
        self.number = number
        self.first = first
        self._position = position
        self._counts: dict[tuple[str | None, ClockTerms | None], ClockCounter] = {}
        self.count: ClockCounter | None = None
        self.outcome = RUNNING
        self.ended: int | None = None
        self.by_resolution = False

    def live_count(self, name: str, modes: ChangeModes, case: CaseLog) -> ClockCounter:
        """Return the count under the severity and terms in force, at the end of the log."""
        start, severity, terms, reasons = self.first
        wanted = case.severity if modes.by_severity else severity or case.first_severity
        key = (wanted, case.terms if modes.by_terms else None)
        count = self._counts.get(key)
        if count is None:
            first = (start, wanted, key[1] or terms, reasons)
            count = self._counts[key] = ClockCounter(name, modes, self._position, first)
        count.catch_up(case.log)
        return count

    def end(self, at: int, outcome: int, count: ClockCounter, *, by_resolution: bool) -> None:
        """Give the verdict by `count`; from now on nothing changes it but a revival."""
        self.ended, self.outcome, self.count = at, outcome, count
        self.by_resolution = by_resolution

    def continued(self) -> ClockCycle:
        """Return a cycle that goes on as if the resolution had only been a step.

        What was measured of this one before stays as it was.
        """
        twin = ClockCycle(self.number, self.first, self._position)
        twin._counts = {key: count.snapshot() for key, count in self._counts.items()}
        return twin


@final
class CaseLog:
    """What all clocks of a case share: its log and what holds now.

    Attributes:
        log: Every change of pauses, severity, terms and resolution since the opening.
        opening: Where counting from the opening begins.
        severity: The severity now; None while nobody has set it.
        first_severity: The first severity that was set.
        terms: The policy, channel and conditions now.
        reasons: What the case waits for now.
        answered: Whether an agent has responded.
        waiting: Whether a customer's message came since the resolution.
    """

    __slots__ = (
        "answered",
        "first_severity",
        "log",
        "opening",
        "reasons",
        "severity",
        "terms",
        "waiting",
    )

    def __init__(self, opening: ClockStartState) -> None:
        self.log: list[LogEntry] = []
        self.opening = opening
        _, self.severity, self.terms, self.reasons = opening
        self.first_severity = self.severity
        self.answered = self.waiting = False

    def start_state(self, at: int) -> ClockStartState:
        """Return where counting from `at` on begins."""
        return at, self.severity, self.terms, self.reasons


@final
class MilestoneClock:
    """The clock of one milestone: its cycles, the last of which may run.

    Attributes:
        name: The milestone.
        cycles: All cycles so far, the earliest first.
    """

    __slots__ = ("_case", "_modes", "_options", "cycles", "name", "recurrence", "starts_on")

    def __init__(
        self,
        name: str,
        recurrence: Recurrence,
        starts_on: str | None,
        options: ClockOptions,
        case: CaseLog,
    ) -> None:
        self.name = name
        self.recurrence = recurrence
        self.starts_on = starts_on
        self.cycles: list[ClockCycle] = []
        self._options = options
        self._case = case
        self._modes = ChangeModes(options, name)

    @property
    def running(self) -> ClockCycle | None:
        """The cycle that has not ended, or None."""
        cycle = self.cycles[-1] if self.cycles else None
        return None if cycle is None or cycle.outcome != RUNNING else cycle

    def count(self, cycle: ClockCycle) -> ClockCounter:
        """Return the count of `cycle` that holds: the verdict's, or the one at the log's end."""
        return cycle.count or cycle.live_count(self.name, self._modes, self._case)

    def start(self, at: int) -> None:
        """Start, if the milestone starts again at all and does not run."""
        if self.running is None and not (self.cycles and self.recurrence is Recurrence.ONCE):
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
        """The milestone was reached; the next period starts, if there is one."""
        cycle = self.running
        if cycle is None:
            return
        if at < cycle.first[0]:
            if by_resolution:
                self._drop_future(by_resolution=True)
            return
        count = self.count(cycle)
        cycle.end(at, REACHED, count, by_resolution=by_resolution)
        if by_resolution:
            return
        if self.recurrence is Recurrence.PERIODIC:
            self._begin(at)
        elif self.recurrence is Recurrence.SEQUENTIAL:
            self._begin(at if count.clause is None else max(at, count.due(at)[0]))

    def cancel(self, at: int, *, by_resolution: bool = False) -> None:
        """The clock ends without the milestone."""
        cycle = self.running
        if cycle is not None and at < cycle.first[0]:
            self._drop_future(by_resolution=by_resolution)
        elif cycle is not None:
            cycle.end(at, CANCELLED, self.count(cycle), by_resolution=by_resolution)

    def _drop_future(self, *, by_resolution: bool) -> None:
        """Take back a period that has not begun; an update begins another at a reopening."""
        self.cycles.pop()
        if self.name == Milestone.UPDATE:
            self.cycles[-1].by_resolution = by_resolution

    def customer_wrote(self, at: int) -> None:
        """A customer's message arrived while the case is open."""
        choice = self._options.next_response
        if choice in _AFTER_FIRST_RESPONSE and not self._case.answered:
            return
        if choice is NextResponseStart.LAST_UNANSWERED and self.running is not None:
            self.cycles.pop()
        self.start(at)

    def answered_while_resolved(self) -> None:
        """An agent answered while the case is resolved: a reopening finds nothing unanswered."""
        if self.cycles:
            self.cycles[-1].by_resolution = False

    def resolve(self, at: int) -> None:
        """The case was resolved."""
        answers = self.name in _RESPONSES or self.name == Milestone.UPDATE
        if self.name == Milestone.RESOLUTION or (
            answers and self._options.resolving is not ResolutionEffect.CANCELS
        ):
            self.meet(at, by_resolution=True)
        else:
            self.cancel(at, by_resolution=True)

    def reopen(self, at: int) -> None:
        """The case was reopened."""
        cycle = self.cycles[-1] if self.cycles else None
        if cycle is None or not cycle.by_resolution:
            return
        if self.name == Milestone.UPDATE:
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
