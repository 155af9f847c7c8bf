"""Which event may happen in which state of a case?

The table is the whole rule; the diagram in the documentation is drawn from it. What is not in the
table is refused, with a reason, and changes nothing.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import Final, final

import attrs

from entitlements.kernel.converters import enum_member
from entitlements.kernel.errors import TransitionError
from entitlements.sla.case_history.events import Event, EventKind


class CaseStatus(StrEnum):
    """How far a case is."""

    UNOPENED = "unopened"
    OPEN = "open"
    PAUSED = "paused"
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELLED = "cancelled"


def _status(value: CaseStatus | str) -> CaseStatus:
    return enum_member(CaseStatus, value)


_TALK: Final = (
    EventKind.SEVERITY_CHANGED,
    EventKind.TERMS_CHANGED,
    EventKind.TERMS_EXPIRED,
    EventKind.CUSTOMER_REPLIED,
    EventKind.ACKNOWLEDGED,
    EventKind.RESPONDED,
    EventKind.REACHED,
)

CASE_TRANSITIONS: Final = MappingProxyType(
    {
        (CaseStatus.UNOPENED, EventKind.OPENED): CaseStatus.OPEN,
        (CaseStatus.OPEN, EventKind.PAUSED): CaseStatus.PAUSED,
        (CaseStatus.PAUSED, EventKind.PAUSED): CaseStatus.PAUSED,
        (CaseStatus.PAUSED, EventKind.RESUMED): CaseStatus.OPEN,
        (CaseStatus.RESOLVED, EventKind.REOPENED): CaseStatus.OPEN,
        **{
            (status, kind): ending
            for status in (CaseStatus.OPEN, CaseStatus.PAUSED)
            for kind, ending in (
                (EventKind.RESOLVED, CaseStatus.RESOLVED),
                (EventKind.CLOSED, CaseStatus.CLOSED),
                (EventKind.CANCELLED, CaseStatus.CANCELLED),
            )
        },
        (CaseStatus.RESOLVED, EventKind.CLOSED): CaseStatus.CLOSED,
        **{
            (status, kind): status
            for status in (CaseStatus.OPEN, CaseStatus.PAUSED, CaseStatus.RESOLVED)
            for kind in _TALK
        },
    }
)
"""The state that follows, for each state and kind of event that go together."""

_WHY_NOT: Final = MappingProxyType(
    {
        CaseStatus.UNOPENED: "the case is not open yet",
        CaseStatus.OPEN: "the case is open and not paused",
        CaseStatus.PAUSED: "the case is open",
        CaseStatus.RESOLVED: "the case is resolved",
        CaseStatus.CLOSED: "the case is closed for good",
        CaseStatus.CANCELLED: "the case was cancelled",
    }
)


@final
@attrs.frozen
class CaseState:
    """Where a case stands: its status, and the reasons it waits for."""

    status: CaseStatus = attrs.field(default=CaseStatus.UNOPENED, converter=_status)
    reasons: frozenset[str] = frozenset()


NO_REASONS: Final[frozenset[str]] = frozenset()


def next_status(
    status: CaseStatus, reasons: frozenset[str], event: Event
) -> tuple[CaseStatus, frozenset[str]] | str:
    """Return the status and reasons after `event`, or the reason why it cannot happen."""
    kind = event.kind
    after = CASE_TRANSITIONS.get((status, kind))
    if after is None:
        return f"`{kind.value}` cannot happen: {_WHY_NOT[status]}"
    if kind is EventKind.PAUSED:
        reason = event.reason or ""
        if reason in reasons:
            return f"`paused` cannot happen: the case waits for `{reason}` already"
        return after, reasons | {reason}
    if kind is EventKind.RESUMED:
        return _resume(reasons, event.reason)
    return after, (reasons if after is CaseStatus.PAUSED else NO_REASONS)


def _resume(reasons: frozenset[str], reason: str | None) -> tuple[CaseStatus, frozenset[str]] | str:
    if reason is None:
        return CaseStatus.OPEN, NO_REASONS
    if reason not in reasons:
        return f"`resumed` cannot happen: the case does not wait for `{reason}`"
    left = reasons - {reason}
    return (CaseStatus.PAUSED if left else CaseStatus.OPEN), left


def next_case_state(state: CaseState, event: Event) -> CaseState:
    """Return the state after `event`.

    >>> opened = Event.opened("2026-03-02T09:00Z", severity="S1")
    >>> advance(CaseState(), opened).status
    <Status.OPEN: 'open'>

    Raises:
        TransitionError: The event cannot happen in this state; a correction is no event of the
            case itself and never can.
    """
    after = next_status(state.status, state.reasons, event)
    if isinstance(after, str):
        raise TransitionError(after)
    return CaseState(*after)
