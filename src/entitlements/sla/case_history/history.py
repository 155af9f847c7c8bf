"""Case history: the ordered, validated and corrected events of one case.

A history is a set of events: the order and number of deliveries do not matter. Events of one
instant are applied by sequence, then by the rank of their kind; one that is not possible yet is
tried again after the others of its instant. What is not possible at all is rejected with a reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from operator import attrgetter, lt
from typing import Final, TypeAlias, final

import attrs

from entitlements.kernel.converters import tuple_of
from entitlements.kernel.errors import ConflictError, TransitionError
from entitlements.kernel.frozenmaps import short_repr
from entitlements.kernel.instants import instant_of, text_of, to_micros
from entitlements.sla.case_history.events import Event, EventKind
from entitlements.sla.case_history.lifecycle import NO_REASONS, CaseStatus, next_status

HistoryEntry: TypeAlias = tuple[int, Event, CaseStatus, frozenset[str]]
"""An accepted event: its instant, itself, and the case's status and pause reasons after it."""

EventOrderKey: TypeAlias = tuple[object, ...]
"""Order rank and content of an event."""

_ORDER_RANK: Final = attrgetter("order_rank")
_MOST_TRIED: Final = 16


def event_order_key(event: Event) -> EventOrderKey:
    """Return the key by which events are sorted; equal for equal events only."""
    texts = (event.severity, event.reason, event.name, event.policy, event.channel)
    more = (event.request_kind, event.by, event.id, event.corrects)
    conditions = () if event.conditions is None else ("", *sorted(event.conditions))
    replacement = () if event.replacement is None else event_order_key(event.replacement)
    content = (*(each or "" for each in (*texts, *more)), conditions, replacement)
    return *event.order_rank, content


def in_order(events: Iterable[Event]) -> list[Event]:
    """Return the events in their order, each once."""
    found = list(events)
    ranks = list(map(_ORDER_RANK, found))
    if all(map(lt, ranks, ranks[1:])):
        return found
    found.sort(key=_ORDER_RANK)
    ranks.sort()
    if len(set(ranks)) == len(ranks):
        return found
    return sorted(set(found), key=event_order_key)


@final
@attrs.frozen
class RejectedEvent:
    """An event that was not possible, and the reason; it changes no clock."""

    event: Event
    reason: str


@final
class EventValidation:
    """Validation of events in order: which are accepted, and which are rejected.

    Attributes:
        status: The status of the case after the accepted events.
        reasons: The reasons for which the case is paused then.
        entries: The accepted events so far.
        rejected: The rejected events so far.
    """

    __slots__ = ("entries", "reasons", "rejected", "status")

    def __init__(self) -> None:
        self.status = CaseStatus.UNOPENED
        self.reasons = NO_REASONS
        self.entries: list[HistoryEntry] = []
        self.rejected: list[RejectedEvent] = []

    def apply(self, event: Event) -> str | None:
        """Accept `event`, or return the reason why it is not possible now."""
        after = next_status(self.status, self.reasons, event)
        if isinstance(after, str):
            return after
        self.status, self.reasons = after
        self.entries.append((event.micros, event, self.status, self.reasons))
        return None

    def apply_all(self, events: list[Event]) -> None:
        """Accept those of the sorted `events` that are possible, and reject the others."""
        waiting: list[tuple[Event, str]] = []
        for event in events:
            if waiting and waiting[0][0].micros != event.micros:
                self._reject(waiting)
                waiting = []
            reason = self.apply(event)
            if reason is not None:
                waiting.append((event, reason))
            elif waiting:
                waiting = self._apply_waiting(waiting)
        self._reject(waiting)

    def _apply_waiting(self, waiting: list[tuple[Event, str]]) -> list[tuple[Event, str]]:
        for position, (event, _) in enumerate(waiting):
            if self.apply(event) is None:
                return self._apply_waiting(waiting[:position] + waiting[position + 1 :])
        return waiting

    def _reject(self, waiting: list[tuple[Event, str]]) -> None:
        self.rejected.extend(RejectedEvent(event, reason) for event, reason in waiting)


