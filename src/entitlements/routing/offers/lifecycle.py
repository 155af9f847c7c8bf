"""Lifecycle of work: statuses, transitions, commands, events, and the policy of offers.

`TRANSITIONS` is the complete table of the state machine; the diagram in the documentation is drawn
from it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, TypeAlias, final

import attrs

from entitlements.kernel.converters import (
    enum_member,
    positive,
    remark,
)
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.ids import (
    identifier,
    identifier_or_key,
    identifiers,
    optional_identifier,
)
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.routing.agents.assignment_override import AssignmentOverride, optional_override

MAX_PARALLEL: Final = 50


class WorkStatus(TextEnum):
    """The status of a piece of work."""

    NEW = "new"
    QUEUED = "queued"
    PARKED = "parked"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    IN_WORK = "in_work"
    PAUSED = "paused"
    WRAPPING = "wrapping"
    DONE = "done"
    CANCELLED = "cancelled"


def as_status(value: WorkStatus | str) -> WorkStatus:
    """Return `value` as a member; raise `InvalidValueError` for an unknown status."""
    return enum_member(WorkStatus, value)


class TransitionKind(TextEnum):
    """The kinds of event of a piece of work."""

    QUEUED = "queued"
    PARKED = "parked"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    RESCINDED = "rescinded"
    STARTED = "started"
    PAUSED = "paused"
    RESUMED = "resumed"
    HEARTBEAT = "heartbeat"
    FINISHED = "finished"
    CLOSED = "closed"
    RELEASED = "released"
    RETURNED = "returned"
    TRANSFERRED = "transferred"
    CANCELLED = "cancelled"


def _kind(value: TransitionKind | str) -> TransitionKind:
    return enum_member(TransitionKind, value)


@final
@attrs.frozen
class Transition:
    """In status `source`, an event of `kind` leads to status `target`."""

    source: WorkStatus
    kind: TransitionKind
    target: WorkStatus


def _table() -> tuple[Transition, ...]:
    s, k = WorkStatus, TransitionKind
    rows = [
        Transition(s.NEW, k.QUEUED, s.QUEUED),
        Transition(s.QUEUED, k.OFFERED, s.OFFERED),
        Transition(s.QUEUED, k.PARKED, s.PARKED),
        Transition(s.PARKED, k.QUEUED, s.QUEUED),
        Transition(s.OFFERED, k.OFFERED, s.OFFERED),
        Transition(s.OFFERED, k.ACCEPTED, s.ACCEPTED),
        # The target applies after the end of the last open offer; before, the work stays offered.
        Transition(s.OFFERED, k.DECLINED, s.QUEUED),
        Transition(s.OFFERED, k.EXPIRED, s.QUEUED),
        Transition(s.OFFERED, k.RESCINDED, s.QUEUED),
        Transition(s.ACCEPTED, k.STARTED, s.IN_WORK),
        Transition(s.ACCEPTED, k.PAUSED, s.PAUSED),
        Transition(s.IN_WORK, k.PAUSED, s.PAUSED),
        Transition(s.PAUSED, k.RESUMED, s.IN_WORK),
        Transition(s.IN_WORK, k.FINISHED, s.WRAPPING),
        Transition(s.WRAPPING, k.CLOSED, s.DONE),
    ]
    for source in (s.ACCEPTED, s.IN_WORK, s.PAUSED):
        rows += [
            Transition(source, k.HEARTBEAT, source),
            Transition(source, k.RELEASED, s.QUEUED),
            Transition(source, k.RETURNED, s.QUEUED),
            Transition(source, k.TRANSFERRED, s.QUEUED),
        ]
    open_statuses = (
        s.NEW,
        s.QUEUED,
        s.PARKED,
        s.OFFERED,
        s.ACCEPTED,
        s.IN_WORK,
        s.PAUSED,
        s.WRAPPING,
    )
    rows += [Transition(source, k.CANCELLED, s.CANCELLED) for source in open_statuses]
    return tuple(rows)


TRANSITIONS: Final = _table()


@final
@attrs.frozen
class Enqueue:
    """Put the work into the queue."""

    id: str = attrs.field(converter=identifier_or_key)


@final
@attrs.frozen
class Park:
    """Take the work out of the queue until the next `Enqueue`."""

    id: str = attrs.field(converter=identifier_or_key)


@final
@attrs.frozen
class Offer:
    """Offer the work to 1 to 50 agents at once; agents who are not eligible need an override."""

    id: str = attrs.field(converter=identifier_or_key)
    agents: tuple[str, ...] = attrs.field(converter=identifiers)
    override: AssignmentOverride | None = attrs.field(default=None, converter=optional_override)

    def __attrs_post_init__(self) -> None:
        if not 1 <= len(set(self.agents)) == len(self.agents) <= MAX_PARALLEL:
            raise InvalidValueError(
                f"an offer to `{self.agents}` is not possible",
                hint=f"name 1 to {MAX_PARALLEL} different agents",
            )


@final
@attrs.frozen
class Accept:
    """Accept the offer with this fence."""

    id: str = attrs.field(converter=identifier_or_key)
    agent: str = attrs.field(converter=identifier)
    fence: int = attrs.field(converter=positive)


@final
@attrs.frozen
class Decline:
    """Decline the offer with this fence; `reason` may be empty."""

    id: str = attrs.field(converter=identifier_or_key)
    agent: str = attrs.field(converter=identifier)
    fence: int = attrs.field(converter=positive)
    reason: str = attrs.field(default="", converter=remark)


@final
@attrs.frozen
class Rescind:
    """Withdraw all open offers, or the one to `agent`."""

    id: str = attrs.field(converter=identifier_or_key)
    agent: str | None = attrs.field(default=None, converter=optional_identifier)


class AssigneeActionKind(TextEnum):
    """The actions of an assignee; `HEARTBEAT` says that the assignee still works."""

    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    HEARTBEAT = "heartbeat"
    FINISH = "finish"
    CLOSE = "close"
    RELEASE = "release"
    TRANSFER = "transfer"


def _action(value: AssigneeActionKind | str) -> AssigneeActionKind:
    return enum_member(AssigneeActionKind, value)


@final
@attrs.frozen
class AssigneeAction:
    """An action of the assignee, whose offer has this fence."""

    id: str = attrs.field(converter=identifier_or_key)
    action: AssigneeActionKind = attrs.field(converter=_action)
    fence: int = attrs.field(converter=positive)


@final
@attrs.frozen
class Cancel:
    """Cancel the work in any status before the last."""

    id: str = attrs.field(converter=identifier_or_key)


@final
@attrs.frozen
class ProcessTimeouts:
    """Process expired offers, the end of wrap-up, and silent assignees; may be repeated."""


WorkCommand: TypeAlias = (
    Enqueue | Park | Offer | Accept | Decline | Rescind | AssigneeAction | Cancel | ProcessTimeouts
)


@final
@attrs.frozen(kw_only=True)
class WorkEvent:
    """One transition of a piece of work.

    Attributes:
        work: Id of the work.
        kind: Kind of the transition.
        at: Instant of the transition.
        command: The command that caused it.
        agent: The agent concerned; None for none.
        fence: Fence of the offer concerned; 0 for none.
        until: End of the lease or of the wrap-up.
        reason: Reason of a refusal; may be empty.
        age_kept: Whether work that returns to the queue keeps its age there.
        counts: Whether the refusal counts towards the limit.
        restarts: Whether the refusal restarts a relaxation plan.
    """

    work: str
    kind: TransitionKind = attrs.field(converter=_kind)
    at: datetime
    command: WorkCommand
    agent: str | None = None
    fence: int = 0
    until: datetime | None = None
    reason: str = ""
    age_kept: bool = True
    counts: bool = False
    restarts: bool = False
