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
from entitlements.sla.case_history.events import Event, Kind


class Status(StrEnum):
    """How far a case is."""

    UNOPENED = "unopened"
    OPEN = "open"
    PAUSED = "paused"
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELLED = "cancelled"


def _status(value: Status | str) -> Status:
    return enum_member(Status, value)


_TALK: Final = (
    Kind.SEVERITY_CHANGED,
    Kind.TERMS_CHANGED,
    Kind.TERMS_EXPIRED,
    Kind.CUSTOMER_REPLIED,
    Kind.ACKNOWLEDGED,
    Kind.RESPONDED,
    Kind.REACHED,
)

CASE_TRANSITIONS: Final = MappingProxyType(
    {
        (Status.UNOPENED, Kind.OPENED): Status.OPEN,
        (Status.OPEN, Kind.PAUSED): Status.PAUSED,
        (Status.PAUSED, Kind.PAUSED): Status.PAUSED,
        (Status.PAUSED, Kind.RESUMED): Status.OPEN,
        (Status.RESOLVED, Kind.REOPENED): Status.OPEN,
        **{
            (status, kind): ending
            for status in (Status.OPEN, Status.PAUSED)
            for kind, ending in (
                (Kind.RESOLVED, Status.RESOLVED),
                (Kind.CLOSED, Status.CLOSED),
                (Kind.CANCELLED, Status.CANCELLED),
            )
        },
        (Status.RESOLVED, Kind.CLOSED): Status.CLOSED,
        **{
            (status, kind): status
            for status in (Status.OPEN, Status.PAUSED, Status.RESOLVED)
            for kind in _TALK
        },
    }
)
"""The state that follows, for each state and kind of event that go together."""

_WHY_NOT: Final = MappingProxyType(
    {
        Status.UNOPENED: "the case is not open yet",
        Status.OPEN: "the case is open and not paused",
        Status.PAUSED: "the case is open",
        Status.RESOLVED: "the case is resolved",
        Status.CLOSED: "the case is closed for good",
        Status.CANCELLED: "the case was cancelled",
    }
)


@final
@attrs.frozen
class CaseState:
    """Where a case stands: its status, and the reasons it waits for."""

    status: Status = attrs.field(default=Status.UNOPENED, converter=_status)
    reasons: frozenset[str] = frozenset()


NONE: Final[frozenset[str]] = frozenset()


def follow(
    status: Status, reasons: frozenset[str], event: Event
) -> tuple[Status, frozenset[str]] | str:
    """Return the status and reasons after `event`, or the reason why it cannot happen."""
    kind = event.kind
    after = CASE_TRANSITIONS.get((status, kind))
    if after is None:
        return f"`{kind.value}` cannot happen: {_WHY_NOT[status]}"
    if kind is Kind.PAUSED:
        reason = event.reason or ""
        if reason in reasons:
            return f"`paused` cannot happen: the case waits for `{reason}` already"
        return after, reasons | {reason}
    if kind is Kind.RESUMED:
        return _resume(reasons, event.reason)
    return after, (reasons if after is Status.PAUSED else NONE)


def _resume(reasons: frozenset[str], reason: str | None) -> tuple[Status, frozenset[str]] | str:
    if reason is None:
        return Status.OPEN, NONE
    if reason not in reasons:
        return f"`resumed` cannot happen: the case does not wait for `{reason}`"
    left = reasons - {reason}
    return (Status.PAUSED if left else Status.OPEN), left


def advance(state: CaseState, event: Event) -> CaseState:
    """Return the state after `event`.

    >>> opened = Event.opened("2026-03-02T09:00Z", severity="S1")
    >>> advance(CaseState(), opened).status
    <Status.OPEN: 'open'>

    Raises:
        TransitionError: The event cannot happen in this state; a correction is no event of the
            case itself and never can.
    """
    after = follow(state.status, state.reasons, event)
    if isinstance(after, str):
        raise TransitionError(after)
    return CaseState(*after)
