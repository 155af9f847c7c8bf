"""Ticket states: what a helpdesk says of a ticket, turned into the events of its case.

A helpdesk says in which state a ticket is, and since when. `events_of_states` returns the events
that have led there. They depend on the states and not on the order in which these were reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, final

import attrs

from entitlements.kernel.converters import enum_member, tuple_of
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.ids import optional_identifier
from entitlements.kernel.instants import to_micros, utc
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.sla.case_history.events import Event
from entitlements.sla.case_history.history import History
from entitlements.sla.case_history.lifecycle import CaseStatus


class TicketState(TextEnum):
    """The state of a ticket in a helpdesk."""

    IN_PROGRESS = "in_progress"
    """New or open: the agents have to do something."""

    PENDING = "pending"
    """Waiting for the customer."""

    ON_HOLD = "on_hold"
    """Waiting for somebody else, such as a vendor."""

    SOLVED = "solved"
    """Resolved; the customer may still reopen it."""

    CLOSED = "closed"
    """Closed for good."""


_RANKS: Final = {state: rank for rank, state in enumerate(TicketState)}
_WAITS: Final = frozenset({TicketState.PENDING, TicketState.ON_HOLD})
ACTIVE: Final = _WAITS | {TicketState.IN_PROGRESS}
"""The states of a ticket that has not ended."""

_OPEN: Final = frozenset({CaseStatus.OPEN, CaseStatus.PAUSED})


def ticket_state(value: TicketState | str) -> TicketState:
    """Return `value` as a member; raise `InvalidValueError` for an unknown state."""
    return enum_member(TicketState, value)


@final
@attrs.frozen(kw_only=True)
class TicketStateChange:
    """From `since` on, the ticket is in a state.

    Attributes:
        since: When the ticket came into the state, or was seen in it.
        state: The state.
        reason: The pause reason of a ticket that waits, as the policy names it; the name of the
            state if None.

    >>> TicketStateChange(since="2026-03-02T09:00Z", state="pending").pause_reason
    'pending'

    Raises:
        InvalidValueError: There is a reason, and the ticket does not wait.
    """

    since: datetime = attrs.field(converter=utc)
    state: TicketState = attrs.field(converter=ticket_state)
    reason: str | None = attrs.field(default=None, converter=optional_identifier)

    def __attrs_post_init__(self) -> None:
        check_reason(self.state, self.reason)

    @property
    def pause_reason(self) -> str | None:
        """The reason for which the case is paused; None if it is not."""
        return self.reason or self.state.value if self.state in _WAITS else None

    @property
    def order(self) -> tuple[int, int, str]:
        """The order of changes: by instant, then as in `TicketState`, then by reason."""
        return to_micros(self.since), _RANKS[self.state], self.reason or ""


def check_reason(state: TicketState, reason: str | None) -> None:
    """Raise `InvalidValueError` if a ticket in `state` cannot have a pause reason."""
    if reason is not None and state not in _WAITS:
        raise InvalidValueError(
            f"a ticket that is `{state}` has the reason `{reason}`",
            hint="only `pending` and `on_hold` have one",
        )


def events_of_states(
    others: Iterable[Event], changes: Iterable[TicketStateChange]
) -> tuple[Event, ...]:
    """Return the events that bring a case into each state of its ticket, at its instant.

    A state that the case is in already needs no event, and a case that has ended for good has no
    more of them. A ticket that waits for something else waits for that alone.

    Args:
        others: The other events of the case, in any order.
        changes: What the helpdesk has reported, in any order.

    >>> opened = Event.opened("2026-03-02T09:00Z")
    >>> hold = TicketStateChange(since="2026-03-02T10:00Z", state="on_hold")
    >>> seen_again = attrs.evolve(hold, since="2026-03-02T10:30Z")
    >>> work = TicketStateChange(since="2026-03-02T11:00Z", state="in_progress")
    >>> [str(each.kind) for each in events_of_states([opened], [work, seen_again, hold])]
    ['paused', 'resumed']
    """
    found: list[Event] = []
    known = tuple_of(Event, others)
    for change in sorted(tuple_of(TicketStateChange, changes), key=lambda each: each.order):
        entries, _ = History([*known, *found]).until(to_micros(change.since))
        if entries:
            _, _, status, reasons = entries[-1]
            found += _events_to(change, status, reasons)
    return tuple(found)


def _events_to(
    change: TicketStateChange, status: CaseStatus, reasons: frozenset[str]
) -> Iterator[Event]:
    """Yield the events that lead from a status to the state of the ticket."""
    at, state = change.since, change.state
    if state in ACTIVE and status is CaseStatus.RESOLVED:
        yield Event.reopened(at)
    if status in _OPEN or (status is CaseStatus.RESOLVED and state in ACTIVE):
        waits_for = change.pause_reason
        if state is TicketState.IN_PROGRESS and reasons:
            yield Event.resumed(at)
        elif waits_for is not None:
            yield from (Event.resumed(at, each) for each in sorted(reasons - {waits_for}))
            if waits_for not in reasons:
                yield Event.paused(at, waits_for)
    if state is TicketState.SOLVED and status in _OPEN:
        yield Event.resolved(at)
    elif state is TicketState.CLOSED and status in {*_OPEN, CaseStatus.RESOLVED}:
        yield Event.closed(at)
