"""How does a case stand, while events still arrive?

A tracker keeps a fold and goes on with it: an event that is the latest costs the same however
long the history is; an earlier one, or a correction, makes it start over. At every moment it
answers as `measure` would from the history so far.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import final

from entitlements.kernel.instants import from_micros, to_micros
from entitlements.sla.case_history.events import Event, EventKind
from entitlements.sla.case_history.history import (
    EventValidation,
    History,
    RejectedEvent,
    check_unique_ids,
    event_order_key,
    validate_events,
)
from entitlements.sla.clock.clock_state import ClockState
from entitlements.sla.measurement import Measurement, measure, readings_of
from entitlements.sla.policy import PolicyVersions, SlaPolicy


@final
class Tracker:
    """The clocks of one live case; not for several threads at once.

    >>> from datetime import timedelta
    >>> from entitlements.kernel.instants import utc
    >>> from entitlements.sla.targets import Target
    >>> hour = Target(milestone="first_response", within=timedelta(hours=1))
    >>> tracker = Tracker(SlaPolicy(id="p", targets=[hour]))
    >>> tracker.append(Event.opened("2026-03-02T09:00Z"))
    >>> tracker.measure(utc("2026-03-02T09:30Z"))
    Measurement(<first_response: running, due 2026-03-02T10:00:00Z>)
    """

    __slots__ = ("_events", "_fold", "_ids", "_last", "_others", "_policy", "_stale", "_walk")

    def __init__(
        self,
        policy: SlaPolicy | PolicyVersions,
        history: History | None = None,
        *,
        others: Iterable[SlaPolicy] = (),
    ) -> None:
        self._policy = policy
        self._others = tuple(others)
        self._events: dict[Event, None] = {}
        self._ids: dict[str, Event] = {}
        self._walk = EventValidation()
        self._fold: ClockState | None = None
        self._last: Event | None = None
        self._stale = False
        for event in () if history is None else history.events:
            self.append(event)

    @property
    def history(self) -> History:
        """Everything that was delivered so far."""
        return History(self._events)

    def append(self, event: Event) -> None:
        """Take one more event, in whatever order; one that was delivered before changes nothing.

        Raises:
            ConflictError: Another event has its id; nothing was changed.
            UnknownIdError: The latest event names a severity or policy that is not known; nothing
                was changed. An earlier one is only looked at when the case is measured.
        """
        later = self._last is None or event.order_rank > self._last.order_rank
        if not later and event in self._events:
            return
        if event.id is not None and event.id in self._ids:
            check_unique_ids((self._ids[event.id], event))
        if not self._stale and self._can_go_on(event, later=later):
            self._go_on(event)
        else:
            self._stale = True
        self._events[event] = None
        if event.id is not None:
            self._ids[event.id] = event

    def _can_go_on(self, event: Event, *, later: bool) -> bool:
        """Return whether `event` comes after everything, so that nothing is to be reconsidered."""
        last, refused = self._last, self._walk.rejected
        if event.kind is EventKind.CORRECTED:
            return False
        if last is None:
            return True
        if refused and refused[-1].event.micros == event.micros:
            return False
        return later or event_order_key(event) > event_order_key(last)

    def _go_on(self, event: Event) -> None:
        walk = self._walk
        before = walk.status, walk.reasons
        why_not = walk.apply(event)
        if why_not is not None:
            walk.rejected.append(RejectedEvent(event, why_not))
        else:
            try:
                self._fold_at(event).apply(walk.entries[-1])
            except Exception:
                walk.entries.pop()
                walk.status, walk.reasons = before
                self._stale = True
                raise
        self._last = event

    def _fold_at(self, event: Event) -> ClockState:
        if self._fold is None:
            self._fold = self._new_fold(event)
        return self._fold

    def _new_fold(self, opening: Event) -> ClockState:
        policy = self._policy
        chosen = policy if isinstance(policy, SlaPolicy) else policy.at(opening.at)
        return ClockState(chosen.compiled, {each.id: each.compiled for each in self._others})

    def _start_over(self) -> None:
        events = self.history.events
        walk = validate_events(list(events))
        fold = self._new_fold(walk.entries[0][1]) if walk.entries else None
        if fold is not None:
            for entry in walk.entries:
                fold.apply(entry)
        self._walk, self._fold, self._stale = walk, fold, False
        self._last = events[-1] if events else None

    def measure(self, at: datetime) -> Measurement:
        """Return how each milestone stands at `at`; the same as `measure` from the history.

        Raises:
            UnknownIdError: The history leads to a severity or policy that is not known.
            NeverReachedError: A calendar does not have as much open time as a target needs.
        """
        micros = to_micros(at)
        if self._stale:
            self._start_over()
        if self._fold is None or self._last is None or self._last.micros > micros:
            return measure(self._policy, self.history, from_micros(micros), others=self._others)
        return readings_of(self._fold, micros, tuple(self._walk.rejected), keep=True)
