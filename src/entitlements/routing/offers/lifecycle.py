"""Which words do offers share? Phases, deeds, commands, events and the policy of offers.

`TRANSITIONS` is the whole table of the state machine in `offering`; the diagram in the
documentation is drawn from it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeAlias, final

import attrs

from entitlements.kernel.converters import (
    enum_member,
    instance_of,
    positive,
    remark,
)
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.ids import (
    identifier,
    identifier_or_key,
    identifier_set,
    identifiers,
    optional_identifier,
)
from entitlements.routing.agents.assignment_override import AssignmentOverride, optional_override

MAX_PARALLEL: Final = 50


class WorkStatus(StrEnum):
    """Where a piece of work is in its life."""

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


def as_phase(value: WorkStatus | str) -> WorkStatus:
    """Return the member that `value` is or names; used as a converter."""
    return enum_member(WorkStatus, value)


class TransitionKind(StrEnum):
    """What can happen to a piece of work."""

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
    HEARD = "heard"
    FINISHED = "finished"
    CLOSED = "closed"
    RELEASED = "released"
    RETURNED = "returned"
    TRANSFERRED = "transferred"
    CANCELLED = "cancelled"


def _deed(value: TransitionKind | str) -> TransitionKind:
    return enum_member(TransitionKind, value)


@final
@attrs.frozen
class Transition:
    """In `source`, `deed` leads to `target`."""

    source: WorkStatus
    deed: TransitionKind
    target: WorkStatus


def _table() -> tuple[Transition, ...]:
    p, d = WorkStatus, TransitionKind
    rows = [
        Transition(p.NEW, d.QUEUED, p.QUEUED),
        Transition(p.QUEUED, d.OFFERED, p.OFFERED),
        Transition(p.QUEUED, d.PARKED, p.PARKED),
        Transition(p.PARKED, d.QUEUED, p.QUEUED),
        Transition(p.OFFERED, d.OFFERED, p.OFFERED),
        Transition(p.OFFERED, d.ACCEPTED, p.ACCEPTED),
        # The target holds once the last lease has ended; until then the work stays offered.
        Transition(p.OFFERED, d.DECLINED, p.QUEUED),
        Transition(p.OFFERED, d.EXPIRED, p.QUEUED),
        Transition(p.OFFERED, d.RESCINDED, p.QUEUED),
        Transition(p.ACCEPTED, d.STARTED, p.IN_WORK),
        Transition(p.ACCEPTED, d.PAUSED, p.PAUSED),
        Transition(p.IN_WORK, d.PAUSED, p.PAUSED),
        Transition(p.PAUSED, d.RESUMED, p.IN_WORK),
        Transition(p.IN_WORK, d.FINISHED, p.WRAPPING),
        Transition(p.WRAPPING, d.CLOSED, p.DONE),
    ]
    for source in (p.ACCEPTED, p.IN_WORK, p.PAUSED):
        rows += [
            Transition(source, d.HEARD, source),
            Transition(source, d.RELEASED, p.QUEUED),
            Transition(source, d.RETURNED, p.QUEUED),
            Transition(source, d.TRANSFERRED, p.QUEUED),
        ]
    living = (p.NEW, p.QUEUED, p.PARKED, p.OFFERED, p.ACCEPTED, p.IN_WORK, p.PAUSED, p.WRAPPING)
    rows += [Transition(source, d.CANCELLED, p.CANCELLED) for source in living]
    return tuple(rows)


TRANSITIONS: Final = _table()


@final
@attrs.frozen(kw_only=True)
class OfferPolicy:
    """How offers are made, declined and given up.

    Attributes:
        lease: How long an offer stands.
        declines: After so many declines and expiries the work is parked; None for never.
        cool_down: How long whoever declined is not offered it again; None for ever.
        again_for: Reasons for declining after which it may be offered again at once.
        expiry_declines: Letting an offer expire counts as declining it.
        wrap_up: How long the agent's capacity is still taken after the work is finished.
        silence: An assignee who says nothing for so long loses the work; None for never.
        keep_age: Work that comes back keeps its place by age; otherwise it queues anew.
        restart_relaxation: Declining restarts a relaxation plan that says so.
    """

    lease: timedelta = timedelta(seconds=30)
    declines: int | None = attrs.field(default=3, converter=attrs.converters.optional(positive))
    cool_down: timedelta | None = None
    again_for: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    expiry_declines: bool = True
    wrap_up: timedelta = timedelta()
    silence: timedelta | None = None
    keep_age: bool = True
    restart_relaxation: bool = True

    def __attrs_post_init__(self) -> None:
        if instance_of(timedelta, self.lease) <= timedelta():
            raise InvalidValueError(f"a lease of `{self.lease}` cannot be accepted")
        if instance_of(timedelta, self.wrap_up) < timedelta():
            raise InvalidValueError(f"wrap-up of `{self.wrap_up}`")


@final
@attrs.frozen
class Enqueue:
    """Let it wait for an offer."""

    id: str = attrs.field(converter=identifier_or_key)


@final
@attrs.frozen
class Park:
    """Take it out of the queue until somebody queues it again."""

    id: str = attrs.field(converter=identifier_or_key)


@final
@attrs.frozen
class Offer:
    """Offer it to these agents at once; only an override lets them be ineligible for it."""

    id: str = attrs.field(converter=identifier_or_key)
    agents: tuple[str, ...] = attrs.field(converter=identifiers)
    override: AssignmentOverride | None = attrs.field(default=None, converter=optional_override)

    def __attrs_post_init__(self) -> None:
        if not 1 <= len(set(self.agents)) == len(self.agents) <= MAX_PARALLEL:
            raise InvalidValueError(
                f"an offer to `{self.agents}`", hint=f"1 to {MAX_PARALLEL} different agents"
            )


@final
@attrs.frozen
class Accept:
    """Take the offer made under `fence`."""

    id: str = attrs.field(converter=identifier_or_key)
    agent: str = attrs.field(converter=identifier)
    fence: int = attrs.field(converter=positive)


@final
@attrs.frozen
class Decline:
    """Refuse the offer made under `fence`."""

    id: str = attrs.field(converter=identifier_or_key)
    agent: str = attrs.field(converter=identifier)
    fence: int = attrs.field(converter=positive)
    reason: str = attrs.field(default="", converter=remark)


@final
@attrs.frozen
class Rescind:
    """Take back all offers that stand, or the one to `agent`."""

    id: str = attrs.field(converter=identifier_or_key)
    agent: str | None = attrs.field(default=None, converter=optional_identifier)


class AssigneeActionKind(StrEnum):
    """What an assignee does with the work."""

    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    HEAR = "hear"
    FINISH = "finish"
    CLOSE = "close"
    RELEASE = "release"
    TRANSFER = "transfer"


def _act(value: AssigneeActionKind | str) -> AssigneeActionKind:
    return enum_member(AssigneeActionKind, value)


@final
@attrs.frozen
class AssigneeAction:
    """The assignee, proved by `fence`, does something with it."""

    id: str = attrs.field(converter=identifier_or_key)
    act: AssigneeActionKind = attrs.field(converter=_act)
    fence: int = attrs.field(converter=positive)


@final
@attrs.frozen
class Cancel:
    """Give the work up, wherever it is."""

    id: str = attrs.field(converter=identifier_or_key)


@final
@attrs.frozen
class ProcessTimeouts:
    """Carry out whatever time alone has brought about; may come as often as you like."""


WorkCommand: TypeAlias = (
    Enqueue | Park | Offer | Accept | Decline | Rescind | AssigneeAction | Cancel | ProcessTimeouts
)


@final
@attrs.frozen(kw_only=True)
class WorkEvent:
    """Something that happened to a piece of work; one for each transition.

    Attributes:
        work: Its id.
        deed: What happened.
        at: When.
        command: The command that caused it.
        agent: Whom it concerns, if anybody.
        fence: The grant it concerns; 0 for none.
        until: End of a lease or of wrap-up.
        reason: Why it was declined.
        age_kept: Whether work that comes back keeps its place by age.
        counts: Whether it counts towards the limit of declines.
        restarts: Whether it restarts a relaxation plan that says so.
    """

    work: str
    deed: TransitionKind = attrs.field(converter=_deed)
    at: datetime
    command: WorkCommand
    agent: str | None = None
    fence: int = 0
    until: datetime | None = None
    reason: str = ""
    age_kept: bool = True
    counts: bool = False
    restarts: bool = False
