"""Clock state: all clocks of a case after its events.

The state is a fold over accepted events in order. Each event costs the same, however long the
history is: it is recorded in the log, and only clocks that it starts or ends are touched.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, final

from entitlements.kernel.errors import UnknownIdError
from entitlements.sla.case_history.events import ONE_CONDITION, Event, EventKind
from entitlements.sla.case_history.history import HistoryEntry
from entitlements.sla.case_history.lifecycle import NO_REASONS, CaseStatus
from entitlements.sla.clock.case_log import CaseChange, CaseLog, ClockTerms
from entitlements.sla.clock.change_modes import ChangeModes
from entitlements.sla.clock.compiled_policy import CompiledPolicy
from entitlements.sla.clock.milestone_clock import MilestoneClock
from entitlements.sla.milestones import Milestone
from entitlements.sla.options.clock_options import (
    AcknowledgementRule,
    ClockStart,
    ExpiryRule,
    ResolutionEffect,
    UpdateStart,
)

# Looking a member of an enum up costs more than what is done with it here.
_ACKNOWLEDGED: Final = EventKind.ACKNOWLEDGED
_CANCELLED: Final = EventKind.CANCELLED
_CLOSED: Final = EventKind.CLOSED
_CUSTOMER_REPLIED: Final = EventKind.CUSTOMER_REPLIED
_FIRST_RESPONSE: Final = Milestone.FIRST_RESPONSE
_NEXT_RESPONSE: Final = Milestone.NEXT_RESPONSE
_PAUSED: Final = EventKind.PAUSED
_REACHED: Final = EventKind.REACHED
_REOPENED: Final = EventKind.REOPENED
_RESOLVED: Final = EventKind.RESOLVED
_RESPONDED: Final = EventKind.RESPONDED
_RESUMED: Final = EventKind.RESUMED
_SEVERITY_CHANGED: Final = EventKind.SEVERITY_CHANGED
_TERMS_CHANGED: Final = EventKind.TERMS_CHANGED
_UPDATE: Final = Milestone.UPDATE
_UPDATE_AT_FIRST_RESPONSE: Final = UpdateStart.FIRST_RESPONSE
_UPDATE_AT_OPENING: Final = UpdateStart.OPENING


@final
class ClockState:
    """All clocks of one case under one policy.

    Attributes:
        policy: The policy whose options hold for the whole case.
        clocks: The clock of each milestone; empty before the opening.
        case: The log that the clocks share; None before the opening.
    """

    __slots__ = ("_begun", "_others", "_resolved", "case", "clocks", "policy")

    def __init__(self, policy: CompiledPolicy, others: Mapping[str, CompiledPolicy]) -> None:
        self.policy = policy
        self.clocks: dict[str, MilestoneClock] = {}
        self.case: CaseLog | None = None
        self._others = others
        self._resolved = False
        self._begun = False

    def apply(self, entry: HistoryEntry) -> None:
        """Apply the next accepted event."""
        at, event, status, reasons = entry
        case, kind = self.case, event.kind
        if case is None:
            self._open(at, event)
        elif kind is _PAUSED or kind is _RESUMED:
            case.reasons = reasons
            case.record(at, CaseChange.PAUSES)
        elif kind is _RESPONDED:
            self._agent_response(at, case)
        elif kind is _CUSTOMER_REPLIED:
            self._customer_message(at, case)
        elif kind is _SEVERITY_CHANGED:
            self._change_severity(at, event.severity or "", case)
        elif kind is _RESOLVED or kind is _CLOSED:
            self._resolve(at, case, final=status is CaseStatus.CLOSED)
        elif kind is _REOPENED:
            self._reopen(at, case)
        else:
            self._apply_other_event(at, event, case)

    def running_deadlines(self, at: int) -> tuple[int, ...]:
        """Return the deadlines of the clocks that run at an instant, not before the last event."""
        found = []
        for clock in self.clocks.values():
            cycle = clock.running
            counter = None if cycle is None else clock.counter(cycle)
            if counter is not None and counter.since is not None:
                due, _ = counter.due(max(at, counter.start))
                if at < due:
                    found.append(due)
        return tuple(found)

    def _apply_other_event(self, at: int, event: Event, case: CaseLog) -> None:
        kind, options = event.kind, self.policy.options
        if kind is _REACHED:
            self._reach(at, event.name or "")
        elif kind is _TERMS_CHANGED or kind in ONE_CONDITION:
            self._change_terms(at, event, case)
        elif kind is _ACKNOWLEDGED:
            if options.acknowledgement is AcknowledgementRule.ANSWERS:
                self._agent_response(at, case)
        elif kind is _CANCELLED or options.expiry is ExpiryRule.STOP:
            for clock in self.clocks.values():
                clock.cancel(at)

    def _open(self, at: int, event: Event) -> None:
        channel, conditions = event.channel or "", event.conditions or NO_REASONS
        terms = (self.policy, channel, conditions, event.request_kind)
        self.policy.targets_for(event.severity, channel, conditions, event.request_kind)
        self.case = CaseLog((at, event.severity, terms, NO_REASONS))
        self._add_clocks(self.policy)
        self._begun = self.policy.options.start is ClockStart.OPENING
        for name, clock in self.clocks.items():
            if name in self.policy.started:
                clock.start(at)

    def _add_clocks(self, policy: CompiledPolicy) -> bool:
        before = len(self.clocks)
        for name in policy.milestones:
            if name not in self.clocks and self.case is not None:
                clock = MilestoneClock(
                    name,
                    policy.recurrences[name],
                    policy.starts_on[name],
                    self.policy.options,
                    self.policy.change_modes.get(name) or ChangeModes(self.policy.options, name),
                    self.case,
                )
                self.clocks[name] = clock
        return len(self.clocks) > before

    def _starts_with_case(self, clock: MilestoneClock) -> bool:
        """Return whether the clock is one that starts with the case."""
        options, name = self.policy.options, clock.name
        if clock.starts_on is not None or name == _NEXT_RESPONSE:
            return False
        return name != _UPDATE or options.update_start is _UPDATE_AT_OPENING

    def _change_severity(self, at: int, severity: str, case: CaseLog) -> None:
        policy, channel, conditions, kind = case.terms
        policy.targets_for(severity, channel, conditions, kind)
        if severity != case.severity:
            case.severity = severity
            if case.first_severity is None:
                case.first_severity = severity
            case.record(at, CaseChange.SEVERITY)
        if self.policy.options.start is ClockStart.SEVERITY_SET:
            self._start_case_clocks(at)

    def _start_case_clocks(self, at: int) -> None:
        """Start the clocks that start with the case; after a resolution only a reopening does."""
        self._begun = True
        if self._resolved:
            return
        for clock in self.clocks.values():
            if not clock.cycles and self._starts_with_case(clock):
                clock.start(at)

    def _change_terms(self, at: int, event: Event, case: CaseLog) -> None:
        policy, channel, conditions, kind = case.terms
        if event.policy is not None and event.policy != policy.id:
            policy = self._policy(event.policy)
        if event.channel is not None:
            channel = event.channel
        if event.kind is EventKind.CONDITION_ENDED:
            conditions -= event.conditions or NO_REASONS
        elif event.kind is EventKind.CONDITION_MET:
            conditions |= event.conditions or NO_REASONS
        elif event.conditions is not None:
            conditions = event.conditions
        kind = event.request_kind or kind
        terms: ClockTerms = (policy, channel, conditions, kind)
        policy.targets_for(case.severity, channel, conditions, kind)
        if terms == case.terms:
            return
        case.terms = terms
        case.record(at, CaseChange.TERMS)
        if self._add_clocks(policy) and self._begun:
            self._start_case_clocks(at)

    def _policy(self, id: str) -> CompiledPolicy:
        if id == self.policy.id:
            return self.policy
        found = self._others.get(id)
        if found is None:
            raise UnknownIdError("policy", id, known=[*self._others, self.policy.id])
        return found

    def _agent_response(self, at: int, case: CaseLog) -> None:
        case.answered, case.waiting = True, False
        for name in (_FIRST_RESPONSE, _NEXT_RESPONSE):
            clock = self.clocks.get(name)
            if clock is not None and self._resolved:
                clock.answered_while_resolved()
            elif clock is not None:
                clock.meet(at)
        if self._resolved:
            return
        update = self.clocks.get(_UPDATE)
        if update is None:
            return
        if update.running is not None:
            update.meet(at)
        elif not update.cycles and self.policy.options.update_start is _UPDATE_AT_FIRST_RESPONSE:
            update.start(at)

    def _customer_message(self, at: int, case: CaseLog) -> None:
        if self._resolved:
            case.waiting = True
            return
        clock = self.clocks.get(_NEXT_RESPONSE)
        if clock is not None and clock.starts_on is None:
            clock.customer_wrote(at)

    def _reach(self, at: int, name: str) -> None:
        clock = self.clocks.get(name)
        if clock is not None and not self._resolved:
            clock.meet(at)
        if self._resolved:
            return
        for each in self.clocks.values():
            if each.starts_on == name:
                each.start(at)
        if (
            self.policy.options.start is ClockStart.EVENT
            and name == self.policy.options.start_event
        ):
            self._start_case_clocks(at)

    def _resolve(self, at: int, case: CaseLog, *, final: bool) -> None:
        if self._resolved:
            return
        for clock in self.clocks.values():
            clock.resolve(at)
        self._resolved = True
        case.reasons = NO_REASONS
        if self.policy.options.resolving is ResolutionEffect.ANSWERS_FOR_GOOD:
            case.answered = True
        if not final:
            case.record(at, CaseChange.RESOLUTION)

    def _reopen(self, at: int, case: CaseLog) -> None:
        self._resolved = False
        case.record(at, CaseChange.REOPENING)
        for clock in self.clocks.values():
            clock.reopen(at)
        if self._begun:
            self._start_case_clocks(at)
        if case.waiting:
            case.waiting = False
            self._customer_message(at, case)
