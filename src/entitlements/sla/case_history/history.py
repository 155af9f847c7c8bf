"""What happened to a case, in which order, and what of it can be true?

A history is a set of events: the order and number of deliveries do not matter. Events of one
instant happen by sequence, then by the rank of their kind; one that cannot happen yet waits for
the others of its instant. What cannot happen at all is refused, with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from operator import attrgetter
from typing import Final, TypeAlias, final

import attrs

from entitlements.kernel.errors import ConflictError, TransitionError
from entitlements.kernel.instants import to_micros, utc
from entitlements.sla.case_history.events import Event, EventKind
from entitlements.sla.case_history.lifecycle import NO_REASONS, CaseStatus, next_status

HistoryEntry: TypeAlias = tuple[int, Event, CaseStatus, frozenset[str]]
"""An accepted event: its instant, itself, and the case's status and pause reasons after it."""

EventOrderKey: TypeAlias = tuple[int, int, int, str]
_TURN: Final = attrgetter("order_rank")


def event_order_key(event: Event) -> EventOrderKey:
    """Return what events are sorted by; equal only for events that do the same."""
    return *event.order_rank, _content(event)


def in_order(events: Iterable[Event]) -> list[Event]:
    """Return the events in their order, each once."""
    found = sorted(events, key=_TURN)
    turns = list(map(_TURN, found))
    if len(set(turns)) == len(turns):
        return found
    return sorted(set(found), key=event_order_key)


def _content(event: Event) -> str:
    words = (event.severity, event.reason, event.name, event.policy, event.channel)
    rest = (event.by, event.id, event.corrects)
    instead = "" if event.replacement is None else repr(event_order_key(event.replacement))
    parts = [*(each or "" for each in (*words, *rest)), *sorted(event.conditions or ()), instead]
    return "\x1f".join(parts)


@final
@attrs.frozen
class RejectedEvent:
    """An event that could not happen, and why; it changed nothing."""

    event: Event
    reason: str


@final
class EventValidation:
    """Goes through events in order and sorts the possible from the impossible.

    Attributes:
        entries: The accepted events so far.
        refused: The refused events so far.
    """

    __slots__ = ("entries", "reasons", "rejected", "status")

    def __init__(self) -> None:
        self.status = CaseStatus.UNOPENED
        self.reasons = NO_REASONS
        self.entries: list[HistoryEntry] = []
        self.rejected: list[RejectedEvent] = []

    def apply(self, event: Event) -> str | None:
        """Accept `event`, or return why it cannot happen now."""
        after = next_status(self.status, self.reasons, event)
        if isinstance(after, str):
            return after
        self.status, self.reasons = after
        self.entries.append((event.micros, event, self.status, self.reasons))
        return None

    def take_all(self, events: list[Event]) -> None:
        """Accept what can happen of `events`, which are sorted."""
        waiting: list[tuple[Event, str]] = []
        for event in events:
            if waiting and waiting[0][0].micros != event.micros:
                self._refuse(waiting)
                waiting = []
            why_not = self.apply(event)
            if why_not is not None:
                waiting.append((event, why_not))
            elif waiting:
                waiting = self._again(waiting)
        self._refuse(waiting)

    def _again(self, waiting: list[tuple[Event, str]]) -> list[tuple[Event, str]]:
        for position, (event, _) in enumerate(waiting):
            if self.apply(event) is None:
                return self._again(waiting[:position] + waiting[position + 1 :])
        return waiting

    def _refuse(self, waiting: list[tuple[Event, str]]) -> None:
        self.rejected.extend(RejectedEvent(event, why_not) for event, why_not in waiting)


