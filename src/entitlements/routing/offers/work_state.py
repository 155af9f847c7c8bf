"""State of one piece of work between the queue and its completion, as a fold of its events.

`events_of_command` gives the events of a command, `apply_event` the state after an event, and
`apply_reservations` the capacity that events take and release. Work is offered for a limited time
(a lease). Every offer raises the fence, and answers with an older fence are refused. An offer
takes capacity when it is made, not when it is accepted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, final

import attrs

from entitlements.kernel.converters import count, utc_or_none
from entitlements.kernel.data.copies import copy_with
from entitlements.kernel.errors import TransitionError
from entitlements.kernel.frozenmaps import EMPTY, FrozenMap
from entitlements.kernel.ids import identifier
from entitlements.kernel.instants import utc
from entitlements.routing.offers.lifecycle import (
    TRANSITIONS,
    ProcessTimeouts,
    TransitionKind,
    WorkCommand,
    WorkEvent,
    WorkStatus,
    as_status,
)
from entitlements.routing.offers.offer_policy import OfferPolicy
from entitlements.routing.work.work import Work, last_restart

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
    """An open offer to `agent` with its fence, made at `offered_at`.

    It expires at `until`, which is exclusive.
    """

    agent: str
    until: datetime
    fence: int
    offered_at: datetime


@final
@attrs.frozen
class OfferRefusal:
    """An offer that `agent` declined, or did not answer in time, at `at`; `reason` may be empty."""

    agent: str
    at: datetime
    reason: str = ""
    expired: bool = False


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
        entered_at: The last time that a command enqueued the work; the longest wait counts from it.
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
    entered_at: datetime | None = attrs.field(default=None, converter=utc_or_none)
    declined_at: datetime | None = attrs.field(default=None, converter=utc_or_none)
    transferred_at: datetime | None = attrs.field(default=None, converter=utc_or_none)
    heartbeat_at: datetime | None = attrs.field(default=None, converter=utc_or_none)
    wrap_until: datetime | None = attrs.field(default=None, converter=utc_or_none)
    executed_commands: FrozenMap[str, WorkCommand] = attrs.field(default=EMPTY)

    def excluded_agents(self, at: datetime, policy: OfferPolicy) -> frozenset[str]:
        """Return the agents who get no offer at `at`, because they refused too many before."""
        most = policy.agent_declines
        counts = refusal_counts(self.refusals, at, policy)
        return frozenset(agent for agent, n in counts.items() if most is not None and n >= most)

    def demoted_agents(self, at: datetime, policy: OfferPolicy) -> frozenset[str]:
        """Return the agents who get an offer last at `at`, because they refused one before."""
        excluded = self.excluded_agents(at, policy)
        return frozenset(refusal_counts(self.refusals, at, policy)) - excluded

    def as_work(self, work: Work, at: datetime, policy: OfferPolicy) -> Work:
        """Return `work` as it is routed now.

        It has the agents who refused it, the instants that restart its plan, and the steps of the
        plan that expired offers have taken.
        """
        if not self.refusals and (self.declined_at, self.transferred_at) == (
            work.declined,
            work.transferred,
        ):
            return work
        routed = attrs.evolve(
            work,
            excluded_agents=work.excluded_agents | self.excluded_agents(at, policy),
            demoted_agents=work.demoted_agents | self.demoted_agents(at, policy),
            declined=self.declined_at,
            transferred=self.transferred_at,
        )
        steps = expired_steps(routed, self.refusals)
        return attrs.evolve(routed, steps_taken=steps) if steps > work.steps_taken else routed

    def wait_ends_at(self, policy: OfferPolicy) -> datetime | None:
        """Return the instant at which waiting work is parked by the longest wait, or None."""
        if policy.longest_wait is None or self.entered_at is None:
            return None
        return self.entered_at + policy.longest_wait

    def next_change_at(self, policy: OfferPolicy) -> datetime | None:
        """Return the next instant at which `ProcessTimeouts` causes events, or None."""
        ends = [lease.until for lease in self.leases]
        wait_end = self.wait_ends_at(policy)
        if wait_end is not None and self.status is WorkStatus.QUEUED:
            ends.append(wait_end)
        if self.status is WorkStatus.WRAPPING and self.wrap_until is not None:
            ends.append(self.wrap_until)
        if (
            policy.silence is not None
            and self.heartbeat_at is not None
            and self.status in HEARTBEAT_STATUSES
        ):
            ends.append(self.heartbeat_at + policy.silence)
        return min(ends, default=None)


def refusal_counts(
    refusals: Iterable[OfferRefusal], at: datetime, policy: OfferPolicy
) -> Counter[str]:
    """Return the number of refusals by agent that count against the agent at `at`."""
    return Counter(
        each.agent
        for each in refusals
        if each.reason not in policy.excused_reasons
        and (policy.cool_down is None or at < each.at + policy.cool_down)
    )


def expired_steps(work: Work, refusals: Iterable[OfferRefusal]) -> int:
    """Return how many steps of the plan expired offers have taken, since its last restart."""
    plan = work.relaxation
    if plan is None:
        return 0
    restart = last_restart(work, plan.restart)
    return plan.steps_taken_after(
        sum(each.expired and (restart is None or each.at >= restart) for each in refusals)
    )


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
    return copy_with(state, status=target, **changes)


def rebuild_state(work: str, events: Iterable[WorkEvent]) -> WorkState:
    """Return the state after all events of the work, oldest first."""
    state = WorkState(work=work)
    for event in events:
        state = apply_event(state, event)
    return state


def _changes(  # noqa: PLR0911 - one case for each kind of event
    state: WorkState, event: WorkEvent
) -> dict[str, Any]:
    kind, at = event.kind, utc(event.at)
    if kind is TransitionKind.QUEUED:
        return {"queued_at": at, "entered_at": at, "refusal_count": 0}
    if kind is TransitionKind.OFFERED:
        lease = OfferLease(event.agent or "", event.until or at, event.fence, at)
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
        return {"heartbeat_at": at, "wrap_until": utc_or_none(event.until)}
    if kind in {TransitionKind.CLOSED, TransitionKind.CANCELLED}:
        return {"assignee_fence": 0, "wrap_until": None}
    return {} if kind is TransitionKind.PARKED else {"heartbeat_at": at}


def _without_lease(state: WorkState, event: WorkEvent) -> dict[str, Any]:
    changes: dict[str, Any] = {
        "leases": tuple(each for each in state.leases if each.fence != event.fence)
    }
    if event.kind in _REFUSED:
        expired = event.kind is TransitionKind.EXPIRED
        refusal = OfferRefusal(event.agent or "", event.at, event.reason, expired)
        changes["refusals"] = (*state.refusals, refusal)
        changes["refusal_count"] = state.refusal_count + event.counts
        changes["queued_at"] = state.queued_at if event.age_kept else event.at
        if event.restarts:
            changes["declined_at"] = event.at
    return changes