@final
class History:
    """All events of one case; immutable.

    Two are equal if they hold the same events, in whatever order these were delivered.

    Attributes:
        events: The events in their order, possible or not.

    >>> early, late = Event.opened("2026-03-02T09:00Z"), Event.responded("2026-03-02T10:00Z")
    >>> History([late, early, late]) == History([early, late])
    True

    Raises:
        ConflictError: Two different events have one id.
        InvalidValueError: `events` holds something else than events.
    """

    __slots__ = ("_validation", "events")

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self.events: Final[tuple[Event, ...]] = tuple(in_order(tuple_of(Event, events)))
        self._validation: EventValidation | None = None
        check_id_conflicts(self.events)

    def __eq__(self, other: object) -> bool:
        return self.events == other.events if isinstance(other, History) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.events)

    def __len__(self) -> int:
        return len(self.events)

    def __repr__(self) -> str:
        return f"History({short_repr(list(self.events))})"

    def append(self, *events: Event) -> History:
        """Return the history with further events, of any instant, possible or not."""
        return History((*self.events, *events))

    def record(self, event: Event) -> History:
        """Return the history with `event`, if it is possible.

        Raises:
            TransitionError: The event is not possible, or contradicts another one, which would
                become impossible; `hint` names an instant at which it can happen, if one is found
                among the next later ones and the last.
        """
        longer = self.append(event)
        rejection = self._contradicted(longer)
        if rejection is not None:
            raise self._refusal(event, rejection)
        return longer

    def _contradicted(self, longer: History) -> RejectedEvent | None:
        """Return the first event that is possible here, or new, and not possible in `longer`."""
        before = set(self.rejected)
        return next((each for each in longer.rejected if each not in before), None)

    def _refusal(self, event: Event, rejection: RejectedEvent) -> TransitionError:
        """Return the error that says why `event` is refused, and whether a later one would be."""
        instants = sorted({each.at for each in self.events if each.micros > event.micros})
        other, (what, _, why) = rejection.event, rejection.reason.partition(": ")
        message = rejection.reason
        if other != event:
            message = (
                f"`{event.kind}` at `{text_of(event.at)}` contradicts `{other.kind}` at "
                f"`{text_of(other.at)}`, as {why or what} then"
            )
        elif instants and why:
            message = f"{what} at `{text_of(event.at)}`: {why}"
        return TransitionError(message, hint=self._way_out(event, instants))

    def _way_out(self, event: Event, instants: list[datetime]) -> str | None:
        """Return a hint at which of the `instants` a refused event can happen, if at any."""
        hint = None
        # Each costs a validation of all events, so that of many the first and the last are tried.
        for at in (*instants[:_MOST_TRIED], *instants[_MOST_TRIED:][-1:]):
            later = attrs.evolve(event, at=at)
            found = self._contradicted(self.append(later))
            if later in self.events:
                hint = f"it has happened at `{text_of(at)}`"
            elif found is None:
                return f"it can happen at `{text_of(at)}`"
            elif found.event == later:
                hint = f"it cannot happen later either: {found.reason.partition(': ')[2]}"
        return hint

    @property
    def rejected(self) -> tuple[RejectedEvent, ...]:
        """The events that could not have happened, each with its reason, after all corrections."""
        return tuple(self._full_validation().rejected)

    @property
    def entries(self) -> list[HistoryEntry]:
        """The accepted events after all corrections; do not change the list."""
        return self._full_validation().entries

    def until(self, at: int) -> tuple[list[HistoryEntry], tuple[RejectedEvent, ...]]:
        """Return the events accepted and rejected by `at`, in microseconds, as known then."""
        events = self.events
        if not events or (events[-1].micros <= at):
            validation = self._full_validation()
            return validation.entries, tuple(validation.rejected)
        validation = validate_events([event for event in events if event.micros <= at])
        return validation.entries, tuple(validation.rejected)

    def as_known(self, at: datetime) -> History:
        """Return the history without the events after `at`."""
        limit = to_micros(instant_of(at))
        return History(each for each in self.events if each.micros <= limit)

    def next_event(self, at: int) -> int | None:
        """Return the instant of the first event after `at`, or None; in microseconds."""
        return next((each.micros for each in self.events if each.micros > at), None)

    def _full_validation(self) -> EventValidation:
        if self._validation is None:
            self._validation = validate_events(list(self.events))
        return self._validation


def validate_events(events: list[Event]) -> EventValidation:
    """Return the validation of sorted events, with corrections applied."""
    validation = EventValidation()
    corrections = [each for each in events if each.kind is EventKind.CORRECTED]
    if corrections:
        events = _corrected(events, corrections, validation)
    validation.apply_all(events)
    validation.rejected.sort(key=lambda rejection: event_order_key(rejection.event))
    return validation


def _corrected(
    events: list[Event], corrections: list[Event], validation: EventValidation
) -> list[Event]:
    """Return the events after all corrections, in order; the latest correction decides."""
    by_id = {each.id: each for each in events if each.id is not None}
    removed: set[Event] = set()
    added: list[Event] = []
    for correction in reversed(corrections):
        wrong = by_id.get(correction.corrects or "")
        if correction in removed:
            continue
        if wrong is None or event_order_key(wrong) >= event_order_key(correction):
            validation.rejected.append(
                RejectedEvent(
                    correction,
                    f"`corrected` names no earlier event `{correction.corrects}`"
                    " (only events with an `id` can be corrected)",
                )
            )
        elif wrong not in removed:
            removed.add(wrong)
            if correction.replacement is not None:
                added.append(correction.replacement)
    left = {each for each in events if each not in removed and each.kind is not EventKind.CORRECTED}
    return in_order([*left, *added])


def check_id_conflicts(events: tuple[Event, ...]) -> None:
    """Raise `ConflictError` if two different events have one id."""
    seen: dict[str, Event] = {}
    for event in events:
        if event.id is not None:
            other = seen.setdefault(event.id, event)
            if other != event:
                raise ConflictError(
                    f"two events have the id `{event.id}` and differ",
                    field=_difference(event, other),
                    hint="use another id, or correct the first event",
                )


def _difference(one: Event, other: Event) -> str:
    names = [each.name for each in attrs.fields(Event) if each.eq]
    return next(name for name in names if getattr(one, name) != getattr(other, name))
