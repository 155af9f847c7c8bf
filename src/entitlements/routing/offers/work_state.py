"""State of one piece of work between the queue and its completion, as a fold of its events.

`events_of_command` gives the events of a command, `apply_event` the state after an event, and
`apply_reservations` the capacity that events take and release. Work is offered for a limited time
(a lease). Every offer raises the fence, and answers with an older fence are refused. An offer
takes capacity when it is made, not when it is accepted.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, final

import attrs

from entitlements.kernel.converters import count, utc_or_none
from entitlements.kernel.errors import TransitionError
from entitlements.kernel.frozenmaps import EMPTY, FrozenMap
from entitlements.kernel.ids import identifier
from entitlements.routing.offers.lifecycle import (
    TRANSITIONS,
    OfferPolicy,
    ProcessTimeouts,
    TransitionKind,
    WorkCommand,
    WorkEvent,
    WorkStatus,
    as_status,
)
from entitlements.routing.work.work import Work

_TARGETS: Final = {(row.source, row.kind): row.target for row in TRANSITIONS}
HEARTBEAT_STATUSES: Final = frozenset({WorkStatus.ACCEPTED, WorkStatus.IN_WORK})
"""Statuses in which a silent assignee loses the work."""

_REFUSED: Final = frozenset({TransitionKind.DECLINED, TransitionKind.EXPIRED})
_ENDS_LEASE: Final = _REFUSED | {TransitionKind.RESCINDED}
_RETURNS: Final = frozenset(
    {TransitionKind.RELEASED, TransitionKind.RETURNED, TransitionKind.TRANSFERRED}
)
RELEASES_CAPACITY: Final = _ENDS_LEASE | _RETURNS | {TransitionKind.CANCELLED}
"""Events after which the agent no longer holds the work, without having completed it."""


@final
@attrs.frozen
class OfferLease:
    """An open offer to `agent` with its fence; it expires at `until`, which is exclusive."""

    agent: str
    until: datetime
    fence: int


@final
@attrs.frozen
class OfferRefusal:
    """An offer that `agent` declined, or did not answer in time, at `at`; `reason` may be empty."""

    agent: str
    at: datetime
    reason: str = ""


@final
@attrs.frozen(kw_only=True)
class WorkState:
    """The state of one piece of work between queue and done.

    Attributes:
        work: Id of the work.
        status: The present status.
        fence: The highest fence so far; it never decreases.
        leases: Open offers.
        assignee: The agent who accepted the work last; None after a release, return or transfer.
        assignee_fence: Fence of the accepted offer; 0 while the work has no assignee, and after its
            end.
        refusals: Declined and expired offers, oldest first.
        refusal_count: Refusals that count towards the limit, since the work was last accepted or
            enqueued by a command.
        queued_at: Start of the waiting time in the queue.
        declined_at: The last refusal that restarts relaxation.
        transferred_at: The last transfer.
        heartbeat_at: The last action of the assignee.
        wrap_until: End of wrap-up.
        executed_commands: Commands by id, except timeouts.

    >>> rebuild_state("R-1", ()).status.value
    'new'
    """

    work: str = attrs.field(converter=identifier)
    status: WorkStatus = attrs.field(default=WorkStatus.NEW, converter=as_status)
    fence: int = attrs.field(default=0, converter=count)
    leases: tuple[OfferLease, ...] = ()
    assignee: str | None = None
    assignee_fence: int = attrs.field(default=0, converter=count)
    refusals: tuple[OfferRefusal, ...] = ()
    refusal_count: int = attrs.field(default=0, converter=count)
    queued_at: datetime | None = attrs.field(default=None, converter=utc_or_none)
    declined_at: datetime | None = attrs.field(default=None, converter=utc_or_none)
    transferred_at: datetime | None = attrs.field(default=None, converter=utc_or_none)
    heartbeat_at: datetime | None = attrs.field(default=None, converter=utc_or_none)
    wrap_until: datetime | None = attrs.field(default=None, converter=utc_or_none)
    executed_commands: FrozenMap[str, WorkCommand] = attrs.field(default=EMPTY)

    def excluded_agents(self, at: datetime, policy: OfferPolicy) -> frozenset[str]:
        """Return the agents who get no offer at `at`, because they refused one before."""
        return frozenset(
            each.agent
            for each in self.refusals
            if each.reason not in policy.again_for
            and (policy.cool_down is None or at < each.at + policy.cool_down)
        )

    def as_work(self, work: Work, at: datetime, policy: OfferPolicy) -> Work:
        """Return `work` with the agents who refused it, and the instants that restart its plan."""
        refused_by = self.excluded_agents(at, policy)
        restarts = (self.declined_at, self.transferred_at)
        if not refused_by and restarts == (work.declined, work.transferred):
            return work
        return attrs.evolve(
            work,
            excluded_agents=work.excluded_agents | refused_by,
            declined=self.declined_at,
            transferred=self.transferred_at,
        )

    def next_change_at(self, policy: OfferPolicy) -> datetime | None:
        """Return the next instant at which `ProcessTimeouts` causes events, or None."""
        ends = [lease.until for lease in self.leases]
        if self.status is WorkStatus.WRAPPING and self.wrap_until is not None:
            ends.append(self.wrap_until)
        if (
            policy.silence is not None
            and self.heartbeat_at is not None
            and self.status in HEARTBEAT_STATUSES
        ):
            ends.append(self.heartbeat_at + policy.silence)
        return min(ends, default=None)


def apply_event(state: WorkState, event: WorkEvent) -> WorkState:
    """Return the state after `event`; the fold of all events is the present state.

    Raises:
        TransitionError: the event is not possible in this status.
    """
    target = _TARGETS.get((state.status, event.kind))
    if target is None:
        raise TransitionError(f"work `{state.work}` is {state.status} and cannot be {event.kind}")
    changes = _changes(state, event)
    if event.kind in _ENDS_LEASE and changes["leases"]:
        target = WorkStatus.OFFERED
    if not isinstance(event.command, ProcessTimeouts):
        changes["executed_commands"] = FrozenMap(
            {**state.executed_commands, event.command.id: event.command}
        )
    return attrs.evolve(state, status=target, **changes)


def rebuild_state(work: str, events: Iterable[WorkEvent]) -> WorkState:
    """Return the state after all events of the work, oldest first."""
    state = WorkState(work=work)
    for event in events:
        state = apply_event(state, event)
    return state


def _changes(  # noqa: PLR0911 - one case for each kind of event
    state: WorkState, event: WorkEvent
) -> dict[str, Any]:
    kind, at = event.kind, event.at
    if kind is TransitionKind.QUEUED:
        return {"queued_at": at, "refusal_count": 0}
    if kind is TransitionKind.OFFERED:
        lease = OfferLease(event.agent or "", event.until or at, event.fence)
        return {"leases": (*state.leases, lease), "fence": max(state.fence, event.fence)}
    if kind in _ENDS_LEASE:
        return _without_lease(state, event)
    if kind is TransitionKind.ACCEPTED:
        assignee = {"assignee": event.agent, "assignee_fence": event.fence}
        return {**assignee, "leases": (), "heartbeat_at": at, "refusal_count": 0}
    if kind in _RETURNS:
        return {
            "assignee": None,
            "assignee_fence": 0,
            "heartbeat_at": None,
            "queued_at": state.queued_at if event.age_kept else at,
            "transferred_at": at if kind is TransitionKind.TRANSFERRED else state.transferred_at,
        }
    if kind is TransitionKind.FINISHED:
        return {"heartbeat_at": at, "wrap_until": event.until}
    if kind in {TransitionKind.CLOSED, TransitionKind.CANCELLED}:
        return {"assignee_fence": 0, "wrap_until": None}
    return {} if kind is TransitionKind.PARKED else {"heartbeat_at": at}


def _without_lease(state: WorkState, event: WorkEvent) -> dict[str, Any]:
    changes: dict[str, Any] = {
        "leases": tuple(each for each in state.leases if each.fence != event.fence)
    }
    if event.kind in _REFUSED:
        refusal = OfferRefusal(event.agent or "", event.at, event.reason)
        changes["refusals"] = (*state.refusals, refusal)
        changes["refusal_count"] = state.refusal_count + event.counts
        changes["queued_at"] = state.queued_at if event.age_kept else event.at
        if event.restarts:
            changes["declined_at"] = event.at
    return changes
