"""Oracle of clock cycles: when the clocks of a case start and end, event by event.

Part of the walk in `entitlements.testing.oracles.sla`; it shares no code with the clocks.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import attrs

from entitlements.sla import Event, EventKind, Milestone, Recurrence, SlaPolicy
from entitlements.sla.options.clock_options import (
    AcknowledgementRule,
    ClockStart,
    ExpiryRule,
    NextResponseStart,
    ReopenRule,
    ResolutionEffect,
    UpdateStart,
)
from entitlements.testing.oracles.clocks.history import TERMS_EVENTS, CaseFacts

_RESPONSES = ("first_response", "next_response", "update")
_DEFAULT_RECURRENCE = {"next_response": Recurrence.EACH, "update": Recurrence.PERIODIC}


@attrs.define
class Cycle:
    """One start of a clock, and the event that ended it."""

    start: datetime
    begun: int
    """Index of the event that started it."""
    ended: int | None = None
    """Index of the event that ended it."""
    end: datetime | None = None
    outcome: str = "running"
    by_resolution: bool = False


class CycleRecorder:
    """Records the cycles of one milestone."""

    def __init__(
        self,
        name: str,
        policy: SlaPolicy,
        facts: CaseFacts,
        due: Callable[[Cycle], datetime | None],
    ) -> None:
        owners = [policy, *(each for _, (each, *_) in facts.terms)]
        self.owner = next(each for each in owners if name in each.milestones)
        self.template = next(each for each in self.owner.targets if each.milestone == name)
        self.recurrence = self.template.recurrence or _DEFAULT_RECURRENCE.get(name, Recurrence.ONCE)
        self.name, self.options, self.facts, self.due = name, policy.options, facts, due
        self.present = name in policy.milestones
        self.cycles: list[Cycle] = []
        self.answered = self.waiting = self.resolved = self.begun = False
        self.answered_since_resolution = False
        self.index = 0

    def record_all(self) -> list[Cycle]:
        """Return the cycles after all events."""
        for index, event in enumerate(self.facts.events):
            self.index = index
            if event.kind is EventKind.ACKNOWLEDGED:
                if self.options.acknowledgement is AcknowledgementRule.ANSWERS:
                    self.answer(event.at)
            elif event.kind in {
                EventKind.OPENED,
                EventKind.SEVERITY_CHANGED,
                *TERMS_EVENTS,
            }:
                self.may_start(event)
            else:
                self.apply(event)
        return self.cycles

    def may_start(self, event: Event) -> None:
        """Apply an opening, new terms or a severity, which may start clocks."""
        options = self.options
        if event.kind is EventKind.OPENED:
            self.begun = options.start is ClockStart.OPENING
        elif event.kind in TERMS_EVENTS:
            self.present = self.present or event.policy == self.owner.id
        else:
            self.begun = self.begun or options.start is ClockStart.SEVERITY_SET
        self.start_with_case(event.at)
        by_opening = options.next_response is NextResponseStart.FIRST_UNANSWERED_OR_OPENING
        if (
            event.kind is EventKind.OPENED
            and self.present
            and by_opening
            and self._starts_by_message
        ):
            self.start(event.at)

    def apply(self, event: Event) -> None:
        """Apply any other event."""
        at, kind = event.at, event.kind
        if kind is EventKind.RESPONDED:
            self.answer(at)
        elif kind is EventKind.CUSTOMER_REPLIED:
            if self.resolved:
                self.waiting = True
            elif self.present:
                self.customer(at)
        elif kind is EventKind.REACHED and not self.resolved:
            self.reached(at, event.name or "")
        elif kind in {EventKind.RESOLVED, EventKind.CLOSED} and not self.resolved:
            answers = (
                self.name in _RESPONSES and self.options.resolving is not ResolutionEffect.CANCELS
            )
            good = answers or self.name == Milestone.RESOLUTION
            self.end(at, "reached" if good else "cancelled", by_resolution=True)
            self.resolved = True
            self.answered = (
                self.answered or self.options.resolving is ResolutionEffect.ANSWERS_FOR_GOOD
            )
        elif kind is EventKind.REOPENED:
            self.reopened(at)
        elif kind is EventKind.CANCELLED or (
            kind is EventKind.TERMS_EXPIRED and self.options.expiry is ExpiryRule.STOP
        ):
            self.end(at, "cancelled")

    @property
    def _starts_by_message(self) -> bool:
        return self.name == Milestone.NEXT_RESPONSE and not self.template.starts_on

    @property
    def _starts_with_case(self) -> bool:
        if self.template.starts_on is not None or self.name == Milestone.NEXT_RESPONSE:
            return False
        return self.name != Milestone.UPDATE or self.options.update_start is UpdateStart.OPENING

    @property
    def running(self) -> bool:
        """Whether the last cycle has not ended."""
        return bool(self.cycles) and self.cycles[-1].outcome == "running"

    def begin(self, at: datetime) -> None:
        """Start a cycle."""
        retroactive = self.options.retroactive and not self.cycles
        opened = Cycle(self.facts.opened, 0)
        self.cycles.append(opened if retroactive else Cycle(at, self.index))

    def start(self, at: datetime) -> None:
        """Start a cycle if the milestone recurs and none runs."""
        if not self.running and not (self.cycles and self.recurrence is Recurrence.ONCE):
            self.begin(at)

    def start_with_case(self, at: datetime) -> None:
        """Start a clock that starts with the case, if it may start now."""
        ready = self.begun and self.present and not self.resolved
        if ready and self._starts_with_case and not self.cycles:
            self.begin(at)

    def end(self, at: datetime, outcome: str, *, by_resolution: bool = False) -> None:
        """End the running cycle; the next one may start."""
        if not self.running:
            return
        cycle = self.cycles[-1]
        if at < cycle.start:
            if by_resolution or outcome == "cancelled":
                self.cycles.pop()
                self.cycles[-1].by_resolution = by_resolution and self.name == Milestone.UPDATE
            return
        cycle.end, cycle.ended, cycle.outcome = at, self.index, outcome
        cycle.by_resolution = by_resolution
        if by_resolution or outcome == "cancelled":
            return
        if self.recurrence is Recurrence.PERIODIC:
            self.cycles.append(Cycle(at, self.index))
        elif self.recurrence is Recurrence.SEQUENTIAL:
            due = self.due(cycle)
            self.cycles.append(Cycle(at if due is None else max(at, due), self.index))

    def answer(self, at: datetime) -> None:
        """Apply an answer of an agent."""
        self.answered, self.waiting = True, False
        self.answered_since_resolution = self.resolved
        if self.resolved or self.name not in _RESPONSES or not self.present:
            return
        if self.name != Milestone.UPDATE or self.running:
            self.end(at, "reached")
        elif not self.cycles and self.options.update_start is UpdateStart.FIRST_RESPONSE:
            self.start(at)

    def customer(self, at: datetime) -> None:
        """Apply a message of the customer."""
        choice = self.options.next_response
        needs_answer = {NextResponseStart.FIRST_UNANSWERED, NextResponseStart.LAST_UNANSWERED}
        if not self._starts_by_message or (choice in needs_answer and not self.answered):
            return
        if choice is NextResponseStart.LAST_UNANSWERED and self.running:
            self.cycles.pop()
        self.start(at)

    def reached(self, at: datetime, name: str) -> None:
        """Apply a reached milestone or named event."""
        if name == self.name:
            self.end(at, "reached")
        if name == self.template.starts_on and self.present:
            self.start(at)
        if self.options.start is ClockStart.EVENT and name == self.options.start_event:
            self.begun = True
            self.start_with_case(at)

    def reopened(self, at: datetime) -> None:
        """Apply a reopening."""
        self.resolved = False
        if self.cycles and self.cycles[-1].by_resolution:
            self._continue_or_restart(at)
        self.answered_since_resolution = False
        self.start_with_case(at)
        if self.waiting and self.present:
            self.customer(at)
        self.waiting = False

    def _continue_or_restart(self, at: datetime) -> None:
        last, reopen = self.cycles[-1], self.options.reopen
        if self.name == Milestone.UPDATE:
            self.cycles.append(Cycle(at, self.index))
            return
        for_good = self.options.resolving is ResolutionEffect.ANSWERS_FOR_GOOD
        if self.name in _RESPONSES and (self.answered_since_resolution or for_good):
            last.by_resolution = False  # also at further reopenings
            return
        if reopen in {ReopenRule.EXCLUDE, ReopenRule.CONTINUE}:
            self.cycles[-1] = Cycle(last.start, last.begun)
            return
        if reopen is ReopenRule.RESTART:
            self.cycles.pop()
        self.cycles.append(Cycle(at, self.index))
