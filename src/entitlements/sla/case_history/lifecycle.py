"""Case lifecycle: statuses of a case and the transitions between them.

The table holds every possible transition; the diagram in the documentation is drawn from it. An
event that is not in the table is rejected with a reason, and changes nothing.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final, final

import attrs

from entitlements.kernel.converters import enum_member
from entitlements.kernel.errors import TransitionError
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.sla.case_history.events import Event, EventKind


class CaseStatus(TextEnum):
    """The status of a case."""

    UNOPENED = "unopened"
    """Before the opening."""

    OPEN = "open"
    """Open and not paused."""

    PAUSED = "paused"
    """Open, and paused for at least one reason."""

    RESOLVED = "resolved"
    """Resolved; it can be reopened or closed."""

    CLOSED = "closed"
    """Closed; it cannot be reopened."""

    CANCELLED = "cancelled"
    """Ended without a resolution; it cannot be reopened."""


def _status(value: CaseStatus | str) -> CaseStatus:
    return enum_member(CaseStatus, value)


_WITHOUT_CHANGE: Final = (
    EventKind.SEVERITY_CHANGED,
    EventKind.TERMS_CHANGED,
    EventKind.CONDITION_ENDED,
    EventKind.CONDITION_MET,
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
            for kind in _WITHOUT_CHANGE
        },
    }
)
"""The next status, for each status and kind of event that is possible in it."""

_NEXT: Final = {
    status: {kind: after for (source, kind), after in CASE_TRANSITIONS.items() if source is status}
    for status in CaseStatus
}

# Looking a member of an enum up costs as much as what is done with it here.
_PAUSED: Final = EventKind.PAUSED
_RESUMED: Final = EventKind.RESUMED
_PAUSED_CASE: Final = CaseStatus.PAUSED

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
    """The status of a case and its pause reasons."""

    status: CaseStatus = attrs.field(default=CaseStatus.UNOPENED, converter=_status)
    reasons: frozenset[str] = frozenset()


NO_REASONS: Final[frozenset[str]] = frozenset()


def next_status(
    status: CaseStatus, reasons: frozenset[str], event: Event
) -> tuple[CaseStatus, frozenset[str]] | str:
    """Return the status and pause reasons after `event`, or why it is not possible."""
    kind = event.kind
    after = _NEXT[status].get(kind)
    if after is None:
        return f"`{kind.value}` cannot happen: {_WHY_NOT[status]}"
    if kind is _PAUSED:
        reason = event.reason or ""
        if reason in reasons:
            return f"`paused` cannot happen: the case waits for `{reason}` already"
        return after, reasons | {reason}
    if kind is _RESUMED:
        return _resume(reasons, event.reason)
    return after, (reasons if after is _PAUSED_CASE else NO_REASONS)


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
    >>> next_case_state(CaseState(), opened).status
    CaseStatus.OPEN

    Raises:
        TransitionError: The event is not possible in this state; a correction, which changes the
            history and not the case, never is.
    """
    after = next_status(state.status, state.reasons, event)
    if isinstance(after, str):
        raise TransitionError(after)
    return CaseState(*after)
