"""Tracker: the clocks of a live case, measured while events still arrive.

A tracker keeps the clock state: appending the latest event costs the same however long the history
is; after an earlier event, or a correction, the state is computed again from the whole history. The
answer is always that of `measure` with the history so far.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import final

from entitlements.kernel.converters import instance_of, tuple_of
from entitlements.kernel.instants import from_micros, to_micros
from entitlements.sla.case_history.events import Event, EventKind
from entitlements.sla.case_history.history import (
    EventValidation,
    History,
    RejectedEvent,
    check_id_conflicts,
    event_order_key,
    validate_events,
)
from entitlements.sla.case_history.lifecycle import NO_REASONS, CaseStatus
from entitlements.sla.clock.clock_state import ClockState
from entitlements.sla.measurement import Measurement, measure, policy_at_opening
from entitlements.sla.milestones import MilestoneState
from entitlements.sla.policy import PolicyVersions, SlaPolicy, check_policy


@final
class Tracker:
    """The clocks of one live case; not safe to share among threads.

    Args:
        policy: The policy; of several versions the one in force at the opening.
        history: The events so far.
        others: The policies that changes of terms name.

    Raises:
        ConflictError, UnknownIdError: As `append` does, for events of `history`.

    >>> from datetime import timedelta
    >>> from entitlements.kernel.instants import utc
    >>> from entitlements.sla.targets import Target
    >>> hour = Target(milestone="first_response", within=timedelta(hours=1))
    >>> tracker = Tracker(SlaPolicy(id="p", targets=[hour]))
    >>> tracker.append(Event.opened("2026-03-02T09:00Z"))
    >>> tracker.measure(utc("2026-03-02T09:30Z"))
    Measurement(<first_response: running, due 2026-03-02T10:00:00Z>)
    """

    __slots__ = (
        "_events",
        "_ids",
        "_last",
        "_others",
        "_policy",
        "_stale",
        "_state",
        "_validation",
    )

    def __init__(
        self,
        policy: SlaPolicy | PolicyVersions,
        history: History | None = None,
        *,
        others: Iterable[SlaPolicy] = (),
    ) -> None:
        self._policy = check_policy(policy)
        self._others = tuple_of(SlaPolicy, others)
        self._events: dict[Event, None] = {}
        self._ids: dict[str, Event] = {}
        self._validation = EventValidation()
        self._state: ClockState | None = None
        self._last: Event | None = None
        self._stale = False
        for event in () if history is None else instance_of(History, history).events:
            self.append(event)

    @property
    def history(self) -> History:
        """All events appended so far."""
        return History(self._events)

    def append(self, event: Event) -> None:
        """Append an event, in any order; an event that is there already changes nothing.

        Raises:
            ConflictError: Another event has its id; nothing was changed.
            UnknownIdError: The latest event names a severity or policy that is not known; nothing
                was changed. An event that is not the latest is checked by `measure`.
        """
        instance_of(Event, event)
        later = self._last is None or event.order_rank > self._last.order_rank
        if not later and event in self._events:
            return
        if event.id is not None and event.id in self._ids:
            check_id_conflicts((self._ids[event.id], event))
        if not self._stale and self._comes_last(event, later=later):
            self._apply(event)
        else:
            self._stale = True
        self._events[event] = None
        if event.id is not None:
            self._ids[event.id] = event

    def _comes_last(self, event: Event, *, later: bool) -> bool:
        """Return whether `event` comes after all others, so that the clock state can be kept."""
        last, rejected = self._last, self._validation.rejected
        if event.kind is EventKind.CORRECTED:
            return False
        if last is None:
            return True
        if rejected and rejected[-1].event.micros == event.micros:
            return False
        return later or event_order_key(event) > event_order_key(last)

    def _apply(self, event: Event) -> None:
        validation = self._validation
        reason = validation.apply(event)
        if reason is not None:
            validation.rejected.append(RejectedEvent(event, reason))
        else:
            try:
                self._state_at(event).apply(validation.entries[-1])
            except Exception:
                self._stale = True
                raise
        self._last = event

    def _state_at(self, event: Event) -> ClockState:
        if self._state is None:
            self._state = self._new_state(event)
        return self._state

    def _new_state(self, opening: Event) -> ClockState:
        policy = self._policy
        chosen = policy if isinstance(policy, SlaPolicy) else policy.at(opening.at)
        return ClockState(chosen.compiled, {each.id: each.compiled for each in self._others})

    def _rebuild(self) -> None:
        events = self.history.events
        validation = validate_events(list(events))
        state = self._new_state(validation.entries[0][1]) if validation.entries else None
        if state is not None:
            for entry in validation.entries:
                state.apply(entry)
        self._validation, self._state, self._stale = validation, state, False
        self._last = events[-1] if events else None

    def measure(self, at: datetime) -> Measurement:
        """Return the state of each milestone at `at`, equal to `measure` with the history.

        Raises:
            UnknownIdError: The history names a severity or policy that is not known.
            NeverReachedError: A calendar does not have as much open time as a target needs.
        """
        micros = to_micros(at)
        if self._stale:
            self._rebuild()
        if self._state is None or self._last is None or self._last.micros > micros:
            return measure(self._policy, self.history, from_micros(micros), others=self._others)
        checked = self._validation
        status = (checked.status, checked.reasons)
        return Measurement.of(self._state, micros, tuple(checked.rejected), status, keep=True)


def measure_with_deadlines(
    policy: SlaPolicy | PolicyVersions,
    history: History,
    at: datetime,
    before: Iterable[int],
    *,
    others: Iterable[SlaPolicy] = (),
) -> tuple[Measurement, dict[int, tuple[int, ...]]]:
    """Return what `measure` does, and the deadlines of the clocks that ran at earlier instants.

    Every event is applied once. Only where a correction follows an instant, what was known at the
    instant is measured for itself.

    Args:
        policy: As for `measure`, which says also what is raised.
        history: The events of the case.
        at: Aware instant; later events do not count.
        before: The instants in microseconds, rising, from the opening on and not after `at`.
        others: The policies that changes of terms name.
    """
    micros, known = to_micros(at), tuple_of(SlaPolicy, others)
    entries, rejected = history.until(micros)
    chosen = policy_at_opening(policy, entries, at)
    state = ClockState(chosen, {each.id: each.compiled for each in known})
    running: dict[int, tuple[int, ...]] = {}
    corrections = (e.micros for e in history.events if e.kind is EventKind.CORRECTED)
    corrected, done = max(corrections, default=None), 0
    for instant in before:
        if corrected is not None and instant < corrected:
            past = measure(policy, history, from_micros(instant), others=known)
            runs = [each for each in past if each.state is MilestoneState.RUNNING]
            running[instant] = tuple(to_micros(each.due) for each in runs if each.due)
            continue
        while done < len(entries) and entries[done][0] <= instant:
            state.apply(entries[done])
            done += 1
        running[instant] = state.running_deadlines(instant)
    for entry in entries[done:]:
        state.apply(entry)
    status = entries[-1][2:] if entries else (CaseStatus.UNOPENED, NO_REASONS)
    return Measurement.of(state, micros, rejected, status), running