@final
class History:
    """Everything that happened to one case; immutable.

    Equal for equal sets of events, in whatever order they were delivered.

    >>> early, late = Event.opened("2026-03-02T09:00Z"), Event.responded("2026-03-02T10:00Z")
    >>> History([late, early, late]) == History([early, late])
    True

    Raises:
        ConflictError: Two events bear one id and differ.
    """

    __slots__ = ("_walk", "events")

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self.events: Final[tuple[Event, ...]] = tuple(in_order(events))
        self._walk: EventValidation | None = None
        check_unique_ids(self.events)

    def __eq__(self, other: object) -> bool:
        return self.events == other.events if isinstance(other, History) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.events)

    def __len__(self) -> int:
        return len(self.events)

    def __repr__(self) -> str:
        return f"History({list(self.events)!r})"

    def append(self, *events: Event) -> History:
        """Return the history with further events, late ones too; possible or not."""
        return History((*self.events, *events))

    def record(self, event: Event) -> History:
        """Return the history with an event that can happen.

        Raises:
            TransitionError: The event cannot happen, or would make another one impossible;
                the history is as it was.
        """
        longer = self.append(event)
        before = set(self.rejected)
        for refusal in longer.rejected:
            if refusal not in before:
                raise TransitionError(refusal.reason)
        return longer

    @property
    def rejected(self) -> tuple[RejectedEvent, ...]:
        """The events that cannot have happened, each with its reason, as is known in the end."""
        return tuple(self._whole().rejected)

    @property
    def entries(self) -> list[HistoryEntry]:
        """The events that count, as is known in the end; not to be changed."""
        return self._whole().entries

    def until(self, at: int) -> tuple[list[HistoryEntry], tuple[RejectedEvent, ...]]:
        """Return what had happened by `at` as it was known then, and what was refused."""
        events = self.events
        if not events or (events[-1].micros <= at):
            walk = self._whole()
            return walk.entries, tuple(walk.rejected)
        walk = validate_events([event for event in events if event.micros <= at])
        return walk.entries, tuple(walk.rejected)

    def as_known(self, at: datetime) -> History:
        """Return the history without what is dated after `at`."""
        limit = to_micros(utc(at))
        return History(each for each in self.events if each.micros <= limit)

    def next_event(self, at: int) -> int | None:
        """Return the instant of the first event after `at`, or None."""
        return next((each.micros for each in self.events if each.micros > at), None)

    def _whole(self) -> EventValidation:
        if self._walk is None:
            self._walk = validate_events(list(self.events))
        return self._walk


def validate_events(events: list[Event]) -> EventValidation:
    """Return the walk through sorted events, with corrections applied."""
    walk = EventValidation()
    corrections = [each for each in events if each.kind is EventKind.CORRECTED]
    if corrections:
        events = _corrected(events, corrections, walk)
    walk.take_all(events)
    walk.rejected.sort(key=lambda refusal: event_order_key(refusal.event))
    return walk


def _corrected(events: list[Event], corrections: list[Event], walk: EventValidation) -> list[Event]:
    """Return the events that stand after all corrections, in order; the last word counts."""
    by_id = {each.id: each for each in events if each.id is not None}
    gone: set[Event] = set()
    added: list[Event] = []
    for correction in reversed(corrections):
        wrong = by_id.get(correction.corrects or "")
        if correction in gone:
            continue
        if wrong is None or event_order_key(wrong) >= event_order_key(correction):
            walk.rejected.append(
                RejectedEvent(
                    correction, f"`corrected` names no earlier event `{correction.corrects}`"
                )
            )
        elif wrong not in gone:
            gone.add(wrong)
            if correction.replacement is not None:
                added.append(correction.replacement)
    standing = {
        each for each in events if each not in gone and each.kind is not EventKind.CORRECTED
    }
    return in_order([*standing, *added])


def check_unique_ids(events: tuple[Event, ...]) -> None:
    """Raise `ConflictError` if two different events bear one id."""
    seen: dict[str, Event] = {}
    for event in events:
        if event.id is not None:
            other = seen.setdefault(event.id, event)
            if other != event:
                raise ConflictError(
                    f"two events have the id `{event.id}` and differ",
                    field=_difference(event, other),
                    hint="give another id, or correct the first one",
                )


def _difference(one: Event, other: Event) -> str:
    names = [each.name for each in attrs.fields(Event) if each.eq]
    return next(name for name in names if getattr(one, name) != getattr(other, name))
